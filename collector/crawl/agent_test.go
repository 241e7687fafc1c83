package crawl_test

import (
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/crawl"
)

func TestTheUserAgentSaysByWhatToReachUs(t *testing.T) {
	for contact, want := range map[string]string{
		"":                            "Mozilla/5.0 (compatible; VeilleEcoIndex/1.2)",
		"web@example.org":             "Mozilla/5.0 (compatible; VeilleEcoIndex/1.2; +mailto:web@example.org)",
		"https://example.org/bot?a=b": "Mozilla/5.0 (compatible; VeilleEcoIndex/1.2; +https://example.org/bot?a=b)",
		"a@b.fr\r\nX-Evil: (1)":       "Mozilla/5.0 (compatible; VeilleEcoIndex/1.2; +a@b.fr%0D%0AX-Evil:%20%281%29)",
	} {
		if got := crawl.UserAgent(collector.Website{Contact: contact}, "1.2\r\n("); got != want {
			t.Errorf("%q gives %q, want %q", contact, got, want)
		}
	}
}

func FuzzUserAgent(f *testing.F) {
	f.Add("web@example.org", "1.0")
	f.Add("é\r\n)(\x00", "v1\n")
	f.Fuzz(func(t *testing.T, contact, version string) {
		got := crawl.UserAgent(collector.Website{Contact: contact}, version)
		inside, ok := strings.CutPrefix(got, "Mozilla/5.0 (compatible; VeilleEcoIndex/")
		inside, end := strings.CutSuffix(inside, ")")
		if !ok || !end || strings.ContainsAny(inside, "()\\\"") || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q", got)
		}
	})
}

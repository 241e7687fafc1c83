package account_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// goesTo is where somebody is sent who signs in with a parameter.
func goesTo(t testing.TB, to string) string {
	t.Helper()
	a := answer(t, &keeper{}, request(t, "POST", "/sign-in?lang=en", url.Values{"name": {"ada"}, "password": {"right"}, "to": {to}}))
	if a.StatusCode != http.StatusSeeOther {
		t.Fatalf("%q: %d", to, a.StatusCode)
	}
	return a.Header.Get("Location")
}

func TestNobodyIsSentToAnotherServer(t *testing.T) {
	for _, to := range []string{
		"", "/", "//example.org", "///example.org", "/\\example.org", "\\\\example.org", "/\t/example.org", "/\n/example.org", "/\r\nSet-Cookie: x=1",
		"https://example.org", "HTTPS:example.org", "javascript:alert(1)", "data:,x", "sites", "?x", "#x", " /sites", "/é", "/\x00", "/%zz",
		"/" + strings.Repeat("x", 2000), "/sign-in", "/sign-in/callback?code=x", "/sign-out", "/invite?secret=x",
		"/api/v1/machines/3?reason=somebody+else+wants+it", "/x/../api/v1/machines/3?reason=x", "/%2e/sign-out",
	} {
		if got := goesTo(t, to); got != "/?lang=en" {
			t.Errorf("%q leads to %q", to, got)
		}
	}
	for _, to := range []string{"/sites", "/sites/3?from=2026-01&x=%C3%A9#top", "/signal", "/?from=2026-01", "/.//x", "/x//y"} {
		if got := goesTo(t, to); got != to {
			t.Errorf("%q leads to %q", to, got)
		}
	}
}

func FuzzNobodyIsSentToAnotherServer(f *testing.F) {
	for _, to := range []string{"/sites", "//example.org", "/\\x", "/\t/x", "https://x", "/..//x", "/%2f%2fx", "/@x", "/x\u2028"} {
		f.Add(to)
	}
	base := &url.URL{Scheme: "https", Host: "veille.example", Path: "/sign-in"}
	f.Fuzz(func(t *testing.T, to string) {
		got := goesTo(t, to)
		// As browsers read it: they leave out tabs and line ends, and take backslashes for slashes.
		read := strings.ReplaceAll(strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(strings.Trim(got, " ")), `\`, "/")
		u, err := base.Parse(read)
		if err != nil || u.Host != base.Host || u.Scheme != "https" || u.User != nil || strings.HasPrefix(read, "//") {
			t.Errorf("%q leads to %q: %v, %v", to, got, u, err)
		}
	})
}

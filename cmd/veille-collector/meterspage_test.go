package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/collector/metering"
	"veille/collector/store/relational"
)

var (
	postOnAPage  = regexp.MustCompile(`^-w '%\{http_code\}\\n' https://veille\.example\.org(\S+) -H "Authorization: Token (\S+)" -d '(.*)'$`)
	monthOnAPage = regexp.MustCompile(`\b20\d\d-\d\d\b`)
)

// docs/meters.md shows commands and posts, and what they answer: they do.
func TestTheMetersPageShowsWhatItsCommandsPrint(t *testing.T) {
	page := docPage(t, "meters.md")
	t.Chdir(t.TempDir())
	printed(t, `site add --data DIR "Lycée Marie-Curie"`)
	said := func(text string) string {
		text = regexp.MustCompile(`(?m)^m[A-Za-z0-9_-]{43}$`).ReplaceAllString(text, "TOKEN")
		return monthOnAPage.ReplaceAllString(plain(text), "MONTH")
	}
	var token string
	shown := eachShown(page, func(program, arguments, want string) {
		var got string
		switch program {
		case "curl":
			got = postAsShown(t, token, arguments)
		case "veille-collector":
			got = printed(t, arguments)
		default:
			return
		}
		if strings.HasPrefix(arguments, "meter token ") {
			token = strings.TrimSpace(got)
		}
		if said(want) != said(got) {
			t.Errorf("%s %s\nanswers\n%s\nthe page has\n%s", program, arguments, said(got), said(want))
		}
	})
	if shown["veille-collector"] < 6 || shown["curl"] < 4 {
		t.Errorf("the page shows %v", shown)
	}
}

// postAsShown makes the post of a line of curl to a collector on the folder DIR.
func postAsShown(t *testing.T, token, line string) string {
	t.Helper()
	parts := postOnAPage.FindStringSubmatch(line)
	if parts == nil {
		t.Fatalf("%q is not written as the others", line)
	}
	w := answered(t, parts[1], "Token "+strings.ReplaceAll(parts[2], "$TOKEN", token), parts[3], func(store *relational.Store) http.Handler {
		now := func() (time.Time, error) { return time.Now(), nil }
		return metering.New(metering.Parts{Ledger: store, Now: now, Log: slog.New(slog.DiscardHandler)})
	})
	return fmt.Sprintf("%s%d\n", w.Body, w.Code)
}

// docs/meters.md shows what a calibration prints: that of four machines which draw what our tests let them draw.
func TestTheMetersPageShowsACalibration(t *testing.T) {
	page := docPage(t, "meters.md")
	o := newOffice(t)
	classroom(o)
	text, _, err := o.onServer("meter calibrate", "--days", "60", "--site", "Classroom")
	o.must(err)
	if !strings.Contains(page, text) {
		t.Errorf("the page lacks\n%s", text)
	}
}

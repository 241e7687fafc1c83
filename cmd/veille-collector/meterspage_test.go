package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/collector/metering"
	"veille/collector/store/sqlite"
)

var (
	postOnAPage  = regexp.MustCompile(`^curl https://veille\.example\.org(\S+) -H "Authorization: Token (\S+)" -d '(.*)'$`)
	monthOnAPage = regexp.MustCompile(`\b20\d\d-\d\d\b`)
)

// docs/meters.md shows commands and posts, and what they answer: they do.
func TestTheMetersPageShowsWhatItsCommandsPrint(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "meters.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	var token string
	command := func(line string) string {
		var args []string
		for _, m := range wordOfALine.FindAllStringSubmatch(line, -1) {
			args = append(args, m[1]+m[2])
		}
		var printed bytes.Buffer
		p := program(&printed, &printed)
		p.Stdout, p.Stderr, p.Lookup = &printed, &printed, func(string) (string, bool) { return "", false }
		p.Run(t.Context(), args)
		if strings.HasPrefix(line, "meter token ") {
			token = strings.TrimSpace(printed.String())
		}
		return printed.String()
	}
	command(`site add --data DIR "Lycée Marie-Curie"`)
	said := func(text string) string {
		text = regexp.MustCompile(`(?m)^m[A-Za-z0-9_-]{43}$`).ReplaceAllString(text, "TOKEN")
		return monthOnAPage.ReplaceAllString(plain(text), "MONTH")
	}
	shown := map[string]int{}
	for _, block := range regexp.MustCompile("(?s)```\n(\\$ .*?)```").FindAllStringSubmatch(string(page), -1) {
		for _, one := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			line, want, _ := strings.Cut(one, "\n")
			program, rest, _ := strings.Cut(line, " ")
			shown[program]++
			var got string
			switch program {
			case "curl":
				got = postAsShown(t, token, line)
			case "veille-collector":
				got = command(rest)
			default:
				continue
			}
			if said(want) != said(got) {
				t.Errorf("%s\nanswers\n%s\nthe page has\n%s", line, said(got), said(want))
			}
		}
	}
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
	store, err := sqlite.Open(t.Context(), filepath.Join("DIR", "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, parts[1], strings.NewReader(parts[3]))
	r.Header.Set("Authorization", "Token "+strings.ReplaceAll(parts[2], "$TOKEN", token))
	w := httptest.NewRecorder()
	now := func() (time.Time, error) { return time.Now(), nil }
	metering.New(metering.Parts{Ledger: store, Now: now, Log: slog.New(slog.DiscardHandler)}).ServeHTTP(w, r)
	return fmt.Sprintf("%s%d\n", w.Body, w.Code)
}

// docs/meters.md shows what a calibration prints: that of four machines which draw what our tests let them draw.
func TestTheMetersPageShowsACalibration(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "meters.md"))
	if err != nil {
		t.Fatal(err)
	}
	o := newOffice(t)
	classroom(o)
	text, _, err := o.onServer("meter calibrate", "--days", "60", "--site", "Classroom")
	o.must(err)
	if !strings.Contains(string(page), text) {
		t.Errorf("the page lacks\n%s", text)
	}
}

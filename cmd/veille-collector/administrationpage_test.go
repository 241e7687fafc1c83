package main

import (
	"bytes"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/sqlite"
)

var (
	secretOnAPage = regexp.MustCompile(`(?m)(^|secret=)[A-Za-z0-9_-]{43}$`)
	numberOnAPage = regexp.MustCompile(`\b[0-9a-f]{8}\b`)
	hashOnAPage   = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	dateOnAPage   = regexp.MustCompile(`\b20\d\d-\d\d-\d\d\b`)
	callOnAPage   = regexp.MustCompile(`^curl -H "Authorization: Bearer \$KEY" https://collector\.example\.org(\S+) -d '(.*)'$`)
)

// plain is what a page says without what differs each time, and without the width of columns.
func plain(text string) string {
	text = hashOnAPage.ReplaceAllString(text, "HASH")
	text = dateOnAPage.ReplaceAllString(numberOnAPage.ReplaceAllString(secretOnAPage.ReplaceAllString(text, "SECRET"), "NUMBER"), "DATE")
	return strings.TrimSpace(regexp.MustCompile(` {2,}`).ReplaceAllString(text, "  "))
}

// docs/administration.md shows commands and calls, and what they answer: they do.
func TestTheAdministrationPageShowsWhatItsCommandsPrint(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "administration.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, table := range regexp.MustCompile("(?s)`([a-z]+\\.csv)`:\n\n```csv\n(.*?)```").FindAllSubmatch(page, -1) {
		if err := os.WriteFile(string(table[1]), table[2], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var key string
	command := func(line string) string {
		var args []string
		for _, m := range wordOfALine.FindAllStringSubmatch(line, -1) {
			args = append(args, m[1]+m[2])
		}
		var printed bytes.Buffer
		p := program(&printed, &printed)
		p.Stdout, p.Stderr, p.Lookup = &printed, &printed, func(string) (string, bool) { return "", false }
		p.Run(t.Context(), args)
		switch {
		case strings.HasPrefix(line, "user key "):
			key = strings.TrimSpace(printed.String())
		case strings.HasPrefix(line, "token create "):
			enrolOne(t, strings.TrimSpace(printed.String()))
		}
		return printed.String()
	}
	shown := map[string]int{}
	for _, block := range regexp.MustCompile("(?s)```\n(\\$ .*?)```").FindAllStringSubmatch(string(page), -1) {
		for _, one := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			line, want, _ := strings.Cut(one, "\n")
			program, rest, _ := strings.Cut(line, " ")
			shown[program]++
			var got string
			if program == "curl" {
				got = callAsShown(t, key, line)
			} else {
				got = command(rest)
			}
			if plain(want) != plain(got) {
				t.Errorf("%s\nanswers\n%s\nthe page has\n%s", line, plain(got), plain(want))
			}
		}
	}
	if shown["veille-collector"] < 14 || shown["curl"] < 5 || len(shown) != 2 {
		t.Errorf("the page shows %v", shown)
	}
}

// enrolOne enrols a machine with a token in the folder DIR.
func enrolOne(t *testing.T, token string) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join("DIR", "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	e := collector.Enrolment{Token: sha256.Sum256([]byte(token)), Pseudonym: [32]byte{1}, Credential: [32]byte{1}, Use: "shared", On: today()}
	if _, err := store.Enrol(t.Context(), e); err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// callAsShown makes the call of a line of curl to a collector on the folder DIR.
func callAsShown(t *testing.T, key, line string) string {
	t.Helper()
	parts := callOnAPage.FindStringSubmatch(line)
	if parts == nil {
		t.Fatalf("%q is not written as the others", line)
	}
	store, err := sqlite.Open(t.Context(), filepath.Join("DIR", "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, parts[1], strings.NewReader(parts[2]))
	r.Header.Set("Authorization", "Bearer "+key)
	w := httptest.NewRecorder()
	newAdminAPI(store, store.AskWebsite, slog.New(slog.DiscardHandler)).ServeHTTP(w, r)
	return w.Body.String()
}

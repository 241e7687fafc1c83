package main

import (
	"crypto/sha256"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

var (
	secretOnAPage = regexp.MustCompile(`(?m)(^|secret=)[A-Za-z0-9_-]{43}$`)
	numberOnAPage = regexp.MustCompile(`\b[0-9a-f]{8}\b`)
	hashOnAPage   = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	dateOnAPage   = regexp.MustCompile(`\b20\d\d-\d\d-\d\d\b`)
	callOnAPage   = regexp.MustCompile(`^-H "Authorization: Bearer \$KEY" https://collector\.example\.org(\S+) -d '(.*)'$`)
)

// plain is what a page says without what differs each time, and without the width of columns.
func plain(text string) string {
	text = hashOnAPage.ReplaceAllString(text, "HASH")
	text = dateOnAPage.ReplaceAllString(numberOnAPage.ReplaceAllString(secretOnAPage.ReplaceAllString(text, "SECRET"), "NUMBER"), "DATE")
	return strings.TrimSpace(regexp.MustCompile(` {2,}`).ReplaceAllString(text, "  "))
}

// docs/administration.md shows commands and calls, and what they answer: they do.
func TestTheAdministrationPageShowsWhatItsCommandsPrint(t *testing.T) {
	page := docPage(t, "administration.md")
	t.Chdir(t.TempDir())
	for _, table := range regexp.MustCompile("(?s)`([a-z]+\\.csv)`:\n\n```csv\n(.*?)```").FindAllStringSubmatch(page, -1) {
		if err := os.WriteFile(table[1], []byte(table[2]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var key string
	shown := eachShown(page, func(program, arguments, want string) {
		var got string
		if program == "curl" {
			got = callAsShown(t, key, arguments)
		} else {
			got = printed(t, arguments)
		}
		switch {
		case strings.HasPrefix(arguments, "user key "):
			key = strings.TrimSpace(got)
		case strings.HasPrefix(arguments, "token create "):
			enrolOne(t, strings.TrimSpace(got))
		}
		if plain(want) != plain(got) {
			t.Errorf("%s %s\nanswers\n%s\nthe page has\n%s", program, arguments, plain(got), plain(want))
		}
	})
	if shown["veille-collector"] < 14 || shown["curl"] < 5 || len(shown) != 2 {
		t.Errorf("the page shows %v", shown)
	}
}

func TestTheAdministrationPageNamesEachCommandOfTheServerAlone(t *testing.T) {
	page := docPage(t, "administration.md")
	last := page[strings.LastIndex(page, "`serve`"):]
	for _, name := range notOverTheAPI() {
		first, _, _ := strings.Cut(name, " ")
		if !strings.Contains(last, "`"+name+"`") && !strings.Contains(last, "`"+first+"`") {
			t.Errorf("%s is not named in %s", name, last)
		}
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
	return answered(t, parts[1], "Bearer "+key, parts[2], func(store *relational.Store) http.Handler {
		return newAdminAPI(store, store.AskWebsite, slog.New(slog.DiscardHandler))
	}).Body.String()
}

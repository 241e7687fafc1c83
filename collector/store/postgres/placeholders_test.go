package postgres_test

import (
	"regexp"
	"strings"
	"testing"

	"veille/collector/store/postgres"
)

func TestPlaceholdersAreNumberedAsSQLiteNumbersThem(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":                                "SELECT 1",
		"SELECT ?":                                "SELECT $1",
		"SELECT ?, ?, ?":                          "SELECT $1, $2, $3",
		"SELECT ?2, ?1, ?2":                       "SELECT $2, $1, $2",
		"SELECT ?2, ?":                            "SELECT $2, $3",
		"SELECT ?, ?7, ?, ?1, ?":                  "SELECT $1, $7, $8, $1, $9",
		"SELECT ?10, ?":                           "SELECT $10, $11",
		"SELECT '?', ?":                           "SELECT '?', $1",
		"SELECT 'it''s ?', ?":                     "SELECT 'it''s ?', $1",
		`SELECT "what?", ?`:                       `SELECT "what?", $1`,
		`SELECT "a""b?" || '?"?' || ?`:            `SELECT "a""b?" || '?"?' || $1`,
		"SELECT ? -- what?\n, ?":                  "SELECT $1 -- what?\n, $2",
		"SELECT ? /* what? */ , ?":                "SELECT $1 /* what? */ , $2",
		"SELECT 3 - ?, 4 / ?":                     "SELECT 3 - $1, 4 / $2",
		"SELECT ?-?/?*?":                          "SELECT $1-$2/$3*$4",
		"SELECT 'open ?":                          "SELECT 'open ?",
		"SELECT ? -- open ?":                      "SELECT $1 -- open ?",
		"SELECT /* open ?":                        "SELECT /* open ?",
		"SELECT ?99999999999999999999":            "SELECT $199999999999999999999",
		"VALUES (?, ?), (?, ?) ON CONFLICT (é) ?": "VALUES ($1, $2), ($3, $4) ON CONFLICT (é) $5",
		"":  "",
		"?": "$1",
		"a = ? AND b = 'x' AND c = ? AND d = '?''?'": "a = $1 AND b = 'x' AND c = $2 AND d = '?''?'",
	} {
		if got := postgres.Numbered(text); got != want {
			t.Errorf("%q is %q; want %q", text, got, want)
		}
	}
}

// Outside of quotes and comments nothing but placeholders changes, and no placeholder of SQLite is left.
func FuzzNumbered(f *testing.F) {
	for _, text := range []string{"SELECT ?, '?' FROM \"?\" -- ?\n WHERE a = ?3 /* ? */", "'", "?'?'?", "--?", "/*?*/?"} {
		f.Add(text)
	}
	marks := regexp.MustCompile(`[?$][0-9]*`)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "$") {
			t.Skip("no statement of ours has one")
		}
		got := postgres.Numbered(text)
		if without(marks, got) != without(marks, text) {
			t.Errorf("%q is %q: more than placeholders has changed", text, got)
		}
		if postgres.Numbered(got) != got {
			t.Errorf("%q is %q, which changes once more to %q", text, got, postgres.Numbered(got))
		}
		if !strings.ContainsAny(text, `'"-/`) && strings.Contains(got, "?") {
			t.Errorf("%q is %q: a placeholder is left", text, got)
		}
	})
}

// without is a text without placeholders, whatever follows them.
func without(marks *regexp.Regexp, text string) string { return marks.ReplaceAllString(text, "") }

// Any bytes come back as they were, and what is stored PostgreSQL takes.
func FuzzStorable(f *testing.F) {
	for _, text := range []string{"", "plain é", "a\x00b", "\xff\xfe", "\ufdd0", "\ufdd000", "\ufdd0zz", "\xef\xb7", "\xef\xb7\x90\xef"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kept := postgres.Storable(text)
		if back := postgres.Stored(kept); back != text {
			t.Errorf("%q is kept as %q, and read as %q", text, kept, back)
		}
		if strings.Contains(kept, "\x00") || strings.ToValidUTF8(kept, "?") != kept {
			t.Errorf("%q is kept as %q, which PostgreSQL does not take", text, kept)
		}
	})
}

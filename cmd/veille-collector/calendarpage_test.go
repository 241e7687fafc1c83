package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// docs/calendars.md shows commands and what they print: with the file of school holidays of our tests they print just that.
func TestTheCalendarPageShowsWhatItsCommandsPrint(t *testing.T) {
	if time.Now().Year() > 2027 {
		t.Skip("the page's example is of 2026 and 2027, and an import takes what began last year or later")
	}
	page := docPage(t, "calendars.md")
	school, err := os.ReadFile(filepath.Join("..", "..", "collector", "calendar", "testdata", "school-zones.ics"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	const closures = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20270507\nDTEND;VALUE=DATE:20270508\nSUMMARY:Pont\nEND:VEVENT\n" +
		"BEGIN:VEVENT\nDTSTART:20270510T080000\nDTEND:20270510T100000\nSUMMARY:Réunion\nEND:VEVENT\nEND:VCALENDAR\n"
	for name, text := range map[string]string{"school-zones.ics": string(school), "fermetures.ics": closures} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	printed(t, `site add --data DIR "Lycée Marie-Curie"`)
	shown := eachShown(page, func(program, arguments, want string) {
		got := printed(t, arguments)
		if line, dry := strings.CutSuffix(arguments, " --dry-run"); dry {
			printed(t, line) // what follows on the page is after the import
		}
		if want = strings.TrimSpace(yearly.ReplaceAllString(want, "")); want != strings.TrimSpace(yearly.ReplaceAllString(got, "")) {
			t.Errorf("%s %s\nprints\n%s\nthe page has\n%s", program, arguments, got, want)
		}
	})
	if shown["veille-collector"] < 9 || len(shown) != 1 {
		t.Errorf("the page shows %v", shown)
	}
}

// yearly is what the commands print of the years around today.
var yearly = regexp.MustCompile(`(?m)^agents are told .*$`)

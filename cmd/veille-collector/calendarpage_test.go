package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// word of a command line, in quotes or not.
var wordOfALine = regexp.MustCompile(`"([^"]*)"|(\S+)`)

// docs/calendars.md shows commands and what they print: with the file of school holidays of our tests they print just that.
func TestTheCalendarPageShowsWhatItsCommandsPrint(t *testing.T) {
	if time.Now().Year() > 2027 {
		t.Skip("the page's example is of 2026 and 2027, and an import takes what began last year or later")
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "calendars.md"))
	if err != nil {
		t.Fatal(err)
	}
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
	run := func(line string) string {
		var args []string
		for _, m := range wordOfALine.FindAllStringSubmatch(line, -1) {
			args = append(args, m[1]+m[2])
		}
		var printed bytes.Buffer
		p := program(&printed, &printed)
		p.Stdout, p.Stderr, p.Lookup = &printed, &printed, func(string) (string, bool) { return "", false }
		p.Run(t.Context(), args)
		return printed.String()
	}
	run(`site add --data DIR "Lycée Marie-Curie"`)
	shown := 0
	for _, block := range regexp.MustCompile("(?s)```\n(\\$ .*?)```").FindAllStringSubmatch(string(page), -1) {
		for _, one := range strings.Split("\n"+block[1], "\n$ veille-collector ")[1:] {
			shown++
			line, want, _ := strings.Cut(one, "\n")
			got := run(line)
			if line, dry := strings.CutSuffix(line, " --dry-run"); dry {
				run(line) // what follows on the page is after the import
			}
			if want = strings.TrimSpace(yearly.ReplaceAllString(want, "")); want != strings.TrimSpace(yearly.ReplaceAllString(got, "")) {
				t.Errorf("%s\nprints\n%s\nthe page has\n%s", line, got, want)
			}
		}
	}
	if shown < 9 {
		t.Errorf("the page shows %d commands", shown)
	}
}

// yearly is what the commands print of the years around today.
var yearly = regexp.MustCompile(`(?m)^agents are told .*$`)

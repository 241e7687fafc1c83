package inventory_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/agent/inventory"
)

func TestTheTableOfSupportIsSound(t *testing.T) {
	table, err := inventory.SupportTable()
	if err != nil {
		t.Fatal(err)
	}
	word, seen := regexp.MustCompile(`^[a-z0-9+._-]{1,64}$`), map[string]bool{}
	for _, s := range table {
		if seen[s.Version] || !word.MatchString(s.Version) || s.What == "" || s.Source == "" {
			t.Errorf("%+v: a version twice, or no word, or without what and source", s)
		}
		seen[s.Version] = true
		for _, day := range []string{s.End, s.Extended, s.Checked} {
			date, err := time.Parse(time.DateOnly, day)
			if day != "" && err != nil {
				t.Errorf("%s: %q is no date", s.Version, day)
			}
			// Microsoft ends servicing on the days of its monthly updates. Updates for money end on other days.
			if err == nil && day == s.End && strings.HasPrefix(s.Version, "windows") && date.Weekday() != time.Tuesday {
				t.Errorf("%s ends on %s, a %v", s.Version, day, date.Weekday())
			}
		}
		if s.Extended != "" && s.Extended <= s.End {
			t.Errorf("%s: extended to %s, before %s", s.Version, s.Extended, s.End)
		}
		if strings.HasPrefix(s.Version, "macos-") && s.End != "" {
			t.Errorf("%s ends on %s, and Apple publishes no date", s.Version, s.End)
		}
		got, known := inventory.EndOfSupport(s.Version)
		if want := s.End != "" && s.Checked != ""; known != want || known && got != s {
			t.Errorf("%s: got %+v, %t; want it known: %t", s.Version, got, known, want)
		}
	}
	if date := inventory.SupportDate(); date < "2026-11-22" || date > time.Now().AddDate(0, 0, 1).Format(time.DateOnly) {
		t.Errorf("the table is of %q", date)
	}
}

func TestTheEndOfSupportIsNeverGuessed(t *testing.T) {
	for _, version := range []string{"", "debian", "debian-99", "windows-11", "windows-10-22h2-other", "linux-other", "macos-14", "DEBIAN-12", "fedora-44"} {
		if s, ok := inventory.EndOfSupport(version); ok || s != (inventory.Support{}) {
			t.Errorf("%q ends on %+v", version, s)
		}
	}
}

func TestTheDayOfTheEndIsStillSupported(t *testing.T) {
	s, ok := inventory.EndOfSupport("windows-10-22h2")
	if !ok || s.End != "2025-10-14" || s.Extended != "2028-10-10" {
		t.Fatalf("Windows 10 is %+v, %t", s, ok)
	}
	day := time.Date(2025, 10, 14, 23, 59, 0, 0, time.UTC)
	if s.Over(day) || !s.Over(day.AddDate(0, 0, 1)) {
		t.Errorf("over on the day: %t, on the next: %t", s.Over(day), s.Over(day.AddDate(0, 0, 1)))
	}
	if (inventory.Support{}).Over(day) {
		t.Error("what has no end is over")
	}
}

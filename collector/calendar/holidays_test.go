package calendar_test

import (
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/calendar"
)

// The dates of Easter are typed from a printed calendar; everything that moves is counted from the table, not from the library.
func TestPublicHolidaysAreThoseOfTheLawFrom2024To2027(t *testing.T) {
	everywhere := map[int]string{ // Easter Monday, Ascension, Whit Monday
		2024: "01-01 04-01 05-01 05-08 05-09 05-20 07-14 08-15 11-01 11-11 12-25",
		2025: "01-01 04-21 05-01 05-08 05-29 06-09 07-14 08-15 11-01 11-11 12-25",
		2026: "01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25",
		2027: "01-01 03-29 05-01 05-06 05-08 05-17 07-14 08-15 11-01 11-11 12-25",
	}
	goodFriday := map[int]string{2024: "03-29", 2025: "04-18", 2026: "04-03", 2027: "03-26"}
	local := map[string]func(year int) string{
		"metropole":                func(int) string { return "" },
		"alsace-moselle":           func(year int) string { return goodFriday[year] + " 12-26" },
		"guadeloupe":               func(int) string { return "05-27" },
		"martinique":               func(int) string { return "05-22" },
		"guyane":                   func(int) string { return "06-10" },
		"reunion":                  func(int) string { return "12-20" },
		"mayotte":                  func(int) string { return "04-27" },
		"saint-barthelemy":         func(int) string { return "10-09" },
		"saint-martin":             func(int) string { return "05-28" },
		"saint-pierre-et-miquelon": func(int) string { return "" },
		"nouvelle-caledonie":       func(int) string { return "09-24" },
		"wallis-et-futuna":         func(int) string { return "04-28 06-29 07-29" },
		"polynesie": func(year int) string {
			if year >= 2026 {
				return "03-05 " + goodFriday[year] + " 11-20"
			}
			return "03-05 " + goodFriday[year] + " 06-29"
		},
	}
	if len(local)+1 != len(calendar.Territories()) {
		t.Errorf("%d territories are tested, of %d", len(local)+1, len(calendar.Territories()))
	}
	for territory, more := range local {
		for year, dates := range everywhere {
			want := strings.Fields(dates + " " + more(year))
			slices.Sort(want)
			holidays, err := calendar.PublicHolidays(territory, year)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range holidays {
				if h.Name == "" || h.From != h.To || h.Source != "public holidays of "+territory {
					t.Errorf("%s: %+v", territory, h)
				}
				got = append(got, string(h.From[5:]))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s in %d: %v, want %v", territory, year, got, want)
			}
		}
	}
	if none, err := calendar.PublicHolidays(calendar.None, 2027); err != nil || len(none) != 0 {
		t.Errorf("none: %v, %v", none, err)
	}
	if _, err := calendar.PublicHolidays("atlantis", 2027); err == nil {
		t.Error("atlantis has public holidays")
	}
}

func TestEachFrenchTimeZoneHasATerritory(t *testing.T) {
	seen := map[string]bool{}
	for _, zone := range []string{
		"Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion", "Indian/Mayotte", "America/St_Barthelemy",
		"America/Marigot", "America/Miquelon", "Pacific/Tahiti", "Pacific/Noumea", "Pacific/Wallis",
	} {
		seen[calendar.TerritoryOf(zone)] = true
	}
	if len(seen) != 12 || seen[calendar.None] {
		t.Errorf("territories of the time zones: %v", seen)
	}
	if got := calendar.TerritoryOf("America/New_York"); got != calendar.None {
		t.Errorf("New York is in %s", got)
	}
}

func TestAHolidayThatIsWorkedIsReopened(t *testing.T) {
	c, err := calendar.Reopen(collector.Calendar{}, "Europe/Paris", days("2027-05-17", "2027-05-17"))
	if err != nil {
		t.Fatal(err)
	}
	_, closed, err := calendar.Expand(c, "Europe/Paris", "2027-05-01", "2027-05-31")
	if err != nil || slices.Contains(closed, "2027-05-17") || !slices.Contains(closed, "2027-05-08") {
		t.Errorf("closed on %v, %v", closed, err)
	}
}

package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"veille/collector"
	"veille/collector/calendar"
)

func days(from, to collector.Date) collector.Days { return collector.Days{From: from, To: to} }

func typed(from, to collector.Date, name string) collector.Closure {
	return collector.Closure{Days: days(from, to), Name: name, Source: collector.Typed}
}

func TestACalendarIsExpandedIntoSortedHoursAndDatesEachOnce(t *testing.T) {
	c := collector.Calendar{
		Open:      []collector.OpenHours{{Weekday: 6, From: "08:00", To: "12:00"}, {Weekday: 1, From: "14:00", To: "18:00"}, {Weekday: 1, From: "08:00", To: "12:00"}},
		Territory: "reunion",
		Closures: []collector.Closure{
			typed("2026-12-24", "2027-01-02", "Fermeture de fin d'année"),
			{Days: days("2026-12-19", "2026-12-26"), Name: "Vacances", Source: "zone A"},
		},
		Reopened: []collector.Days{days("2026-12-21", "2026-12-22"), days("2026-12-25", "2026-12-25")},
	}
	open, closed, err := calendar.Expand(c, "Europe/Paris", "2026-12-18", "2026-12-31")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := calendar.FormatHours(open), "mon 08:00-12:00,14:00-18:00; sat 08:00-12:00"; got != want {
		t.Errorf("hours %q, want %q", got, want)
	}
	want := []collector.Date{
		"2026-12-19", "2026-12-20", "2026-12-23", "2026-12-24", "2026-12-26", "2026-12-27", "2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31",
	}
	if !slices.Equal(closed, want) {
		t.Errorf("closed on %v, want %v", closed, want)
	}
}

func TestACalendarThatSaysNothingHasTheDefaultHoursAndTheHolidaysOfItsTimeZone(t *testing.T) {
	for zone, want := range map[string][]collector.Date{
		"Indian/Reunion": {"2027-12-20", "2027-12-25"}, "Europe/Paris": {"2027-12-25"}, "Europe/Berlin": {}, "": {},
	} {
		open, closed, err := calendar.Expand(collector.Calendar{}, zone, "2027-12-01", "2027-12-31")
		if err != nil || calendar.FormatHours(open) != "mon-fri 08:00-18:00" || !slices.Equal(closed, want) {
			t.Errorf("%s: %s, closed on %v, %v; want %v", zone, calendar.FormatHours(open), closed, err, want)
		}
	}
}

// Whatever the closures are, a date is closed when a closure or a public holiday has it and nothing reopens it.
func TestADateIsClosedWhenSomethingClosesItAndNothingReopensIt(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 7))
	start := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	stretch := func() collector.Days {
		first := start.AddDate(0, 0, random.IntN(500)-60)
		return days(collector.DateOf(first), collector.DateOf(first.AddDate(0, 0, random.IntN(40))))
	}
	in := func(all []collector.Days, date collector.Date) bool {
		return slices.ContainsFunc(all, func(d collector.Days) bool { return d.From <= date && date <= d.To })
	}
	for range 200 {
		c := collector.Calendar{Territory: "none"}
		var closures []collector.Days
		for range random.IntN(6) {
			closures = append(closures, stretch())
			c.Closures = append(c.Closures, collector.Closure{Days: closures[len(closures)-1], Source: "x"})
		}
		for range random.IntN(4) {
			c.Reopened = append(c.Reopened, stretch())
		}
		_, closed, err := calendar.Expand(c, "", "2027-01-01", "2027-12-31")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 365 {
			date := collector.DateOf(start.AddDate(0, 0, i))
			if want, got := in(closures, date) && !in(c.Reopened, date), slices.Contains(closed, date); got != want {
				t.Fatalf("%+v: %s closed %t, want %t", c, date, got, want)
			}
		}
	}
}

func TestAPolicyIsTheSameAllYear(t *testing.T) {
	site := collector.Site{Name: "Lycée", TimeZone: "Europe/Paris"}
	by := collector.Responsible{Organisation: collector.Organisation{Name: "Région"}, Contact: "dpo@example.org", DPO: "Camille Martin", Address: "Rennes"}
	c := collector.Calendar{Closures: []collector.Closure{typed("2024-12-31", "2025-01-02", "x"), typed("2028-12-30", "2029-01-03", "y")}}
	first, err := calendar.Policy(site, by, c, collector.Limits{Pause: true}, "2026-01-01")
	if err != nil {
		t.Fatal(err)
	}
	for _, today := range []collector.Date{"2026-02-28", "2026-11-22", "2026-12-31"} {
		if p, err := calendar.Policy(site, by, c, collector.Limits{Pause: true}, today); err != nil || !reflect.DeepEqual(p, first) {
			t.Errorf("%s: %+v, %v; want %+v", today, p, err, first)
		}
	}
	if n := len(first.Holidays); first.Holidays[0] != "2025-01-01" || first.Holidays[1] != "2025-01-02" || first.Holidays[n-1] != "2028-12-31" || n != 4*11+3 {
		t.Errorf("%d dates, %v", n, first.Holidays)
	}
	if first.Organisation != "Région" || first.Contact != "dpo@example.org" || first.Site != "Lycée" || !first.Limits.Pause || first.Serial != 0 {
		t.Errorf("%+v", first)
	}
	if first.DPO != "Camille Martin" || first.Address != "Rennes" {
		t.Errorf("the data protection officer is %q, the address %q", first.DPO, first.Address)
	}
	if next, err := calendar.Policy(site, by, c, collector.Limits{Pause: true}, "2027-01-01"); err != nil || reflect.DeepEqual(next, first) {
		t.Errorf("the next year has the same policy, or none: %v", err)
	}
}

func TestAPolicyThatAgentsWouldRefuseIsNotMade(t *testing.T) {
	site := collector.Site{Name: "Lycée", TimeZone: "Europe/Paris"}
	for name, make := range map[string]func() (collector.Policy, error){
		"a zone that is none": func() (collector.Policy, error) {
			return calendar.Policy(collector.Site{TimeZone: "Mars/Olympus"}, collector.Responsible{}, collector.Calendar{}, collector.Limits{}, "2026-11-22")
		},
		"a minute of open time": func() (collector.Policy, error) {
			return calendar.Policy(site, collector.Responsible{}, collector.Calendar{Open: []collector.OpenHours{{Weekday: 1, From: "08:00", To: "08:01"}}}, collector.Limits{}, "2026-11-22")
		},
		"a use that is none": func() (collector.Policy, error) {
			return calendar.Policy(site, collector.Responsible{}, collector.Calendar{}, collector.Limits{Use: "personal"}, "2026-11-22")
		},
		"a day that is none": func() (collector.Policy, error) {
			return calendar.Policy(site, collector.Responsible{}, collector.Calendar{}, collector.Limits{}, "22/11/2026")
		},
	} {
		if p, err := make(); err == nil {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestClockChangesAreThoseOfTheZone(t *testing.T) {
	for _, tt := range []struct {
		zone string
		want string
	}{
		{"Europe/Paris", "2024-12-31T23:00:00Z 3600, 2025-03-30T01:00:00Z 7200, 2025-10-26T01:00:00Z 3600, 2026-03-29T01:00:00Z 7200, 2026-10-25T01:00:00Z 3600"},
		{"Indian/Reunion", "2024-12-31T20:00:00Z 14400"},
		{"America/Miquelon", "2025-01-01T03:00:00Z -10800, 2025-03-09T05:00:00Z -7200, 2025-11-02T04:00:00Z -10800, 2026-03-08T05:00:00Z -7200, 2026-11-01T04:00:00Z -10800"},
		{"Pacific/Marquesas", "2025-01-01T09:30:00Z -34200"},
		{"UTC", "2025-01-01T00:00:00Z 0"},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range calendar.ClockChanges(zone, time.Date(2025, 1, 1, 0, 0, 0, 0, zone), time.Date(2027, 1, 1, 0, 0, 0, 0, zone)) {
			got = append(got, fmt.Sprint(c.From.Format(time.RFC3339), " ", c.OffsetS))
		}
		if s := strings.Join(got, ", "); s != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.zone, s, tt.want)
		}
	}
}

// At any moment, the last change before it says what the zone says.
func TestBetweenClockChangesTheOffsetStays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	from, to := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"Europe/Paris", "Africa/Casablanca", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		changes := calendar.ClockChanges(zone, from, to)
		for range 2000 {
			at := from.Add(time.Duration(random.Int64N(int64(to.Sub(from)))))
			i, found := slices.BinarySearchFunc(changes, at, func(c collector.ClockChange, at time.Time) int { return c.From.Compare(at) })
			if !found {
				i--
			}
			if _, want := at.In(zone).Zone(); changes[i].OffsetS != want {
				t.Fatalf("%s at %v: %d, want %d", name, at, changes[i].OffsetS, want)
			}
		}
	}
}

func TestACalendarThatIsNoneIsRefused(t *testing.T) {
	for name, c := range map[string]collector.Calendar{
		"a territory that is none":     {Territory: "atlantis"},
		"a closure that ends before":   {Closures: []collector.Closure{typed("2027-01-02", "2027-01-01", "x")}},
		"a date that is none":          {Closures: []collector.Closure{typed("2027-02-30", "2027-03-01", "x")}},
		"a closure of years":           {Closures: []collector.Closure{typed("2027-01-01", "2028-06-01", "x")}},
		"a name of two lines":          {Closures: []collector.Closure{typed("2027-01-01", "2027-01-02", "x\ny")}},
		"a name that is too long":      {Closures: []collector.Closure{typed("2027-01-01", "2027-01-02", strings.Repeat("x", 121))}},
		"days reopened that are none":  {Reopened: []collector.Days{days("2027", "2028")}},
		"more closures than there are": {Closures: slices.Repeat([]collector.Closure{typed("2027-01-01", "2027-01-02", "x")}, 2001)},
	} {
		if err := calendar.Validate(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, tt := range [][2]collector.Date{{"2027-01-02", "2027-01-01"}, {"2027-01-02", "2127-01-01"}, {"x", "2027-01-01"}, {"2027-01-01", "x"}} {
		if _, _, err := calendar.Expand(collector.Calendar{}, "", tt[0], tt[1]); err == nil {
			t.Errorf("%s to %s: expanded", tt[0], tt[1])
		}
	}
}

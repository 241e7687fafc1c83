package calendar_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"veille/agent/calendar"
)

// walk is the next change of part, found by asking every minute.
func walk(c calendar.Calendar, t, end time.Time) time.Time {
	part := c.Part(t)
	for minute := t.Truncate(time.Minute).Add(time.Minute); minute.Before(end); minute = minute.Add(time.Minute) {
		if c.Part(minute) != part {
			return minute
		}
	}
	return end
}

// restless are zones whose clocks do something rare: change at midnight, over midnight, by half an hour, by a day.
var restless = []string{
	"Europe/Paris", "Australia/Lord_Howe", "America/Sao_Paulo", "Indian/Reunion", "Asia/Beirut", "Africa/Cairo", "Asia/Amman",
	"America/St_Johns", "Atlantic/Azores", "Pacific/Apia", "America/Havana", "Asia/Kathmandu", "Africa/Casablanca", "UTC",
}

// anywhen is a moment of the years 2005 to 2029; every other one is within two days of a change of the clocks, if there is one.
func anywhen(random *rand.Rand, z *time.Location) time.Time {
	t := time.Date(2005, 1, 1, 0, 0, random.IntN(25*365*86_400), random.IntN(2)*random.IntN(1_000_000_000), time.UTC)
	if _, change := t.In(z).ZoneBounds(); !change.IsZero() && random.IntN(2) == 0 { // or what it takes for one
		t = change.Add(time.Duration(random.IntN(4*86_400)-2*86_400) * time.Second)
	}
	return t
}

// someHours is a calendar with any hours on some weekdays, and a holiday on the day of a moment or the one after.
func someHours(t *testing.T, random *rand.Rand, z *time.Location, near time.Time) calendar.Calendar {
	t.Helper()
	var hours []calendar.Hours
	for range random.IntN(12) {
		from := random.IntN(1440)
		hours = append(hours, calendar.Hours{Weekday: time.Weekday(random.IntN(7)), From: from, To: from + 1 + random.IntN(1440-from)})
	}
	var closed []string
	for range random.IntN(3) {
		closed = append(closed, near.In(z).AddDate(0, 0, random.IntN(3)).Format(time.DateOnly))
	}
	c, err := calendar.New(z, hours, closed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNextAnswersWhatAskingEveryMinuteAnswers(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for _, name := range restless {
		z := zone(t, name)
		for range 150 {
			from := anywhen(random, z)
			c := someHours(t, random, z, from)
			end := from.Add(time.Duration(random.IntN(3*86_400)-600) * time.Second)
			if got, want := c.Next(from, end), walk(c, from, end); !got.Equal(want) {
				t.Fatalf("%s: after %v and until %v comes %v, want %v", name, from.In(z), end.In(z), got.In(z), want.In(z))
			}
		}
	}
}

func TestEveryMomentIsInItsDayAndDaysFollowOneAnother(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	for _, name := range restless {
		c := calendar.Default(zone(t, name))
		for range 2_000 {
			at := anywhen(random, c.Zone())
			date, start, end := c.Day(at)
			if at.Before(start) || !at.Before(end) {
				t.Fatalf("%s: %v is not in %s from %v to %v", name, at.In(c.Zone()), date, start, end)
			}
			if next, begins, _ := c.Day(end); !begins.Equal(end) || next <= date {
				t.Fatalf("%s: %s ends at %v, and %s begins at %v", name, date, end, next, begins)
			}
			if again, _, _ := c.Day(end.Add(-1)); again != date {
				t.Fatalf("%s: the last moment of %s is in %s", name, date, again)
			}
		}
	}
}

func BenchmarkNext(b *testing.B) {
	z, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		b.Fatal(err)
	}
	c := calendar.Default(z)
	start := time.Date(2026, 11, 16, 18, 0, 0, 0, z)
	for _, ahead := range []time.Duration{time.Minute, 14 * time.Hour, 6 * 24 * time.Hour} {
		b.Run(fmt.Sprint(ahead), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Next(start, start.Add(ahead))
			}
		})
		b.Run(fmt.Sprint(ahead, " minute by minute"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				walk(c, start, start.Add(ahead))
			}
		})
	}
}

func BenchmarkDay(b *testing.B) {
	z, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		b.Fatal(err)
	}
	c := calendar.Default(z)
	at := time.Date(2026, 11, 16, 18, 0, 0, 0, z)
	b.ReportAllocs()
	for b.Loop() {
		c.Day(at)
	}
}

func TestADayBeginsWhereItsDateDoes(t *testing.T) {
	made := func(before, after time.Duration, change string) *time.Location {
		at, err := time.Parse(time.RFC3339, change)
		if err != nil {
			t.Fatal(err)
		}
		z, err := calendar.Zone("Made/Up", []calendar.Change{{Offset: before}, {From: at, Offset: after}})
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	const h = time.Hour
	for _, tt := range []struct {
		name       string
		zone       *time.Location
		at         string // a moment, and the day that it belongs to
		date       string
		start, end string // UTC
	}{
		{"back over midnight, first minute of the next date", zone(t, "America/St_Johns"), "2006-10-29T02:30:30Z", "2006-10-28", "2006-10-28T02:30:00Z", "2006-10-29T03:30:00Z"},
		{"back over midnight, the same date again", zone(t, "America/St_Johns"), "2006-10-29T02:31:30Z", "2006-10-28", "2006-10-28T02:30:00Z", "2006-10-29T03:30:00Z"},
		{"back to midnight, east", zone(t, "Asia/Amman"), "2018-10-25T21:30:00Z", "2018-10-26", "2018-10-25T21:00:00Z", "2018-10-26T22:00:00Z"},
		{"back to midnight, west", zone(t, "America/Havana"), "2018-11-04T04:30:00Z", "2018-11-04", "2018-11-04T04:00:00Z", "2018-11-05T05:00:00Z"},
		{"forward over midnight, east", made(2*h, 3*h, "2026-06-01T21:30:00Z"), "2026-06-02T00:00:00Z", "2026-06-02", "2026-06-01T21:30:00Z", "2026-06-02T21:00:00Z"},
		{"forward over midnight, west", made(-3*h, -2*h, "2026-06-02T02:30:00Z"), "2026-06-02T12:00:00Z", "2026-06-02", "2026-06-02T02:30:00Z", "2026-06-03T02:00:00Z"},
		{"a date that was left out", zone(t, "Pacific/Apia"), "2011-12-29T12:00:00Z", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		date, start, end := calendar.Default(tt.zone).Day(at)
		got := fmt.Sprint(date, start.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339))
		if want := fmt.Sprint(tt.date, tt.start, tt.end); got != want {
			t.Errorf("%s: %s, want %s", tt.name, got, want)
		}
	}
}

// TestTheLastDayOfALeapYearEnds has a zone whose changes are a rule for all years, as in the files of many systems. Go 1.26
// thinks that such a year has 365 days.
func TestTheLastDayOfALeapYearEnds(t *testing.T) {
	none := "TZif2" + strings.Repeat("\x00", 15+6*4)
	one := "TZif2" + strings.Repeat("\x00", 15+4*4) + "\x00\x00\x00\x01\x00\x00\x00\x04" + "\x00\x00\x0e\x10\x00\x00CET\x00"
	z, err := time.LoadLocationFromTZData("Rule/Only", []byte(none+one+"\nCET-1CEST,M3.5.0,M10.5.0/3\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := calendar.Default(z)
	random := rand.New(rand.NewPCG(13, 14))
	for _, year := range []int{2026, 2028, 2032} {
		for range 200 {
			from := time.Date(year, 12, 31, -24, 0, random.IntN(3*86_400), 0, time.UTC)
			end := from.Add(48 * time.Hour)
			if got, want := c.Next(from, end), walk(c, from, end); !got.Equal(want) {
				t.Fatalf("after %v comes %v, want %v", from.In(z), got.In(z), want.In(z))
			}
			if date, start, end := c.Day(from); from.Before(start) || !from.Before(end) || end.Sub(start) != 24*time.Hour {
				t.Fatalf("%v is in %s from %v to %v", from.In(z), date, start, end)
			}
		}
		sunday := 31 - int(time.Date(year, 10, 31, 0, 0, 0, 0, time.UTC).Weekday())
		if _, start, end := c.Day(time.Date(year, 10, sunday, 12, 0, 0, 0, time.UTC)); end.Sub(start) != 25*time.Hour {
			t.Errorf("the last Sunday of October %d lasts %v", year, end.Sub(start))
		}
	}
}

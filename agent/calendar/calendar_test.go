package calendar_test

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata"

	"veille/agent/calendar"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestPartOfTheDay(t *testing.T) {
	paris := zone(t, "Europe/Paris")
	c, err := calendar.New(paris, []calendar.Hours{
		{Weekday: time.Monday, From: 8 * 60, To: 12 * 60},
		{Weekday: time.Monday, From: 14 * 60, To: 18 * 60},
		{Weekday: time.Wednesday, From: 0, To: 24 * 60},
	}, []string{"2026-11-11"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		at   string
		want calendar.Part
	}{
		{"2026-11-16T07:59", calendar.Night},
		{"2026-11-16T08:00", calendar.Open},
		{"2026-11-16T11:59", calendar.Open},
		{"2026-11-16T12:00", calendar.Night},
		{"2026-11-16T17:59", calendar.Open},
		{"2026-11-17T10:00", calendar.Weekend},
		{"2026-11-18T00:00", calendar.Open},
		{"2026-11-18T23:59", calendar.Open},
		{"2026-11-11T10:00", calendar.Holiday},
	} {
		at, err := time.ParseInLocation("2006-01-02T15:04", tt.at, paris)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Part(at.UTC()); got != tt.want {
			t.Errorf("%s is %s, want %s", tt.at, got, tt.want)
		}
	}
}

func TestADayLastsAsLongAsTheClocksSay(t *testing.T) {
	for _, tt := range []struct {
		zone, date string
		want       time.Duration
	}{
		{"Europe/Paris", "2026-11-21", 24 * time.Hour},
		{"Europe/Paris", "2026-03-29", 23 * time.Hour},
		{"Europe/Paris", "2026-10-25", 25 * time.Hour},
		{"America/Sao_Paulo", "2018-11-04", 23 * time.Hour},                  // no clock showed midnight
		{"Asia/Beirut", "2024-03-31", 23 * time.Hour},                        // nor here
		{"Australia/Lord_Howe", "2026-04-05", 24*time.Hour + 30*time.Minute}, // half an hour
		{"Australia/Lord_Howe", "2026-10-04", 23*time.Hour + 30*time.Minute}, //
		{"Indian/Reunion", "2026-03-29", 24 * time.Hour},                     // overseas, no change
	} {
		t.Run(tt.zone+" "+tt.date, func(t *testing.T) {
			z := zone(t, tt.zone)
			noon, err := time.ParseInLocation("2006-01-02 15", tt.date+" 12", z)
			if err != nil {
				t.Fatal(err)
			}
			date, start, end := calendar.Default(z).Day(noon)
			if date != tt.date || end.Sub(start) != tt.want {
				t.Errorf("day %s of %v, want %s of %v", date, end.Sub(start), tt.date, tt.want)
			}
			if start.In(z).Format(time.DateOnly) != tt.date || start.Add(-time.Second).In(z).Format(time.DateOnly) == tt.date {
				t.Errorf("%v is not the first second of %s", start, tt.date)
			}
		})
	}
}

func TestNextIsTheNextChangeOfPart(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"Europe/Paris", "Australia/Lord_Howe", "America/Sao_Paulo", "Indian/Reunion", "UTC"} {
		c := calendar.Default(zone(t, name))
		for range 200 {
			from := time.Date(2018, 1, 1, 0, 0, random.IntN(10*365*86_400), 0, time.UTC)
			end := from.Add(time.Duration(1+random.IntN(4*86_400)) * time.Second)
			next := c.Next(from, end)
			if !next.After(from) || next.After(end) || (next.Before(end) && c.Part(next) == c.Part(from)) {
				t.Fatalf("%s: after %v comes %v", name, from, next)
			}
			for at := from; at.Before(next); at = at.Add(97 * time.Second) {
				if c.Part(at) != c.Part(from) {
					t.Fatalf("%s: the part changes at %v, between %v and %v", name, at, from, next)
				}
			}
		}
	}
}

func TestHoursThatDoNotFitInADayAreRefused(t *testing.T) {
	for _, h := range []calendar.Hours{{Weekday: 1, From: 600, To: 600}, {Weekday: 1, From: -1, To: 3}, {Weekday: 1, From: 0, To: 1441}, {Weekday: 7, From: 0, To: 1}} {
		if _, err := calendar.New(time.UTC, []calendar.Hours{h}, nil); err == nil {
			t.Errorf("%+v was accepted", h)
		}
	}
	if _, err := calendar.New(time.UTC, nil, []string{"21/11/2026"}); err == nil {
		t.Error("a holiday that is no date was accepted")
	}
}

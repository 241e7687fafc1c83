package calendar_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"veille/agent/calendar"
)

func TestACalendarThatWouldBeATimeClockIsRefused(t *testing.T) {
	on := func(day time.Weekday, minutes ...int) []calendar.Hours {
		var hours []calendar.Hours
		for i := 0; i < len(minutes); i += 2 {
			hours = append(hours, calendar.Hours{Weekday: day, From: minutes[i], To: minutes[i+1]})
		}
		return hours
	}
	for _, tt := range []struct {
		name  string
		hours []calendar.Hours
		want  []string // in the error; none: it passes
	}{
		{"never open", nil, nil},
		{"three hours", on(time.Monday, 540, 720), nil},
		{"one minute", on(time.Monday, 480, 481), []string{"Monday", "open", "1m"}},
		{"a minute less than three hours", on(time.Tuesday, 540, 719), []string{"Tuesday", "open"}},
		{"three hours in two stretches", on(time.Wednesday, 480, 570, 840, 930), nil},
		{"too little in two stretches", on(time.Wednesday, 480, 570, 840, 929), []string{"Wednesday", "open"}},
		{"round the clock", on(time.Sunday, 0, 1440), nil},
		{"round the clock in two stretches", on(time.Sunday, 720, 1440, 0, 720), nil},
		{"closed for three hours", on(time.Thursday, 180, 1440), nil},
		{"closed for one minute", on(time.Thursday, 0, 480, 481, 1440), []string{"Thursday", "closed", "1m"}},
		{"closed for a minute less than three hours", on(time.Friday, 179, 1440), []string{"Friday", "closed"}},
		{"an hour and a half, a break of half an hour, an hour and a half", on(time.Monday, 480, 570, 600, 690), nil},
		{"a minute beside a long night", on(time.Monday, 0, 180, 480, 481), []string{"Monday", "at a stretch", "1m"}},
		{"a break of a minute less than half an hour", on(time.Monday, 480, 570, 599, 690), []string{"Monday", "closed", "29m"}},
		{"stretches that meet are one", on(time.Monday, 480, 500, 500, 690), nil},
		{"overlapping", on(time.Saturday, 480, 720, 700, 1080), []string{"Saturday", "overlap"}},
		{"overlapping, later first", on(time.Saturday, 700, 1080, 480, 720), []string{"Saturday", "overlap"}},
		{"twice the same", on(time.Saturday, 480, 720, 480, 720), []string{"Saturday", "overlap"}},
		{"one bad day among good ones", append(on(time.Monday, 480, 1080), on(time.Friday, 480, 482)...), []string{"Friday", "open"}},
	} {
		c, err := calendar.New(time.UTC, tt.hours, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = calendar.Check(c)
		if len(tt.want) == 0 && err != nil {
			t.Errorf("%s: refused: %v", tt.name, err)
		}
		for _, word := range tt.want {
			if err == nil || !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %v, want an error that says %q", tt.name, err, word)
			}
		}
	}
}

func TestTheZeroAndTheDefaultCalendarPass(t *testing.T) {
	for _, c := range []calendar.Calendar{{}, calendar.Default(time.UTC), calendar.Default(zone(t, "Europe/Paris"))} {
		if err := calendar.Check(c); err != nil {
			t.Error(err)
		}
	}
	if part := (calendar.Calendar{}).Part(time.Unix(0, 0)); part != calendar.Weekend {
		t.Errorf("the zero calendar is %s; it is never open", part)
	}
}

func TestCheckDoesNotReorderTheCalendar(t *testing.T) {
	c, err := calendar.New(time.UTC, []calendar.Hours{{Weekday: 1, From: 840, To: 1080}, {Weekday: 1, From: 480, To: 720}}, nil)
	if err != nil || calendar.Check(c) != nil {
		t.Fatal(err, calendar.Check(c))
	}
	monday := time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC)
	if next := c.Next(monday, monday.Add(24*time.Hour)); next.Hour() != 8 {
		t.Errorf("opens at %v", next)
	}
}

func TestWhatPassesHasNoShortPartOnADayOf24Hours(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	passed := 0
	for range 4_000 {
		var hours []calendar.Hours
		for at := random.IntN(600); at < 1440 && len(hours) < 3; at += random.IntN(400) {
			to := min(1440, at+1+random.IntN(300))
			hours = append(hours, calendar.Hours{Weekday: time.Monday, From: at, To: to})
			at = to
		}
		c, err := calendar.New(time.UTC, hours, nil)
		if err != nil {
			t.Fatal(err)
		}
		short := false
		length := map[calendar.Part]time.Duration{}
		_, start, end := c.Day(time.Date(2026, 11, 16, 12, 0, 0, 0, time.UTC))
		for at := start; at.Before(end); {
			next := c.Next(at, end)
			length[c.Part(at)] += next.Sub(at)
			least := time.Hour // of open hours at a stretch
			if c.Part(at) != calendar.Open {
				least = 30 * time.Minute // between two
			}
			short = short || next.Sub(at) < least && (c.Part(at) == calendar.Open || at.After(start) && next.Before(end))
			at = next
		}
		for _, d := range length {
			short = short || d < calendar.Shortest
		}
		if err := calendar.Check(c); (err != nil) != short {
			t.Fatalf("%v lasts %v; Check said %v", hours, length, err)
		}
		if !short {
			passed++
		}
	}
	if passed < 400 || passed > 3_600 {
		t.Errorf("%d of 4000 passed; the test shows little", passed)
	}
}

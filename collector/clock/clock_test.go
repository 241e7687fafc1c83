package clock_test

import (
	"testing"
	"time"

	"veille/collector"
	"veille/collector/clock"
)

// hands are clocks that a test sets.
type hands struct {
	wall  time.Time
	since time.Duration
}

func (h *hands) read() (time.Time, time.Duration) { return h.wall, h.since }

func (h *hands) pass(d time.Duration) { h.wall, h.since = h.wall.Add(d), h.since+d }

func start(t *testing.T, newest collector.Date, wall string) (*clock.Clock, *hands) {
	t.Helper()
	at, err := time.ParseInLocation(time.DateTime, wall, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	h := &hands{wall: at}
	c, err := clock.New(newest, h.read)
	if err != nil {
		t.Fatal(err)
	}
	return c, h
}

const day = 24 * time.Hour

func TestAClockThatIsSetByTooMuchIsInDoubtUntilItIsSetBack(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  time.Duration
		ok   bool
	}{
		{"a year forward", 365 * day, false},
		{"nine days forward", 9 * day, false},
		{"a week forward, as after a sleep", 7 * day, true},
		{"a second back", -time.Second, true},
		{"an hour back", -time.Hour, true},
		{"two hours back", -2 * time.Hour, false},
		{"a year back", -365 * day, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, h := start(t, "2026-11-21", "2026-11-22 12:00:00")
			for range 40 {
				if _, err := c.Now(); err != nil {
					t.Fatal(err)
				}
				h.pass(time.Hour)
			}
			h.wall = h.wall.Add(tt.set)
			for range 30 { // for a day, however often it is asked
				if _, err := c.Now(); (err == nil) != tt.ok {
					t.Fatalf("%v, want it to be believed: %t", err, tt.ok)
				}
				h.pass(time.Hour)
			}
			if tt.ok {
				return
			}
			h.wall = h.wall.Add(-tt.set)
			if now, err := c.Now(); err != nil || !now.Equal(h.wall) {
				t.Errorf("set back: %v, %v; want %v", now, err, h.wall)
			}
		})
	}
}

func TestAClockIsHeldAgainstTheLedgerAtTheStart(t *testing.T) {
	for _, tt := range []struct {
		name   string
		newest collector.Date
		wall   string
		ok     bool
	}{
		{"a new ledger", "", "2036-01-01 00:00:00", true},
		{"the day after", "2026-11-21", "2026-11-22 12:00:00", true},
		{"a ledger of another time zone, a day ahead", "2026-11-23", "2026-11-22 12:00:00", true},
		{"an empty battery", "2026-11-21", "2015-01-01 00:00:12", false},
		{"two days before", "2026-11-21", "2026-11-19 12:00:00", false},
		{"after a summer", "2026-07-03", "2026-09-01 07:00:00", true},
		{"a year after", "2026-11-21", "2027-11-22 12:00:00", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, h := start(t, tt.newest, tt.wall)
			for range 3 {
				if _, err := c.Now(); (err == nil) != tt.ok {
					t.Fatalf("%v, want it to be believed: %t", err, tt.ok)
				}
				h.pass(time.Hour)
			}
			if tt.ok {
				return
			}
			h.wall = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) // the network has set it
			if now, err := c.Now(); err != nil || !now.Equal(h.wall) {
				t.Errorf("set right: %v, %v", now, err)
			}
			h.pass(day)
			if _, err := c.Now(); err != nil {
				t.Errorf("a day later: %v", err)
			}
		})
	}
}

func TestADateThatIsNoneIsAnError(t *testing.T) {
	if _, err := clock.New("tomorrow", (&hands{}).read); err == nil {
		t.Error("taken")
	}
}

func TestTheClocksOfTheSystemGoTogether(t *testing.T) {
	c, err := clock.New(collector.DateOf(time.Now()), clock.System())
	if err != nil {
		t.Fatal(err)
	}
	if now, err := c.Now(); err != nil || time.Since(now).Abs() > time.Minute {
		t.Errorf("%v, %v", now, err)
	}
}

package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"veille/agent/uptime"
	"veille/agent/wire"
)

// The time of synctest is Saturday 1 January 2000, one in the morning in Paris.
func TestTheFirstStartTellsTheDaysBeforeByTheSystemsLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone := paris(t)
		at := func(day, hour int) time.Time { return time.Date(1999, 12, day, hour, 0, 0, 0, zone) }
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		a := newAgent(t, t.TempDir(), c, wire.Individual, 0)
		a.Limits.History = 3 * 24 * time.Hour
		var asked time.Time
		a.System.History = func(_ context.Context, since time.Time) ([]uptime.Stretch, error) {
			asked = since
			return []uptime.Stretch{
				{From: at(29, 12), To: at(30, 8), State: uptime.Unknown},
				{From: at(30, 8), To: at(30, 18), State: uptime.On},
				{From: at(30, 18), To: at(30, 23), State: uptime.Asleep},
				{From: at(30, 23), To: at(31, 9), State: uptime.Off},
				{From: at(31, 9), To: time.Now().Add(-time.Minute), State: uptime.On}, // left on into the night
			}, nil
		}
		a.sampler.system = a.System
		if err := a.load(); err != nil { // once more, with the history that was asked for
			t.Fatal(err)
		}
		runFor(t, a, 5*time.Hour)
		if want := time.Now().Add(-5*time.Hour - 3*24*time.Hour); !asked.Equal(want) {
			t.Errorf("asked since %v, want %v", asked, want)
		}
		records := sent(t, a)
		if len(records) != 2 {
			t.Fatalf("%d records: %+v; want one of each day before this one of which something is known", len(records), records)
		}
		for i, want := range []struct {
			date string
			sum  wire.Seconds
		}{
			{"1999-12-30", wire.Seconds{On: 10 * 3600, Sleep: 5 * 3600, Off: 3600, Unknown: 8 * 3600}},
			{"1999-12-31", wire.Seconds{On: 15 * 3600, Off: 9 * 3600}},
		} {
			r := records[i]
			if got := balance(t, records[i:i+1]); got != want.sum || r.Date != want.date || !r.History || r.Hour != nil {
				t.Errorf("%s is %+v (history %t, hour %v), want %+v", r.Date, got, r.History, r.Hour, want)
			}
		}
		for _, p := range records[1].Parts {
			if p.Part == "night" && (p.Seconds.On != 6*3600 || len(p.Energy) != 1 || p.Energy[0].Method != "model-class") {
				t.Errorf("the night of the last day: %+v", p)
			}
		}
	})
}

func TestHistoryIsReadOnceAndOnlyIfAskedFor(t *testing.T) {
	for name, tt := range map[string]struct {
		days, asked int
		err         error
	}{"not wanted": {0, 0, nil}, "wanted": {30, 1, nil}, "not to be had": {30, 1, uptime.ErrNoHistory}} {
		synctest.Test(t, func(t *testing.T) {
			c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
			data, asked := t.TempDir(), 0
			for range 2 {
				a := newAgent(t, data, c, wire.Individual, 0)
				a.Limits.History = time.Duration(tt.days) * 24 * time.Hour
				a.System.History = func(context.Context, time.Time) ([]uptime.Stretch, error) { asked++; return nil, tt.err }
				if err := a.load(); err != nil {
					t.Fatal(err)
				}
				runFor(t, a, 5*time.Minute)
			}
			if asked != tt.asked {
				t.Errorf("%s: asked %d times, want %d", name, asked, tt.asked)
			}
		})
	}
}

func TestAnAgentThatLostItsMemoryMakesNoDayOfItsOwnAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		data, asked := t.TempDir(), 0
		a := newAgent(t, data, c, wire.Individual, 0)
		runFor(t, a, 50*time.Hour)
		if err := os.WriteFile(filepath.Join(data, keptFile), []byte("{garbage"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, forget := range []bool{false, true} { // damaged, then gone
			if forget {
				if err := os.Remove(filepath.Join(data, keptFile)); err != nil {
					t.Fatal(err)
				}
			}
			a = newAgent(t, data, c, wire.Individual, 0)
			a.Limits.History = 720 * time.Hour
			a.System.History = func(context.Context, time.Time) ([]uptime.Stretch, error) { asked++; return nil, nil }
			if err := a.load(); err != nil {
				t.Fatal(err)
			}
			runFor(t, a, time.Minute)
		}
		if asked != 0 {
			t.Errorf("the log was asked %d times", asked)
		}
	})
}

func TestHistoryThatCannotBeReadYetIsTriedAgainOnTheSameDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		a := newAgent(t, t.TempDir(), c, wire.Individual, 0)
		a.Limits.History, a.Limits.Period = 720*time.Hour, time.Minute
		asked := 0
		a.System.History = func(context.Context, time.Time) ([]uptime.Stretch, error) {
			if asked++; asked < 3 {
				return nil, errors.New("the journal is not there yet")
			}
			return nil, nil
		}
		if err := a.load(); err != nil {
			t.Fatal(err)
		}
		if runFor(t, a, 5*time.Hour+30*time.Minute); asked != 3 {
			t.Errorf("asked %d times, want one an hour until it answers", asked)
		}
	})
}

func TestALogThatTellsNonsenseInventsNoTime(t *testing.T) {
	zone := paris(t)
	now := time.Date(2026, 11, 16, 9, 0, 0, 0, zone)
	at := func(hours int) time.Time { return now.Add(time.Duration(hours) * time.Hour) }
	a := &Agent{book: *newBook(zone, true, now), wanted: "2026-11-16", Config: Config{Limits: Limits{History: 72 * time.Hour}}}
	a.System.History = func(context.Context, time.Time) ([]uptime.Stretch, error) {
		return []uptime.Stretch{
			{From: at(-60), To: at(-50), State: uptime.On},
			{From: at(-55), To: at(-45), State: uptime.Off}, // begins before the last has ended
			{From: at(-40), To: at(-41), State: uptime.On},  // ends before it begins
			{From: at(-2), To: at(100), State: uptime.On},   // today, and in days to come
		}, nil
	}
	if err := a.history(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	var records []wire.Record
	for _, s := range a.closed {
		records = append(records, s.record(wire.Individual, wire.Machine{Class: "desktop", OS: "linux", Agent: "v1"}, nil))
	}
	if got := balance(t, records); got.On != 10*3600 || got.Off != 5*3600 {
		t.Errorf("%+v of %d days; want ten hours on and five off", got, len(records))
	}
	a.wanted = "2026-11-16"
	a.System.History = func(context.Context, time.Time) ([]uptime.Stretch, error) { return nil, errors.New("broken") }
	if err := a.history(t.Context(), now); err == nil {
		t.Error("a log that cannot be read is not told of")
	}
}

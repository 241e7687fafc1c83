package uptime_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"veille/agent/uptime"
)

var nine = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

func at(after, awake, sinceBoot time.Duration, boot string) uptime.Reading {
	return uptime.Reading{Wall: nine.Add(after), Awake: awake, SinceBoot: sinceBoot, Boot: boot}
}

func down(r uptime.Reading, down, standby time.Duration) uptime.Reading {
	r.Down, r.Standby = down, standby
	return r
}

func TestBetween(t *testing.T) {
	const h = time.Hour
	for _, tt := range []struct {
		name    string
		a, b    uptime.Reading
		stopped bool
		want    uptime.Span
	}{
		{
			"a minute awake", at(0, h, h, "x"), at(time.Minute, h+time.Minute, h+time.Minute, "x"), false,
			uptime.Span{On: time.Minute},
		},
		{
			"a night asleep", at(0, h, h, "x"), at(12*h, 2*h, 13*h, "x"), false,
			uptime.Span{On: h, Sleep: 11 * h},
		},
		{
			"a clock that steps an hour costs nothing", at(0, h, h, "x"), at(h+time.Minute, h+time.Minute, h+time.Minute, "x"), false,
			uptime.Span{On: time.Minute},
		},
		{
			"a clock that steps back costs nothing", at(0, h, h, "x"), at(-h, h+time.Minute, h+time.Minute, "x"), false,
			uptime.Span{On: time.Minute},
		},
		{
			"off after the agent was told to stop", at(0, h, h, "x"), at(12*h, h, h, "y"), true,
			uptime.Span{On: h, Off: 11 * h, Boot: true},
		},
		{
			"unknown after a power cut", at(0, h, h, "x"), at(12*h, h, h, "y"), false,
			uptime.Span{On: h, Boot: true},
		},
		{
			"a boot that slept before the agent came", at(0, h, h, "x"), at(12*h, h, 3*h, "y"), true,
			uptime.Span{On: h, Sleep: 2 * h, Off: 9 * h, Boot: true},
		},
		{
			"a boot without a name is seen by its clock", at(0, h, h, ""), at(12*h, 2*h, 2*h, ""), true,
			uptime.Span{On: 2 * h, Off: 10 * h, Boot: true},
		},
		{
			"a boot before the last word of the agent leaves no time off", at(0, h, h, "x"), at(h, 2*h, 2*h, "y"), true,
			uptime.Span{On: 2 * h, Boot: true},
		},
		{
			"hibernated for eleven hours, in one boot", at(0, h, h, "x"), down(at(12*h, 2*h, 13*h, "x"), 11*h, 0), false,
			uptime.Span{On: h, Off: 11 * h},
		},
		{
			"in standby for half an hour of an hour awake", at(0, h, h, "x"), down(at(h, 2*h, 2*h, "x"), 0, h/2), false,
			uptime.Span{On: h / 2, Sleep: h / 2},
		},
		{
			"no more off than the clocks leave", at(0, h, h, "x"), down(at(2*h, 2*h, 3*h, "x"), 5*h, 0), false,
			uptime.Span{On: h, Off: h},
		},
		{
			"no more standby than the clocks leave", at(0, h, h, "x"), down(at(h, 2*h, 2*h, "x"), 0, 5*h), false,
			uptime.Span{Sleep: h},
		},
		{
			"what was down before stays counted once", down(at(0, h, 9*h, "x"), 8*h, 0), down(at(h, 2*h, 10*h, "x"), 8*h, 0), false,
			uptime.Span{On: h},
		},
		{
			"hibernated in a boot of which nothing was read", at(0, h, h, "x"), down(at(12*h, h, 3*h, "y"), 2*h, 0), true,
			uptime.Span{On: h, Off: 11 * h, Boot: true},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := uptime.Between(tt.a, tt.b, tt.stopped); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestTheClocksOfThisSystemAdvanceTogether(t *testing.T) {
	a, err := uptime.Read()
	if err != nil {
		t.Fatal(err)
	}
	b, err := uptime.Read()
	if err != nil {
		t.Fatal(err)
	}
	s := uptime.Between(a, b, false)
	if s.Boot || s.On < 0 || s.On > time.Second || s.Sleep > time.Millisecond || a.SinceBoot < a.Awake-time.Millisecond {
		t.Errorf("two readings in a row: %+v then %+v give %+v", a, b, s)
	}
}

func TestAReadingKeptByAnOlderAgentStillCounts(t *testing.T) {
	const kept = `{"Wall":"2026-11-16T09:00:00Z","Awake":3600000000000,"SinceBoot":3600000000000,"Boot":"x"}`
	var a uptime.Reading
	if err := json.Unmarshal([]byte(kept), &a); err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(a); err != nil || string(b) != kept {
		t.Errorf("got %s, %v; want nothing that was not there", b, err)
	}
	b := at(12*time.Hour, 2*time.Hour, 13*time.Hour, "x")
	b.Counted = true
	if got, want := uptime.Between(a, b, false), (uptime.Span{On: time.Hour, Sleep: 11 * time.Hour}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestWithinABootNoSecondIsMadeOrLost(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	upTo := func(most time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(most))) }
	around := func(most time.Duration) time.Duration { return upTo(most) - most/4 } // also what makes no sense
	for range 100_000 {
		a := at(0, upTo(100*time.Hour), 0, "x")
		a.SinceBoot = a.Awake + upTo(100*time.Hour)
		a.Down, a.Standby = upTo(100*time.Hour), upTo(100*time.Hour)
		b := a
		awake, gap := upTo(10*time.Hour), upTo(10*time.Hour)
		b.Awake, b.SinceBoot = a.Awake+awake, a.SinceBoot+awake+gap
		b.Down, b.Standby = a.Down+around(15*time.Hour), a.Standby+around(15*time.Hour)
		b.Wall = a.Wall.Add(awake + gap)
		s := uptime.Between(a, b, rng.IntN(2) == 0)
		if s.On+s.Sleep+s.Off != awake+gap || min(s.On, s.Sleep, s.Off) < 0 || s.Off > gap || s.Boot {
			t.Fatalf("%+v then %+v give %+v; want %v in all", a, b, s, awake+gap)
		}
		b.Wall = b.Wall.Add(around(1000 * time.Hour)).In(paris) // stepped, and in another zone, with its summer time
		if stepped := uptime.Between(a, b, false); stepped != s {
			t.Fatalf("a step of the clock makes %+v of %+v", stepped, s)
		}
	}
}

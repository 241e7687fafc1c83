package uptime_test

import (
	"testing"
	"time"

	"veille/agent/uptime"
)

var nine = time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)

func at(after, awake, sinceBoot time.Duration, boot string) uptime.Reading {
	return uptime.Reading{Wall: nine.Add(after), Awake: awake, SinceBoot: sinceBoot, Boot: boot}
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

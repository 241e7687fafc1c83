package uptime

import (
	"strconv"
	"testing"
	"testing/fstest"
	"time"
)

// suspended is a sysfs whose kernel suspended so often, failed to so often, and hibernates in this mode.
func suspended(success, fail int, disk string) fstest.MapFS {
	return fstest.MapFS{
		"power/suspend_stats/success": {Data: []byte(strconv.Itoa(success) + "\n")},
		"power/suspend_stats/fail":    {Data: []byte(strconv.Itoa(fail) + "\n")},
		"power/disk":                  {Data: []byte(disk + "\n")},
	}
}

const toDisk = "[platform] shutdown reboot suspend test_resume"

func TestAGapWithoutASuspendIsHibernation(t *testing.T) {
	const h = time.Hour
	nine := time.Date(2026, 11, 16, 9, 0, 0, 0, time.UTC)
	last := Reading{Wall: nine, Awake: h, SinceBoot: 3 * h, Boot: "x", Down: 2 * h, Counted: true, Suspends: 4}
	uncounted, other := last, last
	uncounted.Counted, uncounted.Suspends = false, 0
	other.Boot = "w"
	for _, tt := range []struct {
		name string
		last Reading
		gap  time.Duration
		sys  fstest.MapFS
		want Span
	}{
		{"no suspend", last, 11 * h, suspended(3, 1, toDisk), Span{On: h, Off: 11 * h}},
		{"a suspend", last, 11 * h, suspended(4, 1, toDisk), Span{On: h, Sleep: 11 * h}},
		{"a suspend that ended in an error", last, 11 * h, suspended(3, 2, toDisk), Span{On: h, Sleep: 11 * h}},
		{"hybrid sleep", last, 11 * h, suspended(3, 1, "platform shutdown reboot [suspend] test_resume"), Span{On: h, Sleep: 11 * h}},
		{"a gap between the readings of two clocks", last, 4 * time.Second, suspended(3, 1, toDisk), Span{On: h, Sleep: 4 * time.Second}},
		{"no gap", last, 0, suspended(3, 1, toDisk), Span{On: h}},
		{"no count", last, 11 * h, fstest.MapFS{}, Span{On: h, Sleep: 11 * h}},
		{"no sysfs", last, 11 * h, nil, Span{On: h, Sleep: 11 * h}},
		{"no count before", uncounted, 11 * h, suspended(0, 0, toDisk), Span{On: h, Sleep: 11 * h}},
		{"half a count", last, 11 * h, fstest.MapFS{"power/suspend_stats/success": {Data: []byte("4\n")}}, Span{On: h, Sleep: 11 * h}},
		{"a count that is none", last, 11 * h, fstest.MapFS{
			"power/suspend_stats/success": {Data: []byte("4 1\n")}, "power/suspend_stats/fail": {Data: []byte("0\n")},
		}, Span{On: h, Sleep: 11 * h}},
		{"a new boot that hibernated", other, 11 * h, suspended(0, 0, toDisk), Span{On: 2 * h, Off: 13 * h, Boot: true}},
		{"a new boot that slept", other, 11 * h, suspended(1, 0, toDisk), Span{On: 2 * h, Sleep: 13 * h, Boot: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now := Reading{Wall: nine.Add(h + tt.gap), Awake: 2 * h, SinceBoot: 4*h + tt.gap, Boot: "x"}
			sys := tt.sys
			var got Span
			if sys == nil {
				got = Between(tt.last, now.after(tt.last, nil), false)
			} else {
				got = Between(tt.last, now.after(tt.last, sys), false)
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestTheClocksOfThisSystemCarryOn(t *testing.T) {
	c, _ := NewClocks(suspended(3, 1, toDisk), nil) // with an error they are used all the same
	first, err := c.Read(Reading{})
	if err != nil {
		t.Fatal(err)
	}
	first.Down += time.Hour
	second, err := c.Read(first)
	if err != nil || second.Down != first.Down {
		t.Errorf("got %v, %v; want the hour that was down before", second.Down, err)
	}
	if s := Between(first, second, false); s.On > time.Second || s.Sleep+s.Off > time.Millisecond || s.Boot {
		t.Errorf("two readings in a row give %+v", s)
	}
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

package intake_test

import (
	"testing"
	"time"

	"veille/collector/intake"
)

func TestASpellIsToldWhenItBeginsAndEndsAndTheSameOnceAnHour(t *testing.T) {
	var s intake.Spell
	now := time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)
	for i, tt := range []struct {
		why   string // "": it ends
		after time.Duration
		told  bool
	}{
		{"", 0, false},
		{"full", 0, true},
		{"full", 0, false},
		{"torn", 0, false},
		{"", 0, true},
		{"", 0, false},
		{"full", time.Minute, false},
		{"", 0, false}, // the same, soon after: neither its beginning nor its end
		{"torn", time.Minute, true},
		{"", 0, true}, // something else
		{"torn", 59 * time.Minute, false},
		{"", 0, false},
		{"torn", 2 * time.Minute, true},
		{"", 0, true},
	} {
		now = now.Add(tt.after)
		told := false
		if tt.why == "" {
			told = s.Ends()
		} else {
			told = s.Begins(tt.why, now)
		}
		if told != tt.told {
			t.Errorf("step %d, %q: told %t", i, tt.why, told)
		}
	}
}

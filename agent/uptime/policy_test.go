package uptime_test

import (
	"os"
	"testing"
	"time"

	"veille/agent/uptime"
)

func TestSleepAfterSaysWhatItKnows(t *testing.T) {
	for _, tt := range []struct {
		s       uptime.SleepAfter
		text    string
		never   bool
		minutes int
	}{
		{uptime.SleepAfter{}, "unknown", false, 0},
		{uptime.SleepAfter{Known: true}, "never", true, 0},
		{uptime.SleepAfter{Known: true, After: 20 * time.Minute}, "20m0s", false, 20},
		{uptime.SleepAfter{Known: true, After: 61 * time.Second}, "1m1s", false, 2},
		{uptime.SleepAfter{Known: true, After: time.Microsecond}, "1µs", false, 1},
	} {
		if tt.s.String() != tt.text || tt.s.Never() != tt.never || tt.s.Minutes() != tt.minutes {
			t.Errorf("%#v is %v, never %t, %d min; want %s, %t, %d", tt.s, tt.s, tt.s.Never(), tt.s.Minutes(), tt.text, tt.never, tt.minutes)
		}
	}
}

func TestThePolicyOfThisSystemIsReadOrRefused(t *testing.T) {
	got, err := uptime.ReadSleepAfter(os.DirFS("/"))
	if err != nil && got.Known {
		t.Errorf("%v, and yet %v", err, got)
	}
	t.Logf("sleeps after %v, error %v", got, err)
}

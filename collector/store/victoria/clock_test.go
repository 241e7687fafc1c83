package victoria_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/victoria"
)

func TestAClockThatIsALittleWrongIsToldAndOneThatIsMoreThanADayWrongStopsDelivery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		off           time.Duration
		advice, error string
	}{
		{0, "", ""},
		{50 * time.Second, "", ""},
		{-50 * time.Second, "", ""},
		{3*time.Minute + 20*time.Second, "3 minutes ahead of ours", ""},
		{-3*time.Minute - 20*time.Second, "3 minutes behind ours", ""},
		{-7*time.Hour - time.Minute, "7 hours behind ours", ""},
		{25 * time.Hour, "", "25 hours ahead of ours"},
		{-25 * time.Hour, "", "25 hours behind ours"},
		{-10*24*time.Hour - time.Minute, "", "10 days behind ours"},
	} {
		f := &fake{time: c.off}
		s, err := victoria.Open(t.Context(), f.serve(t))
		if c.error != "" {
			told(t, err, collector.NeedsHelp, c.error, "nothing is sent", "let NTP set", "outbox retry")
			continue
		}
		if err != nil {
			t.Errorf("%v: %v", c.off, err)
			continue
		}
		advice := strings.Join(s.Advice(), "\n")
		if !strings.Contains(advice, c.advice) || (c.advice == "") != (advice == "") || c.advice != "" && !strings.Contains(advice, "let NTP set") {
			t.Errorf("%v: advice %q, want %q", c.off, advice, c.advice)
		}
	}
}

func TestAClockThatIsSetWrongLaterIsFoundWhenPointsAreBrought(t *testing.T) {
	t.Parallel()
	f := &fake{}
	s := openFake(t, f)
	run := started(t, s)
	f.time = 2 * time.Hour
	if started(t, s) != run || len(s.Advice()) == 0 {
		t.Errorf("advice %q of a clock that is two hours ahead", s.Advice())
	}
	f.time = 100 * time.Hour
	_, err := s.Started(t.Context())
	told(t, err, collector.NeedsHelp, "4 days ahead of ours")
	f.time = 0
	if started(t, s) != run || len(s.Advice()) > 0 {
		t.Errorf("advice %q of a clock that was set right", s.Advice())
	}
}

// In the bubble our clock is that of the year 2000, and a real node has the time of this machine.
func TestARealNodeWhoseClockIsYearsFromOursIsRefused(t *testing.T) {
	t.Parallel()
	node := engines.StartVictoria(t, flags()...)
	synctest.Test(t, func(t *testing.T) {
		_, err := victoria.Open(t.Context(), victoria.Options{Write: node.URL()})
		told(t, err, collector.NeedsHelp, "days ahead of ours", node.URL())
	})
}

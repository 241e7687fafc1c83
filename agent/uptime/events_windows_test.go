package uptime

import (
	"testing"
	"time"
)

func TestTheLogAnswersOrSaysWhyNot(t *testing.T) {
	events, err := systemEvents(t.Context(), time.Now().AddDate(0, 0, -30))
	t.Logf("%d events, %v", len(events), err)
	for _, e := range events {
		if e.Source > EventLog || e.At.IsZero() {
			t.Errorf("%+v", e)
		}
	}
	all, err := History(t.Context(), time.Now().AddDate(0, 0, -30))
	t.Logf("%d stretches, %v", len(all), err)
	if (err == nil) != (len(all) > 0) {
		t.Errorf("%v, %v", all, err)
	}
}

func TestABellThatDoesNotRingDoesNotWait(t *testing.T) {
	bell, err := newDoorbell()
	t.Logf("subscribed: %t, %v", bell != nil, err)
	if bell.rang() {
		t.Error("rang, and nothing happened")
	}
	if err := bell.close(); err != nil {
		t.Error(err)
	}
}

func TestAGapWithoutALogIsSleep(t *testing.T) {
	c, err := NewClocks(nil, nil)
	t.Log(err)
	now, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	last := now
	last.SinceBoot, last.Wall = last.SinceBoot-time.Hour, last.Wall.Add(-time.Hour)
	r, err := c.Read(last)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(c.Problem())
	// The clocks tick at their own pace: what one has counted as on the other may not have counted at all.
	if s := Between(last, r, false); c.Problem() != nil && (s.On > time.Minute || s.On+s.Sleep < time.Hour || s.Off != 0) {
		t.Errorf("got %+v", s)
	}
}

package outbox_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
)

func TestAPointInTheMiddleThatIsRefusedIsSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		for i := range 250 {
			w.add(collector.StreamHours, hour(i, 1, 1, float64(i)))
		}
		p.bad = func(x collector.Point) bool { w := x.Fields["wh"]; return w == 57 || w == 58 || w == 199 }
		var log bytes.Buffer
		stop := run(t, made(w, p, &log))
		wait(time.Second)
		p.same(t, w)
		if len(w.quarantine()) != 3 || p.requests() > 60 {
			t.Errorf("%d in quarantine after %d requests", len(w.quarantine()), p.requests())
		}
		r := w.quarantine()[0]
		if r.Point != "hour_energy,machine=57,site=1 wh=57 944010000000000000" || !strings.Contains(r.Reason, "conflict") || r.Measurement != collector.HourEnergy || r.On != "2000-01-01" {
			t.Errorf("kept %+v", r)
		}
		if strings.Contains(log.String(), "machine=") {
			t.Errorf("the log names a machine:\n%s", log.String())
		}
		stop()
		calls := p.requests()
		run(t, made(w, p, io.Discard)) // what is not settled is sent again, and what was refused is not tried again
		wait(time.Second)
		if n := p.requests() - calls; n != 3 || len(w.quarantine()) != 3 {
			t.Errorf("%d requests for three batches, %d in quarantine", n, len(w.quarantine()))
		}
		p.be(func() { p.bad = func(collector.Point) bool { return false } })
		w.add(collector.StreamHours, hour(57, 1, 1, 60)) // other values are another point
		wait(11 * time.Second)
		if x := p.value(hour(57, 1, 1, 60)); x != 60 {
			t.Errorf("has %+v", x)
		}
	})
}

func TestADestinationThatRefusesEverythingNeedsHelpAndQuarantinesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		for i := range 5000 {
			w.add(collector.StreamHours, hour(i, 1, 1, 1))
		}
		p.set(refuses)
		run(t, made(w, p, io.Discard))
		wait(3 * time.Hour)
		if d := w.state(t); !d.Stopped || d.Refused != 0 || !strings.Contains(d.Error, "refuses every point") || p.requests() > 120 {
			t.Errorf("%d requests, state %+v", p.requests(), d)
		}
		p.set(well)
		wait(61 * time.Minute)
		p.same(t, w)
	})
}

func TestABatchWithManyBadPointsTakesRequestsInProportion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		for i := range 2000 {
			w.add(collector.StreamHours, hour(i, 1, 1, float64(i)))
		}
		p.bad = func(x collector.Point) bool { return int(x.Fields["wh"])%4 == 1 }
		run(t, made(w, p, io.Discard))
		wait(time.Minute)
		p.same(t, w)
		if d := w.state(t); d.Stopped || d.Refused != 500 || p.requests() > 2*2000 {
			t.Errorf("%d requests, state %+v", p.requests(), d)
		}
	})
}

func TestMoreThanAThousandRefusalsAnHourAreForAPersonToSeeTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		for i := range 3000 {
			w.add(collector.StreamHours, hour(i, 1, 1, float64(i)))
		}
		p.bad = func(x collector.Point) bool { return int(x.Fields["wh"])%2 == 1 }
		run(t, made(w, p, io.Discard))
		wait(30 * time.Minute)
		if d := w.state(t); !d.Stopped || d.Refused < 1000 || d.Refused > 1100 || !strings.Contains(d.Error, "outbox refused") {
			t.Errorf("state %+v", d)
		}
		w.retry(false)
		wait(time.Minute)
		p.same(t, w)
	})
}

func TestAPointThatNoEngineCanKeepIsSetAsideWithoutBeingSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		bad := hour(2, 1, 1, 2)
		bad.Tags[1].Value = "a\nb"
		w.add(collector.StreamHours, hour(1, 1, 1, 1), bad, hour(3, 1, 1, 3))
		p.bad = func(x collector.Point) bool { return x.Validate() != nil }
		run(t, made(w, p, io.Discard))
		wait(time.Second)
		p.same(t, w)
		if p.requests() != 1 || len(w.quarantine()) != 1 {
			t.Errorf("%d requests, %d in quarantine", p.requests(), len(w.quarantine()))
		}
	})
}

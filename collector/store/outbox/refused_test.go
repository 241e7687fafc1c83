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
		w, p := worldOf(t, 250)
		p.bad = func(x collector.Point) bool { w := x.Fields["wh"]; return w == 57 || w == 58 || w == 199 }
		var log bytes.Buffer
		stop := run(t, made(w, p, &log))
		wait(time.Second)
		p.same(t, w)
		if len(w.quarantine()) != 3 || p.requests() > 60 {
			t.Errorf("%d in quarantine after %d requests", len(w.quarantine()), p.requests())
		}
		r := w.quarantine()[0]
		if r.Point != "hour_energy,machine=57,site=1 wh=57 944010000000000000" || !strings.Contains(r.Reason, "conflict") || r.Measurement != collector.HourEnergy || r.On != "1999-12-01" {
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
		w, p := worldOf(t, 5000)
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
		w, p := worldOf(t, 2000)
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
		w, p := worldOf(t, 3000)
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

func TestOneBadPointThatIsAllThatWaitsIsSetAsideAndStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := worldOf(t, 50)
		stop := run(t, made(w, p, io.Discard))
		wait(2 * time.Minute)
		stop()
		p.bad = func(x collector.Point) bool { return x.Measurement == collector.SiteScore }
		bad := collector.Point{Measurement: collector.SiteScore, Time: at(2, 0), Fields: collector.Fields{"mean": 1}}
		w.add(collector.StreamWebsites, bad)
		run(t, made(w, p, io.Discard)) // which does not know what it took before
		wait(time.Minute)
		if d := w.state(t); d.Stopped || d.Refused != 1 || d.Behind != 0 || d.Error != "" {
			t.Errorf("state %+v", d)
		}
	})
}

func TestABadPointThatWaitsFirstDoesNotKeepAStoppedDestinationStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		p.set(locked)
		w.add(collector.StreamWebsites, collector.Point{Measurement: collector.SiteScore, Time: at(2, 0), Fields: collector.Fields{"mean": 1}})
		w.add(collector.StreamMeters, collector.Point{Measurement: collector.MeterPower, Time: at(2, 0), Fields: collector.Fields{"w": 1}})
		run(t, made(w, p, io.Discard))
		wait(time.Minute)
		if d := w.state(t); !d.Stopped {
			t.Fatalf("state %+v", d)
		}
		p.be(func() {
			p.fault, p.bad = well, func(x collector.Point) bool { return x.Measurement == collector.SiteScore }
		})
		w.retry(false)
		wait(time.Minute)
		if d := w.state(t); d.Stopped || d.Refused != 1 || d.Behind != 0 || p.has() != 1 {
			t.Errorf("%d points there, state %+v", p.has(), d)
		}
	})
}

func TestNothingIsSetAsideWhileItIsNotKnownWhetherTheDestinationTakesAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := worldOf(t, 50)
		run(t, made(w, p, io.Discard))
		wait(2 * time.Minute)
		p.be(func() {
			p.bad = func(collector.Point) bool { // it refuses what is new, and is gone when it is asked for what it took before
				p.fault = gone
				return true
			}
		})
		w.add(collector.StreamHours, hour(1000, 1, 1, 1000))
		wait(15 * time.Second)
		if d := w.state(t); d.Refused != 0 || d.Stopped || d.Error == "" {
			t.Errorf("state %+v", d)
		}
		p.be(func() { p.fault, p.bad = well, func(collector.Point) bool { return false } })
		wait(6 * time.Minute)
		p.same(t, w)
	})
}

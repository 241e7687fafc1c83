package outbox_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
)

func TestEveryChangeReachesTheDestination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		for i := range 1234 {
			w.add(collector.StreamHours, hour(i, 1+i%20, i%24, float64(i)))
		}
		o := made(w, p, io.Discard)
		run(t, o)
		wait(time.Second)
		p.same(t, w)
		w.add(collector.StreamHours, hour(5000, 3, 4, 1))
		wait(11 * time.Second)
		p.same(t, w)
		w.add(collector.StreamWebsites, collector.Point{Measurement: collector.SiteScore, Time: at(2, 0), Fields: collector.Fields{"mean": 1}})
		wait(11 * time.Second)
		p.same(t, w)
		if d := w.state(t); d.Behind != 0 || d.LagS != 0 || d.Stopped || d.Error != "" || d.Delivered != 1236 || d.WholeOn != "2000-01-01" {
			t.Errorf("state %+v", d)
		}
	})
}

func TestACrashBetweenDeliveryAndPositionRepeatsAndLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := worldOf(t, 150)
		w.advance = errors.New("power cut")
		stop := run(t, made(w, p, io.Discard))
		wait(100 * time.Millisecond)
		stop()
		if p.has() != 150 || w.position(collector.StreamHours).Acked != 0 {
			t.Fatalf("%d points, position %v; want all of both batches, and none", p.has(), w.position(collector.StreamHours))
		}
		w.advance = nil
		run(t, made(w, p, io.Discard))
		wait(time.Second)
		p.same(t, w)
	})
}

func TestADestinationThatIsDownCostsNothingAndSaysSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		w.add(collector.StreamHours, hour(1, 1, 1, 1), hour(2, 1, 1, 1))
		p.set(down)
		var log bytes.Buffer
		o := made(w, p, &log)
		run(t, o)
		wait(30 * time.Minute)
		if n := p.requests(); n < 8 || n > 20 {
			t.Errorf("%d tries in half an hour", n)
		}
		if d := w.state(t); d.Behind != 10 || d.LagS < 1500 || d.LagS > 1800 || d.Error == "" || d.Stopped {
			t.Errorf("state %+v", d)
		}
		p.set(well)
		wait(7 * time.Minute)
		p.same(t, w)
		w.add(collector.StreamHours, hour(3, 1, 1, 1))
		wait(11 * time.Second)
		p.same(t, w)
		if d := w.state(t); d.Behind != 0 || d.LagS != 0 || d.Error != "" {
			t.Errorf("state %+v", d)
		}
		if n := strings.Count(log.String(), "delivered"); n != 2 {
			t.Errorf("%d log lines about it, want 2:\n%s", n, log.String())
		}
	})
}

func TestADestinationIsLeftAloneForAsLongAsItSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		w.add(collector.StreamHours, hour(1, 1, 1, 1))
		p.set(busy)
		o := made(w, p, io.Discard)
		run(t, o)
		wait(89*time.Second + 500*time.Millisecond)
		if p.requests() != 1 {
			t.Errorf("%d tries within the 90 s that it said", p.requests())
		}
		p.set(well)
		wait(12 * time.Second)
		p.same(t, w)
	})
}

func TestADestinationThatNeedsHelpKeepsItsDataAndIsProbedOnceAnHour(t *testing.T) {
	for _, f := range []fault{locked, nowhere} {
		synctest.Test(t, func(t *testing.T) {
			w, p := worldOf(t, 300)
			p.set(f)
			var log bytes.Buffer
			run(t, made(w, p, &log))
			wait(59 * time.Minute)
			if d := w.state(t); p.requests() != 1 || !d.Stopped || d.Behind != 300 || !strings.Contains(d.Error, "try again") {
				t.Errorf("%d tries, state %+v", p.requests(), d)
			}
			wait(3 * time.Hour)
			if p.requests() != 4 || p.taken()[1] != 1 || p.taken()[3] != 1 {
				t.Errorf("tries of %v points; want three more, of one point", p.taken())
			}
			if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
				t.Errorf("%d errors in the log, want 1:\n%s", n, log.String())
			}
			p.set(well)
			w.retry(false)
			wait(15 * time.Second)
			p.same(t, w)
			if d := w.state(t); d.Stopped || d.Error != "" {
				t.Errorf("state %+v", d)
			}
		})
	}
}

func TestADestinationThatWasHelpedIsFoundByItsProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		w.add(collector.StreamHours, hour(1, 1, 1, 1), hour(2, 1, 1, 1))
		p.set(locked)
		stop := run(t, made(w, p, io.Discard))
		wait(10 * time.Minute)
		p.set(well)
		wait(51 * time.Minute)
		p.same(t, w)
		p.set(locked)
		w.add(collector.StreamHours, hour(3, 1, 1, 1))
		wait(time.Minute)
		p.set(well)
		stop()
		run(t, made(w, p, io.Discard)) // whoever starts the collector again has done something
		wait(time.Second)
		p.same(t, w)
		if w.state(t).Stopped {
			t.Error("it is stopped still")
		}
	})
}

func TestWhatADestinationLostWhenItWasStartedAnewIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		o := made(w, p, io.Discard)
		run(t, o)
		for i := range 300 {
			w.add(collector.StreamHours, hour(i, 1+i%20, i%24, 1))
			wait(time.Second)
		}
		settled := w.position(collector.StreamHours).Settled
		if settled < 225 || settled > 245 {
			t.Errorf("settled %d of 300; want those of more than a minute ago", settled)
		}
		p.restart(20 * time.Second)
		if p.has() == 300 {
			t.Fatal("it lost nothing")
		}
		wait(6 * time.Second)
		p.same(t, w)
		if d := w.state(t); d.Restarts != 1 || d.RestartedOn != "2000-01-01" {
			t.Errorf("state %+v", d)
		}
		wait(2 * time.Minute)
		if at := w.position(collector.StreamHours); at.Settled != 300 {
			t.Errorf("position %+v", at)
		}
		p.restart(0)
		calls := p.requests()
		w.add(collector.StreamHours, hour(301, 1, 1, 1))
		wait(time.Minute)
		if p.same(t, w); p.requests()-calls > 3 {
			t.Errorf("%d requests after everything was settled", p.requests()-calls)
		}
	})
}

func TestDeletionsOfErasedMachinesAreRepeatedToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		w.add(collector.StreamHours, hour(1, 1, 1, 1), hour(2, 1, 1, 1), hour(1, 2, 1, 1))
		o := made(w, p, io.Discard)
		run(t, o)
		wait(5 * time.Minute)
		w.erase(1)
		wait(11 * time.Second)
		p.same(t, w)
		p.mu.Lock()
		p.points[nameOf(hour(1, 1, 1, 1))] = hour(1, 1, 1, 1) // the process that deleted it was killed
		p.mu.Unlock()
		p.restart(0)
		wait(6 * time.Second)
		p.same(t, w)
	})
}

func TestAFailedConnectionIsFollowedByWhatWasNotSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := worldOf(t, 50)
		o := made(w, p, io.Discard)
		run(t, o)
		wait(2 * time.Second)
		p.set(gone)
		w.add(collector.StreamHours, hour(51, 1, 1, 1))
		wait(9 * time.Second)
		p.set(well)
		before := p.requests()
		wait(20 * time.Second)
		if p.same(t, w); len(p.taken()) <= before || p.taken()[before] != 51 {
			t.Errorf("requests of %v points; want one with all 51", p.taken()[before:])
		}
	})
}

func TestAConnectionThatBreaksAgainAndAgainDoesNotKeepABacklogBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		o := made(w, p, io.Discard)
		run(t, o)
		wait(time.Second)
		for i := range 40 { // it breaks every 30 s, for 20 minutes
			for n := range 5 {
				w.add(collector.StreamHours, hour(5*i+n, 1, 1, 1))
				wait(4 * time.Second)
			}
			p.set(half)
			w.add(collector.StreamHours, hour(1000+i, 1, 1, 1))
			wait(5 * time.Second)
			p.set(well)
			wait(5 * time.Second)
		}
		if at := w.position(collector.StreamHours); at.Settled < 180 {
			t.Errorf("position %+v of 240: what is settled stays behind", at)
		}
		wait(3 * time.Minute)
		p.same(t, w)
	})
}

func TestAWeekOfBacklogComesOldestFirstAndDoesNotKeepOthersBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		p.set(gone)
		o := made(w, p, io.Discard)
		run(t, o)
		for day := range 7 {
			for i := range 2000 {
				w.add(collector.StreamHours, hour(i, 1+day, i%24, 1))
			}
			wait(24 * time.Hour)
		}
		site := collector.Point{Measurement: collector.SiteScore, Time: at(2, 0), Fields: collector.Fields{"mean": 1}}
		w.add(collector.StreamWebsites, site)
		w.erase(77)
		if d := w.state(t); d.LagS < 6*86_400 || d.Behind < 13_000 {
			t.Errorf("state %+v", d)
		}
		p.set(well)
		wait(6 * time.Minute)
		p.same(t, w)
		if p.largest() > 5000 {
			t.Errorf("%d points in one request", p.largest())
		}
		first, other := p.at(hour(0, 1, 0, 1)), p.at(hour(1999, 7, 1999%24, 1))
		if other.Before(first) {
			t.Errorf("the newest came at %v, the oldest at %v", other, first)
		}
	})
}

func TestHoursThatWereDeletedHereMeanwhileAreToldAsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		w.serve("1999-10-01")
		w.add(collector.StreamHours, hour(1, 1, 1, 1))
		var log bytes.Buffer
		o := made(w, p, &log)
		run(t, o)
		wait(time.Minute)
		p.set(gone)
		w.add(collector.StreamHours, hour(2, 1, 1, 1))
		wait(100 * 24 * time.Hour)
		w.serve("2000-01-11")
		p.set(well)
		wait(10 * time.Minute)
		if d := w.state(t); d.LostFrom != "2000-01-01" || d.LostTo != "2000-01-10" {
			t.Errorf("state %+v", d)
		}
		if n := strings.Count(log.String(), "from=2000-01-01 to=2000-01-10"); n != 1 {
			t.Errorf("said %d times:\n%s", n, log.String())
		}
	})
}

func TestAgainBeginsAtTheBeginningWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := worldOf(t, 300)
		run(t, made(w, p, io.Discard))
		wait(3 * time.Minute)
		p.empty() // somebody else put an empty disk into it
		w.retry(true)
		wait(11 * time.Second)
		p.same(t, w)
	})
}

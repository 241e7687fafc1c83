package outbox_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
)

// day is a point of a place on a date, which no stream brings.
func day(site string, date collector.Date, wh float64) collector.Point {
	at, _ := date.Midnight(time.UTC)
	return collector.Point{Measurement: collector.DayEnergy, Time: at, Tags: collector.Tags{{Name: "site", Value: site}}, Fields: collector.Fields{"wh": wh}}
}

// have lets a point be told without being a change of any stream.
func (w *world) have(points ...collector.Point) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range points {
		w.points[nameOf(p)] = p
	}
}

// drop takes points away from the place.
func (p *place) drop(points ...collector.Point) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range points {
		delete(p.points, nameOf(x))
	}
}

// put puts points into the place behind the outbox's back.
func (p *place) put(points ...collector.Point) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range points {
		p.points[nameOf(x)] = x
	}
}

// filled is a world with hours, days and months, and an outbox that has delivered what streams bring.
func filled(t *testing.T) (w *world, p *place, compare func() error, log *bytes.Buffer) {
	t.Helper()
	w, p, log = newWorld(), newPlace(t), new(bytes.Buffer)
	for i := range 300 {
		w.add(collector.StreamHours, hour(i%10, 1+i%30, i%24, float64(i)))
	}
	month := day("1", "1998-01-01", 7000)
	month.Measurement = collector.MonthEnergy
	w.have(day("1", "1999-12-30", 100), day("2", "1999-12-30", 200), day("1", "1996-05-05", 300), month)
	o := made(w, p, log)
	run(t, o)
	wait(time.Minute)
	return w, p, func() error { return o.Compare(t.Context(), collector.DateOf(time.Now())) }, log
}

func TestANewDestinationGetsDaysAndMonthsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, _, log := filled(t)
		p.same(t, w)
		if d := w.state(t); d.ComparedOn != "2000-01-01" || d.Differences != 0 || d.Comparison != "" || strings.Contains(log.String(), "differ ") {
			t.Errorf("state %+v\n%s", d, log.String())
		}
	})
}

func TestEachNightTheDaysThatDifferAreSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, compare, log := filled(t)
		lost, wrong := hour(5, 6, 5, 5), hour(7, 8, 7, 1e6)
		p.drop(lost, day("2", "1999-12-30", 200))
		p.put(wrong)
		w.have(day("1", "1999-12-31", 50))
		wait(24 * time.Hour)
		if err := compare(); err != nil {
			t.Fatal(err)
		}
		p.same(t, w)
		d := w.state(t)
		if d.ComparedOn != "2000-01-02" || d.Differences != 2 || d.Comparison != "" {
			t.Errorf("state %+v", d)
		}
		for _, said := range []string{"measurement=hour_energy day=1999-12-06 points=4 points_there=3", "measurement=hour_energy day=1999-12-08 points=4 points_there=4"} {
			if !strings.Contains(log.String(), said) {
				t.Errorf("the log does not say %q:\n%s", said, log.String())
			}
		}
	})
}

func TestPointsThatAreThereAndShouldNotBeAreDeleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, compare, _ := filled(t)
		p.put(hour(999, 6, 6, 5), hour(999, 31, 6, 5), day("9", "1999-12-30", 1), day("9", "1999-12-29", 1))
		wait(24 * time.Hour)
		if err := compare(); err != nil {
			t.Fatal(err)
		}
		p.same(t, w)
		if d := w.state(t); d.Comparison != "" {
			t.Errorf("state %+v", d)
		}
	})
}

func TestADayThatDiffersStillIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, compare, log := filled(t)
		p.put(hour(999, 6, 6, 5))
		p.be(func() { p.stuck = true })
		wait(24 * time.Hour)
		if err := compare(); err != nil {
			t.Fatal(err)
		}
		d := w.state(t)
		if d.Differences != 1 || !strings.Contains(d.Comparison, "hour_energy of 1999-12-06: it should have 4 points and has 5") || !strings.Contains(log.String(), "differs still") {
			t.Errorf("state %+v\n%s", d, log.String())
		}
	})
}

func TestADestinationThatCountsWronglyIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, compare, _ := filled(t)
		p.be(func() { p.lies = 3 })
		wait(24 * time.Hour)
		if err := compare(); err != nil {
			t.Fatal(err)
		}
		p.same(t, w)
		if d := w.state(t); d.Differences != 30 || !strings.Contains(d.Comparison, "32 days differ still") { // with the one date of days within the window, and the month
			t.Errorf("state %+v", d)
		}
	})
}

func TestPointsInQuarantineAreNoDifference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		p.bad = func(x collector.Point) bool { return x.Tags.Get("machine") == "7" }
		for i := range 100 {
			w.add(collector.StreamHours, hour(i, 20, 1, float64(i)))
		}
		o := made(w, p, io.Discard)
		run(t, o)
		wait(time.Hour)
		calls := p.requests()
		if err := o.Compare(t.Context(), "2000-01-02"); err != nil {
			t.Fatal(err)
		}
		p.same(t, w)
		if d := w.state(t); d.Differences != 0 || d.Comparison != "" || p.requests() != calls || d.Refused != 1 {
			t.Errorf("%d requests, state %+v", p.requests()-calls, d)
		}
	})
}

func TestADayThatMovesWhileItIsComparedIsNoDifference(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, compare, _ := filled(t)
		wait(24 * time.Hour)
		stop := make(chan struct{})
		go func() { // late records come all the time, to the same day
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
					w.add(collector.StreamHours, hour(100+i, 6, 6, float64(i)))
					nap(time.Microsecond)
				}
			}
		}()
		err := compare()
		close(stop)
		if err != nil {
			t.Fatal(err)
		}
		wait(time.Minute)
		p.same(t, w)
		if d := w.state(t); d.Differences != 0 || d.Comparison != "" {
			t.Errorf("state %+v", d)
		}
	})
}

func TestWhatCannotBeComparedSaysWhy(t *testing.T) {
	for _, f := range []fault{gone, locked, busy} {
		synctest.Test(t, func(t *testing.T) {
			w, p, compare, _ := filled(t)
			wait(24 * time.Hour)
			p.set(f)
			if err := compare(); err == nil || !strings.Contains(err.Error(), "try again") {
				t.Errorf("got %v", err)
			}
			if d := w.state(t); d.ComparedOn != "2000-01-01" || d.Comparison == "" || d.Stopped {
				t.Errorf("state %+v", d)
			}
		})
	}
}

func TestAComparisonEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		w.add(collector.StreamHours, hour(1, 1, 1, 1))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := made(w, p, io.Discard).Compare(ctx, "2000-01-02"); err == nil {
			t.Error("no error")
		}
	})
}

func TestADestinationThatWasThrownAwayGetsAllBackThatTheLedgerHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, compare, log := filled(t)
		w.add(collector.StreamHours, hour(3, -40, 5, 7)) // of October
		w.add(collector.StreamWebsites, collector.Point{Measurement: collector.SiteScore, Time: at(-900, 0), Fields: collector.Fields{"mean": 1}},
			collector.Point{Measurement: collector.SiteScore, Time: at(9, 0), Fields: collector.Fields{"mean": 2}})
		wait(24 * time.Hour)
		p.same(t, w)
		p.empty()
		if err := compare(); err != nil {
			t.Fatal(err)
		}
		p.same(t, w)
		if d := w.state(t); d.Comparison != "" || strings.Count(log.String(), "all that the ledger has is compared") != 3 {
			t.Errorf("state %+v\n%s", d, log.String())
		}
	})
}

func TestANightLooksNoFurtherBackWhereTheFirstDayIsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, compare, log := filled(t)
		wait(24 * time.Hour)
		p.drop(hour(5, 6, 5, 5), day("1", "1996-05-05", 300))
		if err := compare(); err != nil {
			t.Fatal(err)
		}
		if p.value(hour(5, 6, 5, 5)) == 0 || p.has() != len(w.points)-1 || strings.Contains(log.String(), "all that the ledger has is compared") {
			t.Errorf("%d points of %d\n%s", p.has(), len(w.points), log.String())
		}
	})
}

func TestADestinationThatWasAwayAtNightIsComparedWhenItIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, compare, _ := filled(t)
		w.have(day("1", "1999-12-31", 50))
		wait(24 * time.Hour)
		p.set(gone)
		if err := compare(); err == nil {
			t.Fatal("it was compared while it was gone")
		}
		wait(20 * time.Minute)
		p.set(well)
		wait(2 * time.Hour)
		p.same(t, w)
		if d := w.state(t); d.ComparedOn != "2000-01-02" || d.Comparison != "" {
			t.Errorf("state %+v", d)
		}
	})
}

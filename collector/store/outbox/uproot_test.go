package outbox_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
)

// vanished is a world some of whose days are no more, and a destination that deletes whole series only and has them still: those of place 2, which has
// days of years ago besides, on which place 3 has days too.
func vanished(t *testing.T) (w *world, p *place, log *bytes.Buffer) {
	t.Helper()
	w, p, log = newWorld(), newPlace(t), new(bytes.Buffer)
	p.whole = true
	for _, date := range []collector.Date{"1996-05-05", "1997-06-06", "1999-12-29", "1999-12-30"} {
		w.have(day("1", date, 100), day("2", date, 200), day("3", date, 300))
	}
	w.have(day("1", "1999-10-04", 100)) // the first day that a night compares is whole, so that it does not look further back
	stop := run(t, made(w, p, log))
	wait(5 * time.Minute)
	stop()
	p.same(t, w)
	for _, date := range []collector.Date{"1999-12-29", "1999-12-30"} {
		w.lose(day("2", date, 200))
	}
	wait(24 * time.Hour)
	return w, p, log
}

// lose takes points out of the world.
func (w *world) lose(points ...collector.Point) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range points {
		delete(w.points, nameOf(p))
	}
}

func TestADayThatVanishedGoesWithItsSeriesAndWhatElseThatHadIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, log := vanished(t)
		pulled := 0
		p.be(func() { p.pulled = func() { pulled++ } })
		o := made(w, p, log)
		run(t, o)
		wait(time.Second)
		if err := o.Compare(t.Context(), "2000-01-02"); err != nil {
			t.Fatal(err)
		}
		p.same(t, w)
		if d := w.state(t); d.ComparedOn != "" || d.Comparison != "" || pulled != 1 || !strings.Contains(log.String(), "series=1") {
			t.Errorf("%d times, state %+v\n%s", pulled, d, log.String())
		}
		wait(30 * time.Second)
		p.drop(day("2", "1996-05-05", 200)) // it was not on the disk there
		wait(3 * time.Minute)
		p.same(t, w)
		if d := w.state(t); d.ComparedOn != "2000-01-02" || d.Comparison != "" || pulled != 1 {
			t.Errorf("%d times, state %+v", pulled, d)
		}
	})
}

func TestWhoDiesBetweenDeletingSeriesAndSendingThemAgainIsFollowedByAComparisonOfEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, log := vanished(t)
		ctx, die := context.WithCancel(t.Context())
		p.be(func() { p.pulled = die })
		o := made(w, p, log)
		stop := run(t, o)
		wait(time.Second)
		if err := o.Compare(ctx, "2000-01-02"); err == nil {
			t.Fatal("it was not killed")
		}
		stop()
		if n := p.has(); n != 9 {
			t.Errorf("it has %d points after series were deleted", n)
		}
		p.be(func() { p.pulled = nil })
		run(t, made(w, p, log))
		wait(10 * time.Minute)
		p.same(t, w)
		if d := w.state(t); d.ComparedOn != "2000-01-02" || d.Comparison != "" {
			t.Errorf("state %+v", d)
		}
	})
}

func TestSeriesThatSomethingElseWritesAgainAreDeletedOnceANight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p, log := vanished(t)
		wrong, pulled := []collector.Point{day("9", "1999-12-29", 1), day("9", "1999-12-30", 1)}, 0
		p.be(func() {
			p.pulled = func() {
				pulled++
				for _, x := range wrong {
					p.points[nameOf(x)] = x
				}
			}
		})
		p.put(wrong...)
		o := made(w, p, log)
		run(t, o)
		wait(time.Second)
		for night := range 2 {
			if err := o.Compare(t.Context(), collector.DateOf(time.Now())); err != nil {
				t.Fatal(err)
			}
			wait(24*time.Hour - time.Minute)
			d := w.state(t)
			if pulled != night+1 || d.Still != 2 || !strings.Contains(d.Comparison, "give Veille a database of its own") || d.ComparedOn == "" {
				t.Errorf("night %d: %d times, state %+v", night, pulled, d)
			}
		}
		p.drop(wrong...)
		p.same(t, w)
	})
}

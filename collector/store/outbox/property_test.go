package outbox_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
)

// TestWhateverFailsTheDestinationHasEveryPointOnceAtTheEnd lets a destination and a collector fail in every way and order, while records come, are
// replaced and erased.
func TestWhateverFailsTheDestinationHasEveryPointOnceAtTheEnd(t *testing.T) {
	for seed := range uint64(40) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(10, seed))
			w, p := newWorld(), newPlace(t)
			bad := r.IntN(20)
			p.bad = func(x collector.Point) bool { // whatever its values are
				machine, _ := strconv.Atoi(x.Tags.Get("machine"))
				return (machine*24+x.Time.Hour())%20 == bad
			}
			machines := make([]int, 40)
			for i := range machines {
				machines[i] = i
			}
			o := made(w, p, io.Discard)
			stop := run(t, o)
			for range 60 {
				switch r.IntN(12) {
				case 0, 1, 2, 3, 4: // records come, or grow
					for range r.IntN(250) {
						w.add(collector.StreamHours, hour(machines[r.IntN(40)], 1+r.IntN(30), r.IntN(24), float64(w.last)))
					}
				case 5:
					i := r.IntN(40)
					w.erase(machines[i])
					machines[i] += 100 // no number is given twice
				case 6, 7:
					p.set(fault(r.IntN(int(faults))))
				case 8:
					p.set(well)
				case 9:
					p.restart(time.Duration(r.IntN(55)) * time.Second)
				case 10: // the collector is killed, perhaps between delivery and position
					if r.IntN(2) == 0 {
						w.mu.Lock()
						w.advance = errors.New("killed")
						w.mu.Unlock()
						wait(time.Duration(r.IntN(3)) * time.Second)
					}
					stop()
					w.mu.Lock()
					w.advance = nil
					w.mu.Unlock()
					o = made(w, p, io.Discard)
					stop = run(t, o)
				case 11:
					w.retry(r.IntN(2) == 0)
				}
				wait(time.Duration(r.IntN(100_000)) * time.Millisecond)
			}
			p.set(well)
			w.retry(false)
			wait(10 * time.Minute)
			p.same(t, w)
			for _, s := range []collector.Stream{collector.StreamHours, collector.StreamErased} {
				at := w.position(s)
				if n, _ := w.Behind(t.Context(), s, at.Settled); n > 0 || at.Acked != at.Settled {
					t.Errorf("%s: position %+v, %d behind", s, at, n)
				}
			}
			if err := o.Compare(t.Context(), "2000-02-02"); err != nil {
				t.Error(err)
			}
			if d := w.state(t); d.Differences != 0 || d.Comparison != "" || d.Behind != 0 || d.Error != "" {
				t.Errorf("state %+v", d)
			}
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		})
	}
}

package relational_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/lease"
	servers "veille/collector/store/engines"
	"veille/collector/store/relational"
)

// wait waits, and no longer than ctx.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func TestALeaseIsOneHoldersUntilHeGivesItBackOrItRunsOut(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		one, two := at.open(t), at.open(t)
		held := func(s *relational.Store, job, holder string, length time.Duration) bool {
			t.Helper()
			held, err := s.Lease(t.Context(), collector.Lease{Job: job, Holder: holder, For: length})
			if err != nil {
				t.Error(err)
			}
			return held
		}
		release := func(s *relational.Store, job, holder string) {
			t.Helper()
			if err := s.Release(t.Context(), collector.Lease{Job: job, Holder: holder}); err != nil {
				t.Error(err)
			}
		}
		if !held(one, "crawl", "a", time.Minute) || held(two, "crawl", "b", time.Minute) || !held(one, "crawl", "a", time.Minute) || !held(two, "roll-up", "b", time.Minute) {
			t.Error("a lease is not one holder's, or more than one job is")
		}
		release(two, "crawl", "b") // who does not have it
		if held(two, "crawl", "b", time.Minute) {
			t.Error("who does not have it gave it back")
		}
		release(one, "crawl", "a")
		if !held(two, "crawl", "b", time.Minute) {
			t.Error("it was given back, and nobody gets it")
		}
		const short = 400 * time.Millisecond
		start := time.Now()
		if !held(two, "crawl", "b", short) || time.Since(start) < short && held(one, "crawl", "a", short) && time.Since(start) < short {
			t.Error("a shorter lease is none")
		}
		for !held(one, "crawl", "a", time.Minute) {
			if time.Since(start) > 30*time.Second {
				t.Fatal("it does not run out")
			}
			wait(t.Context(), 20*time.Millisecond)
		}
		if took := time.Since(start); took < short-50*time.Millisecond { // the clock of the database is another one
			t.Errorf("it ran out after %v", took)
		}
	})
}

func TestALeaseOfAnUnusableTimeIsRefused(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		for _, l := range []collector.Lease{
			{Holder: "a", For: time.Second}, {Job: "crawl", For: time.Second}, {Job: "crawl", Holder: "a"}, {Job: "crawl", Holder: "a", For: -1}, {Job: "crawl", Holder: "a", For: 2 * time.Hour},
		} {
			if held, err := s.Lease(t.Context(), l); held || err == nil || !strings.Contains(err.Error(), "1h0m0s") {
				t.Errorf("%+v: %v, %v", l, held, err)
			}
		}
		if held, err := s.Lease(t.Context(), collector.Lease{Job: "crawl", Holder: "b", For: time.Hour}); !held || err != nil {
			t.Errorf("%v, %v", held, err)
		}
	})
}

// The clock of the database was ahead for a day, and was put right.
func TestALeaseOfAWrongClockKeepsNobodyFromHisWork(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		for ahead, want := range map[int]bool{-3600: true, 3590: false, 86_400: true} {
			if held, err := s.Lease(t.Context(), collector.Lease{Job: fmt.Sprint(ahead), Holder: "a", For: time.Second}); !held || err != nil {
				t.Fatal(held, err)
			}
			if err := at.raw(t, fmt.Sprintf("UPDATE lease SET until = until + %d WHERE job = '%d'", ahead, ahead)); err != nil {
				t.Fatal(err)
			}
			if held, err := s.Lease(t.Context(), collector.Lease{Job: fmt.Sprint(ahead), Holder: "b", For: time.Second}); held != want || err != nil {
				t.Errorf("of one that ends in %d seconds: %v, %v; want %v", ahead, held, err, want)
			}
		}
	})
}

// mortal is a ledger whose collector can be killed: it asks for nothing any more, and gives nothing back.
type mortal struct {
	*relational.Store

	dead atomic.Bool
}

// Lease fails when the collector is dead.
func (m *mortal) Lease(ctx context.Context, l collector.Lease) (bool, error) {
	if m.dead.Load() {
		return false, errors.New("killed")
	}
	return m.Store.Lease(ctx, l)
}

// Release fails when the collector is dead.
func (m *mortal) Release(ctx context.Context, l collector.Lease) error {
	if m.dead.Load() {
		return errors.New("killed")
	}
	return m.Store.Release(ctx, l)
}

// shift is how collectors took turns at a job.
type shift struct {
	mu      sync.Mutex
	doing   int
	turns   []int     // who began, by number
	began   time.Time // when the last one did
	stopped time.Time // when the last one did
	twice   int
}

// work is what collector n does until it is told to stop.
func (x *shift) work(ctx context.Context, n int) {
	x.change(func() {
		if x.doing++; x.doing > 1 {
			x.twice++
		}
		x.turns, x.began = append(x.turns, n), time.Now()
	})
	<-ctx.Done()
	x.change(func() { x.doing, x.stopped = x.doing-1, time.Now() })
}

func (x *shift) change(do func()) { x.mu.Lock(); defer x.mu.Unlock(); do() }

// until waits until something is so, and fails after a while.
func (x *shift) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for start := time.Now(); ; wait(t.Context(), 10*time.Millisecond) {
		var so bool
		if x.change(func() { so = is() }); so {
			return
		}
		if time.Since(start) > time.Minute {
			t.Fatalf("after a minute not yet: %s", what)
		}
	}
}

func TestOfSeveralCollectorsOneDoesTheJobAndAnotherWhenItIsKilled(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		const length = 3 * time.Second
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		var all sync.WaitGroup
		var x shift
		var ledgers []*mortal
		for n := range 3 {
			m := &mortal{Store: at.open(t)}
			ledgers = append(ledgers, m)
			all.Go(func() {
				lease.KeepFor(ctx, m, collector.Lease{Job: "roll-up", Holder: fmt.Sprint("collector ", n), For: length}, func(ctx context.Context) { x.work(ctx, n) })
			})
		}
		var dead []int
		for range 2 {
			x.until(t, "somebody does the job", func() bool { return x.doing == 1 })
			wait(ctx, length/2)
			var killed time.Time
			x.until(t, "somebody is at it", func() bool {
				if x.doing == 1 {
					dead, killed = append(dead, x.turns[len(x.turns)-1]), time.Now()
					ledgers[dead[len(dead)-1]].dead.Store(true)
				}
				return x.doing == 1
			})
			x.until(t, "another does the job", func() bool { return !slices.Contains(dead, x.turns[len(x.turns)-1]) })
			x.change(func() {
				if took := x.began.Sub(killed); took > length*7/6+2*time.Second { // this machine does other things too
					t.Errorf("another began %v after", took)
				}
			})
		}
		stop()
		all.Wait()
		if x.twice > 0 {
			t.Errorf("the turns were %v, and %d times two did the job at once", x.turns, x.twice)
		}
	})
}

// Somebody else writes and does not come to an end, so that nothing can be renewed.
func TestACollectorThatCannotWriteToItsLedgerStopsTheJobInTime(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		const length = 3 * time.Second
		ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
		var all sync.WaitGroup
		var x shift
		s := at.open(t)
		all.Go(func() {
			lease.KeepFor(ctx, s, collector.Lease{Job: "roll-up", Holder: "a", For: length}, func(ctx context.Context) { x.work(ctx, 1) })
		})
		x.until(t, "the job is done", func() bool { return len(x.turns) == 1 })
		wait(ctx, length/2)
		release := at.lock(t)
		locked := time.Now()
		x.until(t, "the job has stopped", func() bool { return !x.stopped.IsZero() })
		x.change(func() {
			if took := x.stopped.Sub(locked); took > length {
				t.Errorf("it stopped after %v", took)
			}
		})
		release()
		x.until(t, "it goes on", func() bool { return len(x.turns) == 2 })
		stop()
		all.Wait()
	})
}

func TestACollectorWhoseServerIsKilledStopsTheJobInTimeAndGoesOnAfterwards(t *testing.T) {
	t.Parallel()
	own := servers.Postgres(t)
	s := inDatabase(own.Database(t)).open(t)
	const length = 3 * time.Second
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var all sync.WaitGroup
	var x shift
	all.Go(func() {
		lease.KeepFor(ctx, s, collector.Lease{Job: "roll-up", Holder: "a", For: length}, func(ctx context.Context) { x.work(ctx, 1) })
	})
	x.until(t, "the job is done", func() bool { return len(x.turns) == 1 })
	wait(ctx, length/2)
	own.Kill()
	killed := time.Now()
	x.until(t, "the job has stopped", func() bool { return !x.stopped.IsZero() })
	x.change(func() {
		if took := x.stopped.Sub(killed); took > length {
			t.Errorf("it stopped after %v", took)
		}
	})
	if err := own.Start(); err != nil {
		t.Fatal(err)
	}
	x.until(t, "it goes on", func() bool { return len(x.turns) == 2 })
	stop()
	all.Wait()
}

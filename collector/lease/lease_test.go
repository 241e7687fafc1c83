package lease_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/lease"
)

// ledger keeps leases as a database does: it counts from when it does what it was asked for.
type ledger struct {
	mu     sync.Mutex
	holder map[string]string
	until  map[string]time.Time
	asked  int
	given  time.Time // when it gave a lease last

	// before is called before each question is answered, and says what is wrong; nil: nothing ever is.
	before func(context.Context) error
	// after is called when it was done, before the answer comes.
	after func(context.Context) error
}

func newLedger() *ledger { return &ledger{holder: map[string]string{}, until: map[string]time.Time{}} }

// Lease gives a lease where nobody else has it.
func (l *ledger) Lease(ctx context.Context, x collector.Lease) (held bool, err error) {
	err = l.do(ctx, func() {
		l.asked++
		now := time.Now()
		if l.holder[x.Job] == x.Holder || !l.until[x.Job].After(now) {
			l.holder[x.Job], l.until[x.Job], l.given, held = x.Holder, now.Add(x.For), now, true
		}
	})
	return held && err == nil, err
}

// Release gives it back.
func (l *ledger) Release(ctx context.Context, x collector.Lease) error {
	return l.do(ctx, func() {
		if l.holder[x.Job] == x.Holder {
			delete(l.until, x.Job)
		}
	})
}

func (l *ledger) do(ctx context.Context, what func()) error {
	if l.before != nil {
		if err := l.before(ctx); err != nil {
			return err
		}
	}
	l.mu.Lock()
	what()
	l.mu.Unlock()
	if l.after != nil {
		return l.after(ctx)
	}
	return nil
}

// wait waits, and no longer than ctx.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// Whatever the ledger does, and however long collectors take to stop within what they may, no two do the job at once; and it is done.
func TestNoTwoEverDoAJobAtOnce(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				random := rand.New(rand.NewPCG(seed, 10))
				n := func(most int) int { mu.Lock(); defer mu.Unlock(); return random.IntN(most) }
				l := newLedger()
				trouble := func(ctx context.Context) error {
					switch n(10) {
					case 0:
						return errors.New("the server is gone")
					case 1: // it answers late, whatever its context says
						wait(context.WithoutCancel(ctx), time.Duration(n(60))*time.Second)
					case 2, 3:
						wait(ctx, time.Duration(n(5000))*time.Millisecond)
					}
					return ctx.Err()
				}
				l.before, l.after = trouble, trouble
				ctx, stop := context.WithTimeout(t.Context(), 3*time.Hour)
				defer stop()
				var doing, most atomic.Int32
				var done time.Duration
				var all sync.WaitGroup
				for i := range 4 {
					all.Go(func() {
						lease.Keep(ctx, l, "roll-up", fmt.Sprint("collector ", i), func(ctx context.Context) {
							if doing.Add(1) > 1 {
								t.Errorf("collector %d does the job, and somebody else does", i)
							}
							start := time.Now()
							wait(ctx, time.Duration(n(600))*time.Second) // it may be ready, or be told to stop
							if ctx.Err() != nil {
								wait(context.WithoutCancel(ctx), time.Duration(n(4_999))*time.Millisecond)
							}
							mu.Lock()
							done += time.Since(start)
							mu.Unlock()
							most.Store(max(most.Load(), doing.Load()))
							doing.Add(-1)
						})
					})
				}
				all.Wait()
				wait(context.WithoutCancel(ctx), time.Hour) // late answers
				if done < 90*time.Minute {
					t.Errorf("of three hours the job was done for %v", done)
				}
			})
		})
	}
}

func TestAHolderWhoseLedgerIsGoneStopsBeforeItsLeaseHasRunOut(t *testing.T) {
	for name, gone := range map[string]func(context.Context) error{
		"it refuses":           func(context.Context) error { return errors.New("no connection") },
		"it heeds the context": func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) },
		"it never answers": func(ctx context.Context) error {
			wait(context.WithoutCancel(ctx), time.Hour)
			return errors.New("cut off")
		},
		"it does what it is asked, in its time": func(ctx context.Context) error { wait(context.WithoutCancel(ctx), time.Hour); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLedger()
				var dead atomic.Bool
				l.before = func(ctx context.Context) error {
					if dead.Load() {
						return gone(ctx)
					}
					return nil
				}
				ctx, stop := context.WithCancel(t.Context())
				var all sync.WaitGroup
				var stopped atomic.Int64
				all.Go(func() {
					lease.Keep(ctx, l, "roll-up", "a", func(ctx context.Context) {
						<-ctx.Done()
						if !errors.Is(context.Cause(ctx), lease.ErrLost) {
							t.Errorf("it was stopped because of %v", context.Cause(ctx))
						}
						stopped.Store(time.Now().UnixNano())
					})
				})
				wait(ctx, 10*time.Minute+7*time.Second)
				dead.Store(true)
				wait(ctx, time.Minute)
				l.mu.Lock()
				runs, end := time.Unix(0, stopped.Load()).Sub(l.given), l.until["roll-up"].Sub(l.given)
				l.mu.Unlock()
				if runs < lease.Length/2 || runs > end-lease.Length/6 || end != lease.Length {
					t.Errorf("it stopped %v after its lease was renewed last, which then lasted %v", runs, end)
				}
				stop()
				all.Wait()
				wait(t.Context(), 2*time.Hour)
			})
		})
	}
}

func TestAnErrorOrTwoStopNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		questions, runs := 0, 0
		l.before = func(context.Context) error {
			if questions++; questions > 1 && questions%3 > 0 {
				return errors.New("try again")
			}
			return nil
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Hour)
		defer stop()
		lease.Keep(ctx, l, "roll-up", "a", func(ctx context.Context) { runs++; <-ctx.Done() })
		if runs != 1 || questions < 200 {
			t.Errorf("the job was begun %d times, with %d questions", runs, questions)
		}
	})
}

func TestWhenACollectorHasDiedAnotherBeginsSoonAfterItsLeaseHasRunOut(t *testing.T) {
	for died := range 20 { // it renewed its lease for so many seconds
		synctest.Test(t, func(t *testing.T) {
			l := newLedger()
			x := collector.Lease{Job: "roll-up", Holder: "dead", For: lease.Length}
			if held, err := l.Lease(t.Context(), x); err != nil || !held {
				t.Fatal(held, err)
			}
			ctx, stop := context.WithCancel(t.Context())
			var began time.Time
			var all sync.WaitGroup
			all.Go(func() {
				lease.Keep(ctx, l, "roll-up", "b", func(context.Context) { began = time.Now(); stop() })
			})
			wait(ctx, time.Duration(died)*time.Second)
			if held, err := l.Lease(t.Context(), x); err != nil || !held {
				t.Fatal(held, err)
			}
			last := time.Now()
			all.Wait()
			if took := began.Sub(last); took < lease.Length || took > lease.Length*7/6 {
				t.Errorf("another began %v after", took)
			}
		})
	}
}

func TestACollectorThatStopsGivesItsLeaseBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		first, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		var ended, began time.Time
		all.Go(func() {
			lease.Keep(first, l, "roll-up", "a", func(ctx context.Context) { <-ctx.Done(); ended = time.Now() })
		})
		wait(t.Context(), time.Second)
		ctx, end := context.WithCancel(t.Context())
		all.Go(func() {
			lease.Keep(ctx, l, "roll-up", "b", func(context.Context) { began = time.Now(); end() })
		})
		wait(t.Context(), time.Minute)
		stop()
		all.Wait()
		if took := began.Sub(ended); took > lease.Length/6 {
			t.Errorf("the other began %v after", took)
		}
	})
}

func TestAJobThatIsReadyIsDoneAgainAfterAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute-time.Second)
		defer stop()
		runs := 0
		lease.Keep(ctx, l, "roll-up", "a", func(context.Context) { runs++ })
		if runs != 60 {
			t.Errorf("it was done %d times in ten minutes; want it every third of %v", runs, lease.Length)
		}
	})
}

func TestALeaseThatIsSomebodyElsesEndsTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		ctx, stop := context.WithCancel(t.Context())
		runs := 0
		go func() {
			wait(ctx, 15*time.Second)
			l.mu.Lock() // a person has restored a backup of the ledger, or has set its clock
			l.holder["roll-up"], l.until["roll-up"] = "b", time.Now().Add(time.Hour)
			l.mu.Unlock()
			wait(ctx, lease.Length/3)
			stop()
		}()
		lease.Keep(ctx, l, "roll-up", "a", func(ctx context.Context) {
			runs++
			<-ctx.Done()
			if !errors.Is(context.Cause(ctx), lease.ErrLost) {
				t.Errorf("it was stopped because of %v", context.Cause(ctx))
			}
		})
		if runs != 1 {
			t.Errorf("it was begun %d times", runs)
		}
	})
}

func TestNothingIsAskedAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		ctx, stop := context.WithCancel(t.Context())
		stop()
		lease.Keep(ctx, l, "roll-up", "a", func(context.Context) { t.Error("the job was begun") })
		if l.asked != 0 {
			t.Errorf("%d questions", l.asked)
		}
	})
}

func TestAJobThatIsDoneOnceKeepsItsLeaseAndNobodyElseDoesItMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		mine := collector.Lease{Job: "roll-up", Holder: "a", For: lease.Length}
		theirs := mine
		theirs.Holder = "b"
		failed := errors.New("it failed")
		err := lease.Once(t.Context(), l, mine, func(ctx context.Context) error {
			wait(ctx, 10*lease.Length) // it is renewed
			if err := lease.Once(ctx, l, theirs, func(context.Context) error { t.Error("two do it"); return nil }); !errors.Is(err, lease.ErrTaken) {
				t.Errorf("the other is told %v", err)
			}
			return failed
		})
		if !errors.Is(err, failed) || errors.Is(err, lease.ErrLost) {
			t.Errorf("%v; want what the job said", err)
		}
		done := false
		if err := lease.Once(t.Context(), l, theirs, func(context.Context) error { done = true; return nil }); err != nil || !done {
			t.Errorf("after it was given back: %v, done %t", err, done)
		}
	})
}

func TestAJobThatIsDoneOnceEndsWhenItsLeaseCannotBeRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, gone := newLedger(), errors.New("the ledger is gone")
		var away atomic.Bool
		l.before = func(context.Context) error {
			if away.Load() {
				return gone
			}
			return nil
		}
		began := time.Now()
		err := lease.Once(t.Context(), l, collector.Lease{Job: "roll-up", Holder: "a", For: lease.Length}, func(ctx context.Context) error {
			away.Store(true)
			<-ctx.Done()
			return ctx.Err()
		})
		if took := time.Since(began); !errors.Is(err, lease.ErrLost) || took > lease.Length {
			t.Errorf("%v after %v", err, took)
		}
		if err := lease.Once(t.Context(), l, collector.Lease{Job: "roll-up", Holder: "a", For: lease.Length}, nil); !errors.Is(err, gone) {
			t.Errorf("without a ledger it says %v", err)
		}
	})
}

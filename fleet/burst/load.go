package burst

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Load is one run of a plan.
type Load struct {
	way   Way
	plan  Plan
	to    *target
	ids   *Identities
	stock *stock
	packs packers
	tell  func(done, all int64)

	states []state // of each machine; each is touched by one worker
	start  time.Time
	until  time.Time // of the last new post of one record; zero: no bound

	tickets atomic.Int64 // posts of one record begun
	done    atomic.Int64 // posts answered 200, or machines checked
	heard   atomic.Int64 // when anything was answered last, nanoseconds since start
	stop    context.CancelCauseFunc
}

// state is what one machine has to do in this run, and what became of it.
type state struct {
	first   int   // its place when the run began
	goal    int   // place at which it is done
	acked   int64 // when the run began
	refused int   // records of this run that the collector will never take
	unsure  int   // records of the last post, while no answer says what became of them
	tries   int   // failures in a row
	lost    bool  // it gave up
	short   int64 // records that the collector said it no longer has
	seen    bool  // it was checked
}

// New prepares a run with the machines in ids. tell, which may be nil, is told once a second how many posts are answered, of how many,
// 0 if that is not known; then how many machines are checked.
func New(w Way, p Plan, ids *Identities, records Records, tell func(done, all int64)) (*Load, error) {
	w = w.complete()
	to, err := newTarget(w)
	if err != nil {
		return nil, err
	}
	if ids.Collector != w.Collector {
		return nil, fmt.Errorf("the machines are enrolled at %s, not at %s", ids.Collector, w.Collector)
	}
	if n := ids.enrolled(); p.Machines < 1 || n < p.Machines {
		return nil, fmt.Errorf("%d machines are enrolled, and %d are to post", n, p.Machines)
	}
	days, err := ids.days(time.Now())
	if err != nil {
		return nil, err
	}
	l := &Load{way: w, plan: p, to: to, ids: ids, packs: packers{how: p.Pack}, tell: tell, states: make([]state, p.Machines)}
	if l.stock, err = newStock(records, days); err != nil {
		return nil, err
	}
	for i := range l.states {
		m, all := ids.Machines[i], l.stock.of(i)
		s := &l.states[i]
		s.first, s.goal, s.acked = m.Place, len(all), m.Acked
		if p.Days > 0 {
			s.goal = min(len(all), goal(all, m.Place, p.Days))
		}
		s.goal = max(s.goal, s.first)
	}
	return l, nil
}

// goal is the place after the records of so many days, from a place on.
func goal(all []template, place, days int) int {
	for date := ""; place < len(all); place++ {
		if all[place].date != date {
			if days == 0 {
				break
			}
			date = all[place].date
			days--
		}
	}
	return place
}

// errPatience ends a run in which nobody answers.
var errPatience = errors.New("the collector answers no more")

// Run posts, and checks what was acknowledged. When ctx ends it stops, and does not check. Its error is an ErrUnreachable, when nothing
// at all was taken; the report is told by Report.Err.
func (l *Load) Run(ctx context.Context) (*Report, error) {
	if err := reach(ctx, l.to); err != nil {
		return nil, err
	}
	within, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	l.stop = stop
	began := l.cpu()
	workers := l.post(within)
	report := l.report(workers)
	if took := l.cpu() - began; took > 0 && report.Posts > 0 {
		report.CPUus = took.Seconds() * 1e6 / float64(report.Posts)
	}
	if cause := context.Cause(within); cause != nil {
		report.stopped = cause
	}
	if report.Posts == 0 && report.first != nil {
		return report, fmt.Errorf("%w: %w", ErrUnreachable, report.first)
	}
	if within.Err() == nil && l.plan.Check != None {
		l.check(ctx, report)
	}
	report.settle(l)
	return report, nil
}

// cpu is the processor time so far.
func (l *Load) cpu() time.Duration {
	if l.plan.CPU == nil {
		return 0
	}
	return l.plan.CPU()
}

// reach is an ErrUnreachable when the collector cannot be connected to.
func reach(ctx context.Context, to *target) error {
	c := newClient(to)
	defer c.close()
	if err := c.open(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return nil
}

// post lets all workers do their part.
func (l *Load) post(ctx context.Context) []*worker {
	l.start = time.Now()
	if l.plan.For > 0 {
		l.until = l.start.Add(l.plan.For)
	}
	all := l.plan.Posts
	workers := make([]*worker, min(l.way.Connections, len(l.states)))
	for i := range workers {
		workers[i] = newWorker(l)
	}
	for i := range l.states {
		if s := &l.states[i]; s.first < s.goal {
			w := workers[i%len(workers)]
			w.ready = append(w.ready, i)
			if l.plan.Days > 0 {
				all += int64((s.goal - s.first + largest - 1) / largest)
			}
		}
	}
	defer watch(&l.done, all, l.tell)()
	var group sync.WaitGroup
	for _, w := range workers {
		group.Go(func() { w.run(ctx) })
	}
	group.Wait()
	return workers
}

// ticket allows one more post of one record, when it is its turn. late is by how much it comes after it.
func (l *Load) ticket(ctx context.Context) (late time.Duration, ok bool) {
	n := l.tickets.Add(1)
	if l.plan.Posts > 0 && n > l.plan.Posts {
		return 0, false
	}
	if l.plan.Rate > 0 {
		turn := l.start.Add(time.Duration(float64(n-1) / l.plan.Rate * float64(time.Second)))
		if !l.until.IsZero() && turn.After(l.until) || !wait(ctx, time.Until(turn)) {
			return 0, false
		}
		late = time.Since(turn)
	}
	return late, l.until.IsZero() || time.Now().Before(l.until)
}

// heardNow remembers that there was an answer.
func (l *Load) heardNow(at time.Time) { l.heard.Store(int64(at.Sub(l.start))) }

// patient ends the run when nobody has answered for too long.
func (l *Load) patient() {
	if time.Since(l.start)-time.Duration(l.heard.Load()) > l.way.Patience {
		l.stop(errPatience)
	}
}

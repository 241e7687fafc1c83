// Package lease does a job that only one collector does at a time.
package lease

import (
	"context"
	"errors"
	"time"

	"veille/collector"
)

// Length is how long a lease lasts that is not renewed. When a collector has died, another one does its jobs after that long and a sixth at most.
const Length = 30 * time.Second

// Ledger is where leases are kept.
type Ledger interface {
	// Lease takes or renews a lease. It answers false while somebody else has it.
	Lease(ctx context.Context, l collector.Lease) (bool, error)
	// Release gives it back.
	Release(ctx context.Context, l collector.Lease) error
}

// ErrLost is the cause of the end of a job's context when its lease could not be renewed in time, or is somebody else's.
var ErrLost = errors.New("another collector may do this job now")

// Keep waits until the ledger gives the lease of a job to its holder, whose name no other collector has, and does the job; again and again,
// until ctx is done. The context that do gets ends when ctx does, or a while before the lease runs out because it could not be renewed: do
// must return within a sixth of Length then, so that it is over when somebody else begins. One that returns by itself is done again after a
// third of Length. Keep returns when do has.
//
// A machine that was suspended does not notice in time that its lease has run out, and may even have it again without noticing. So two may do a job for
// some seconds, and whatever a job writes must bear that: what it has read may be old. A ledger compares what it finds, or, of roll-ups, who began last.
func Keep(ctx context.Context, ledger Ledger, job, holder string, do func(context.Context)) {
	KeepFor(ctx, ledger, collector.Lease{Job: job, Holder: holder, For: Length}, do)
}

// KeepFor is Keep with a lease of another length.
func KeepFor(ctx context.Context, ledger Ledger, l collector.Lease, do func(context.Context)) {
	k := keeper{ledger, l}
	for ctx.Err() == nil {
		wait := l.For / 6
		if a := k.ask(ctx, l.For/3); a.held {
			k.hold(ctx, a.since, do)
			k.release(ctx)
			wait = l.For / 3 // somebody else may have it now
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// ErrTaken says that somebody else has the lease, and so does the job.
var ErrTaken = errors.New("somebody else is doing this job")

// Once takes a lease, does the job, and gives the lease back. It answers ErrTaken at once, with nothing done, while somebody else has the lease, and
// what the ledger says where that does not answer. The context that do gets ends as in Keep; ErrLost is then with what do answers.
func Once(ctx context.Context, ledger Ledger, l collector.Lease, do func(context.Context) error) error {
	since := time.Now()
	held, err := ledger.Lease(ctx, l)
	if err != nil {
		return err
	}
	if !held {
		return ErrTaken
	}
	k := keeper{ledger, l}
	k.hold(ctx, since, func(ctx context.Context) {
		err = do(ctx)
		if cause := context.Cause(ctx); err != nil && errors.Is(cause, ErrLost) {
			err = errors.Join(cause, err)
		}
	})
	k.release(ctx)
	return err
}

// keeper is one lease of one holder.
type keeper struct {
	ledger Ledger
	lease  collector.Lease
}

// answer is what the ledger has answered, and when it was asked. Where the lease is neither held nor taken the ledger did not answer.
type answer struct {
	held, taken bool
	since       time.Time
}

// margin is how long before the end of the lease the job is told to stop.
func (k keeper) margin() time.Duration { return k.lease.For / 6 }

// ask asks for the lease, or for its renewal. It waits for an answer no longer than it may, even where the ledger does not heed its context:
// a write that waits for a disk or a server cannot be given up.
func (k keeper) ask(ctx context.Context, within time.Duration) answer {
	a := answer{since: time.Now()}
	err := soon(ctx, within, func(ctx context.Context) (err error) {
		held, err := k.ledger.Lease(ctx, k.lease)
		if err == nil && !held {
			err = ErrTaken
		}
		return err
	})
	a.held, a.taken = err == nil, errors.Is(err, ErrTaken)
	return a
}

// hold does the job as long as the lease is held, which was asked for at a moment.
func (k keeper) hold(ctx context.Context, since time.Time, do func(context.Context)) {
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		do(work)
	}()
	end := func(cause error) {
		stop(cause)
		<-done
	}
	wait := k.lease.For / 3
	for {
		last := since.Add(k.lease.For - k.margin())
		select {
		case <-done:
			return
		case <-ctx.Done():
			end(context.Cause(ctx))
			return
		case <-time.After(min(wait, time.Until(last))):
		}
		left := time.Until(last)
		if left <= 0 {
			end(ErrLost)
			return
		}
		switch a := k.ask(ctx, min(left, k.lease.For/4)); {
		case a.held:
			since, wait = a.since, k.lease.For/3
		case a.taken:
			end(ErrLost)
			return
		default: // perhaps it answers soon
			wait = k.lease.For / 12
		}
	}
}

// release gives the lease back, also when ctx is done. Where it cannot, the lease runs out.
func (k keeper) release(ctx context.Context) {
	_ = soon(context.WithoutCancel(ctx), k.lease.For/3, func(ctx context.Context) error { return k.ledger.Release(ctx, k.lease) })
}

// soon waits until ask has answered, or ctx is done, or it has taken too long.
func soon(ctx context.Context, within time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	answered := make(chan error, 1)
	go func() {
		defer cancel()
		answered <- ask(ctx)
	}()
	select {
	case err := <-answered:
		return err
	case <-ctx.Done():
		select {
		case err := <-answered: // it was both
			return err
		default:
			return context.Cause(ctx)
		}
	}
}

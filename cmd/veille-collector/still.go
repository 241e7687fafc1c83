package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"veille/collector"
	"veille/collector/lease"
	"veille/collector/store/relational"
)

// Jobs in a shared ledger. Who rolls up has the lease of jobRollUp, a command as well as a collector. Each collector has one of its own, which begins
// with jobServe, for as long as it serves, so that others see that it is there. Who copies the ledger away has jobCopy.
const (
	jobRollUp = "rollup"
	jobServe  = "serve "
	jobCopy   = "copy"
)

// servedError says that a collector serves from a shared ledger, and what to do.
type servedError struct{ where, what string }

func (e servedError) Error() string {
	return fmt.Sprintf("a collector serves from %s: %s; one that was killed is taken for running for half a minute", e.where, e.what)
}

// copiedError says that a shared ledger is being copied away.
type copiedError struct{ where string }

func (e copiedError) Error() string {
	return fmt.Sprintf("%s is being copied to another ledger: let veille-collector migrate ledger end first; one that was killed is taken for running for half a minute", e.where)
}

// instead does a job that collectors do by themselves, in their place. what says to a person what to do while one does it.
func (f *folder) instead(ctx context.Context, store *relational.Store, job, what string, do func(context.Context) error) error {
	if !f.shared() {
		release, err := f.lock(what)
		if err != nil {
			return err
		}
		return errors.Join(do(ctx), release())
	}
	err := lease.Once(ctx, store, collector.Lease{Job: job, Holder: rand.Text(), For: lease.Length}, do)
	if errors.Is(err, lease.ErrTaken) {
		return servedError{f.where(), what}
	}
	return err
}

// still does something with a ledger that no collector is to write to meanwhile: none serves from it, and none begins to. what says to a person what
// to do where one serves.
func (f *folder) still(ctx context.Context, store *relational.Store, what string, do func(context.Context) error) error {
	if !f.shared() {
		return f.instead(ctx, store, jobCopy, what, do)
	}
	err := lease.Once(ctx, store, collector.Lease{Job: jobCopy, Holder: rand.Text(), For: lease.Length}, func(ctx context.Context) error {
		jobs, err := store.Leased(ctx) // who begins to serve looks for jobCopy once he has a lease of his own: one of the two sees the other
		if err != nil {
			return err
		}
		if slices.ContainsFunc(jobs, func(job string) bool { return job != jobCopy }) {
			return servedError{f.where(), what}
		}
		return do(ctx)
	})
	if errors.Is(err, lease.ErrTaken) {
		return copiedError{f.where()}
	}
	return err
}

// notCopied is an error while a shared ledger is being copied away.
func (f *folder) notCopied(ctx context.Context, store *relational.Store) error {
	jobs, err := store.Leased(ctx)
	if err == nil && slices.Contains(jobs, jobCopy) {
		err = copiedError{f.where()}
	}
	return err
}

// present serves, and lets all others that share the ledger know. It ends serve, and answers an error for people, when a newer program has changed the
// tables, or somebody copies the ledger away who could not see this collector, since it could not say that it was there.
func (f *folder) present(ctx context.Context, store *relational.Store, holder string, serve func(context.Context) error) error {
	if !f.shared() {
		return serve(ctx)
	}
	own := collector.Lease{Job: jobServe + holder, Holder: holder, For: lease.Length}
	if err := f.appear(ctx, store, own); err != nil {
		return err
	}
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		f.stay(work, store, own, stop)
	}()
	err := serve(work)
	if ctx.Err() == nil && work.Err() != nil {
		err = errors.Join(context.Cause(work), err)
	}
	stop(nil)
	select {
	case <-stopped:
	case <-time.After(lease.Length / 6): // the ledger does not answer: the lease runs out by itself
		return err
	}
	gone, cancel := context.WithTimeout(context.WithoutCancel(ctx), lease.Length/6)
	defer cancel()
	_ = store.Release(gone, own)
	return err
}

// stay renews the lease by which others see this collector until ctx ends, or stops it. A ledger that does not answer is asked again.
func (f *folder) stay(ctx context.Context, store *relational.Store, own collector.Lease, stop context.CancelCauseFunc) {
	again := time.NewTicker(own.For / 3)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		err := f.appear(ctx, store, own)
		if errors.Is(err, relational.ErrOutdated) {
			stop(fmt.Errorf("nothing is written to %s any more: %w", f.where(), relational.ErrOutdated))
			return
		}
		if _, copied := errors.AsType[copiedError](err); copied {
			stop(err)
			return
		}
	}
}

// appear lets others know that a collector serves, and is an error where it may not.
func (f *folder) appear(ctx context.Context, store *relational.Store, own collector.Lease) error {
	if _, err := store.Lease(ctx, own); err != nil {
		return err
	}
	return f.notCopied(ctx, store)
}

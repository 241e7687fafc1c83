package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"veille/collector"
	"veille/collector/lease"
	"veille/collector/store/engines"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
)

// sharing is a ledger that several collectors may share.
type sharing struct {
	folder
	*relational.Store
	t *testing.T
}

func newSharing(t *testing.T, server *engines.PostgreSQL) sharing {
	t.Helper()
	url := server.Prepared(t, "ledger", func(url string) error {
		s, err := postgres.Open(t.Context(), url)
		if err != nil {
			return err
		}
		return s.Close()
	})
	store, err := postgres.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return sharing{folder{ledger: url}, store, t}
}

// leased is whether somebody else gets the lease of a job, which he gives back.
func (s sharing) leased(job string) bool {
	s.t.Helper()
	l := collector.Lease{Job: job, Holder: "somebody else", For: time.Minute}
	held, err := s.Lease(s.t.Context(), l)
	if err := errors.Join(err, s.Release(s.t.Context(), l)); err != nil {
		s.t.Fatal(err)
	}
	return held
}

// older makes the ledger one of tables so much older than those of this program.
func (s sharing) older(by int) {
	s.t.Helper()
	db, err := pgx.Connect(s.t.Context(), s.ledger)
	if err == nil {
		_, err = db.Exec(s.t.Context(), "UPDATE writing SET version = version - $1", by)
	}
	if err := errors.Join(err, db.Close(s.t.Context())); err != nil {
		s.t.Fatal(err)
	}
}

// run gives a command on the command line.
func (s sharing) run(args ...string) (text string, status int) {
	var stdout, stderr bytes.Buffer
	p := program(&stdout, &stderr)
	p.Stdout, p.Stderr, p.Lookup = &stdout, &stderr, func(string) (string, bool) { return "", false }
	status = p.Run(s.t.Context(), append(args, "--ledger", s.ledger))
	return stdout.String() + stderr.String(), status
}

func TestCommandsThatWantASharedLedgerForThemselves(t *testing.T) {
	t.Parallel()
	server := engines.Postgres(t)
	for name, test := range map[string]func(*testing.T, sharing){
		"a roll-up by command and that of the night are not done at once":              rollUpsAreNotDoneAtOnce,
		"a ledger is not copied while a collector serves from it":                      noCopyWhileServed,
		"nobody serves from a ledger that is copied away, and no command is given":     nobodyWhileCopied,
		"a collector ends soon after a newer program has changed the tables":           endsWhenOutdated,
		"a command changes no tables under a collector of an earlier program":          noChangeUnderOthers,
		"a collector ends where a ledger is copied that could not know that it serves": endsWhenCopied,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newSharing(t, server))
		})
	}
}

func rollUpsAreNotDoneAtOnce(t *testing.T, s sharing) {
	l := collector.Lease{Job: jobRollUp, Holder: "the night", For: time.Minute}
	if held, err := s.Lease(t.Context(), l); !held || err != nil {
		t.Fatal(held, err)
	}
	if text, status := s.run("rollup", "run"); status != 1 || !strings.Contains(text, "it rolls up by itself") {
		t.Errorf("in the night: exit %d, %s", status, text)
	}
	if err := s.Release(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if text, status := s.run("rollup", "run"); status != 0 {
		t.Errorf("exit %d, %s", status, text)
	}
	err := s.instead(t.Context(), s.Store, jobRollUp, "", func(context.Context) error {
		if s.leased(jobRollUp) {
			t.Error("the night begins while the command is at it")
		}
		return nil
	})
	if err != nil || !s.leased(jobRollUp) {
		t.Errorf("%v, or it was not given back", err)
	}
}

func noCopyWhileServed(t *testing.T, s sharing) {
	err := s.present(t.Context(), s.Store, "a", func(context.Context) error {
		text, status := s.run("migrate", "ledger", "--to-data", t.TempDir())
		if status != 1 || !strings.Contains(text, "stop it first") {
			t.Errorf("exit %d, %s", status, text)
		}
		if text, status := s.run("size"); status != 0 {
			t.Errorf("another command: exit %d, %s", status, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if text, status := s.run("migrate", "ledger", "--to-data", t.TempDir()); status != 0 {
		t.Errorf("exit %d, %s", status, text)
	}
}

func nobodyWhileCopied(t *testing.T, s sharing) {
	err := s.still(t.Context(), s.Store, "", func(ctx context.Context) error {
		err := s.present(ctx, s.Store, "a", func(context.Context) error { t.Error("it serves"); return nil })
		if _, ok := errors.AsType[copiedError](err); !ok {
			t.Errorf("who wants to serve is told %v", err)
		}
		for _, args := range [][]string{{"size"}, {"rollup", "run"}, {"site", "add", "--time-zone", "Europe/Paris", "--organisation", "a", "b"}, {"migrate", "ledger", "--to-data", t.TempDir()}} {
			if text, status := s.run(args...); status != 1 || !strings.Contains(text, "is being copied to another ledger") {
				t.Errorf("%v: exit %d, %s", args, status, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// soon lets a collector stay that renews its lease often, and answers why it ended.
func (s sharing) soon(until func()) error {
	s.t.Helper()
	ctx, stop := context.WithCancelCause(s.t.Context())
	defer stop(nil)
	go s.stay(ctx, s.Store, collector.Lease{Job: jobServe + "a", Holder: "a", For: 300 * time.Millisecond}, stop)
	<-time.After(200 * time.Millisecond)
	if ctx.Err() != nil {
		s.t.Errorf("it ends for no reason: %v", context.Cause(ctx))
	}
	until()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(10 * time.Second):
		return nil
	}
}

func endsWhenOutdated(t *testing.T, s sharing) {
	err := s.soon(func() { s.older(-1) })
	if !errors.Is(err, relational.ErrOutdated) || !strings.Contains(err.Error(), "use that program here too") {
		t.Errorf("it ends because of %v", err)
	}
	if text, status := s.run("size"); status != 1 || !strings.Contains(text, "use that program here too") {
		t.Errorf("a command: exit %d, %s", status, text)
	}
}

func endsWhenCopied(t *testing.T, s sharing) {
	err := s.soon(func() {
		if held, err := s.Lease(t.Context(), collector.Lease{Job: jobCopy, Holder: "somebody", For: time.Minute}); !held || err != nil {
			t.Fatal(held, err)
		}
	})
	if _, ok := errors.AsType[copiedError](err); !ok {
		t.Errorf("it ends because of %v", err)
	}
}

func noChangeUnderOthers(t *testing.T, s sharing) {
	err := s.present(t.Context(), s.Store, "a", func(context.Context) error {
		s.older(1)
		if text, status := s.run("size"); status != 1 || !strings.Contains(text, "start the new collector first") {
			t.Errorf("exit %d, %s", status, text)
		}
		s.older(-1)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if left, err := s.Leased(t.Context()); len(left) > 0 || err != nil {
		t.Errorf("who has gone has left %v, %v; a lease lasts %v", left, err, lease.Length)
	}
}

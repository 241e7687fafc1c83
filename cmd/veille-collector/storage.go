package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"veille/cmd/internal/command"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// database is the name of the collector's file, where the ledger is one.
func (f *folder) database() string { return filepath.Join(f.dir, "veille.db") }

// shared tells whether the ledger is a database that several collectors may share.
func (f *folder) shared() bool { return f.ledger != "" }

// given tells whether it was said where the ledger is.
func (f *folder) given() bool { return f.dir != "" || f.shared() }

// flag is how a command line says where the ledger is, without a password.
func (f *folder) flag() string {
	if f.shared() {
		return "--ledger " + f.where()
	}
	return "--data " + f.dir
}

// where is the ledger in words, without a password.
func (f *folder) where() string {
	if !f.shared() {
		return f.database()
	}
	return withoutSecret(f.ledger)
}

// withoutSecret is an address as it may be shown.
func withoutSecret(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the address that was given"
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery, u.Fragment = "", ""
	return u.String()
}

// make makes the folder where it is missing.
func (f *folder) make() error {
	if f.dir == "" {
		return command.Usage("no folder given; add --data DIR")
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return fmt.Errorf("make the collector's folder: %w; choose another with --data", err)
	}
	return nil
}

// with opens the ledger, gives it to do, and closes it. Where it is a file there must be one: see create.
func (f *folder) with(ctx context.Context, do func(*relational.Store) error) error {
	if f.shared() {
		return f.opened(ctx, do)
	}
	if f.dir == "" {
		return command.Usage("no folder given; add --data DIR")
	}
	if _, err := os.Stat(f.database()); err != nil {
		return fmt.Errorf("there is no collector's database in %s (%w); correct --data, or begin with veille-collector site add", f.dir, err)
	}
	return f.create(ctx, do)
}

// create is with, and makes folder and file where they are missing.
func (f *folder) create(ctx context.Context, do func(*relational.Store) error) error {
	if f.shared() {
		return f.opened(ctx, do)
	}
	if err := f.make(); err != nil {
		return err
	}
	err := f.opened(ctx, do)
	if e, ok := errors.AsType[openError](err); ok {
		return fmt.Errorf("%w; choose another folder with --data, or run as the user it belongs to", e.error)
	}
	return err
}

// openError is an error that came before there was a ledger.
type openError struct{ error }

func (e openError) Unwrap() error { return e.error }

func (f *folder) opened(ctx context.Context, do func(*relational.Store) error) error {
	store, err := f.open(ctx)
	if err != nil {
		return openError{err}
	}
	source, err := store.Moving(ctx)
	if err == nil && source != "" {
		err = fmt.Errorf("%s is being copied from %s: let veille-collector migrate ledger end first", f.where(), source)
	}
	if err == nil && f.shared() {
		err = f.notCopied(ctx, store)
	}
	if err != nil {
		return errors.Join(err, store.Close())
	}
	return errors.Join(do(store), store.Close())
}

// open opens the ledger. Where that changes the tables nobody else may serve from it: an earlier program would not know them.
func (f *folder) open(ctx context.Context) (*relational.Store, error) {
	if scheme, _, _ := strings.Cut(f.ledger, ":"); f.shared() {
		if scheme != "postgres" && scheme != "postgresql" {
			return nil, command.Usage("--ledger is not the address of a PostgreSQL database, like postgres://veille@db.example.org/veille; without --ledger it is a file in --data")
		}
		return f.openShared(ctx)
	}
	behind, err := sqlite.Behind(ctx, f.database())
	if err == nil && behind && !f.alone {
		release, refused := f.lock("it is of an earlier version than this program, which would change the tables under it: stop it, and start this one first")
		if refused != nil {
			return nil, refused
		}
		defer func() { _ = release() }()
	}
	if err != nil {
		return nil, err
	}
	return sqlite.Open(ctx, f.database())
}

// openShared opens a ledger that several collectors may share. One that is started may change the tables under others of an earlier program, which
// then write nothing any more and end; any other command may not.
func (f *folder) openShared(ctx context.Context) (*relational.Store, error) {
	if !f.alone {
		behind, served, err := postgres.Behind(ctx, f.ledger)
		if err != nil {
			return nil, err
		}
		if behind && served {
			return nil, fmt.Errorf("a collector of an earlier version than this program serves from %s, and this program would change the tables under it: start the new collector "+
				"first, in its place; one that was killed is taken for running for half a minute", f.where())
		}
	}
	return postgres.Open(ctx, f.ledger)
}

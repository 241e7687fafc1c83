// Command veille-collector receives the agents' records, measures web pages and serves the dashboards.
package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	_ "time/tzdata" // sites have time zones, and a small server may have no files of them

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector/enrol"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

func main() { command.Main(program) }

func program(stdout, stderr io.Writer) command.Program {
	p := command.Program{Name: "veille-collector", Summary: "receives the agents' records, measures web pages and serves the dashboards"}
	for _, t := range tasks() {
		p.Commands = append(p.Commands, t.at(desk{stdout: stdout, stderr: stderr}))
	}
	return p
}

// folder is the flag of the collector's folder, and what is in it.
type folder struct {
	dir   string
	alone bool // no other collector is at it
}

func (f *folder) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.dir, "data", "", "`folder` of the collector's files; made where it is missing")
}

// Files of keys, beside the database.
const (
	organisationKey = "organisation.key"
	policyKey       = "policy.key"
)

// keys are the organisation's, which makes pseudonyms, and that which signs policies. Both are kept outside the database. One that is
// missing is made, but not where machines rely on it: then that is an error, unless renew says that those are given up.
func (f *folder) keys(ctx context.Context, store *relational.Store, renew bool) (pseudonyms []byte, policies ed25519.PrivateKey, err error) {
	if !renew {
		if err := f.missing(ctx, store); err != nil {
			return nil, nil, err
		}
	}
	pseudonyms, err = enrol.LoadKey(filepath.Join(f.dir, organisationKey), "the organisation")
	if err != nil {
		return nil, nil, err
	}
	seed, err := enrol.LoadKey(filepath.Join(f.dir, policyKey), "policies")
	if err != nil {
		return nil, nil, err
	}
	return pseudonyms, ed25519.NewKeyFromSeed(seed), nil
}

// missing is an error that names the keys which machines rely on and which are not there, and says what to do.
func (f *folder) missing(ctx context.Context, store *relational.Store) error {
	organisation, policies, err := store.KeysInUse(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, key := range []struct {
		file, cost string
		used       bool
	}{
		{organisationKey, "a machine that enrols again then becomes a new one, without its records", organisation},
		{policyKey, "the machines then hear of no policy until each is enrolled again", policies},
	} {
		_, err := os.Stat(filepath.Join(f.dir, key.file))
		if key.used && errors.Is(err, os.ErrNotExist) {
			errs = append(errs, fmt.Errorf("%s is missing from %s, and machines were enrolled with it: restore that file from the newest backup of the folder "+
				"that has it (it never changes), or make a new one with --new-keys, which cannot be undone: %s", key.file, f.dir, key.cost))
		}
	}
	return errors.Join(errs...)
}

// database is the name of the collector's file.
func (f *folder) database() string { return filepath.Join(f.dir, "veille.db") }

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

// with opens the database, gives it to do, and closes it. The folder must have one: see create.
func (f *folder) with(ctx context.Context, do func(*relational.Store) error) error {
	if f.dir == "" {
		return command.Usage("no folder given; add --data DIR")
	}
	if _, err := os.Stat(f.database()); err != nil {
		return fmt.Errorf("there is no collector's database in %s (%w); correct --data, or begin with veille-collector site add", f.dir, err)
	}
	return f.create(ctx, do)
}

// create is with, and makes folder and database where they are missing.
func (f *folder) create(ctx context.Context, do func(*relational.Store) error) error {
	if err := f.make(); err != nil {
		return err
	}
	store, err := f.open(ctx)
	if err != nil {
		return fmt.Errorf("%w; choose another folder with --data, or run as the user it belongs to", err)
	}
	return errors.Join(do(store), store.Close())
}

// open opens the database. Where that changes its tables nobody else may serve from it: an earlier program would not know them.
func (f *folder) open(ctx context.Context) (*relational.Store, error) {
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

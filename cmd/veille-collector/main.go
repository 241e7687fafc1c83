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
)

func main() { command.Main(program) }

func program(stdout, stderr io.Writer) command.Program {
	p := command.Program{Name: "veille-collector", Summary: "receives the agents' records, measures web pages and serves the dashboards"}
	for _, t := range tasks() {
		p.Commands = append(p.Commands, t.at(desk{stdout: stdout, stderr: stderr}))
	}
	return p
}

// folder is the flags of the collector's folder and of its ledger, and what is in them.
type folder struct {
	dir    string
	ledger string // where the ledger is; "": in the folder
	alone  bool   // no other collector is at it
}

func (f *folder) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.dir, "data", "", "`folder` of the collector's files; made where it is missing")
	f.ledgerFlag(fs)
}

func (f *folder) ledgerFlag(fs *pflag.FlagSet) {
	fs.StringVar(&f.ledger, "ledger", "", "`address` of a PostgreSQL database that keeps the ledger, like postgres://veille@db.example.org/veille, which several collectors may share; "+
		"without it the ledger is a file in the folder. Give the password in PGPASSFILE or PGPASSWORD")
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
	return pseudonyms, ed25519.NewKeyFromSeed(seed), f.agree(ctx, store, pseudonyms, seed, renew)
}

// agree is an error where the keys are not those that the ledger was used with: other collectors that share it then have others, or an old folder
// was put beside it. While no machine relies on a key and no other collector runs, another one is as good.
func (f *folder) agree(ctx context.Context, store *relational.Store, pseudonyms, seed []byte, renew bool) error {
	organisation, policies, err := store.KeysInUse(ctx)
	if err != nil {
		return err
	}
	others, err := store.Leased(ctx)
	if err != nil {
		return err
	}
	alone := !f.shared() || len(others) == 0
	for _, key := range []struct {
		file string
		body []byte
		used bool
	}{{organisationKey, pseudonyms, organisation}, {policyKey, seed, policies}} {
		if err := store.KnowKey(ctx, key.file, key.body, renew || !key.used && alone); err != nil {
			return fmt.Errorf("%w: put the %s of the other collectors, or of the newest backup, into %s, or give up what it protects with --new-keys", err, key.file, f.dir)
		}
	}
	return nil
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

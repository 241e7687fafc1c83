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
	"veille/collector/store/sqlite"
)

func main() { command.Main(program) }

func program(stdout, stderr io.Writer) command.Program {
	return command.Program{
		Name:    "veille-collector",
		Summary: "receives the agents' records, measures web pages and serves the dashboards",
		Commands: []command.Command{
			serveCommand(stdout, stderr), siteAddCommand(stdout), siteListCommand(stdout), tokenCreateCommand(stdout),
			tokenListCommand(stdout), tokenRevokeCommand(stdout), machineListCommand(stdout), machineReplaceCommand(stdout),
			machineKeepCommand(stdout), machineRevokeCommand(stdout), machineRestoreCommand(stdout),
			calendarSetCommand(stdout), calendarImportCommand(stdout), calendarCloseCommand(stdout), calendarReopenCommand(stdout), calendarShowCommand(stdout),
			policySetCommand(stdout), policyShowCommand(stdout), orgSetCommand(stdout), orgShowCommand(stdout),
			pageAddCommand(stdout, stderr), pageListCommand(stdout),
			privacyFileCommand(stdout), command.VersionCommand(stdout, "veille-collector"),
		},
	}
}

// folder is the flag of the collector's folder, and what is in it.
type folder struct{ dir string }

func (f *folder) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.dir, "data", "", "`folder` of the collector's files; made where it is missing")
}

// keys are the organisation's, which makes pseudonyms, and that which signs policies. Both are kept outside the database.
func (f *folder) keys() (pseudonyms []byte, policies ed25519.PrivateKey, err error) {
	pseudonyms, err = enrol.LoadKey(filepath.Join(f.dir, "organisation.key"), "the organisation")
	if err != nil {
		return nil, nil, err
	}
	seed, err := enrol.LoadKey(filepath.Join(f.dir, "policy.key"), "policies")
	if err != nil {
		return nil, nil, err
	}
	return pseudonyms, ed25519.NewKeyFromSeed(seed), nil
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
func (f *folder) with(ctx context.Context, do func(*sqlite.Store) error) error {
	if f.dir == "" {
		return command.Usage("no folder given; add --data DIR")
	}
	if _, err := os.Stat(f.database()); err != nil {
		return fmt.Errorf("there is no collector's database in %s (%w); correct --data, or begin with veille-collector site add", f.dir, err)
	}
	return f.create(ctx, do)
}

// create is with, and makes folder and database where they are missing.
func (f *folder) create(ctx context.Context, do func(*sqlite.Store) error) error {
	if err := f.make(); err != nil {
		return err
	}
	store, err := sqlite.Open(ctx, f.database())
	if err != nil {
		return fmt.Errorf("%w; choose another folder with --data, or run as the user it belongs to", err)
	}
	return errors.Join(do(store), store.Close())
}

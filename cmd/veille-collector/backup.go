package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

func backupCommand(d *desk) command.Command {
	return command.Command{
		Name: "backup", Args: "FILE", Summary: "copy the database to a new file, while the collector runs; the keys are not in it; of a ledger in PostgreSQL, say how its own program does so",
		Example: "backup --data /var/lib/veille-collector /backup/veille-2026-11-22.db",
		Flags:   d.flags,
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 {
				return command.Usage("give one file to write")
			}
			return d.with(ctx, func(l ledger) error {
				if d.folder.shared() { // it says how else
					return l.store.Backup(ctx, args[0])
				}
				if err := errors.Join(l.note(ctx, 0, "to %s", args[0]), l.store.Backup(ctx, args[0])); err != nil {
					return err
				}
				info, err := os.Stat(args[0])
				if err != nil {
					return fmt.Errorf("look at the backup: %w", err)
				}
				_, err = fmt.Fprintf(d.stdout, "%s: %.1f MB\nKeep %s and %s of %s too, apart from the backups: they never change, and are not in it.\n"+
					"What is erased or has served is in old backups: keep none for longer than you need.\n",
					args[0], float64(info.Size())/1e6, organisationKey, policyKey, d.folder.dir)
				return err
			})
		},
	}
}

func restoreCommand(d *desk) command.Command {
	return command.Command{
		Name: "restore", Args: "FILE", Summary: "put a backup in the place of the database, while the collector is stopped; what was there is set aside; a ledger in PostgreSQL is restored by its own program",
		Example: "restore --data /var/lib/veille-collector /backup/veille-2026-11-22.db",
		Flags:   d.flags,
		Run: func(ctx context.Context, args []string) error {
			f, stdout := d.folder, d.stdout
			if len(args) != 1 {
				return command.Usage("give one backup")
			}
			if f.shared() {
				return command.Usage("a ledger in PostgreSQL is restored by pg_restore, into an empty database; see docs/scale.md")
			}
			if err := f.make(); err != nil {
				return err
			}
			release, err := f.lock("stop the collector first")
			if err != nil {
				return err
			}
			done, err := sqlite.Restore(ctx, args[0], f.database())
			if err == nil { // its audit log is that of the backup: what is said now is the first thing after it
				err = d.with(ctx, func(l ledger) error { return l.note(ctx, 0, "%s", filepath.Base(args[0])) })
			}
			if err := errors.Join(err, release()); err != nil {
				return err
			}
			if _, err := fmt.Fprintf(stdout, "%s is restored\n", f.database()); err != nil {
				return err
			}
			if done.Before != "" {
				err = printRedone(stdout, done)
			}
			for _, key := range []string{organisationKey, policyKey} {
				if _, missing := os.Stat(filepath.Join(f.dir, key)); missing != nil && err == nil {
					_, err = fmt.Fprintf(stdout, "%s is not in %s: put it there from where you keep it\n", key, f.dir)
				}
			}
			if err == nil {
				_, err = fmt.Fprintln(stdout, "Start the collector. Machines that were told of records that are not in the backup send the last thirty days again.")
			}
			return err
		},
	}
}

// printRedone says what became of the database that a backup has taken the place of, and of what had been erased in it.
func printRedone(stdout io.Writer, done sqlite.Restored) error {
	_, err := fmt.Fprintf(stdout, "what was there is in %s: delete it when it is not needed any more\nerased since the backup, and erased anew: %s\n", done.Before, count(len(done.Erased), "machine"))
	if err == nil && len(done.Personal) > 0 {
		_, err = fmt.Fprintf(stdout, "a person's since the backup, and again: %s\n", count(len(done.Personal), "machine"))
	}
	if err == nil && done.Left != nil {
		_, err = fmt.Fprintf(stdout, "Not all that was erased since the backup could be erased anew: %v\n"+
			"Before you start the collector, find what it was in the audit log of %s, or in your own notes, and give veille-collector erase anew: see Restoring in docs/operations.md.\n", done.Left, done.Before)
	}
	return err
}

// lock keeps other collectors away from the database. what says how to make them go.
func (f *folder) lock(what string) (release func() error, err error) {
	release, err = sqlite.Lock(f.database())
	if errors.Is(err, sqlite.ErrLocked) {
		return nil, fmt.Errorf("a collector is running in %s: %s", f.dir, what)
	}
	return release, err
}

func checkCommand(d *desk) command.Command {
	return command.Command{
		Name: "check", Args: "[FILE]", Summary: "read the whole database, or a backup, and say whether it is as it was written",
		Example: "check --data /var/lib/veille-collector\ncheck /backup/veille-2026-11-22.db",
		Exits:   ", 3 it is damaged",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			d.jsonFlag(fs, "object")
		},
		Run: func(ctx context.Context, args []string) error {
			f := d.folder
			name := f.where()
			switch {
			case len(args) > 1 || len(args) == 1 && f.given():
				return command.Usage("give --data DIR, or --ledger, or one file")
			case len(args) == 1:
				name = args[0]
			case !f.given():
				return command.Usage("nothing to check; add --data DIR or --ledger, or give one file")
			}
			var progress func(done, of int)
			if command.Terminal(d.stderr) {
				progress = func(done, of int) { _, _ = fmt.Fprintf(d.stderr, "\r%d of %d machine-days ", done, of) }
			}
			look, at := sqlite.Check, name
			if f.shared() {
				look, at = postgres.Check, f.ledger
			}
			found, err := look(ctx, at, progress)
			if progress != nil {
				_, _ = fmt.Fprintln(d.stderr)
			}
			if err != nil {
				return err
			}
			return d.printFindings(name, found)
		},
	}
}

func (d *desk) printFindings(name string, found relational.Findings) error {
	found.Problems = append([]string{}, found.Problems...)
	err := d.put(found, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: version %d, %d machines, %d machine-days with %d records, %d roll-ups\n",
			name, found.Version, found.Machines, found.Days, found.Records, found.RollUps)
		for _, problem := range found.Problems {
			_, _ = fmt.Fprintln(w, problem)
		}
		return err
	})
	if err == nil && len(found.Problems) > 0 {
		how := "restore the newest backup that veille-collector check finds nothing in"
		if d.folder.shared() {
			how = "restore the newest backup by pg_restore, into an empty database, and look whether veille-collector check finds anything in that"
		}
		return command.WithStatus(3, fmt.Errorf("%s is damaged: %s found; %s", name, count(len(found.Problems), "problem"), how))
	}
	return err
}

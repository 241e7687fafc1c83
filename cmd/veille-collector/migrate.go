package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector/store/relational"
)

func migrateLedgerCommand(d *desk) command.Command {
	var to folder
	return command.Command{
		Name: "migrate ledger", Summary: "copy the whole ledger to another one, compare both row by row, and go on where it was interrupted; while all collectors are stopped",
		Example: "migrate ledger --data /var/lib/veille-collector --to-ledger postgres://veille@db.example.org/veille\n" +
			"migrate ledger --ledger postgres://veille@db.example.org/veille --to-data /var/lib/veille-collector",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&to.dir, "to-data", "", "`folder` that the copy is put into, as a file")
			fs.StringVar(&to.ledger, "to-ledger", "", "`address` of the empty PostgreSQL database that the copy is put into")
			d.jsonFlag(fs, "array")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if (to.dir == "") == (to.ledger == "") {
				return command.Usage("say where the copy goes: --to-ledger postgres://… or --to-data DIR, one of them")
			}
			if to.where() == d.folder.where() {
				return command.Usage("%s cannot be copied to itself", to.where())
			}
			var all []relational.Copied
			err := d.folder.with(ctx, func(from *relational.Store) (err error) {
				all, err = d.copyLedger(ctx, from, to)
				return err
			})
			if err != nil {
				return err
			}
			return d.put(all, func(w io.Writer) error { return printCopied(w, all, d.folder, to) })
		},
	}
}

// copyLedger copies a ledger that no collector serves from to one that none serves from either.
func (d *desk) copyLedger(ctx context.Context, from *relational.Store, to folder) (all []relational.Copied, err error) {
	err = d.folder.still(ctx, from, "stop it first: what it writes meanwhile would not be copied", func(ctx context.Context) error {
		return to.fill(ctx, func(ctx context.Context, store *relational.Store) error {
			var progress func(table string, rows int64)
			if command.Terminal(d.stderr) {
				progress = func(table string, rows int64) { _, _ = fmt.Fprintf(d.stderr, "\r%-20s %d rows   ", table, rows) }
				defer func() { _, _ = fmt.Fprintln(d.stderr) }()
			}
			all, err = relational.Copy(ctx, from, store, d.folder.where(), progress)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("copy %s to %s: %w", d.folder.where(), to.where(), err)
	}
	return all, nil
}

// fill gives a ledger that is to be filled to do, while no collector serves from it. It need not be there yet.
func (f *folder) fill(ctx context.Context, do func(context.Context, *relational.Store) error) error {
	const what = "stop it first: the copy goes into a ledger that nobody uses"
	into := func(ctx context.Context, within func(*relational.Store) error) error {
		store, err := f.open(ctx)
		if err != nil {
			return err
		}
		return errors.Join(within(store), store.Close())
	}
	if f.shared() {
		return into(ctx, func(store *relational.Store) error {
			return f.still(ctx, store, what, func(ctx context.Context) error { return do(ctx, store) })
		})
	}
	if err := f.make(); err != nil {
		return err
	}
	return f.still(ctx, nil, what, func(ctx context.Context) error {
		f.alone = true
		return into(ctx, func(store *relational.Store) error { return do(ctx, store) })
	})
}

func printCopied(w io.Writer, all []relational.Copied, from, to folder) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "TABLE\tROWS\tSUM")
	rows := int64(0)
	for _, c := range all {
		if c.Rows > 0 {
			_, _ = fmt.Fprintf(t, "%s\t%d\t%s\n", c.Table, c.Rows, c.Sum)
		}
		rows += c.Rows
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s rows of %d tables are the same in %s and in %s.\nPut %s and %s, which are in no ledger, into --data of each collector, and start them with the new ledger. "+
		"Nothing was changed in the old one: delete it when it is not needed any more.\n", fmt.Sprint(rows), len(all), from.where(), to.where(), organisationKey, policyKey)
	return err
}

package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/clock"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/store/relational"
)

func rollUpCommand(d *desk) command.Command {
	var confirmed bool
	return command.Command{
		Name: "rollup run", Summary: "roll up what changed and delete what has served, as serve does every night; while the collector is stopped",
		Example: "rollup run --data /var/lib/veille-collector",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.BoolVar(&confirmed, "confirm-date", false, "the date of this server is right: delete by it, however long ago the last run was")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				var run collector.Run
				err := d.folder.instead(ctx, l.store, jobRollUp, "it rolls up by itself at half past two at night; stop it to do so now", func(ctx context.Context) (err error) {
					if err := l.note(ctx, 0, "date confirmed: %t", confirmed); err != nil {
						return err
					}
					run, err = rollUp(ctx, l.store, d.stderr, confirmed)
					return err
				})
				if err != nil {
					return err
				}
				return printRun(d.stdout, run)
			})
		},
	}
}

func rollUp(ctx context.Context, store *relational.Store, stderr io.Writer, confirmed bool) (collector.Run, error) {
	newest, err := store.NewestDate(ctx)
	if err != nil {
		return collector.Run{}, err
	}
	if confirmed {
		newest = ""
	}
	wall, err := clock.New(newest, clock.System())
	if err != nil {
		return collector.Run{}, err
	}
	now, err := wall.Now()
	if err != nil {
		return collector.Run{}, err
	}
	o := rollup.Options{Confirmed: confirmed}
	if command.Terminal(stderr) {
		start := time.Now()
		o.Progress = func(p rollup.Progress) {
			if time.Since(start) > 2*time.Second {
				_, _ = fmt.Fprintf(stderr, "\r%s: %d of %d   ", p.Step, p.Done, p.Of)
			}
		}
	}
	return rollup.New(store, rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}, slog.New(slog.DiscardHandler)).Run(ctx, collector.DateOf(now), o)
}

func printRun(stdout io.Writer, r collector.Run) error {
	_, err := fmt.Fprintf(stdout, "%s: rolled up %s, %s\ndeleted: %s, %s, %s of groups, %s of groups, %s in quarantine, %s of the audit log, %s of web pages\n",
		r.On, count(r.Dates, "date"), count(r.Months, "month"), count(int(r.Deleted.MachineDays), "machine-day"), count(int(r.Deleted.MachineMonths), "machine-month"),
		count(int(r.Deleted.GroupDays), "day"), count(int(r.Deleted.GroupMonths), "month"), count(int(r.Deleted.Quarantine), "record"), count(int(r.Deleted.Entries), "line"), count(int(r.Deleted.WebScores), "score"))
	if err == nil && r.Refused != "" {
		_, err = fmt.Fprintf(stdout, "nothing was deleted: %s\n", r.Refused)
	}
	return err
}

func rollUpListCommand(d *desk) command.Command {
	return command.Command{
		Name: "rollup list", Summary: "list what each night rolled up and deleted; these counters are kept for ever",
		Example: "rollup list --data /var/lib/veille-collector\nrollup list --data /var/lib/veille-collector --json",
		Flags:   d.flagsWithJSON,
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				runs, err := l.store.Runs(ctx)
				if err != nil {
					return err
				}
				return d.put(append([]collector.Run{}, runs...), func(w io.Writer) error {
					for _, r := range runs {
						if err := printRun(w, r); err != nil {
							return err
						}
					}
					return nil
				})
			})
		},
	}
}

// sizeLine is how much there is of everything. Its keys are relied on by scripts.
type sizeLine struct {
	Bytes         int64   `json:"bytes"`
	Machines      int64   `json:"machines"`
	MachineDays   int64   `json:"machine_days"`
	MachineMonths int64   `json:"machine_months"`
	GroupDays     int64   `json:"group_days"`
	GroupMonths   int64   `json:"group_months"`
	Quarantine    int64   `json:"quarantine"`
	Dates         int64   `json:"dates"`             // from the first day of groups that is kept to the last
	PerMachine    float64 `json:"bytes_per_machine"` // of the file, now
	PerYear       float64 `json:"bytes_per_machine_year"`
}

func sizeCommand(d *desk) command.Command {
	return command.Command{
		Name: "size", Summary: "say how much there is of everything, and how many bytes a machine takes, now and in a year",
		Example: "size --data /var/lib/veille-collector\nsize --data /var/lib/veille-collector --json",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			d.jsonFlag(fs, "object")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				z, err := l.store.Size(ctx)
				if err != nil {
					return err
				}
				line := sizeOf(z)
				return d.put(line, func(w io.Writer) error {
					_, err := fmt.Fprintf(w, "%.1f MB for %d machines: %d machine-days, %d machine-months, %d days and %d months of groups, %d records in quarantine\n"+
						"%.0f bytes a machine; over the %d days that there are figures of, %.0f bytes a machine and year\n",
						float64(line.Bytes)/1e6, line.Machines, line.MachineDays, line.MachineMonths, line.GroupDays, line.GroupMonths, line.Quarantine, line.PerMachine, line.Dates, line.PerYear)
					return err
				})
			})
		},
	}
}

// sizeOf reckons what a machine takes. A year of one is the whole file over machines and years: less than a year of figures makes it look
// larger than it is, because machine-days go after ninety days and the rest stays.
func sizeOf(z relational.Size) sizeLine {
	l := sizeLine{
		Bytes: z.Bytes, Machines: z.Machines, MachineDays: z.MachineDays, MachineMonths: z.MachineMonths, GroupDays: z.GroupDays, GroupMonths: z.GroupMonths,
		Quarantine: z.Quarantine, Dates: z.Dates,
	}
	if z.Machines > 0 {
		l.PerMachine = float64(z.Bytes) / float64(z.Machines)
	}
	if z.Dates > 0 {
		l.PerYear = l.PerMachine * 365 / float64(z.Dates)
	}
	return l
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// entryLine is one entry of the audit log as audit list says it.
type entryLine struct {
	Date         collector.Date `json:"date"`
	Organisation string         `json:"organisation"` // "": the whole collector
	Who          string         `json:"who"`          // a user, or command: whoever gives commands on the server
	What         string         `json:"what"`
	Subject      string         `json:"subject"`
	Reason       string         `json:"reason"`
}

func auditListCommand(d *desk) command.Command {
	var from, to string
	return command.Command{
		Name: "audit list", Summary: "list who changed what, and who looked at single machines and why, on which date; kept twelve months",
		Example: "audit list --data /var/lib/veille-collector --from 2026-11-01 --to 2026-11-30",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&from, "from", "", "first `date`")
			fs.StringVar(&to, "to", "", "last `date`")
			d.jsonFlag(fs, "array")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			for _, date := range []struct{ flag, text string }{{"from", from}, {"to", to}} {
				if _, err := time.Parse(time.DateOnly, date.text); err != nil && date.text != "" {
					return command.Usage("--%s %q is not a date like 2026-11-16", date.flag, date.text)
				}
			}
			return d.with(ctx, func(l ledger) error {
				lines, err := entryLines(ctx, l, collector.Date(from), collector.Date(to))
				if err != nil {
					return err
				}
				return d.put(lines, func(w io.Writer) error {
					t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
					_, _ = fmt.Fprintln(t, "DATE\tWHO\tWHAT\tSUBJECT\tREASON")
					for _, e := range lines {
						_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", e.Date, e.Who, e.What, e.Subject, cmp.Or(e.Reason, "-"))
					}
					return t.Flush()
				})
			})
		},
	}
}

// entryLines are the entries of the caller's organisation from a date to another; on the server those of all.
func entryLines(ctx context.Context, l ledger, from, to collector.Date) ([]entryLine, error) {
	names, err := l.organisationNames(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := l.store.Entries(ctx, l.within, from, to)
	if err != nil {
		return nil, err
	}
	lines := []entryLine{}
	for _, e := range entries {
		lines = append(lines, entryLine{e.On, names[e.Organisation], e.Who, e.What, e.Subject, e.Reason})
	}
	return lines, nil
}

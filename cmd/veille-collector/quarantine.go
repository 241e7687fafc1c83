package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// refusedLine is one record in quarantine. Its keys are relied on by scripts.
type refusedLine struct {
	Machine int64           `json:"machine"`
	Date    string          `json:"date"` // as the record says it
	Hour    *int            `json:"hour"` // null: the whole day
	CameOn  collector.Date  `json:"came_on"`
	Agent   string          `json:"agent"` // version
	Reason  string          `json:"reason"`
	Record  json.RawMessage `json:"record"` // null: it is too long to be kept
}

func quarantineListCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	return command.Command{
		Name: "quarantine list", Summary: "list the records of a site's machines that could not be accepted, and why; they are kept for thirty days",
		Example: "quarantine list --data /var/lib/veille-collector --site \"Lycée Marie-Curie\"\nquarantine list --data /var/lib/veille-collector --site 2 --json",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			d.jsonFlag(fs, "array, with the records")
			d.reasonFlag(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := f.given(args); err != nil {
				return err
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				if err := l.looking(ctx, site); err != nil {
					return err
				}
				refused, err := l.store.Quarantined(ctx, site.ID)
				if err != nil {
					return err
				}
				lines := refusedLines(refused)
				return d.put(lines, func(w io.Writer) error { return printRefused(w, lines) })
			})
		},
	}
}

func refusedLines(refused []collector.Refused) []refusedLine {
	lines := []refusedLine{}
	for _, r := range refused {
		l := refusedLine{Machine: r.Machine, Date: r.Date, CameOn: r.On, Agent: r.Agent, Reason: r.Reason, Record: json.RawMessage("null")}
		if r.Hour != collector.WholeDay {
			l.Hour = &r.Hour
		}
		if r.Record != "" {
			l.Record = json.RawMessage(r.Record)
		}
		lines = append(lines, l)
	}
	return lines
}

func printRefused(w io.Writer, lines []refusedLine) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "MACHINE\tDATE\tHOUR\tCAME\tAGENT\tREASON")
	for _, l := range lines {
		hour := "day"
		if l.Hour != nil {
			hour = fmt.Sprint(*l.Hour)
		}
		_, _ = fmt.Fprintf(t, "%d\t%q\t%s\t%s\t%q\t%s\n", l.Machine, l.Date, hour, l.CameOn, l.Agent, l.Reason)
	}
	return t.Flush()
}

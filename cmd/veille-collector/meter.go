package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// meterLine is one meter as meter list says it.
type meterLine struct {
	Organisation string         `json:"organisation"`
	Site         string         `json:"site"`
	Meter        string         `json:"meter"`
	From         collector.Date `json:"from"` // of the first reading
	To           collector.Date `json:"to"`   // of the last one, in it
	Readings     int            `json:"readings"`
	KWh          float64        `json:"kwh"`    // of all of them; where two are of the same days, those count twice
	Source       string         `json:"source"` // of the last one
}

func meterListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "meter list", Summary: "list the meters of buildings whose readings were imported, and what they counted; for those that post by themselves see meter status", Example: "meter list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]meterLine, error) {
		all, err := l.store.ImportedReadings(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		names, err := l.siteNames(ctx)
		type meter struct {
			site int64
			name string
		}
		var lines []meterLine
		at := map[meter]int{}
		for _, x := range all { // by site, meter and date
			name, seen := names[x.Site]
			if !seen {
				continue
			}
			key := meter{x.Site, x.Meter}
			if _, begun := at[key]; !begun {
				at[key] = len(lines)
				lines = append(lines, meterLine{Organisation: r.Name, Site: name, Meter: x.Meter, From: x.From})
			}
			m := &lines[at[key]]
			m.From, m.To, m.Readings, m.KWh, m.Source = min(m.From, x.From), max(m.To, x.To), m.Readings+1, m.KWh+x.KWh, x.Source
		}
		return lines, err
	}, "ORGANISATION\tSITE\tMETER\tFROM\tTO\tREADINGS\tKWH\tSOURCE", func(m meterLine) []any {
		return []any{m.Organisation, m.Site, m.Meter, m.From, m.To, m.Readings, plainNumber(m.KWh), cmp.Or(m.Source, "-")}
	})
}

func meterRemoveCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	return command.Command{
		Name: "meter remove", Args: "NAME", Summary: "remove all readings of a meter", Example: "meter remove --data /var/lib/veille-collector \"PDL 1234\" --site \"Lycée Marie-Curie\"",
		Flags: func(fs *pflag.FlagSet) { f.flags(fs) },
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 {
				return command.Usage("give the name of one meter, see veille-collector meter list")
			}
			if err := f.given(nil); err != nil {
				return err
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				noting := l.noting(ctx, site.Organisation, "meter %.60q of site %q", args[0], site.Name)
				if err := l.store.RemoveReadings(noting, site.Organisation, site.ID, args[0]); err != nil {
					return absent(err, fmt.Sprintf("meter %.60q of site %q", args[0], site.Name), "meter list")
				}
				_, err := fmt.Fprintf(d.stdout, "%s: readings of meter %s removed\n", site.Name, args[0])
				return err
			})
		},
	}
}

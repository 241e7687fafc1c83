package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

func siteSetCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	var zone string
	return command.Command{
		Name: "site set", Summary: "correct the time zone of a site",
		Example: "site set --data /var/lib/veille-collector --site Saint-Denis --time-zone Indian/Reunion",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.StringVar(&zone, "time-zone", "", "IANA `name` of the time on its walls")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := f.given(args); err != nil {
				return err
			}
			if zone == "" {
				return command.Usage("nothing to set; add --time-zone ZONE")
			}
			if err := checkZone(zone); err != nil {
				return err
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				if site.TimeZone == zone {
					_, err := fmt.Fprintf(d.stdout, "site %q has the time zone %s already\n", site.Name, zone)
					return err
				}
				if err := l.store.SetTimeZone(l.noting(ctx, site.Organisation, "site %q: time zone %s", site.Name, zone), site.ID, zone); err != nil {
					return err
				}
				_, err := fmt.Fprintf(d.stdout, "site %q: time zone %s, before %s\n"+
					"Records of days that are over stay as they are. Agents hear of it within a day, and count by it from the next midnight; until\n"+
					"then records whose day has another length in the new zone, where clocks change, may be refused.\n", site.Name, zone, site.TimeZone)
				return err
			})
		},
	}
}

// checkZone refuses what is not the IANA name of a time zone.
func checkZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return command.Usage("--time-zone %q is not a name like Europe/Paris", zone)
	}
	return nil
}

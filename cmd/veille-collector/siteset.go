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
	var open bool
	var set *pflag.FlagSet
	return command.Command{
		Name: "site set", Summary: "correct the time zone of a site, or say whether everybody may see its figures",
		Example: "site set --data /var/lib/veille-collector --site Saint-Denis --time-zone Indian/Reunion\n" +
			"site set --data ./var --site \"Lycée Marie-Curie\" --open=true",
		Flags: func(fs *pflag.FlagSet) {
			set = fs
			f.flags(fs)
			fs.StringVar(&zone, "time-zone", "", "IANA `name` of the time on its walls")
			fs.BoolVar(&open, "open", false, "show its page to everybody, without a sign-in, by the rules for the public; --open=false: to users only, as at first")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := f.given(args); err != nil {
				return err
			}
			if zone == "" && !set.Changed("open") {
				return command.Usage("nothing to set; add --time-zone ZONE, --open=true or --open=false")
			}
			if zone != "" {
				if err := checkZone(zone); err != nil {
					return err
				}
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				if zone != "" {
					if err := d.setZone(ctx, l, site, zone); err != nil {
						return err
					}
				}
				if set.Changed("open") {
					return d.setOpen(ctx, l, site, open)
				}
				return nil
			})
		},
	}
}

// setZone gives a site another time zone.
func (d *desk) setZone(ctx context.Context, l ledger, site collector.Site, zone string) error {
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
}

// setOpen shows a site to everybody, or to users only.
func (d *desk) setOpen(ctx context.Context, l ledger, site collector.Site, open bool) error {
	text := "figures for users only"
	if open {
		text = "figures for everybody, by the rules for the public"
	}
	if site.Open == open {
		_, err := fmt.Fprintf(d.stdout, "site %q: %s, as before\n", site.Name, text)
		return err
	}
	if err := l.store.SetOpen(l.noting(ctx, site.Organisation, "site %q: %s", site.Name, text), site.ID, open); err != nil {
		return err
	}
	_, err := fmt.Fprintf(d.stdout, "site %q: %s\n", site.Name, text)
	return err
}

// checkZone refuses what is not the IANA name of a time zone.
func checkZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return command.Usage("--time-zone %q is not a name like Europe/Paris", zone)
	}
	return nil
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

func siteSetCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	var zone string
	var said siteFlags
	return command.Command{
		Name: "site set", Summary: "correct the time zone of a site, say what it is and where, or whether everybody may see its figures",
		Example: "site set --data /var/lib/veille-collector --site Saint-Denis --time-zone Indian/Reunion\n" +
			"site set --data ./var --site \"Lycée Marie-Curie\" --open=true\n" +
			"site set --data ./var --site \"Lycée Marie-Curie\" --scope lycees --code 0123456A --commune 97411",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.StringVar(&zone, "time-zone", "", "IANA `name` of the time on its walls")
			said.flags(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := f.given(args); err != nil {
				return err
			}
			if zone == "" && !said.given() {
				return command.Usage("nothing to set; add --time-zone ZONE, --open=true, --open=false, --scope, --code or --commune")
			}
			if zone != "" {
				if err := checkZone(zone); err != nil {
					return err
				}
			}
			if err := misuse(said.site.Validate()); err != nil {
				return err
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				if zone != "" {
					if err := d.setZone(ctx, l, site, zone); err != nil {
						return err
					}
				}
				if said.given() {
					return d.setSite(ctx, l, site, &said)
				}
				return nil
			})
		},
	}
}

// siteFlags are what a site says of itself. Those that were not given leave it as it is.
type siteFlags struct {
	set  *pflag.FlagSet
	site collector.Site
}

func (f *siteFlags) flags(fs *pflag.FlagSet) {
	f.set = fs
	fs.BoolVar(&f.site.Open, "open", false, "show its page to everybody, without a sign-in, by the rules for the public; --open=false: to users only, as at first")
	fs.StringVar(&f.site.Scope, "scope", "", "`what` it is, for open data: one of "+strings.Join(collector.SiteScopes(), ", "))
	fs.StringVar(&f.site.Code, "code", "", "`number` by which others know it, such as the UAI of a school")
	fs.StringVar(&f.site.Commune, "commune", "", "INSEE `code` of the commune where it is")
}

// given tells whether one of them was given.
func (f *siteFlags) given() bool {
	return slices.ContainsFunc([]string{"open", "scope", "code", "commune"}, f.set.Changed)
}

// onto is a site with what was given. An empty text takes back what was said.
func (f *siteFlags) onto(site collector.Site) collector.Site {
	if f.set.Changed("open") {
		site.Open = f.site.Open
	}
	for _, x := range []struct {
		flag     string
		to, from *string
	}{{"scope", &site.Scope, &f.site.Scope}, {"code", &site.Code, &f.site.Code}, {"commune", &site.Commune, &f.site.Commune}} {
		if f.set.Changed(x.flag) {
			*x.to = *x.from
		}
	}
	return site
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

// setSite keeps what a site says of itself.
func (d *desk) setSite(ctx context.Context, l ledger, site collector.Site, f *siteFlags) error {
	changed := f.onto(site)
	text := siteText(f.set, changed)
	if changed == site {
		_, err := fmt.Fprintf(d.stdout, "site %q: %s, as before\n", site.Name, text)
		return err
	}
	if err := l.store.SetSite(l.noting(ctx, site.Organisation, "site %q: %s", site.Name, text), changed); err != nil {
		return err
	}
	_, err := fmt.Fprintf(d.stdout, "site %q: %s\n", site.Name, text)
	return err
}

// siteText is what was said of a site, in words.
func siteText(set *pflag.FlagSet, site collector.Site) string {
	var said []string
	if set.Changed("open") {
		who := map[bool]string{true: "figures for everybody, by the rules for the public", false: "figures for users only"}
		said = append(said, who[site.Open])
	}
	for _, x := range [][2]string{{"scope", site.Scope}, {"code", site.Code}, {"commune", site.Commune}} {
		if set.Changed(x[0]) {
			said = append(said, x[0]+" "+cmp.Or(x[1], "not known"))
		}
	}
	return strings.Join(said, ", ")
}

// checkZone refuses what is not the IANA name of a time zone.
func checkZone(zone string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return command.Usage("--time-zone %q is not a name like Europe/Paris", zone)
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/calendar"
)

// chosen is the flags that choose the sites a command is about.
type chosen struct {
	oneSite
	all bool
}

func (c *chosen) flags(fs *pflag.FlagSet) {
	c.oneSite.flags(fs)
	fs.BoolVar(&c.all, "all", false, "all sites")
}

// each opens the ledger and does something for each of the sites, by name.
func (c *chosen) each(ctx context.Context, do func(ledger, collector.Site) error) error {
	if c.all == (c.name != "") {
		return command.Usage("say which site: add --site NAME, or --all")
	}
	if !c.all {
		return c.at(ctx, do)
	}
	return c.with(ctx, func(l ledger) error {
		sites, err := l.sites(ctx)
		if err != nil {
			return err
		}
		for _, site := range sites {
			if err := do(l, site); err != nil {
				return fmt.Errorf("site %q: %w", site.Name, err)
			}
		}
		return nil
	})
}

func calendarSetCommand(d *desk) command.Command {
	c := chosen{oneSite: oneSite{desk: d}}
	var open, territory string
	return command.Command{
		Name: "calendar set", Summary: "say when a site is open, and whose public holidays close it",
		Example: "calendar set --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" --open \"mon-fri 08:00-12:00,14:00-18:00; sat 08:00-12:00\"\n" +
			"calendar set --data ./var --all --open \"lun-ven 8h-18h\" --territory alsace-moselle",
		Flags: func(fs *pflag.FlagSet) {
			c.flags(fs)
			fs.StringVar(&open, "open", "", "`hours` of the week, like \"mon-fri 08:00-12:00,14:00-18:00; sat 08:00-12:00\", or default")
			fs.StringVar(&territory, "territory", "", "whose public holidays: `one` of "+strings.Join(calendar.Territories(), ", ")+", or auto for that of the time zone")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			var hours []collector.OpenHours
			if open != "" && open != "default" {
				var err error
				if hours, err = calendar.ParseHours(open); err != nil {
					return command.Usage("--open: %w", err)
				}
			}
			if open == "" && territory == "" {
				return command.Usage("nothing to set; add --open HOURS or --territory NAME")
			}
			return c.each(ctx, func(l ledger, site collector.Site) error {
				var after collector.Calendar
				err := l.store.EditCalendar(l.noting(ctx, site.Organisation, "site %q", site.Name), site.ID, func(c collector.Calendar) (collector.Calendar, error) {
					if open != "" {
						c.Open = hours
					}
					if territory != "" {
						c.Territory = strings.TrimPrefix(territory, "auto")
					}
					after = c
					return c, calendar.Validate(c)
				})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.stdout, "%s: open %s; public holidays: %s\n", site.Name, hoursText(after), territoryText(after, site))
				return err
			})
		},
	}
}

// hoursText is the open hours, and whether somebody chose them.
func hoursText(c collector.Calendar) string {
	text := calendar.FormatHours(c.Open)
	if len(c.Open) == 0 {
		text += " (default)"
	}
	return text
}

// territoryText is whose public holidays close a site, and whether somebody chose that.
func territoryText(c collector.Calendar, site collector.Site) string {
	if c.Territory == "" {
		return calendar.TerritoryOf(site.TimeZone) + " (from its time zone, " + site.TimeZone + ")"
	}
	return c.Territory
}

// daysOf reads one date, or the first and the last of several.
func daysOf(args []string) (collector.Days, error) {
	if len(args) < 1 || len(args) > 2 {
		return collector.Days{}, command.Usage("give the first day and the last, like 2026-12-24 2027-01-03, or one day")
	}
	return collector.Days{From: collector.Date(args[0]), To: collector.Date(args[len(args)-1])}, nil
}

// daysText is days as a person reads them.
func daysText(d collector.Days) string {
	if d.From == d.To {
		return string(d.From)
	}
	return fmt.Sprintf("%s to %s", d.From, d.To)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func calendarCloseCommand(d *desk) command.Command {
	c := chosen{oneSite: oneSite{desk: d}}
	var name string
	return command.Command{
		Name: "calendar close", Args: "FIRST-DAY [LAST-DAY]", Summary: "close a site on one day or several",
		Example: "calendar close --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" 2026-12-24 2027-01-03 --name \"Fermeture de fin d'année\"",
		Flags: func(fs *pflag.FlagSet) {
			c.flags(fs)
			fs.StringVar(&name, "name", "", "`why` it is closed; agents are told the dates only")
		},
		Run: func(ctx context.Context, args []string) error {
			days, err := daysOf(args)
			if err != nil {
				return err
			}
			return c.each(ctx, func(l ledger, site collector.Site) error {
				noting := l.noting(ctx, site.Organisation, "site %q: %s", site.Name, daysText(days))
				err := l.store.EditCalendar(noting, site.ID, func(c collector.Calendar) (collector.Calendar, error) { return calendar.Close(c, days, name) })
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.stdout, "%s: closed %s, %s\n", site.Name, daysText(days), count(calendar.Length(days), "day"))
				return err
			})
		},
	}
}

func calendarReopenCommand(d *desk) command.Command {
	c := chosen{oneSite: oneSite{desk: d}}
	var source string
	return command.Command{
		Name: "calendar reopen", Args: "FIRST-DAY [LAST-DAY]", Summary: "open a site on days that are closed: typed, imported or public holidays",
		Example: "calendar reopen --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" 2027-05-17\n" +
			"calendar reopen --data /var/lib/veille-collector --all --source \"zone B\"",
		Flags: func(fs *pflag.FlagSet) {
			c.flags(fs)
			fs.StringVar(&source, "source", "", "instead of days: everything that was imported under this `name`")
		},
		Run: func(ctx context.Context, args []string) error {
			if source != "" {
				if len(args) > 0 {
					return command.Usage("give days, or --source, not both")
				}
				return c.each(ctx, func(l ledger, site collector.Site) error { return forget(ctx, d.stdout, l, site, source) })
			}
			days, err := daysOf(args)
			if err != nil {
				return err
			}
			return c.each(ctx, func(l ledger, site collector.Site) error {
				noting := l.noting(ctx, site.Organisation, "site %q: %s", site.Name, daysText(days))
				err := l.store.EditCalendar(noting, site.ID, func(c collector.Calendar) (collector.Calendar, error) {
					return calendar.Reopen(c, site.TimeZone, days)
				})
				if errors.Is(err, calendar.ErrOpen) {
					_, err = fmt.Fprintf(d.stdout, "%s: was not closed %s; nothing was changed\n", site.Name, daysText(days))
					return err
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.stdout, "%s: open %s, also when a file that closes it is imported again\n", site.Name, daysText(days))
				return err
			})
		},
	}
}

// errNothing ends a change that would change nothing.
var errNothing = errors.New("nothing to change")

// forget takes out what was imported from a source.
func forget(ctx context.Context, stdout io.Writer, l ledger, site collector.Site, source string) error {
	gone := 0
	var sources []string
	noting := l.noting(ctx, site.Organisation, "site %q: everything from %q", site.Name, source)
	err := l.store.EditCalendar(noting, site.ID, func(c collector.Calendar) (collector.Calendar, error) {
		sources = calendar.Sources(c)
		if c, gone = calendar.Forget(c, source); gone == 0 {
			return c, errNothing
		}
		return c, nil
	})
	if errors.Is(err, errNothing) {
		_, err = fmt.Fprintf(stdout, "%s: has nothing from %q; it has: %s\n", site.Name, source, strings.Join(sources, ", "))
		return err
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %s from %q taken out\n", site.Name, count(gone, "closure"), source)
	return err
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/calendar"
)

// importing is one run of calendar import.
type importing struct {
	chosen
	zone, source string
	dryRun       bool
	last         *calendar.Imported // what was shown last: most sites get the same
	titled       bool               // titles were, or would be, stored that may tell of a person
}

func calendarImportCommand(d *desk) command.Command {
	i := importing{chosen: chosen{oneSite: oneSite{desk: d}}}
	return command.Command{
		Name: "calendar import", Args: "FILE.ics", Summary: "close a site on the days of a calendar file: school holidays, or closures from Outlook, Google, Thunderbird",
		Example: "calendar import Zone-A-B-C-Corse.ics --zone A --data /var/lib/veille-collector --all --dry-run\n" +
			"calendar import fermetures.ics --data /var/lib/veille-collector --site \"Lycée Marie-Curie\"",
		Flags: func(fs *pflag.FlagSet) {
			i.flags(fs)
			fs.StringVar(&i.zone, "zone", "", "school `zone` of the site: A, B, C or Corse; needed for a file of several")
			fs.StringVar(&i.source, "source", "", "`name` under which it is kept; importing under the same name again replaces what is between its first day and its last. Default: the zone, else the file's name")
			fs.BoolVar(&i.dryRun, "dry-run", false, "say what would be taken, and change nothing")
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 {
				return command.Usage("give one calendar file")
			}
			file, err := i.file(args[0], "calendar", calendar.MaxFile)
			if err != nil {
				return err
			}
			if i.source == "" {
				i.source = cmp.Or(zoneSource(i.zone), filepath.Base(args[0]))
			}
			err = i.each(ctx, func(l ledger, site collector.Site) error { return i.into(ctx, l, site, file) })
			if i.titled {
				_, _ = fmt.Fprintln(i.stdout, "titles are kept as reasons at the collector: import calendars of closures only")
			}
			return err
		},
	}
}

// zoneSource is the name under which a school zone is kept: "zone A" for a, A or "zone A".
func zoneSource(zone string) string {
	if zone = calendar.ZoneName(zone); zone == "" {
		return ""
	}
	return "zone " + zone
}

func (i *importing) into(ctx context.Context, l ledger, site collector.Site, file []byte) error {
	zone, err := site.Zone()
	if err != nil {
		return err
	}
	today := time.Now().In(zone)
	in, err := calendar.Import(ctx, file, calendar.How{
		Zone: i.zone, Local: zone,
		From:  collector.Date(fmt.Sprintf("%04d-01-01", today.Year()-1)),
		Until: collector.Date(fmt.Sprintf("%04d-12-31", today.Year()+5)),
	})
	if err != nil {
		return err
	}
	if i.last == nil || !reflect.DeepEqual(in, *i.last) {
		i.last = &in
		if err := i.show(site, in); err != nil {
			return err
		}
	}
	if len(in.Closures) == 0 {
		return errors.New("nothing in the file closes a site; nothing was changed")
	}
	var text string
	var sources []string
	edit := func(c collector.Calendar) (collector.Calendar, error) {
		c, kept, out, err := calendar.Replace(c, i.source, in.Closures)
		text = fmt.Sprintf("%s from %q", count(len(in.Closures), "closure"), i.source)
		if kept+out > 0 {
			text += fmt.Sprintf("; of %d imported earlier, %d kept and %d taken out", kept+out, kept, out)
		}
		sources, i.titled = calendar.Sources(c), i.titled || in.Titled && err == nil
		return c, err
	}
	if i.dryRun {
		before, err := l.store.Calendar(ctx, site.ID)
		if err != nil {
			return err
		}
		if _, err := edit(before); err != nil {
			return err
		}
		_, err = fmt.Fprintf(i.stdout, "%s: would have %s; nothing was changed\n", site.Name, text)
		return err
	}
	if err := l.store.EditCalendar(l.noting(ctx, site.Organisation, "site %q: from %q", site.Name, i.source), site.ID, edit); err != nil {
		return err
	}
	_, err = fmt.Fprintf(i.stdout, "%s: %s; it has closures from: %s\n", site.Name, text, strings.Join(sources, ", "))
	return err
}

// show prints what a file says.
func (i *importing) show(site collector.Site, in calendar.Imported) error {
	t := tabwriter.NewWriter(i.stdout, 0, 0, 2, ' ', 0)
	for _, c := range in.Closures {
		_, _ = fmt.Fprintf(t, "taken\t%s\t%s\t%s\n", daysText(c.Days), count(calendar.Length(c.Days), "day"), c.Name)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if in.NoZone {
		if _, err := fmt.Fprintln(i.stdout, "the file names no zone; taken as it is"); err != nil {
			return err
		}
	}
	if in.Elsewhere > 0 {
		if _, err := fmt.Fprintf(i.stdout, "of other school zones: %s\n", count(in.Elsewhere, "event")); err != nil {
			return err
		}
	}
	for _, s := range in.Skipped {
		if _, err := fmt.Fprintf(i.stdout, "skipped: %s %s: %s\n", cmp.Or(s.On, "no date"), s.Name, s.Why); err != nil {
			return err
		}
		if !s.Begins {
			continue
		}
		where := "--all"
		if !i.all {
			where = fmt.Sprintf("--site %q", site.Name)
		}
		if i.call == nil {
			where = i.folder.flag() + " " + where
		}
		_, err := fmt.Fprintf(i.stdout, "  when you know: veille-collector calendar close %s %s LAST-DAY --name %q\n", where, s.On, s.Name)
		if err != nil {
			return err
		}
	}
	return nil
}

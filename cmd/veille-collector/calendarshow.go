package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/calendar"
)

// calendarYear is a site's calendar of one year, as calendar show --json prints it.
type calendarYear struct {
	Site      string                `json:"site"`
	TimeZone  string                `json:"time_zone"`
	Year      int                   `json:"year"`
	Open      []collector.OpenHours `json:"open"`
	Default   bool                  `json:"default_hours"` // nobody chose the hours
	Territory string                `json:"territory"`
	Closed    []collector.Closure   `json:"closed"`
	Reopened  []collector.Days      `json:"reopened"`
	OpenDays  []int                 `json:"open_days"` // January to December: days with open hours that are not closed
	Agents    agentDates            `json:"agents"`
}

// agentDates is what agents are told of closed days: dates, without reasons.
type agentDates struct {
	From   collector.Date `json:"from"`
	To     collector.Date `json:"to"`
	Closed int            `json:"closed"`
}

func calendarShowCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	var year int
	return command.Command{
		Name: "calendar show", Summary: "show when a site is open and closed in a year, why, and what its agents are told",
		Example: "calendar show --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" --year 2027",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.IntVar(&year, "year", 0, "`year` to show; default: this one")
			fs.BoolVar(&d.asJSON, "json", false, "print JSON")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := f.given(args); err != nil {
				return err
			}
			if year != 0 && (year < 1970 || year > 2199) {
				return command.Usage("--year %d is not from 1970 to 2199", year)
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				c, err := l.store.Calendar(ctx, site.ID)
				if err != nil {
					return err
				}
				y, err := yearOf(c, site, year)
				if err != nil {
					return err
				}
				if d.asJSON {
					e := json.NewEncoder(d.stdout)
					e.SetIndent("", "  ")
					return e.Encode(y)
				}
				return y.print(d.stdout, c, site)
			})
		},
	}
}

// yearOf is a site's calendar of a year, or of this one for year 0.
func yearOf(c collector.Calendar, site collector.Site, year int) (calendarYear, error) {
	zone, err := site.Zone()
	if err != nil {
		return calendarYear{}, err
	}
	today := time.Now().In(zone)
	y := calendarYear{
		Site: site.Name, TimeZone: site.TimeZone, Year: cmp.Or(year, today.Year()), Open: calendar.Hours(c), Default: len(c.Open) == 0,
		Territory: cmp.Or(c.Territory, calendar.TerritoryOf(site.TimeZone)), Closed: []collector.Closure{}, Reopened: []collector.Days{}, OpenDays: make([]int, 12),
	}
	from, to := collector.Date(fmt.Sprintf("%04d-01-01", y.Year)), collector.Date(fmt.Sprintf("%04d-12-31", y.Year))
	closed, err := calendar.Closed(c, site.TimeZone, from, to)
	if err != nil {
		return y, err
	}
	y.Closed = append(y.Closed, closed...)
	for _, d := range c.Reopened {
		if d.From <= to && from <= d.To {
			y.Reopened = append(y.Reopened, d)
		}
	}
	_, dates, err := calendar.Expand(c, site.TimeZone, from, to)
	if err != nil {
		return y, err
	}
	for day := time.Date(y.Year, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == y.Year; day = day.AddDate(0, 0, 1) {
		weekday := (int(day.Weekday())+6)%7 + 1
		_, shut := slices.BinarySearch(dates, collector.DateOf(day))
		if !shut && slices.ContainsFunc(y.Open, func(h collector.OpenHours) bool { return h.Weekday == weekday }) {
			y.OpenDays[day.Month()-1]++
		}
	}
	if y.Agents.From, y.Agents.To, err = calendar.Window(collector.DateOf(today)); err != nil {
		return y, err
	}
	_, told, err := calendar.Expand(c, site.TimeZone, y.Agents.From, y.Agents.To)
	y.Agents.Closed = len(told)
	return y, err
}

func (y calendarYear) print(w io.Writer, c collector.Calendar, site collector.Site) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "site\t%s, %s\n", y.Site, y.TimeZone)
	_, _ = fmt.Fprintf(t, "open\t%s\n", hoursText(c))
	_, _ = fmt.Fprintf(t, "public holidays\t%s\n", territoryText(c, site))
	if err := t.Flush(); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "\nclosed in %d\n", y.Year)
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, closure := range y.Closed {
		_, _ = fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", daysText(closure.Days), count(calendar.Length(closure.Days), "day"), cmp.Or(closure.Name, "no reason given"), closure.Source)
	}
	for _, d := range y.Reopened {
		_, _ = fmt.Fprintf(t, "  %s\t%s\topen all the same\treopened\n", daysText(d), count(calendar.Length(d), "day"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	months, total := make([]string, 12), 0
	for i, n := range y.OpenDays {
		months[i] = fmt.Sprintf("%s %d", time.Month(i + 1).String()[:3], n)
		total += n
	}
	_, _ = fmt.Fprintf(w, "\nopen days in %d: %d\n  %s\n", y.Year, total, strings.Join(months, ", "))
	_, err := fmt.Fprintf(w, "\nagents are told these hours and %s from %s to %s, without reasons\n",
		count(y.Agents.Closed, "closed date"), y.Agents.From, y.Agents.To)
	return err
}

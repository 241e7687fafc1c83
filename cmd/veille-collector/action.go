package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// deed is the flags of action add.
type deed struct {
	action       collector.Action
	on, baseline string
	site, group  string
	until        string
	expected     decimal
}

func (f *deed) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.action.Measure, "measure", "", "`what` was done: one of "+strings.Join(collector.Measures(), ", "))
	fs.StringVar(&f.on, "on", "", "`date` on which it was done")
	fs.StringVar(&f.baseline, "baseline", "", "first and last `month` before it that later ones are compared with, like 2025-09:2026-02")
	fs.StringVar(&f.site, "site", "", "`name` or number of the site where it was done; without it everywhere")
	fs.StringVar(&f.group, "group", "", "`name` of the group of the site; without it all of it")
	fs.StringVar(&f.until, "until", "", "last `date` on which it goes on, where it has one")
	fs.Var(&f.expected, "expected-kwh", "kWh that it is to save in a year")
	fs.StringVar(&f.action.Serves, "serves", "", "`line` of the report that it is to move, like U1")
	fs.StringVar(&f.action.Owner, "owner", "", "the `function` that answers for it, like \"IT department\": not a person's name")
	fs.StringVar(&f.action.Note, "note", "", "a `line` beside it")
}

// complete is the action that was meant, and where it was done in words.
func (f *deed) complete(ctx context.Context, l ledger, r collector.Responsible, name string) (a collector.Action, where string, err error) {
	if f.action.Measure == "" || f.on == "" || f.baseline == "" {
		return a, "", command.Usage("give --measure, --on and --baseline")
	}
	first, last, two := strings.Cut(f.baseline, ":")
	if !two {
		return a, "", command.Usage("--baseline %.40q is not like 2025-09:2026-02", f.baseline)
	}
	if f.group != "" && f.site == "" {
		return a, "", command.Usage("a group is of a site: add --site")
	}
	site, err := l.siteOrWhole(ctx, r, f.site)
	if err != nil {
		return a, "", err
	}
	var group collector.Group
	where = cmp.Or(site.Name, everywhere)
	if f.group != "" {
		if group, err = l.group(ctx, site, f.group); err != nil {
			return a, "", err
		}
		where += ", " + group.Name
	}
	a = f.action
	a.Organisation, a.Site, a.Group, a.Name = r.ID, site.ID, group.ID, name
	a.Until, a.ExpectedKWh = collector.Date(f.until), f.expected.value
	a.On, a.BaseFrom, a.Base = collector.Date(f.on), collector.Month(first), collector.Month(last)
	if err := a.Validate(); err != nil {
		return a, "", command.Usage("%w", err)
	}
	if a.On > today() {
		return a, "", command.Usage("%s is not here yet: add what was done once it is", a.On)
	}
	return a, where, checkIndicator("--serves", a.Serves)
}

func actionAddCommand(d *desk) command.Command {
	var f deed
	c := ofOrganisation(d, command.Command{
		Name: "action add", Summary: "say that something was done to use less; months after it are compared with those of its baseline",
		Example: "action add --data /var/lib/veille-collector \"Sleep after 20 minutes\" --measure sleep-policy --on 2026-03-02 --baseline 2025-09:2026-02\n" +
			"action add --data ./var \"Old desktops replaced\" --measure replacement --on 2026-08-24 --baseline 2025-09:2026-06 --site \"Lycée Marie-Curie\" --owner \"IT department\" --expected-kwh 12000 --serves E2",
	}, f.flags, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		a, where, err := f.complete(ctx, l, r, args[0])
		if err != nil {
			return err
		}
		if a, err = l.store.AddAction(l.noting(ctx, r.ID, "action %q of %s, %s", a.Name, a.On, where), a); err != nil {
			return err
		}
		if _, err = fmt.Fprintf(d.stdout, "%s: action %d: %q of %s, %s, compared with %s to %s\n", r.Name, a.ID, a.Name, a.On, where, a.BaseFrom, a.Base); err != nil {
			return err
		}
		return d.keptSince(ctx, l, r, a.ID)
	})
	c.Args = "NAME"
	return c
}

// actionLine is one action as action list says it.
type actionLine struct {
	ID           int64           `json:"id"`
	Organisation string          `json:"organisation"`
	Name         string          `json:"name"`
	Measure      string          `json:"measure"`
	On           collector.Date  `json:"on"`
	BaseFrom     collector.Month `json:"base_from"`
	BaseTo       collector.Month `json:"base_to"`
	Site         string          `json:"site"`  // "": everywhere
	Group        string          `json:"group"` // "": all of the site
	Owner        string          `json:"owner"`
	Note         string          `json:"note"`
	Until        collector.Date  `json:"until"`        // "": nobody has said
	ExpectedKWh  float64         `json:"expected_kwh"` // that it is to save in a year; 0: nobody has said
	Serves       string          `json:"serves"`       // the line of the report that it is to move; "": none
}

func actionListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "action list", Summary: "list the actions, the last first", Example: "action list --data /var/lib/veille-collector",
	}, actionLines, "NUMBER\tORGANISATION\tSITE\tGROUP\tDATE\tMEASURE\tBASELINE\tNAME", func(a actionLine) []any {
		return []any{a.ID, a.Organisation, cmp.Or(a.Site, everywhere), cmp.Or(a.Group, "-"), a.On, a.Measure, fmt.Sprintf("%s to %s", a.BaseFrom, a.BaseTo), a.Name}
	})
}

func actionLines(ctx context.Context, l ledger, r collector.Responsible) ([]actionLine, error) {
	actions, err := l.store.Actions(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	sites, err := l.siteNames(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := l.store.EveryGroup(ctx)
	if err != nil {
		return nil, err
	}
	names := map[int64]string{}
	for _, g := range groups {
		names[g.ID] = g.Name
	}
	var lines []actionLine
	for _, a := range actions {
		if l.seesSite(a.Site) {
			lines = append(lines, actionLine{a.ID, r.Name, a.Name, a.Measure, a.On, a.BaseFrom, a.Base, sites[a.Site], names[a.Group], a.Owner, a.Note, a.Until, a.ExpectedKWh, a.Serves})
		}
	}
	return lines, nil
}

func actionRemoveCommand(d *desk) command.Command {
	return removing(d, command.Command{
		Name: "action remove", Summary: "remove an action, and what was reckoned of it", Example: "action remove --data /var/lib/veille-collector 3",
	}, "action", func(ctx context.Context, l ledger, organisation int64) ([]collector.Action, error) {
		return l.store.Actions(ctx, organisation)
	}, func(l ledger, a collector.Action) (int64, bool) {
		return a.ID, l.keepsSite(a.Site)
	}, func(ctx context.Context, l ledger, a collector.Action) error {
		return l.store.RemoveAction(l.noting(ctx, a.Organisation, "action %d: %q of %s", a.ID, a.Name, a.On), a.Organisation, a.ID)
	})
}

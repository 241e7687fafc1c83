package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/label"
)

// everywhere is how lists name the absence of a site.
const everywhere = "all sites"

func targetAddCommand(d *desk) command.Command {
	var t collector.Target
	var value decimal
	var by, site string
	return ofOrganisation(d, command.Command{
		Name: "target add", Summary: "say where the organisation, or one of its sites, wants to be by a month",
		Example: "target add --data /var/lib/veille-collector --indicator kwh --value 400000 --by 2027-12\n" +
			"target add --data ./var --indicator outside_share --value 30 --by 2027-06 --site \"Lycée Marie-Curie\" --note \"decided by the board\"",
	}, func(fs *pflag.FlagSet) {
		fs.StringVar(&t.Indicator, "indicator", "", "`what` it is of: "+strings.Join(collector.Indicators(), ", ")+
			": kWh of twelve months, the same of one machine, percent of the energy that is used outside of open hours, kgCO2e of twelve months; or a line of the report, like U1")
		fs.Var(&value, "value", "what it is to be: at most, or at least where more is better")
		fs.StringVar(&by, "by", "", "`month` that ends the twelve, like 2027-12")
		fs.StringVar(&site, "site", "", "`name` or number of the site; without it the whole organisation")
		fs.StringVar(&t.Note, "note", "", "a `line` beside it")
	}, 0, func(ctx context.Context, l ledger, r collector.Responsible, _ []string) error {
		if t.Indicator == "" || !value.given || by == "" {
			return command.Usage("give --indicator, --value and --by")
		}
		if !slices.Contains(collector.Indicators(), t.Indicator) && !label.Known(t.Indicator) {
			return command.Usage("--indicator %.40q is none of %s, and no line of a report, like U1", t.Indicator, strings.Join(collector.Indicators(), ", "))
		}
		at, err := l.siteOrWhole(ctx, r, site)
		if err != nil {
			return err
		}
		t.Organisation, t.Site, t.Value, t.By = r.ID, at.ID, value.value, collector.Month(by)
		if err := t.Validate(); err != nil {
			return command.Usage("%w", err)
		}
		text := fmt.Sprintf("%s %s by %s, %s", t.Indicator, plainNumber(t.Value), t.By, cmp.Or(at.Name, everywhere))
		if t, err = l.store.AddTarget(l.noting(ctx, r.ID, "target %s", text), t); err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "%s: target %d: %s\n", r.Name, t.ID, text)
		return err
	})
}

// targetLine is one target as target list says it.
type targetLine struct {
	ID           int64           `json:"id"`
	Organisation string          `json:"organisation"`
	Indicator    string          `json:"indicator"`
	Value        float64         `json:"value"`
	By           collector.Month `json:"by"`
	Site         string          `json:"site"` // "": the whole organisation
	Note         string          `json:"note"`
}

func targetListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "target list", Summary: "list the targets", Example: "target list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]targetLine, error) {
		targets, err := l.store.Targets(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		names, err := l.siteNames(ctx)
		var lines []targetLine
		for _, t := range targets {
			if l.seesSite(t.Site) {
				lines = append(lines, targetLine{t.ID, r.Name, t.Indicator, t.Value, t.By, names[t.Site], t.Note})
			}
		}
		return lines, err
	}, "NUMBER\tORGANISATION\tSITE\tINDICATOR\tVALUE\tBY\tNOTE", func(t targetLine) []any {
		return []any{t.ID, t.Organisation, cmp.Or(t.Site, everywhere), t.Indicator, plainNumber(t.Value), t.By, cmp.Or(t.Note, "-")}
	})
}

func targetRemoveCommand(d *desk) command.Command {
	return removing(d, command.Command{
		Name: "target remove", Summary: "remove a target", Example: "target remove --data /var/lib/veille-collector 3",
	}, "target", func(ctx context.Context, l ledger, organisation int64) ([]collector.Target, error) {
		return l.store.Targets(ctx, organisation)
	}, func(l ledger, t collector.Target) (int64, bool) {
		return t.ID, l.keepsSite(t.Site)
	}, func(ctx context.Context, l ledger, t collector.Target) error {
		noting := l.noting(ctx, t.Organisation, "target %d: %s %s by %s", t.ID, t.Indicator, plainNumber(t.Value), t.By)
		return l.store.RemoveTarget(noting, t.Organisation, t.ID)
	})
}

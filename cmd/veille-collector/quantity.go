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

func quantitySetCommand(d *desk) command.Command {
	var q collector.Quantity
	var value decimal
	var months period
	var site string
	return ofOrganisation(d, command.Command{
		Name: "quantity set", Args: "NAME", Summary: "state a number that nothing measures, such as how many people work there; the one of the same months is replaced",
		Example: "quantity set --data /var/lib/veille-collector staff --value 412 --from 2025-09 --to 2026-08 --source \"staff register\" --owner \"human resources\"\n" +
			"quantity set --data ./var printers --value 14 --from 2025-09 --to 2026-08 --site \"Lycée Marie-Curie\"",
	}, func(fs *pflag.FlagSet) {
		fs.Var(&value, "value", "how many or how much. NAME is one of: "+strings.Join(quantityKinds(), ", "))
		months.flags(fs, "that it is of")
		fs.StringVar(&site, "site", "", "`name` or number of the site that it is of; without it the whole organisation")
		fs.StringVar(&q.Source, "source", "", "`what` says so: an invoice, a register")
		fs.StringVar(&q.Owner, "owner", "", "the `function` that states it, like \"human resources\": not a person's name")
		fs.StringVar(&q.Note, "note", "", "a `line` beside it")
	}, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		if !value.given || months.from == "" || months.to == "" {
			return command.Usage("give --value, --from and --to")
		}
		at, err := l.siteOrWhole(ctx, r, site)
		if err != nil {
			return err
		}
		if q.From, q.To, err = months.read(); err != nil {
			return err
		}
		q.Organisation, q.Site, q.Name, q.Value = r.ID, at.ID, args[0], value.value
		if err := misuse(q.Validate()); err != nil {
			return err
		}
		text := fmt.Sprintf("%s of %s: %s", quantityText(q), cmp.Or(at.Name, everywhere), amount(q))
		kept, err := l.store.SetQuantity(l.noting(ctx, r.ID, "quantity %s", text), q)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "%s: quantity %d: %s\n", r.Name, kept.ID, text)
		return err
	})
}

// quantityText is what a number is of.
func quantityText(q collector.Quantity) string {
	return fmt.Sprintf("%s, %s to %s", q.Name, q.From, q.To)
}

// amount is a number with its unit.
func amount(q collector.Quantity) string {
	kind, _ := collector.KindOf(q.Name)
	return strings.TrimSpace(plainNumber(q.Value) + " " + kind.Unit)
}

// quantityLine is one stated number as quantity list says it.
type quantityLine struct {
	ID           int64           `json:"id"`
	Organisation string          `json:"organisation"`
	Name         string          `json:"name"`
	Unit         string          `json:"unit"` // "" of a count
	From         collector.Month `json:"from"`
	To           collector.Month `json:"to"` // in it
	Value        float64         `json:"value"`
	Site         string          `json:"site"` // "": the whole organisation
	Source       string          `json:"source"`
	Owner        string          `json:"owner"`
	Note         string          `json:"note"`
}

func quantityListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "quantity list", Summary: "list the numbers that people state", Example: "quantity list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]quantityLine, error) {
		all, err := l.store.Quantities(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		names, err := l.siteNames(ctx)
		var lines []quantityLine
		for _, q := range all {
			if l.seesSite(q.Site) {
				kind, _ := collector.KindOf(q.Name)
				lines = append(lines, quantityLine{q.ID, r.Name, q.Name, kind.Unit, q.From, q.To, q.Value, names[q.Site], q.Source, q.Owner, q.Note})
			}
		}
		return lines, err
	}, "NUMBER\tORGANISATION\tSITE\tQUANTITY\tFROM\tTO\tVALUE\tSOURCE", func(q quantityLine) []any {
		value := strings.TrimSpace(plainNumber(q.Value) + " " + q.Unit)
		return []any{q.ID, q.Organisation, cmp.Or(q.Site, everywhere), q.Name, q.From, q.To, value, cmp.Or(q.Source, "-")}
	})
}

func quantityRemoveCommand(d *desk) command.Command {
	return removing(d, command.Command{
		Name: "quantity remove", Summary: "remove a stated number", Example: "quantity remove --data /var/lib/veille-collector 3",
	}, "quantity", func(ctx context.Context, l ledger, organisation int64) ([]collector.Quantity, error) {
		return l.store.Quantities(ctx, organisation)
	}, func(l ledger, q collector.Quantity) (int64, bool) {
		return q.ID, l.keepsSite(q.Site)
	}, func(ctx context.Context, l ledger, q collector.Quantity) error {
		noting := l.noting(ctx, q.Organisation, "quantity %d: %s: %s", q.ID, quantityText(q), amount(q))
		return l.store.RemoveQuantity(noting, q.Organisation, q.ID)
	})
}

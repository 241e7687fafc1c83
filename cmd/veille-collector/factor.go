package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/balance"
)

func factorSetCommand(d *desk) command.Command {
	var f collector.Factor
	var value, low, high decimal
	c := ofOrganisation(d, command.Command{
		Name: "factor set", Summary: "use a factor of your own, or one that you have read at its source, in the place of the one that is shipped",
		Example: "factor set --data /var/lib/veille-collector electricity --value 52 --low 40 --high 64 --unit gCO2e/kWh --year 2025 " +
			"--source \"Base Carbone, mix moyen\" --link https://base-empreinte.ademe.fr/ --licence \"Licence Ouverte 2.0\" --verified",
	}, func(fs *pflag.FlagSet) {
		fs.Var(&value, "value", "the factor")
		fs.Var(&low, "low", "the least that it may be; without it the value")
		fs.Var(&high, "high", "the most that it may be; without it the value")
		fs.StringVar(&f.Unit, "unit", "", "`unit` of it, as factor list has it")
		fs.IntVar(&f.Year, "year", 0, "`year` that it is of")
		fs.StringVar(&f.Source, "source", "", "`title` of what says so")
		fs.StringVar(&f.Link, "link", "", "`address` of that")
		fs.StringVar(&f.Licence, "licence", "", "`licence` under which it is published")
		fs.BoolVar(&f.Verified, "verified", false, "you have read it there yourself")
	}, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		if !value.given || f.Unit == "" || f.Year == 0 || f.Source == "" {
			return command.Usage("give --value, --unit, --year and --source")
		}
		f.Organisation, f.ID, f.Value, f.Low, f.High = r.ID, args[0], value.value, value.value, value.value
		if low.given {
			f.Low = low.value
		}
		if high.given {
			f.High = high.value
		}
		if err := misuse(checkFactor(f)); err != nil {
			return err
		}
		if err := l.store.SetFactor(l.noting(ctx, r.ID, "factor %s: %s %s", f.ID, rangeOf(f), f.Unit), f); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "%s: factor %s is %s %s\n", r.Name, f.ID, rangeOf(f), f.Unit)
		return err
	})
	c.Args = "ID"
	return c
}

// checkFactor refuses what is no factor, and one whose unit is not that by which figures are reckoned.
func checkFactor(f collector.Factor) error {
	if err := f.Validate(); err != nil {
		return err
	}
	shipped, err := balance.Shipped()
	if err != nil {
		return err
	}
	for _, s := range shipped {
		if s.ID == f.ID && s.Unit != f.Unit {
			return fmt.Errorf("figures are reckoned with %s in %s, not in %.60q", s.ID, s.Unit, f.Unit)
		}
	}
	return nil
}

// rangeOf is the value of a factor, with what it may be.
func rangeOf(f collector.Factor) string {
	if f.Low == f.High {
		return plainNumber(f.Value)
	}
	return fmt.Sprintf("%s (%s to %s)", plainNumber(f.Value), plainNumber(f.Low), plainNumber(f.High))
}

// factorLine is one factor as factor list says it.
type factorLine struct {
	Organisation string  `json:"organisation"` // whose figures are reckoned with it
	ID           string  `json:"id"`
	Value        float64 `json:"value"`
	Low          float64 `json:"low"`
	High         float64 `json:"high"`
	Unit         string  `json:"unit"`
	Year         int     `json:"year"`
	Source       string  `json:"source"`
	Link         string  `json:"link"`
	Licence      string  `json:"licence"`
	Verified     bool    `json:"verified"`
	Own          bool    `json:"own"` // the organisation has said it; false: it is shipped
}

func factorListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "factor list", Summary: "list the factors that figures are reckoned with: those that are shipped, and your own in their place",
		Example: "factor list --data /var/lib/veille-collector",
	}, factorLines, "ORGANISATION\tFACTOR\tVALUE\tUNIT\tYEAR\tOWN\tREAD AT ITS SOURCE\tSOURCE", func(f factorLine) []any {
		yes := map[bool]string{true: "yes", false: "no"}
		return []any{f.Organisation, f.ID, rangeOf(collector.Factor{Value: f.Value, Low: f.Low, High: f.High}), f.Unit, strconv.Itoa(f.Year), yes[f.Own], yes[f.Verified], f.Source}
	})
}

// factorLines are the factors of an organisation, by id.
func factorLines(ctx context.Context, l ledger, r collector.Responsible) ([]factorLine, error) {
	shipped, err := balance.Shipped()
	if err != nil {
		return nil, err
	}
	own, err := l.store.Factors(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	all := map[string]collector.Factor{}
	for _, f := range slices.Concat(shipped, own) { // its own come last
		all[f.ID] = f
	}
	var lines []factorLine
	for _, f := range all {
		lines = append(lines, factorLine{r.Name, f.ID, f.Value, f.Low, f.High, f.Unit, f.Year, f.Source, f.Link, f.Licence, f.Verified, f.Organisation != 0})
	}
	slices.SortFunc(lines, func(a, b factorLine) int { return cmp.Compare(a.ID, b.ID) })
	return lines, nil
}

func factorRemoveCommand(d *desk) command.Command {
	c := ofOrganisation(d, command.Command{
		Name: "factor remove", Summary: "remove a factor of your own; the one that is shipped, if any, then holds again",
		Example: "factor remove --data /var/lib/veille-collector electricity",
	}, noFlags, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		if err := l.store.RemoveFactor(l.noting(ctx, r.ID, "factor %.60s", args[0]), r.ID, args[0]); err != nil {
			return absent(err, fmt.Sprintf("factor %.60q of your own", args[0]), "factor list")
		}
		_, err := fmt.Fprintf(d.stdout, "%s: factor %s removed\n", r.Name, args[0])
		return err
	})
	c.Args = "ID"
	return c
}

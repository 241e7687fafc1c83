package main

import (
	"context"
	"fmt"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

func priceSetCommand(d *desk) command.Command {
	var p collector.Price
	var from string
	var euro decimal
	return ofOrganisation(d, command.Command{
		Name: "price set", Summary: "say what a kilowatt-hour costs from a month on; another price from the same month is replaced",
		Example: "price set --data /var/lib/veille-collector --from 2026-01 --euro 0.21 --tax included --source \"contract 2026-014\"",
	}, func(fs *pflag.FlagSet) {
		fs.StringVar(&from, "from", "", "first `month` in which it is paid, like 2026-01; it holds until the next price")
		fs.Var(&euro, "euro", "euros for a kilowatt-hour, like 0.21, all that depends on the energy: supply, network, taxes")
		fs.StringVar(&p.Tax, "tax", "", "`whether` VAT is in it: included or excluded")
		command.Values(fs, "tax", "included", "excluded")
		fs.StringVar(&p.Source, "source", "", "`what` says so: a contract, an invoice")
	}, 0, func(ctx context.Context, l ledger, r collector.Responsible, _ []string) error {
		if from == "" || !euro.given || p.Tax == "" {
			return command.Usage("give --from, --euro and --tax")
		}
		p.Organisation, p.From, p.EuroPerKWh = r.ID, collector.Month(from), euro.value
		if err := p.Validate(); err != nil {
			return command.Usage("%w", err)
		}
		text := fmt.Sprintf("from %s: %s euros a kWh, VAT %s", p.From, plainNumber(p.EuroPerKWh), p.Tax)
		if err := l.store.SetPrice(l.noting(ctx, r.ID, "price %s", text), p); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "%s: price %s\n", r.Name, text)
		return err
	})
}

// priceLine is one price as price list says it.
type priceLine struct {
	Organisation string          `json:"organisation"`
	From         collector.Month `json:"from"`
	Euro         float64         `json:"euro_per_kwh"`
	Tax          string          `json:"tax"` // included or excluded
	Source       string          `json:"source"`
}

func priceListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "price list", Summary: "list what a kilowatt-hour cost and costs, the oldest first", Example: "price list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]priceLine, error) {
		prices, err := l.store.Prices(ctx, r.ID)
		var lines []priceLine
		for _, p := range prices {
			lines = append(lines, priceLine{r.Name, p.From, p.EuroPerKWh, p.Tax, p.Source})
		}
		return lines, err
	}, "ORGANISATION\tFROM\tEUROS A KWH\tVAT\tSOURCE", func(p priceLine) []any {
		return []any{p.Organisation, p.From, plainNumber(p.Euro), p.Tax, p.Source}
	})
}

func priceRemoveCommand(d *desk) command.Command {
	var from string
	return ofOrganisation(d, command.Command{
		Name: "price remove", Summary: "remove the price from a month on; the one before it then holds on",
		Example: "price remove --data /var/lib/veille-collector --from 2026-01",
	}, func(fs *pflag.FlagSet) {
		fs.StringVar(&from, "from", "", "first `month` of the price, see price list")
	}, 0, func(ctx context.Context, l ledger, r collector.Responsible, _ []string) error {
		month := collector.Month(from)
		if _, _, err := month.Dates(); err != nil {
			return command.Usage("--from %.60q is not a month like 2026-01", from)
		}
		if err := l.store.RemovePrice(l.noting(ctx, r.ID, "price from %s", month), r.ID, month); err != nil {
			return absent(err, "price from "+from, "price list")
		}
		_, err := fmt.Fprintf(d.stdout, "%s: price from %s removed\n", r.Name, month)
		return err
	})
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/store/sqlite"
)

// longest is how many characters a text of an organisation may have.
const longest = 300

func orgSetCommand(stdout io.Writer) command.Command {
	var f folder
	var organisation, name, contact, dpo, address string
	return command.Command{
		Name: "org set", Summary: "say who answers for the data: what notices name, and where people ask",
		Example: "org set --data /var/lib/veille-collector --organisation Organisation --name \"Région Démonstration\"\n" +
			"org set --data /var/lib/veille-collector --contact dpo@example.org --dpo \"Camille Martin\" --address \"1 place du Marché, 97400 Saint-Denis\"",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.StringVar(&organisation, "organisation", "", "`name` of the organisation; needed where the collector has several")
			fs.StringVar(&name, "name", "", "new `name` of it")
			fs.StringVar(&contact, "contact", "", "`how` to reach the data protection officer: an address, a telephone number, a page")
			fs.StringVar(&dpo, "dpo", "", "`who` the data protection officer is")
			fs.StringVar(&address, "address", "", "postal `address` of the organisation")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if name+contact+dpo+address == "" {
				return command.Usage("nothing to set; add --contact, --dpo, --address or --name")
			}
			for flag, text := range map[string]string{"name": name, "contact": contact, "dpo": dpo, "address": address} {
				if text != strings.TrimSpace(text) || strings.ContainsFunc(text, unicode.IsControl) || utf8.RuneCountInString(text) > longest || !utf8.ValidString(text) {
					return command.Usage("--%s %q is not one line of up to %d characters", flag, text, longest)
				}
			}
			return f.with(ctx, func(store *sqlite.Store) error {
				r, err := findOrganisation(ctx, store, organisation)
				if err != nil {
					return err
				}
				r.Name, r.Contact, r.DPO, r.Address = cmp.Or(name, r.Name), cmp.Or(contact, r.Contact), cmp.Or(dpo, r.DPO), cmp.Or(address, r.Address)
				if err := store.SetOrganisation(ctx, r); err != nil {
					return err
				}
				return printOrganisation(stdout, r)
			})
		},
	}
}

func orgShowCommand(stdout io.Writer) command.Command {
	var f folder
	return command.Command{
		Name: "org show", Summary: "show the organisations, and what notices say of them", Example: "org show --data /var/lib/veille-collector", Flags: f.flags,
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return f.with(ctx, func(store *sqlite.Store) error {
				all, err := store.Organisations(ctx)
				if err != nil {
					return err
				}
				for _, r := range all {
					if err := printOrganisation(stdout, r); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

// findOrganisation is the organisation of that name, or the only one.
func findOrganisation(ctx context.Context, store *sqlite.Store, name string) (collector.Responsible, error) {
	all, err := store.Organisations(ctx)
	if err != nil {
		return collector.Responsible{}, err
	}
	names := make([]string, 0, len(all))
	for _, r := range all {
		if r.Name == name || name == "" && len(all) == 1 {
			return r, nil
		}
		names = append(names, r.Name)
	}
	list := strings.Join(names, ", ")
	switch {
	case len(all) == 0:
		return collector.Responsible{}, fmt.Errorf("the collector has no organisation yet; begin with veille-collector site add")
	case name == "":
		return collector.Responsible{}, command.Usage("the collector has %d organisations; add --organisation with one of: %s", len(all), list)
	}
	return collector.Responsible{}, fmt.Errorf("organisation %q: %w; the collector has: %s", name, collector.ErrNotFound, list)
}

func printOrganisation(w io.Writer, r collector.Responsible) error {
	const missing = "not set"
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "%s\n  contact\t%s\n  dpo\t%s\n  address\t%s\n", r.Name, cmp.Or(r.Contact, missing), cmp.Or(r.DPO, missing), cmp.Or(r.Address, missing))
	return t.Flush()
}

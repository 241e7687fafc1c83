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
)

// longest is how many characters a text of an organisation may have.
const longest = 300

// oneLine tells whether a text is one line of up to longest characters, without spaces around it, and without marks of the direction of
// writing, which would let it pass for another.
func oneLine(text string) bool {
	odd := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }
	return text == strings.TrimSpace(text) && !strings.ContainsFunc(text, odd) && utf8.RuneCountInString(text) <= longest && utf8.ValidString(text)
}

func orgSetCommand(d *desk) command.Command {
	var organisation, name, contact, dpo, address string
	return command.Command{
		Name: "org set", Summary: "say who answers for the data: what notices name, and where people ask",
		Example: "org set --data /var/lib/veille-collector --organisation Organisation --name \"Région Démonstration\"\n" +
			"org set --data /var/lib/veille-collector --contact dpo@example.org --dpo \"Camille Martin\" --address \"1 place du Marché, 97400 Saint-Denis\"",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
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
				if !oneLine(text) {
					return command.Usage("--%s %q is not one line of up to %d characters", flag, text, longest)
				}
			}
			return d.with(ctx, func(l ledger) error {
				r, err := l.organisation(ctx, organisation)
				if err != nil {
					return err
				}
				r.Name, r.Contact, r.DPO, r.Address = cmp.Or(name, r.Name), cmp.Or(contact, r.Contact), cmp.Or(dpo, r.DPO), cmp.Or(address, r.Address)
				if err := l.store.SetOrganisation(l.noting(ctx, r.ID, "organisation %q", r.Name), r); err != nil {
					return err
				}
				return printOrganisation(d.stdout, r)
			})
		},
	}
}

// organisationLine is one organisation as org show says it.
type organisationLine struct {
	Name    string `json:"name"`
	Contact string `json:"contact"` // this and the next two are empty until somebody says them
	DPO     string `json:"dpo"`
	Address string `json:"address"`
}

func orgShowCommand(d *desk) command.Command {
	return command.Command{
		Name: "org show", Summary: "show the organisations, and what notices say of them", Example: "org show --data /var/lib/veille-collector", Flags: d.flagsWithJSON,
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				all, err := l.organisations(ctx)
				if err != nil {
					return err
				}
				lines := []organisationLine{}
				for _, r := range all {
					lines = append(lines, organisationLine{r.Name, r.Contact, r.DPO, r.Address})
				}
				return d.put(lines, func(w io.Writer) error {
					for _, r := range all {
						if err := printOrganisation(w, r); err != nil {
							return err
						}
					}
					return nil
				})
			})
		},
	}
}

func printOrganisation(w io.Writer, r collector.Responsible) error {
	const missing = "not set"
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "%s\n  contact\t%s\n  dpo\t%s\n  address\t%s\n", r.Name, cmp.Or(r.Contact, missing), cmp.Or(r.DPO, missing), cmp.Or(r.Address, missing))
	return t.Flush()
}

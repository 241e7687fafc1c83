package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
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

// organisationFlags are what may be said of an organisation. Those that were not given leave it as it is.
type organisationFlags struct {
	set *pflag.FlagSet
	r   collector.Responsible
}

func (f *organisationFlags) flags(fs *pflag.FlagSet) {
	f.set = fs
	fs.StringVar(&f.r.Name, "name", "", "new `name` of it")
	fs.StringVar(&f.r.Contact, "contact", "", "`how` to reach the data protection officer: an address, a telephone number, a page")
	fs.StringVar(&f.r.DPO, "dpo", "", "`who` the data protection officer is")
	fs.StringVar(&f.r.Address, "address", "", "postal `address` of the organisation")
	fs.StringVar(&f.r.SIREN, "siren", "", "its `number` in the French register, 9 digits; open data need it")
	fs.BoolVar(&f.r.OpenData, "open-data", false, "publish its data sets at /opendata/, by the rules for the public; --open-data=false: nothing of it, as at first")
	fs.StringVar(&f.r.Licence, "licence", "", "`licence` of its data sets (default: Licence Ouverte 2.0, to which an empty one goes back)")
}

// check refuses what nobody may say of an organisation.
func (f *organisationFlags) check() error {
	if !slices.ContainsFunc([]string{"name", "contact", "dpo", "address", "siren", "open-data", "licence"}, f.set.Changed) {
		return command.Usage("nothing to set; add --contact, --dpo, --address, --name, --siren, --open-data or --licence")
	}
	for _, t := range [][2]string{{"--name", f.r.Name}, {"--contact", f.r.Contact}, {"--dpo", f.r.DPO}, {"--address", f.r.Address}, {"--licence", f.r.Licence}} {
		if !oneLine(t[1]) {
			return command.Usage("%s %q is not one line of up to %d characters", t[0], t[1], longest)
		}
	}
	f.r.SIREN = strings.Join(strings.Fields(f.r.SIREN), "")
	return misuse(f.r.Validate())
}

// onto is an organisation with what was given.
func (f *organisationFlags) onto(r collector.Responsible) collector.Responsible {
	r.Name, r.Contact, r.DPO, r.Address = cmp.Or(f.r.Name, r.Name), cmp.Or(f.r.Contact, r.Contact), cmp.Or(f.r.DPO, r.DPO), cmp.Or(f.r.Address, r.Address)
	r.SIREN = cmp.Or(f.r.SIREN, r.SIREN)
	if f.set.Changed("open-data") {
		r.OpenData = f.r.OpenData
	}
	if f.set.Changed("licence") {
		r.Licence = f.r.Licence
	}
	return r
}

func orgSetCommand(d *desk) command.Command {
	var organisation string
	var f organisationFlags
	return command.Command{
		Name: "org set", Summary: "say who answers for the data: what notices name, where people ask, and whether its open data are published",
		Example: "org set --data /var/lib/veille-collector --organisation Organisation --name \"Région Démonstration\"\n" +
			"org set --data /var/lib/veille-collector --contact dpo@example.org --dpo \"Camille Martin\" --address \"1 place du Marché, 97400 Saint-Denis\"\n" +
			"org set --data /var/lib/veille-collector --siren 123456782 --open-data=true",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&organisation, "organisation", "", "`name` of the organisation; needed where the collector has several")
			f.flags(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				r, err := l.organisation(ctx, organisation)
				if err != nil {
					return err
				}
				r = f.onto(r)
				if r.OpenData && r.SIREN == "" {
					return command.Usage("its data sets name the organisation by its SIREN: add --siren")
				}
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

	SIREN    string `json:"siren"`     // "": nobody has said
	OpenData bool   `json:"open_data"` // its data sets are published at /opendata/
	Licence  string `json:"licence"`   // of them; "": the Licence Ouverte 2.0
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
					lines = append(lines, organisationLine{r.Name, r.Contact, r.DPO, r.Address, r.SIREN, r.OpenData, r.Licence})
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
	published := "not published"
	if r.OpenData {
		published = fmt.Sprintf("published at /opendata/%d/, %s", r.ID, cmp.Or(r.Licence, "Licence Ouverte 2.0"))
	}
	_, _ = fmt.Fprintf(t, "  siren\t%s\n  open data\t%s\n", cmp.Or(r.SIREN, missing), published)
	return t.Flush()
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

func siteAddCommand(d *desk) command.Command {
	var organisation, zone string
	return command.Command{
		Name: "site add", Args: "NAME", Summary: "add a site: a place with machines, and its time zone",
		Example: "site add --data /var/lib/veille-collector \"Lycée Marie-Curie\"\nsite add --data ./var --time-zone Indian/Reunion Saint-Denis",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&organisation, "organisation", "", "`name` of the organisation it belongs to, made where it is missing; without it the only one there is, \"Organisation\" at first")
			fs.StringVar(&zone, "time-zone", "Europe/Paris", "IANA `name` of the time on its walls")
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 || args[0] == "" || !oneLine(args[0]) {
				return command.Usage("give one name of a site")
			}
			if err := checkZone(zone); err != nil {
				return err
			}
			return d.create(ctx, func(l ledger) error {
				organisation, err := organisationFor(ctx, l, organisation)
				if err != nil {
					return err
				}
				site, err := l.store.CreateSite(l.noting(ctx, organisation.ID, "site %q", args[0]), organisation.Name, args[0], zone)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.stdout, "site %q added, time zone %s\n", site.Name, site.TimeZone)
				return err
			})
		},
	}
}

// organisationFor is the organisation that a new site belongs to: the one that was asked for, else the only one. On the server it is
// made where it is missing.
func organisationFor(ctx context.Context, l ledger, asked string) (collector.Responsible, error) {
	all, err := l.organisations(ctx)
	if err != nil {
		return collector.Responsible{}, err
	}
	isNew := len(all) == 0 || asked != "" && !slices.ContainsFunc(all, func(r collector.Responsible) bool { return r.Name == asked })
	if !isNew || !l.onServer() {
		return l.organisation(ctx, asked)
	}
	name := cmp.Or(asked, "Organisation")
	id, err := l.store.AddOrganisation(l.noting(ctx, 0, "organisation %q", name), name)
	return collector.Responsible{Organisation: collector.Organisation{ID: id, Name: name}}, err
}

// siteLine is one site as site list says it.
type siteLine struct {
	Number       int64  `json:"number"`
	Name         string `json:"name"`
	TimeZone     string `json:"time_zone"`
	Organisation string `json:"organisation"`
	Open         bool   `json:"open"`    // everybody may see its figures, by the rules for the public
	Scope        string `json:"scope"`   // "": nobody has said, as in the next two
	Code         string `json:"code"`    // by which others know it, such as the UAI of a school
	Commune      string `json:"commune"` // INSEE code
}

func siteListCommand(d *desk) command.Command {
	return command.Command{
		Name: "site list", Summary: "list the sites", Example: "site list --data /var/lib/veille-collector", Flags: d.flagsWithJSON,
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				sites, err := l.sites(ctx)
				if err != nil {
					return err
				}
				names, err := l.organisationNames(ctx)
				if err != nil {
					return err
				}
				lines := []siteLine{}
				for _, s := range sites {
					lines = append(lines, siteLine{s.ID, s.Name, s.TimeZone, names[s.Organisation], s.Open, s.Scope, s.Code, s.Commune})
				}
				return d.put(lines, func(w io.Writer) error {
					t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
					for _, s := range lines {
						_, _ = fmt.Fprintf(t, "%d\t%s\t%s%s\n", s.Number, s.Name, s.TimeZone, map[bool]string{true: "\tfor everybody"}[s.Open])
					}
					return t.Flush()
				})
			})
		},
	}
}

// oneSite is the flags of a command that is about one site.
type oneSite struct {
	*desk
	name string
}

func (s *oneSite) flags(fs *pflag.FlagSet) {
	s.desk.flags(fs)
	fs.StringVar(&s.name, "site", "", "`name` of the site, or its number in site list")
}

// given refuses words beside the flags, and the absence of a site.
func (s *oneSite) given(args []string) error {
	if err := command.NoArgs(args); err != nil {
		return err
	}
	if s.name == "" {
		return command.Usage("no site given; add --site NAME")
	}
	return nil
}

// at opens the ledger and does something for the site.
func (s *oneSite) at(ctx context.Context, do func(ledger, collector.Site) error) error {
	return s.with(ctx, func(l ledger) error {
		site, err := l.site(ctx, s.name)
		if err != nil {
			return err
		}
		return do(l, site)
	})
}

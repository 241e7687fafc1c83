package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/store/sqlite"
)

func siteAddCommand(stdout io.Writer) command.Command {
	var f folder
	var organisation, zone string
	return command.Command{
		Name: "site add", Args: "NAME", Summary: "add a site: a place with machines, and its time zone",
		Example: "site add --data /var/lib/veille-collector \"Lycée Marie-Curie\"\nsite add --data ./var --time-zone Indian/Reunion Saint-Denis",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.StringVar(&organisation, "organisation", "", "`name` of the organisation it belongs to, made where it is missing; without it the only one there is, \"Organisation\" at first")
			fs.StringVar(&zone, "time-zone", "Europe/Paris", "IANA `name` of the time on its walls")
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 || strings.TrimSpace(args[0]) == "" || strings.ContainsFunc(args[0], unicode.IsControl) {
				return command.Usage("give one name of a site")
			}
			if err := checkZone(zone); err != nil {
				return err
			}
			return f.create(ctx, func(store *sqlite.Store) error {
				organisation, err := organisationFor(ctx, store, organisation)
				if err != nil {
					return err
				}
				site, err := store.CreateSite(ctx, organisation, args[0], zone)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(stdout, "site %q added, time zone %s\n", site.Name, site.TimeZone)
				return err
			})
		},
	}
}

// organisationFor is the name of the organisation that a new site belongs to: the one that was asked for, else the only one.
func organisationFor(ctx context.Context, store *sqlite.Store, asked string) (string, error) {
	if asked != "" {
		return asked, nil
	}
	all, err := store.Organisations(ctx)
	if err != nil || len(all) == 0 {
		return "Organisation", err
	}
	only, err := findOrganisation(ctx, store, "")
	return only.Name, err
}

func siteListCommand(stdout io.Writer) command.Command {
	var f folder
	return command.Command{
		Name: "site list", Summary: "list the sites", Example: "site list --data /var/lib/veille-collector", Flags: f.flags,
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return f.with(ctx, func(store *sqlite.Store) error {
				sites, err := store.Sites(ctx)
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
				for _, s := range sites {
					_, _ = fmt.Fprintf(t, "%d\t%s\t%s\n", s.ID, s.Name, s.TimeZone)
				}
				return t.Flush()
			})
		},
	}
}

// oneSite is the flags of a command that is about one site.
type oneSite struct {
	folder
	name string
}

func (s *oneSite) flags(fs *pflag.FlagSet) {
	s.folder.flags(fs)
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

// at opens the database and does something for the site.
func (s *oneSite) at(ctx context.Context, do func(*sqlite.Store, collector.Site) error) error {
	return s.with(ctx, func(store *sqlite.Store) error {
		site, err := findSite(ctx, store, s.name)
		if err != nil {
			return err
		}
		return do(store, site)
	})
}

// findSite is the site of that name or number.
func findSite(ctx context.Context, store *sqlite.Store, name string) (collector.Site, error) {
	sites, err := store.Sites(ctx)
	if err != nil {
		return collector.Site{}, err
	}
	found := slices.DeleteFunc(sites, func(s collector.Site) bool { return s.Name != name && strconv.FormatInt(s.ID, 10) != name })
	switch len(found) {
	case 0:
		return collector.Site{}, fmt.Errorf("site %q: %w; see veille-collector site list", name, collector.ErrNotFound)
	case 1:
		return found[0], nil
	}
	return collector.Site{}, fmt.Errorf("%d sites are called %q; give the number of one, see veille-collector site list", len(found), name)
}

// findSites are the site of that name or number, or all sites when none is given, by number.
func findSites(ctx context.Context, store *sqlite.Store, name string) (map[int64]collector.Site, error) {
	if name != "" {
		site, err := findSite(ctx, store, name)
		return map[int64]collector.Site{site.ID: site}, err
	}
	sites, err := store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	all := map[int64]collector.Site{}
	for _, s := range sites {
		all[s.ID] = s
	}
	return all, nil
}

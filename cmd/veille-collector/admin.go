package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/enrol"
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
			fs.StringVar(&organisation, "organisation", "Organisation", "`name` of the organisation it belongs to")
			fs.StringVar(&zone, "time-zone", "Europe/Paris", "IANA `name` of the time on its walls")
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 || strings.TrimSpace(args[0]) == "" || strings.ContainsFunc(args[0], unicode.IsControl) {
				return command.Usage("give one name of a site")
			}
			if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
				return command.Usage("--time-zone %q is not a name like Europe/Paris", zone)
			}
			return f.create(ctx, func(store *sqlite.Store) error {
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

func tokenCreateCommand(stdout io.Writer) command.Command {
	var f folder
	var name string
	var machines, days int
	return command.Command{
		Name: "token create", Summary: "make a token with which agents enrol at a site; it is shown once",
		Example: "token create --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" --machines 30 --days 7",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.StringVar(&name, "site", "", "`name` of the site, or its number in site list")
			fs.IntVar(&machines, "machines", 1, "`number` of machines it may enrol")
			fs.IntVar(&days, "days", 7, "`number` of days it is good for")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			switch {
			case name == "":
				return command.Usage("no site given; add --site NAME")
			case machines < 1 || machines > 1_000_000:
				return command.Usage("--machines %d is not from 1 to 1000000", machines)
			case days < 1 || days > 366:
				return command.Usage("--days %d is not from 1 to 366", days)
			}
			return f.with(ctx, func(store *sqlite.Store) error {
				site, err := findSite(ctx, store, name)
				if err != nil {
					return err
				}
				token, entry := enrol.NewToken(site.ID, machines, days)
				if err := store.CreateToken(ctx, entry); err != nil {
					return err
				}
				_, err = fmt.Fprintln(stdout, token)
				return err
			})
		},
	}
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

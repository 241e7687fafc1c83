package main

import (
	"cmp"
	"context"
	"errors"
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

// allSites is how user set names the absence of a site.
const allSites = "all"

// person is the flags that say what a user may do.
type person struct {
	roles []string
	site  string
}

func (p *person) flags(fs *pflag.FlagSet) {
	fs.StringSliceVar(&p.roles, "role", nil, "`what` it may do: one or more of "+roleNames())
	fs.StringVar(&p.site, "site", "", "`name` or number of the only site that it may see; all: all of the organisation")
}

func roleNames() string {
	var names []string
	for _, r := range collector.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// apply is u with what was said; what was not said stays.
func (p *person) apply(ctx context.Context, l ledger, u collector.User) (collector.User, error) {
	if len(p.roles) > 0 {
		u.Roles = nil
	}
	for _, word := range p.roles {
		role := collector.Role(strings.TrimSpace(word))
		if !slices.Contains(collector.Roles(), role) {
			return u, command.Usage("--role %q is none of %s", word, roleNames())
		}
		u.Roles = append(u.Roles, role)
	}
	slices.Sort(u.Roles)
	u.Roles = slices.Compact(u.Roles)
	switch p.site {
	case "":
		return u, nil
	case allSites:
		u.Site = 0
		return u, nil
	}
	l.within = u.Organisation
	site, err := l.site(ctx, p.site)
	u.Site = site.ID
	return u, err
}

// checkUser refuses what cannot be the name of a user.
func checkUser(name string) error {
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._@+-", r)
	}
	if name == "" || utf8.RuneCountInString(name) > 64 || !utf8.ValidString(name) || strings.ContainsFunc(name, odd) || strings.EqualFold(name, onServer) {
		return command.Usage("%.70q is not the name of a user: up to 64 letters, digits and ._@+-, and not %q", name, onServer)
	}
	return nil
}

func userAddCommand(d *desk) command.Command {
	var p person
	var organisation string
	return command.Command{
		Name: "user add", Args: "NAME", Summary: "add a person who may read the pages and use the API, with what it may do; then invite it with user invite, or make a key with user key",
		Example: "user add --data /var/lib/veille-collector c.martin --role officer\nuser add --data ./var j.payet --role it --site \"Lycée Marie-Curie\"",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			p.flags(fs)
			fs.StringVar(&organisation, "organisation", "", "`name` of the organisation it is of; needed where the collector has several")
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 {
				return command.Usage("give one name of a user")
			}
			if err := checkUser(args[0]); err != nil {
				return err
			}
			if len(p.roles) == 0 {
				return command.Usage("say what it may do: add --role with one or more of %s", roleNames())
			}
			return d.with(ctx, func(l ledger) error {
				of, err := l.organisation(ctx, organisation)
				if err != nil {
					return err
				}
				u, err := p.apply(ctx, l, collector.User{Organisation: of.ID, Name: args[0], AddedOn: today()})
				if err != nil {
					return err
				}
				u, err = l.store.AddUser(l.noting(ctx, of.ID, "user %s: %s", u.Name, rights(u)), u)
				if errors.Is(err, collector.ErrExists) {
					return fmt.Errorf("%w; no two users of the collector have one name", err)
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.stdout, "user %s added: %s; invite it with user invite, or make a key with user key\n", u.Name, rights(u))
				return err
			})
		},
	}
}

// rights is what a user may do, in words.
func rights(u collector.User) string {
	words := make([]string, len(u.Roles))
	for i, r := range u.Roles {
		words[i] = string(r)
	}
	text := strings.Join(words, ",")
	if u.Site != 0 {
		text += fmt.Sprintf(" at site %d only", u.Site)
	}
	return text
}

// userLine is one user as user list says it.
type userLine struct {
	Name         string           `json:"name"`
	Organisation string           `json:"organisation"`
	Roles        []collector.Role `json:"roles"`
	Site         string           `json:"site"` // the only one that it may see; "": all of the organisation
	AddedOn      collector.Date   `json:"added_on"`
	RemovedOn    collector.Date   `json:"removed_on"` // "": it is good
}

func userListCommand(d *desk) command.Command {
	return command.Command{
		Name: "user list", Summary: "list the users, and what each may do", Example: "user list --data /var/lib/veille-collector", Flags: d.flagsWithJSON,
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				lines, err := userLines(ctx, l)
				if err != nil {
					return err
				}
				return d.put(lines, func(w io.Writer) error {
					t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
					_, _ = fmt.Fprintln(t, "NAME\tORGANISATION\tSITE\tADDED\tREMOVED\tROLES")
					for _, u := range lines {
						_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", u.Name, u.Organisation, cmp.Or(u.Site, allSites), u.AddedOn, cmp.Or(u.RemovedOn, "-"),
							rights(collector.User{Roles: u.Roles}))
					}
					return t.Flush()
				})
			})
		},
	}
}

func userLines(ctx context.Context, l ledger) ([]userLine, error) {
	users, err := l.users(ctx)
	if err != nil {
		return nil, err
	}
	names, err := l.organisationNames(ctx)
	if err != nil {
		return nil, err
	}
	sites, err := l.sitesNamed(ctx, "")
	if err != nil {
		return nil, err
	}
	lines := []userLine{}
	for _, u := range users {
		lines = append(lines, userLine{u.Name, names[u.Organisation], u.Roles, sites[u.Site].Name, u.AddedOn, u.RemovedOn})
	}
	return lines, nil
}

// onUser completes a command that is about one user.
func (d *desk) onUser(c command.Command, flags func(*pflag.FlagSet), do func(context.Context, ledger, collector.User) error) command.Command {
	return about(d, c, "give one name of a user, see veille-collector user list", flags, ledger.userNamed, do)
}

func userSetCommand(d *desk) command.Command {
	var p person
	return d.onUser(command.Command{
		Name: "user set", Summary: "say anew what a user may do, or which site it may see",
		Example: "user set --data /var/lib/veille-collector c.martin --role officer,web\nuser set --data ./var j.payet --site all",
	}, p.flags, func(ctx context.Context, l ledger, u collector.User) error {
		if len(p.roles) == 0 && p.site == "" {
			return command.Usage("nothing to set; add --role or --site")
		}
		u, err := p.apply(ctx, l, u)
		if err != nil {
			return err
		}
		if err := l.store.SetUser(l.noting(ctx, u.Organisation, "user %s: %s", u.Name, rights(u)), u); err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "user %s: %s\n", u.Name, rights(u))
		return err
	})
}

func userRemoveCommand(d *desk) command.Command {
	return d.onUser(command.Command{
		Name: "user remove", Summary: "take everything that a user may do away, its password and its keys; the audit log keeps the name for twelve months",
		Example: "user remove --data /var/lib/veille-collector c.martin",
	}, noFlags, func(ctx context.Context, l ledger, u collector.User) error {
		if err := l.store.RemoveUser(l.noting(ctx, u.Organisation, "user %s", u.Name), u.ID, today()); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "user %s removed, with all keys\n", u.Name)
		return err
	})
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// decimal is a flag that is a number, with a point or a comma.
type decimal struct {
	value float64
	given bool
}

// String is the number as it was given; "" where it was not.
func (d *decimal) String() string {
	if !d.given {
		return ""
	}
	return plainNumber(d.value)
}

// Set reads a number.
func (d *decimal) Set(text string) error {
	x, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64)
	if err != nil {
		return fmt.Errorf("%.40q is not a number like 0.21", text)
	}
	d.value, d.given = x, true
	return nil
}

// Type is what help calls it.
func (d *decimal) Type() string { return "number" }

// plainNumber writes a number as it is given to commands.
func plainNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// organisationsNamed are the organisation of that name, or all that the caller sees where none is given.
func (l ledger) organisationsNamed(ctx context.Context, name string) ([]collector.Responsible, error) {
	if name == "" {
		return l.organisations(ctx)
	}
	one, err := l.organisation(ctx, name)
	return []collector.Responsible{one}, err
}

// listing completes a command that lists what organisations have: that of the one that is named, else of all that the caller sees. heads
// are the titles of the columns, and write is the cells of a line below them.
func listing[T any](d *desk, c command.Command, read func(context.Context, ledger, collector.Responsible) ([]T, error), heads string, write func(T) []any) command.Command {
	var organisation string
	c.Flags = func(fs *pflag.FlagSet) {
		d.flags(fs)
		fs.StringVar(&organisation, "organisation", "", "`name` of the only organisation to tell of")
		d.jsonFlag(fs, "array")
	}
	c.Run = func(ctx context.Context, args []string) error {
		if err := command.NoArgs(args); err != nil {
			return err
		}
		return d.with(ctx, func(l ledger) error {
			all, err := l.organisationsNamed(ctx, organisation)
			if err != nil {
				return err
			}
			lines := []T{}
			for _, r := range all {
				more, err := read(ctx, l, r)
				if err != nil {
					return err
				}
				lines = append(lines, more...)
			}
			return d.put(lines, func(w io.Writer) error { return columns(w, heads, lines, write) })
		})
	}
	return c
}

// removing completes a command that removes the thing of that number in an organisation that the caller sees. all are those that an organisation
// has, and mine is the number of one, and whether the caller may remove it.
func removing[T any](d *desk, c command.Command, what string, all func(context.Context, ledger, int64) ([]T, error), mine func(ledger, T) (int64, bool),
	remove func(context.Context, ledger, T) error,
) command.Command {
	var organisation string
	c.Args = "NUMBER"
	c.Flags = func(fs *pflag.FlagSet) {
		d.flags(fs)
		fs.StringVar(&organisation, "organisation", "", "`name` of the organisation that it is of; without it it is looked for in all")
	}
	c.Run = func(ctx context.Context, args []string) error {
		if len(args) != 1 {
			return command.Usage("give one number, see veille-collector %s list", what)
		}
		number, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return command.Usage("%.20q is not the number of a line of veille-collector %s list", args[0], what)
		}
		return d.with(ctx, func(l ledger) error {
			organisations, err := l.organisationsNamed(ctx, organisation)
			if err != nil {
				return err
			}
			for _, r := range organisations {
				things, err := all(ctx, l, r.ID)
				if err != nil {
					return err
				}
				i := slices.IndexFunc(things, func(one T) bool {
					id, ok := mine(l, one)
					return ok && id == number
				})
				if i < 0 {
					continue
				}
				if err := remove(ctx, l, things[i]); err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.stdout, "%s %d removed\n", what, number)
				return err
			}
			return fmt.Errorf("%s %d: %w; see veille-collector %s list", what, number, collector.ErrNotFound, what)
		})
	}
	return c
}

// absent is the error of what was to be removed, with a word on where to look.
func absent(err error, what, list string) error {
	if errors.Is(err, collector.ErrNotFound) {
		return fmt.Errorf("%s: %w; see veille-collector %s", what, collector.ErrNotFound, list)
	}
	return err
}

// siteOrWhole is the site of a name for something that is of a site or of the whole organisation; the zero value for the latter, which a
// user of one site may say nothing of. A site of another organisation is not there.
func (l ledger) siteOrWhole(ctx context.Context, r collector.Responsible, name string) (collector.Site, error) {
	if name == "" {
		if l.user.Site != 0 {
			return collector.Site{}, refusedError{http.StatusForbidden, "without --site it is about the whole organisation, and you see one site only"}
		}
		return collector.Site{}, nil
	}
	l.within = r.ID
	return l.site(ctx, name)
}

// seesSite tells whether the caller sees what is of a site, 0 for the whole organisation.
func (l ledger) seesSite(site int64) bool {
	return site == 0 || l.user.Site == 0 || l.user.Site == site
}

// keepsSite tells whether the caller may change what is of a site, 0 for the whole organisation.
func (l ledger) keepsSite(site int64) bool { return l.user.Site == 0 || l.user.Site == site }

// siteNames are the names of the sites that the caller sees, by number.
func (l ledger) siteNames(ctx context.Context) (map[int64]string, error) {
	sites, err := l.sites(ctx)
	names := map[int64]string{}
	for _, s := range sites {
		names[s.ID] = s.Name
	}
	return names, err
}

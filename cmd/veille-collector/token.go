package main

import (
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
	"veille/collector/enrol"
)

// maxNote is how many characters the note on a token may have.
const maxNote = 200

func tokenCreateCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	var note, group string
	var machines, days int
	return command.Command{
		Name: "token create", Summary: "make a token with which agents enrol at a site; it is shown once",
		Example: "token create --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" --machines 30 --days 7\n" +
			"token create --data /var/lib/veille-collector --site 2 --machines 500 --days 3650 --note \"group policy of the workstations\"",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.IntVar(&machines, "machines", 1, "`number` of machines it may enrol")
			fs.IntVar(&days, "days", 7, "`number` of days it is good for, up to ten years; the longer it is, the more the number of machines matters")
			fs.StringVar(&note, "note", "", "`words` that say what it is for, shown by token list")
			fs.StringVar(&group, "group", "", "`name` of the group of the site that the machines are in, see group list")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := f.given(args); err != nil {
				return err
			}
			switch {
			case machines < 1 || machines > 1_000_000:
				return command.Usage("--machines %d is not from 1 to 1000000", machines)
			case days < 1 || days > 3650:
				return command.Usage("--days %d is not from 1 to 3650", days)
			case utf8.RuneCountInString(note) > maxNote || !utf8.ValidString(note) || strings.ContainsFunc(note, unicode.IsControl):
				return command.Usage("--note is not up to %d characters on one line", maxNote)
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				var in collector.Group
				if group != "" {
					var err error
					if in, err = l.group(ctx, site, group); err != nil {
						return err
					}
				}
				token, entry := enrol.NewToken(site.ID, machines, days)
				entry.Note = note
				if err := l.store.CreateTokenFor(l.noting(ctx, site.Organisation, "token %s of site %q", entry.Number(), site.Name), entry, in.ID); err != nil {
					return err
				}
				if command.Terminal(d.stderr) { // who forgets --machines learns it now, and not from the second machine
					_, _ = fmt.Fprintf(d.stderr, "machines that may enrol with it: %d, until %s (--machines, --days)\n", machines, entry.ExpiresOn)
				}
				_, err := fmt.Fprintln(d.stdout, token)
				return err
			})
		},
	}
}

// tokenLine is one token as token list says it.
type tokenLine struct {
	Number    string         `json:"number"`
	Site      string         `json:"site"`
	Group     string         `json:"group"`    // in which it puts machines; "": none
	Enrolled  int            `json:"enrolled"` // machines
	Machines  int            `json:"machines"` // that it may enrol
	CreatedOn collector.Date `json:"created_on"`
	ExpiresOn collector.Date `json:"expires_on"`
	RevokedOn collector.Date `json:"revoked_on"`
	State     string         `json:"state"` // good, used up, expired, revoked on a date
	Note      string         `json:"note"`
}

func tokenListCommand(d *desk) command.Command {
	var name string
	return command.Command{
		Name: "token list", Summary: "list the tokens: number, site, machines enrolled of those allowed, last day; never the token itself",
		Example: "token list --data /var/lib/veille-collector\ntoken list --data /var/lib/veille-collector --site \"Lycée Marie-Curie\"",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&name, "site", "", "`name` or number of one site; without it, all")
			d.jsonFlag(fs, "array")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				lines, err := tokenLines(ctx, l, name)
				if err != nil {
					return err
				}
				return d.put(lines, func(w io.Writer) error {
					t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
					_, _ = fmt.Fprintln(t, "NUMBER\tSITE\tENROLLED\tEXPIRES\tSTATE\tNOTE")
					for _, x := range lines {
						_, _ = fmt.Fprintf(t, "%s\t%s\t%d of %d\t%s\t%s\t%s\n", x.Number, x.Site, x.Enrolled, x.Machines, x.ExpiresOn, x.State, x.Note)
					}
					return t.Flush()
				})
			})
		},
	}
}

// tokenLines are the tokens of the site of that name, or of all sites.
func tokenLines(ctx context.Context, l ledger, name string) ([]tokenLine, error) {
	sites, err := l.sitesNamed(ctx, name)
	if err != nil {
		return nil, err
	}
	tokens, err := l.tokens(ctx, sites)
	if err != nil {
		return nil, err
	}
	groups, err := l.groupsOfTokens(ctx)
	if err != nil {
		return nil, err
	}
	lines := []tokenLine{}
	for _, x := range tokens {
		lines = append(lines, tokenLine{
			Number: x.Number(), Site: sites[x.Site].Name, Group: groups[x.Hash], Enrolled: x.Used, Machines: x.Quota,
			CreatedOn: x.CreatedOn, ExpiresOn: x.ExpiresOn, RevokedOn: x.RevokedOn, State: state(x, today()), Note: x.Note,
		})
	}
	return lines, nil
}

// state says whether a token is good today.
func state(t collector.Token, today collector.Date) string {
	switch {
	case t.RevokedOn != "":
		return "revoked on " + string(t.RevokedOn)
	case t.ExpiresOn <= today:
		return "expired"
	case t.Used >= t.Quota:
		return "used up"
	}
	return "good"
}

func tokenRevokeCommand(d *desk) command.Command {
	return command.Command{
		Name: "token revoke", Args: "NUMBER", Summary: "make a token useless; the machines that it has enrolled stay",
		Example: "token revoke --data /var/lib/veille-collector 3f9c01ab", Flags: d.flags,
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 {
				return command.Usage("give one number of a token, see veille-collector token list")
			}
			number, err := shortNumber(args[0], "token", "token list")
			if err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				site, err := siteOfToken(ctx, l, number)
				if err == nil {
					err = l.store.RevokeToken(l.noting(ctx, site.Organisation, "token %s of site %q", number, site.Name), number, today())
				}
				if err != nil {
					return fmt.Errorf("%w; see veille-collector token list", err)
				}
				_, err = fmt.Fprintf(d.stdout, "token %s revoked\n", number)
				return err
			})
		},
	}
}

// siteOfToken is the site of the token that has a number.
func siteOfToken(ctx context.Context, l ledger, number string) (collector.Site, error) {
	sites, err := l.sitesNamed(ctx, "")
	if err != nil {
		return collector.Site{}, err
	}
	tokens, err := l.tokens(ctx, sites)
	if err != nil {
		return collector.Site{}, err
	}
	for _, t := range tokens {
		if t.Number() == number {
			return sites[t.Site], nil
		}
	}
	return collector.Site{}, fmt.Errorf("revoke token %s: %w", number, collector.ErrNotFound)
}

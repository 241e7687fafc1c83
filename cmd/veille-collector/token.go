package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/store/sqlite"
)

// maxNote is how many characters the note on a token may have.
const maxNote = 200

func tokenCreateCommand(stdout io.Writer) command.Command {
	var f oneSite
	var note string
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
			return f.at(ctx, func(store *sqlite.Store, site collector.Site) error {
				token, entry := enrol.NewToken(site.ID, machines, days)
				entry.Note = note
				if err := store.CreateToken(ctx, entry); err != nil {
					return err
				}
				_, err := fmt.Fprintln(stdout, token)
				return err
			})
		},
	}
}

func tokenListCommand(stdout io.Writer) command.Command {
	var f folder
	var name string
	return command.Command{
		Name: "token list", Summary: "list the tokens: number, site, machines enrolled of those allowed, last day; never the token itself",
		Example: "token list --data /var/lib/veille-collector\ntoken list --data /var/lib/veille-collector --site \"Lycée Marie-Curie\"",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.StringVar(&name, "site", "", "`name` or number of one site; without it, all")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return f.with(ctx, func(store *sqlite.Store) error {
				wanted, err := findSites(ctx, store, name)
				if err != nil {
					return err
				}
				tokens, err := store.Tokens(ctx)
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
				_, _ = fmt.Fprintln(t, "NUMBER\tSITE\tENROLLED\tEXPIRES\tSTATE\tNOTE")
				for _, x := range tokens {
					if site, ok := wanted[x.Site]; ok {
						_, _ = fmt.Fprintf(t, "%s\t%s\t%d of %d\t%s\t%s\t%s\n",
							x.Number(), site.Name, x.Used, x.Quota, x.ExpiresOn, state(x, collector.DateOf(time.Now())), x.Note)
					}
				}
				return t.Flush()
			})
		},
	}
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

func tokenRevokeCommand(stdout io.Writer) command.Command {
	var f folder
	return command.Command{
		Name: "token revoke", Args: "NUMBER", Summary: "make a token useless; the machines that it has enrolled stay",
		Example: "token revoke --data /var/lib/veille-collector 3f9c01ab", Flags: f.flags,
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 {
				return command.Usage("give one number of a token, see veille-collector token list")
			}
			number := strings.ToLower(args[0])
			if b, err := hex.DecodeString(number); err != nil || len(b) != 4 {
				return command.Usage("%.20q is not the number of a token, 8 hexadecimal digits; see veille-collector token list", args[0])
			}
			return f.with(ctx, func(store *sqlite.Store) error {
				if err := store.RevokeToken(ctx, number, collector.DateOf(time.Now())); err != nil {
					return fmt.Errorf("%w; see veille-collector token list", err)
				}
				_, err := fmt.Fprintf(stdout, "token %s revoked\n", number)
				return err
			})
		},
	}
}

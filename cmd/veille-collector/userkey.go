package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/store/relational"
)

func userKeyCommand(d *desk) command.Command {
	var days int
	return d.onUser(command.Command{
		Name: "user key", Summary: "make a key with which a user calls the API; it is shown once",
		Example: "user key --data /var/lib/veille-collector c.martin --days 90",
	}, func(fs *pflag.FlagSet) {
		fs.IntVar(&days, "days", 90, "`number` of days it is good for, up to two years")
	}, func(ctx context.Context, l ledger, u collector.User) error {
		if days < 1 || days > 730 {
			return command.Usage("--days %d is not from 1 to 730", days)
		}
		secret, now := enrol.Secret(), time.Now()
		key := relational.UserKey{
			Hash: sha256.Sum256([]byte(secret)), User: u.ID,
			CreatedOn: collector.DateOf(now), ExpiresOn: collector.DateOf(now.AddDate(0, 0, days)),
		}
		if err := l.store.CreateUserKey(l.noting(ctx, u.Organisation, "user %s: key %s, good before %s", u.Name, key.Number(), key.ExpiresOn), key); err != nil {
			return err
		}
		_, err := fmt.Fprintln(d.stdout, secret)
		return err
	})
}

// keyLine is one key as user keys says it.
type keyLine struct {
	Number    string         `json:"number"`
	CreatedOn collector.Date `json:"created_on"`
	ExpiresOn collector.Date `json:"expires_on"`
	RevokedOn collector.Date `json:"revoked_on"`
	State     string         `json:"state"` // good, expired, revoked on a date
}

func userKeysCommand(d *desk) command.Command {
	return d.onUser(command.Command{
		Name: "user keys", Summary: "list the keys of a user: number and last day; never the key itself",
		Example: "user keys --data /var/lib/veille-collector c.martin",
	}, func(fs *pflag.FlagSet) { d.jsonFlag(fs, "array") }, func(ctx context.Context, l ledger, u collector.User) error {
		keys, err := l.store.UserKeys(ctx)
		if err != nil {
			return err
		}
		lines := []keyLine{}
		for _, k := range keys {
			if k.User == u.ID {
				lines = append(lines, keyLine{k.Number(), k.CreatedOn, k.ExpiresOn, k.RevokedOn, stateOfKey(k, today())})
			}
		}
		return d.put(lines, func(w io.Writer) error {
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(t, "NUMBER\tMADE\tEXPIRES\tSTATE")
			for _, k := range lines {
				_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", k.Number, k.CreatedOn, k.ExpiresOn, k.State)
			}
			return t.Flush()
		})
	})
}

// stateOfKey says whether a key is good today.
func stateOfKey(k relational.UserKey, today collector.Date) string {
	return state(collector.Token{RevokedOn: k.RevokedOn, ExpiresOn: k.ExpiresOn, Quota: 1}, today)
}

func userRevokeKeyCommand(d *desk) command.Command {
	return command.Command{
		Name: "user revoke-key", Args: "NUMBER", Summary: "make a key of a user useless",
		Example: "user revoke-key --data /var/lib/veille-collector 3f9c01ab", Flags: d.flags,
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 {
				return command.Usage("give one number of a key, see veille-collector user keys")
			}
			number, err := shortNumber(args[0], "key", "user keys")
			if err != nil {
				return err
			}
			return d.with(ctx, func(l ledger) error {
				u, key, err := l.keyNumbered(ctx, number)
				if err != nil {
					return err
				}
				if err := l.store.RevokeUserKey(l.noting(ctx, u.Organisation, "user %s: key %s", u.Name, number), key.Hash, today()); err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.stdout, "key %s of user %s revoked\n", number, u.Name)
				return err
			})
		},
	}
}

// keyNumbered is the key of that number, and whose it is.
func (l ledger) keyNumbered(ctx context.Context, number string) (collector.User, relational.UserKey, error) {
	users, err := l.users(ctx)
	if err != nil {
		return collector.User{}, relational.UserKey{}, err
	}
	keys, err := l.store.UserKeys(ctx)
	if err != nil {
		return collector.User{}, relational.UserKey{}, err
	}
	for _, k := range keys {
		for _, u := range users {
			if k.User == u.ID && k.Number() == number {
				return u, k, nil
			}
		}
	}
	return collector.User{}, relational.UserKey{}, fmt.Errorf("key %s: %w; see veille-collector user keys", number, collector.ErrNotFound)
}

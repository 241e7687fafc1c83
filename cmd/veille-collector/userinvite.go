package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/enrol"
)

// longestInvitation is how many days an invitation may be good for.
const longestInvitation = 30

// invited is an invitation as user invite says it.
type invited struct {
	User      string         `json:"user"`
	Path      string         `json:"path"`       // of the page on which the user chooses a password, below the address of the collector
	ExpiresOn collector.Date `json:"expires_on"` // the last date on which it is good
}

func userInviteCommand(d *desk) command.Command {
	var days int
	return d.onUser(command.Command{
		Name: "user invite", Summary: "make a link with which a user chooses a password for the pages, once; it is shown once",
		Example: "user invite --data /var/lib/veille-collector c.martin\nuser invite --data ./var c.martin --days 2 --json",
	}, func(fs *pflag.FlagSet) {
		fs.IntVar(&days, "days", 7, fmt.Sprintf("`number` of days it is good for, up to %d", longestInvitation))
		d.jsonFlag(fs, "object")
	}, func(ctx context.Context, l ledger, u collector.User) error {
		if days < 1 || days > longestInvitation {
			return command.Usage("--days %d is not from 1 to %d", days, longestInvitation)
		}
		secret := enrol.Secret()
		i := collector.Invitation{Hash: sha256.Sum256([]byte(secret)), User: u.ID, ExpiresOn: collector.DateOf(time.Now().AddDate(0, 0, days))}
		if err := l.store.Invite(l.noting(ctx, u.Organisation, "user %s: invitation, good until %s", u.Name, i.ExpiresOn), i); err != nil {
			return err
		}
		said := invited{u.Name, "/invite?secret=" + secret, i.ExpiresOn}
		return d.put(said, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, said.Path)
			return err
		})
	})
}

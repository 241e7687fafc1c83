package signin

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"veille/collector"
)

// Desk lets people in.
type Desk struct {
	ledger    Ledger
	directory *Directory
	today     func() collector.Date
	hashing   turns
	strangers turns // to hash, of those who have not signed in from where they are before; they wait here for a turn to wait for one
	locks     *locks
	used      *lastUses
	accepting sync.Mutex // an invitation is good once
	opening   sync.Mutex // a session: a user does not have too many by opening several at a time
	refused   refusals
}

// New is a desk of a ledger. directory may be nil: there is none. today is the date in the zone of the collector.
func New(ledger Ledger, directory *Directory, today func() collector.Date) *Desk {
	return &Desk{
		ledger: ledger, directory: directory, today: today, hashing: make(turns, mostHashings), strangers: make(turns, mostHashings-1),
		locks: newLocks(), used: newLastUses(),
	}
}

// turns is how many may do something at the same time.
type turns chan struct{}

// longestWait is how long somebody waits for a turn.
const longestWait = 2 * time.Second

// take waits for a turn: ErrBusy where none comes. Whoever took one gives it back.
func (t turns) take(ctx context.Context) error {
	timer := time.NewTimer(longestWait)
	defer timer.Stop()
	select {
	case t <- struct{}{}:
		return nil
	case <-timer.C:
		return ErrBusy
	case <-ctx.Done():
		return fmt.Errorf("wait for a turn: %w", ctx.Err())
	}
}

func (t turns) giveBack() { <-t }

// turn waits for a turn to hash. Strangers have all but one of them: somebody with many addresses, each good for some wrong passwords, does not keep
// those waiting who have signed in from where they are before.
func (d *Desk) turn(ctx context.Context, stranger bool) (giveBack func(), err error) {
	if !stranger {
		return d.hashing.giveBack, d.hashing.take(ctx)
	}
	if err := d.strangers.take(ctx); err != nil {
		return nil, err
	}
	if err := d.hashing.take(ctx); err != nil {
		d.strangers.giveBack()
		return nil, err
	}
	return func() { d.hashing.giveBack(); d.strangers.giveBack() }, nil
}

// Password signs a person in, who asks from an address, and answers the secret of its session. Errors: ErrWrong, LockedError, ErrBusy.
//
// Each password counts as a wrong one until it is found right, so that many at the same time are not more than the locks allow.
func (d *Desk) Password(ctx context.Context, name, password string, from netip.Addr) (secret string, err error) {
	try, err := d.locks.begin(name, from)
	if err != nil {
		return "", err
	}
	user, known, err := d.check(ctx, name, password, try.name != try.home)
	switch {
	case err != nil:
		try.undo() // nothing was found out
		return "", err
	case !known:
		return "", d.wrong(ctx, user, try)
	}
	try.succeed()
	return d.open(ctx, user)
}

// check tells whether the password is that of the user. It takes as long for a name that does not exist; user is then nobody.
func (d *Desk) check(ctx context.Context, name, password string, stranger bool) (user collector.User, right bool, err error) {
	kept, exists := nobodysHash(), false
	user, err = d.ledger.UserNamed(ctx, name)
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return user, false, fmt.Errorf("look for a user: %w", err)
	}
	if err == nil {
		text, err := d.ledger.Password(ctx, user.ID)
		if err != nil {
			return user, false, fmt.Errorf("read the password of user %d: %w", user.ID, err)
		}
		if text != "" {
			exists = true
			if kept, err = parse(text); err != nil {
				return user, false, fmt.Errorf("read the password of user %d: %w", user.ID, err)
			}
		}
	}
	giveBack, err := d.turn(ctx, stranger)
	if err != nil {
		return user, false, err
	}
	defer giveBack()
	if right = kept.matches(password); !right || !exists {
		return user, false, nil
	}
	if kept.older() {
		// It ends the user's other sessions, which happens once after an upgrade.
		if err := d.ledger.SetPassword(ctx, user.ID, newHash(password).String()); err != nil {
			return user, false, fmt.Errorf("renew the hash of user %d: %w", user.ID, err)
		}
	}
	return user, true, nil
}

// wrong is the answer to a wrong password. The first that locks the name of a user leaves an entry.
func (d *Desk) wrong(ctx context.Context, user collector.User, try try) error {
	if user.ID != 0 && try.locksName {
		if err := d.note(ctx, user, "sign-in locked"); err != nil {
			return err
		}
	}
	return ErrWrong
}

// note keeps an entry about a user.
func (d *Desk) note(ctx context.Context, user collector.User, what string) error {
	err := d.ledger.Note(ctx, collector.Entry{
		On: d.today(), Organisation: user.Organisation, Who: user.Name, What: what, Subject: "user " + user.Name,
	})
	if err != nil {
		return fmt.Errorf("keep the entry %q of user %d: %w", what, user.ID, err)
	}
	return nil
}

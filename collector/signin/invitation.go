package signin

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"veille/collector"
)

// Invited is who an invitation is for; ErrExpired.
func (d *Desk) Invited(ctx context.Context, secret string) (collector.User, error) {
	user, err := d.ledger.Invited(ctx, sha256.Sum256([]byte(secret)), d.today())
	if errors.Is(err, collector.ErrNotFound) {
		return collector.User{}, d.refuse(ctx)
	}
	if err != nil {
		return collector.User{}, fmt.Errorf("look for an invitation: %w", err)
	}
	return user, nil
}

// Accept keeps the password that whoever was invited has chosen, and signs in. Errors: ErrExpired, WeakError, ErrBusy.
func (d *Desk) Accept(ctx context.Context, invitation, password string) (secret string, err error) {
	user, err := d.Invited(ctx, invitation)
	if err != nil {
		return "", err
	}
	if err := weak(password, user.Name); err != nil {
		return "", err
	}
	if err := d.choose(ctx, invitation, password); err != nil {
		return "", err
	}
	d.locks.forgive(user.Name)
	return d.open(ctx, user)
}

// choose keeps a password, and that it was chosen. The invitation is looked at again, one at a time: two who answer it at the same moment are
// not both let in.
func (d *Desk) choose(ctx context.Context, invitation, password string) error {
	if err := d.hashing.take(ctx); err != nil {
		return err
	}
	kept := newHash(password).String()
	d.hashing.giveBack()
	d.accepting.Lock()
	defer d.accepting.Unlock()
	user, err := d.Invited(ctx, invitation)
	if err != nil {
		return err
	}
	if err := d.note(ctx, user, "password chosen"); err != nil {
		return err
	}
	if err := d.ledger.SetPassword(ctx, user.ID, kept); err != nil {
		return fmt.Errorf("keep the password of user %d: %w", user.ID, err)
	}
	return nil
}

// refusals is the last date of which an entry says that an invitation was refused.
type refusals struct {
	mu   sync.Mutex
	last collector.Date
}

// refuse answers ErrExpired. It leaves one entry a day: anybody may make up invitations, and must not fill the audit log with them. Nobody knows
// who it was.
func (d *Desk) refuse(ctx context.Context) error {
	d.refused.mu.Lock()
	defer d.refused.mu.Unlock()
	today := d.today()
	if d.refused.last == today {
		return ErrExpired
	}
	entry := collector.Entry{On: today, Who: "unknown", What: "invitation refused", Subject: "unknown, used or expired; told once a day"}
	if err := d.ledger.Note(ctx, entry); err != nil {
		return fmt.Errorf("keep that an invitation was refused: %w", err)
	}
	d.refused.last = today
	return ErrExpired
}

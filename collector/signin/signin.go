// Package signin knows a person: by a password, by a session, or by the organisation's own directory.
//
// Nothing on disk and nothing in a log says at what time somebody signed in: that would be a time clock for those who open the pages each
// morning. So a session has a last date and no moment; when it was last used is known in memory only, and forgotten when the collector
// ends; and somebody who signs in, or leaves, has no line in the log or in the audit log, which is of changes and of looks at machines and not
// of presence. What leaves an entry, with its date only: a name that was locked, a password that was chosen, an invitation that was refused.
package signin

import (
	"context"
	"errors"
	"fmt"

	"veille/collector"
)

// Ledger keeps what persons prove themselves with.
type Ledger interface {
	// UserNamed is the user of that name who was not removed, whatever its capitals; collector.ErrNotFound.
	UserNamed(ctx context.Context, name string) (collector.User, error)
	// Password is the hash that SetPassword kept; "" where the user has none.
	Password(ctx context.Context, user int64) (string, error)
	// SetPassword keeps a hash, ends all sessions of the user, and takes back its invitations.
	SetPassword(ctx context.Context, user int64, hash string) error
	// AddSession keeps a session. Of a user who has as many as a user may have, MostSessions, all others may end.
	AddSession(ctx context.Context, s collector.Session) error
	// Session is whose session that is, today: collector.ErrNotFound where it is unknown, over, or the user was removed.
	Session(ctx context.Context, hash [32]byte, today collector.Date) (collector.User, error)
	EndSession(ctx context.Context, hash [32]byte) error
	// Invited is who was invited by that hash, and may still come; collector.ErrNotFound.
	Invited(ctx context.Context, hash [32]byte, today collector.Date) (collector.User, error)
	// Note keeps an entry of the audit log.
	Note(ctx context.Context, e collector.Entry) error
}

// Why somebody is not let in.
var (
	ErrWrong   = errors.New("the name or the password is wrong")
	ErrExpired = errors.New("the invitation is unknown, used or expired; ask for a new one")
	ErrBusy    = errors.New("too many sign in at the same time; try again in a few seconds")
	ErrForeign = errors.New("the directory knows this person, and the collector has no user of that name")
	// ErrSilent is a directory that does not answer, or not as it should. The reason is in the log.
	ErrSilent = errors.New("the directory does not answer; sign in with a password, or try again later")
)

// LockedError says that too many wrong passwords were given for a name, or from an address, and after how many minutes the next is looked at:
// 1 to 15.
type LockedError struct{ Minutes int }

func (e LockedError) Error() string {
	return fmt.Sprintf("too many wrong passwords were given; try again in %d minutes", e.Minutes)
}

// WeakError says why a password is not taken, by a word: "short", "long", "known", "name".
type WeakError struct{ Why string }

func (e WeakError) Error() string { return "this password is not taken: " + e.Why }

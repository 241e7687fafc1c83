package relational

import (
	"context"
	"database/sql"
	"errors"
)

// Trouble tells whether err is a failure of the database or of the way to it, and no answer about what was asked: nothing was changed, and
// the same may work later.
func (s *Store) Trouble(err error) bool {
	if s.engine.Trouble(err) {
		return true
	}
	for _, e := range []error{errClosed, ErrOutdated, context.Canceled, context.DeadlineExceeded, sql.ErrConnDone, sql.ErrTxDone} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Backup writes a whole copy of the database to a new file while others read and write: what was on disk when it began. The copy is
// complete under its name, or not there at all; where only a program of the engine can make one, the error says how. Keys are not in it: they are
// in files of their own. Nor are sessions and invitations: kept for years, backups would tell who had signed in on which days.
func (s *Store) Backup(ctx context.Context, name string) error { return s.engine.Backup(ctx, name) }

package sqlite

import (
	"context"
	"database/sql"
	"errors"

	driver "modernc.org/sqlite"
)

// Trouble tells whether err is a failure of the file or of the way to it, and no answer about what was asked: nothing was changed, and
// the same may work later.
func Trouble(err error) bool {
	if _, ok := errors.AsType[*driver.Error](err); ok {
		return true
	}
	for _, e := range []error{errClosed, context.Canceled, context.DeadlineExceeded, sql.ErrConnDone, sql.ErrTxDone} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

package relational

import (
	"context"
	"database/sql"
)

// versionOfDays is the version from which on records are packed.
const versionOfDays = 6

// Upgrade does what no SQL can when the tables of an earlier release are brought to a version, in the transaction that does. Those releases
// knew SQLite only.
func Upgrade(ctx context.Context, tx *sql.Tx, version int) error {
	switch version {
	case versionOfPeople:
		return derivePseudonyms(ctx, tx)
	case versionOfDays:
		return packRecords(ctx, tx)
	case versionOfWebsites:
		return movePages(ctx, tx)
	case versionOfTombstones:
		return foldPersonal(ctx, tx)
	}
	return nil
}

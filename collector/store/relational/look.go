package relational

import (
	"context"
	"fmt"

	"veille/collector"
)

// Looked is what a short look at a database has found. It changes nothing.
type Looked struct {
	Version  int      // of the tables; 0: of a ledger there are none
	Known    int      // the newest version that this program knows
	Tables   int      // that are there, whoever made them
	Served   bool     // a collector serves from it, or one that was killed did a moment ago; false for a file, which says nothing of it
	Problems []string // what the engine finds wrong in its pages; nil where it cannot be asked
}

// FitsKey tells whether a key is the one that the ledger is used with; known is false where it was used with none yet. It writes nothing: see KnowKey.
func (s *Store) FitsKey(ctx context.Context, name string, key []byte) (fits, known bool, err error) {
	prints, err := list(ctx, s.read, scanOne[string], "SELECT print FROM key_print WHERE name = ?", name)
	if err != nil {
		return false, false, fmt.Errorf("compare the key of %s with the one that the ledger was used with: %w", name, err)
	}
	return len(prints) > 0 && prints[0] == keyPrint(name, key), len(prints) > 0, nil
}

// Present counts the machines that are enrolled, each once and without those that were revoked, and of them those that were heard on a date or
// after it. It tells of no machine by itself.
func (s *Store) Present(ctx context.Context, since collector.Date) (enrolled, heard int64, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT count(*), count(CASE WHEN seen_on >= ? THEN 1 END) FROM machine WHERE replaced_by IS NULL AND revoked_on = ''", since).Scan(&enrolled, &heard)
	if err != nil {
		return 0, 0, fmt.Errorf("count the machines that were heard: %w", err)
	}
	return enrolled, heard, nil
}

package relational

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
)

// ErrOtherKey says that a ledger is used with another key than before.
var ErrOtherKey = errors.New("the ledger was used with another key before")

// KnowKey keeps a hash of a key the first time, and answers ErrOtherKey when another one comes later. renew takes the new one for good. The
// key is 256 random bits.
func (s *Store) KnowKey(ctx context.Context, name string, key []byte, renew bool) error {
	hashed := keyPrint(name, key)
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		known := ""
		err := tx.QueryRowContext(ctx, "SELECT print FROM key_print WHERE name = ?", name).Scan(&known)
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		case known == hashed:
			return nil
		case known != "" && !renew:
			return ErrOtherKey
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO key_print (name, print) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET print = excluded.print", name, hashed)
		return err
	})
	if err != nil {
		return fmt.Errorf("compare the key of %s with the one that the ledger was used with: %w", name, err)
	}
	return nil
}

// keyPrint is what the ledger keeps of a key.
func keyPrint(name string, key []byte) string {
	hash := sha256.Sum256(append([]byte("veille: "+name+"\x00"), key...))
	return hex.EncodeToString(hash[:])
}

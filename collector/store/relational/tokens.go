package relational

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"

	"veille/collector"
)

// CreateToken keeps the hash of a new token.
func (s *Store) CreateToken(ctx context.Context, t collector.Token) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO token (hash, site, quota, created_on, expires_on, note) VALUES (?, ?, ?, ?, ?, ?)",
			t.Hash[:], t.Site, t.Quota, t.CreatedOn, t.ExpiresOn, t.Note)
		return err
	})
	if err != nil {
		return fmt.Errorf("create a token: %w", err)
	}
	return nil
}

// Tokens are all tokens ever made, the last to expire first.
func (s *Store) Tokens(ctx context.Context) ([]collector.Token, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT hash, site, quota, used, created_on, expires_on, revoked_on, note FROM token
		ORDER BY expires_on DESC, hash`)
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var tokens []collector.Token
	for rows.Next() {
		var t collector.Token
		var hash []byte
		if err := rows.Scan(&hash, &t.Site, &t.Quota, &t.Used, &t.CreatedOn, &t.ExpiresOn, &t.RevokedOn, &t.Note); err != nil {
			return nil, fmt.Errorf("list the tokens: %w", err)
		}
		copy(t.Hash[:], hash)
		tokens = append(tokens, t)
	}
	return tokens, rows.Err()
}

// RevokeToken makes the token of that number useless; the machines it has enrolled stay. Of two tokens that share a number,
// which is one chance in four billion, both are. It answers ErrNotFound when none has it.
func (s *Store) RevokeToken(ctx context.Context, number string, on collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		begin, err := hex.DecodeString(number)
		if err != nil || hex.EncodeToString(begin) != number { // nobody's
			return collector.ErrNotFound
		}
		return one(tx.ExecContext(ctx, "UPDATE token SET revoked_on = CASE WHEN revoked_on = '' THEN ? ELSE revoked_on END WHERE substr(hash, 1, 4) = ?", on, begin))
	})
	if err != nil {
		return fmt.Errorf("revoke token %s: %w", number, err)
	}
	return nil
}

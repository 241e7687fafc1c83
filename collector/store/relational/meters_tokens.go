package relational

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"

	"veille/collector"
)

// CreateMeterToken keeps the hash of a new token for meters.
func (s *Store) CreateMeterToken(ctx context.Context, hash [32]byte, t collector.MeterToken) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO meter_token (hash, site, note, created_on, expires_on) VALUES (?, ?, ?, ?, ?)",
			hash[:], t.Site, t.Note, t.CreatedOn, t.ExpiresOn)
		return err
	})
	if err != nil {
		return fmt.Errorf("create a token for meters: %w", err)
	}
	return nil
}

// MeterTokens are all tokens for meters ever made, the last to expire first.
func (s *Store) MeterTokens(ctx context.Context) ([]collector.MeterToken, error) {
	all, err := list(ctx, s.read, scanMeterToken, "SELECT hash, site, note, created_on, expires_on, revoked_on FROM meter_token ORDER BY expires_on DESC, hash")
	if err != nil {
		return nil, fmt.Errorf("list the tokens for meters: %w", err)
	}
	return all, nil
}

func scanMeterToken(rows *sql.Rows) (t collector.MeterToken, err error) {
	var hash []byte
	err = rows.Scan(&hash, &t.Site, &t.Note, &t.CreatedOn, &t.ExpiresOn, &t.RevokedOn)
	t.Number = hex.EncodeToString(hash[:min(4, len(hash))])
	return t, err
}

// RevokeMeterToken makes the token of that number of a site useless; what came by it stays. It answers ErrNotFound when the site has none of that
// number.
func (s *Store) RevokeMeterToken(ctx context.Context, site int64, number string, on collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		all, err := list(ctx, tx, scanHash, "SELECT hash FROM meter_token WHERE site = ?", site)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(hash []byte) bool { return hex.EncodeToString(hash[:min(4, len(hash))]) != number })
		if len(all) == 0 {
			return collector.ErrNotFound
		}
		for _, hash := range all {
			_, err = tx.ExecContext(ctx, "UPDATE meter_token SET revoked_on = CASE revoked_on WHEN '' THEN ? ELSE revoked_on END WHERE hash = ?", on, hash)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("revoke token %.20q for meters of site %d: %w", number, site, err)
	}
	return nil
}

func scanHash(rows *sql.Rows) (hash []byte, err error) {
	err = rows.Scan(&hash)
	return hash, err
}

package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector"
)

// UserNamed is the user of that name who was not removed, whatever its ASCII capitals, or ErrNotFound.
func (s *Store) UserNamed(ctx context.Context, name string) (collector.User, error) {
	return s.found(s.read.QueryRowContext(ctx, "SELECT "+userColumns+" WHERE lower(u.name) = ? AND u.removed_on = ''", folded(name)), "name")
}

// found is the user in a row, or the zero one with an error that says by what it was looked for.
func (s *Store) found(row *sql.Row, by string) (collector.User, error) {
	u, err := scanUser(row)
	if err != nil {
		return collector.User{}, fmt.Errorf("find a user by the %s: %w", by, s.noticed(err))
	}
	return u, nil
}

// Password is the hash of the password of a user; "" where it has none, or there is no such user.
func (s *Store) Password(ctx context.Context, user int64) (hash string, err error) {
	err = s.read.QueryRowContext(ctx, "SELECT hash FROM password WHERE \"user\" = ?", user).Scan(&hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read the password of user %d: %w", user, s.noticed(err))
	}
	return hash, nil
}

// SetPassword keeps the hash of a new password, ends all sessions of the user, and takes back its invitations. It answers ErrNotFound
// when there is no such user, or it was removed.
func (s *Store) SetPassword(ctx context.Context, user int64, hash string) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := one(tx.ExecContext(ctx, "INSERT INTO password (\"user\", hash) SELECT id, ?2 FROM \"user\" WHERE id = ?1 AND removed_on = '' ON CONFLICT (\"user\") DO UPDATE SET hash = excluded.hash",
			user, hash))
		if err != nil {
			return err
		}
		return forget(ctx, tx, user, "session", "invitation")
	})
	if err != nil {
		return fmt.Errorf("set the password of user %d: %w", user, err)
	}
	return nil
}

// forget deletes what a user proves himself with: the rows of some tables.
func forget(ctx context.Context, tx *sql.Tx, user int64, tables ...string) error {
	for _, table := range tables {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE \"user\" = ?", user); err != nil {
			return err
		}
	}
	return nil
}

// mostSessions is how many sessions a user may have.
const mostSessions = 20

// AddSession keeps a session of a user, or answers ErrNotFound when there is no such user, or it was removed. No row says when the session
// began: rows are sorted by their hashes, which are random. Where they lie in the file tells which came before which until Finish.
// A user has 20 sessions at most: where it has as many, over or not, they all end, since nothing says which of them is the oldest.
func (s *Store) AddSession(ctx context.Context, x collector.Session) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM session WHERE \"user\" = ?", x.User).Scan(&n); err != nil {
			return err
		}
		if n >= mostSessions {
			if err := forget(ctx, tx, x.User, "session"); err != nil {
				return err
			}
		}
		return one(tx.ExecContext(ctx, "INSERT INTO session (hash, \"user\", expires_on) SELECT ?, id, ? FROM \"user\" WHERE id = ? AND removed_on = ''", x.Hash[:], x.ExpiresOn, x.User))
	})
	if err != nil {
		return fmt.Errorf("keep a session of user %d: %w", x.User, err)
	}
	return nil
}

// Session is the user whose session has this hash, or ErrNotFound: it is unknown or over, or the user was removed.
func (s *Store) Session(ctx context.Context, hash [32]byte, today collector.Date) (collector.User, error) {
	return s.found(s.read.QueryRowContext(ctx, "SELECT "+userColumns+` JOIN session x ON x.user = u.id
		WHERE x.hash = ? AND x.expires_on >= ? AND u.removed_on = ''`, hash[:], today), "session")
}

// EndSession ends a session. One that is unknown, or has ended, is no error.
func (s *Store) EndSession(ctx context.Context, hash [32]byte) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM session WHERE hash = ?", hash[:])
		return err
	})
	if err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// Invite keeps an invitation of a user in the place of those before. It answers ErrNotFound when there is no such user, or it was removed.
func (s *Store) Invite(ctx context.Context, i collector.Invitation) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := forget(ctx, tx, i.User, "invitation"); err != nil {
			return err
		}
		return one(tx.ExecContext(ctx, "INSERT INTO invitation (hash, \"user\", expires_on) SELECT ?, id, ? FROM \"user\" WHERE id = ? AND removed_on = ''",
			i.Hash[:], i.ExpiresOn, i.User))
	})
	if err != nil {
		return fmt.Errorf("invite user %d: %w", i.User, err)
	}
	return nil
}

// Invited is the user whose invitation has this hash, or ErrNotFound: it is unknown, was used or replaced, or is over, or the user was
// removed.
func (s *Store) Invited(ctx context.Context, hash [32]byte, today collector.Date) (collector.User, error) {
	return s.found(s.read.QueryRowContext(ctx, "SELECT "+userColumns+` JOIN invitation i ON i.user = u.id
		WHERE i.hash = ? AND i.expires_on >= ? AND u.removed_on = ''`, hash[:], today), "invitation")
}

// endExpired deletes the sessions and invitations that are over on a date. They are not counted: how often somebody signed in is nobody's
// business. Those that stay are written anew in the order of their hashes, since new rows of a page lie where there is room, one after the
// other as they come.
func endExpired(ctx context.Context, tx *sql.Tx, today collector.Date) error {
	for _, table := range []string{"session", "invitation"} {
		if err := endExpiredOf(ctx, tx, table, today); err != nil {
			return fmt.Errorf("delete what has expired: %w", err)
		}
	}
	return nil
}

func endExpiredOf(ctx context.Context, tx *sql.Tx, table string, today collector.Date) error {
	stay, err := list(ctx, tx, func(rows *sql.Rows) (x [3]any, err error) {
		err = rows.Scan(&x[0], &x[1], &x[2])
		return x, err
	}, "SELECT hash, \"user\", expires_on FROM "+table+" WHERE expires_on >= ? ORDER BY hash", today)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil {
		return err
	}
	for _, x := range stay {
		if _, err := tx.ExecContext(ctx, "INSERT INTO "+table+" (hash, \"user\", expires_on) VALUES (?, ?, ?)", x[:]...); err != nil {
			return err
		}
	}
	return nil
}

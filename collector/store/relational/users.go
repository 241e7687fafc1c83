package relational

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"veille/collector"
)

// AddUser keeps a new user, or one of the organisation who was removed and comes back; the keys of before stay useless. It answers
// ErrExists when somebody else has the name, in whatever organisation: names that differ in ASCII capitals only are the same.
func (s *Store) AddUser(ctx context.Context, u collector.User) (collector.User, error) {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		before, err := scanUser(tx.QueryRowContext(ctx, "SELECT "+userColumns+" WHERE lower(u.name) = ?", folded(u.Name)))
		switch {
		case errors.Is(err, collector.ErrNotFound):
			return tx.QueryRowContext(ctx, `INSERT INTO "user" (organisation, name, roles, site, added_on) VALUES (?, ?, ?, nullif(CAST(? AS bigint), 0), ?) RETURNING id`,
				u.Organisation, u.Name, rolesText(u.Roles), u.Site, u.AddedOn).Scan(&u.ID)
		case err != nil:
			return err
		case before.RemovedOn == "" || before.Organisation != u.Organisation:
			return collector.ErrExists
		}
		u.ID = before.ID
		_, err = tx.ExecContext(ctx, `UPDATE "user" SET name = ?, roles = ?, site = nullif(CAST(? AS bigint), 0), added_on = ?, removed_on = '' WHERE id = ?`,
			u.Name, rolesText(u.Roles), u.Site, u.AddedOn, u.ID)
		return err
	})
	if err != nil {
		return collector.User{}, fmt.Errorf("add user %q: %w", u.Name, err)
	}
	return u, nil
}

// folded is a name by which users are told apart: ASCII capitals are none.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

func rolesText(roles []collector.Role) string {
	words := make([]string, len(roles))
	for i, r := range roles {
		words[i] = string(r)
	}
	return strings.Join(words, ",")
}

const userColumns = "u.id, u.organisation, u.name, u.roles, coalesce(u.site, 0), u.added_on, u.removed_on FROM \"user\" u"

func scanUser(r interface{ Scan(...any) error }) (u collector.User, err error) {
	var roles string
	err = r.Scan(&u.ID, &u.Organisation, &u.Name, &roles, &u.Site, &u.AddedOn, &u.RemovedOn)
	if errors.Is(err, sql.ErrNoRows) {
		return u, collector.ErrNotFound
	}
	for word := range strings.SplitSeq(roles, ",") {
		u.Roles = append(u.Roles, collector.Role(word))
	}
	return u, err
}

// Users are all users, by name, those who were removed included.
func (s *Store) Users(ctx context.Context) ([]collector.User, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+userColumns+" ORDER BY lower(u.name)")
	if err != nil {
		return nil, fmt.Errorf("list the users: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []collector.User
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, fmt.Errorf("list the users: %w", err)
		}
		all = append(all, u)
	}
	return all, rows.Err()
}

// SetUser keeps the roles and the site of the user with that number, or answers ErrNotFound.
func (s *Store) SetUser(ctx context.Context, u collector.User) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, "UPDATE \"user\" SET roles = ?, site = nullif(CAST(? AS bigint), 0) WHERE id = ? AND removed_on = ''", rolesText(u.Roles), u.Site, u.ID))
	})
	if err != nil {
		return fmt.Errorf("set user %q: %w", u.Name, err)
	}
	return nil
}

// RemoveUser makes a user one who may do nothing, and its keys useless; its password, its sessions and its invitations are deleted. Its
// name stays until Finish deletes it. It answers ErrNotFound when there is no such user.
func (s *Store) RemoveUser(ctx context.Context, user int64, on collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := one(tx.ExecContext(ctx, "UPDATE \"user\" SET removed_on = ? WHERE id = ? AND removed_on = ''", on, user)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE user_key SET revoked_on = ? WHERE \"user\" = ? AND revoked_on = ''", on, user); err != nil {
			return err
		}
		return forget(ctx, tx, user, "password", "session", "invitation")
	})
	if err != nil {
		return fmt.Errorf("remove user %d: %w", user, err)
	}
	return nil
}

// UserKey is a user's key of the API.
type UserKey struct {
	Hash      [32]byte // SHA-256 of the key itself, which nobody keeps
	User      int64
	CreatedOn collector.Date
	ExpiresOn collector.Date // the first date on which it is refused
	RevokedOn collector.Date // "": it is good
}

// Number is how people name the key: the first 8 hexadecimal digits of its hash, which do not help to guess it.
func (k UserKey) Number() string { return hex.EncodeToString(k.Hash[:4]) }

// CreateUserKey keeps the hash of a new key of a user who is good, or answers ErrNotFound.
func (s *Store) CreateUserKey(ctx context.Context, k UserKey) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, "INSERT INTO user_key (hash, \"user\", created_on, expires_on) SELECT ?, id, ?, ? FROM \"user\" WHERE id = ? AND removed_on = ''",
			k.Hash[:], k.CreatedOn, k.ExpiresOn, k.User))
	})
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	return nil
}

// UserKeys are the keys of all users, the last to expire first.
func (s *Store) UserKeys(ctx context.Context) ([]UserKey, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT hash, \"user\", created_on, expires_on, revoked_on FROM user_key ORDER BY expires_on DESC, hash")
	if err != nil {
		return nil, fmt.Errorf("list the keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []UserKey
	for rows.Next() {
		var k UserKey
		var hash []byte
		if err := rows.Scan(&hash, &k.User, &k.CreatedOn, &k.ExpiresOn, &k.RevokedOn); err != nil {
			return nil, fmt.Errorf("list the keys: %w", err)
		}
		copy(k.Hash[:], hash)
		all = append(all, k)
	}
	return all, rows.Err()
}

// RevokeUserKey makes the key with that SHA-256 useless, or answers ErrNotFound.
func (s *Store) RevokeUserKey(ctx context.Context, hash [32]byte, on collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, "UPDATE user_key SET revoked_on = CASE WHEN revoked_on = '' THEN ? ELSE revoked_on END WHERE hash = ?", on, hash[:]))
	})
	if err != nil {
		return fmt.Errorf("revoke a key: %w", err)
	}
	return nil
}

// UserWith is the user whose key has this SHA-256, or ErrNotFound: it is unknown, expired or revoked, or the user was removed.
func (s *Store) UserWith(ctx context.Context, hash [32]byte, today collector.Date) (collector.User, error) {
	u, err := scanUser(s.read.QueryRowContext(ctx, "SELECT "+userColumns+` JOIN user_key k ON k.user = u.id
		WHERE k.hash = ? AND k.expires_on > ? AND k.revoked_on = '' AND u.removed_on = ''`, hash[:], today))
	if err != nil {
		return collector.User{}, fmt.Errorf("find the user of a key: %w", err)
	}
	return u, nil
}

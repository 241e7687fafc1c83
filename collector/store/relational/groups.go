package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector"
)

// AddGroup keeps a new group of a site, and answers it with its number, or ErrExists when the site has one of that name.
func (s *Store) AddGroup(ctx context.Context, g collector.Group) (collector.Group, error) {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `INSERT INTO site_group (site, kind, name) SELECT ?1, ?2, ?3
			WHERE NOT EXISTS (SELECT 1 FROM site_group WHERE site = ?1 AND name = ?3 AND removed_on = '') RETURNING id`,
			g.Site, g.Kind, g.Name).Scan(&g.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return collector.ErrExists
		}
		return err
	})
	if err != nil {
		return collector.Group{}, fmt.Errorf("add group %q: %w", g.Name, err)
	}
	return g, nil
}

// Groups are the groups that a site has, by name.
func (s *Store) Groups(ctx context.Context, site int64) ([]collector.Group, error) {
	return s.groups(ctx, "WHERE site = ? AND removed_on = '' ORDER BY name", site)
}

// EveryGroup are the groups of all sites, by number, those that were removed included: what their machines did is kept under their
// numbers.
func (s *Store) EveryGroup(ctx context.Context) ([]collector.Group, error) {
	return s.groups(ctx, "ORDER BY id")
}

func (s *Store) groups(ctx context.Context, which string, args ...any) ([]collector.Group, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, site, kind, name FROM site_group "+which, args...)
	if err != nil {
		return nil, fmt.Errorf("list the groups: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []collector.Group
	for rows.Next() {
		var g collector.Group
		if err := rows.Scan(&g.ID, &g.Site, &g.Kind, &g.Name); err != nil {
			return nil, fmt.Errorf("list the groups: %w", err)
		}
		all = append(all, g)
	}
	return all, rows.Err()
}

// RenameGroup gives a group another name. It answers ErrNotFound when there is none, and ErrExists when its site has another of that
// name.
func (s *Store) RenameGroup(ctx context.Context, group int64, name string) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var others int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM site_group g JOIN site_group o ON o.site = g.site
			WHERE g.id = ? AND o.id <> g.id AND o.name = ? AND o.removed_on = ''`, group, name).Scan(&others)
		switch {
		case err != nil:
			return err
		case others > 0:
			return collector.ErrExists
		}
		return one(tx.ExecContext(ctx, "UPDATE site_group SET name = ? WHERE id = ? AND removed_on = ''", name, group))
	})
	if err != nil {
		return fmt.Errorf("rename group %d to %q: %w", group, name, err)
	}
	return nil
}

// RemoveGroup removes a group without machines and without tokens that would put some in it; otherwise it is refused with a sentence.
// Those that were revoked or replaced, and tokens that are not good, leave it. What its machines did stays under its number.
func (s *Store) RemoveGroup(ctx context.Context, group int64, today collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var machines, tokens int
		err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM machine WHERE site_group = ?1 AND revoked_on = '' AND replaced_by IS NULL),
			(SELECT count(*) FROM token WHERE site_group = ?1 AND revoked_on = '' AND expires_on > ?2 AND used < quota)`, group, today).Scan(&machines, &tokens)
		switch {
		case err != nil:
			return err
		case machines > 0:
			return fmt.Errorf("machines in it: %d; move them first, see veille-collector machine move", machines)
		case tokens > 0:
			return fmt.Errorf("good tokens that put machines in it: %d; revoke them first, see veille-collector token list", tokens)
		}
		if err := one(tx.ExecContext(ctx, "UPDATE site_group SET removed_on = ? WHERE id = ? AND removed_on = ''", today, group)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "UPDATE machine SET site_group = NULL WHERE site_group = ?", group)
		if err == nil {
			_, err = tx.ExecContext(ctx, "UPDATE token SET site_group = NULL WHERE site_group = ?", group)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove group %d: %w", group, err)
	}
	return nil
}

// MoveMachines puts machines in a group of their site, or in none for group 0: all of them or, after an error, none. What they did
// before stays with the group they were in. It answers ErrNotFound when one does not exist, or not at the site of the group.
func (s *Store) MoveMachines(ctx context.Context, group int64, machines ...int64) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, m := range machines {
			err := one(tx.ExecContext(ctx, `UPDATE machine SET site_group = nullif(CAST(?1 AS bigint), 0) WHERE id = ?2
				AND (CAST(?1 AS bigint) = 0 OR EXISTS (SELECT 1 FROM site_group g WHERE g.id = ?1 AND g.site = machine.site AND g.removed_on = ''))`, group, m))
			if err != nil {
				return fmt.Errorf("machine %d: %w", m, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("move to group %d: %w", group, err)
	}
	return nil
}

// Grouped is the group that each machine of a site is in, by number; those in none are left out.
func (s *Store) Grouped(ctx context.Context, site int64) (map[int64]int64, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, site_group FROM machine WHERE site = ? AND site_group IS NOT NULL", site)
	if err != nil {
		return nil, fmt.Errorf("list the machines of groups: %w", err)
	}
	defer func() { _ = rows.Close() }()
	in := map[int64]int64{}
	for rows.Next() {
		var machine, group int64
		if err := rows.Scan(&machine, &group); err != nil {
			return nil, fmt.Errorf("list the machines of groups: %w", err)
		}
		in[machine] = group
	}
	return in, rows.Err()
}

// GroupSizes is how many machines are in each group of a site; one that was installed anew counts once, and one that was revoked does
// not count.
func (s *Store) GroupSizes(ctx context.Context, site int64) (map[int64]int, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT site_group, count(*) FROM machine
		WHERE site = ? AND site_group IS NOT NULL AND revoked_on = '' AND replaced_by IS NULL GROUP BY site_group`, site)
	if err != nil {
		return nil, fmt.Errorf("count the machines of groups: %w", err)
	}
	defer func() { _ = rows.Close() }()
	sizes := map[int64]int{}
	for rows.Next() {
		var group int64
		var n int
		if err := rows.Scan(&group, &n); err != nil {
			return nil, fmt.Errorf("count the machines of groups: %w", err)
		}
		sizes[group] = n
	}
	return sizes, rows.Err()
}

// MachineNumbered is the machine with that number, or ErrNotFound.
func (s *Store) MachineNumbered(ctx context.Context, number int64) (collector.Machine, error) {
	w, err := scanWitness(s.read.QueryRowContext(ctx, "SELECT "+machineColumns+" WHERE m.id = ?", number))
	if err != nil {
		return collector.Machine{}, fmt.Errorf("machine %d: %w", number, err)
	}
	return w.Machine, nil
}

// CreateTokenFor keeps the hash of a new token that puts the machines it enrols in a group of its site, or in none for group 0. It
// answers ErrNotFound when the site has no such group.
func (s *Store) CreateTokenFor(ctx context.Context, t collector.Token, group int64) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return one(tx.ExecContext(ctx, `INSERT INTO token (hash, site, quota, created_on, expires_on, note, site_group) SELECT ?1, CAST(?2 AS bigint), ?3, ?4, ?5, ?6, nullif(CAST(?7 AS bigint), 0)
			WHERE CAST(?7 AS bigint) = 0 OR EXISTS (SELECT 1 FROM site_group g WHERE g.id = ?7 AND g.site = ?2 AND g.removed_on = '')`,
			t.Hash[:], t.Site, t.Quota, t.CreatedOn, t.ExpiresOn, t.Note, group))
	})
	if err != nil {
		return fmt.Errorf("create a token: %w", err)
	}
	return nil
}

// TokenGroups is the group in which each token puts machines, by the token's hash; those that put them in none are left out.
func (s *Store) TokenGroups(ctx context.Context) (map[[32]byte]int64, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT hash, site_group FROM token WHERE site_group IS NOT NULL")
	if err != nil {
		return nil, fmt.Errorf("list the tokens of groups: %w", err)
	}
	defer func() { _ = rows.Close() }()
	of := map[[32]byte]int64{}
	for rows.Next() {
		var hash []byte
		var group int64
		if err := rows.Scan(&hash, &group); err != nil {
			return nil, fmt.Errorf("list the tokens of groups: %w", err)
		}
		of[[32]byte(hash)] = group
	}
	return of, rows.Err()
}

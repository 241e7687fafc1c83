package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector"
)

// Enrol gives a machine a password and a place at the token's site. A machine whose pseudonym is known stays the same
// machine, with the new password, and takes nothing from the token's quota. It answers ErrToken when the token does not
// allow it, and ErrRevoked when the machine was revoked; neither takes the writer's time.
func (s *Store) Enrol(ctx context.Context, e collector.Enrolment) (collector.Enrolled, error) {
	var got collector.Enrolled
	_, _, err := admit(ctx, s.read, e)
	if err == nil {
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
			got, err = enrol(ctx, tx, e)
			return err
		})
	}
	if err != nil {
		return collector.Enrolled{}, fmt.Errorf("enrol a machine: %w", err)
	}
	return got, nil
}

func enrol(ctx context.Context, tx *sql.Tx, e collector.Enrolment) (got collector.Enrolled, err error) {
	site, known, err := admit(ctx, tx, e)
	if err != nil {
		return got, err
	}
	if !known {
		if _, err := tx.ExecContext(ctx, "UPDATE token SET used = used + 1 WHERE hash = ?", e.Token[:]); err != nil {
			return got, err
		}
	}
	var number int64
	err = tx.QueryRowContext(ctx, `INSERT INTO machine (site, pseudonym, credential, use, enrolled_on, seen_on) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (pseudonym) DO UPDATE SET site = excluded.site, credential = excluded.credential, use = excluded.use,
			seen_on = excluded.seen_on, replaced_by = NULL, apart = (SELECT max(id) FROM machine)
		RETURNING id`, site, e.Pseudonym[:], e.Credential[:], e.Use, e.On, e.On).Scan(&number)
	if err != nil {
		return got, err
	}
	if e.Kind.Class != "" {
		if err := setKind(ctx, tx, number, e.Kind, e.On); err != nil {
			return got, err
		}
	}
	w, err := witness(ctx, tx, number)
	if err != nil || known {
		return collector.Enrolled{Machine: w.Machine}, err
	}
	n, err := silent(ctx, tx, w.Machine, e.On)
	return collector.Enrolled{Machine: w.Machine, Silent: n}, err
}

// row asks a connection or a transaction for one row.
type row interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// admit is the site at which the token lets the machine enrol, and whether the machine is known.
func admit(ctx context.Context, db row, e collector.Enrolment) (site int64, known bool, err error) {
	var left int
	var revoked collector.Date
	err = db.QueryRowContext(ctx, `SELECT t.site, t.quota - t.used, m.id IS NOT NULL, coalesce(m.revoked_on, '')
		FROM token t LEFT JOIN machine m ON m.pseudonym = ? WHERE t.hash = ? AND t.expires_on > ? AND t.revoked_on = ''`,
		e.Pseudonym[:], e.Token[:], e.On).Scan(&site, &left, &known, &revoked)
	switch {
	case errors.Is(err, sql.ErrNoRows) || err == nil && !known && left <= 0:
		return 0, false, collector.ErrToken
	case err == nil && revoked != "":
		return 0, false, collector.ErrRevoked
	}
	return site, known, err
}

// silent is how many machines enrolled before m, of its site, use and kind, have not been seen since before today.
func silent(ctx context.Context, tx *sql.Tx, m collector.Machine, today collector.Date) (n int, err error) {
	if m.Kind.Class == "" {
		return 0, nil
	}
	err = tx.QueryRowContext(ctx, `SELECT count(*) FROM machine WHERE site = ? AND use = ? AND class = ? AND cpu = ? AND ram = ?
		AND id < ? AND seen_on < ? AND replaced_by IS NULL AND revoked_on = ''`,
		m.Site.ID, m.Use, m.Kind.Class, m.Kind.CPU, m.Kind.RAM, m.ID, today).Scan(&n)
	return n, err
}

// setKind keeps the kind of a machine as told for a date, unless it was told for a later one.
func setKind(ctx context.Context, tx *sql.Tx, machine int64, k collector.Kind, on collector.Date) error {
	_, err := tx.ExecContext(ctx, `UPDATE machine SET class = ?, os = ?, cpu = ?, ram = ?, agent = ?, kind_on = ? WHERE id = ? AND kind_on <= ?`,
		k.Class, k.OS, k.CPU, k.RAM, k.Agent, on, machine, on)
	return err
}

const machineColumns = `m.id, m.use, m.class, m.os, m.cpu, m.ram, m.agent, m.enrolled_on, m.seen_on, m.revoked_on, coalesce(m.replaced_by, 0),
	s.id, s.organisation, s.name, s.time_zone, m.apart, m.settled FROM machine m JOIN site s ON s.id = m.site`

func scanWitness(r interface{ Scan(...any) error }) (w collector.Witness, err error) {
	err = r.Scan(&w.ID, &w.Use, &w.Kind.Class, &w.Kind.OS, &w.Kind.CPU, &w.Kind.RAM, &w.Kind.Agent, &w.EnrolledOn, &w.SeenOn, &w.RevokedOn,
		&w.ReplacedBy, &w.Site.ID, &w.Site.Organisation, &w.Site.Name, &w.Site.TimeZone, &w.Apart, &w.Settled)
	if errors.Is(err, sql.ErrNoRows) {
		err = collector.ErrNotFound
	}
	return w, err
}

// Machine is the machine whose password has this SHA-256, or ErrNotFound; a revoked machine has none.
func (s *Store) Machine(ctx context.Context, credential [32]byte) (collector.Machine, error) {
	w, err := scanWitness(s.hot.machine.QueryRowContext(ctx, credential[:]))
	if err != nil {
		return w.Machine, fmt.Errorf("find a machine: %w", err)
	}
	return w.Machine, nil
}

// Machines are the machines of a site, by number, with those that each may be, installed anew.
func (s *Store) Machines(ctx context.Context, site int64) ([]collector.Machine, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+machineColumns+" WHERE m.site = ? ORDER BY m.id", site)
	if err != nil {
		return nil, fmt.Errorf("list the machines: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []collector.Witness
	for rows.Next() {
		w, err := scanWitness(rows)
		if err != nil {
			return nil, fmt.Errorf("list the machines: %w", err)
		}
		all = append(all, w)
	}
	return collector.Doubts(all), rows.Err()
}

// Replace keeps that machine newer is machine older, installed anew. It is refused with a sentence where that cannot be:
// newer was enrolled before older, which leaves no way to a circle, or older has spoken since newer was enrolled.
func (s *Store) Replace(ctx context.Context, newer, older int64) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		n, err := witness(ctx, tx, newer)
		if err != nil {
			return err
		}
		o, err := witness(ctx, tx, older)
		if err != nil {
			return err
		}
		switch {
		case newer == older:
			return errors.New("a machine does not replace itself")
		case n.Site.ID != o.Site.ID:
			return fmt.Errorf("%d is at %s and %d at %s: a machine that was installed anew stays at its site", newer, n.Site.Name, older, o.Site.Name)
		case newer < older:
			return fmt.Errorf("%d was enrolled after %d: give the newer machine first", older, newer)
		case o.ReplacedBy != 0:
			return fmt.Errorf("%d is %d already, installed anew; undo that first", o.ReplacedBy, older)
		case o.Apart >= newer:
			return fmt.Errorf("%d has spoken, or was said to be a machine of its own, since %d was enrolled: they are two machines", older, newer)
		}
		_, err = tx.ExecContext(ctx, "UPDATE machine SET replaced_by = ? WHERE id = ?", newer, older)
		return err
	})
	if err != nil {
		return fmt.Errorf("replace machine %d by %d: %w", older, newer, err)
	}
	return nil
}

func witness(ctx context.Context, tx *sql.Tx, machine int64) (collector.Witness, error) {
	w, err := scanWitness(tx.QueryRowContext(ctx, "SELECT "+machineColumns+" WHERE m.id = ?", machine))
	if err != nil {
		return w, fmt.Errorf("machine %d: %w", machine, err)
	}
	return w, nil
}

// Settle keeps that a machine is one of its own: neither an earlier one installed anew, nor one of those enrolled since.
func (s *Store) Settle(ctx context.Context, machine int64) error {
	return s.change(ctx, "keep", machine, "UPDATE machine SET settled = 1, apart = (SELECT max(id) FROM machine) WHERE id = ?", machine)
}

// Revoke takes a machine's password away; its records stay. It cannot enrol again until it is restored.
func (s *Store) Revoke(ctx context.Context, machine int64, on collector.Date) error {
	return s.change(ctx, "revoke", machine, "UPDATE machine SET revoked_on = iif(revoked_on = '', ?, revoked_on) WHERE id = ?", on, machine)
}

// Restore undoes Replace, of the older of the two, and Revoke: the password is good again.
func (s *Store) Restore(ctx context.Context, machine int64) error {
	return s.change(ctx, "restore", machine, "UPDATE machine SET revoked_on = '', replaced_by = NULL WHERE id = ?", machine)
}

// change runs a statement on one machine, and answers ErrNotFound when there is none.
func (s *Store) change(ctx context.Context, what string, machine int64, statement string, args ...any) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return one(tx.ExecContext(ctx, statement, args...)) })
	if err != nil {
		return fmt.Errorf("%s machine %d: %w", what, machine, err)
	}
	return nil
}

// one answers ErrNotFound for a statement that has changed no row.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return collector.ErrNotFound
}

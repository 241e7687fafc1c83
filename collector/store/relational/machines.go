package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector"
)

// sameKind is what machines have in common of which one may be another one installed anew.
type sameKind struct {
	site            int64
	use             collector.Use
	class, cpu, ram string
	today           collector.Date
}

// silent is how many machines enrolled before m, of its site, use and kind, have not been seen since before today. Machines that enrol in
// one transaction are not seen before today, and so are counted once for all of a kind.
func (b *batch) silent(ctx context.Context, m collector.Machine, today collector.Date) (n int, err error) {
	if m.Kind.Class == "" {
		return 0, nil
	}
	k := sameKind{m.Site.ID, m.Use, m.Kind.Class, m.Kind.CPU, m.Kind.RAM, today}
	if n, known := b.alike[k]; known {
		return n, nil
	}
	err = b.QueryRowContext(ctx, `SELECT count(*) FROM machine WHERE site = ? AND use = ? AND class = ? AND cpu = ? AND ram = ?
		AND id < ? AND seen_on < ? AND replaced_by IS NULL AND revoked_on = ''`, k.site, k.use, k.class, k.cpu, k.ram, m.ID, today).Scan(&n)
	if err == nil {
		b.alike[k] = n
	}
	return n, err
}

// setKind keeps the kind of a machine as told for a date, unless it was told for a later one.
func setKind(ctx context.Context, tx *sql.Tx, machine int64, k collector.Kind, on collector.Date) error {
	_, err := tx.ExecContext(ctx, `UPDATE machine SET class = ?, os = ?, cpu = ?, ram = ?, agent = ?, kind_on = ? WHERE id = ? AND kind_on <= ?`,
		k.Class, k.OS, k.CPU, k.RAM, k.Agent, on, machine, on)
	return err
}

const machineColumns = `m.id, m.use, m.class, m.os, m.cpu, m.ram, m.agent, m.enrolled_on, m.seen_on, m.revoked_on, coalesce(m.replaced_by, 0),
	coalesce(m.site_group, 0), s.id, s.organisation, s.name, s.time_zone, s.open, m.apart, m.settled FROM machine m JOIN site s ON s.id = m.site`

func scanWitness(r interface{ Scan(...any) error }) (w collector.Witness, err error) {
	err = r.Scan(&w.ID, &w.Use, &w.Kind.Class, &w.Kind.OS, &w.Kind.CPU, &w.Kind.RAM, &w.Kind.Agent, &w.EnrolledOn, &w.SeenOn, &w.RevokedOn,
		&w.ReplacedBy, &w.Group, &w.Site.ID, &w.Site.Organisation, &w.Site.Name, &w.Site.TimeZone, &w.Site.Open, &w.Apart, &w.Settled)
	if errors.Is(err, sql.ErrNoRows) {
		err = collector.ErrNotFound
	}
	return w, err
}

// Machine is the machine whose password has this SHA-256, without what it may have been replaced by, or ErrNotFound; a revoked machine has
// none.
func (s *Store) Machine(ctx context.Context, credential [32]byte) (collector.Machine, error) {
	var m collector.Machine
	var group sql.NullInt64
	err := s.hot.machine.QueryRowContext(ctx, credential[:]).Scan(&m.ID, &m.Use, &m.Kind.Class, &m.Kind.OS, &m.Kind.CPU, &m.Kind.RAM, &m.Kind.Agent,
		&m.EnrolledOn, &m.SeenOn, &group, &m.Site.ID, &m.Site.Organisation, &m.Site.Name, &m.Site.TimeZone, &m.Site.Open)
	if errors.Is(err, sql.ErrNoRows) {
		err = collector.ErrNotFound
	}
	if err != nil {
		return m, fmt.Errorf("find a machine: %w", s.noticed(err))
	}
	m.Group = group.Int64
	return m, nil
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
// newer was enrolled before older, which leaves no way to a circle, or older has spoken since newer was enrolled. Where it is a person's now and
// was shared or a server, its hours are added up to days, and destinations delete them.
func (s *Store) Replace(ctx context.Context, newer, older int64) error {
	err := s.enqueue(job{ctx: ctx, do: func(ctx context.Context, b *batch) error {
		tx := b.Tx
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
		if _, err = tx.ExecContext(ctx, "UPDATE machine SET replaced_by = ? WHERE id = ?", newer, older); err != nil {
			return err
		}
		if err := closePlugs(ctx, tx, newer); err != nil {
			return err
		}
		return b.joined(ctx, older)
	}})
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
	return s.change(ctx, "revoke", machine, "UPDATE machine SET revoked_on = CASE WHEN revoked_on = '' THEN ? ELSE revoked_on END WHERE id = ?", on, machine)
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

// missing is err, or ErrNotFound where it says that there is no row.
func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return collector.ErrNotFound
	}
	return err
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

package relational

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"veille/collector"
)

// Extent says which machine-days there are.
func (s *Store) Extent(ctx context.Context) (collector.Extent, error) { return extentOf(ctx, s.read) }

func extentOf(ctx context.Context, db querier) (e collector.Extent, err error) {
	var oldest, newest, closed sql.NullInt64
	err = db.QueryRowContext(ctx, `SELECT (SELECT min(day) FROM day), (SELECT max(day) FROM day), (SELECT max(day) FROM closed), (SELECT coalesce(max(id), 0) FROM machine)`).
		Scan(&oldest, &newest, &closed, &e.LastMachine)
	if err != nil {
		return e, fmt.Errorf("find the extent of the days: %w", err)
	}
	for of, to := range map[*collector.Date]sql.NullInt64{&e.Oldest: oldest, &e.Newest: newest, &e.Closed: closed} {
		if to.Valid {
			*of = dateOf(to.Int64)
		}
	}
	return e, nil
}

// Stale marks the dates that changed since they were rolled up as being rolled up now, and answers them, oldest first. A change takes
// that mark away again, and the date stays stale.
func (s *Store) Stale(ctx context.Context) (dates []collector.Date, err error) {
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		dates = nil
		if err := rejoin(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE stale SET rolling = 1"); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, "SELECT day FROM stale ORDER BY day")
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var day int64
			if err := rows.Scan(&day); err != nil {
				return err
			}
			dates = append(dates, dateOf(day))
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("mark what is to be rolled up: %w", err)
	}
	return dates, nil
}

// rejoin marks the days of the machines that count for another one than before: under their own numbers, and under those that they had
// before these.
func rejoin(ctx context.Context, tx *sql.Tx) error {
	var some bool
	if err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM rejoined)").Scan(&some); err != nil || !some {
		return err
	}
	_, err := tx.ExecContext(ctx, `WITH RECURSIVE
		same (id) AS (SELECT machine FROM rejoined UNION SELECT m.id FROM machine m JOIN same ON m.replaced_by = same.id),
		kept (day) AS (SELECT min(day) FROM day UNION SELECT day + 1 FROM kept WHERE day < (SELECT max(day) FROM day))
		INSERT INTO stale (day, rolling) SELECT kept.day, 0 FROM kept WHERE EXISTS (SELECT 1 FROM same CROSS JOIN day d WHERE d.day = kept.day AND d.machine = same.id)
		ON CONFLICT (day) DO UPDATE SET rolling = 0`)
	if err == nil {
		_, err = tx.ExecContext(ctx, "DELETE FROM rejoined")
	}
	if err != nil {
		return fmt.Errorf("mark the days of machines that were joined: %w", err)
	}
	return nil
}

// Rolled says that all of these dates were rolled up: those that are marked still are not stale any more.
func (s *Store) Rolled(ctx context.Context, dates []collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, date := range dates {
			day, err := dayOf(date)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM stale WHERE day = ? AND rolling = 1", day); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep what was rolled up: %w", err)
	}
	return nil
}

// alias is a machine that was installed anew since, and what it is now.
type alias struct{ machine, now int64 }

// aliases are all of them, sorted by what they are now.
func (s *Store) aliases(ctx context.Context) ([]alias, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id, replaced_by FROM machine WHERE replaced_by IS NOT NULL ORDER BY id DESC")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []alias
	now := map[int64]int64{} // newer ones come first, so what replaces a machine is known before it
	for rows.Next() {
		var a alias
		if err := rows.Scan(&a.machine, &a.now); err != nil {
			return nil, err
		}
		if last, ok := now[a.now]; ok {
			a.now = last
		}
		now[a.machine] = a.now
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b alias) int { return cmp.Or(cmp.Compare(a.now, b.now), cmp.Compare(a.machine, b.machine)) })
	return all, rows.Err()
}

// Days gives each row of a date of the machines that now have the numbers from..to, both included, in order of that number, and those
// of one machine in the order of the numbers that the rows were kept under. yield may keep what it is given.
func (s *Store) Days(ctx context.Context, date collector.Date, from, to int64, yield func(collector.MachineDay) error) error {
	day, err := dayOf(date)
	if err != nil {
		return err
	}
	aliases, err := s.aliases(ctx)
	if err != nil {
		return fmt.Errorf("find the machines that were installed anew: %w", err)
	}
	replaced := map[int64]bool{}
	var earlier []collector.MachineDay // days of machines under their earlier numbers
	for _, a := range aliases {
		replaced[a.machine] = true
		if a.now < from || a.now > to {
			continue
		}
		err := s.rows(ctx, day, a.machine, a.machine, func(d collector.MachineDay) error {
			d.Machine = a.now
			earlier = append(earlier, d)
			return nil
		})
		if err != nil {
			return err
		}
	}
	before := func(machine int64) error {
		for len(earlier) > 0 && earlier[0].Machine <= machine {
			if err := yield(earlier[0]); err != nil {
				return err
			}
			earlier = earlier[1:]
		}
		return nil
	}
	err = s.rows(ctx, day, from, to, func(d collector.MachineDay) error {
		if replaced[d.Machine] {
			return nil
		}
		if err := before(d.Machine); err != nil {
			return err
		}
		return yield(d)
	})
	if err != nil {
		return err
	}
	return before(to)
}

// rows gives the rows of a day of the machines that have the numbers from..to themselves, in order.
func (s *Store) rows(ctx context.Context, day, from, to int64, yield func(collector.MachineDay) error) error {
	rows, err := s.read.QueryContext(ctx, "SELECT "+dayColumns+" WHERE d.day = ? AND d.machine BETWEEN ? AND ? ORDER BY d.machine, d.place", day, from, to)
	if err != nil {
		return fmt.Errorf("read the days of %s: %w", dateOf(day), err)
	}
	defer func() { _ = rows.Close() }()
	d := s.reader()
	for rows.Next() {
		r, err := d.scan(rows)
		if err != nil {
			return fmt.Errorf("read the days of %s: %w", dateOf(day), err)
		}
		if err := yield(r.machineDay()); err != nil {
			return err
		}
	}
	return rows.Err()
}

// machineDay is the row as roll-ups see it.
func (r dayRow) machineDay() collector.MachineDay {
	d := collector.MachineDay{Machine: r.machine, Date: dateOf(r.day), Records: r.records}
	d.Place = collector.Place{Site: r.seat.site, Group: r.seat.group, Use: r.seat.use, Simulated: r.seat.simulated, Class: r.kind.Class}
	if r.kind.Virtual {
		d.Class = collector.Virtual
	}
	return d
}

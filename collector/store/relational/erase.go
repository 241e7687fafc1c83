package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"veille/collector"
)

// Erased is what was deleted of a machine.
type Erased struct {
	Machines      []int64        // its numbers: its own, and those that it had before it was installed anew
	Days          int64          // machine-days
	Months        int64          // machine-months
	Quarantine    int64          // records
	StaleDates    int            // dates that are rolled up again without it, the coming night
	ClosedThrough collector.Date // group-days up to this date keep it in their sums, where it cannot be told from others; "": none do
}

// Own is everything that is kept of a machine by itself.
type Own struct {
	Machines []collector.Machine      // as it is enrolled, under each of its numbers
	Days     []collector.Change       // its records
	Months   []collector.MachineMonth // its sums by month
	Refused  []collector.Refused      // its records in quarantine
}

// Own is everything that is kept of a machine by itself, under all of its numbers: what it has a right to be told, and what Erase deletes.
// It answers ErrNotFound when there is no such machine.
func (s *Store) Own(ctx context.Context, machine int64) (own Own, err error) {
	numbers, err := numbersOf(ctx, s.read, machine)
	if err != nil {
		return own, fmt.Errorf("machine %d: %w", machine, err)
	}
	for _, n := range numbers {
		m, err := s.MachineNumbered(ctx, n)
		if err != nil {
			return own, err
		}
		days, err := s.recordsOf(ctx, n, "")
		if err != nil {
			return own, err
		}
		months, err := s.machineMonths(ctx, "m.machine = ? AND m.month IN (SELECT DISTINCT month FROM machine_month) ORDER BY m.month", n)
		if err != nil {
			return own, err
		}
		refused, err := s.quarantined(ctx, "machine = ?", n)
		if err != nil {
			return own, err
		}
		own.Machines, own.Days = append(own.Machines, m), append(own.Days, days...)
		own.Months, own.Refused = append(own.Months, months...), append(own.Refused, refused...)
	}
	return own, nil
}

// keptDays are the days of which there may be rows, before a query: rows of one machine are found day by day.
const keptDays = "WITH RECURSIVE kept (day) AS (SELECT min(day) FROM day UNION SELECT day + 1 FROM kept WHERE day < (SELECT max(day) FROM day)) "

// recordsOf are the records that are kept under one number and that a condition chooses, by date.
func (s *Store) recordsOf(ctx context.Context, machine int64, and string) (all []collector.Change, err error) {
	rows, err := s.read.QueryContext(ctx, keptDays+"SELECT "+dayColumns+" WHERE d.machine = ? AND d.day IN (SELECT day FROM kept)"+and+" ORDER BY d.day, d.place", machine)
	if err != nil {
		return nil, fmt.Errorf("read the records of machine %d: %w", machine, err)
	}
	defer func() { _ = rows.Close() }()
	d := s.reader()
	for rows.Next() {
		r, err := d.scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read the records of machine %d: %w", machine, err)
		}
		all = append(all, r.changes()...)
	}
	return all, rows.Err()
}

// Erase deletes a machine, under all of its numbers, with everything that is kept of it by itself, and lets the roll-ups of groups be
// made again without it. It answers ErrNotFound when there is no such machine. What was deleted is overwritten in the file and in its log.
// The audit log names each of the numbers.
func (s *Store) Erase(ctx context.Context, machine int64) (e Erased, err error) {
	entry, _ := entryIn(ctx)
	err = s.enqueue(job{ctx: ctx, do: func(ctx context.Context, b *batch) error {
		extent, err := extentOf(ctx, b) // here, so that no day comes in between
		if err != nil {
			return err
		}
		e = Erased{ClosedThrough: extent.Closed}
		if e.Machines, err = numbersOf(ctx, b, machine); err != nil {
			return err
		}
		for _, n := range e.Machines {
			if err := e.mourn(ctx, b, n); err != nil {
				return err
			}
			if err := e.days(ctx, b, extent, n); err != nil {
				return err
			}
		}
		for _, x := range []struct {
			table string
			count *int64
		}{{"machine_month", &e.Months}, {"quarantine", &e.Quarantine}} {
			if err := e.delete(ctx, b.Tx, x.table+" WHERE machine", x.count); err != nil {
				return err
			}
		}
		var machines int64 // an earlier number first: it refers to a later one
		if err := e.delete(ctx, b.Tx, "machine WHERE id", &machines); err != nil {
			return err
		}
		return e.note(ctx, b, entry, machine)
	}})
	if err != nil {
		return Erased{}, fmt.Errorf("erase machine %d: %w", machine, err)
	}
	return e, s.engine.Overwrite(ctx)
}

// numbersOf are the numbers that a machine has now and had before it was installed anew. A number that it had before stands for it too.
func numbersOf(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, machine int64,
) ([]int64, error) {
	rows, err := db.QueryContext(ctx, `WITH RECURSIVE
		up (id) AS (SELECT id FROM machine WHERE id = ? UNION SELECT m.replaced_by FROM machine m JOIN up ON m.id = up.id WHERE m.replaced_by IS NOT NULL),
		same (id) AS (SELECT max(id) FROM up HAVING max(id) IS NOT NULL UNION SELECT m.id FROM machine m JOIN same ON m.replaced_by = same.id)
		SELECT id FROM same ORDER BY id`, machine)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var all []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if !slices.Contains(all, machine) {
		return nil, collector.ErrNotFound
	}
	return all, nil
}

// mourn lets destinations delete the points of one number, where they may have any: it has hours, or is used so that it may have had some that have
// served here. Of a machine that was always a person's there is no point anywhere, and its number is kept nowhere.
func (e *Erased) mourn(ctx context.Context, b *batch, machine int64) error {
	var hourly bool
	err := b.QueryRowContext(ctx, keptDays+`SELECT EXISTS (SELECT 1 FROM machine WHERE id = ?1 AND use IN ('shared', 'server')) OR EXISTS (
		SELECT 1 FROM kept CROSS JOIN day d JOIN place p ON p.id = d.place WHERE d.day = kept.day AND d.machine = ?1 AND p.use IN ('shared', 'server'))`, machine).Scan(&hourly)
	if err != nil {
		return fmt.Errorf("find whether destinations may have points of machine %d: %w", machine, err)
	}
	if hourly {
		if err := bury(ctx, b.Tx, collector.GoneMachine, machine); err != nil {
			return err
		}
	}
	return errors.Join(forgetRefusedOf(ctx, b.Tx, collector.GoneMachine, machine), forgetPlugs(ctx, b.Tx, machine))
}

// days deletes the days of one number, date by date: there is no list of them.
func (e *Erased) days(ctx context.Context, b *batch, extent collector.Extent, machine int64) error {
	if extent.Oldest == "" {
		return nil
	}
	first, err := dayOf(extent.Oldest)
	if err != nil {
		return err
	}
	last, err := dayOf(extent.Newest)
	if err != nil {
		return err
	}
	for day := first; day <= last+1; day++ {
		result, err := b.ExecContext(ctx, "DELETE FROM day WHERE day = ? AND machine = ?", day, machine)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if n > 0 && !b.stale[day] {
			b.stale[day] = true
			e.StaleDates++
		}
		e.Days += n
	}
	return nil
}

// note keeps for each of the other numbers the entry of the audit log that there is, if any, for the one that was named: in an older copy of this ledger
// they may be machines of their own. See Redo.
func (e *Erased) note(ctx context.Context, b *batch, entry collector.Entry, named int64) error {
	if entry.Subject != erasureOf(named) {
		return nil
	}
	for _, n := range e.Machines {
		if n == named {
			continue
		}
		entry.Subject = erasureOf(n)
		if err := b.note(ctx, entry); err != nil {
			return err
		}
	}
	return nil
}

// delete deletes the rows that a condition chooses by each of the numbers.
func (e *Erased) delete(ctx context.Context, tx *sql.Tx, where string, count *int64) error {
	for _, n := range e.Machines {
		result, err := tx.ExecContext(ctx, "DELETE FROM "+where+" = ?", n)
		if err != nil {
			return err
		}
		deleted, err := result.RowsAffected()
		if err != nil {
			return err
		}
		*count += deleted
	}
	return nil
}

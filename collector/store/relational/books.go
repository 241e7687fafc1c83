package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"time"

	"veille/collector"
)

// monthOf is a month as rows of months have it: months since January of year 0.
func monthOf(m collector.Month) (int64, error) {
	t, err := time.Parse("2006-01", string(m))
	if err != nil {
		return 0, fmt.Errorf("%q is not a month like 2006-01", m)
	}
	return int64(12*t.Year() + int(t.Month()) - 1), nil
}

// monthIn undoes monthOf.
func monthIn(n int64) collector.Month { return collector.Month(fmt.Sprintf("%04d-%02d", n/12, n%12+1)) }

// classKey is the key of a roll-up's body: when, where and of which class.
func classKey(when, place int64, class string) key {
	return key{day: when, machine: int64(crc32.ChecksumIEEE([]byte(class))), place: place}
}

// PutDay keeps the cells of a date in place of those before.
func (s *Store) PutDay(ctx context.Context, date collector.Date, cells []collector.Cell) error {
	day, err := dayOf(date)
	if err != nil {
		return err
	}
	err = s.enqueue(job{ctx: ctx, do: func(ctx context.Context, b *batch) error { return b.putCells(ctx, day, cells) }})
	if err != nil {
		return fmt.Errorf("keep the days of groups: %w", err)
	}
	return nil
}

// putCells puts cells in the place of those of their day.
func (b *batch) putCells(ctx context.Context, day int64, cells []collector.Cell) error {
	if _, err := b.ExecContext(ctx, "DELETE FROM group_day WHERE day = ?", day); err != nil {
		return err
	}
	insert, err := b.PrepareContext(ctx, "INSERT INTO group_day (day, place, class, machines, top_mwh, body) VALUES (?, ?, ?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = insert.Close() }()
	for _, c := range cells {
		place, err := b.names.place(ctx, b.Tx, seatOf(c.Place))
		if err != nil {
			return err
		}
		body := b.words.packSum(classKey(day, place, c.Class), c.Sum)
		if _, err := insert.ExecContext(ctx, day, place, c.Class, c.Machines, int64(c.Top), body); err != nil {
			return err
		}
	}
	return nil
}

func seatOf(p collector.Place) seat { return seat{p.Site, p.Group, p.Use, p.Simulated} }

// PutMonths keeps the machine-months of the machines numbered from..to, both included, of a month in place of those before: a machine
// that is not among them loses its own.
func (s *Store) PutMonths(ctx context.Context, month collector.Month, from, to int64, months []collector.MachineMonth) error {
	number, err := monthOf(month)
	if err != nil {
		return err
	}
	err = s.enqueue(job{ctx: ctx, do: func(ctx context.Context, b *batch) error {
		if _, err := b.ExecContext(ctx, "DELETE FROM machine_month WHERE month = ? AND machine BETWEEN ? AND ?", number, from, to); err != nil {
			return err
		}
		insert, err := b.PrepareContext(ctx, "INSERT INTO machine_month (month, machine, place, class, sleep_after, body) VALUES (?, ?, ?, ?, ?, ?)")
		if err != nil {
			return err
		}
		defer func() { _ = insert.Close() }()
		for _, m := range months {
			place, err := b.names.place(ctx, b.Tx, seatOf(m.Place))
			if err != nil {
				return err
			}
			body := b.words.packSum(key{number, m.Machine, place}, m.Sum)
			if _, err := insert.ExecContext(ctx, number, m.Machine, place, m.Class, m.SleepAfter, body); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		return fmt.Errorf("keep the months of machines: %w", err)
	}
	return nil
}

// placeColumns are what a place is read from.
const placeColumns = "p.site, p.site_group, p.use, p.simulated"

func placeInto(p *collector.Place) []any {
	return []any{&p.Site, &p.Group, &p.Use, &p.Simulated}
}

// Cells gives the cells of a date, in any order.
func (s *Store) Cells(ctx context.Context, date collector.Date, yield func(collector.Cell) error) error {
	day, err := dayOf(date)
	if err != nil {
		return err
	}
	for c, err := range s.cells(ctx, "g.day = ?", day) {
		if err != nil {
			return err
		}
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

// cells are the cells that a condition chooses.
func (s *Store) cells(ctx context.Context, where string, args ...any) iter.Seq2[collector.Cell, error] {
	return func(yield func(collector.Cell, error) bool) {
		rows, err := s.read.QueryContext(ctx, "SELECT g.day, g.place, g.class, g.machines, g.top_mwh, g.body, "+placeColumns+`
			FROM group_day g JOIN place p ON p.id = g.place WHERE `+where, args...)
		if err != nil {
			yield(collector.Cell{}, fmt.Errorf("read the days of groups: %w", err))
			return
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var c collector.Cell
			var day, place, top int64
			var body sql.RawBytes
			err := rows.Scan(append([]any{&day, &place, &c.Class, &c.Machines, &top, &body}, placeInto(&c.Place)...)...)
			if err == nil {
				c.Date, c.Top = dateOf(day), collector.MilliWattHours(top)
				c.Sum, err = s.words.unpackSum(classKey(day, place, c.Class), body)
			}
			if err != nil {
				err = fmt.Errorf("read the days of groups, %s: %w", dateOf(day), s.noticed(err))
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(collector.Cell{}, fmt.Errorf("read the days of groups: %w", err))
		}
	}
}

// CloseBooks says that the cells of dates up to one, and the machine-months of months that have one of those, are not made anew. It never
// goes back.
func (s *Store) CloseBooks(ctx context.Context, upTo collector.Date) error {
	day, err := dayOf(upTo)
	if err != nil {
		return err
	}
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO closed (day) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM closed)", day); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE closed SET day = ?1 WHERE day < ?1", day)
		return err
	})
	if err != nil {
		return fmt.Errorf("close the books of %s: %w", upTo, err)
	}
	return nil
}

// LastRun is the run that was finished last; the zero value when there was none.
func (s *Store) LastRun(ctx context.Context) (run collector.Run, err error) {
	var text string
	err = s.read.QueryRowContext(ctx, "SELECT body FROM run ORDER BY id DESC LIMIT 1").Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return run, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &run)
	}
	if err != nil {
		return run, fmt.Errorf("read the last run: %w", err)
	}
	return run, nil
}

// Runs are all runs, the last one first.
func (s *Store) Runs(ctx context.Context) ([]collector.Run, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT body FROM run ORDER BY id DESC")
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []collector.Run
	for rows.Next() {
		var text sql.RawBytes
		var run collector.Run
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("list the runs: %w", err)
		}
		if err := json.Unmarshal(text, &run); err != nil {
			return nil, fmt.Errorf("list the runs: %w", err)
		}
		all = append(all, run)
	}
	return all, rows.Err()
}

// Finish deletes what is before the horizon, and the sessions and invitations that are over on the run's date, and keeps the run with how many of each went: whatever crashes, nothing goes uncounted.
// Where the engine can, what is deleted is overwritten, and the log of the last writes, in which it may be read still, is emptied: see Engine.Overwrite.
func (s *Store) Finish(ctx context.Context, run collector.Run, h collector.Horizon) (collector.Run, error) {
	scores := 0
	if h.GroupDays != "" {
		var err error
		if scores, err = s.DeleteWebScores(ctx, h.GroupDays); err != nil {
			return run, err
		}
	}
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := endExpired(ctx, tx, run.On); err != nil {
			return err
		}
		deleted, err := deleteServed(ctx, tx, h)
		if err != nil {
			return err
		}
		run.Deleted = deleted
		run.Deleted.WebScores = int64(scores)
		text, err := json.Marshal(run)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO run (body) VALUES (?)", string(text))
		return err
	})
	if err != nil {
		return run, fmt.Errorf("delete what has served: %w", err)
	}
	if h.GroupMonths != "" {
		s.shelf.empty()
	}
	if err := s.forgetKinds(ctx); err != nil {
		return run, err
	}
	return run, errors.Join(s.engine.Tidy(ctx), s.engine.Overwrite(ctx))
}

// deleteServed deletes what is before the horizon, and what a machine left that was erased meanwhile.
func deleteServed(ctx context.Context, tx *sql.Tx, h collector.Horizon) (deleted collector.Deleted, err error) {
	for _, x := range []struct {
		before string
		scale  func() (int64, error)
		table  string
		count  *int64
	}{
		{string(h.MachineDays), func() (int64, error) { return dayOf(h.MachineDays) }, "day WHERE day", &deleted.MachineDays},
		{
			string(h.MachineDays), func() (int64, error) { return dayOf(h.MachineDays) },
			"group_day WHERE place IN (SELECT id FROM place WHERE use NOT IN ('shared', 'server')) AND day", &deleted.GroupDays,
		},
		{string(h.MachineMonths), func() (int64, error) { return monthOf(h.MachineMonths) }, "machine_month WHERE month", &deleted.MachineMonths},
		{string(h.GroupDays), func() (int64, error) { return dayOf(h.GroupDays) }, "group_day WHERE day", &deleted.GroupDays},
		{string(h.GroupMonths), func() (int64, error) { return monthOf(h.GroupMonths) }, "fixed_month WHERE month", &deleted.GroupMonths},
		{string(h.GroupMonths), func() (int64, error) { return monthOf(h.GroupMonths) }, "fixed WHERE month", new(int64)},
		{string(h.Quarantine), nil, "quarantine WHERE came_on", &deleted.Quarantine},
		{string(h.MachineDays), nil, "outbox_refused WHERE on_date", &deleted.RefusedPoints},
	} {
		if x.before == "" {
			continue
		}
		var limit any = x.before
		if x.scale != nil {
			n, err := x.scale()
			if err != nil {
				return deleted, err
			}
			limit = n
		}
		result, err := tx.ExecContext(ctx, "DELETE FROM "+x.table+" < ?", limit)
		if err != nil {
			return deleted, err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return deleted, err
		}
		*x.count += n
	}
	if h.Entries != "" {
		if err := prune(ctx, tx, h.Entries, &deleted); err != nil {
			return deleted, err
		}
	}
	// A machine that was erased while its month was made anew.
	_, err = tx.ExecContext(ctx, "DELETE FROM machine_month WHERE NOT EXISTS (SELECT 1 FROM machine m WHERE m.id = machine_month.machine)")
	return deleted, err
}

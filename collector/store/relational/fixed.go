package relational

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"veille/collector"
)

// OpenMonths are the months of which an organisation has cells and that are not fixed, the oldest first.
func (s *Store) OpenMonths(ctx context.Context) ([]collector.OpenMonth, error) {
	all, err := s.openMonths(ctx)
	if err != nil {
		return nil, fmt.Errorf("find the months that are not fixed: %w", err)
	}
	return all, nil
}

func (s *Store) openMonths(ctx context.Context) (all []collector.OpenMonth, err error) {
	sites, err := pairs(ctx, s.read, "SELECT organisation, id FROM site ORDER BY organisation, id")
	if err != nil {
		return nil, err
	}
	list, err := pairs(ctx, s.read, "SELECT organisation, month FROM fixed")
	if err != nil {
		return nil, err
	}
	of, fixed := map[int64][]int64{}, map[[2]int64]bool{}
	for _, p := range sites {
		of[p[0]] = append(of[p[0]], p[1])
	}
	for _, p := range list {
		fixed[p] = true
	}
	first, last, err := s.cellMonths(ctx)
	for month := first; err == nil && month <= last; month++ {
		var open []int64
		for organisation := range of {
			if !fixed[[2]int64{organisation, month}] {
				open = append(open, organisation)
			}
		}
		if len(open) == 0 {
			continue // as nearly all months are
		}
		var with map[int64]bool
		if with, err = s.sitesWithCells(ctx, month); err != nil {
			break
		}
		slices.Sort(open)
		for _, organisation := range open {
			if slices.ContainsFunc(of[organisation], func(site int64) bool { return with[site] }) {
				all = append(all, collector.OpenMonth{Organisation: organisation, Month: monthIn(month), Sites: of[organisation]})
			}
		}
	}
	return all, err
}

// pairs are the rows of a query for two numbers.
func pairs(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}, query string, args ...any,
) (all [][2]int64, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p [2]int64
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

// cellMonths are the first and the last month that has a cell; without any the last is before the first.
func (s *Store) cellMonths(ctx context.Context) (first, last int64, err error) {
	var from, to sql.NullInt64
	if err := s.read.QueryRowContext(ctx, "SELECT min(day), max(day) FROM group_day").Scan(&from, &to); err != nil || !from.Valid {
		return 0, -1, err
	}
	if first, err = monthOf(dateOf(from.Int64).Month()); err != nil {
		return 0, -1, err
	}
	last, err = monthOf(dateOf(to.Int64).Month())
	return first, last, err
}

// sitesWithCells are the sites that have cells in a month.
func (s *Store) sitesWithCells(ctx context.Context, month int64) (map[int64]bool, error) {
	first, last, err := monthIn(month).Dates()
	if err != nil {
		return nil, err
	}
	from, to, err := daysOf(first, last)
	if err != nil {
		return nil, err
	}
	sites, err := pairs(ctx, s.read, "SELECT DISTINCT p.site, 0 FROM group_day g JOIN place p ON p.id = g.place WHERE g.day BETWEEN ? AND ?", from, to)
	with := map[int64]bool{}
	for _, p := range sites {
		with[p[0]] = true
	}
	return with, err
}

// Heard is how many machines of persons an organisation had in a month or in the one before, and how many of them were heard of in a
// later month: those that have a machine-month there.
func (s *Store) Heard(ctx context.Context, organisation int64, month collector.Month) (machines, heard int, err error) {
	number, err := monthOf(month)
	if err != nil {
		return 0, 0, err
	}
	err = s.read.QueryRowContext(ctx, `SELECT count(*), count(CASE WHEN machine IN (SELECT machine FROM machine_month WHERE month > CAST(?1 AS bigint)) THEN 1 END) FROM (
		SELECT DISTINCT m.machine FROM machine_month m JOIN place p ON p.id = m.place JOIN site s ON s.id = p.site
		WHERE m.month BETWEEN CAST(?1 AS bigint) - 1 AND CAST(?1 AS bigint) AND s.organisation = ?2 AND p.use NOT IN ('shared', 'server')) AS those`, number, organisation).Scan(&machines, &heard)
	if err != nil {
		return 0, 0, fmt.Errorf("count the machines that were heard of since %s: %w", month, err)
	}
	return machines, heard, nil
}

// fixedKey is the key of what is kept of a place in a month that was fixed.
func fixedKey(organisation, month, place int64, class string) key {
	k := classKey(month, place, class)
	k.machine |= organisation << 32 // beside a sum of 32 bits
	return k
}

// Fix keeps what may be told of an organisation in a month, for good: all rows or, after an error, none. A month that is fixed
// already stays as it is, and the answer is ErrExists. At least one row is needed, and all are of the month and of the organisation's sites.
func (s *Store) Fix(ctx context.Context, organisation int64, month collector.Month, on collector.Date, rows []collector.PlaceMonth) error {
	number, err := monthOf(month)
	if err != nil {
		return err
	}
	err = s.enqueue(job{ctx: ctx, do: func(ctx context.Context, b *batch) error {
		var fixed, sites int
		err := b.QueryRowContext(ctx, "SELECT count(*) FROM fixed WHERE organisation = ? AND month = ?", organisation, number).Scan(&fixed)
		switch {
		case err != nil:
			return err
		case fixed > 0:
			return collector.ErrExists
		case len(rows) == 0:
			return errors.New("there are no figures of it")
		}
		for _, r := range rows {
			err := b.QueryRowContext(ctx, "SELECT count(*) FROM site WHERE id = ? AND organisation = ?", r.Site, organisation).Scan(&sites)
			if err != nil {
				return err
			}
			if sites == 0 || r.Month != month {
				return fmt.Errorf("figures of site %d in %s are not of it", r.Site, r.Month)
			}
			if err := b.putFixed(ctx, organisation, number, r); err != nil {
				return err
			}
		}
		_, err = b.ExecContext(ctx, "INSERT INTO fixed (organisation, month, on_date) VALUES (?, ?, ?)", organisation, number, on)
		return err
	}})
	if err != nil {
		return fmt.Errorf("fix %s of organisation %d: %w", month, organisation, err)
	}
	return nil
}

func (b *batch) putFixed(ctx context.Context, organisation, month int64, r collector.PlaceMonth) error {
	place, err := b.names.place(ctx, b.Tx, seatOf(r.Place))
	if err != nil {
		return err
	}
	k := fixedKey(organisation, month, place, r.Class)
	_, err = b.ExecContext(ctx, "INSERT INTO fixed_month (organisation, month, place, class, days, body) VALUES (?, ?, ?, ?, ?, ?)",
		organisation, month, place, r.Class, b.words.packDays(k, r.Days, r.Told), b.words.packSum(k, r.Sum))
	return err
}

// packDays is the body of the days of a place in a month, and of what is told of it, in the manner of pack.
func (w words) packDays(k key, days []collector.PlaceDay, told *collector.Told) []byte {
	b := make([]byte, 0, 16+6*len(days))
	b = append(b, packing)
	b = binary.AppendUvarint(b, uint64(len(days)))
	for _, d := range days {
		b = appendVarints(append(b, byte(d.Parts)), int64(d.Machines), int64(d.Top))
	}
	if told != nil {
		b = appendVarints(append(b, told.Inside, told.Public, byte(told.Mixed)), int64(told.Machines))
	}
	return binary.BigEndian.AppendUint32(b, k.checksum(b))
}

// unpackDays is the days of a body, nil where there are none, and what is told. It fails when the body, or the row, is not as it was
// written.
func (w words) unpackDays(k key, body []byte) (days []collector.PlaceDay, told *collector.Told, err error) {
	u, err := w.open(k, body)
	if err != nil {
		return nil, nil, err
	}
	for range u.count() {
		days = append(days, collector.PlaceDay{
			Parts: collector.PartSet(u.byte()), Machines: int32(u.number()), Top: collector.MilliWattHours(u.number()),
		})
	}
	if len(u.left) > 0 {
		told = &collector.Told{Inside: u.byte(), Public: u.byte(), Mixed: collector.PartSet(u.byte()), Machines: int32(u.number())}
	}
	if u.bad || len(u.left) > 0 {
		return nil, nil, errDamaged
	}
	return days, told, nil
}

// fixed checks the months that were fixed.
func (c checking) fixed(ctx context.Context) error {
	if c.findings.Version < versionOfDays {
		return nil
	}
	rows, err := c.db.QueryContext(ctx, `SELECT f.organisation, f.month, f.place, f.class, f.days, f.body, p.id IS NOT NULL AND x.month IS NOT NULL FROM fixed_month f
		LEFT JOIN place p ON p.id = f.place LEFT JOIN fixed x ON x.organisation = f.organisation AND x.month = f.month`)
	if err != nil {
		return fmt.Errorf("read the fixed months: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for bad := 0; rows.Next(); {
		var organisation, month, place int64
		var class string
		var days, body sql.RawBytes
		var whole bool
		if err := rows.Scan(&organisation, &month, &place, &class, &days, &body, &whole); err != nil {
			return fmt.Errorf("read the fixed months: %w", err)
		}
		k := fixedKey(organisation, month, place, class)
		_, _, err := c.words.unpackDays(k, days)
		if _, wrong := c.words.unpackSum(k, body); err == nil {
			err = wrong
		}
		if err == nil && !whole {
			err = errors.New("its place is missing, or that it was fixed")
		}
		bad = c.note(bad, err, "%s as it was fixed, organisation %d, place %d, %s", monthIn(month), organisation, place, class)
		c.findings.RollUps++
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the fixed months: %w", err)
	}
	return c.emptyFixed(ctx)
}

// emptyFixed finds fixed months of which there are no figures.
func (c checking) emptyFixed(ctx context.Context) error {
	empty, err := pairs(ctx, c.db, `SELECT organisation, month FROM fixed x
		WHERE NOT EXISTS (SELECT 1 FROM fixed_month f WHERE f.organisation = x.organisation AND f.month = x.month)`)
	if err != nil {
		return fmt.Errorf("read the fixed months: %w", err)
	}
	bad := 0
	for _, p := range empty {
		bad = c.note(bad, errors.New("its figures are missing"), "%s as it was fixed, organisation %d", monthIn(p[1]), p[0])
	}
	return nil
}

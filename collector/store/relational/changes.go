package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"veille/collector"
)

// Changes are the records of hourly machines that were stored or replaced after a revision, in the order of their revisions: at least n
// where there are as many. All hours of one machine and day have the revision of the last one that changed, and come together. Records of
// personal machines came in an order that is kept nowhere, make no point, and are not among them.
func (s *Store) Changes(ctx context.Context, after int64, n int) ([]collector.Change, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT "+dayColumns+" WHERE d.revision > ? AND d.revision > 0 ORDER BY d.revision LIMIT ?", max(0, after), max(0, n))
	if err != nil {
		return nil, fmt.Errorf("read the changes: %w", err)
	}
	defer func() { _ = rows.Close() }()
	d := s.reader()
	var changes []collector.Change
	for len(changes) < n && rows.Next() {
		read, err := d.scan(rows)
		if err != nil {
			return nil, fmt.Errorf("read the changes: %w", err)
		}
		changes = append(changes, read.changes()...)
	}
	return changes, rows.Err()
}

// Records gives the records of all machines from one date to another, both included, by date and machine. The revisions of personal
// machines' are 0. It stops at the first error of yield.
func (s *Store) Records(ctx context.Context, from, to collector.Date, yield func(collector.Change) error) error {
	first, last, err := daysOf(from, to)
	if err != nil {
		return err
	}
	rows, err := s.read.QueryContext(ctx, "SELECT "+dayColumns+" WHERE d.day BETWEEN ? AND ? ORDER BY d.day, d.machine, d.place", first, last)
	if err != nil {
		return fmt.Errorf("read the records: %w", err)
	}
	defer func() { _ = rows.Close() }()
	d := s.reader()
	for rows.Next() {
		read, err := d.scan(rows)
		if err != nil {
			return fmt.Errorf("read the records: %w", err)
		}
		for _, c := range read.changes() {
			if err := yield(c); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}

// daysOf are two dates as rows of days have them.
func daysOf(from, to collector.Date) (first, last int64, err error) {
	if first, err = dayOf(from); err == nil {
		last, err = dayOf(to)
	}
	return first, last, err
}

// dayColumns are what days reads of table day.
const dayColumns = `d.day, d.machine, d.place, d.kind, d.revision, d.body, k.body, p.site_group, p.use, p.simulated, s.id, s.organisation, s.name, s.time_zone, s.open
	FROM day d JOIN place p ON p.id = d.place JOIN site s ON s.id = p.site JOIN kind k ON k.id = d.kind`

// days reads rows of table day.
type days struct {
	store *Store
	kinds map[int64]kind // those that were met
}

func (s *Store) reader() days { return days{store: s, kinds: map[int64]kind{}} }

// dayRow is one row that was read.
type dayRow struct {
	key
	seat     seat
	site     collector.Site
	kind     kind
	revision int64
	records  []collector.Record
}

func (r dayRow) changes() []collector.Change {
	changes := make([]collector.Change, len(r.records))
	for i, x := range r.records {
		changes[i] = collector.Change{Revision: r.revision, Machine: r.machine, Site: r.site, Record: x}
	}
	return changes
}

func (d days) scan(rows *sql.Rows) (dayRow, error) {
	var r dayRow
	var number int64
	var body, text sql.RawBytes
	err := rows.Scan(&r.day, &r.machine, &r.place, &number, &r.revision, &body, &text, &r.seat.group, &r.seat.use, &r.seat.simulated,
		&r.site.ID, &r.site.Organisation, &r.site.Name, &r.site.TimeZone, &r.site.Open)
	if err != nil {
		return r, err
	}
	r.seat.site = r.site.ID
	k, known := d.kinds[number]
	if !known {
		if err := json.Unmarshal(text, &k); err != nil {
			return r, fmt.Errorf("kind %d: %w", number, err)
		}
		d.kinds[number] = k
	}
	r.kind = k
	if r.records, err = d.store.words.unpack(r.key, body); err != nil {
		return r, fmt.Errorf("%s of machine %d: %w", dateOf(r.day), r.machine, d.store.noticed(err))
	}
	for i := range r.records {
		x := &r.records[i]
		x.Date, x.Use, x.Simulated = dateOf(r.day), r.seat.use, r.seat.simulated
		k.into(x)
	}
	return r, nil
}

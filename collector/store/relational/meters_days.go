package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"veille/collector"
)

// around is how many blocks before and after those that have changed are read to make accounts of the dates that they touch. One would be too few: the
// account of the date on which a block ends needs what came before on that date, and the last sample before it.
const around = 3

// daysTogether is how many days in UTC are accounted for at once: a meter may have brought three months of seconds.
const daysTogether = 8

// AccountMeters makes the accounts of all dates that were touched since they were made last, each in the place of the one before, and answers how many
// meters had some. It writes in small transactions, and can be called again at any time.
func (s *Store) AccountMeters(ctx context.Context) (n int, err error) {
	last := int64(0)
	for {
		var next sql.NullInt64
		if err := s.read.QueryRowContext(ctx, "SELECT min(meter) FROM meter_stale WHERE meter > ?", last).Scan(&next); err != nil {
			return n, fmt.Errorf("find meters to account for: %w", s.noticed(err))
		}
		if !next.Valid {
			return n, nil
		}
		last = next.Int64
		if err := s.accountMeter(ctx, last); err != nil {
			return n, fmt.Errorf("account for meter %d: %w", last, err)
		}
		n++
	}
}

// accountMeter makes the accounts of one meter, some days at once.
func (s *Store) accountMeter(ctx context.Context, meter int64) error {
	m, zone, err := s.meterAt(ctx, meter)
	if errors.Is(err, collector.ErrNotFound) { // gone, or to be, the coming night
		return nil
	}
	if err != nil {
		return err
	}
	for again := 0; ; {
		st, err := s.meterState(ctx)
		if err != nil {
			return err
		}
		stale, err := list(ctx, s.read, scanInt, "SELECT day FROM meter_stale WHERE meter = ? ORDER BY day", meter)
		if err != nil || len(stale) == 0 {
			return s.noticed(err)
		}
		first, last := stale[0], stale[0]
		for _, day := range stale {
			if day < first+daysTogether {
				last = day
			}
		}
		err = s.accountDays(ctx, m, zone, st.turn, first, last)
		if errors.Is(err, errTurn) && again < 10 { // somebody folds just now
			again++
			continue
		}
		if err != nil {
			return err
		}
	}
}

func scanInt(rows *sql.Rows) (n int64, err error) {
	err = rows.Scan(&n)
	return n, err
}

// meterAt is a meter and the time zone of its site, or ErrNotFound.
func (s *Store) meterAt(ctx context.Context, meter int64) (m collector.Meter, zone *time.Location, err error) {
	known := map[int64]collector.Meter{meter: {}}
	if err := s.know(ctx, known); err != nil {
		return m, nil, err
	}
	if m = known[meter]; m.ID == 0 {
		return m, nil, collector.ErrNotFound
	}
	var site collector.Site
	if err := s.read.QueryRowContext(ctx, "SELECT name, time_zone FROM site WHERE id = ?", m.Site).Scan(&site.Name, &site.TimeZone); err != nil {
		return m, nil, s.noticed(err)
	}
	zone, err = site.Zone()
	return m, zone, err
}

// accountDays makes the accounts of the dates that blocks from one day in UTC to another touch: from the date of the last sample before them to
// that of the first one after, as what a counter counted between is spread.
func (s *Store) accountDays(ctx context.Context, m collector.Meter, zone *time.Location, turn, first, last int64) error {
	days, err := list(ctx, s.read, scanInt, "SELECT day FROM meter_block WHERE meter = ? ORDER BY day", m.ID)
	if err != nil {
		return s.noticed(err)
	}
	begin, _ := slices.BinarySearch(days, first)
	end, _ := slices.BinarySearch(days, last+1)
	var past collector.MeterPast
	if begin <= around { // what is read follows it
		if past, err = s.pastOf(ctx, m.ID); err != nil {
			return err
		}
	}
	var samples []collector.MeterSample
	from, to := int64(0), int64(0) // moments; 0: not known yet
	if begin == 0 {
		from = past.At
	}
	for i := max(0, begin-around); i < min(len(days), end+around); i++ {
		all, err := s.block(ctx, blockKey{m.ID, days[i]})
		if err != nil {
			return err
		}
		if len(all) == 0 {
			continue
		}
		switch {
		case i < begin || from == 0 && i < end:
			from = all[0].At
			if i < begin {
				from = all[len(all)-1].At
			}
		}
		switch {
		case i < end:
			to = all[len(all)-1].At + collector.MeterHold.Milliseconds()
		case i == end:
			to = max(to, all[0].At)
		}
		samples = append(samples, all...)
	}
	if len(samples) == 0 {
		return s.putAccounts(ctx, m.ID, turn, first, last, "", "", nil)
	}
	date := func(at int64) collector.Date { return collector.DateOf(time.UnixMilli(at).In(zone)) }
	accounts, err := past.Days(m, zone, samples, date(from), date(to))
	if err != nil {
		return err
	}
	return s.putAccounts(ctx, m.ID, turn, first, last, date(from), date(to), accounts)
}

// putAccounts keeps the accounts of the dates from one to another in the place of those before, and that the days in UTC are accounted for.
func (s *Store) putAccounts(ctx context.Context, meter, turn, first, last int64, from, to collector.Date, accounts []collector.MeterDay) error {
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if err := takeTurn(ctx, tx, turn); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM meter_day WHERE meter = ? AND date >= ? AND date <= ?", meter, from, to); err != nil {
			return err
		}
		for _, d := range accounts {
			_, err := tx.ExecContext(ctx, "INSERT INTO meter_day (meter, date, wh, covered_s, samples, resets) VALUES (?, ?, ?, ?, ?, ?)",
				meter, d.Date, d.Wh, d.CoveredS, d.Samples, d.Resets)
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM meter_stale WHERE meter = ? AND day >= ? AND day <= ?", meter, first, last)
		return err
	})
}

const meterDays = "SELECT d.meter, d.date, d.wh, d.covered_s, d.samples, d.resets FROM meter_day d"

func scanMeterDay(rows *sql.Rows) (d collector.MeterDay, err error) {
	err = rows.Scan(&d.Meter, &d.Date, &d.Wh, &d.CoveredS, &d.Samples, &d.Resets)
	return d, err
}

// MeterDays are the accounts of a site's meters from one date to another, both included, by meter and date.
func (s *Store) MeterDays(ctx context.Context, site int64, from, to collector.Date) ([]collector.MeterDay, error) {
	all, err := list(ctx, s.read, scanMeterDay, meterDays+` WHERE d.meter IN (SELECT m.id FROM meter m JOIN meter_rule r ON r.id = m.rule
		WHERE r.site = ? AND r.id NOT IN `+barred+") AND d.date >= ? AND d.date <= ? ORDER BY d.meter, d.date", site, from, to)
	if err != nil {
		return nil, fmt.Errorf("read the days of meters of site %d: %w", site, s.noticed(err))
	}
	return all, nil
}

// Meters are all meters of which something may be told, by site and name, and how they are doing.
func (s *Store) Meters(ctx context.Context, today collector.Date) ([]collector.MeterStatus, error) {
	month := today.Month().Plus(-1)
	first, last, err := month.Dates()
	if err != nil {
		return nil, fmt.Errorf("list the meters: %w", err)
	}
	counted, err := s.countedBy(ctx, first, last)
	if err != nil {
		return nil, fmt.Errorf("list the meters: %w", s.noticed(err))
	}
	all, err := list(ctx, s.read, func(rows *sql.Rows) (x collector.MeterStatus, err error) {
		var values, zone string
		err = rows.Scan(&x.ID, &x.Rule, &values, &x.Site, &x.Name, &x.Kind, &x.Unit, &x.Machine, &x.RemovedOn, &zone, &x.LastOn)
		if err != nil {
			return x, err
		}
		x.Name, x.Month = meterName(x.Name, values), month
		if c := counted[x.ID]; c != nil {
			x.KWh, x.CoveredS = c.wh.Value()/1000, c.seconds
		}
		x.LengthS, err = lengthOf(first, last, collector.Site{TimeZone: zone})
		return x, err
	}, `SELECT m.id, m.rule, m.tag_values, r.site, r.name, r.kind, r.unit, coalesce(r.machine, 0), r.removed_on, s.time_zone,
			coalesce((SELECT max(date) FROM meter_day d WHERE d.meter = m.id AND d.samples > 0), '')
		FROM meter m JOIN meter_rule r ON r.id = m.rule JOIN site s ON s.id = r.site WHERE r.id NOT IN `+barred+` ORDER BY r.site, r.name, m.tag_values, m.id`)
	if err != nil {
		return nil, fmt.Errorf("list the meters: %w", s.noticed(err))
	}
	return all, nil
}

// counted is what a meter counted on some dates.
type counted struct {
	wh      collector.FloatSum
	seconds int
}

// countedBy is what each meter counted from one date to another, both included. It is added up here, as engines add up numbers that are not whole
// each in its own way and order.
func (s *Store) countedBy(ctx context.Context, from, to collector.Date) (map[int64]*counted, error) {
	all := map[int64]*counted{}
	_, err := list(ctx, s.read, func(rows *sql.Rows) (n int, err error) {
		var meter int64
		var wh float64
		err = rows.Scan(&meter, &wh, &n)
		c := all[meter]
		if c == nil {
			c = &counted{}
			all[meter] = c
		}
		c.wh.Add(wh)
		c.seconds += n
		return n, err
	}, "SELECT meter, wh, covered_s FROM meter_day WHERE date >= ? AND date <= ? ORDER BY meter, date", from, to)
	return all, err
}

// lengthOf is how many seconds there are from one date to another, both included.
func lengthOf(first, last collector.Date, site collector.Site) (int, error) {
	zone, err := site.Zone()
	if err != nil {
		return 0, err
	}
	begin, err := first.Midnight(zone)
	if err != nil {
		return 0, err
	}
	end, length, err := last.Extent(collector.WholeDay, zone)
	return int(end.Add(length).Sub(begin) / time.Second), err
}

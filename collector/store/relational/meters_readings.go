package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector"
)

// wellKnown is the share of a date that has to be known for it to be part of a reading, in percent. What is not known is in no reading.
const wellKnown = 99

// meteredReadings are what meters of an organisation's buildings counted that post by the door: one reading for each row of dates in a month that are known
// well.
func (s *Store) meteredReadings(ctx context.Context, organisation int64) (all []collector.Reading, err error) {
	const of = " FROM meter m JOIN meter_rule r ON r.id = m.rule JOIN site s ON s.id = r.site WHERE s.organisation = ? AND r.kind = 'building' AND r.id NOT IN " + barred
	found, err := list(ctx, s.read, scanMeteredAt, "SELECT m.id, r.site, r.name, m.tag_values, s.time_zone"+of, organisation)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	b := readingBuilder{organisation: organisation, meters: map[int64]meteredAt{}, lengths: map[dateIn]int{}}
	for _, m := range found {
		b.meters[m.meter] = m
	}
	// Six years of many meters are many rows: nothing is read with them that is not theirs.
	rows, err := s.read.QueryContext(ctx, "SELECT d.meter, d.date, d.wh, d.covered_s FROM meter_day d WHERE d.meter IN (SELECT m.id"+of+
		") AND d.covered_s >= ? ORDER BY d.meter, d.date", organisation, wellKnown*shortestDate/100)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var d collector.MeterDay
		if err := rows.Scan(&d.Meter, &d.Date, &d.Wh, &d.CoveredS); err != nil {
			return nil, err
		}
		if err := b.add(d); err != nil {
			return nil, err
		}
	}
	return b.all, errors.Join(rows.Err(), rows.Close())
}

// meteredAt is a meter of a building, and where it is.
type meteredAt struct {
	meter, site int64
	name, zone  string
}

func scanMeteredAt(rows *sql.Rows) (m meteredAt, err error) {
	var values string
	err = rows.Scan(&m.meter, &m.site, &m.name, &values, &m.zone)
	m.name = meterName(m.name, values)
	return m, err
}

// shortestDate is how many seconds a date has at least that the clocks shorten.
const shortestDate = 82_800

// readingBuilder joins dates that follow each other.
type readingBuilder struct {
	organisation int64
	meters       map[int64]meteredAt
	all          []collector.Reading
	meter        int64              // of the last reading
	wh           collector.FloatSum // of it
	next         collector.Date     // the date that the last reading can go on with
	lengths      map[dateIn]int     // that were reckoned, in seconds
}

type dateIn struct {
	date collector.Date
	zone string
}

func (b *readingBuilder) add(d collector.MeterDay) error {
	m := b.meters[d.Meter]
	length, err := b.length(dateIn{d.Date, m.zone})
	if err != nil || d.CoveredS*100 < wellKnown*length {
		return err
	}
	n := len(b.all)
	if n > 0 && b.meter == d.Meter && b.next == d.Date && d.Date.Month() == b.all[n-1].From.Month() {
		b.wh.Add(d.Wh)
		b.all[n-1].To, b.all[n-1].KWh = d.Date, b.wh.Value()/1000
	} else {
		b.wh = collector.FloatSum{}
		b.wh.Add(d.Wh)
		b.all = append(b.all, collector.Reading{
			Organisation: b.organisation, Site: m.site, Meter: m.name, From: d.Date, To: d.Date, KWh: d.Wh / 1000, Source: collector.MeteredSource,
		})
	}
	day, err := dayOf(d.Date)
	b.meter, b.next = d.Meter, dateOf(day+1)
	return err
}

// length is how many seconds a date has.
func (b *readingBuilder) length(d dateIn) (int, error) {
	if n, ok := b.lengths[d]; ok {
		return n, nil
	}
	n, err := lengthOf(d.date, d.date, collector.Site{TimeZone: d.zone})
	if err != nil {
		return 0, fmt.Errorf("the length of %s: %w", d.date, err)
	}
	b.lengths[d] = n
	return n, nil
}

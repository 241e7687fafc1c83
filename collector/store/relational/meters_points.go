package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// datesAtOnce is how many dates of all meters are read before they are given.
const datesAtOnce = 31

// meterDayPoints gives what meters counted on the dates from one day on and before another, by date and meter.
func (s *Store) meterDayPoints(ctx context.Context, first, last int64, yield func(collector.Point) error) error {
	for ; first < last; first += datesAtOnce {
		all, err := list(ctx, s.read, scanMeterDayPoint, `SELECT m.id, r.site, r.kind, d.date, d.wh, d.covered_s FROM meter_day d JOIN meter m ON m.id = d.meter
			JOIN meter_rule r ON r.id = m.rule WHERE d.date >= ? AND d.date < ? AND r.id NOT IN `+barred+" ORDER BY d.date, d.meter",
			dateOf(first), dateOf(min(last, first+datesAtOnce)))
		if err != nil {
			return fmt.Errorf("read the days of meters: %w", s.noticed(err))
		}
		for _, p := range all {
			if err := yield(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func scanMeterDayPoint(rows *sql.Rows) (collector.Point, error) {
	var m collector.Meter
	var d collector.MeterDay
	if err := rows.Scan(&m.ID, &m.Site, &m.Kind, &d.Date, &d.Wh, &d.CoveredS); err != nil {
		return collector.Point{}, err
	}
	return m.DayPoint(d)
}

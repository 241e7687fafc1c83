package mirror

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"veille/collector"
)

// Points gives the points of a measurement that lie on one day in UTC, as they are to be now. It stops at the first error of yield.
func (m *Mirror) Points(ctx context.Context, of collector.Measurement, day collector.Date, yield func(collector.Point) error) error {
	to, err := plus(day, 1)
	if err != nil {
		return err
	}
	return m.each(ctx, of, day, to, yield)
}

// Tallies are how many points there are to be of a measurement on each day in UTC from one on and before another, and the sums of their fields;
// days without a point are absent.
func (m *Mirror) Tallies(ctx context.Context, of collector.Measurement, from, to collector.Date) ([]collector.Tally, error) {
	days := map[collector.Date]*collector.Counter{}
	err := m.each(ctx, of, from, to, func(p collector.Point) error {
		day := collector.DateOf(p.Time.UTC())
		if days[day] == nil {
			days[day] = new(collector.Counter)
		}
		days[day].Add(p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := make([]collector.Tally, 0, len(days))
	for _, day := range slices.Sorted(maps.Keys(days)) {
		all = append(all, days[day].Tally(day))
	}
	return all, nil
}

// each gives the points of a measurement from one day in UTC on and before another.
func (m *Mirror) each(ctx context.Context, of collector.Measurement, from, to collector.Date, yield func(collector.Point) error) (err error) {
	switch of {
	case collector.HourEnergy, collector.HourSeconds:
		err = m.hours(ctx, of, from, to, yield)
	case collector.PageScore, collector.SiteScore:
		err = m.websites(ctx, of, from, to, yield)
	case collector.DayMeter:
		err = m.Ledger.MeterPoints(ctx, of, from, to, func(p collector.Point) error {
			p.Version = m.version(p.Time)
			return yield(p)
		})
	case collector.MeterEnergy, collector.MeterPower:
		err = m.Ledger.MeterPoints(ctx, of, from, to, yield)
	case collector.DayEnergy, collector.DaySeconds:
		err = m.days(ctx, of, from, to, yield)
	case collector.MonthEnergy, collector.MonthSeconds:
		err = m.months(ctx, of, from, to, yield)
	default:
		err = fmt.Errorf("there is no measurement %q", of)
	}
	if err != nil {
		return fmt.Errorf("make the points of %s from %s on: %w", of, from, err)
	}
	return nil
}

// plus is a date so many days later.
func plus(d collector.Date, days int) (collector.Date, error) {
	t, err := d.Midnight(time.UTC)
	return collector.DateOf(t.AddDate(0, 0, days)), err
}

// hours reads the dates around, since an hour of a site lies on another day in UTC than its own.
func (m *Mirror) hours(ctx context.Context, of collector.Measurement, from, to collector.Date, yield func(collector.Point) error) error {
	first, err := plus(from, -1)
	if err != nil {
		return err
	}
	begin, err := from.Midnight(time.UTC)
	if err != nil {
		return err
	}
	end, err := to.Midnight(time.UTC)
	if err != nil {
		return err
	}
	return m.Ledger.Hours(ctx, first, to, func(c collector.Change) error {
		points, err := m.pointsOf(c)
		if err != nil {
			return err
		}
		for _, p := range points {
			if p.Measurement != of || p.Time.Before(begin) || !p.Time.Before(end) {
				continue
			}
			if err := yield(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// websites asks for a month at a time: scores of years are many.
func (m *Mirror) websites(ctx context.Context, of collector.Measurement, from, to collector.Date, yield func(collector.Point) error) error {
	end, err := to.Midnight(time.UTC)
	if err != nil {
		return err
	}
	begin, err := from.Midnight(time.UTC)
	if err != nil {
		return err
	}
	for at := begin; at.Before(end); at = at.AddDate(0, 1, 0) {
		next := at.AddDate(0, 1, 0)
		if next.After(end) {
			next = end
		}
		points, err := m.Websites.Range(ctx, collector.Query{Measurement: of, From: at, To: next})
		if err != nil {
			return err
		}
		for _, p := range points {
			if err := yield(p); err != nil {
				return err
			}
		}
	}
	return nil
}

// days are those of shared machines and servers, by place. Machines of persons have no day that anybody is told of, see privacy.Door.Days.
func (m *Mirror) days(ctx context.Context, of collector.Measurement, from, to collector.Date, yield func(collector.Point) error) error {
	all, err := m.Ledger.Organisations(ctx)
	if err != nil {
		return err
	}
	for day := from; day < to; {
		for _, organisation := range all {
			points, err := m.day(ctx, of, organisation.ID, day)
			if err != nil {
				return err
			}
			for _, p := range points { // nothing is being read meanwhile
				if err := yield(p); err != nil {
					return err
				}
			}
		}
		if day, err = plus(day, 1); err != nil {
			return err
		}
	}
	return nil
}

// day is one date of an organisation.
func (m *Mirror) day(ctx context.Context, of collector.Measurement, organisation int64, day collector.Date) (points []collector.Point, err error) {
	for c, err := range m.Figures.Cells(ctx, organisation, day, day) {
		if err != nil {
			return nil, err
		}
		if !c.Use.Hourly() || c.Date != day {
			continue
		}
		some, err := m.dayPoints(of, c)
		if err != nil {
			return nil, err
		}
		points = append(points, some...)
	}
	return points, nil
}

// quarter is how much later a day is read for its version to be higher. A date of 37 days ago has the highest: after that it is not sent again.
const quarter = 15 * time.Minute

// version is that of what is read now of a day.
func (m *Mirror) version(day time.Time) int {
	return int(min(collector.MaxVersion, max(0, m.Now().Sub(day)/quarter)))
}

// dayPoints are the points of a cell. Cells are made again when records come late, or are erased: of two points of the same cell the one that was
// read later counts.
func (m *Mirror) dayPoints(of collector.Measurement, c collector.Cell) (points []collector.Point, err error) {
	at, err := c.Date.Midnight(time.UTC)
	if err != nil {
		return nil, err
	}
	version := m.version(at)
	tags := func(more ...collector.Tag) collector.Tags {
		return given(append(more, collector.Tag{Name: "class", Value: c.Class}, collector.Tag{Name: "group", Value: number(c.Group)},
			collector.Tag{Name: "simulated", Value: yes(c.Simulated)}, collector.Tag{Name: "site", Value: number(c.Site)}, collector.Tag{Name: "use", Value: string(c.Use)})...)
	}
	if of == collector.DaySeconds {
		for _, p := range c.Sum.Seconds {
			points = append(points, collector.Point{
				Measurement: of, Time: at, Version: version, Tags: tags(collector.Tag{Name: "part", Value: p.Part}), Fields: seconds(p, c.Machines),
			})
		}
		return points, nil
	}
	for _, e := range c.Sum.Energy {
		points = append(points, collector.Point{
			Measurement: of, Time: at, Version: version, Fields: energy(e.MWh, e.LowMWh, e.HighMWh, e.CoveredS),
			Tags: tags(collector.Tag{Name: "method", Value: e.Method}, collector.Tag{Name: "part", Value: e.Part}, collector.Tag{Name: "scope", Value: e.Scope}),
		})
	}
	return points, nil
}

func seconds(p collector.PartSum, machines int) collector.Fields {
	return collector.Fields{
		"on": float64(p.On), "display_off": float64(p.DisplayOff), "sleep": float64(p.Sleep), "off": float64(p.Off), "unknown": float64(p.Unknown), "machines": float64(machines),
	}
}

func energy(mwh, low, high collector.MilliWattHours, covered int64) collector.Fields {
	return collector.Fields{"wh": mwh.Wh(), "low_wh": low.Wh(), "high_wh": high.Wh(), "covered_s": float64(covered)}
}

// given are the tags that have a value, sorted.
func given(tags ...collector.Tag) collector.Tags {
	return slices.DeleteFunc(collector.NewTags(tags...), func(t collector.Tag) bool { return t.Value == "" })
}

// number is the number of a site or group as a tag; "" for none.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

package influx

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"veille/collector"
)

// series are the points of one set of tags.
type series struct {
	tags collector.Tags
	key  string // what series are ordered by
	rank int
}

// newSeries is the series of tags by their names. Tags without a value are those that other series have.
func newSeries(byName map[string]string) *series {
	x := &series{}
	for name, value := range byName {
		if value != "" {
			x.tags = append(x.tags, collector.Tag{Name: unguard(name), Value: unguard(value)})
		}
	}
	x.tags = slices.Clip(collector.NewTags(x.tags...))
	var b strings.Builder
	for i, tag := range x.tags {
		if i > 0 {
			b.WriteByte('\x1f') // no tag holds it; all stores order by this
		}
		b.WriteString(tag.Name + "=" + tag.Value)
	}
	x.key = b.String()
	return x
}

// sink takes a point of a series, at nanoseconds since 1970.
type sink func(x *series, at int64, fields collector.Fields)

// read hands the points that a query asks for to a sink. InfluxDB 2.x is asked in Flux where its bucket cannot be asked in InfluxQL.
//
// Tags are asked for as columns, like fields: where InfluxDB is to group by them it takes three times as long, which it spends on each group in each of
// its files.
func (s *Store) read(ctx context.Context, at place, q collector.Query, to sink) error {
	fields, tags, err := s.columns(ctx, at, q.Measurement)
	if err == nil && len(fields) > 0 {
		r := newRows(fields, tags, to)
		err = s.influxQL(ctx, at, "SELECT "+r.columns()+" FROM "+ident(string(q.Measurement))+" WHERE "+where(q), r.take)
	}
	if unmapped(at, err) {
		return s.flux(ctx, at, q, to)
	}
	return err
}

// rows reads points of which each is a row: a moment, fields, tags.
type rows struct {
	fields, tags []string // as InfluxDB has them
	names        []string // of fields, as we have them
	known        map[string]*series
	to           sink
}

func newRows(fields, tags []string, to sink) *rows {
	r := &rows{fields: fields, tags: tags, known: map[string]*series{}, to: to}
	for _, name := range fields {
		r.names = append(r.names, unguard(name))
	}
	return r
}

// columns are what is asked for, in the order of which it is answered. What is a tag and a field both has to say which of them is meant.
func (r *rows) columns() string {
	var all []string
	for _, name := range r.fields {
		all = append(all, ident(name)+kindOf("::field", slices.Contains(r.tags, name)))
	}
	for _, name := range r.tags {
		all = append(all, ident(name)+kindOf("::tag", slices.Contains(r.fields, name)))
	}
	return strings.Join(all, ", ")
}

func kindOf(kind string, needed bool) string {
	if needed {
		return kind
	}
	return ""
}

// take reads some rows.
func (r *rows) take(_ int, t table) error {
	if len(t.Columns) != 1+len(r.fields)+len(r.tags) {
		return fmt.Errorf("%d columns were asked for, and %d are answered", 1+len(r.fields)+len(r.tags), len(t.Columns))
	}
	for _, one := range t.Values {
		fields := make(collector.Fields, len(r.fields))
		moment, rest, err := one.cells(len(r.fields), func(column int, x float64) { fields[r.names[column-1]] = x })
		if err != nil {
			return err
		}
		x := r.known[string(rest)]
		if x == nil {
			if x, err = r.series(rest); err != nil {
				return err
			}
			r.known[string(rest)] = x
		}
		if len(fields) > 0 {
			r.to(x, moment, fields)
		}
	}
	return nil
}

// series is that of a row, by the text of its tags.
func (r *rows) series(text []byte) (*series, error) {
	var values []string // null is ""
	if err := json.Unmarshal([]byte("["+string(text)+"]"), &values); err != nil || len(values) != len(r.tags) {
		return nil, fmt.Errorf("tags %.200q of a row are not those that were asked for: %w", text, cmp.Or(err, io.ErrUnexpectedEOF))
	}
	byName := map[string]string{}
	for i, name := range r.tags {
		byName[name] = values[i]
	}
	return newSeries(byName), nil
}

// Range answers a query. Points of one series share their tags.
func (s *Store) Range(ctx context.Context, q collector.Query) ([]collector.Point, error) {
	at, err := s.place(ctx, q.Measurement.Keeping())
	if err != nil || !q.From.Before(q.To) {
		return nil, err
	}
	type found struct {
		*series
		at     int64
		fields collector.Fields
	}
	var all []found
	known := map[string]*series{}
	if err := s.read(ctx, at, q, func(x *series, at int64, fields collector.Fields) {
		if have, ok := known[x.key]; ok {
			x = have
		}
		known[x.key] = x
		all = append(all, found{x, at, fields})
	}); err != nil {
		return nil, s.trouble(fmt.Sprintf("read %s from %s of", q.Measurement, at.provided), err)
	}
	inOrder := make([]*series, 0, len(known))
	for _, x := range known {
		inOrder = append(inOrder, x)
	}
	slices.SortFunc(inOrder, func(a, b *series) int { return strings.Compare(a.key, b.key) })
	for i, x := range inOrder {
		x.rank = i
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rank, b.rank)) })
	points := make([]collector.Point, len(all))
	for i, x := range all {
		points[i] = collector.Point{Measurement: q.Measurement, Tags: x.tags, Time: time.Unix(0, x.at).UTC(), Fields: x.fields}
	}
	return points, nil
}

// Tally counts what InfluxDB has, by days of UTC. InfluxDB counts and adds up itself, but in Flux, where each point is read.
func (s *Store) Tally(ctx context.Context, q collector.Query) ([]collector.Tally, error) {
	at, err := s.place(ctx, q.Measurement.Keeping())
	if err != nil || !q.From.Before(q.To) {
		return nil, err
	}
	t := tallies{}
	names, _, err := s.columns(ctx, at, q.Measurement)
	switch {
	case err == nil && len(names) > 0:
		err = s.count(ctx, at, q, names, t)
	case unmapped(at, err):
		err = s.flux(ctx, at, q, func(_ *series, at int64, fields collector.Fields) {
			d := t.day(at)
			d.Points++
			for name, x := range fields {
				d.Sums[name] += x
			}
		})
	}
	if err != nil {
		return nil, s.trouble(fmt.Sprintf("count %s in %s of", q.Measurement, at.provided), err)
	}
	return t.inOrder(), nil
}

// columns are the names of the fields and of the tags of a measurement, as InfluxDB has them. Fields that are no floats are somebody else's.
func (s *Store) columns(ctx context.Context, at place, m collector.Measurement) (fields, tags []string, err error) {
	from := ident(string(m))
	if at.rp != "" {
		from = ident(at.rp) + "." + from
	}
	err = s.influxQL(ctx, at, "SHOW FIELD KEYS FROM "+from+"; SHOW TAG KEYS FROM "+from, func(statement int, t table) error {
		name, kind := t.column("fieldKey"), t.column("fieldType")
		if statement == 1 {
			name, kind = t.column("tagKey"), -1
		}
		for _, r := range t.Values {
			words, err := r.words()
			if err != nil || name < 0 || len(words) <= max(name, kind) || statement == 0 && kind < 0 {
				return fmt.Errorf("columns %.200q are not those of fields and tags", t.Columns)
			}
			if statement == 1 {
				tags = append(tags, words[name])
			} else if words[kind] == "float" {
				fields = append(fields, words[name])
			}
		}
		return nil
	})
	return fields, tags, err
}

// count asks InfluxDB for counts and sums. A point need not have all fields, and a count is of one field: so the sum of all fields, each of them times
// zero and zero where it is missing, is what is counted.
func (s *Store) count(ctx context.Context, at place, q collector.Query, names []string, t tallies) error {
	var nothing, sums []string
	for i, name := range names {
		nothing = append(nothing, ident(name)+" * 0")
		sums = append(sums, fmt.Sprintf("sum(%s) AS s%d", ident(name), i))
	}
	from := " FROM " + ident(string(q.Measurement)) + " WHERE " + where(q)
	moments := fmt.Sprintf(" WHERE time >= %d AND time < %d", nanoseconds(q.From), nanoseconds(q.To))
	statements := "SELECT count(x) FROM (SELECT " + strings.Join(nothing, " + ") + " AS x" + from + " fill(0))" + moments + " GROUP BY time(1d) fill(none); " +
		"SELECT " + strings.Join(sums, ", ") + from + " GROUP BY time(1d) fill(none)"
	return s.influxQL(ctx, at, statements, func(statement int, x table) error {
		for _, r := range x.Values {
			values := make([]float64, len(names)+1)
			for i := range values {
				values[i] = math.NaN()
			}
			moment, _, err := r.cells(len(names), func(column int, value float64) { values[column] = value })
			if err != nil {
				return err
			}
			d := t.day(moment)
			if statement == 0 {
				d.Points = int64(values[1])
				continue
			}
			for i, name := range names {
				if x := values[i+1]; !math.IsNaN(x) {
					d.Sums[unguard(name)] = x
				}
			}
		}
		return nil
	})
}

// tallies are those of days, by the date.
type tallies map[collector.Date]*collector.Tally

func (t tallies) day(at int64) *collector.Tally {
	date := collector.DateOf(time.Unix(0, at).UTC())
	if t[date] == nil {
		t[date] = &collector.Tally{Day: date, Sums: map[string]float64{}}
	}
	return t[date]
}

func (t tallies) inOrder() (all []collector.Tally) {
	for _, x := range t {
		if x.Points > 0 {
			all = append(all, *x)
		}
	}
	slices.SortFunc(all, func(a, b collector.Tally) int { return strings.Compare(string(a.Day), string(b.Day)) })
	return all
}

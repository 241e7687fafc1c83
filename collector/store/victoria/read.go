package victoria

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"veille/collector"
)

// Range answers a query: points at their moments, one each, the newest versions, to the last digit. What this store has written is in it; what
// others wrote is after a few seconds, or eleven where a new series was asked for before it was there.
func (s *Store) Range(ctx context.Context, q collector.Query) ([]collector.Point, error) {
	if err := askable(q); err != nil {
		return nil, err
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	groups, err := s.groups(ctx, q, spanOf(q))
	if err != nil {
		return nil, err
	}
	sorted := make([]*group, 0, len(groups))
	for _, joined := range slices.Sorted(maps.Keys(groups)) {
		sorted = append(sorted, groups[joined])
	}
	type row struct {
		at    int64
		group int
		of    collector.Fields
	}
	var rows []row
	for i, g := range sorted {
		for at, fields := range g.fields(q.Measurement) {
			rows = append(rows, row{at, i, fields})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.group, b.group)) })
	points := make([]collector.Point, len(rows))
	for i, r := range rows {
		points[i] = collector.Point{Measurement: q.Measurement, Tags: sorted[r.group].tags, Time: time.UnixMilli(r.at).UTC(), Fields: r.of}
	}
	return points, nil
}

// group is the samples of all fields of the points that have the same tags.
type group struct {
	tags    collector.Tags
	columns map[string]*column // by field
}

// column is the samples of one field, and those of the halves of its bits.
type column struct{ main, hi, lo []sample }

// fields gives the fields of each moment.
func (g *group) fields(m collector.Measurement) iter.Seq2[int64, collector.Fields] {
	at := map[int64]collector.Fields{}
	for field, c := range g.columns {
		for _, x := range c.newest(m) {
			fields := at[x.at]
			if fields == nil {
				fields = make(collector.Fields, len(g.columns))
				at[x.at] = fields
			}
			fields[field] = x.value
		}
	}
	return maps.All(at)
}

// reader puts the lines of an export into groups.
type reader struct {
	s      *Store
	of     collector.Measurement
	groups map[string]*group // by their tags joined
	known  map[string]*group // by labels, as they stand in a line after the name
}

// groups reads the samples of a span, by their tags joined.
func (s *Store) groups(ctx context.Context, q collector.Query, in span) (map[string]*group, error) {
	r := reader{s: s, of: q.Measurement, groups: map[string]*group{}, known: map[string]*group{}}
	first, last := in.samples(q.Measurement)
	if first > last {
		return r.groups, nil
	}
	return r.groups, s.export(ctx, s.selector(q), first, last, r.read)
}

// read reads a line. Labels that were met before, of another field, are not read again.
func (r *reader) read(l line) (err error) {
	name, rest, plain := l.named()
	g := r.known[string(rest)]
	if g == nil || !plain {
		labels, err := l.parseLabels()
		if err != nil {
			return err
		}
		if labels[labelDB] != r.s.o.DB {
			return fmt.Errorf("a series %.80q is of another database, and was not asked for", l.labels)
		}
		name, g = []byte(labels[labelName]), r.group(tagsOf(labels))
		if plain {
			r.known[string(rest)] = g
		}
	}
	field, ok := bytes.CutPrefix(name, []byte(r.of+"_"))
	if !ok {
		return fmt.Errorf("a series is called %.80q, which was not asked for", name)
	}
	into := g.samples(field)
	*into, err = l.appendSamples(*into)
	return err
}

// group is the one of some tags.
func (r *reader) group(tags collector.Tags) *group {
	joined := join(tags)
	g := r.groups[joined]
	if g == nil {
		g = &group{tags: slices.Clip(tags), columns: map[string]*column{}}
		r.groups[joined] = g
	}
	return g
}

// samples is where those of a field, or of a half of its bits, are kept.
func (g *group) samples(name []byte) *[]sample {
	field, half := split(name)
	c := g.columns[string(field)]
	if c == nil {
		c = &column{}
		g.columns[string(field)] = c
	}
	switch half {
	case suffixHi:
		return &c.hi
	case suffixLo:
		return &c.lo
	}
	return &c.main
}

// split is the field that a metric is of, and which half of its bits, if it is one.
func split(name []byte) (field []byte, half string) {
	for _, half := range []string{suffixHi, suffixLo} {
		if field, ok := bytes.CutSuffix(name, []byte(half)); ok {
			return field, half
		}
	}
	return name, ""
}

// tagsOf are the labels that are tags of a point, sorted.
func tagsOf(labels map[string]string) collector.Tags {
	tags := make([]collector.Tag, 0, len(labels))
	for name, value := range labels {
		if name != labelName && name != labelDB && name != labelKept {
			tags = append(tags, collector.Tag{Name: name, Value: value})
		}
	}
	return collector.NewTags(tags...)
}

// join is tags as one text, in whose order other stores give points of the same moment.
func join(tags collector.Tags) string {
	var b strings.Builder
	for i, tag := range tags {
		if i > 0 {
			b.WriteByte('\x1f')
		}
		b.WriteString(tag.Name + "=" + tag.Value)
	}
	return b.String()
}

// newest is the newest sample of each moment, at that moment, in their order, to the last digit.
func (c *column) newest(m collector.Measurement) []sample {
	for _, x := range [][]sample{c.main, c.hi, c.lo} {
		if !slices.IsSortedFunc(x, byTime) {
			slices.SortStableFunc(x, byTime)
		}
	}
	all := make([]sample, 0, len(c.main))
	hi, lo := c.hi, c.lo
	for i, x := range c.main {
		at := moment(m, x.at)
		if i+1 < len(c.main) && moment(m, c.main[i+1].at) == at {
			continue // there is a newer one
		}
		var h, l sample
		h, hi = upTo(hi, x.at)
		l, lo = upTo(lo, x.at)
		if h.at == x.at && l.at == x.at {
			x.value = whole(x.value, h.value, l.value)
		}
		all = append(all, sample{at, x.value})
	}
	return all
}

// upTo is the last sample until a timestamp, and those after it.
func upTo(samples []sample, at int64) (found sample, after []sample) {
	for len(samples) > 0 && samples[0].at <= at {
		found, samples = samples[0], samples[1:]
	}
	return found, samples
}

func byTime(a, b sample) int { return cmp.Compare(a.at, b.at) }

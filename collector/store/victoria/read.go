package victoria

import (
	"cmp"
	"context"
	"fmt"
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
	type row struct {
		joined string
		point  collector.Point
	}
	var rows []row
	for joined, g := range groups {
		at := map[int64]collector.Fields{}
		for field, c := range g.columns {
			for _, x := range c.newest(q.Measurement) {
				fields := at[x.at]
				if fields == nil {
					fields = collector.Fields{}
					at[x.at] = fields
					point := collector.Point{Measurement: q.Measurement, Tags: slices.Clone(g.tags), Time: time.UnixMilli(x.at).UTC(), Fields: fields}
					rows = append(rows, row{joined, point})
				}
				fields[field] = x.value
			}
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(a.point.Time.Compare(b.point.Time), strings.Compare(a.joined, b.joined))
	})
	points := make([]collector.Point, len(rows))
	for i, r := range rows {
		points[i] = r.point
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

// groups reads the samples of a span, by their tags joined.
func (s *Store) groups(ctx context.Context, q collector.Query, in span) (map[string]*group, error) {
	groups := map[string]*group{}
	first, last := in.samples(q.Measurement)
	if first > last {
		return groups, nil
	}
	err := s.export(ctx, s.selector(q), first, last, func(labels map[string]string, samples []sample) error {
		field, ok := strings.CutPrefix(labels[labelName], string(q.Measurement)+"_")
		if !ok || labels[labelDB] != s.o.DB {
			return fmt.Errorf("a series is called %.80q, which was not asked for", labels[labelName])
		}
		tags := tagsOf(labels)
		joined := join(tags)
		g := groups[joined]
		if g == nil {
			g = &group{tags: tags, columns: map[string]*column{}}
			groups[joined] = g
		}
		base, half := split(field)
		c := g.columns[base]
		if c == nil {
			c = &column{}
			g.columns[base] = c
		}
		switch half {
		case suffixHi:
			c.hi = append(c.hi, samples...)
		case suffixLo:
			c.lo = append(c.lo, samples...)
		default:
			c.main = append(c.main, samples...)
		}
		return nil
	})
	return groups, err
}

// split is the field that a metric is of, and which half of its bits, if it is one.
func split(name string) (field, half string) {
	for _, half := range []string{suffixHi, suffixLo} {
		if field, ok := strings.CutSuffix(name, half); ok {
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

package victoria

import (
	"cmp"
	"context"
	"slices"
	"time"

	"veille/collector"
)

// Tally is how many points a measurement has on each day in UTC, and the sum of each field, of the newest versions and to the last digit of
// each number. It is added up here and not by the node, which knows nothing of versions.
func (s *Store) Tally(ctx context.Context, q collector.Query) ([]collector.Tally, error) {
	if err := askable(q); err != nil {
		return nil, err
	}
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	in, days := s.found.Load().limits.clamp(spanOf(q), time.Now()), map[int64]*tally{}
	for width := int64(1); in.from < in.to; {
		to := min((in.from/dayRoom+width)*dayRoom, in.to)
		groups, err := s.groups(ctx, q, span{in.from, to})
		if err != nil {
			return nil, err
		}
		samples := int64(0)
		for _, g := range groups {
			g.count(q.Measurement, days)
			samples += g.size()
		}
		in.from, width = to, max(1, min(inMemory*width/max(1, samples), mostDays))
	}
	var all []collector.Tally
	for day, t := range days {
		sums := map[string]float64{}
		for field, x := range t.sums {
			sums[field] = x.Value()
		}
		all = append(all, collector.Tally{Day: collector.DateOf(time.UnixMilli(day * dayRoom).UTC()), Points: t.points, Sums: sums})
	}
	slices.SortFunc(all, func(a, b collector.Tally) int { return cmp.Compare(a.Day, b.Day) })
	return all, nil
}

// What is in memory at once: about so many samples, and no more days than that.
const (
	inMemory = 2_000_000
	mostDays = 31
)

// tally is what there is on one day.
type tally struct {
	points int64
	sums   map[string]*collector.FloatSum
}

// count adds the points of a group to their days.
func (g *group) count(m collector.Measurement, days map[int64]*tally) {
	var moments []int64
	for field, c := range g.columns {
		var into *collector.FloatSum
		day := int64(-1)
		for _, x := range c.newest(m) {
			if d := x.at / dayRoom; d != day {
				day, into = d, sumOf(days, d, field)
			}
			into.Add(x.value)
			moments = append(moments, x.at)
		}
	}
	slices.Sort(moments)
	for _, at := range slices.Compact(moments) {
		days[at/dayRoom].points++
	}
}

// sumOf is the sum of a field on a day, begun where there is none.
func sumOf(days map[int64]*tally, day int64, field string) *collector.FloatSum {
	t := days[day]
	if t == nil {
		t = &tally{sums: map[string]*collector.FloatSum{}}
		days[day] = t
	}
	x := t.sums[field]
	if x == nil {
		x = &collector.FloatSum{}
		t.sums[field] = x
	}
	return x
}

// size is how many samples there are in memory.
func (g *group) size() (n int64) {
	for _, c := range g.columns {
		n += int64(len(c.main) + len(c.hi) + len(c.lo))
	}
	return n
}

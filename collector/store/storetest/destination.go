package storetest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/collector"
)

// Options say what a destination documents that it does otherwise than others.
type Options struct {
	// WholeSeries: a deletion of a part of the time leaves points behind. None outside of what is to be deleted may go all the same.
	WholeSeries bool
	// AnyOrder: of two points the one with the higher version counts, also when it came first. Without it the one written last counts, whatever it is.
	AnyOrder bool
}

// RunDestination asks everything of a destination that Run asks of a series, and what destinations promise beside. open makes an empty one.
func RunDestination(t *testing.T, open func(*testing.T) collector.Destination, o Options) {
	t.Helper()
	Run(t, func(t *testing.T) Series { return open(t) })
	ask(t, open, map[string]func(*testing.T, collector.Destination){
		"every measurement is kept with all its tags and fields":   everyMeasurement,
		"a later version takes the place of an earlier one":        func(t *testing.T, d collector.Destination) { versions(t, d, o) },
		"sending the same again changes nothing":                   sentAgain,
		"tags of any text come back, and choose":                   oddTags,
		"a line break in a tag is refused":                         lineBreak,
		"ten thousand points are appended at once":                 many,
		"numbers of any size come back":                            extremes,
		"fields that points do not have are not made up":           missing,
		"a tally counts points and adds up fields by days":         tally,
		"a tally asks for some tags only, and for a part of a day": tallyPart,
		"points that do not have a tag are asked for without it":   without,
		"a tally of nothing is empty":                              tallyNothing,
		"a machine is deleted, and no other":                       deleteMachine,
		"a part of the time is deleted, and no other":              func(t *testing.T, d collector.Destination) { deleteTime(t, d, o) },
		"what was deleted can be written again":                    writtenAnew,
		"deleting what is not there changes nothing":               deleteNothing,
	})
}

func everyMeasurement(t *testing.T, d collector.Destination) {
	points := slices.Concat(Samples(hour(7), 1), Samples(hour(7), 2))
	write(t, d, points...)
	for _, m := range collector.Measurements() {
		var mine []collector.Point
		for _, p := range points {
			if p.Measurement == m {
				mine = append(mine, p)
			}
		}
		want(t, d, collector.Query{Measurement: m, From: hour(0), To: hour(24)}, mine...)
		wantTally(t, d, collector.Query{Measurement: m, From: hour(0), To: hour(24)}, mine...)
	}
}

func versioned(p collector.Point, version int) collector.Point {
	p.Version = version
	return p
}

func versions(t *testing.T, d collector.Destination, o Options) {
	early, late, other := energy(7, 1, 500), energy(7, 1, 20), energy(7, 2, 1)
	write(t, d, versioned(early, 1200), versioned(other, 3600))
	want(t, d, all(), early, other)
	write(t, d, versioned(late, 2400))
	want(t, d, all(), late, other)
	wantTally(t, d, all(), late, other)
	if o.AnyOrder {
		write(t, d, versioned(early, 1200))
		want(t, d, all(), late, other)
	}
	first, second := Samples(hour(7), 1)[0], Samples(hour(7), 0)[0]
	second.Tags = first.Tags
	q := collector.Query{Measurement: first.Measurement, From: hour(0), To: hour(24)}
	write(t, d, versioned(first, 1))
	write(t, d, versioned(second, 2))
	want(t, d, q, second)
	wantTally(t, d, q, second)
}

func sentAgain(t *testing.T, d collector.Destination) {
	points := []collector.Point{versioned(energy(7, 1, 1), 3600), versioned(energy(7, 2, 2), 3600), versioned(energy(8, 1, 3), 60)}
	for range 3 {
		write(t, d, points...)
	}
	for i := range points {
		points[i].Version = 0
	}
	want(t, d, all(), points...)
	wantTally(t, d, all(), points...)
}

func page(url string, x float64) collector.Point {
	return collector.Point{
		Measurement: collector.PageScore, Time: hour(7), Tags: collector.NewTags(
			collector.Tag{Name: "url", Value: url}, collector.Tag{Name: "website", Value: "1"}), Fields: collector.Fields{"dom": x},
	}
}

func oddTags(t *testing.T, d collector.Destination) {
	var points []collector.Point
	for i, value := range OddTexts() {
		points = append(points, page(value, float64(i)))
	}
	write(t, d, points...)
	slices.SortFunc(points, func(a, b collector.Point) int { return cmp.Compare(a.Tags.Get("url"), b.Tags.Get("url")) })
	q := collector.Query{Measurement: collector.PageScore, From: hour(0), To: hour(24)}
	inTagOrder := slices.Clone(points)
	slices.SortFunc(inTagOrder, byTags)
	want(t, d, q, inTagOrder...)
	for _, p := range points {
		q.Tags = collector.Tags{{Name: "url", Value: p.Tags.Get("url")}}
		want(t, d, q, p)
		wantTally(t, d, q, p)
	}
	for _, p := range points[:len(points)/2] {
		remove(t, d, collector.Query{Measurement: collector.PageScore, Tags: collector.Tags{{Name: "url", Value: p.Tags.Get("url")}}, From: hour(-24 * 400), To: hour(24 * 400)})
	}
	q.Tags = nil
	left := slices.Clone(points[len(points)/2:])
	slices.SortFunc(left, byTags)
	want(t, d, q, left...)
}

func byTags(a, b collector.Point) int { return cmp.Compare(joined(a.Tags), joined(b.Tags)) }

// joined is what stores order points of one moment by.
func joined(tags collector.Tags) string {
	var pairs []string
	for _, tag := range tags {
		pairs = append(pairs, tag.Name+"="+tag.Value)
	}
	return strings.Join(pairs, "\x1f")
}

func lineBreak(t *testing.T, d collector.Destination) {
	for _, value := range []string{"a\nb", "\n", "a\r", "\x00"} {
		err := d.Append(t.Context(), []collector.Point{page("good", 1), page(value, 2)})
		if err == nil || collector.TroubleOf(err) != collector.Unusable {
			t.Errorf("%q: %v, want an error that says it is unusable", value, err)
		}
	}
	want(t, d, collector.Query{Measurement: collector.PageScore, From: hour(0), To: hour(24)})
}

func many(t *testing.T, d collector.Destination) {
	var points []collector.Point
	for h := range 100 {
		for machine := range 100 {
			points = append(points, energy(h-48, machine, 0.1*float64(h)+float64(machine)/7))
		}
	}
	shuffled := slices.Clone(points)
	for i := range shuffled { // the same in every run
		j := (i * 7919) % len(shuffled)
		shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
	}
	write(t, d, shuffled...)
	slices.SortStableFunc(points, func(a, b collector.Point) int { return cmp.Or(a.Time.Compare(b.Time), byTags(a, b)) })
	q := collector.Query{Measurement: collector.HourEnergy, From: hour(-48), To: hour(52)}
	want(t, d, q, points...)
	wantTally(t, d, q, points...)
	q.Tags = collector.Tags{{Name: "machine", Value: "37"}}
	want(t, d, q, chosen(points, "machine", "37")...)
}

func chosen(points []collector.Point, tag, value string) []collector.Point {
	return slices.DeleteFunc(slices.Clone(points), func(p collector.Point) bool { return p.Tags.Get(tag) != value })
}

func extremes(t *testing.T, d collector.Destination) {
	var points []collector.Point
	for i, x := range []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 1e-9, 1e15 + 0.125, 1 << 53, 1<<53 - 1, -(1 << 53), 123456789012345680000, math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, math.Pi * 1e100, 2.0 / 3, math.Nextafter(1, 2),
	} {
		points = append(points, page(fmt.Sprintf("%02d", i), x))
	}
	write(t, d, points...)
	want(t, d, collector.Query{Measurement: collector.PageScore, From: hour(0), To: hour(24)}, points...)
}

func missing(t *testing.T, d collector.Destination) {
	points := Samples(hour(7), 1)[:0]
	for i, names := range [][]string{{"mean"}, {"median"}, {"mean", "pages"}, {"grade_a", "median"}, {"pages"}} {
		p := collector.Point{
			Measurement: collector.SiteScore, Time: hour(7 + i/3), Tags: collector.Tags{{Name: "website", Value: fmt.Sprint(i)}}, Fields: collector.Fields{},
		}
		for _, name := range names {
			p.Fields[name] = float64(i) + 0.5
		}
		points = append(points, p)
	}
	write(t, d, points...)
	q := collector.Query{Measurement: collector.SiteScore, From: hour(0), To: hour(24)}
	want(t, d, q, points...)
	wantTally(t, d, q, points...)
}

// counted is the tally of points, by hand.
func counted(points []collector.Point) map[collector.Date]*collector.Tally {
	byDay := map[collector.Date]*collector.Tally{}
	for _, p := range points {
		date := collector.DateOf(p.Time.UTC())
		x := byDay[date]
		if x == nil {
			x = &collector.Tally{Day: date, Sums: map[string]float64{}}
			byDay[date] = x
		}
		x.Points++
		for name, value := range p.Fields {
			x.Sums[name] += value
		}
	}
	return byDay
}

// wantTally wants counts exactly, and sums to 12 digits: an engine may add in another order than we do.
func wantTally(t *testing.T, d collector.Destination, q collector.Query, points ...collector.Point) {
	t.Helper()
	got, err := d.Tally(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	byDay := counted(points)
	dates := slices.Sorted(maps.Keys(byDay))
	for i, x := range got {
		if i >= len(dates) || x.Day != dates[i] {
			t.Errorf("tally of %s has %s, want the days %v in order", brief(q), x.Day, dates)
			return
		}
		w := byDay[x.Day]
		if x.Points != w.Points || !reflect.DeepEqual(slices.Sorted(maps.Keys(x.Sums)), slices.Sorted(maps.Keys(w.Sums))) {
			t.Errorf("tally of %s is %+v, want %+v", brief(q), x, *w)
			continue
		}
		for name, sum := range x.Sums {
			if math.Abs(sum-w.Sums[name]) > 1e-12*math.Abs(w.Sums[name]) {
				t.Errorf("tally of %s on %s: %s is %v, want %v", brief(q), x.Day, name, sum, w.Sums[name])
			}
		}
	}
	if len(got) != len(dates) {
		t.Errorf("tally of %s has %d days, want %v", brief(q), len(got), dates)
	}
}

// threeDays are points of two machines in hours of three days, with a day between that has none.
func threeDays() (points []collector.Point) {
	for _, h := range []int{-20, -1, 0, 1, 23, 48, 71} {
		for machine := range 3 {
			points = append(points, energy(h, machine, float64(h+30)*1.1+float64(machine)))
		}
	}
	return points
}

func tally(t *testing.T, d collector.Destination) {
	points := threeDays()
	write(t, d, points...)
	wantTally(t, d, collector.Query{Measurement: collector.HourEnergy, From: hour(-48), To: hour(96)}, points...)
}

func tallyPart(t *testing.T, d collector.Destination) {
	points := threeDays()
	write(t, d, points...)
	q := collector.Query{Measurement: collector.HourEnergy, From: hour(-1), To: hour(23), Tags: collector.Tags{{Name: "machine", Value: "2"}}}
	within := slices.DeleteFunc(chosen(points, "machine", "2"), func(p collector.Point) bool { return p.Time.Before(q.From) || !p.Time.Before(q.To) })
	wantTally(t, d, q, within...)
}

func without(t *testing.T, d collector.Destination) {
	place := func(group, class string, wh float64) collector.Point {
		p := collector.Point{Measurement: collector.MonthEnergy, Time: hour(0), Fields: collector.Fields{"wh": wh}}
		for _, tag := range []collector.Tag{{Name: "class", Value: class}, {Name: "group", Value: group}, {Name: "site", Value: "1"}} {
			if tag.Value != "" {
				p.Tags = append(p.Tags, tag)
			}
		}
		return p
	}
	site, group, class, both := place("", "", 1), place("7", "", 2), place("", "desktop", 4), place("7", "desktop", 8)
	write(t, d, site, group, class, both)
	for _, tt := range []struct {
		tags collector.Tags
		want []collector.Point
	}{
		{collector.Tags{{Name: "class"}}, []collector.Point{group, site}},
		{collector.Tags{{Name: "class"}, {Name: "group"}}, []collector.Point{site}},
		{collector.Tags{{Name: "class"}, {Name: "group", Value: "7"}}, []collector.Point{group}},
		{collector.Tags{{Name: "site"}}, nil},
		{collector.Tags{{Name: "unheard"}, {Name: "class", Value: "desktop"}}, []collector.Point{both, class}},
	} {
		slices.SortFunc(tt.want, byTags)
		q := collector.Query{Measurement: collector.MonthEnergy, Tags: tt.tags, From: hour(0), To: hour(24)}
		want(t, d, q, tt.want...)
		wantTally(t, d, q, tt.want...)
	}
}

func tallyNothing(t *testing.T, d collector.Destination) {
	wantTally(t, d, all())
	write(t, d)
	wantTally(t, d, all())
	write(t, d, energy(7, 1, 1))
	wantTally(t, d, collector.Query{Measurement: collector.HourEnergy, From: hour(24), To: hour(48)})
	wantTally(t, d, collector.Query{Measurement: collector.HourEnergy, From: hour(24), To: hour(0)})
}

func remove(t *testing.T, d collector.Destination, q collector.Query) {
	t.Helper()
	if err := d.Delete(t.Context(), q); err != nil {
		t.Fatal(err)
	}
}

func always(m collector.Measurement, tags ...collector.Tag) collector.Query {
	return collector.Query{Measurement: m, Tags: collector.NewTags(tags...), From: hour(-24 * 365 * 5), To: hour(24 * 365)}
}

func deleteMachine(t *testing.T, d collector.Destination) {
	points, others := threeDays(), Samples(hour(7), 1)
	others = slices.DeleteFunc(others, func(p collector.Point) bool {
		return p.Measurement != collector.HourSeconds && p.Measurement != collector.MeterPower
	})
	for i := range others {
		others[i].Tags = slices.Clone(others[i].Tags)
		for j, tag := range others[i].Tags {
			if tag.Name == "machine" || tag.Name == "meter" {
				others[i].Tags[j].Value = "1"
			}
		}
	}
	write(t, d, append(slices.Clone(points), others...)...)
	remove(t, d, always(collector.HourEnergy, collector.Tag{Name: "machine", Value: "1"}))
	left := slices.DeleteFunc(points, func(p collector.Point) bool { return p.Tags.Get("machine") == "1" })
	q := always(collector.HourEnergy)
	q.From, q.To = hour(-48), hour(96)
	want(t, d, q, left...)
	wantTally(t, d, q, left...)
	for _, p := range others {
		want(t, d, collector.Query{Measurement: p.Measurement, From: hour(-48), To: hour(96)}, p)
	}
}

func deleteTime(t *testing.T, d collector.Destination, o Options) {
	points := threeDays()
	write(t, d, points...)
	gone := collector.Query{Measurement: collector.HourEnergy, Tags: collector.Tags{{Name: "machine", Value: "1"}}, From: hour(-1), To: hour(23)}
	remove(t, d, gone)
	q := collector.Query{Measurement: collector.HourEnergy, From: hour(-48), To: hour(96)}
	left := slices.DeleteFunc(slices.Clone(points), func(p collector.Point) bool {
		return p.Tags.Get("machine") == "1" && !p.Time.Before(gone.From) && p.Time.Before(gone.To)
	})
	if !o.WholeSeries {
		want(t, d, q, left...)
		wantTally(t, d, q, left...)
		return
	}
	got, err := d.Range(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range left {
		if !slices.ContainsFunc(got, func(have collector.Point) bool { return reflect.DeepEqual(have, p) }) {
			t.Errorf("%+v is gone, and was not to be deleted", p)
		}
	}
}

func writtenAnew(t *testing.T, d collector.Destination) {
	a, b := energy(7, 1, 1), energy(7, 2, 2)
	write(t, d, a, b)
	for range 3 {
		remove(t, d, always(collector.HourEnergy, collector.Tag{Name: "machine", Value: "1"}))
		want(t, d, all(), b)
		write(t, d, a)
		want(t, d, all(), a, b)
	}
	remove(t, d, always(collector.HourEnergy))
	want(t, d, all())
	write(t, d, b)
	want(t, d, all(), b)
}

func deleteNothing(t *testing.T, d collector.Destination) {
	remove(t, d, always(collector.HourEnergy))
	a := energy(7, 1, 1)
	write(t, d, a)
	remove(t, d, always(collector.HourEnergy, collector.Tag{Name: "machine", Value: "12"}))
	remove(t, d, always(collector.DayEnergy))
	remove(t, d, collector.Query{Measurement: collector.HourEnergy, From: hour(8), To: hour(7)})
	want(t, d, all(), a)
}

package transfer_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/transfer"
)

// memory is a series in memory.
type memory struct {
	points map[string]collector.Point
	fail   func() error // asked before each append; nil: none fails
	loses  bool         // it acknowledges and keeps nothing
	keeps  bool         // it deletes nothing, and says that it has
	sent   int
}

func newMemory() *memory { return &memory{points: map[string]collector.Point{}} }

func key(p collector.Point) string { return fmt.Sprint(p.Measurement, p.Time.UnixNano(), p.Tags) }

func (m *memory) Append(_ context.Context, points []collector.Point) error {
	if m.fail != nil {
		if err := m.fail(); err != nil {
			return err
		}
	}
	m.sent += len(points)
	for _, p := range points {
		if !m.loses {
			m.points[key(p)] = p
		}
	}
	return nil
}

func (m *memory) Range(_ context.Context, q collector.Query) (all []collector.Point, _ error) {
	for _, p := range m.points {
		has := func(tag collector.Tag) bool { return p.Tags.Get(tag.Name) == tag.Value }
		if p.Measurement == q.Measurement && !p.Time.Before(q.From) && p.Time.Before(q.To) && (len(q.Tags) == 0 || has(q.Tags[0])) {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b collector.Point) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(key(a), key(b))) })
	return all, nil
}

func (m *memory) Tally(ctx context.Context, q collector.Query) ([]collector.Tally, error) {
	days := map[collector.Date]*collector.Tally{}
	points, err := m.Range(ctx, q)
	for _, p := range points {
		day := collector.DateOf(p.Time)
		if days[day] == nil {
			days[day] = &collector.Tally{Day: day, Sums: map[string]float64{}}
		}
		days[day].Points++
		for field, x := range p.Fields {
			days[day].Sums[field] += x
		}
	}
	var all []collector.Tally
	for _, t := range days {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b collector.Tally) int { return cmp.Compare(a.Day, b.Day) })
	return all, err
}

func (m *memory) Delete(ctx context.Context, q collector.Query) error {
	if m.keeps {
		return nil
	}
	points, err := m.Range(ctx, q)
	for _, p := range points {
		delete(m.points, key(p))
	}
	return err
}

func (m *memory) Started(context.Context) (string, error) { return "", nil }
func (m *memory) Close() error                            { return nil }

func start() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// filled has points of some measurements on a hundred days.
func filled(t *testing.T) *memory {
	t.Helper()
	m, random := newMemory(), rand.New(rand.NewPCG(1, 2))
	for day := range 100 {
		for n := range 5 {
			for _, measurement := range []collector.Measurement{collector.HourEnergy, collector.MonthEnergy, collector.MeterPower} {
				p := collector.Point{
					Measurement: measurement, Time: start().AddDate(0, 0, day).Add(time.Duration(n) * time.Hour),
					Tags: collector.NewTags(collector.Tag{Name: "site", Value: "1"}), Fields: collector.Fields{"wh": random.Float64() * 1e6},
				}
				m.points[key(p)] = p
			}
		}
	}
	return m
}

func options() transfer.Options {
	return transfer.Options{From: start(), To: start().AddDate(0, 0, 100)}
}

func TestEveryPointIsBroughtAndOnlyDaysThatDifferAreSent(t *testing.T) {
	from, to := filled(t), newMemory()
	all, err := transfer.Run(t.Context(), from, to, options())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(from.points, to.points) {
		t.Error("the points are not the same")
	}
	for _, r := range all {
		if has := r.Measurement == collector.HourEnergy || r.Measurement == collector.MonthEnergy || r.Measurement == collector.MeterPower; has != (r.Points == 500 && r.Days == 100 && r.Sent == 100) {
			t.Errorf("%+v", r)
		}
	}
	to.sent = 0
	if _, err := transfer.Run(t.Context(), from, to, options()); err != nil || to.sent != 0 {
		t.Errorf("the second time %d points were sent, %v; want none", to.sent, err)
	}
	p := from.points[slices.Sorted(func(yield func(string) bool) {
		for k := range from.points {
			if !yield(k) {
				return
			}
		}
	})[7]]
	p.Fields = collector.Fields{"wh": p.Fields["wh"] + 0.1}
	from.points[key(p)] = p
	if _, err := transfer.Run(t.Context(), from, to, options()); err != nil || to.sent != 5 {
		t.Errorf("after one point had changed %d were sent, %v; want the 5 of its day", to.sent, err)
	}
}

func TestWhatWasInterruptedGoesOn(t *testing.T) {
	from, to := filled(t), newMemory()
	n := 0
	to.fail = func() error {
		if n++; n%40 == 0 {
			return &collector.DeliveryError{Trouble: collector.TryLater, Reason: "it is busy"}
		}
		return nil
	}
	tries := 0
	for ; tries < 20; tries++ {
		_, err := transfer.Run(t.Context(), from, to, options())
		if err == nil {
			break
		}
		if collector.TroubleOf(err) != collector.TryLater {
			t.Fatal(err)
		}
	}
	if tries != 7 || !reflect.DeepEqual(from.points, to.points) || to.sent != 1500 {
		t.Errorf("after %d interruptions %d points were sent in all; want 7 and 1,500, each once", tries, to.sent)
	}
}

func TestADestinationThatKeepsNothingIsFoundOut(t *testing.T) {
	to := newMemory()
	to.loses = true
	_, err := transfer.Run(t.Context(), filled(t), to, options())
	if err == nil || !strings.Contains(err.Error(), "the source has 5 points, and after they were sent the destination has 0") || !strings.Contains(err.Error(), "--until") {
		t.Errorf("nothing is there, and what is said is %v", err)
	}
}

// machines has hours of machines 1 to 3, and days of two meters, on each of a hundred days.
func machines() *memory {
	m := newMemory()
	for day := range 100 {
		for n, tags := range []string{"machine 1", "machine 2", "machine 3", "kind plug", "kind building"} {
			name, value, _ := strings.Cut(tags, " ")
			of := collector.HourSeconds
			if name == "kind" {
				of = collector.DayMeter
			}
			p := collector.Point{Measurement: of, Time: start().AddDate(0, 0, day), Tags: collector.Tags{{Name: name, Value: value}}, Fields: collector.Fields{"x": float64(day * n)}}
			m.points[key(p)] = p
		}
	}
	return m
}

// has are the values of the tags of a measurement that a series has, and of how many days it has any.
func (m *memory) has(t *testing.T, of collector.Measurement) (values []string, days int) {
	t.Helper()
	q := collector.Query{Measurement: of, From: time.Unix(0, 0), To: start().AddDate(9, 0, 0)}
	for _, p := range m.points {
		if p.Measurement == of && !slices.Contains(values, p.Tags[0].Value) {
			values = append(values, p.Tags[0].Value)
		}
	}
	all, err := m.Tally(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(values)
	return values, len(all)
}

func goneMachine(n string) collector.Query {
	return collector.Query{Measurement: collector.HourSeconds, Tags: collector.Tags{{Name: "machine", Value: n}}, From: time.Unix(0, 0), To: start().AddDate(9, 0, 0)}
}

func TestWhatIsGoneIsNotBroughtAndIsDeletedThere(t *testing.T) {
	from, to, o := machines(), newMemory(), options()
	for _, p := range from.points { // an earlier copy brought half of it
		if p.Time.Day()%2 == 0 {
			to.points[key(p)] = p
		}
	}
	asked := 0
	o.Gone = func(context.Context) ([]collector.Query, error) {
		if asked++; asked == 1 {
			return []collector.Query{goneMachine("1"), goneMachine("7")}, nil
		}
		return []collector.Query{goneMachine("1"), goneMachine("7"), goneMachine("3")}, nil // while it was brought
	}
	all, err := transfer.Run(t.Context(), from, to, o)
	if err != nil {
		t.Fatal(err)
	}
	if values, days := to.has(t, collector.HourSeconds); !slices.Equal(values, []string{"2"}) || days != 100 {
		t.Errorf("machines %q are there, on %d days; want 2, on 100", values, days)
	}
	if values, _ := from.has(t, collector.HourSeconds); len(values) != 3 {
		t.Errorf("the source has machines %q left", values)
	}
	for _, r := range all {
		if r.Measurement == collector.HourSeconds && (r.Gone != 3 || r.Deleted != 2 || r.Points != 200) || r.Measurement != collector.HourSeconds && r.Gone+r.Deleted > 0 {
			t.Errorf("%+v", r)
		}
	}
	to.sent = 0
	if _, err := transfer.Run(t.Context(), from, to, o); err != nil || to.sent != 0 {
		t.Errorf("given again it sent %d points, %v; want none, as all is there that may be", to.sent, err)
	}
}

func TestADestinationThatDeletesNothingIsFoundOut(t *testing.T) {
	to, o := machines(), options()
	to.keeps = true
	o.Gone = func(context.Context) ([]collector.Query, error) { return []collector.Query{goneMachine("2")}, nil }
	_, err := transfer.Run(t.Context(), machines(), to, o)
	if err == nil || !strings.Contains(err.Error(), "delete hour_seconds of machine 2 at the destination: it is gone") {
		t.Errorf("%v", err)
	}
	o.Gone = func(context.Context) ([]collector.Query, error) { return nil, errors.New("no answer") }
	fresh := newMemory()
	if _, err := transfer.Run(t.Context(), machines(), fresh, o); err == nil || fresh.sent > 0 {
		t.Errorf("nobody knows what is gone, and %d points were sent, %v", fresh.sent, err)
	}
}

func TestWhatIsToBeLeftOutAndWhatHasServedIsNotBrought(t *testing.T) {
	to, o := newMemory(), options()
	o.Without = []collector.Query{{Measurement: collector.DayMeter, Tags: collector.Tags{{Name: "kind", Value: "plug"}}}}
	o.Today = o.To
	if _, err := transfer.Run(t.Context(), machines(), to, o); err != nil {
		t.Fatal(err)
	}
	if values, days := to.has(t, collector.DayMeter); !slices.Equal(values, []string{"building"}) || days != 100 {
		t.Errorf("meters %q are there, on %d days", values, days)
	}
	if values, days := to.has(t, collector.HourSeconds); len(values) != 3 || days != 89 {
		t.Errorf("machines %q are there, on %d days; want the last 89, which no engine is about to delete", values, days)
	}
	to, o.Without = newMemory(), []collector.Query{{Measurement: collector.HourSeconds}}
	all, err := transfer.Run(t.Context(), machines(), to, o)
	if values, _ := to.has(t, collector.HourSeconds); err != nil || len(values) > 0 {
		t.Errorf("machines %q are there, %v", values, err)
	}
	if slices.ContainsFunc(all, func(r transfer.Result) bool { return r.Measurement == collector.HourSeconds }) {
		t.Errorf("%+v tells of what was left out", all)
	}
}

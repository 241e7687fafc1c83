package transfer_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
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
		if p.Measurement == q.Measurement && !p.Time.Before(q.From) && p.Time.Before(q.To) {
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

func (m *memory) Delete(context.Context, collector.Query) error { return errors.ErrUnsupported }
func (m *memory) Started(context.Context) (string, error)       { return "", nil }
func (m *memory) Close() error                                  { return nil }

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
	if _, err := transfer.Run(t.Context(), filled(t), to, options()); err == nil {
		t.Error("nothing is there, and nothing was said")
	}
}

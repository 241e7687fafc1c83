// Package storetest checks that a store keeps the collector's promises.
package storetest

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"veille/collector"
)

// Series is a store of points. A point that was appended is there until it is written again or deleted.
type Series interface {
	Append(ctx context.Context, points []collector.Point) error
	Range(ctx context.Context, q collector.Query) ([]collector.Point, error)
	Close() error
}

// Run asks the same questions of any series, and expects the same answers to the last digit. open makes an empty one.
func Run(t *testing.T, open func(*testing.T) Series) {
	t.Helper()
	ask(t, open, map[string]func(*testing.T, Series){
		"points come back in order, to the last digit":          inOrder,
		"a range begins with its start and ends before its end": halfOpen,
		"tags choose":                  tagsChoose,
		"writing again changes once":   again,
		"an unusable point is refused": refused,
		"an empty series is empty":     empty,
	})
}

// ask asks each question of an empty series of its own.
func ask[S Series](t *testing.T, open func(*testing.T) S, questions map[string]func(*testing.T, S)) {
	t.Helper()
	for name, test := range questions {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			test(t, s)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// hour is an hour of the tenth day before this one, or of another day where n is below 0 or above 23: engines refuse points that are older than they
// are kept. A run that midnight falls into may fail.
func hour(n int) time.Time {
	return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -10).Add(time.Duration(n) * time.Hour)
}

func energy(n, machine int, wh float64) collector.Point {
	return collector.Point{
		Measurement: collector.HourEnergy, Time: hour(n),
		Tags:   collector.NewTags(collector.Tag{Name: "site", Value: "1"}, collector.Tag{Name: "machine", Value: fmt.Sprint(machine)}),
		Fields: collector.Fields{"wh": wh, "low_wh": wh / 3, "high_wh": wh * 3},
	}
}

func all() collector.Query {
	return collector.Query{Measurement: collector.HourEnergy, From: hour(0), To: hour(24)}
}

func write(t *testing.T, s Series, points ...collector.Point) {
	t.Helper()
	if err := s.Append(t.Context(), points); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, s Series, q collector.Query, points ...collector.Point) {
	t.Helper()
	got, err := s.Range(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(points) == 0 {
		return
	}
	for i := range max(len(got), len(points)) { // one difference is enough: there may be thousands
		switch {
		case i >= len(points):
			t.Errorf("%s gives %d points, want %d: the first too many is\n%s", brief(q), len(got), len(points), brief(got[i]))
		case i >= len(got):
			t.Errorf("%s gives %d points, want %d: the first that lacks is\n%s", brief(q), len(got), len(points), brief(points[i]))
		case !reflect.DeepEqual(got[i], points[i]):
			t.Errorf("%s gives at place %d\n%s, want\n%s", brief(q), i, brief(got[i]), brief(points[i]))
		default:
			continue
		}
		return
	}
}

// brief is a value as text, of 600 bytes at most.
func brief(x any) string { return fmt.Sprintf("%.600s", fmt.Sprintf("%+v", x)) }

func inOrder(t *testing.T, s Series) {
	a, b, c := energy(7, 1, 0.1+0.2), energy(7, 2, math.Pi), energy(8, 1, 1e-9)
	write(t, s, c, b)
	write(t, s, a)
	want(t, s, all(), a, b, c)
}

func halfOpen(t *testing.T, s Series) {
	a, b, c := energy(7, 1, 1), energy(8, 1, 2), energy(9, 1, 3)
	write(t, s, a, b, c)
	q := all()
	q.From, q.To = hour(7), hour(9)
	want(t, s, q, a, b)
}

func tagsChoose(t *testing.T, s Series) {
	a, b := energy(7, 1, 1), energy(7, 12, 2)
	write(t, s, a, b)
	q := all()
	q.Tags = collector.NewTags(collector.Tag{Name: "machine", Value: "1"})
	want(t, s, q, a)
	q.Tags = collector.NewTags(collector.Tag{Name: "machine", Value: "3"})
	want(t, s, q)
}

func again(t *testing.T, s Series) {
	old, grown := energy(7, 1, 1), energy(7, 1, 2)
	write(t, s, old, old)
	write(t, s, old)
	want(t, s, all(), old)
	write(t, s, grown)
	want(t, s, all(), grown)
}

func refused(t *testing.T, s Series) {
	bad := energy(8, 1, math.NaN())
	if err := s.Append(t.Context(), []collector.Point{energy(7, 1, 1), bad}); err == nil {
		t.Error("NaN was accepted")
	}
	want(t, s, all())
}

func empty(t *testing.T, s Series) {
	write(t, s)
	want(t, s, all())
}

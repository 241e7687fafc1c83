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
	for name, test := range map[string]func(*testing.T, Series){
		"points come back in order, to the last digit":          inOrder,
		"a range begins with its start and ends before its end": halfOpen,
		"tags choose":                  tagsChoose,
		"writing again changes once":   again,
		"an unusable point is refused": refused,
		"an empty series is empty":     empty,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			test(t, s)
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func hour(n int) time.Time { return time.Date(2026, 11, 16, n, 0, 0, 0, time.UTC) }

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
	if !reflect.DeepEqual(got, points) {
		t.Errorf("%+v gives\n%+v, want\n%+v", q, got, points)
	}
}

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

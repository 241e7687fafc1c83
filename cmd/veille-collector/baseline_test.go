package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector/clock"
)

func TestBaselinesAreKeptAtOnceAndEveryNightAtHalfPastThree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		noon := time.Date(start.Year(), start.Month(), start.Day()+1, 12, 0, 0, 0, time.Local)
		until, stop := context.WithTimeout(t.Context(), noon.Sub(start))
		<-until.Done()
		stop()
		ctx, over := context.WithTimeout(t.Context(), 48*time.Hour)
		defer over()
		var at []string
		nightly(ctx, func(context.Context) { at = append(at, time.Now().Format("15:04")) })
		if want := []string{"12:00", "03:30", "03:30"}; !slices.Equal(at, want) {
			t.Errorf("they were kept at %v; want %v", at, want)
		}
	})
}

func TestNoBaselineIsKeptWhileTheClockIsInDoubt(t *testing.T) {
	o := newOffice(t)
	var said strings.Builder
	wrong, err := clock.New("2999-01-01", clock.System())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{serving: &serving{}, store: o.store, clock: wrong, log: slog.New(slog.NewTextHandler(&said, nil))}
	before := o.dump()
	s.baselines(t.Context(), nil) // it would not get far without a maker
	if said.String() != "" || o.dump() != before {
		t.Errorf("%s", said.String())
	}
}

func TestWhatKeepsNoBaselineIsSaidInTheLogWithoutNamesOfPeople(t *testing.T) {
	o := newOffice(t)
	var said strings.Builder
	right, err := clock.New("", clock.System())
	if err != nil {
		t.Fatal(err)
	}
	s := &server{serving: &serving{}, store: o.store, clock: right, log: slog.New(slog.NewTextHandler(&said, nil))}
	s.baselines(t.Context(), maker(o.store, nil)) // no month is fixed: there is nothing to keep, and nothing to say
	if said.String() != "" {
		t.Errorf("%s", said.String())
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(errors.New("over"))
	s.baselines(ctx, maker(o.store, nil))
	if said.String() != "" {
		t.Errorf("the end of the collector is no error: %s", said.String())
	}
	if err := o.store.Close(); err != nil {
		t.Fatal(err)
	}
	s.baselines(t.Context(), maker(o.store, nil))
	if !strings.Contains(said.String(), "baselines were not kept") || strings.Contains(said.String(), "user.") {
		t.Errorf("%s", said.String())
	}
}

package relational_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/store/relational"
)

// suspended is the ledger of a roller that stands still just before it writes something for the first time.
type suspended struct {
	*relational.Store

	before    string // what it is about to write
	meanwhile func()
}

func (s *suspended) writes(what string) {
	if meanwhile := s.meanwhile; what == s.before && meanwhile != nil {
		s.meanwhile = nil
		meanwhile()
	}
}

// Stale may be before it writes.
func (s *suspended) Stale(ctx context.Context) ([]collector.Date, error) {
	s.writes("marks")
	return s.Store.Stale(ctx)
}

// PutMonths may be before it writes.
func (s *suspended) PutMonths(ctx context.Context, month collector.Month, from, to int64, months []collector.MachineMonth) error {
	s.writes("months")
	return s.Store.PutMonths(ctx, month, from, to, months)
}

// PutDay may be before it writes.
func (s *suspended) PutDay(ctx context.Context, date collector.Date, cells []collector.Cell) error {
	s.writes("days")
	return s.Store.PutDay(ctx, date, cells)
}

// Rolled may be before it writes.
func (s *suspended) Rolled(ctx context.Context, dates []collector.Date) error {
	s.writes("what was rolled up")
	return s.Store.Rolled(ctx, dates)
}

// Finish may be before it writes.
func (s *suspended) Finish(ctx context.Context, run collector.Run, h collector.Horizon) (collector.Run, error) {
	s.writes("the run")
	return s.Store.Finish(ctx, run, h)
}

// booksOf are what the roll-ups of a date and its month have, and which runs there were.
func booksOf(t *testing.T, s *relational.Store, date collector.Date) string {
	t.Helper()
	var all []string
	err := s.Cells(t.Context(), date, func(c collector.Cell) error {
		all = append(all, fmt.Sprintf("%d machines, %+v", c.Machines, c.Sum))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for machine := range int64(3) {
		own, err := s.Own(t.Context(), 1+machine)
		if err != nil && !errors.Is(err, collector.ErrNotFound) {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%+v", own.Months))
	}
	runs, err := s.Runs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(all, runs)
}

func TestARollUpThatIsOvertakenChangesNothingAnyMoreAndNoFigureIsLost(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		for _, before := range []string{"marks", "months", "days", "what was rolled up", "the run"} {
			t.Run(before, func(t *testing.T) { overtaken(t, newFleet(t, at.another(t)), before) })
		}
	})
}

// overtaken lets a record come, and another roller roll up, while one is suspended.
func overtaken(t *testing.T, f fleet, before string) {
	t.Helper()
	rules := rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}
	log := slog.New(slog.DiscardHandler)
	other := rollup.New(f.Store, rules, log)
	a, b := f.enrol(1, mini("intel-5-8"), "2026-11-02").Machine, f.enrol(2, mini("intel-5-8"), "2026-11-02").Machine
	f.day(a, "2026-11-04", "2026-11-03", 600)
	var want string
	s := &suspended{Store: f.Store, before: before, meanwhile: func() {
		f.day(b, "2026-11-04", "2026-11-03", 700)
		if _, err := other.Run(t.Context(), "2026-11-05", rollup.Options{}); err != nil {
			t.Error(err)
		}
		f.day(a, "2026-11-05", "2026-11-03", 800) // for the next night: the date is stale
		want = booksOf(t, f.Store, "2026-11-03")
	}}
	if _, err := rollup.New(s, rules, log).Run(t.Context(), "2026-11-05", rollup.Options{}); !errors.Is(err, collector.ErrOvertaken) {
		t.Errorf("the one that was overtaken answers %v", err)
	}
	if got := booksOf(t, f.Store, "2026-11-03"); got != want || want == "" {
		t.Errorf("the one that was overtaken has left\n%s\nwhere there was\n%s", got, want)
	}
	if got := stale(t, f.Store); len(got) != 1 {
		t.Errorf("%v is rolled up the next night; want the date that has changed since", got)
	}
}

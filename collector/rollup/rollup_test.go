package rollup

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
)

// season is a ledger of some machines, some of whose days have served.
func season() *memory {
	m := newMemory()
	m.crowd("2026-08-22", 7, leaf(1, 1, "laptop"))
	m.crowd("2026-08-23", 2, leaf(1, 2, "laptop"))
	m.crowd("2026-09-30", 7, leaf(1, 1, "laptop"))
	m.crowd("2026-11-20", 3, leaf(1, 2, "laptop"))
	m.replaced[8] = 17
	m.quarantine = []collector.Date{"2026-10-01", "2026-11-01"}
	m.entries = []collector.Date{"2025-10-01", "2026-11-01"}
	return m
}

// left is what a ledger has, without what counts its calls.
func left(m *memory) []any {
	return []any{m.rows, m.stale, m.cells, m.months, m.fixed, m.closed, m.quarantine, m.entries}
}

func TestACrashAnywhereIsMadeUpFor(t *testing.T) {
	roll := func(m *memory) (collector.Run, error) {
		r := New(m, rules, slog.New(slog.DiscardHandler))
		r.chunk = 5
		return r.Run(t.Context(), "2026-11-22", Options{})
	}
	want := season()
	if _, err := roll(want); err != nil {
		t.Fatal(err)
	}
	if want.calls < 100 || want.runs[0].Deleted != (collector.Deleted{MachineDays: 9, GroupDays: 2, Quarantine: 1, Entries: 1}) {
		t.Fatalf("%d calls, %+v", want.calls, want.runs)
	}
	for at := 1; at <= want.calls; at++ {
		for _, after := range []bool{false, true} {
			m := season()
			m.breakAt, m.after = at, after
			if _, err := roll(m); !errors.Is(err, errBroken) {
				t.Fatalf("call %d broke, and the run says %v", at, err)
			}
			m.breakAt = 0
			if _, err := roll(m); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(left(m), left(want)) {
				t.Errorf("call %d broke (after its work: %t), and then there is\n%+v\nand should be\n%+v", at, after, left(m), left(want))
			}
			var deleted int64
			for _, r := range m.runs {
				deleted += r.Deleted.MachineDays
			}
			if deleted != 9 {
				t.Errorf("call %d broke (after its work: %t), and %d machine-days of 9 were counted", at, after, deleted)
			}
		}
	}
}

func TestADateThatChangesWhileItIsRolledUpStaysStale(t *testing.T) {
	calls := season()
	if _, err := New(calls, rules, slog.New(slog.DiscardHandler)).Run(t.Context(), "2026-11-22", Options{}); err != nil {
		t.Fatal(err)
	}
	for at := 3; at <= calls.calls; at++ { // after Stale, which is the second
		m := season()
		m.meet = func() {
			if m.calls == at {
				m.crowd("2026-11-20", 1, leaf(1, 2, "laptop"))
			}
		}
		r := New(m, rules, slog.New(slog.DiscardHandler))
		if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err != nil {
			t.Fatal(err)
		}
		if _, ok := m.stale["2026-11-20"]; !ok {
			t.Fatalf("a record came at call %d, and its date is not stale", at)
		}
		if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err != nil {
			t.Fatal(err)
		}
		if c := m.cells["2026-11-20"]; len(c) != 1 || c[0].Machines != 4 || len(m.months["2026-11"]) != 4 || len(m.stale) != 0 {
			t.Errorf("a record came at call %d, and the next run made %+v", at, c)
		}
	}
}

func TestARunThatIsNotNeededChangesNothing(t *testing.T) {
	m := season()
	r := New(m, rules, slog.New(slog.DiscardHandler))
	if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err != nil {
		t.Fatal(err)
	}
	before := len(m.cells)
	run, err := r.Run(t.Context(), "2026-11-22", Options{})
	if want := (collector.Run{On: "2026-11-22", Until: "2026-11-22"}); err != nil || run != want || len(m.cells) != before {
		t.Errorf("%+v, %v; want %+v", run, err, want)
	}
}

func TestAMachineThatHasNoMonthAnyMoreLosesIt(t *testing.T) {
	m := season()
	r := New(m, rules, slog.New(slog.DiscardHandler))
	r.chunk = 3
	if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err != nil {
		t.Fatal(err)
	}
	if len(m.months["2026-11"]) != 3 {
		t.Fatal(m.months["2026-11"])
	}
	m.touch(18)
	m.replaced[18] = 19
	if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err != nil {
		t.Fatal(err)
	}
	if x := m.months["2026-11"]; len(x) != 2 || x[19].Sum.Days != 1 || x[19].Sum.Seconds[0].On != 2*3600 {
		t.Errorf("18 is 19 now, and November is %+v", x)
	}
	if c := m.cells["2026-11-20"]; c[0].Machines != 2 || c[0].Top != 20_000 {
		t.Errorf("18 is 19 now, and its day is %+v", c)
	}
}

func TestTheMonthOfAMachineThatIsGoneGoesToo(t *testing.T) {
	m := season()
	r := New(m, rules, slog.New(slog.DiscardHandler))
	r.chunk = 19
	if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err != nil || m.months["2026-11"][19].Machine != 19 || m.last != 19 {
		t.Fatal(m.months["2026-11"], err)
	}
	months := m.months["2026-11"][19]
	m.erase(19)
	m.months["2026-11"][19] = months // a run that was on its way has put it back
	m.last--
	r.chunk = 18
	if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err != nil || len(m.months["2026-11"]) != 2 {
		t.Errorf("19 was erased, and November is %+v, %v", m.months["2026-11"], err)
	}
}

// liar gives rows that a ledger must not give.
type liar struct {
	*memory
	machines []int64
}

func (l liar) Days(_ context.Context, _ collector.Date, _, _ int64, yield func(collector.MachineDay) error) error {
	for _, m := range l.machines {
		row := rowOf(whole(1, 0, 0, 0))
		row.Machine = m
		if err := yield(row); err != nil {
			return err
		}
	}
	return nil
}

func TestALedgerThatGivesRowsOutOfOrderIsNoticed(t *testing.T) {
	for _, machines := range [][]int64{{2, 1}, {1, 3, 1}, {12}} {
		m := newMemory()
		m.crowd("2026-11-20", 30, leaf(1, 1, "laptop"))
		r := New(liar{m, machines}, rules, slog.New(slog.DiscardHandler))
		r.chunk = 10
		if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err == nil || len(m.cells) != 0 {
			t.Errorf("rows of %v became %+v, %v", machines, m.cells, err)
		}
	}
}

func TestOneRunAtATime(t *testing.T) {
	m := season()
	r := New(m, rules, slog.New(slog.DiscardHandler))
	var errs []error
	m.meet = func() {
		if m.calls == 3 {
			_, err := r.Run(t.Context(), "2026-11-22", Options{})
			errs = append(errs, err)
		}
	}
	if _, err := r.Run(t.Context(), "2026-11-22", Options{}); err != nil || len(errs) != 1 || !errors.Is(errs[0], ErrRunning) {
		t.Errorf("%v, and the one within says %v", err, errs)
	}
}

func TestARunTellsHowFarItIsAndStopsWhenItIsTold(t *testing.T) {
	m := season()
	ctx, stop := context.WithCancel(t.Context())
	var told []string
	_, err := New(m, rules, slog.New(slog.DiscardHandler)).Run(ctx, "2026-11-22", Options{Progress: func(p Progress) {
		if told = append(told, p.Step); p.Step == "dates that changed" {
			stop()
		}
		if p.Done < 1 || p.Done > p.Of {
			t.Errorf("%+v", p)
		}
	}})
	if got := strings.Join(told, ", "); !errors.Is(err, context.Canceled) || got != "machines in 2026-08, dates that changed" || len(m.cells) != 2 {
		t.Errorf("%v after %s", err, got)
	}
	if _, err := New(m, rules, slog.New(slog.DiscardHandler)).Run(t.Context(), "today", Options{}); err == nil {
		t.Error("today is a date")
	}
}

// wall is the date by the clock of the test.
func wall() collector.Date { return collector.DateOf(time.Now()) }

func TestTheLoopRunsAtOnceAndThenEveryNight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := season()
		var at []string
		m.meet = func() {
			if m.calls > 1 && len(m.runs) == len(at) {
				at = append(at, time.Now().Format("02 15:04"))
			}
		}
		r := New(m, rules, slog.New(slog.DiscardHandler))
		start := time.Now()
		time.Sleep(time.Until(time.Date(start.Year(), start.Month(), start.Day()+1, 9, 0, 0, 0, time.Local))) //nolint:forbidigo // the bubble's time
		ctx, stop := context.WithTimeout(t.Context(), 72*time.Hour)
		defer stop()
		r.Loop(ctx, wall)
		day := func(n int) string {
			return time.Date(start.Year(), start.Month(), start.Day()+n, 0, 0, 0, 0, time.Local).Format("02 ")
		}
		want := []string{day(1) + "09:00", day(2) + "02:30", day(3) + "02:30", day(4) + "02:30"}
		if !reflect.DeepEqual(at, want) {
			t.Errorf("it ran at %v; want %v", at, want)
		}
		// It ran today already: it waits for the night.
		at, m.runs, m.calls = nil, []collector.Run{{On: collector.DateOf(time.Now())}}, 0
		m.meet = func() { at = append(at, time.Now().Format("02 15:04")) }
		ctx, stop = context.WithTimeout(t.Context(), 17*time.Hour)
		defer stop()
		r.Loop(ctx, wall)
		if len(at) != 1 {
			t.Errorf("it ran at %v", at)
		}
	})
}

func TestAFailedNightIsSaidAndMadeUpForTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := season()
		m.breakAt = 5
		var said strings.Builder
		ctx, stop := context.WithTimeout(t.Context(), 25*time.Hour)
		defer stop()
		New(m, rules, slog.New(slog.NewTextHandler(&said, nil))).Loop(ctx, wall)
		if len(m.runs) != 1 || strings.Count(said.String(), "roll-up failed") != 1 || !strings.Contains(said.String(), "rolled up") {
			t.Errorf("%d runs, and it says %s", len(m.runs), said.String())
		}
	})
}

package label_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"veille/collector"
)

// keep keeps baselines, and answers how many.
func (w *world) keep(t *testing.T) int {
	t.Helper()
	n, err := w.maker().KeepBaselines(t.Context(), 7, func(_ context.Context, b collector.Baseline) error {
		w.baselines = append(w.baselines, b)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func savingWorld(t *testing.T) *world {
	w := madeYear(t)
	w.actions = []collector.Action{{ID: 3, Organisation: 7, Name: "Veille", Measure: "sleep-policy", On: "2026-01-01", BaseFrom: "2025-05", Base: "2025-12"}}
	return w
}

func TestABaselineIsKeptOnce(t *testing.T) {
	w := savingWorld(t)
	if n := w.keep(t); n != 1 || w.baselines[0].Action != 3 || w.baselines[0].Organisation != 7 || w.baselines[0].KeptOn != w.today || len(w.baselines[0].SHA256) != 64 {
		t.Fatalf("%d kept: %+v", n, w.baselines)
	}
	if n := w.keep(t); n != 0 {
		t.Errorf("%d were kept again", n)
	}
}

func TestAKeptBaselineHoldsWhenItsMonthsAreGone(t *testing.T) {
	w := savingWorld(t)
	before := w.report(t, "2026-01", "2026-08")
	w.keep(t)
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Month < "2026-01" })
	after := w.report(t, "2026-01", "2026-08")
	is(t, after, "E2", *lineOf(t, before, "E2").Value)
	if after.First.Baselines[0].KeptOn != w.today || before.First.Baselines[0].KeptOn != "" {
		t.Errorf("%+v, then %+v", before.First.Baselines, after.First.Baselines)
	}
}

func TestABaselineIsKeptWhenItsMonthsAreFixed(t *testing.T) {
	w := savingWorld(t)
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Month == "2025-08" || r.Month > "2025-12" })
	w.today = "2025-10-10"
	if n := w.keep(t); n != 0 {
		t.Errorf("%d kept before the last month is over", n)
	}
	w.today = "2026-01-20" // December has figures, August none and never will
	if n := w.keep(t); n != 1 {
		t.Errorf("%d kept", n)
	}
}

func TestABaselineOfSimulatedMachinesSaysSoAndIsNoneOfRealOnes(t *testing.T) {
	w := savingWorld(t)
	for i := range w.rows {
		w.rows[i].Simulated = true
	}
	if n := w.keep(t); n != 1 || !strings.Contains(string(w.baselines[0].JSON), `"simulated":true`) {
		t.Fatalf("%d kept: %+v", n, w.baselines)
	}
	if r := w.report(t, "2026-01", "2026-08"); r.First.Baselines[0].KeptOn != w.today {
		t.Errorf("simulated machines are compared with %+v", r.First.Baselines)
	}
	for i := range w.rows {
		w.rows[i].Simulated = false
	}
	if r := w.report(t, "2026-01", "2026-08"); r.First.Baselines[0].KeptOn != "" {
		t.Errorf("real machines are compared with %+v", r.First.Baselines)
	}
}

func TestABaselineThatWasChangedIsRefused(t *testing.T) {
	w := savingWorld(t)
	w.keep(t)
	w.baselines[0].JSON = []byte(strings.Replace(string(w.baselines[0].JSON), "1", "2", 1))
	_, err := w.maker().Make(t.Context(), officer(), reportOf("2026-01", "2026-08"))
	if err == nil || !strings.Contains(err.Error(), "action 3") {
		t.Error(err)
	}
}

package label_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/label"
)

// says tells whether a line has a note with these English words.
func says(l label.Line, words string) bool {
	return slices.ContainsFunc(l.Notes, func(n label.Words) bool { return strings.Contains(n.EN, words) && n.FR != "" })
}

func TestEnergyOfFewOfTheMachinesOfTheInventoryDoesNotStandForTheFleet(t *testing.T) {
	for _, tt := range []struct {
		inventory int
		stands    bool
		said      bool
	}{{200, false, true}, {100, true, true}, {70, true, true}, {66, true, false}, {60, true, false}, {10, true, false}} {
		w := newWorld()
		w.does(t, "2026-08", usual(1, 60))
		w.equipment = []collector.Equipment{{Organisation: 7, Site: 1, Class: "desktop", Bought: "2022-01", As: "new", Count: tt.inventory}}
		w.templates[0].Text = templateOf("E1", "E4a")
		r := w.report(t, "2026-08", "2026-08")
		for _, id := range []string{"E1", "E4a"} {
			if l := lineOf(t, r, id); l.Representative != tt.stands || says(l, "computers in service in the inventory") != tt.said || l.Observed != nil || *l.CoveragePct != map[bool]float64{true: 100, false: 30}[tt.stands] {
				t.Errorf("%s of 60 machines of %d: %v, %+v", id, tt.inventory, l.Representative, l.Notes)
			}
		}
	}
}

func TestWhatDoesNotStandForTheFleetIsNotExtrapolated(t *testing.T) {
	w := newWorld()
	h := usual(1, 60)
	h.covered = 0.75
	w.does(t, "2026-08", h)
	if l := lineOf(t, w.report(t, "2026-08", "2026-08"), "E1"); l.Observed == nil || !l.Representative {
		t.Errorf("%+v", l)
	}
	if l := lineOf(t, w.report(t, "2026-07", "2026-08"), "E1"); l.Observed != nil || l.Representative || *l.CoveragePct != 37.5 {
		t.Errorf("one month of two: observed %v, covers %v", l.Observed, *l.CoveragePct)
	}
	w.equipment = []collector.Equipment{{Organisation: 7, Site: 1, Class: "desktop", Bought: "2022-01", As: "new", Count: 120}}
	if l := lineOf(t, w.report(t, "2026-08", "2026-08"), "E1"); l.Observed != nil || l.Representative || *l.CoveragePct != 37.5 {
		t.Errorf("60 machines of 120: observed %v, covers %v", l.Observed, *l.CoveragePct)
	}
}

func TestAPeriodIsComparedWithTheSameMonthsOfAnEarlierYear(t *testing.T) {
	for _, tt := range []struct{ from, to, before, until collector.Month }{
		{"2026-08", "2026-08", "2025-08", "2025-08"},
		{"2026-01", "2026-06", "2025-01", "2025-06"},
		{"2025-09", "2026-08", "2024-09", "2025-08"},
		{"2025-03", "2026-08", "2023-03", "2024-08"},
		{"2023-09", "2026-08", "2020-09", "2023-08"},
	} {
		w := newWorld()
		w.does(t, "2026-08", usual(1, 60))
		w.does(t, tt.to, usual(1, 60))
		if p := w.report(t, tt.from, tt.to).Previous; p.From != tt.before || p.To != tt.until {
			t.Errorf("%s to %s is compared with %+v", tt.from, tt.to, p)
		}
	}
}

func TestARateOfFewMonthsIsNotRepresentative(t *testing.T) {
	w := newWorld()
	for _, m := range span("2026-05", "2026-08") {
		w.does(t, m, usual(1, 60))
	}
	for _, id := range []string{"U1", "U2", "U4.on", "E1n", "E1", "C3", "C4.low"} {
		if l := lineOf(t, w.report(t, "2025-09", "2026-08"), id); l.Value == nil || l.Representative || l.CoveragePct == nil || *l.CoveragePct != 33.3 {
			t.Errorf("%s of four months of twelve is representative", id)
		}
		if l := lineOf(t, w.report(t, "2026-05", "2026-08"), id); l.Value == nil || !l.Representative {
			t.Errorf("%s of four months of four is not representative", id)
		}
	}
}

func TestTheCoverageOfTheFirstPageIsOfAllMonths(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-07", usual(1, 60))
	w.does(t, "2026-08", usual(1, 120))
	w.equipment = []collector.Equipment{{Organisation: 7, Site: 1, Class: "desktop", Bought: "2022-01", As: "new", Count: 120}}
	if r := w.report(t, "2026-05", "2026-08"); r.CoveragePct == nil || *r.CoveragePct != 37.5 { // none, none, half, all
		t.Errorf("coverage %v", *r.CoveragePct)
	}
	w.equipment = nil
	if r := w.report(t, "2026-05", "2026-08"); r.CoveragePct == nil || *r.CoveragePct != 50 {
		t.Errorf("coverage %v", *r.CoveragePct)
	}
}

func TestSharesOfQualityAddUpToAHundred(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 31))
		w := newWorld()
		for _, method := range []string{"plug", "rapl", "model-class"} {
			h := usual(1, 1+random.IntN(30))
			h.use, h.method, h.watts = "shared", method, float64(1+random.IntN(99))
			w.does(t, "2026-08", h)
		}
		r := w.report(t, "2026-08", "2026-08")
		sum := *lineOf(t, r, "C4.high").Value + *lineOf(t, r, "C4.medium").Value + *lineOf(t, r, "C4.low").Value
		if math.Abs(sum-100) > 1e-9 || math.Abs(r.Quality.HighPct+r.Quality.MediumPct+r.Quality.LowPct-100) > 1e-9 {
			t.Fatalf("seed %d: %v, %+v", seed, sum, r.Quality)
		}
	}
}

func TestADayOfAMeterIsCountedOnce(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-08", usual(1, 60))
	reading := func(from, to collector.Date, kwh float64) collector.Reading {
		return collector.Reading{Organisation: 7, Site: 1, Meter: "m", From: from, To: to, KWh: kwh}
	}
	w.readings = []collector.Reading{reading("2026-08-01", "2026-08-31", 31000)}
	once := *lineOf(t, w.report(t, "2026-08", "2026-08"), "E6").Value
	w.readings = append(w.readings, reading("2026-08-01", "2026-08-15", 14000))
	if l := is(t, w.report(t, "2026-08", "2026-08"), "E6", once); !says(l, "counted once") {
		t.Errorf("%+v", l.Notes)
	}
	w.readings = []collector.Reading{reading("2026-08-01", "2026-08-15", 15000), reading("2026-08-10", "2026-08-31", 22000)}
	is(t, w.report(t, "2026-08", "2026-08"), "E6", once)
	w.readings = []collector.Reading{reading("2026-08-01", "2026-08-31", 1)}
	if l := lineOf(t, w.report(t, "2026-08", "2026-08"), "E6"); l.Representative || !says(l, "more than the building") {
		t.Errorf("a building that uses less than its machines: %+v", l)
	}
}

func TestMoreAgentsAreNotTakenForMoreEnergy(t *testing.T) {
	for machines, compared := range map[int]bool{60: true, 70: true, 50: true, 90: false, 40: false} {
		w := newWorld()
		w.templates[0].Text = templateOf("E1", "E4a", "E1n")
		w.does(t, "2025-08", usual(1, 60))
		w.does(t, "2026-08", usual(1, machines))
		r := w.report(t, "2026-08", "2026-08")
		for _, id := range []string{"E1", "E4a"} {
			if l := lineOf(t, r, id); (l.Previous != nil) != compared || says(l, "machines followed, on average") == compared {
				t.Errorf("%s of %d machines, 60 before: previous %v, %+v", id, machines, l.Previous, l.Notes)
			}
		}
		if l := lineOf(t, r, "E1n"); l.Previous == nil || l.Trend != label.Same {
			t.Errorf("E1n of %d machines: %v, %q", machines, l.Previous, l.Trend)
		}
	}
}

func TestEnergyWithAndWithoutOtherDevicesIsNotCompared(t *testing.T) {
	w := newWorld()
	w.does(t, "2025-08", usual(1, 60))
	w.does(t, "2026-08", usual(1, 60))
	w.quantities = []collector.Quantity{{ID: 1, Name: "other-devices", From: "2026-08", To: "2026-08", Value: 1e5, Source: "x"}}
	if l := lineOf(t, w.report(t, "2026-08", "2026-08"), "E1"); l.Previous != nil || l.Trend != "" || !says(l, "what is counted") {
		t.Errorf("previous %v, %q", l.Previous, l.Trend)
	}
	w.rows = nil
	if l := lineOf(t, w.report(t, "2026-08", "2026-08"), "E1"); l.Representative || l.Status != label.Declared {
		t.Errorf("what was declared stands for the fleet: %+v", l)
	}
}

func TestElectricityWithoutCarbonNeedsEvidence(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-08", usual(1, 60))
	w.factors = []collector.Factor{{Organisation: 7, ID: label.Contract, Unit: "gCO2e/kWh", Year: 2026, Source: "x"}}
	if l := lacks(t, w.report(t, "2026-08", "2026-08"), "E4b"); !strings.Contains(l.Missing.EN, "guarantee of origin") {
		t.Errorf("%+v", l.Missing)
	}
	w.evidence = []collector.Evidence{{ID: 1, Of: "E4b", Title: "Garantie d’origine", Where: "GO-1"}}
	is(t, w.report(t, "2026-08", "2026-08"), "E4b", 0)
}

func TestEnergyOfServersThatIsNotKnownIsNotThatOfWorkstations(t *testing.T) {
	for _, tt := range []struct {
		servers float64 // share of their time that is covered
		times   float64
		says    string
	}{{0, 1, "Servers: energy known for 0"}, {0.5, 1, "Servers: energy known for 50"}, {0.8, 1.25, "Servers: the energy observed is divided by the coverage, 80"}, {1, 1, ""}} {
		w := newWorld()
		server := habit{site: 2, class: "server", use: "server", machines: 60, watts: 100, method: "plug", covered: tt.servers, open: share{on: 1}, outside: share{on: 1}}
		w.does(t, "2026-08", usual(1, 140), server)
		var observed [2]float64
		for i, row := range w.rows {
			for _, e := range row.Sum.Energy {
				observed[i] += float64(e.MWh) / 1e6
			}
		}
		l := is(t, w.report(t, "2026-08", "2026-08"), "E1", observed[0]+observed[1]*tt.times)
		if tt.says != "" && !says(l, tt.says) || (l.Observed != nil) != (tt.times != 1) || math.Abs(*l.Parts[0].Value-observed[0]) > 1e-6 {
			t.Errorf("servers of which %v is covered: %v, observed %v, %+v", tt.servers, *l.Value, l.Observed, l.Notes)
		}
	}
}

// acted are 24 months of two sites of machines of persons, and actions.
func acted(t *testing.T, actions ...collector.Action) *world {
	t.Helper()
	w := newWorld()
	for _, m := range span("2024-09", "2026-08") {
		one := usual(1, 60)
		if m >= "2025-09" {
			one.outside = share{on: 0.05, off: 0.95}
		}
		w.does(t, m, one, usual(2, 60))
	}
	w.actions = actions
	return w
}

func TestActionsOfTheSamePlaceInOtherMonthsAreBothCounted(t *testing.T) {
	first := collector.Action{ID: 1, Organisation: 7, Site: 1, Name: "A", Measure: "other", On: "2025-09-01", BaseFrom: "2025-01", Base: "2025-08", Until: "2025-12-31"}
	second := collector.Action{ID: 2, Organisation: 7, Site: 1, Name: "B", Measure: "other", On: "2026-01-01", BaseFrom: "2025-05", Base: "2025-08"}
	w := acted(t, first, second)
	r := w.report(t, "2025-09", "2026-08")
	if !r.Actions[0].Counted || !r.Actions[1].Counted {
		t.Fatalf("counted %v, %v", r.Actions[0].Counted, r.Actions[1].Counted)
	}
	is(t, r, "E2", r.Actions[0].KWh.Value+r.Actions[1].KWh.Value)
	if slices.ContainsFunc(r.Actions[0].Notes, func(n label.Words) bool { return strings.Contains(n.EN, "Another action") }) {
		t.Errorf("the first ended before the second began: %+v", r.Actions[0].Notes)
	}
	w.actions[0].Until = ""
	r = w.report(t, "2025-09", "2026-08")
	if !r.Actions[0].Counted || r.Actions[1].Counted || !slices.ContainsFunc(r.Actions[0].Notes, func(n label.Words) bool { return strings.Contains(n.EN, "Another action") }) {
		t.Errorf("counted %v, %v: %+v", r.Actions[0].Counted, r.Actions[1].Counted, r.Actions[0].Notes)
	}
}

func TestAnActionThatIsStillToComeIsNoGapInTheSum(t *testing.T) {
	w := acted(
		t, collector.Action{ID: 1, Organisation: 7, Site: 1, Measure: "other", On: "2025-09-01", BaseFrom: "2025-01", Base: "2025-08"},
		collector.Action{ID: 2, Organisation: 7, Site: 2, Measure: "other", On: "2027-09-01", BaseFrom: "2026-09", Base: "2026-10"},
	)
	if l := lineOf(t, w.report(t, "2025-09", "2026-08"), "E2"); l.Value == nil || says(l, "cannot be") {
		t.Errorf("%+v", l.Notes)
	}
	w.actions[1].On, w.actions[1].BaseFrom, w.actions[1].Base = "2026-01-01", "2019-01", "2019-02"
	if l := lineOf(t, w.report(t, "2025-09", "2026-08"), "E2"); l.Value == nil || !says(l, "cannot be") {
		t.Errorf("%+v", l.Notes)
	}
}

func TestWhatSitesThatOpenedUseIsNoSaving(t *testing.T) {
	w := newWorld()
	for _, m := range span("2025-01", "2026-08") {
		w.does(t, m, usual(1, 60))
		if m >= "2026-01" {
			h := usual(2, 180)
			h.watts = 5
			w.does(t, m, h)
		}
	}
	w.actions = []collector.Action{{ID: 1, Organisation: 7, Measure: "sleep-policy", On: "2026-01-01", BaseFrom: "2025-05", Base: "2025-12"}}
	r := w.report(t, "2025-09", "2026-08")
	l := lineOf(t, r, "E2")
	if l.Value == nil || math.Abs(*l.Value) > 1e-6 || l.Representative || l.CoveragePct == nil || *l.CoveragePct != 25 {
		t.Errorf("E2 = %v, covers %v, representative %v", *l.Value, *l.CoveragePct, l.Representative)
	}
	if !slices.ContainsFunc(r.Actions[0].Notes, func(n label.Words) bool { return strings.Contains(n.EN, "75.0%") && strings.Contains(n.FR, "75,0") }) {
		t.Errorf("%+v", r.Actions[0].Notes)
	}
}

func TestMonthsWithoutFiguresAfterAnActionAreSaid(t *testing.T) {
	w := acted(t, collector.Action{ID: 1, Organisation: 7, Site: 1, Measure: "other", On: "2025-09-01", BaseFrom: "2025-01", Base: "2025-08"})
	if r := w.report(t, "2025-09", "2026-08"); says(lineOf(t, r, "E2"), "Nothing is added") {
		t.Errorf("all months are there: %+v", lineOf(t, r, "E2").Notes)
	}
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Month == "2026-01" })
	r := w.report(t, "2025-09", "2026-08")
	if l := lineOf(t, r, "E2"); !l.Representative || !says(l, "Nothing is added") || !slices.ContainsFunc(r.Actions[0].Notes, func(n label.Words) bool { return strings.Contains(n.EN, "11 out of 12") }) {
		t.Errorf("%v, %+v, %+v", l.Representative, l.Notes, r.Actions[0].Notes)
	}
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Month >= "2026-02" })
	if l := lineOf(t, w.report(t, "2025-09", "2026-08"), "E2"); l.Value == nil || l.Representative {
		t.Errorf("four months of twelve are representative: %+v", l)
	}
}

func TestBuildingsAreComparedInTheMonthsThatBothHave(t *testing.T) {
	w := newWorld()
	for _, m := range span("2026-05", "2026-08") {
		w.does(t, m, usual(1, 60))
	}
	w.readings = []collector.Reading{{Organisation: 7, Site: 1, Meter: "m", From: "2025-09-01", To: "2026-08-31", KWh: 1e6}}
	if l := lineOf(t, w.report(t, "2025-09", "2026-08"), "E6"); l.Value == nil || l.Representative || !says(l, "4 out of 12") {
		t.Errorf("%+v", l)
	}
	if l := lineOf(t, w.report(t, "2026-05", "2026-08"), "E6"); l.Value == nil || !l.Representative || says(l, "Months of these") {
		t.Errorf("%+v", l)
	}
}

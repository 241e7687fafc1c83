package label_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/label"
)

// TestUnknownTimeIsNeverOff is the vector of label.md §8.8.
func TestUnknownTimeIsNeverOff(t *testing.T) {
	w := newWorld()
	h := usual(1, 60)
	h.outside = share{off: 7000.0 / 15000, sleep: 2000.0 / 15000, on: 1000.0 / 15000, unknown: 5000.0 / 15000}
	w.does(t, "2026-08", h)
	r := w.report(t, "2026-08", "2026-08")
	u1 := is(t, r, "U1", 70)
	if u1.CoveragePct == nil || *u1.CoveragePct != 66.7 || !u1.Representative || u1.Observed != nil {
		t.Errorf("U1 = %+v", u1)
	}
	is(t, r, "U1.sleep", 20)
	// August 2026 has 21 weekdays and 10 days of weekends.
	is(t, r, "U2", 1.0/15*(21*14+10*24)/31*365.25)
	is(t, r, "U4.on", 0.5*10+14.0/15)
	is(t, r, "U4.sleep", 14*2.0/15)
	is(t, r, "U4.off", 0.5*10+14*7.0/15)
}

// TestEnergyAvoidedIsThatOfTheVector is the vector of label.md §8.8: 10 days of weekends of 1,000 machines.
func TestEnergyAvoidedIsThatOfTheVector(t *testing.T) {
	w := newWorld()
	for _, m := range []collector.Month{"2026-04", "2026-05", "2026-06", "2026-08"} {
		h := usual(1, 1000)
		h.open, h.outside = share{off: 1}, share{on: 10.0 / 24, off: 14.0 / 24}
		if m == "2026-08" {
			h.outside = share{on: 1.0 / 24, off: 23.0 / 24}
		}
		w.does(t, m, h)
	}
	// Nights are the same before and after.
	for i := range w.rows {
		same := w.rows[0].Sum
		for j, e := range w.rows[i].Sum.Energy {
			if e.Part == "night" {
				k := slices.IndexFunc(same.Energy, func(x collector.EnergySum) bool { return x.Part == "night" })
				perHour := float64(same.Energy[k].MWh) / float64(same.Energy[k].CoveredS)
				x := collector.MilliWattHours(math.Round(perHour * float64(e.CoveredS)))
				w.rows[i].Sum.Energy[j].MWh, w.rows[i].Sum.Energy[j].LowMWh, w.rows[i].Sum.Energy[j].HighMWh = x, x, x
			}
		}
	}
	w.actions = []collector.Action{{ID: 1, Organisation: 7, Name: "Veille", Measure: "sleep-policy", On: "2026-07-10", BaseFrom: "2026-04", Base: "2026-06", ExpectedKWh: 30000}}
	r := w.report(t, "2026-08", "2026-08")
	e2 := is(t, r, "E2", 2655)
	if e2.Low == nil || *e2.Low >= 2655 || *e2.High <= 2655 || e2.Quality != label.Low {
		t.Errorf("E2 = %+v", e2)
	}
	is(t, r, "E3", 2655*0.2)
	a := r.Actions[0]
	if a.KWh == nil || math.Abs(a.KWh.Value-2655) > 1e-6 || !a.Counted || a.Missing != nil || *a.ExpectedKWh != 30000 {
		t.Errorf("action %+v", a)
	}
	if want := []label.Span{{Action: "Veille", From: "2026-04", To: "2026-06"}}; !reflect.DeepEqual(r.First.Baselines, want) {
		t.Errorf("baselines %+v", r.First.Baselines)
	}
}

func TestClocksTakeWhatTheVectorSays(t *testing.T) {
	if got := label.Constant(21, 11, 8760); math.Abs(got-2023.56) > 1e-9 {
		t.Error(got)
	}
}

// TestASmallSiteIsNotShownAndCannotBeFound is the vector of label.md §8.8.
func TestASmallSiteIsNotShownAndCannotBeFound(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-08", usual(1, 4), usual(2, 30))
	for site := range int64(2) {
		w.readings = append(w.readings, collector.Reading{Organisation: 7, Site: site + 1, Meter: "m", From: "2026-08-01", To: "2026-08-31", KWh: 10000})
	}
	w.actions = []collector.Action{
		{ID: 1, Organisation: 7, Site: 1, Measure: "other", On: "2026-08-01", BaseFrom: "2026-06", Base: "2026-07"},
		{ID: 2, Organisation: 7, Site: 2, Measure: "other", On: "2026-08-01", BaseFrom: "2026-06", Base: "2026-07"},
	}
	w.does(t, "2026-06", usual(1, 4), usual(2, 30))
	w.does(t, "2026-07", usual(1, 4), usual(2, 30))
	w.equipment = []collector.Equipment{
		{Organisation: 7, Site: 1, Class: "desktop", Bought: "2022-01", As: "new", Count: 4}, {Organisation: 7, Site: 2, Class: "desktop", Bought: "2022-01", As: "new", Count: 30},
	}
	r := w.report(t, "2026-08", "2026-08")
	lacks(t, r, "E6")
	for _, id := range []string{"E2", "E3"} {
		lacks(t, r, id)
	}
	for _, a := range r.Actions {
		if a.KWh != nil || a.Missing == nil {
			t.Errorf("action %d tells of a site that is hidden: %+v", a.ID, a)
		}
	}
	c2 := is(t, r, "C2", 0)
	if *c2.High != 100 {
		t.Errorf("C2 is told of hidden sites: %v to %v", *c2.Low, *c2.High)
	}
	if r.First.Machines != 34 || r.First.Sites != 2 {
		t.Errorf("%d machines, %d sites", r.First.Machines, r.First.Sites)
	}
}

func TestWhatIsHiddenIsMissingAndSaysWhy(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-08", usual(1, 4))
	r := w.report(t, "2026-08", "2026-08")
	if l := lacks(t, r, "E1"); !strings.Contains(l.Missing.EN, "privacy") {
		t.Errorf("E1 is missing since %q", l.Missing.EN)
	}
	if r.First.Hidden != 1 || r.Period.Months != 0 || r.First.Machines != 0 {
		t.Errorf("%+v, %+v", r.First, r.Period)
	}
}

func TestNothingIsExtrapolatedFromLessThan60Percent(t *testing.T) {
	for _, tt := range []struct {
		covered        float64
		times          float64
		representative bool
	}{
		{0.5, 1, false}, {0.599, 1, false}, {0.6, 1 / 0.6, true}, {0.75, 1 / 0.75, true}, {0.899, 1 / 0.899, true}, {0.9, 1, true}, {1, 1, true},
	} {
		w := newWorld()
		h := usual(1, 60)
		h.covered = tt.covered
		w.does(t, "2026-08", h)
		observed := 0.0
		for _, e := range w.rows[0].Sum.Energy {
			observed += float64(e.MWh) / 1e6
		}
		r := w.report(t, "2026-08", "2026-08")
		e1 := is(t, r, "E1", observed*tt.times)
		if e1.Representative != tt.representative || *e1.CoveragePct != math.Round(tt.covered*1000)/10 || (e1.Observed != nil) != (tt.times > 1) {
			t.Errorf("covered %v: %+v", tt.covered, e1)
		}
		if e1.Observed != nil && math.Abs(*e1.Observed-observed) > 1e-9 {
			t.Errorf("covered %v: observed %v, want %v", tt.covered, *e1.Observed, observed)
		}
		carbon := lineOf(t, r, "E4a")
		if carbon.Representative != tt.representative || (carbon.Observed != nil) != (tt.times > 1) {
			t.Errorf("covered %v: %+v", tt.covered, carbon)
		}
		if lineOf(t, r, "E1n").Observed != nil || lineOf(t, r, "U1").Observed != nil {
			t.Errorf("a mean or a share is extrapolated")
		}
		if slices.Contains(r.Weak, "E1") != true { // model-class is of low quality
			t.Errorf("weak %v", r.Weak)
		}
	}
}

func TestOtherDevicesAreAPartThatIsStated(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-08", usual(1, 60))
	plain := *lineOf(t, w.report(t, "2026-08", "2026-08"), "E1").Value
	w.quantities = []collector.Quantity{{ID: 1, Organisation: 7, Name: "other-devices", From: "2026-08", To: "2026-08", Value: 2023.56, Source: "relevé"}}
	e1 := is(t, w.report(t, "2026-08", "2026-08"), "E1", plain+2023.56)
	if n := len(e1.Parts); n != 2 || *e1.Parts[1].Value != 2023.56 || e1.Parts[1].Unit != "kWh" || e1.Status != label.Measured {
		t.Errorf("parts %+v", e1.Parts)
	}
}

func TestEachMachinesSavingIsCountedOnce(t *testing.T) {
	w := madeYear(t)
	base := collector.Action{Organisation: 7, Measure: "other", On: "2026-01-01", BaseFrom: "2025-05", Base: "2025-12"}
	for i, site := range []int64{1, 2, 0, 0} {
		a := base
		a.ID, a.Site, a.Name = int64(i+1), site, string(rune('A'+i))
		if i == 3 {
			a.On = "2026-01-02"
		}
		w.actions = append(w.actions, a)
	}
	r := w.report(t, "2025-09", "2026-08")
	counted := 0
	for _, a := range r.Actions {
		if a.Counted {
			counted++
			is(t, r, "E2", a.KWh.Value)
		}
		if a.Counted != (a.ID == 3) {
			t.Errorf("action %d counted: %v", a.ID, a.Counted)
		}
	}
	if counted != 1 {
		t.Errorf("%d counted", counted)
	}
	w.actions = w.actions[:2]
	r = w.report(t, "2025-09", "2026-08")
	is(t, r, "E2", r.Actions[0].KWh.Value+r.Actions[1].KWh.Value)
}

func TestAnActionThatHasEndedSavesNothingMore(t *testing.T) {
	w := madeYear(t)
	w.actions = []collector.Action{{ID: 1, Organisation: 7, Measure: "other", On: "2026-01-01", BaseFrom: "2025-05", Base: "2025-12", Until: "2026-03-31"}}
	ended := *lineOf(t, w.report(t, "2026-01", "2026-08"), "E2").Value
	w.actions[0].Until = ""
	is(t, w.report(t, "2026-01", "2026-03"), "E2", ended)
}

func TestMeteredSitesAreComparedOnTheSameDays(t *testing.T) {
	w := newWorld()
	for _, m := range span("2026-01", "2026-03") {
		w.does(t, m, usual(1, 60), usual(2, 60))
	}
	// From 17 December to 1 March, 1,000 kWh on each of 75 days: of January and February all, of March one day.
	w.readings = []collector.Reading{
		{Organisation: 7, Site: 1, Meter: "m", From: "2025-12-17", To: "2026-03-01", KWh: 75000},
		{Organisation: 7, Site: 2, Meter: "short", From: "2026-01-01", To: "2026-02-10", KWh: 75000}, // less than 60 percent of the days
	}
	it := 0.0
	for _, row := range w.rows {
		of := map[collector.Month]float64{"2026-01": 1, "2026-02": 1, "2026-03": 1.0 / 31}[row.Month]
		for _, e := range row.Sum.Energy {
			if row.Site == 1 {
				it += float64(e.MWh) / 1e6 * of
			}
		}
	}
	is(t, w.report(t, "2026-01", "2026-03"), "E6", 100*it/60000)
}

func TestSettingsAreToldOfEnoughMachinesOnly(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-08", usual(1, 60))
	w.fleet = &collector.Fleet{Month: "2026-08", Sites: []collector.SiteFleet{
		{Site: 1, SleepAfter: []collector.Count{{Of: "never", Machines: 10}, {Of: "16-30", Machines: 39}, {Of: "", Machines: 20}}, Shared: 8, LowUse: 1},
	}}
	lacks(t, w.report(t, "2026-08", "2026-08"), "U3")
	w.fleet.Sites[0].SleepAfter[0].Machines = 11
	u3 := is(t, w.report(t, "2026-08", "2026-08"), "U3", 22)
	if u3.Decimals != 0 || *u3.CoveragePct != 71 || len(u3.Notes) == 0 {
		t.Errorf("U3 = %+v", u3)
	}
	is(t, w.report(t, "2026-08", "2026-08"), "U5", 13)
	w.fleet.Month = "2026-09"
	lacks(t, w.report(t, "2026-08", "2026-08"), "U3")
	lacks(t, w.report(t, "2026-08", "2026-08"), "U5")
}

func TestAMeanOfADayIsOfOpenDays(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-08", usual(1, 60)) // 21 weekdays
	r := w.report(t, "2026-08", "2026-08")
	is(t, r, "E1n", *lineOf(t, r, "E1").Value/(60*21))
}

func TestTheContractsFactorIsUsedWhereThereIsOne(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-08", usual(1, 60))
	w.factors = []collector.Factor{{Organisation: 7, ID: label.Contract, Value: 10, Low: 8, High: 15, Unit: "gCO2e/kWh", Year: 2026, Source: "contrat"}}
	r := w.report(t, "2026-08", "2026-08")
	e1, e4b := lineOf(t, r, "E1"), is(t, r, "E4b", *lineOf(t, r, "E1").Value/100)
	if math.Abs(*e4b.Low-*e1.Low*8/1000) > 1e-9 || math.Abs(*e4b.High-*e1.High*15/1000) > 1e-9 || *e4b.Parts[0].Value != *e4b.Value {
		t.Errorf("E4b = %v to %v, of %v to %v: %+v", *e4b.Low, *e4b.High, *e1.Low, *e1.High, e4b.Parts)
	}
	if *e1.Parts[0].Value != *e1.Value || e1.Parts[0].Unit != "kWh" {
		t.Errorf("E1 was changed: %+v", e1.Parts)
	}
}

func TestWhatLittleIsCoveredIsNotCompared(t *testing.T) {
	w := newWorld()
	h := usual(1, 60)
	w.does(t, "2026-08", h)
	h.covered = 0.5
	w.does(t, "2025-08", h)
	if e1 := lineOf(t, w.report(t, "2026-08", "2026-08"), "E1"); e1.Previous != nil || e1.Trend != "" || len(e1.Notes) == 0 {
		t.Errorf("E1 = %+v", e1)
	}
	h.covered = 1
	w.rows = w.rows[:1]
	w.does(t, "2025-08", h)
	if e1 := lineOf(t, w.report(t, "2026-08", "2026-08"), "E1"); e1.Previous == nil || e1.Trend != label.Same {
		t.Errorf("E1 = %+v", e1)
	}
}

func TestAnActionOfAGroupIsComparedWithItsGroup(t *testing.T) {
	w := newWorld()
	w.groups = []collector.Group{{ID: 5, Site: 1}, {ID: 6, Site: 1}}
	for _, m := range span("2026-01", "2026-08") {
		changed, other := usual(1, 60), usual(1, 60)
		changed.group, other.group = 5, 6
		if m >= "2026-06" {
			changed.outside = share{off: 1}
		}
		w.does(t, m, changed, other)
	}
	w.actions = []collector.Action{
		{ID: 1, Organisation: 7, Site: 1, Group: 5, Measure: "switch-off", On: "2026-06-01", BaseFrom: "2026-01", Base: "2026-05"},
		{ID: 2, Organisation: 7, Site: 1, Group: 6, Measure: "other", On: "2026-06-01", BaseFrom: "2026-01", Base: "2026-05"},
	}
	r := w.report(t, "2026-06", "2026-08")
	one, two := r.Actions[0], r.Actions[1]
	if one.KWh == nil || two.KWh == nil || one.KWh.Value < 100 || math.Abs(two.KWh.Value) > 1e-6 || !one.Counted || !two.Counted || one.Where != "Lycée A" {
		t.Errorf("%+v, %+v", one.KWh, two.KWh)
	}
	is(t, r, "E2", one.KWh.Value+two.KWh.Value)
}

func TestAnActionThatIsStillToComeIsListed(t *testing.T) {
	w := newWorld()
	w.does(t, "2026-08", usual(1, 60))
	w.actions = []collector.Action{{ID: 1, Organisation: 7, Site: 1, Measure: "other", On: "2027-01-01", BaseFrom: "2026-09", Base: "2026-12"}}
	r := w.report(t, "2026-08", "2026-08")
	if len(r.Actions) != 1 || r.Actions[0].Missing == nil || r.Actions[0].KWh != nil || len(w.asked) != 1 {
		t.Errorf("%+v, %d questions", r.Actions, len(w.asked))
	}
}

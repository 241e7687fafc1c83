package label_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/label"
)

func TestEvidenceAndRemarksStandBesideWhatTheyAreFor(t *testing.T) {
	w := madeYear(t)
	w.evidence = []collector.Evidence{
		{ID: 4, Of: "PA1", Title: "note", Where: "N-12"},
		{ID: 3, Of: "U1", Title: "capture", Where: "https://example.org/gpo"},
		{ID: 5, Of: "U1", Title: "GPO", Where: "N-13"},
		{ID: 6, Of: "action 1", Title: "a"},
		{ID: 7, Of: "step 2", Title: "b"},
	}
	w.remarks = []collector.Remark{{Of: "U2", Text: "Sans objet ici", NotApplicable: true}, {Of: "PA2", Text: "Fait", By: "DSI", On: "2026-01-01"}}
	w.actions = []collector.Action{{ID: 1, Organisation: 7, Measure: "other", On: "2026-01-01", BaseFrom: "2025-05", Base: "2025-12"}}
	w.steps = []collector.Step{{ID: 2, Kind: "charter", On: "2026-08-31", Title: "Charte"}, {ID: 3, Kind: "audit", On: "2026-09-01", Title: "Audit"}}
	r := w.report(t, "2025-09", "2026-08")
	if got := lineOf(t, r, "U1").Evidence; !reflect.DeepEqual(got, []int{1, 3}) {
		t.Errorf("U1 has the evidence %v", got)
	}
	if len(r.Evidence) != 5 || r.Evidence[1].Of != "PA1" || !reflect.DeepEqual(r.Themes[0].Items[0].Evidence, []int{2}) {
		t.Errorf("evidence %+v", r.Evidence)
	}
	if !reflect.DeepEqual(r.Actions[0].Evidence, []int{4}) || len(r.Steps) != 1 || !reflect.DeepEqual(r.Steps[0].Evidence, []int{5}) {
		t.Errorf("actions %+v, steps %+v", r.Actions, r.Steps)
	}
	u2 := lineOf(t, r, "U2")
	if u2.Status != label.NotApplicable || u2.Value != nil || u2.Missing != nil || u2.Remark == nil {
		t.Errorf("U2 = %+v", u2)
	}
	if items := r.Themes[0].Items; items[0].Status != label.Measured || items[1].Remark.By != "DSI" {
		t.Errorf("items %+v", items)
	}
}

func TestAnItemHasTheBestStatusOfItsLines(t *testing.T) {
	w := newWorld()
	w.steps = []collector.Step{{ID: 1, Kind: "charter", On: "2026-01-01", Title: "x"}}
	w.templates[0].Text = templateOf("E1", "U1")
	status := func() (first, second string) {
		items := w.report(t, "2026-01", "2026-01").Themes[0].Items
		return items[0].Status, items[1].Status
	}
	if a, b := status(); a != label.ToComplete || b != label.ToComplete {
		t.Error(a, b)
	}
	w.evidence = []collector.Evidence{{ID: 1, Of: "PA2", Title: "x"}}
	w.remarks = []collector.Remark{{Of: "PA1", NotApplicable: true, Text: "x"}}
	if a, b := status(); a != label.NotApplicable || b != label.Declared {
		t.Error(a, b)
	}
}

func TestALineIsReckonedOnceHoweverManyItemsNameIt(t *testing.T) {
	r := madeYear(t).report(t, "2025-09", "2026-08")
	seen := map[string]int{}
	for _, l := range r.Lines {
		seen[l.ID]++
	}
	for _, id := range lines() {
		if seen[id] != 1 {
			t.Errorf("%s is there %d times", id, seen[id])
		}
	}
	if len(r.Themes[0].Items[1].Lines) != 1 {
		t.Errorf("items %+v", r.Themes[0].Items)
	}
}

func TestALineIsComparedWithAsManyMonthsBefore(t *testing.T) {
	w := madeYear(t)
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Month == "2024-11" })
	r := w.report(t, "2025-09", "2026-08")
	e1 := lineOf(t, r, "E1")
	if e1.Previous != nil || e1.Trend != "" || !slices.ContainsFunc(e1.Notes, func(n label.Words) bool { return strings.Contains(n.EN, "11 in the previous one") }) {
		t.Errorf("E1 = %+v", e1)
	}
	u1 := lineOf(t, r, "U1")
	if u1.Previous == nil || *u1.Previous != 91.7 && *u1.Previous <= 85 || u1.Trend != label.Better {
		t.Errorf("U1 = %v, previous %v, %q", *u1.Value, u1.Previous, u1.Trend)
	}
}

func TestTheNearestTargetThatIsNotOverStandsBesideALine(t *testing.T) {
	w := madeYear(t)
	w.targets = []collector.Target{
		{ID: 1, Indicator: "U1", Value: 95, By: "2030-12"},
		{ID: 2, Indicator: "U1", Value: 90, By: "2026-12"},
		{ID: 3, Indicator: "U1", Value: 80, By: "2025-12"},
		{ID: 4, Indicator: "C1", Value: 80, By: "2025-01"},
		{ID: 5, Indicator: "C1", Value: 70, By: "2024-01"},
		{ID: 6, Indicator: "U2", Site: 1, Value: 1, By: "2027-01"},
		{ID: 7, Indicator: "kwh", Value: 5, By: "2027-01"},
	}
	r := w.report(t, "2025-09", "2026-08")
	if u1 := lineOf(t, r, "U1"); u1.Target == nil || *u1.Target != 90 || u1.TargetBy != "2026-12" {
		t.Errorf("U1 has the target %v", u1.Target)
	}
	if c1 := lineOf(t, r, "C1"); c1.Target == nil || *c1.Target != 80 {
		t.Errorf("C1 has the target %v", c1.Target)
	}
	if u2 := lineOf(t, r, "U2"); u2.Target != nil {
		t.Errorf("U2 has the target of one site: %v", *u2.Target)
	}
	if e1 := lineOf(t, r, "E1"); e1.Target != nil {
		t.Errorf("E1, which has servers in it, has the target of workstations: %v", *e1.Target)
	}
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Use == "server" })
	if e1 := lineOf(t, w.report(t, "2025-09", "2026-08"), "E1"); e1.Target == nil || *e1.Target != 5 {
		t.Errorf("E1 has the target %v", e1.Target)
	}
}

func TestAnotherFactorIsAnotherVersionOfTheMethod(t *testing.T) {
	w := madeYear(t)
	before := w.report(t, "2025-09", "2026-08")
	w.snapshots = []collector.Snapshot{{ID: 1, Method: "0.9.0+00000000"}, {ID: 2, Method: before.MethodVersion}, {ID: 3, Method: "0.9.0+00000000", Simulated: true}}
	if r := w.report(t, "2025-09", "2026-08"); len(r.First.Changes) != 0 || r.MethodVersion != before.MethodVersion {
		t.Errorf("changes %+v", r.First.Changes)
	}
	w.factors = []collector.Factor{{Organisation: 7, ID: "electricity", Value: 30, Low: 25, High: 35, Unit: "gCO2e/kWh", Year: 2025, Source: "x"}}
	r := w.report(t, "2025-09", "2026-08")
	if r.MethodVersion == before.MethodVersion || !strings.HasPrefix(r.MethodVersion, label.Method+"+") || len(r.MethodVersion) != len(label.Method)+9 || len(r.First.Changes) != 1 {
		t.Errorf("%s, then %s: %+v", before.MethodVersion, r.MethodVersion, r.First.Changes)
	}
	e1, e4 := lineOf(t, r, "E1"), lineOf(t, r, "E4a")
	if e4.Previous == nil || *e4.Previous != *e1.Previous*30/1000 {
		t.Errorf("the year before is not reckoned with the same factor: %v", e4.Previous)
	}
}

func TestWhatMustBeReadFirst(t *testing.T) {
	w := madeYear(t)
	r := w.report(t, "2025-09", "2026-10")
	f := r.First
	if f.Machines != 122 || f.Inventory != 150 || f.Sites != 2 || f.SitesOf != 2 || *f.ObservedPct != 100 || f.Hidden != 0 {
		t.Errorf("%+v", f)
	}
	if r.CoveragePct == nil || *r.CoveragePct != 69.7 { // 122 of 150 machines, in 12 months of 14
		t.Errorf("coverage %v", r.CoveragePct)
	}
	said := ""
	for _, l := range f.Limits {
		if l.FR == "" || l.EN == "" || strings.Contains(l.FR, "'") || strings.Contains(l.FR, "%!") || strings.Contains(l.EN, "%!") {
			t.Errorf("limit %+v", l)
		}
		said += l.EN + "\n"
	}
	for _, want := range []string{"not readings of a building’s meter", "never counted as off", "two organisations", "RCP", "fewer than 5", "2 of 14"} {
		if !strings.Contains(said, want) {
			t.Errorf("the limits do not say %q:\n%s", want, said)
		}
	}
	if len(r.Inventory) != 3 || r.Inventory[0].Class != "notebook" || r.Inventory[0].Count != 60 || r.Inventory[0].InStock != 5 || r.Inventory[0].Reused != 60 {
		t.Errorf("inventory %+v", r.Inventory)
	}
	if want := []label.Price{{From: "2020-01", EuroPerKWh: 0.1, Tax: "excluded"}, {From: "2024-01", EuroPerKWh: 0.2, Tax: "excluded"}}; !reflect.DeepEqual(r.Prices, want) {
		t.Errorf("prices %+v", r.Prices)
	}
	w.equipment = nil
	r = w.report(t, "2025-09", "2026-08")
	if *r.CoveragePct != 100 || !slices.ContainsFunc(r.First.Limits, func(l label.Words) bool { return strings.Contains(l.EN, "Without an inventory") }) {
		t.Errorf("coverage %v, limits %+v", *r.CoveragePct, r.First.Limits)
	}
}

// words are all texts of a report in both languages.
func words(of reflect.Value) (all []label.Words) {
	switch of.Kind() {
	case reflect.Struct:
		if w, ok := reflect.TypeAssert[label.Words](of); ok {
			return []label.Words{w}
		}
		for _, field := range of.Fields() {
			all = append(all, words(field)...)
		}
	case reflect.Slice:
		for i := range of.Len() {
			all = append(all, words(of.Index(i))...)
		}
	case reflect.Pointer:
		if !of.IsNil() {
			return words(of.Elem())
		}
	default:
	}
	return all
}

func TestAllTemplatesAreFilledInWithWordsOfBothLanguages(t *testing.T) {
	catalogue, err := label.Indicators()
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, len(catalogue))
	for i, x := range catalogue {
		ids[i] = x.ID
	}
	full, hidden, small := madeYear(t), newWorld(), newWorld()
	full.actions = []collector.Action{{ID: 1, Organisation: 7, Name: "A", Measure: "other", On: "2026-01-01", BaseFrom: "2025-05", Base: "2025-12"}}
	full.readings = []collector.Reading{{Organisation: 7, Site: 1, Meter: "m", From: "2025-09-01", To: "2026-08-31", KWh: 1e5}}
	hidden.does(t, "2026-08", usual(1, 3))
	small.does(t, "2026-07", habit{site: 1, class: "desktop", use: "shared", machines: 12, watts: 40, method: "rapl", covered: 0.7, open: share{on: 0.6, unknown: 0.4}, outside: share{unknown: 0.5, off: 0.5}})
	small.fleet = &collector.Fleet{Month: "2026-07", Sites: []collector.SiteFleet{{Site: 1, Shared: 12, LowUse: 3}}}
	small.snapshots = []collector.Snapshot{{ID: 1, Method: "0.1.0+00000000"}}
	for _, w := range []*world{full, hidden, small} {
		w.templates[0].Text = templateOf(ids...)
		r := w.report(t, "2025-09", "2026-08")
		if len(r.Lines) != len(ids) {
			t.Errorf("%d lines of %d", len(r.Lines), len(ids))
		}
		for _, l := range r.Lines {
			if l.Missing != nil && strings.Contains(l.Missing.EN, "cannot reckon") {
				t.Errorf("nothing reckons %s", l.ID)
			}
			if (l.Value == nil) != (l.Missing != nil) || l.Value != nil && l.Obtained.FR == "" {
				t.Errorf("%s: %v, missing %v, obtained %v", l.ID, l.Value, l.Missing, l.Obtained)
			}
		}
		for _, x := range words(reflect.ValueOf(r)) {
			wrong := slices.ContainsFunc([]string{" :", " ;", " ?", " %", "'", "%!", "« "}, func(bad string) bool { return strings.Contains(x.FR, bad) })
			if wrong || strings.Contains(x.EN, "%!") || (x.FR == "") != (x.EN == "") {
				t.Errorf("%+v", x)
			}
		}
	}
}

package label_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/label"
	"veille/collector/privacy"
)

// madeYear has two years of machines of persons, shared ones and servers.
func madeYear(t testing.TB) *world {
	w := newWorld()
	for _, m := range span("2024-09", "2026-08") {
		shared := habit{
			site: 1, class: "desktop", use: "shared", machines: 20, watts: 60, method: "rapl+model", covered: 1,
			open: share{on: 0.3, off: 0.7}, outside: share{off: 1}, cpuMs: 4000, sent: 1000,
		}
		server := habit{
			site: 2, class: "server", use: "server", machines: 2, watts: 150, method: "plug", covered: 1,
			open: share{on: 1}, outside: share{on: 1}, cpuMs: 8000, sent: 3000,
		}
		a, b := usual(1, 60), usual(2, 40)
		if m >= "2026-01" {
			a.outside, b.outside = share{on: 0.02, off: 0.98}, share{on: 0.02, off: 0.98}
		}
		w.does(t, m, a, b, shared, server)
	}
	w.equipment = []collector.Equipment{
		{Organisation: 7, Site: 1, Class: "desktop", Bought: "2022-01", As: "new", Count: 90},
		{Organisation: 7, Site: 2, Class: "notebook", Bought: "2023-01", As: "refurbished", Count: 60},
		{Organisation: 7, Site: 2, Class: "monitor", Bought: "2022-01", As: "new", Count: 100},
		{Organisation: 7, Site: 2, Class: "notebook", As: "new", Count: 5, State: "stock"},
	}
	return w
}

func TestTheEnergyOfAYearIsThatOfItsRows(t *testing.T) {
	w := madeYear(t)
	r := w.report(t, "2025-09", "2026-08")
	want := 0.0
	for _, row := range w.rows {
		if row.Month < "2025-09" {
			continue
		}
		for _, e := range row.Sum.Energy {
			want += float64(e.MWh) / 1e6
		}
	}
	e1 := is(t, r, "E1", want)
	if e1.Status != label.Measured || !e1.Representative || e1.Observed != nil || *e1.CoveragePct != 100 || *e1.Low >= want || *e1.High <= want {
		t.Errorf("E1 = %+v", e1)
	}
	if e1.Previous == nil || e1.Trend != label.Same && e1.Trend != label.Better {
		t.Errorf("previous %v, trend %q", e1.Previous, e1.Trend)
	}
	if got := []string{"plug", "rapl+model", "model-class"}; !reflect.DeepEqual(e1.Methods, got) {
		t.Errorf("methods %v", e1.Methods)
	}
	i := slices.IndexFunc(r.Factors, func(f label.Factor) bool { return f.ID == "electricity" })
	is(t, r, "E4a", want*r.Factors[i].Value/1000)
	lacks(t, r, "E4b")
	if r.Period != (label.Period{From: "2025-09", To: "2026-08", Months: 12, Of: 12}) || r.Previous != (label.Period{From: "2024-09", To: "2025-08", Months: 12, Of: 12}) {
		t.Errorf("period %+v, previous %+v", r.Period, r.Previous)
	}
	is(t, r, "C1", 81.3) // 122 of 150
	is(t, r, "C2", 50)   // 80 of 90, and 42 of 60
	is(t, r, "C3", 100)
	is(t, r, "C5.cpu", (20*4.0+2*8)/22)
	is(t, r, "C5.bytes", (20*1.0+2*3)/22*365.25)
}

func TestTheQualityOfEnergyAddsUp(t *testing.T) {
	r := madeYear(t).report(t, "2025-09", "2026-08")
	high, medium, low := *lineOf(t, r, "C4.high").Value, *lineOf(t, r, "C4.medium").Value, *lineOf(t, r, "C4.low").Value
	if math.Abs(high+medium+low-100) > 0.15 || high == 0 || medium == 0 || low == 0 {
		t.Errorf("high %v, medium %v, low %v", high, medium, low)
	}
	if r.Quality != (label.Quality{HighPct: high, MediumPct: medium, LowPct: low}) {
		t.Errorf("quality %+v", r.Quality)
	}
}

func TestMachinesOfPersonsCountByTheWeakestMethodOfTheirSite(t *testing.T) {
	w := newWorld()
	metered, a, b := usual(1, 30), usual(1, 30), usual(2, 60)
	metered.class, metered.method = "notebook", "battery"
	b.method = "rapl"
	w.does(t, "2026-08", metered, a, b)
	r := w.report(t, "2026-08", "2026-08")
	is(t, r, "C4.high", 0)
	is(t, r, "C4.medium", 50)
	is(t, r, "C4.low", 50)
}

func TestAReportSaysTheSameTwice(t *testing.T) {
	one, two := madeYear(t), madeYear(t)
	for _, w := range []*world{one, two} {
		w.actions = []collector.Action{
			{ID: 2, Organisation: 7, Site: 1, Name: "B", Measure: "other", On: "2026-01-01", BaseFrom: "2025-05", Base: "2025-12"},
			{ID: 1, Organisation: 7, Name: "A", Measure: "sleep-policy", On: "2026-01-01", BaseFrom: "2025-05", Base: "2025-12"},
		}
		w.evidence = []collector.Evidence{{ID: 1, Of: "U1", Title: "a"}, {ID: 2, Of: "E1", Title: "b"}}
		w.steps = []collector.Step{{ID: 1, On: "2026-01-01", Kind: "charter", Title: "x"}, {ID: 2, On: "2025-01-01", Kind: "lead", Title: "y"}}
	}
	random := rand.New(rand.NewPCG(1, 2))
	random.Shuffle(len(two.rows), func(i, j int) { two.rows[i], two.rows[j] = two.rows[j], two.rows[i] })
	slices.Reverse(two.actions)
	slices.Reverse(two.evidence)
	slices.Reverse(two.steps)
	slices.Reverse(two.prices)
	a, err := json.Marshal(one.report(t, "2025-09", "2026-08"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(two.report(t, "2025-09", "2026-08"))
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Errorf("%s\n%s", a, b)
	}
}

func TestOnlyThoseWhoSeeAllOfAnOrganisationGetItsReport(t *testing.T) {
	w := madeYear(t)
	for name, tt := range map[string]struct {
		who  *collector.User
		want error
	}{
		"officer":                {officer(), nil},
		"reader":                 {&collector.User{Organisation: 7, Roles: []collector.Role{collector.RoleReader}}, nil},
		"web":                    {&collector.User{Organisation: 7, Roles: []collector.Role{collector.RoleWeb}}, privacy.ErrRole},
		"of one site":            {&collector.User{Organisation: 7, Site: 1, Roles: []collector.Role{collector.RoleOfficer}}, privacy.ErrRole},
		"removed":                {&collector.User{Organisation: 7, RemovedOn: "2026-01-01", Roles: []collector.Role{collector.RoleOfficer}}, privacy.ErrRole},
		"the public":             {nil, privacy.ErrRole},
		"another organisation's": {&collector.User{Organisation: 6, Roles: []collector.Role{collector.RoleOfficer}}, collector.ErrNotFound},
	} {
		_, err := w.maker().Make(t.Context(), tt.who, label.Request{Organisation: 7, Template: "mine", From: "2025-09", To: "2026-08"})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestAPeriodIsOfUpTo36MonthsInOrder(t *testing.T) {
	w := madeYear(t)
	for _, tt := range []struct {
		from, to collector.Month
		want     error
	}{
		{"2026-01", "2025-12", label.ErrPeriod},
		{"2026-13", "2026-14", label.ErrPeriod},
		{"", "", label.ErrPeriod},
		{"2026-01-01", "2026-02", label.ErrPeriod},
		{"2023-08", "2026-08", label.ErrPeriod},
		{"0001-01", "0001-02", label.ErrPeriod},
		{"9999-12", "9999-12", label.ErrPeriod},
		{"2023-09", "2026-08", nil},
		{"2026-08", "2026-08", nil},
	} {
		_, err := w.maker().Make(t.Context(), officer(), label.Request{Organisation: 7, Template: "mine", From: tt.from, To: tt.to})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s to %s: %v, want %v", tt.from, tt.to, err, tt.want)
		}
	}
}

func TestATemplateThatIsNotThereIsNamedWithThoseThatAre(t *testing.T) {
	_, err := madeYear(t).maker().Make(t.Context(), officer(), label.Request{Organisation: 7, Template: "yours", From: "2025-09", To: "2026-08"})
	if !errors.Is(err, label.ErrTemplate) || !strings.Contains(err.Error(), "mine") || !strings.Contains(err.Error(), "lnr-2019") {
		t.Error(err)
	}
}

func TestAPeriodWithoutDataSaysWhichMonthsHaveSome(t *testing.T) {
	w := madeYear(t)
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Month == "2025-03" })
	_, err := w.maker().Make(t.Context(), officer(), label.Request{Organisation: 7, Template: "mine", From: "2019-01", To: "2019-12"})
	if !errors.Is(err, label.ErrNothing) || !strings.Contains(err.Error(), "2024-09 to 2025-02, 2025-04 to 2026-08") {
		t.Error(err)
	}
	_, err = newWorld().maker().Make(t.Context(), officer(), label.Request{Organisation: 7, Template: "mine", From: "2019-01", To: "2019-12"})
	if !errors.Is(err, label.ErrNothing) || !strings.Contains(err.Error(), "no month") {
		t.Error(err)
	}
}

func TestWhatWasStatedOfAPeriodIsEnoughForAReport(t *testing.T) {
	w := newWorld()
	w.quantities = []collector.Quantity{{ID: 1, Organisation: 7, Name: "moved", From: "2026-01", To: "2026-06", Value: 300}}
	r := w.report(t, "2026-01", "2026-12")
	for _, l := range r.Lines {
		if l.ID != "E5" {
			lacks(t, r, l.ID)
		}
	}
	if e5 := is(t, r, "E5", 300); e5.Status != label.Declared {
		t.Errorf("E5 is %s", e5.Status)
	}
	if !slices.Contains(r.Weak, "E5") || r.CoveragePct != nil {
		t.Errorf("weak %v, coverage %v", r.Weak, r.CoveragePct)
	}
}

func TestSimulatedMachinesAreToldWhereThereAreNoRealOnes(t *testing.T) {
	w := newWorld()
	h := usual(1, 30)
	h.simulated = true
	w.does(t, "2026-07", h)
	r := w.report(t, "2026-07", "2026-07")
	if !r.Simulated || lineOf(t, r, "E1").Value == nil || !slices.ContainsFunc(r.First.Limits, func(l label.Words) bool { return strings.Contains(l.EN, "simulated") }) {
		t.Errorf("simulated %v, limits %v", r.Simulated, r.First.Limits)
	}
	h.simulated = false
	w.does(t, "2026-06", h)
	if _, err := w.maker().Make(t.Context(), officer(), reportOf("2026-07", "2026-07")); !errors.Is(err, label.ErrNothing) {
		t.Errorf("simulated machines are told beside real ones: %v", err)
	}
}

func TestOneQuestionIsAskedForEachPlace(t *testing.T) {
	w := madeYear(t)
	w.groups = []collector.Group{{ID: 5, Site: 1}}
	for i := range 4 {
		w.actions = append(w.actions, collector.Action{ID: int64(i + 1), Organisation: 7, Site: int64(i % 2), Measure: "other", On: "2026-01-01", BaseFrom: "2023-05", Base: "2025-12"})
	}
	w.report(t, "2025-09", "2026-08")
	if len(w.asked) != 2 {
		t.Errorf("%d questions: %+v", len(w.asked), w.asked)
	}
}

// TestNoLineWithoutDataHasAValue makes reports of organisations that lack this and that.
func TestNoLineWithoutDataHasAValue(t *testing.T) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 9))
		w := newWorld()
		w.steps = []collector.Step{{ID: 1, Organisation: 7, Kind: "charter", On: "2026-03-02", Title: "x"}}
		personal, servers, energy := random.IntN(3) > 0, random.IntN(3) == 0, random.IntN(3) > 0
		for _, m := range span("2026-01", "2026-04") {
			h := usual(1, 3+random.IntN(60))
			if !energy {
				h.covered = 0
			}
			if personal {
				w.does(t, m, h)
			}
			if servers {
				w.does(t, m, habit{site: 2, class: "server", use: "server", machines: 1, watts: 100, method: "plug", covered: h.covered, open: share{unknown: 1}, outside: share{on: 1}})
			}
		}
		if random.IntN(2) == 0 {
			w.prices = nil
		}
		w.actions = []collector.Action{{ID: 1, Organisation: 7, Measure: "other", On: "2026-03-01", BaseFrom: "2026-01", Base: "2026-02"}}
		r := w.report(t, "2026-03", "2026-04")
		for _, l := range r.Lines {
			if l.Value == nil {
				lacks(t, r, l.ID)
				continue
			}
			machines := personal || servers
			if !machines || l.Status == label.ToComplete || math.IsNaN(*l.Value) || math.IsInf(*l.Value, 0) {
				t.Errorf("seed %d: %s = %v, %s", seed, l.ID, *l.Value, l.Status)
			}
			if l.Low != nil && *l.Low > *l.Value || l.High != nil && *l.High < *l.Value {
				t.Errorf("seed %d: %s = %v, from %v to %v", seed, l.ID, *l.Value, *l.Low, *l.High)
			}
			if !energy && strings.HasPrefix(l.ID, "E") || w.prices == nil && l.ID == "E3" {
				t.Errorf("seed %d: %s = %v of nothing", seed, l.ID, *l.Value)
			}
		}
	}
}

func TestALineSaysTheSameInEachTemplate(t *testing.T) {
	w := madeYear(t)
	shipped, err := label.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	want, found := lineOf(t, w.report(t, "2025-09", "2026-08"), "U1"), 0
	for id := range shipped {
		q := reportOf("2025-09", "2026-08")
		q.Template = id
		r, err := w.maker().Make(t.Context(), officer(), q)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if r.Template != id || len(r.Themes) == 0 {
			t.Errorf("%s: %s with %d themes", id, r.Template, len(r.Themes))
		}
		for _, l := range r.Lines {
			if l.ID == "U1" {
				found++
				if !reflect.DeepEqual(l, want) {
					t.Errorf("%s: U1 = %+v, want %+v", id, l, want)
				}
			}
		}
		sealed, text, err := label.Seal(r)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if again, err := label.Open(text); err != nil || again.SHA256 != sealed.SHA256 {
			t.Errorf("%s: a sealed report is not opened: %v", id, err)
		}
	}
	if found < 2 {
		t.Errorf("U1 is in %d templates", found)
	}
}

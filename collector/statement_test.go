package collector_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"testing"

	"veille/collector"
)

// checked are values of one kind that may be said, and values that may not, each beside a word of why.
type checked struct {
	good []valid
	bad  map[string]valid
}

// refused are copies of x, each with one thing changed, by a word that its error has.
func refused[T valid](x T, changes map[string]func(*T)) map[string]valid {
	all := map[string]valid{}
	for why, change := range changes {
		y := x
		change(&y)
		all[why] = y
	}
	return all
}

// check tries all of them.
func check(t *testing.T, all map[string]checked) {
	t.Helper()
	for kind, x := range all {
		for _, good := range x.good {
			if err := good.Validate(); err != nil {
				t.Errorf("%s: %+v is refused: %v", kind, good, err)
			}
		}
		for why, bad := range x.bad {
			why, _, _ = strings.Cut(why, " #") // that says what differs where two have the same reason
			if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%s: %.300v: %v; want %q", kind, fmt.Sprintf("%+v", bad), err, why)
			}
		}
	}
}

func TestWhatIsStatedIsTakenWhereItMayBeAndRefusedWithAReason(t *testing.T) {
	type (
		quantity = collector.Quantity
		step     = collector.Step
		reading  = collector.Reading
	)
	q := quantity{Name: "staff", From: "2025-09", To: "2026-08", Value: 1200, Source: "bilan social", Owner: "DRH", Note: "ETP"}
	s := step{Kind: "charter", On: "2026-01-31", Title: "Charte", Owner: "DSI"}
	r := reading{Meter: "PDL 14", From: "2025-01-01", To: "2025-12-31", KWh: 12000.5, Source: "releves.csv"}
	check(t, map[string]checked{
		"a quantity": {
			values(changed(q, func(*quantity) {}, func(q *quantity) { q.Value, q.To = 0, q.From }, func(q *quantity) { q.Name, q.Value = "weee", 0.5 }, func(q *quantity) { q.Source, q.Owner, q.Note = "", "", "" })),
			refused(q, map[string]func(*quantity){
				"none of staff, pupils": func(q *quantity) { q.Name = "trees" },
				"before the first":      func(q *quantity) { q.To = "2025-08" },
				"not a month":           func(q *quantity) { q.From = "2025-13" },
				"not a month #":         func(q *quantity) { q.To = "" },
				"not from 1990":         func(q *quantity) { q.To = "2201-01" },
				"not a whole number":    func(q *quantity) { q.Value = 0.5 },
				"not a number from 0":   func(q *quantity) { q.Value = -1 },
				"not a number #much":    func(q *quantity) { q.Value = 1.1e12 },
				"not a number #NaN":     func(q *quantity) { q.Value = math.NaN() },
				"not a number #Inf":     func(q *quantity) { q.Value = math.Inf(1) },
				"the source":            func(q *quantity) { q.Source = "two\nlines" },
				"the owner":             func(q *quantity) { q.Owner = strings.Repeat("x", 301) },
				"direction of writing":  func(q *quantity) { q.Note = "a\u202eb" },
			}),
		},
		"a step": {
			values(changed(s, func(*step) {}, func(s *step) { s.Kind, s.Owner, s.Note = "renewal", "", "n" })),
			refused(s, map[string]func(*step){
				"none of charter": func(s *step) { s.Kind = "party" }, "not a date": func(s *step) { s.On = "2026-02-30" }, "not a date #empty": func(s *step) { s.On = "" },
				"title is missing": func(s *step) { s.Title = " " }, "the note": func(s *step) { s.Note = "\x07" }, "not from 1990": func(s *step) { s.On = "1989-12-31" },
			}),
		},
		"a reading": {
			values(changed(r, func(*reading) {}, func(r *reading) { r.To = r.From }, func(r *reading) { r.KWh, r.Source = 0, "" }, func(r *reading) { r.From, r.To = "2024-01-01", "2027-01-04" })),
			refused(r, map[string]func(*reading){
				"are 1101 days": func(r *reading) { r.From, r.To = "2024-01-01", "2027-01-05" }, "before the first": func(r *reading) { r.To = "2024-12-31" },
				"kWh are not": func(r *reading) { r.KWh = -0.1 }, "kWh are not #NaN": func(r *reading) { r.KWh = math.NaN() }, "the meter is missing": func(r *reading) { r.Meter = "" },
				"not a date": func(r *reading) { r.From = "01/01/2025" }, "the source": func(r *reading) { r.Source = "\xff" },
			}),
		},
	})
}

func TestEvidenceAndRemarksAreOfSomethingThatAReportHas(t *testing.T) {
	for of, want := range map[string]bool{
		"U1": true, "L1.age": true, "E4a": true, "PA10.3": true, "T4.2": true, "R1.2.a": true, "action 3": true, "step 2": true, "U1.time-form": true,
		"": false, "u1": false, "U": false, "trees": false, "action 0": false, "action 03": false, "action": false, "action  3": false, "step -1": false, "U1 ": false, "U1\n": false, "U1.": false,
		"target 3": false, "PA10.3'": false, "action 1234567890123456789": false, "U1.é": false,
	} {
		for _, x := range []valid{
			collector.Evidence{Of: of, Title: "t", Where: "w"}, collector.Remark{Of: of, Text: "t"},
		} {
			if err := x.Validate(); (err == nil) != want {
				t.Errorf("%T of %q: %v; want it taken: %t", x, of, err, want)
			}
		}
	}
}

func TestEvidenceIsAtAnAddressOfTheWebOrHasAReference(t *testing.T) {
	type evidence = collector.Evidence
	e := evidence{Of: "U1", Title: "Charte signée", Where: "https://example.org/charte.pdf?v=2", On: "2026-01-31", SHA256: strings.Repeat("0a", 32)}
	check(t, map[string]checked{"evidence": {
		values(changed(e, func(*evidence) {}, func(e *evidence) { e.On, e.SHA256 = "", "" }, func(e *evidence) { e.Where = "GED : 2026/041" }, func(e *evidence) { e.Where = `\\serveur\charte.pdf` })),
		refused(e, map[string]func(*evidence){
			"no address": func(e *evidence) { e.Where = "ftp://example.org/a" }, "no address #host": func(e *evidence) { e.Where = "https:///a" }, "no password": func(e *evidence) { e.Where = "https://anne:secret@example.org/" },
			"no address #file": func(e *evidence) { e.Where = "file://server/a" }, "no address #port": func(e *evidence) { e.Where = "https://:443/a" }, "where it is is missing": func(e *evidence) { e.Where = "" }, "where it is is not": func(e *evidence) { e.Where = "a\nb" },
			"title is missing": func(e *evidence) { e.Title = "" }, "not a date": func(e *evidence) { e.On = "31/01/2026" }, "SHA-256": func(e *evidence) { e.SHA256 = strings.Repeat("0A", 32) },
			"SHA-256 #short": func(e *evidence) { e.SHA256 = "0a" }, "the note": func(e *evidence) { e.Note = "a\tb" },
		}),
	}})
	for where, want := range map[string]bool{"https://example.org/a": true, "http://[::1]/": true, "javascript:alert(1)": false, "GED : 2026/041": false, "//example.org/a": false, "": false, "%": false} {
		if link := (evidence{Where: where}).Link(); (link != "") != want || want && link != where {
			t.Errorf("the link of %q is %q", where, link)
		}
	}
}

func TestARemarkSaysSomethingAndWhoStandsForItOnWhichDate(t *testing.T) {
	type remark = collector.Remark
	r := remark{Of: "U1", Text: "Les salles sont éteintes\nle soir.", By: "DGS", On: "2026-10-01"}
	check(t, map[string]checked{"a remark": {
		values(changed(r, func(*remark) {}, func(r *remark) { r.By, r.On = "", "" }, func(r *remark) { r.NotApplicable = true }, func(r *remark) { r.Text = "" },
			func(r *remark) { r.Text = strings.Repeat("é", collector.MaxRemark/2) }, func(r *remark) { r.Text = "عقد \u200c" })),
		refused(r, map[string]func(*remark){
			"says why": func(r *remark) { r.NotApplicable, r.Text = true, " \n" }, "text is missing": func(r *remark) { r.Text, r.By, r.On = "", "", "" }, "together": func(r *remark) { r.On = "" },
			"together #by": func(r *remark) { r.By = "" }, "4001 bytes": func(r *remark) { r.Text = strings.Repeat("x", collector.MaxRemark+1) }, "control character": func(r *remark) { r.Text = "a\r\nb" },
			"control character #esc": func(r *remark) { r.Text = "\x1b[2J" }, "direction of writing": func(r *remark) { r.Text = "a\u2066b" }, "not in UTF-8": func(r *remark) { r.Text = "\xff" },
			"the function": func(r *remark) { r.By = "a\nb" }, "not a date": func(r *remark) { r.On = "2026" },
		}),
	}})
}

func TestAGridHasEachCriterionOnce(t *testing.T) {
	type grid = collector.Grid
	of := func(all ...string) (criteria []collector.Criterion) {
		for _, id := range all {
			criteria = append(criteria, collector.Criterion{ID: id, Priority: "moderate", Status: "to-assess"})
		}
		return criteria
	}
	var many []string
	for i := range 79 {
		many = append(many, fmt.Sprintf("%d.%d", 1+i/10, 1+i%10))
	}
	g := grid{On: "2026-05-05", Source: "declaration.csv", Criteria: of("1.1", "6.3", "9.10")}
	check(t, map[string]checked{"a grid": {
		values(changed(g, func(*grid) {}, func(g *grid) { g.Criteria, g.Source = of(many[:78]...), "" })),
		refused(g, map[string]func(*grid){
			"0 criteria": func(g *grid) { g.Criteria = nil }, "79 criteria": func(g *grid) { g.Criteria = of(many...) }, "6.3 is there twice": func(g *grid) { g.Criteria = of("6.3", "1.1", "6.3") },
			"not named": func(g *grid) { g.Criteria = of("6") }, "not named #0": func(g *grid) { g.Criteria = of("6.03") }, "not named #theme": func(g *grid) { g.Criteria = of("10.1") },
			"priority": func(g *grid) {
				g.Criteria = []collector.Criterion{{ID: "6.3", Priority: "Prioritaire", Status: "validated"}}
			},
			"status":     func(g *grid) { g.Criteria = []collector.Criterion{{ID: "6.3", Priority: "priority", Status: "ok"}} },
			"not a date": func(g *grid) { g.On = "" }, "the source": func(g *grid) { g.Source = "\n" },
		}),
	}})
}

func TestWhatIsFrozenIsAsItsHashSays(t *testing.T) {
	type (
		template = collector.Template
		snapshot = collector.Snapshot
		baseline = collector.Baseline
	)
	hash := strings.Repeat("0f", 32)
	x := template{ID: "lnr-2022", Version: "2", Text: "id: lnr-2022\n\ttitle: é\r\n", AddedOn: "2026-10-01"}
	s := snapshot{Template: "reen", From: "2025-09", To: "2026-08", MadeOn: "2026-10-01", Method: "1.0.0 / base 23.4", SHA256: hash, JSON: []byte(`{"sha256":"` + hash + `"}`)}
	text := []byte(`{"form":1}`)
	sum := sha256.Sum256(text)
	b := baseline{Action: 1, KeptOn: "2026-10-01", SHA256: hex.EncodeToString(sum[:]), JSON: text}
	check(t, map[string]checked{
		"a template": {
			values(changed(x, func(*template) {}, func(x *template) { x.Text = strings.Repeat("x", collector.MaxTemplate) })),
			refused(x, map[string]func(*template){
				"not named": func(x *template) { x.ID = "LNR 2022" }, "not named #long": func(x *template) { x.ID = strings.Repeat("x", 41) }, "not named #path": func(x *template) { x.ID = "../a" }, "version is missing": func(x *template) { x.Version = "" },
				"template is missing": func(x *template) { x.Text = "" }, "262145 bytes": func(x *template) { x.Text = strings.Repeat("x", collector.MaxTemplate+1) }, "control character": func(x *template) { x.Text = "a\x00" },
				"not a date": func(x *template) { x.AddedOn = "" },
			}),
		},
		"a snapshot": {
			values(changed(s, func(*snapshot) {}, func(s *snapshot) { s.From, s.Simulated = "2023-09", true })),
			refused(s, map[string]func(*snapshot){
				"not named": func(s *snapshot) { s.Template = "" }, "before the first": func(s *snapshot) { s.To = "2025-08" }, "more than 36": func(s *snapshot) { s.From = "2023-08" }, "SHA-256": func(s *snapshot) { s.SHA256 = "" },
				"its own SHA-256": func(s *snapshot) { s.JSON = []byte("{}") }, "its own SHA-256 #nil": func(s *snapshot) { s.JSON = nil }, "not JSON": func(s *snapshot) { s.JSON = []byte(hash + "}") },
				"method is missing": func(s *snapshot) { s.Method = "" }, "not a date": func(s *snapshot) { s.MadeOn = "today" },
				"and may have": func(s *snapshot) { s.JSON = []byte(`"` + hash + strings.Repeat(" ", collector.MaxFrozen) + `"`) },
			}),
		},
		"a baseline": {
			values(changed(b, func(*baseline) {})),
			refused(b, map[string]func(*baseline){
				"not that of the baseline": func(b *baseline) { b.JSON = []byte(`{"form":2}`) }, "not that of #": func(b *baseline) { b.SHA256 = strings.ToUpper(b.SHA256) }, "not JSON": func(b *baseline) { b.JSON = nil },
				"not a date": func(b *baseline) { b.KeptOn = "" },
			}),
		},
	})
}

func TestWhatTheLabelReportAddsToTheBooksIsTakenWhereItMayBe(t *testing.T) {
	type (
		equipment = collector.Equipment
		action    = collector.Action
		target    = collector.Target
	)
	e := equipment{Class: "notebook", Bought: "2019-09", As: "new", Count: 3, State: "retired", Ecolabel: true, Left: "2025-07", To: "reuse-outside"}
	a := action{Name: "sleep", Measure: "sleep-policy", On: "2026-03-01", BaseFrom: "2025-03", Base: "2026-02", Until: "2026-03-01", ExpectedKWh: 5000, Serves: "U1"}
	g := target{Indicator: "U1", Value: 90, By: "2030-12"}
	check(t, map[string]checked{
		"equipment": {
			values(changed(e, func(*equipment) {}, func(e *equipment) { e.Left, e.To = "", "" }, func(e *equipment) { e.Bought = "" }, func(e *equipment) { e.Left = e.Bought }, func(e *equipment) { e.State, e.Left, e.To = "stock", "", "" },
				func(e *equipment) { e.State, e.Left, e.To = "", "", "" }, func(e *equipment) { e.State, e.Left, e.To = "in-service", "", "" })),
			refused(e, map[string]func(*equipment){
				"state": func(e *equipment) { e.State = "lost" }, "only retired": func(e *equipment) { e.State = "" }, "only retired #to": func(e *equipment) { e.State, e.Left = "stock", "" }, "none of reuse-inside": func(e *equipment) { e.To = "the moon" },
				"before the purchase": func(e *equipment) { e.Left = "2019-08" }, "not a month": func(e *equipment) { e.Left = "2025" },
			}),
		},
		"an action": {
			values(changed(a, func(*action) {}, func(a *action) { a.Until, a.ExpectedKWh, a.Serves = "", 0, "" }, func(a *action) { a.Until, a.ExpectedKWh, a.Serves = "2030-01-01", 1e12, "L1.age" })),
			refused(a, map[string]func(*action){
				"before the first": func(a *action) { a.Until = "2026-02-28" }, "not a date": func(a *action) { a.Until = "2030" }, "expected gain": func(a *action) { a.ExpectedKWh = -1 }, "expected gain #much": func(a *action) { a.ExpectedKWh = 1e13 },
				"expected gain #NaN": func(a *action) { a.ExpectedKWh = math.NaN() }, "no line": func(a *action) { a.Serves = "PA10.3" }, "no line #action": func(a *action) { a.Serves = "action 3" },
			}),
		},
		"a target": {
			values(changed(g, func(*target) {}, func(g *target) { g.Indicator, g.Value = "L1.age", 120 })),
			refused(g, map[string]func(*target){"nor a line": func(g *target) { g.Indicator = "trees" }, "nor a line #": func(g *target) { g.Indicator = "step 2" }, "not a figure": func(g *target) { g.Value = -1 }}),
		},
	})
}

func TestWhatOthersKnowAnOrganisationAndItsSitesByIsTakenWhereItMayBe(t *testing.T) {
	type (
		site        = collector.Site
		responsible = collector.Responsible
	)
	s, r := site{Scope: "lycees", Code: "0350030B", Commune: "35238"}, responsible{SIREN: "732829320", Licence: "Licence Ouverte 2.0"}
	check(t, map[string]checked{
		"a site": {
			values(changed(s, func(*site) {}, func(s *site) { *s = site{} }, func(s *site) { s.Scope, s.Code, s.Commune = "autre", "a-b_C", "2B033" }, func(s *site) { s.Commune = "97411" }, func(s *site) { s.Commune = "01004" })),
			refused(s, map[string]func(*site){
				"scope": func(s *site) { s.Scope = "Lycée" }, "code": func(s *site) { s.Code = "a b" }, "code #long": func(s *site) { s.Code = strings.Repeat("a", 21) }, "code #é": func(s *site) { s.Code = "é" },
				"commune": func(s *site) { s.Commune = "20004" }, "commune #short": func(s *site) { s.Commune = "3523" }, "commune #line": func(s *site) { s.Commune = "35238\n" },
			}),
		},
		"an organisation": { // the numbers are examples of the register's own papers
			values(changed(r, func(*responsible) {}, func(r *responsible) { r.SIREN = "552008443" }, func(r *responsible) { r.SIREN = "200034528" }, func(r *responsible) { *r = responsible{} })),
			refused(r, map[string]func(*responsible){
				"SIREN": func(r *responsible) { r.SIREN = "732829321" }, "SIREN #turned": func(r *responsible) { r.SIREN = "200034582" }, "SIREN #spaces": func(r *responsible) { r.SIREN = "732 829 320" },
				"SIREN #zeros": func(r *responsible) { r.SIREN = "000000000" }, "SIREN #SIRET": func(r *responsible) { r.SIREN = "73282932000074" }, "the licence": func(r *responsible) { r.Licence = "a\nb" },
			}),
		},
	})
}

func TestEachDigitOfASIRENIsChecked(t *testing.T) {
	const number = "732829320"
	for i := range number {
		for d := '0'; d <= '9'; d++ {
			changed := number[:i] + string(d) + number[i+1:]
			if err := (collector.Responsible{SIREN: changed}).Validate(); (err == nil) != (changed == number) {
				t.Errorf("%s: %v", changed, err)
			}
		}
	}
}

func TestEachQuantityIsKnownByItsNameOnce(t *testing.T) {
	met := map[string]bool{}
	for _, kind := range collector.Quantities() {
		got, known := collector.KindOf(kind.Name)
		if !known || got != kind || met[kind.Name] {
			t.Errorf("%+v is %+v, %t", kind, got, known)
		}
		met[kind.Name] = true
		q := collector.Quantity{Name: kind.Name, From: "2026-01", To: "2026-12", Value: 1.5}
		if err := q.Validate(); (err == nil) == kind.Whole {
			t.Errorf("a half of %s: %v", kind.Name, err)
		}
	}
	if _, known := collector.KindOf("trees"); known || len(met) < 30 {
		t.Errorf("%d kinds, and trees among them: %t", len(met), known)
	}
}

func TestOnlyDevicesInServiceServe(t *testing.T) {
	all := []collector.Equipment{{Count: 1}, {Count: 2, State: "in-service"}, {Count: 3, State: "stock"}, {Count: 4, State: "retired"}}
	if got := collector.InService(all); len(got) != 2 || got[0].Count != 1 || got[1].Count != 2 || len(all) != 4 {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsRefusedOfAStatementIsSaidAgainInShort(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for _, x := range []valid{
		collector.Quantity{Name: long},
		collector.Quantity{Name: "staff", From: collector.Month(long)},
		collector.Step{Kind: long},
		collector.Step{Kind: "audit", Title: "t", On: collector.Date(long)},
		collector.Evidence{Of: long},
		collector.Remark{Of: long},
		collector.Reading{From: "2026-01-01", To: collector.Date(long)},
		collector.Criterion{ID: long},
		collector.Criterion{ID: "6.3", Priority: long},
		collector.Template{ID: long},
		collector.Snapshot{Template: long},
		collector.Site{Scope: long},
		collector.Site{Code: long},
		collector.Site{Commune: long},
		collector.Responsible{SIREN: long},
		collector.Equipment{Class: "tablet", As: "new", Count: 1, State: long},
		collector.Equipment{Class: "tablet", As: "new", Count: 1, State: "retired", To: long},
	} {
		if err := x.Validate(); err == nil || strings.Count(err.Error(), "x") > 70 {
			t.Errorf("%.300v", err)
		}
	}
}

func FuzzNoTextThatIsTakenHidesAnything(f *testing.F) {
	for _, text := range []string{"Charte", "a\nb", "\u202e", "\x00", "https://example.org/", "é\u2028"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, x := range []valid{
			collector.Evidence{Of: "U1", Title: text, Where: "w"},
			collector.Evidence{Of: "U1", Title: "t", Where: text},
			collector.Remark{Of: "U1", Text: text},
			collector.Step{Kind: "audit", On: "2026-01-01", Title: text},
		} {
			if x.Validate() == nil && (strings.ContainsAny(text, "\x00\x1b\r\u202e\u2066") || strings.TrimSpace(text) == "" || len(text) > collector.MaxRemark) {
				t.Errorf("%T takes %q", x, text)
			}
		}
	})
}

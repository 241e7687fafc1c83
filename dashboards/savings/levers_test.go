package savings_test

import (
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
)

func TestLeversAreSortedByWhatTheySave(t *testing.T) {
	v := newWorld(t).api(t, officer(), "/api/v1/levers")
	rows := v.table(t, "levers")
	if len(rows) < 2 || rows[0]["place"] != "Lycée des Ormes" || rows[0]["id"] != "sleep-policy" || rows[0]["machines"] != 40.0 {
		t.Fatalf("the first lever is %v", rows)
	}
	if !slices.IsSortedFunc(rows, func(a, b map[string]any) int { return int(math.Ceil(b["kwh"].(float64) - a["kwh"].(float64))) }) {
		t.Errorf("not the largest first: %v", rows)
	}
	for _, row := range rows {
		if row["kwh_low"].(float64) > row["kwh"].(float64) || row["kwh"].(float64) > row["kwh_high"].(float64) {
			t.Errorf("no range: %v", row)
		}
		if price := row["euros"].(float64) / row["kwh"].(float64); math.Abs(price-.2) > 1e-9 {
			t.Errorf("a kWh costs %v", price)
		}
	}
	if v.From != "2025-10" || v.To != "2026-09" || v.Simulated {
		t.Errorf("of %s to %s, simulated: %v", v.From, v.To, v.Simulated)
	}
}

func TestTheHeadlineIsThatOfTheWholeOrganisationAndSaysHowItIsObtained(t *testing.T) {
	w := newWorld(t)
	v := w.api(t, officer(), "/api/v1/levers")
	whole, low, high := v.figure(t, "sleep-policy.kwh")
	sum := 0.0
	for _, row := range v.table(t, "levers") {
		if row["id"] == "sleep-policy" {
			sum += row["kwh"].(float64)
		}
	}
	if whole <= sum || low >= whole || high <= whole {
		t.Errorf("the whole saves %v (%v to %v), its shown sites %v", whole, low, high, sum)
	}
	if f := v.Figures[0]; f.How != "levers" || f.Unit != "kWh" || f.Coverage == nil || !slices.Equal(f.Methods, []string{"model-class"}) {
		t.Errorf("it is not said how it was obtained: %+v", f)
	}
}

func TestHiddenSitesHaveNoNumbers(t *testing.T) {
	w := newWorld(t)
	v := w.api(t, officer(), "/api/v1/levers")
	for _, row := range v.table(t, "levers") {
		if row["place"] == "Annexe secrète" || row["place"] == "Lycée du Port" {
			t.Errorf("a hidden site has figures: %v", row)
		}
	}
	hidden := map[any]any{}
	for _, row := range v.table(t, "not-told") {
		hidden[row["place"]] = row["why"]
	}
	if len(hidden) != 2 || hidden["Annexe secrète"] != "too few machines" || !strings.Contains(hidden["Lycée du Port"].(string), "subtraction") {
		t.Errorf("not told: %v", hidden)
	}
	body := w.page(t, officer(), "/levers?lang=fr")
	if !strings.Contains(body, "trop peu de machines") || !strings.Contains(body, "Annexe secrète") {
		t.Error("the page does not say which sites it hides, and why")
	}
}

func TestThePageSaysTheLargestLeversInWords(t *testing.T) {
	w := newWorld(t)
	en, fr := w.page(t, officer(), "/levers?lang=en"), w.page(t, officer(), "/levers?lang=fr")
	if !strings.Contains(en, "Sleep policy on the 40 machines of “Lycée des Ormes”: ") || !strings.Contains(fr, "Mise en veille sur les 40 machines de «\u202fLycée des Ormes\u202f»\u202f: ") {
		t.Error("no sentence about the largest lever")
	}
	for _, anchor := range []string{"#levers", "#money", "#carbon", "#privacy"} {
		if !strings.Contains(en, anchor) {
			t.Errorf("no link to %s", anchor)
		}
	}
}

func TestAUserOfOneSiteSeesLeversOfItsGroupsOnly(t *testing.T) {
	w := newWorld(t)
	w.groups = []collector.Group{{ID: 7, Site: 1, Kind: "room", Name: "CDI"}}
	for _, m := range year() {
		w.live(t, collector.Place{Site: 1, Group: 7}, 20, m, 8, 30)
	}
	v := w.api(t, ofSite(1), "/api/v1/levers")
	places := map[any]bool{}
	for _, row := range v.table(t, "levers") {
		places[row["place"]] = true
	}
	if len(places) != 2 || !places["Lycée des Ormes, CDI"] || !places["Lycée des Ormes, Machines in no group"] {
		t.Errorf("levers of %v", places)
	}
	if body := w.page(t, ofSite(1), "/levers"); strings.Contains(body, "Saules") || strings.Contains(body, "Ailleurs") {
		t.Error("a user of one site reads of others")
	}
}

func TestALongListOfLeversIsCutForPeopleAndNotForPrograms(t *testing.T) {
	w := sites(t, 30)
	all := w.api(t, officer(), "/api/v1/levers").table(t, "levers")
	var pages [][]string
	for _, page := range []string{"/levers", "/levers?page=2", "/levers?page=3", "/levers?page=4"} {
		if rows := shown(t, w.page(t, officer(), page), "levers"); page != "/levers?page=4" || len(pages) < len(all) {
			pages = append(pages, rows...)
		}
	}
	if len(all) != 60 || len(pages) != 60 {
		t.Errorf("programs get %d levers, people %d", len(all), len(pages))
	}
	csv := w.get(t, officer(), "/csv/levers/levers?page=2").Body.String()
	if n := strings.Count(csv, "\n"); n != 61 {
		t.Errorf("the file has %d lines: %.200s", n, csv)
	}
	for _, odd := range []string{"0", "-1", "x", "99999999999999999999", "1e3"} {
		w.page(t, officer(), "/levers?page="+odd)
	}
}

func TestWithoutFiguresNothingIsShownAsNothing(t *testing.T) {
	w := &world{today: "2026-10-20"}
	for _, sites := range []int{0, 1} {
		if sites == 1 {
			w.site(1, "Lycée des Ormes")
		}
		for _, lang := range []string{"en", "fr"} {
			for _, path := range []string{"/levers", "/actions", "/equipment"} {
				w.page(t, officer(), path+"?lang="+lang)
			}
		}
		for lang, sentence := range map[string]string{"en": "No month is fixed yet", "fr": "Aucun mois n’est encore arrêté"} {
			if n := strings.Count(w.page(t, officer(), "/levers?lang="+lang), sentence); n != 1 {
				t.Errorf("%q is said %d times", sentence, n)
			}
		}
		v := w.api(t, officer(), "/api/v1/levers")
		if len(v.Notices) != 1 || len(v.table(t, "levers")) != 0 || v.Simulated {
			t.Errorf("of nothing: %+v", v)
		}
		for _, f := range v.Figures {
			if f.Value != nil || f.Missing == "" {
				t.Errorf("a figure of nothing: %+v", f)
			}
		}
	}
}

func TestSimulatedFiguresAreShownWhereThereAreNoRealOnes(t *testing.T) {
	w := newWorld(t)
	for i := range w.rows {
		w.rows[i].Simulated = true
	}
	if v := w.api(t, officer(), "/api/v1/levers"); !v.Simulated || len(v.table(t, "levers")) == 0 {
		t.Error("simulated figures are not shown, or not said to be simulated")
	}
	w.live(t, collector.Place{Site: 2}, 30, "2026-09", 2, 30)
	if v := w.api(t, officer(), "/api/v1/levers"); v.Simulated || v.From != "2026-09" {
		t.Errorf("real figures are not shown, but simulated ones: %+v", v)
	}
}

func TestFiguresOfLongAgoAreFound(t *testing.T) {
	w := newWorld(t)
	w.today = "2030-01-20"
	if v := w.api(t, officer(), "/api/v1/levers"); v.From != "2025-10" || v.To != "2026-09" {
		t.Errorf("from %s to %s", v.From, v.To)
	}
}

// A site of 20 machines that alone is closed for a day makes no difference to be seen in its organisation.
func TestALittleTimeThatIsNotToldApartIsLeftOutAndSaid(t *testing.T) {
	w := newWorld(t)
	for i := range w.rows {
		if r := &w.rows[i]; r.Site == 3 && r.Month == "2026-03" { // hidden, so that its parts are in the rest of the organisation
			for j := range r.Sum.Seconds {
				r.Sum.Seconds[j].Part = strings.Replace(r.Sum.Seconds[j].Part, "night", "holiday", 1)
				r.Sum.Energy[j].Part = r.Sum.Seconds[j].Part
			}
			for j := range r.Days {
				r.Days[j].Parts = 1 | 8
			}
		}
	}
	answers, err := privacy.New(w, w, func() collector.Date { return w.today }).Monthly(t.Context(), officer(), privacy.Question{Organisation: 1, From: "2026-03", To: "2026-03"})
	if err != nil || !slices.ContainsFunc(answers[0].Self.Personal.Parts, func(p privacy.PartSum) bool { return p.Part == privacy.Mixed }) {
		t.Fatalf("nothing is mixed in %+v, %v", answers, err)
	}
	v := w.api(t, officer(), "/api/v1/levers")
	if _, _, high := v.figure(t, "sleep-policy.kwh"); high == 0 || !strings.Contains(v.Figures[0].Note, "Left out") {
		t.Errorf("%+v", v.Figures[0])
	}
}

func TestEveryRoleButTheWebmasterMayAsk(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/levers", "/actions", "/equipment", "/api/v1/levers", "/api/v1/actions", "/api/v1/equipment"} {
		for role, code := range map[collector.Role]int{
			collector.RoleIT: http.StatusOK, collector.RoleOfficer: http.StatusOK, collector.RoleReader: http.StatusOK, collector.RoleWeb: http.StatusForbidden,
		} {
			user := officer()
			user.Roles = []collector.Role{role}
			if got := w.get(t, user, path).Code; got != code {
				t.Errorf("%s as %s: %d", path, role, got)
			}
		}
		if got := w.get(t, nil, path).Code; got == http.StatusOK {
			t.Errorf("%s is open to all", path)
		}
	}
}

package savings_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// acted is a world in which site 1 sleeps from March on, and site 2 is awake for longer; what was done elsewhere is of others.
func acted(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.rows = nil
	for _, m := range year() {
		one, two := 6.0, 2.0
		if m >= "2026-03" {
			one, two = .5, 9
		}
		w.live(t, collector.Place{Site: 1}, 40, m, one, 30)
		w.live(t, collector.Place{Site: 2}, 30, m, two, 30)
		w.live(t, collector.Place{Site: 3}, 3, m, 14, 77)
		w.live(t, collector.Place{Site: 4}, 12, m, 1, 30)
	}
	base := collector.Action{Organisation: 1, Measure: "sleep-policy", On: "2026-03-01", BaseFrom: "2025-10", Base: "2026-02"}
	for id, change := range []func(*collector.Action){
		func(a *collector.Action) { a.Name, a.Site = "Veille aux Ormes", 1 },
		func(a *collector.Action) { a.Name, a.Site = "Le contraire aux Saules", 2 },
		func(a *collector.Action) { a.Name, a.Site = "En cachette", 3 },
		func(a *collector.Action) { a.Name, a.On = "Trop tôt", "2026-10-02" },
		func(a *collector.Action) { a.Name = "Partout" },
		func(a *collector.Action) { a.Name, a.Organisation, a.Site = "Pas à nous", 2, 90 },
		func(a *collector.Action) { a.Name, a.Site, a.BaseFrom, a.Base = "Sans passé", 1, "2024-01", "2024-06" },
	} {
		a := base
		change(&a)
		a.ID = int64(id + 1)
		w.actions = append(w.actions, a)
	}
	return w
}

func TestEveryActionHasItsEffectOrTheReasonWhyNot(t *testing.T) {
	w := acted(t)
	rows := w.api(t, officer(), "/api/v1/actions").table(t, "actions")
	if len(rows) != 6 {
		t.Fatalf("%d actions: %v", len(rows), rows)
	}
	if kwh := rows[0]["kwh"].(float64); kwh <= 0 || rows[0]["kwh_low"].(float64) >= kwh || rows[0]["percent"].(float64) <= 0 || rows[0]["euros"].(float64) <= 0 {
		t.Errorf("the policy saved %v", rows[0])
	}
	if kwh := rows[1]["kwh"].(float64); kwh >= 0 || rows[1]["percent"].(float64) >= 0 {
		t.Errorf("more was used, and the effect is %v", rows[1])
	}
	for i, why := range map[int]string{2: "may not be shown", 3: "no whole month after", 5: "no month of the baseline"} {
		if rows[i]["kwh"] != nil || rows[i]["euros"] != nil || !strings.Contains(rows[i]["remark"].(string), why) {
			t.Errorf("%q: %v", why, rows[i])
		}
	}
	for _, lang := range []string{"en", "fr"} {
		body := w.page(t, officer(), "/actions?lang="+lang)
		if strings.Contains(body, "Pas à nous") || !strings.Contains(body, "<svg") || !strings.Contains(body, "#effect") {
			t.Error("an action of others is shown, or there is no drawing, or no method")
		}
	}
}

func TestTheEffectIsWhatTheHoursAwakeTook(t *testing.T) {
	v := acted(t).api(t, officer(), "/api/v1/actions/1")
	kwh, low, high := v.figure(t, "kwh")
	// 214 nights of March to September, 40 machines, 5.5 hours that take 28.7 W less.
	if want := 214 * 40 * 5.5 * 28.7 / 1000; kwh < want*.999 || kwh > want*1.001 || low > kwh || high < kwh {
		t.Errorf("%v kWh (%v to %v), not %v", kwh, low, high, want)
	}
	parts := v.table(t, "parts")
	if len(parts) != 2 || parts[0]["id"] != "open" || parts[1]["id"] != "night" || parts[1]["before_w"].(float64) <= parts[1]["after_w"].(float64) {
		t.Errorf("by part of the day: %v", parts)
	}
	months := v.table(t, "months")
	if len(months) != 12 || months[0]["phase"] != "baseline" || months[4]["phase"] != "baseline" || months[5]["phase"] != "after" {
		t.Errorf("months: %v", months)
	}
	if year, _, _ := v.figure(t, "year.kwh"); year <= kwh {
		t.Errorf("%v kWh in a year, %v in seven months", year, kwh)
	}
}

func TestAnActionIsShownToThoseOfItsOrganisationAndSiteOnly(t *testing.T) {
	w := acted(t)
	for _, c := range []struct {
		user *collector.User
		path string
		code int
	}{
		{officer(), "/actions/1", http.StatusOK},
		{officer(), "/actions/5", http.StatusOK},
		{officer(), "/actions/6", http.StatusNotFound},
		{officer(), "/actions/99", http.StatusNotFound},
		{officer(), "/actions/01", http.StatusNotFound},
		{officer(), "/actions/-1", http.StatusNotFound},
		{officer(), "/actions/x", http.StatusNotFound},
		{ofSite(1), "/actions/1", http.StatusOK},
		{ofSite(1), "/actions/2", http.StatusNotFound},
		{ofSite(1), "/actions/5", http.StatusNotFound},
		{officer(), "/api/v1/actions/6", http.StatusNotFound},
		{ofSite(1), "/api/v1/actions/2", http.StatusNotFound},
		{ofSite(1), "/csv/months/actions/2", http.StatusNotFound},
	} {
		if got := w.get(t, c.user, c.path).Code; got != c.code {
			t.Errorf("%s of site %d: %d, not %d", c.path, c.user.Site, got, c.code)
		}
	}
	if rows := w.api(t, ofSite(1), "/api/v1/actions").table(t, "actions"); len(rows) != 2 {
		t.Errorf("a user of site 1 sees %v", rows)
	}
	one, all := w.api(t, ofSite(1), "/api/v1/actions/1"), w.api(t, officer(), "/api/v1/actions/1")
	if a, b := fmt.Sprint(one.Tables), fmt.Sprint(all.Tables); a != b {
		t.Errorf("two readers are told otherwise:\n%s\n%s", a, b)
	}
}

func TestAnActionOfAHiddenSiteHasNoNumbers(t *testing.T) {
	v := acted(t).api(t, officer(), "/api/v1/actions/3")
	for _, f := range v.Figures {
		if f.Value != nil || f.Low != nil || f.Coverage != nil || f.Missing == "" {
			t.Errorf("%+v", f)
		}
	}
	for _, row := range v.table(t, "months") {
		if row["kwh"] != nil || row["machines"] != nil || row["wh_per_day"] != nil {
			t.Errorf("%v", row)
		}
	}
}

func TestThePageOfAnActionSaysHowSureItIs(t *testing.T) {
	w := acted(t)
	for path, sentence := range map[string]string{
		"/actions/1?lang=en": "Less was used than before",
		"/actions/2?lang=en": "More was used than before",
		"/actions/3?lang=fr": "ne peuvent pas être montrés",
		"/actions/4?lang=fr": "aucun mois entier après l’action",
		"/actions/7?lang=en": "no month of the baseline",
	} {
		if !strings.Contains(w.page(t, officer(), path), sentence) {
			t.Errorf("%s does not say %q", path, sentence)
		}
	}
	for _, m := range []collector.Month{"2025-11", "2026-01"} { // a baseline that is up and down says nothing
		for i := range w.rows {
			if r := &w.rows[i]; r.Month == m && r.Site == 1 {
				w.rows = append(w.rows[:i], w.rows[i+1:]...)
				w.live(t, collector.Place{Site: 1}, 40, m, 0, 30)
				break
			}
		}
	}
	if !strings.Contains(w.page(t, officer(), "/actions/1"), "There may be no effect at all") {
		t.Error("the page does not say that it may be no effect")
	}
}

func TestAnActionOfAGroupIsToldByItsGroup(t *testing.T) {
	w := acted(t)
	w.groups = []collector.Group{{ID: 7, Site: 1, Kind: "room", Name: "CDI"}}
	for _, m := range year() {
		awake := 8.0
		if m >= "2026-03" {
			awake = 1
		}
		w.live(t, collector.Place{Site: 1, Group: 7}, 20, m, awake, 30)
	}
	w.actions = []collector.Action{{ID: 8, Organisation: 1, Site: 1, Group: 7, Name: "Salle", Measure: "other", On: "2026-03-01", BaseFrom: "2025-10", Base: "2026-02"}}
	kwh, _, _ := w.api(t, officer(), "/api/v1/actions/8").figure(t, "kwh")
	if want := 214 * 20 * 7 * 28.7 / 1000; kwh < want*.999 || kwh > want*1.001 {
		t.Errorf("%v kWh, not %v", kwh, want)
	}
	if body := w.page(t, officer(), "/actions/8"); !strings.Contains(body, "Lycée des Ormes, CDI") {
		t.Error("the group is not named")
	}
}

func TestManyActionsStayWithinThePage(t *testing.T) {
	w := sites(t, 30)
	for i := range int64(60) {
		w.actions = append(w.actions, collector.Action{
			ID: i + 1, Organisation: 1, Site: 1 + i%30, Name: "Mise en veille de tous les postes du lycée", Measure: "sleep-policy", On: "2026-03-01", BaseFrom: "2025-10", Base: "2026-02",
		})
	}
	if rows := shown(t, w.page(t, officer(), "/actions?page=3"), "actions"); len(rows) != 20 {
		t.Errorf("%d actions on the page", len(rows))
	}
	if rows := w.api(t, officer(), "/api/v1/actions?page=3").table(t, "actions"); len(rows) != 60 {
		t.Errorf("programs get %d", len(rows))
	}
}

func TestAnActionIsComparedWithTheBaselineThatIsKept(t *testing.T) {
	w := acted(t)
	before, _, _ := w.api(t, officer(), "/api/v1/actions/1").figure(t, "kwh")
	if page := w.page(t, officer(), "/actions/1?lang=en"); !strings.Contains(page, "not kept yet") {
		t.Error("a baseline that is not kept is not said to be")
	}
	door := privacy.New(w, w, func() collector.Date { return w.today })
	answers, err := door.Monthly(t.Context(), officer(), privacy.Question{Organisation: 1, Node: privacy.Site(1), From: "2025-10", To: "2026-09"})
	if err != nil {
		t.Fatal(err)
	}
	book, err := balance.NewBook(w.prices, nil)
	if err != nil {
		t.Fatal(err)
	}
	base, why := balance.BaselineOf(w.actions[0], book.TellOf(answers))
	kept, err := base.Encode()
	if why != "" || err != nil {
		t.Fatal(why, err)
	}
	w.baselines = []collector.Baseline{{Action: 1, Organisation: 1, KeptOn: "2026-04-02", JSON: kept}}
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Month < "2026-03" }) // what served is gone
	after, _, _ := w.api(t, officer(), "/api/v1/actions/1").figure(t, "kwh")
	if before != after {
		t.Errorf("with the kept baseline the action saved %v kWh, before %v", after, before)
	}
	if page := w.page(t, officer(), "/actions/1?lang=en"); !strings.Contains(page, "kept since 2026-04-02") {
		t.Error("the page does not say since when the baseline is kept")
	}
}

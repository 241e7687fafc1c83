package energy_test

import (
	"strings"
	"testing"

	"veille/collector"
)

// withActions has an action that saved much in March, and a later one of everywhere that changed nothing.
func withActions(t *testing.T) *world {
	t.Helper()
	w := believable(t, 3)
	w.actions = append(w.actions, collector.Action{ID: 7, Organisation: 1, Name: "Nothing new", Measure: "other", On: "2026-07-01", BaseFrom: "2026-04", Base: "2026-06"})
	return w
}

func TestTheHeadlineIsTheLastActionThatIsBeyondTheError(t *testing.T) {
	w := withActions(t)
	v := w.api(t, officer(), "/api/v1/overview")
	f := v.figure(t, "effect")
	if f.Label != "Saved by an earlier action: Sleep policy <i>" || *f.Low <= 0 || !strings.Contains(f.Note, "What later actions saved is within the error") {
		t.Errorf("%+v", f)
	}
	if rows := v.table("effects"); len(rows) != 2 || rows[0]["action"] != "Nothing new" || rows[1]["action"] != "Sleep policy <i>" {
		t.Errorf("effects: %v", rows)
	}
	for id := range int64(3) { // so many that the one of the headline would not be among the last two
		a := w.actions[1]
		a.ID += 1 + id
		w.actions = append(w.actions, a)
	}
	if rows := w.api(t, officer(), "/api/v1/overview").table("effects"); len(rows) != 2 || rows[1]["action"] != "Sleep policy <i>" {
		t.Errorf("the action of the headline is not listed: %v", rows)
	}
}

func TestWhereAllActionsAreWithinTheErrorTheLastIsTheHeadlineAndThatIsSaid(t *testing.T) {
	w := withActions(t)
	again := w.actions[1]
	again.ID, again.Name, again.On, again.BaseFrom, again.Base = 6, "Nothing old", "2026-06-01", "2026-04", "2026-05"
	w.actions = []collector.Action{again, w.actions[1]}
	f := w.api(t, officer(), "/api/v1/overview").figure(t, "effect")
	if f.Label != "Saved by the latest action: Nothing new" || f.Value == nil || *f.Low > 0 || !strings.Contains(f.Note, "No other action has an effect beyond the error.") {
		t.Errorf("%+v", f)
	}
}

func TestAnActionThatCannotBeToldYetIsNotTheHeadlineWhereAnotherIs(t *testing.T) {
	w := withActions(t)
	w.actions[1].On, w.actions[1].Base = "2026-11-10", "2026-10"
	if f := w.api(t, officer(), "/api/v1/overview").figure(t, "effect"); f.Value == nil || !strings.HasSuffix(f.Label, "Sleep policy <i>") {
		t.Errorf("%+v", f)
	}
}

func TestAUserOfOneSiteIsLedToActionsOfThatSiteOnly(t *testing.T) {
	w := withActions(t)
	w.actions = append(w.actions, collector.Action{ID: 8, Organisation: 1, Site: 1, Name: "Here", Measure: "other", On: "2026-02-01", BaseFrom: "2025-11", Base: "2026-01"})
	for _, path := range []string{"/", "/sites/1", "/sites/1/groups/0"} {
		d := w.page(t, ofSite(1), path)
		for _, id := range []string{"4", "7"} {
			if d.Find(`a[href^="/actions/`+id+`?"]`).Length() != 0 {
				t.Errorf("%s leads to action %s, which is not of the site", path, id)
			}
		}
		if !strings.Contains(text(d.Find("main")), "Sleep policy <i>") || d.Find(`a[href^="/actions/8?"]`).Length() == 0 {
			t.Errorf("%s does not name the actions: %s", path, text(d.Find("main")))
		}
	}
	if w.page(t, officer(), "/").Find(`a[href^="/actions/4?"]`).Length() == 0 {
		t.Error("a user of all sites is not led to the action")
	}
}

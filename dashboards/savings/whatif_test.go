package savings_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestAPolicyIsReckonedForTheSiteThatIsChosen(t *testing.T) {
	w := newWorld(t)
	saved := func(query string) float64 {
		value, low, high := w.api(t, officer(), "/api/v1/what-if?"+query).figure(t, "kwh")
		if low > value || value > high {
			t.Errorf("%s: %v is not from %v to %v", query, value, low, high)
		}
		return value
	}
	lever, _, _ := w.api(t, officer(), "/api/v1/levers").figure(t, "sleep-policy.kwh")
	if all := saved("minutes=30&share=100"); all != lever {
		t.Errorf("thirty minutes for all save %v, the lever %v", all, lever)
	}
	one, half := saved("minutes=30&share=100&site=1"), saved("minutes=30&share=50&site=1")
	if one >= lever || half != one/2 || saved("minutes=10&share=100&site=1") <= one || saved("minutes=30&share=100&site=1&off=yes") <= one {
		t.Errorf("one site saves %v, half of its machines %v", one, half)
	}
}

func TestWhatIsNoPolicyIsSaidBesideTheForm(t *testing.T) {
	w := newWorld(t)
	for _, query := range []string{
		"minutes=-1&share=50", "minutes=20&share=101", "minutes=x&share=50", "minutes=NaN&share=50", "minutes=20&share=", "minutes=1e99&share=1",
		"minutes=20&share=50&site=90", "minutes=20&share=50&site=x",
	} {
		answer := w.get(t, officer(), "/what-if?lang=en&"+query)
		if page := answer.Body.String(); !strings.Contains(page, `role="alert"`) || strings.Contains(page, "kWh</b>") || !strings.Contains(page, `name="minutes"`) {
			t.Errorf("%s is answered by %d\n%.2000s", query, answer.Code, page)
		}
		if answer := w.get(t, officer(), "/api/v1/what-if?lang=en&"+query); answer.Code != http.StatusUnprocessableEntity {
			t.Errorf("a program that asks %s is answered %d", query, answer.Code)
		}
	}
}

func TestAHiddenSiteHasNoWhatIf(t *testing.T) {
	for _, f := range newWorld(t).api(t, officer(), "/api/v1/what-if?minutes=20&share=80&site=3").Figures {
		if f.Value != nil || f.Missing == "" {
			t.Errorf("%s is %v, missing %q", f.ID, f.Value, f.Missing)
		}
	}
	page := newWorld(t).page(t, officer(), "/what-if?lang=fr")
	if !strings.Contains(page, `value="20"`) || !strings.Contains(page, "kWh") || !strings.Contains(page, "Annexe secrète") {
		t.Errorf("the page is\n%s", page)
	}
}

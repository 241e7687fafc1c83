package energy_test

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"veille/collector"
)

func TestASiteOfWhichNoMonthMayBeToldHasNoDrawingAndSaysWhy(t *testing.T) {
	w := believable(t, 3)
	for _, m := range monthsOf(12) { // shared machines are shown, those of three persons are not
		w.month(t, m, place(4, 0, "notebook", "shared"), 6, 5, 1)
	}
	for _, path := range []string{"/sites/4", "/sites/5"} {
		d := w.page(t, officer(), path)
		main := text(d.Find("main"))
		if d.Find("svg #trend, svg[aria-labelledby^=trend]").Length() != 0 || strings.Contains(main, "Energy by monthOne line") || !strings.Contains(main, "There is no drawing: in none of these twelve months") {
			t.Errorf("%s: %s", path, main)
		}
		if d.Find("#months-caption").Length() != 1 {
			t.Errorf("%s has no table of months", path)
		}
	}
}

func TestOneMonthIsWrittenInTheSingular(t *testing.T) {
	w := believable(t, 3)
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Month != "2026-10" && r.Month != "2025-10" })
	v := w.api(t, officer(), "/api/v1/overview")
	if got := v.figure(t, "change").Note; !strings.Contains(got, "Compared: 1 month of 12.") {
		t.Errorf("change: %s", got)
	}
	wrong := regexp.MustCompile(`\b1 months| (de|que) (octobre|avril|août)`)
	for _, lang := range []string{"en", "fr"} {
		for _, path := range paths() {
			if got := wrong.FindString(text(w.page(t, officer(), path+"?lang="+lang).Find("main"))); got != "" {
				t.Errorf("%s in %s: %q", path, lang, got)
			}
		}
	}
	if row := v.table("sites")[0]; row["change_months"] != 1.0 || row["note"] != "1 month of 12; change over 1 month of 12" {
		t.Errorf("a comparison of one month does not say so: %v", row)
	}
}

func TestTheVerdictOfAChangeIsOfMachinesAndDays(t *testing.T) {
	w := believable(t, 3)
	if got := w.api(t, officer(), "/api/v1/overview").figure(t, "change").Note; !strings.Contains(got, "The verdict is on the figure per machine and day:") {
		t.Errorf("%s", got)
	}
}

func TestTheCoverageOfFewMachinesIsInWholePercents(t *testing.T) {
	w := believable(t, 3)
	for i := range w.rows {
		for j := range w.rows[i].Sum.Seconds {
			w.rows[i].Sum.Seconds[j].Unknown += 1_234_567
		}
	}
	for _, path := range []string{"/api/v1/overview", "/api/v1/sites/2"} {
		v := w.api(t, officer(), path)
		f, per := v.figure(t, "kwh"), 1000.0
		if machines := *v.figure(t, "machines").Value; machines < 50 {
			per = 100
		}
		if share := *f.Coverage * per; math.Abs(share-math.Round(share)) > 1e-9 || *f.Coverage == 1 {
			t.Errorf("%s: coverage %v", path, *f.Coverage)
		}
	}
}

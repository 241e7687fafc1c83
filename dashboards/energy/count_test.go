package energy_test

import (
	"testing"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
	"veille/ecoindex"
)

// counted is how many elements of a page EcoIndex counts: those inside drawings are none of them.
func counted(d *goquery.Document) int { return d.Find("*").Length() - d.Find("svg *").Length() }

// region has thirty sites, two actions, four targets, websites, and on some days parts that are not told apart.
func region(t *testing.T) *world {
	t.Helper()
	w := believable(t, 28)
	w.actions = append(w.actions, collector.Action{ID: 5, Organisation: 1, Name: "Un autre réglage de la veille", Measure: "other", On: "2026-05-02", BaseFrom: "2025-05", Base: "2026-04"})
	w.targets = append(
		w.targets, collector.Target{ID: 3, Organisation: 1, Indicator: "carbon", Value: 1, By: "2027-01"},
		collector.Target{ID: 4, Organisation: 1, Site: 2, Indicator: "kwh_per_machine", Value: 90, By: "2028-01"},
	)
	for i := range w.rows {
		sum := w.rows[i].Sum.Energy[0]
		sum.Part, sum.MWh, sum.LowMWh, sum.HighMWh, sum.CoveredS = "mixed", 1000, 900, 1200, 3600
		extra := collector.Sum{Energy: []collector.EnergySum{sum}}
		for _, part := range []string{"mixed", "weekend", "holiday"} {
			extra.Seconds = append(extra.Seconds, collector.PartSum{Part: part, On: 1800, DisplayOff: 600, Sleep: 600, Off: 300, Unknown: 300})
		}
		w.rows[i].Sum.Add(extra)
	}
	return w
}

func TestPagesOfARegionAreOfGradeAWithRoomToSpare(t *testing.T) {
	w := region(t)
	for id := range int64(25) {
		w.groups = append(w.groups, collector.Group{ID: 30 + id, Site: 1, Name: "Bâtiment"})
		for _, m := range monthsOf(24) {
			w.month(t, m, place(1, 30+id, "desktop", "individual"), 12, 7, 3)
		}
	}
	for _, path := range []string{"/", "/sites", "/sites/1", "/sites/1/groups/0"} {
		for _, lang := range []string{"en", "fr"} {
			d := w.page(t, officer(), path+"?lang="+lang)
			html, err := d.Html()
			if err != nil {
				t.Fatal(err)
			}
			measure := ecoindex.Measure{DOM: counted(d), Requests: 2, SizeKB: float64(len(html)) / 1000}
			result, err := ecoindex.Compute(measure)
			t.Log(path, lang, measure.DOM, result.Grade)
			if err != nil || result.Grade != ecoindex.A || measure.DOM > 380 {
				t.Errorf("%s in %s has %d elements and the grade %s: %v", path, lang, measure.DOM, result.Grade, err)
			}
		}
	}
}

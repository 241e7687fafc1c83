package label_test

import (
	"testing"

	"veille/collector"
	"veille/collector/privacy"
)

// BenchmarkMake is a year's report, beside the year before, of 50,000 machines of 115 sites with five groups each.
func BenchmarkMake(b *testing.B) {
	w := newWorld()
	w.sites = nil
	for _, m := range span("2024-09", "2026-08") {
		first := len(w.rows)
		for site := range int64(115) {
			if m == "2024-09" {
				w.sites = append(w.sites, collector.Site{ID: site + 1, Organisation: 7})
			}
			for group := range int64(5) {
				h := usual(site+1, 80)
				h.group = site*5 + group + 1
				shared := h
				shared.use, shared.machines = "shared", 7
				w.does(b, m, h, shared)
			}
		}
		w.rows = append(w.rows[:first], privacy.Coarsen(w.rows[first:])...)
	}
	for i := range int64(20) {
		w.actions = append(w.actions, collector.Action{ID: i + 1, Organisation: 7, Site: i % 10, Measure: "other", On: "2025-10-01", BaseFrom: "2025-02", Base: "2025-09"})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.maker().Make(b.Context(), officer(), reportOf("2025-09", "2026-08")); err != nil {
			b.Fatal(err)
		}
	}
}

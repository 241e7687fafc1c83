package opendata_test

import (
	"fmt"
	"testing"

	"veille/collector"
	"veille/collector/opendata"
	"veille/collector/privacy"
)

// BenchmarkFilesOfARegion makes the files of 400 sites and five years, as they are made once a day.
func BenchmarkFilesOfARegion(b *testing.B) {
	w := &world{organisations: []collector.Responsible{{Organisation: collector.Organisation{ID: 1, Name: "Région"}, SIREN: "233500016", OpenData: true}}}
	small := &world{}
	small.fleet(b, "2026-01", 1, "individual", 40, 30, false)
	for i := range 400 {
		w.sites = append(w.sites, collector.Site{ID: int64(i + 1), Organisation: 1, Name: fmt.Sprint("Lycée ", i), Open: i%10 > 0, Code: fmt.Sprintf("035%04dA", i)})
		for _, class := range []string{"notebook", "desktop", "monitor", "printer"} {
			w.equipment = append(w.equipment, collector.Equipment{Organisation: 1, Site: int64(i + 1), Class: class, Bought: "2023-01", As: "new", Count: 5 + i%60})
		}
	}
	for m := range 60 {
		var month []collector.PlaceMonth
		for i := range 400 {
			row := small.rows[0]
			row.Site, row.Month = int64(i+1), collector.Month("2021-08").Plus(m)
			row.Days = row.Days[:28]
			month = append(month, row)
		}
		w.rows = append(w.rows, privacy.Coarsen(month)...)
	}
	b.ReportAllocs()
	for b.Loop() {
		files, err := w.writer().Files(b.Context(), opendata.Request{Organisation: 1, Quiet: true})
		if err != nil {
			b.Fatal(err)
		}
		size := 0
		for _, f := range files {
			size += len(f.Bytes)
		}
		b.ReportMetric(float64(size), "bytes")
	}
}

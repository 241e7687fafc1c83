package relational_test

import (
	"math"
	"testing"

	"veille/collector"
	"veille/collector/store/storetest"
)

// A meter that says every hour from the evening of 28 March to 3 April, with a gap, over the change of the clocks.
func TestAMeterOfABuildingGivesReadingsOfTheDatesThatItCovers(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		m := building(t, s, site, "PDL 1")
		plug := theMeter(t, s, meterRule(t, s, collector.MeterRule{Site: site.ID, Name: "Prise", Kind: "pdu", Field: "w", Unit: "Wh"}).ID, "")
		var said []collector.MeterSample
		wh := 0.0
		for at := moment(t, "2026-03-28 20:00:00").UnixMilli(); at < moment(t, "2026-04-03 10:00:00").UnixMilli(); at += 3_600_000 {
			if at == moment(t, "2026-04-01 10:00:00").UnixMilli() { // the counter is exchanged, and two hours are not known
				at += 2 * 3_600_000
				wh = 0
			}
			said = append(said, collector.MeterSample{Meter: m.ID, At: at, Value: wh}, collector.MeterSample{Meter: plug.ID, At: at, Value: wh})
			wh += 1000
		}
		keepSamples(t, s, said...)
		storetest.FoldAll(t, s)
		accountAll(t, s)
		imported := collector.Reading{Organisation: site.Organisation, Site: site.ID, Meter: "PDL 1", From: "2026-03-01", To: "2026-03-31", KWh: 800, Source: "factures.csv"}
		if err := s.PutReadings(t.Context(), site.Organisation, []collector.Reading{imported}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Readings(t.Context(), site.Organisation)
		if err != nil {
			t.Fatal(err)
		}
		door := func(from, to collector.Date, kwh float64) collector.Reading {
			r := imported
			r.From, r.To, r.KWh, r.Source = from, to, kwh, collector.MeteredSource
			return r
		}
		// 29 March has 23 hours; months do not mix; 1 April is not covered.
		want := []collector.Reading{imported, door("2026-03-29", "2026-03-31", 23+24+24), door("2026-04-02", "2026-04-02", 24)}
		if len(got) != len(want) {
			t.Fatalf("%+v\nwant %+v", got, want)
		}
		for i, r := range got {
			if math.Abs(r.KWh-want[i].KWh) > 1e-9 {
				t.Errorf("%+v, want %v kWh", r, want[i].KWh)
			}
			if r.KWh = want[i].KWh; r != want[i] {
				t.Errorf("%+v, want %+v", r, want[i])
			}
			if err := r.Validate(); err != nil {
				t.Error(err)
			}
		}
		if other, err := s.Readings(t.Context(), site.Organisation+1); err != nil || len(other) != 0 {
			t.Errorf("another organisation has %+v, %v", other, err)
		}
		if only, err := s.ImportedReadings(t.Context(), site.Organisation); err != nil || len(only) != 1 || only[0] != imported {
			t.Errorf("imported: %+v, %v", only, err)
		}
	})
}

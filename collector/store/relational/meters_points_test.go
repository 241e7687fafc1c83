package relational_test

import (
	"fmt"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/storetest"
)

func TestTheDaysOfMetersAreToldAsTheyWereReckonedAndNothingOfAPersonsPlug(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		pc := meterMachine(t, s, site, 1, "shared")
		main := building(t, s, site, "main")
		plug := theMeter(t, s, meterRule(t, s, collector.MeterRule{Site: site.ID, Name: "plug", Kind: "plug", Machine: pc.ID, Field: "w", Unit: "W", Tags: collector.Tags{{Name: "name", Value: "plug"}}}).ID, "")
		for day := range 40 { // more than are read at once
			noon := time.Date(2026, 10, 1+day, 12, 0, 0, 0, time.UTC).UnixMilli()
			keepSamples(t, s, collector.MeterSample{Meter: main.ID, At: noon, Value: float64(1000 * day)}, collector.MeterSample{Meter: plug.ID, At: noon, Value: 60})
		}
		storetest.FoldAll(t, s)
		accountAll(t, s)
		told := func() (all map[int64]float64, n int) {
			t.Helper()
			all = map[int64]float64{}
			last := ""
			err := s.MeterPoints(t.Context(), collector.DayMeter, "2026-10-02", "2026-11-08", func(p collector.Point) error {
				if err := p.Validate(); err != nil {
					t.Error(err)
				}
				day := string(collector.DateOf(p.Time)) + " " + p.Tags.Get("meter")
				if day <= last || p.Time != p.Time.Truncate(24*time.Hour) || p.Measurement != collector.DayMeter {
					t.Errorf("%+v comes after %s", p, last)
				}
				last = day
				var meter int64
				_, err := fmt.Sscan(p.Tags.Get("meter"), &meter)
				all[meter] += p.Fields["wh"]
				n++
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return all, n
		}
		want := map[int64]float64{}
		for _, d := range meterDaysOf(t, s, site) {
			if d.Date >= "2026-10-02" && d.Date < "2026-11-08" {
				want[d.Meter] += d.Wh
			}
		}
		if got, n := told(); fmt.Sprint(got) != fmt.Sprint(want) || n != 2*37 || got[main.ID] == 0 || got[plug.ID] == 0 {
			t.Errorf("%v in %d points; want %v", got, n, want)
		}
		meterMachine(t, s, site, 1, "individual")
		if got, n := told(); got[plug.ID] != 0 || n != 37 {
			t.Errorf("%v in %d points of a plug that is a person's", got, n)
		}
	})
}

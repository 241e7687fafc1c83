package relational_test

import (
	"fmt"
	"reflect"
	"testing"

	"veille/collector"
)

func TestWhereThereIsNoRoomForAllTheOldestMonthsAreReadEachTime(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site, err := s.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		var all []collector.PlaceMonth
		for month := 1; month <= 6; month++ {
			var rows []collector.PlaceMonth
			for class := range month { // one row in January, six in June
				rows = append(rows, collector.PlaceMonth{
					Place: collector.Place{Site: site.ID, Class: fmt.Sprint(class), Use: "shared"}, Month: collector.Month(fmt.Sprintf("2026-%02d", month)), Sum: collector.Sum{Days: int64(month)},
				})
			}
			if err := s.Fix(t.Context(), site.Organisation, rows[0].Month, "2026-12-01", rows); err != nil {
				t.Fatal(err)
			}
			all = append(all, rows...)
		}
		for most, since := range map[int64]int{0: 0, 5: 0, 6: 6, 10: 6, 11: 5, 15: 4, 20: 2, 21: 1, 99: 1} {
			s.Shelve(most)
			for range 2 {
				for from := 1; from <= 6; from++ {
					for to := from; to <= 6; to++ {
						first, last := collector.Month(fmt.Sprintf("2026-%02d", from)), collector.Month(fmt.Sprintf("2026-%02d", to))
						var want []collector.PlaceMonth
						for _, r := range all {
							if r.Month >= first && r.Month <= last {
								want = append(want, r)
							}
						}
						if got, err := s.Figures().Months(t.Context(), site.Organisation, first, last); err != nil || !reflect.DeepEqual(got, want) {
							t.Fatalf("with room for %d, %s to %s: %+v, %v; want %+v", most, first, last, got, err, want)
						}
					}
				}
			}
			kept := int64(0)
			if since > 0 {
				for month := since; month <= 6; month++ {
					kept += int64(month)
				}
			}
			if got := s.Shelved(); got != kept {
				t.Errorf("with room for %d there are %d rows; want %d", most, got, kept)
			}
		}
	})
}

package sqlite

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"veille/collector"
)

func TestAShelfHasRoomForSoManyRowsAndKeepsThoseThatWereAskedForLast(t *testing.T) {
	const most = 30
	s := shelf{most: most}
	rows := func(n int) []collector.PlaceMonth { return make([]collector.PlaceMonth, n) }
	has := func() (all []int64) {
		for o := range s.of {
			all = append(all, o)
		}
		slices.Sort(all)
		return all
	}
	months := []int64{10, 11}
	for organisation := range int64(3) {
		s.put(organisation, shelved{since: 10, months: months, rows: rows(most / 3)})
	}
	if _, _, ok := s.get(0, months, 10); !ok || s.total() != most {
		t.Fatalf("%v are there, with %d rows", has(), s.total())
	}
	for _, step := range []struct {
		organisation int64
		rows         int
		want         []int64
	}{{3, 1, []int64{0, 2, 3}}, {2, most/3 - 1, []int64{0, 2, 3}}, {4, most, []int64{4}}, {5, most + 1, nil}} {
		s.put(step.organisation, shelved{since: 10, months: months, rows: rows(step.rows)})
		if got := has(); !slices.Equal(got, step.want) || s.total() > most {
			t.Errorf("after %d rows of %d there are %v, with %d rows; want %v", step.rows, step.organisation, got, s.total(), step.want)
		}
	}
}

func TestAShelfDropsWhatIsNoLongerAsItWas(t *testing.T) {
	for name, x := range map[string]struct {
		fixed []int64
		from  int64
		found bool
		kept  bool
		full  bool
	}{
		"as it was":                      {[]int64{8, 10, 11}, 10, true, true, false},
		"a later month is asked for":     {[]int64{8, 10, 11}, 11, true, true, false},
		"one was deleted that is not in": {[]int64{10, 11}, 10, true, true, false},
		"one was deleted":                {[]int64{11}, 11, false, false, false},
		"one was fixed":                  {[]int64{8, 10, 11, 12}, 10, false, false, false},
		"one was fixed late":             {[]int64{8, 9, 10, 11}, 10, false, false, false},
		"an earlier one is asked for":    {[]int64{8, 10, 11}, 8, false, true, false},
		"there is no room for more":      {[]int64{8, 10, 11}, 8, true, true, true},
		"all were deleted":               {nil, 10, false, false, false},
	} {
		s := shelf{most: 4}
		s.put(1, shelved{since: 9, months: []int64{10, 11}, rows: make([]collector.PlaceMonth, 4), full: x.full})
		rows, start, found := s.get(1, x.fixed, x.from)
		if _, kept := s.of[1]; found != x.found || kept != x.kept || found && (len(rows) != 4 || start != 9) {
			t.Errorf("%s: found %v, kept %v, %d rows", name, found, kept, len(rows))
		}
	}
}

func TestWhereThereIsNoRoomForAllTheOldestMonthsAreReadEachTime(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
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
		s.shelf.empty()
		s.shelf.most = most
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
		if got := s.shelf.total(); got != kept {
			t.Errorf("with room for %d there are %d rows; want %d", most, got, kept)
		}
	}
}

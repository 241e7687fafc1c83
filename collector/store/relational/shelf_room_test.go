package relational

import (
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

package relational_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
	"veille/collector/store/relational"
)

func TestFixedMonthsAreAnsweredAlikeWhateverWasAskedBefore(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s, sites := offices(t, at)
		program := at.open(t)                                                                                 // another one, which has the same file open
		all := []collector.Month{"2025-11", "2025-12", "2026-01", "2026-03", "2026-04", "2026-05", "2026-06"} // nothing is known of February
		var mu sync.Mutex
		there := map[collector.Site][]collector.PlaceMonth{}
		fix := func(by *relational.Store, site collector.Site, month collector.Month) {
			t.Helper()
			mu.Lock()
			defer mu.Unlock()
			rows := []collector.PlaceMonth{monthsOf(t, site.ID, "desktop", month, 7), monthsOf(t, site.ID, "laptop", month, 1+len(there[site]))}
			if err := by.Fix(t.Context(), site.Organisation, month, "2026-12-08", rows); err != nil {
				t.Fatal(err)
			}
			there[site] = append(there[site], rows...)
		}
		random := rand.New(rand.NewPCG(8, 9))
		asks := func(n int) {
			t.Helper()
			for range n {
				site := sites[random.IntN(2)]
				from, to := collector.Month("2025-09"), collector.Month("2026-08")
				if random.IntN(4) > 0 {
					from, to = all[random.IntN(len(all))], all[random.IntN(len(all))]
				}
				var want []collector.PlaceMonth
				for _, r := range there[site] {
					if r.Month >= from && r.Month <= to {
						want = append(want, r)
					}
				}
				got, err := s.Figures().Months(t.Context(), site.Organisation, from, to)
				if err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("%s to %s of %s: %+v, %v; want %+v", from, to, site.Name, got, err, want)
				}
				if got != nil && cap(got) != len(got) {
					t.Fatalf("what is appended to %d rows is in the %d of others", len(got), cap(got))
				}
			}
		}
		asks(3)
		for i, month := range all {
			fix([]*relational.Store{s, program}[i%2], sites[0], month)
			asks(20)
			fix(program, sites[1], month)
			asks(20)
		}
		for i, by := range []*relational.Store{program, s} { // by which what has served is deleted
			horizon := all[1+i]
			if _, err := by.Finish(t.Context(), collector.Run{}, collector.Horizon{GroupMonths: horizon}); err != nil {
				t.Fatal(err)
			}
			for site, rows := range there {
				there[site] = rows[2:]
			}
			asks(40)
		}
	})
}

func TestADoorChangesNothingOfTheRowsThatItShares(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := newRegion(t, at)
		for range 65 {
			r.day()
			r.night()
		}
		r.last()
		organisation := r.sites[0].Organisation
		rows := func() string {
			t.Helper()
			rows, err := r.Figures().Months(t.Context(), organisation, "2026-01", "2026-12")
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(rows)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		before := rows()
		officer := &collector.User{Name: "anna", Organisation: organisation, Roles: []collector.Role{collector.RoleOfficer}}
		asked := 0
		for range 2 {
			for _, n := range r.nodes() {
				for _, who := range []*collector.User{nil, officer} {
					q := privacy.Question{Organisation: organisation, Node: n, From: "2026-01", To: "2026-12"}
					if who == nil && n.Level > privacy.OneSite {
						continue
					}
					if _, err := r.door.Monthly(t.Context(), who, q); err != nil {
						t.Fatal(err)
					}
					a, err := r.door.Ask(t.Context(), who, q)
					if err != nil {
						t.Fatal(err)
					}
					asked += len(a.Months)
					if after := rows(); after != before {
						t.Fatalf("%+v has made\n%s\nof\n%s", q, after, before)
					}
				}
			}
		}
		if asked == 0 {
			t.Error("no month was fixed")
		}
	})
}

package relational_test

import (
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

// stale are the dates to be rolled up, which are then rolled up.
func stale(t *testing.T, s *relational.Store) []collector.Date {
	t.Helper()
	dates, err := s.Stale(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Rolled(t.Context(), dates); err != nil {
		t.Fatal(err)
	}
	return dates
}

func TestADayIsRolledUpAgainWhateverChangesIt(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		old := f.enrol(1, mini("intel-5-8"), "2026-11-02").Machine
		f.day(old, "2026-11-04", "2026-11-03", 600)
		f.day(old, "2026-11-06", "2026-11-05", 600)
		newer := f.enrol(2, mini("intel-5-8"), "2026-11-10").Machine
		other := f.enrol(3, mini("intel-5-8"), "2026-11-10").Machine
		f.day(newer, "2026-11-12", "2026-11-11", 600)
		f.day(other, "2026-11-12", "2026-11-11", 600)
		want := func(what string, dates ...collector.Date) {
			t.Helper()
			if got := stale(t, f.Store); !slices.Equal(got, dates) {
				t.Errorf("%s: %v, want %v", what, got, dates)
			}
		}
		want("new records", "2026-11-03", "2026-11-05", "2026-11-11")
		want("nothing")
		f.day(other, "2026-11-13", "2026-11-11", 600)
		want("a record that covers no more")
		f.day(other, "2026-11-13", "2026-11-11", 700)
		want("a record that covers more", "2026-11-11")
		if err := f.Replace(t.Context(), newer.ID, old.ID); err != nil {
			t.Fatal(err)
		}
		want("a machine that was installed anew", "2026-11-03", "2026-11-05")
		f.day(old, "2026-11-14", "2026-11-13", 600)
		want("and speaks after all", "2026-11-03", "2026-11-05", "2026-11-13")
		if err := f.Settle(t.Context(), old.ID); err != nil {
			t.Fatal(err)
		}
		want("said to be one of its own")
		if _, err := f.Erase(t.Context(), other.ID); err != nil {
			t.Fatal(err)
		}
		want("erased", "2026-11-11")
	})
}

func TestADayThatChangesWhileItIsRolledUpStaysStale(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		m := f.enrol(1, mini("intel-5-8"), "2026-11-02").Machine
		f.day(m, "2026-11-04", "2026-11-03", 600)
		dates, err := f.Stale(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.day(m, "2026-11-05", "2026-11-03", 700)
		if err := f.Rolled(t.Context(), dates); err != nil {
			t.Fatal(err)
		}
		if got := stale(t, f.Store); !slices.Equal(got, []collector.Date{"2026-11-03"}) {
			t.Errorf("%v; want the day again", got)
		}
	})
}

func TestANightForgetsWhatIsKeptOfNoMachineAnyMore(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		plain := f.enrol(1, mini("plain"), "2026-07-31").Machine
		rare := plain
		rare.Kind.CPU = "rare"
		f.day(rare, "2026-08-02", "2026-08-01", 600)
		f.day(plain, "2026-11-02", "2026-11-01", 600)
		gone := collector.MachineMonth{Machine: 99, Month: "2026-10", Place: collector.Place{Site: f.site.ID, Use: "individual"}}
		if err := f.PutMonths(t.Context(), "2026-10", 1, 99, []collector.MachineMonth{gone}); err != nil { // it was erased while its month was made
			t.Fatal(err)
		}
		if _, err := f.Finish(t.Context(), collector.Run{}, collector.Horizon{MachineDays: "2026-08-20"}); err != nil {
			t.Fatal(err)
		}
		text := at.rows(t, at.past(t))
		if strings.Contains(text, "rare") || !strings.Contains(text, "plain") {
			t.Errorf("rare: %t, plain: %t; want plain alone", strings.Contains(text, "rare"), strings.Contains(text, "plain"))
		}
		if months, err := f.Figures().MachineMonths(t.Context(), f.site.ID, "2026-10"); err != nil || len(months) > 0 {
			t.Errorf("of an erased machine is kept %+v, %v", months, err)
		}
		f.day(rare, "2026-11-04", "2026-11-03", 600) // it is told of again, and known again
		var cpus []string
		err := f.Records(t.Context(), "2026-11-01", "2026-11-03", func(c collector.Change) error {
			cpus = append(cpus, c.Record.CPU)
			return nil
		})
		if err != nil || !slices.Equal(cpus, []string{"plain", "rare"}) {
			t.Errorf("%q, %v", cpus, err)
		}
	})
}

func TestADateThatAPersonSaysIsRightIsDoubtedNoMore(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		m := f.enrol(1, mini("intel-5-8"), "2026-12-31").Machine // by a clock that was ahead
		f.enrol(2, mini("intel-5-8"), "2026-11-01")
		if err := f.TrustDate(t.Context(), "2026-11-22"); err != nil {
			t.Fatal(err)
		}
		if newest, err := f.NewestDate(t.Context()); err != nil || newest != "2026-11-22" {
			t.Errorf("the newest date is %s, %v", newest, err)
		}
		r := record("2026-11-22", collector.WholeDay, 600)
		r.CPU = "intel-7-13"
		if _, err := f.Keep(t.Context(), m, "2026-11-23", 0, []collector.Record{r}); err != nil {
			t.Fatal(err)
		}
		machines, err := f.Machines(t.Context(), f.site.ID)
		if err != nil || len(machines) != 2 || machines[0].Kind.CPU != "intel-7-13" || machines[0].EnrolledOn != "2026-11-22" || machines[1].SeenOn != "2026-11-01" {
			t.Errorf("%+v, %v", machines, err)
		}
	})
}

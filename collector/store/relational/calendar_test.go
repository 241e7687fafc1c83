package relational_test

import (
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

func site(t *testing.T, s *relational.Store, organisation, name string) collector.Site {
	t.Helper()
	x, err := s.CreateSite(t.Context(), organisation, name, "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestACalendarIsKeptBySite(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		a, b := site(t, s, "Région", "A"), site(t, s, "Région", "B")
		calendar := collector.Calendar{
			Open: []collector.OpenHours{{Weekday: 1, From: "08:00", To: "18:00"}}, Territory: "reunion",
			Closures: []collector.Closure{{Days: collector.Days{From: "2026-12-24", To: "2027-01-03"}, Name: "Noël", Source: "typed"}},
			Reopened: []collector.Days{{From: "2026-12-28", To: "2026-12-28"}},
		}
		limits := collector.Limits{Use: "individual", SampleEveryS: 120, UploadWithinS: 3600, Pause: true, Omit: []string{"cpu"}, Products: []string{"Dell OptiPlex 7090"}}
		if err := s.SetCalendar(t.Context(), a.ID, calendar); err != nil {
			t.Fatal(err)
		}
		if err := s.SetLimits(t.Context(), a.ID, limits); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = at.open(t)
		if got, err := s.Calendar(t.Context(), a.ID); err != nil || !reflect.DeepEqual(got, calendar) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := s.Limits(t.Context(), a.ID); err != nil || !reflect.DeepEqual(got, limits) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := s.Calendar(t.Context(), b.ID); err != nil || !reflect.DeepEqual(got, collector.Calendar{}) {
			t.Errorf("a site of which nothing was said has %+v, %v", got, err)
		}
		if got, err := s.Limits(t.Context(), b.ID); err != nil || !reflect.DeepEqual(got, collector.Limits{}) {
			t.Errorf("a site of which nothing was said has %+v, %v", got, err)
		}
		if err := s.SetCalendar(t.Context(), 99, calendar); err == nil {
			t.Error("a site that is none has a calendar")
		}
		refused := errors.New("no")
		if err := s.EditCalendar(t.Context(), a.ID, func(collector.Calendar) (collector.Calendar, error) { return collector.Calendar{}, refused }); !errors.Is(err, refused) || err.Error() != "no" {
			t.Errorf("%v, want the editor's own words", err)
		}
		if got, err := s.Calendar(t.Context(), a.ID); err != nil || !reflect.DeepEqual(got, calendar) {
			t.Errorf("after an edit that failed: %+v, %v", got, err)
		}
	})
}

func TestTwoWhoEditACalendarAtOnceUndoNothing(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		a := site(t, s, "Région", "A")
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				err := s.EditCalendar(t.Context(), a.ID, func(c collector.Calendar) (collector.Calendar, error) {
					c.Closures = append(c.Closures, collector.Closure{Name: fmt.Sprint(i)})
					return c, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if c, err := s.Calendar(t.Context(), a.ID); err != nil || len(c.Closures) != 40 {
			t.Errorf("%d closures, %v; want 40", len(c.Closures), err)
		}
	})
}

func TestANewNumberIsGivenToANewPolicyOnly(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		a, b := site(t, s, "Région", "A"), site(t, s, "Région", "B")
		for i, step := range []struct {
			site int64
			body string
			now  int64
			want int64
		}{
			{a.ID, "x", 1000, 1000},
			{a.ID, "x", 2000, 1000},
			{b.ID, "x", 2000, 2000},
			{a.ID, "y", 2000, 2000},
			{a.ID, "x", 2000, 2001}, // twice within a second
			{a.ID, "y", 500, 2002},  // the clock was set back
			{a.ID, "y", 9000, 2002},
			{b.ID, "x", 9000, 2000},
		} {
			if got, err := s.IssuePolicy(t.Context(), step.site, []byte(step.body), step.now, 0); err != nil || got != step.want {
				t.Errorf("step %d: %d, %v; want %d", i, got, err, step.want)
			}
		}
		if _, err := s.IssuePolicy(t.Context(), 99, []byte("x"), 1, 0); err == nil {
			t.Error("a site that is none has a policy")
		}
	})
}

func TestAnAgentAheadOfARestoredLedgerIsGivenTheSamePolicyUnderANumberAfterItsOwn(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		a := site(t, s, "Région", "A")
		const now, dayLater = 1_000_000, 1_000_000 + 86_400
		for i, step := range []struct {
			body       string
			now, after int64
			want       int64
		}{
			{"running", now, 0, now},
			{"running", now + 9, now - 1, now},
			{"running", now + 9, now, now},                 // the agent has it
			{"running", now + 5000, now + 900, now + 5000}, // the agent was told to pause after the backup was made
			{"running", now + 5000, now + 900, now + 5000},
			{"running", now + 5000, now + 7000, now + 7001}, // several changes within a second, or a clock that was set back
			{"running", now, 1 << 62, now + 7001},           // no collector has given that
			{"running", now, dayLater + 1, now + 7001},
			{"running", now, dayLater, dayLater + 1},
			{"running", now, 0, dayLater + 1},
			{"another", now, 1 << 62, dayLater + 2},
			{"third", dayLater, dayLater + 40, dayLater + 41},
		} {
			if got, err := s.IssuePolicy(t.Context(), a.ID, []byte(step.body), step.now, step.after); err != nil || got != step.want {
				t.Errorf("step %d: %d, %v; want %d", i, got, err, step.want)
			}
		}
	})
}

func TestManyWhoAskForANewPolicyAtOnceGetOneNumber(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		a := site(t, s, "Région", "A")
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				if got, err := s.IssuePolicy(t.Context(), a.ID, []byte("x"), 1000+int64(i), 0); err != nil || got < 1000 {
					t.Errorf("%d, %v", got, err)
				}
			})
		}
		wg.Wait()
		first, err := s.IssuePolicy(t.Context(), a.ID, []byte("x"), 5000, 0)
		if err != nil || first >= 1050 {
			t.Errorf("%d, %v; want one of those given", first, err)
		}
		for range 50 { // a fleet comes back to a restored ledger
			wg.Go(func() {
				if got, err := s.IssuePolicy(t.Context(), a.ID, []byte("x"), 5000, 4000); err != nil || got != 5000 {
					t.Errorf("%d, %v", got, err)
				}
			})
		}
		wg.Wait()
	})
}

func TestAnOrganisationSaysWhoAnswersForTheData(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site(t, s, "Région", "A")
		site(t, s, "Autre", "B")
		r, err := s.Organisation(t.Context(), "Région")
		if err != nil || r.ID == 0 || r.Contact+r.DPO+r.Address != "" {
			t.Fatalf("%+v, %v", r, err)
		}
		r.Name, r.Contact, r.DPO, r.Address = "Région Démonstration", "dpo@example.org", "Camille Martin", "1 place du Marché"
		if err := s.SetOrganisation(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Organisation(t.Context(), "Région Démonstration"); err != nil || got != r {
			t.Errorf("%+v, %v; want %+v", got, err, r)
		}
		if all, err := s.Organisations(t.Context()); err != nil || len(all) != 2 || all[0].Name != "Autre" || all[1] != r {
			t.Errorf("%+v, %v", all, err)
		}
		if _, err := s.Organisation(t.Context(), "Région"); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("the old name: %v, want ErrNotFound", err)
		}
		r.Name = "Autre"
		if err := s.SetOrganisation(t.Context(), r); !errors.Is(err, collector.ErrExists) {
			t.Errorf("a name that is taken: %v, want ErrExists", err)
		}
		r.ID, r.Name = 99, "x"
		if err := s.SetOrganisation(t.Context(), r); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("a number that is none: %v, want ErrNotFound", err)
		}
	})
}

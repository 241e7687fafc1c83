package relational_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite/ledgertest"
	"veille/collector/store/storetest"
)

func TestSeries(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		storetest.Run(t, func(t *testing.T) storetest.Series { return at.another(t).open(t) })
	})
}

func key(n byte) [32]byte { return ledgertest.Key(n) }

// enrolled is a store with one site and one machine.
func enrolled(t *testing.T, s *relational.Store, quota int) collector.Machine {
	t.Helper()
	return ledgertest.Enrolled(t, s, quota)
}

func record(date collector.Date, hour, covered int) collector.Record {
	return ledgertest.Record(date, hour, covered)
}

func TestATokenEnrolsAsManyMachinesAsItMayAndTheSameMachineForNothing(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		first := enrolled(t, s, 2)
		if first.Site.Name != "Lycée" || first.Site.TimeZone != "Europe/Paris" || first.EnrolledOn != "2026-11-16" {
			t.Errorf("%+v", first)
		}
		enrol := func(token, machine, credential byte, on collector.Date) (collector.Enrolled, error) {
			return s.Enrol(t.Context(), collector.Enrolment{Token: key(token), Pseudonym: key(machine), Credential: key(credential), Use: "shared", On: on})
		}
		again, err := enrol(1, 2, 9, "2026-11-17")
		if err != nil || again.ID != first.ID || again.EnrolledOn != "2026-11-16" || again.Use != "shared" {
			t.Errorf("enrolled again: %+v, %v; want machine %d", again, err, first.ID)
		}
		if _, err := s.Machine(t.Context(), key(3)); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("the old password: %v, want ErrNotFound", err)
		}
		if m, err := s.Machine(t.Context(), key(9)); err != nil || !reflect.DeepEqual(m, again.Machine) {
			t.Errorf("the new password: %+v, %v; want %+v", m, err, again)
		}
		if second, err := enrol(1, 4, 10, "2026-11-17"); err != nil || second.ID == first.ID {
			t.Errorf("a second machine: %+v, %v", second, err)
		}
		for name, err := range map[string]error{
			"used up": second(enrol(1, 5, 11, "2026-11-17")), "unknown": second(enrol(7, 5, 11, "2026-11-17")), "expired": second(enrol(1, 2, 11, "2026-12-01")),
		} {
			if !errors.Is(err, collector.ErrToken) {
				t.Errorf("%s: %v, want ErrToken", name, err)
			}
		}
	})
}

// everything is all records, those of personal machines included.
func everything(t *testing.T, s *relational.Store) []collector.Change {
	t.Helper()
	return ledgertest.Everything(t, s)
}

func second[A, B any](_ A, b B) B { return b }

func TestARecordIsKeptOnceAndTheOneThatCoversMoreStays(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := enrolled(t, s, 1)
		for i, step := range []struct {
			covered int
			want    collector.Outcome
		}{{600, collector.Stored}, {600, collector.Kept}, {500, collector.Kept}, {700, collector.Replaced}, {700, collector.Kept}} {
			got, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{record("2026-11-16", 9, step.covered)})
			if err != nil || got.Outcomes[0] != step.want {
				t.Errorf("step %d: %v, %v; want %v", i, got, err, step.want)
			}
		}
		changes, err := s.Changes(t.Context(), 0, 10)
		if err != nil || len(changes) != 1 || changes[0].Record.CoveredS() != 700 || changes[0].Revision != 2 {
			t.Errorf("%+v, %v; want one record of 700 s", changes, err)
		}
		if m, err := s.Machine(t.Context(), key(3)); err != nil || m.SeenOn != "2026-11-17" {
			t.Errorf("seen on %s, %v", m.SeenOn, err)
		}
	})
}

func TestAnHourStaysAtTheSiteAndUseItFirstHad(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := enrolled(t, s, 1)
		other, err := s.CreateSite(t.Context(), "Région", "Mairie", "Indian/Reunion")
		if err != nil {
			t.Fatal(err)
		}
		keep := func(m collector.Machine, r collector.Record) {
			t.Helper()
			if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{r}); err != nil {
				t.Fatal(err)
			}
		}
		keep(m, record("2026-11-16", 9, 600))
		if err := s.CreateToken(t.Context(), collector.Token{Hash: key(9), Site: other.ID, Quota: 1, ExpiresOn: "2026-12-01"}); err != nil {
			t.Fatal(err)
		}
		moved, err := s.Enrol(t.Context(), collector.Enrolment{Token: key(9), Pseudonym: key(2), Credential: key(4), Use: "shared", On: "2026-11-16"})
		if err != nil {
			t.Fatal(err)
		}
		keep(moved.Machine, record("2026-11-16", 9, 700))
		keep(moved.Machine, record("2026-11-16", 10, 700))
		changes, err := s.Changes(t.Context(), 0, 10)
		if err != nil || len(changes) != 2 || changes[0].Site.Name != "Lycée" || changes[0].Record.Use != "server" ||
			changes[1].Site.Name != "Mairie" || changes[1].Record.Use != "shared" {
			t.Errorf("%+v, %v", changes, err)
		}
	})
}

func TestManyWritersAtOnceLoseNothing(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := enrolled(t, s, 1)
		atOnce(t, s, 300, 300, func(i int) error {
			date := collector.Date(fmt.Sprintf("2026-%02d-%02d", 1+i/28, 1+i%28))
			_, err := s.Keep(context.WithoutCancel(t.Context()), m, "2026-11-17", 0, []collector.Record{record(date, 1, 60)})
			return err
		})
	})
}

// atOnce lets so many writers write at once, and looks whether as many records are there as are wanted.
func atOnce(t *testing.T, s *relational.Store, writers, want int, write func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			if err := write(i); err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if changes, err := s.Changes(t.Context(), 0, 1000); err != nil || len(changes) != want {
		t.Errorf("%d records, %v; want %d", len(changes), err, want)
	}
}

func TestOneFailureDoesNotUndoTheOthers(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := enrolled(t, s, 1)
		atOnce(t, s, 50, 25, func(i int) error {
			m := m
			m.ID += int64(i % 2)
			_, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{record("2026-11-16", i/2, 60)})
			if i%2 == 0 {
				return err
			}
			if err == nil {
				return errors.New("a record of a machine that does not exist was kept")
			}
			return nil
		})
	})
}

func TestWhatWasWrittenIsThereForTheNextProcess(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := enrolled(t, s, 1)
		other := at.open(t) // an administration command beside the server
		if _, err := other.CreateSite(t.Context(), "Région", "Mairie", "Indian/Reunion"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{record("2026-11-16", 9, 60)}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Advance(t.Context(), "series", collector.StreamHours, 0, 41); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.CreateSite(t.Context(), "Région", "x", "UTC"); err == nil {
			t.Error("a closed store took a site")
		}
		s = at.open(t)
		sites, err := s.Sites(t.Context())
		if err != nil || len(sites) != 2 || sites[0].Name != "Lycée" || sites[1].Name != "Mairie" {
			t.Errorf("sites %+v, %v", sites, err)
		}
		if at, err := s.Positions(t.Context(), "series"); err != nil || at[collector.StreamHours].Acked != 41 {
			t.Errorf("position %v, %v", at, err)
		}
		if at, err := s.Positions(t.Context(), "elsewhere"); err != nil || len(at) > 0 {
			t.Errorf("position of a new destination %v, %v", at, err)
		}
		if _, err := s.CreateSite(t.Context(), "Région", "Lycée", "UTC"); !errors.Is(err, collector.ErrExists) {
			t.Errorf("a second site of the name: %v, want ErrExists", err)
		}
	})
}

func TestADamagedDayIsNotOverwrittenNorShown(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		m := enrolled(t, s, 1)
		if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{record("2026-11-16", 9, 60)}); err != nil {
			t.Fatal(err)
		}
		if err := at.raw(t, "UPDATE day SET body = "+at.bytes(1, 2)+" || substr(body, 3)"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{record("2026-11-16", 10, 60)}); err == nil || !strings.Contains(err.Error(), "restore the newest backup") {
			t.Errorf("written to: %v", err)
		}
		if _, err := s.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{record("2026-11-15", 10, 60)}); err != nil {
			t.Errorf("another day: %v", err)
		}
		err := s.Records(t.Context(), "2026-11-16", "2026-11-16", func(collector.Change) error { t.Error("shown"); return nil })
		if err == nil || !strings.Contains(err.Error(), "2026-11-16 of machine 1") {
			t.Errorf("read: %v", err)
		}
		if f := at.found(t); len(f.Problems) != 1 || !strings.Contains(f.Problems[0], "2026-11-16 of machine 1") {
			t.Errorf("%+v", f)
		}
	})
}

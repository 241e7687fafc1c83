package relational_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/collector/store/storetest"
)

func TestASiteHasSoManyMetersAndNoMore(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		full, other := meterSite(t, s, "Lycée"), meterSite(t, s, "Autre")
		rule := meterRule(t, s, collector.MeterRule{Site: full.ID, Name: "Prise", Kind: "pdu", Field: "w", Unit: "W", By: []string{"device"}})
		theirs := meterRule(t, s, collector.MeterRule{Site: other.ID, Name: "Prise", Kind: "pdu", Field: "w", Unit: "W", By: []string{"device"}})
		keys := make([]collector.MeterKey, collector.MostMeters+50)
		for i := range keys {
			keys[i] = collector.MeterKey{Rule: rule.ID, Values: fmt.Sprint(i)}
		}
		keys[7] = keys[6] // in one post
		all, err := s.MetersOf(t.Context(), keys)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range all {
			if made := m.ID != 0; made != (i <= collector.MostMeters) || made && i != 7 && m.Name != "Prise "+keys[i].Values {
				t.Fatalf("meter %d is %+v", i, m)
			}
		}
		if all[6] != all[7] {
			t.Errorf("one key is of two meters: %+v, %+v", all[6], all[7])
		}
		again, err := s.MetersOf(t.Context(), []collector.MeterKey{{Rule: rule.ID, Values: "new"}, keys[3], {Rule: theirs.ID, Values: "3"}, {Rule: 999}})
		if err != nil || again[0].ID != 0 || again[1] != all[3] || again[2].Site != other.ID || again[3].ID != 0 {
			t.Errorf("%+v, %v", again, err)
		}
		known, err := s.MetersAt(t.Context(), full.ID)
		if err != nil || len(known) != collector.MostMeters || known[keys[3]] != all[3].ID {
			t.Errorf("%d meters are told of, %v", len(known), err)
		}
		if err := s.RemoveMeterRule(t.Context(), other.ID, theirs.ID, "2026-11-20"); err != nil {
			t.Fatal(err)
		}
		if ended, err := s.MetersOf(t.Context(), []collector.MeterKey{{Rule: theirs.ID, Values: "4"}}); err != nil || ended[0].ID != 0 {
			t.Errorf("a rule that was ended makes meters: %+v, %v", ended, err)
		}
	})
}

func TestSamplesOfASiteAndDayAreCountedOnce(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		a, b := building(t, s, site, "A"), building(t, s, site, "B")
		other := building(t, s, meterSite(t, s, "Autre"), "C")
		day := moment(t, "2026-11-20 00:00:00").Unix() / 86_400
		for range 2 { // all of it comes twice
			keepSamples(t, s, sample(t, a, "2026-11-20 00:00:00", 1), sample(t, a, "2026-11-20 23:59:59", 2), sample(t, b, "2026-11-20 12:00:00", 3),
				sample(t, a, "2026-11-21 00:00:00", 4), sample(t, other, "2026-11-20 12:00:00", 5))
			storetest.FoldAll(t, s)
		}
		for site, want := range map[int64][3]int64{site.ID: {0, 3, 1}, other.Site: {0, 1, 0}, 99: {}} {
			for i, n := range want {
				if got, err := s.MeterSamplesOn(t.Context(), site, day-1+int64(i)); err != nil || got != n {
					t.Errorf("site %d has %d samples on day %d, want %d; %v", site, got, i, n, err)
				}
			}
		}
	})
}

// theRule is a rule of a site as the door is told of it.
func theRule(t testing.TB, s *relational.Store, site, id int64) collector.MeterRule {
	t.Helper()
	rules, err := s.MeterRulesOf(t.Context(), site)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if r.ID == id {
			return r
		}
	}
	return collector.MeterRule{}
}

// A machine that is a person's for an hour, and shared before and after: the plug behind it is never told of again, though no night came between.
func TestAPlugIsBarredForEverWhenItsMachineWasAPersons(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		for n, become := range map[byte]func(collector.Machine){
			1: func(collector.Machine) { meterMachine(t, s, site, 1, "individual") },
			2: func(m collector.Machine) {
				if err := s.Replace(t.Context(), meterMachine(t, s, site, 12, "individual").ID, m.ID); err != nil {
					t.Fatal(err)
				}
			},
		} {
			machine := meterMachine(t, s, site, n, "shared")
			p := plugOf(t, s, machine)
			before := theRule(t, s, site.ID, p.Rule)
			become(machine)
			if err := s.Restore(t.Context(), machine.ID); err != nil { // it was another one
				t.Fatal(err)
			}
			meterMachine(t, s, site, n, "shared")
			if after := theRule(t, s, site.ID, p.Rule); before.Barred || !after.Barred || after.Machine != machine.ID {
				t.Errorf("machine %d: the rule is %+v, and was %+v", n, after, before)
			}
			if found, err := s.MetersOf(t.Context(), []collector.MeterKey{{Rule: p.Rule}}); err != nil || found[0].ID != 0 {
				t.Errorf("machine %d: its meter is told of: %+v, %v", n, found, err)
			}
		}
		if err := s.TidyMeters(t.Context(), "2026-11-21"); err != nil {
			t.Fatal(err)
		}
		if known, err := s.MetersAt(t.Context(), site.ID); err != nil || len(known) > 0 || len(meterRange(t, s, collector.MeterPower)) > 0 {
			t.Errorf("%v meters are left, %v", known, err)
		}
	})
}

func TestAPlugEndsWhenItsMachineIsMovedToAnotherSite(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site, other := meterSite(t, s, "Lycée"), meterSite(t, s, "Autre")
		p, q := plugOf(t, s, meterMachine(t, s, site, 1, "shared")), plugOf(t, s, meterMachine(t, s, site, 2, "shared"))
		token := [32]byte{201}
		if err := s.CreateToken(t.Context(), collector.Token{Hash: token, Site: other.ID, Quota: 9, ExpiresOn: "2030-01-01"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Enrol(t.Context(), collector.Enrolment{Token: token, Pseudonym: [32]byte{1}, Credential: [32]byte{9}, Use: "shared", On: "2026-11-21"}); err != nil {
			t.Fatal(err)
		}
		if moved, stays := theRule(t, s, site.ID, p.Rule), theRule(t, s, site.ID, q.Rule); moved.RemovedOn != "2026-11-21" || moved.Barred || stays.RemovedOn != "" {
			t.Errorf("moved: %+v, not moved: %+v", moved, stays)
		}
		if n := len(meterRange(t, s, collector.MeterPower)); n != 6 {
			t.Errorf("%d points are left, want all 6: the machine was shared", n)
		}
	})
}

// What is left of the plug of a machine that was erased says which lines are to be dropped, and nothing of the machine.
func TestThePlugOfAMachineThatWasErasedStaysShut(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		machine, another := meterMachine(t, s, site, 1, "shared"), meterMachine(t, s, site, 2, "server")
		rule := theRule(t, s, site.ID, plugOf(t, s, machine).Rule)
		hash := [32]byte{1}
		if err := s.CreateMeterToken(t.Context(), hash, collector.MeterToken{Site: site.ID, CreatedOn: "2026-11-01", ExpiresOn: "2026-12-01"}); err != nil {
			t.Fatal(err)
		}
		before, err := s.MeterEntrance(t.Context(), hash, "2026-11-20")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Erase(t.Context(), machine.ID); err != nil {
			t.Fatal(err)
		}
		if after, err := s.MeterEntrance(t.Context(), hash, "2026-11-20"); err != nil || after.Version == before.Version {
			t.Errorf("doors are not told: %+v, %v", after, err)
		}
		left := theRule(t, s, site.ID, rule.ID)
		if !left.Barred || left.Machine != 0 || left.Name == rule.Name || fmt.Sprint(left.Tags) != fmt.Sprint(rule.Tags) || left.Field != rule.Field {
			t.Errorf("left is %+v of %+v", left, rule)
		}
		if err := s.TidyMeters(t.Context(), "2026-11-21"); err != nil {
			t.Fatal(err)
		}
		if left := theRule(t, s, site.ID, rule.ID); left.RemovedOn != "2026-11-21" || !left.Barred {
			t.Errorf("after the night it is %+v", left)
		}
		same := collector.MeterRule{Site: site.ID, Name: "Baie", Kind: "pdu", Measurement: rule.Measurement, Tags: rule.Tags, Field: rule.Field, Unit: "W", AddedOn: "2026-11-21"}
		if _, err := s.AddMeterRule(t.Context(), same); err == nil || !strings.Contains(err.Error(), "may be of another plug") || errors.Is(err, collector.ErrExists) {
			t.Errorf("its lines are a rack's: %v", err)
		}
		same.Kind, same.Machine = "plug", another.ID
		if _, err := s.AddMeterRule(t.Context(), same); err != nil {
			t.Errorf("it is put behind another machine: %v", err)
		}
	})
}

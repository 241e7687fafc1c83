package relational_test

import (
	"errors"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/storetest"
)

// credential is one that can be found in a file.
func credential(n byte) (c [32]byte) {
	copy(c[:], "credential of machine "+string('a'+rune(n)))
	return c
}

func TestWhatIsErasedCanBeReadNowhere(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		here := site(t, s, "Région", "Lycée")
		if err := s.CreateToken(t.Context(), collector.Token{Hash: key(1), Site: here.ID, Quota: 9, ExpiresOn: "2027-01-01"}); err != nil {
			t.Fatal(err)
		}
		var all []collector.Machine
		for n := range byte(3) {
			e := collector.Enrolment{Token: key(1), Pseudonym: key(n), Credential: credential(n), Use: "individual", Kind: mini("intel-5-8"), On: "2026-11-02"}
			m, err := s.Enrol(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			r := record("2026-11-05", collector.WholeDay, 600)
			r.Product = "product-of-" + string('a'+rune(n))
			if _, err := s.Keep(t.Context(), m.Machine, "2026-11-06", 0, []collector.Record{r}); err != nil {
				t.Fatal(err)
			}
			if err := s.Quarantine(t.Context(), []collector.Refused{{Machine: m.ID, Site: here.ID, On: "2026-11-06", Date: "2027", Reason: "told by machine " + string('a'+rune(n))}}); err != nil {
				t.Fatal(err)
			}
			all = append(all, m.Machine)
		}
		if err := s.Replace(t.Context(), all[2].ID, all[0].ID); err != nil {
			t.Fatal(err)
		}
		own, err := s.Own(t.Context(), all[0].ID)
		if err != nil || len(own.Machines) != 2 || len(own.Days) != 2 || len(own.Refused) != 2 || own.Machines[1].ID != all[2].ID || own.Days[0].Machine != all[0].ID {
			t.Errorf("%+v, %v; want all that is kept under both numbers", own, err)
		}
		e, err := s.Erase(t.Context(), all[0].ID) // by the number that it had before
		if err != nil || len(e.Machines) != 2 || e.Days != 2 || e.Quarantine != 2 || e.StaleDates != 1 {
			t.Errorf("%+v, %v", e, err)
		}
		for _, n := range []int{0, 2} {
			if _, err := s.Machine(t.Context(), credential(byte(n))); !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("machine %d: %v", n, err)
			}
		}
		if left := everything(t, s); len(left) != 1 || left[0].Machine != all[1].ID {
			t.Errorf("%+v; want the day of the other machine", left)
		}
		if stale, err := s.Stale(t.Context()); err != nil || len(stale) != 1 || stale[0] != "2026-11-05" {
			t.Errorf("%v, %v; want the day to be rolled up again", stale, err)
		}
		text := at.readable(t)
		for _, word := range []string{"credential of machine a", "credential of machine c", "told by machine a", "told by machine c"} {
			if strings.Contains(text, word) {
				t.Errorf("%q can be read", word)
			}
		}
		if !strings.Contains(text, "credential of machine b") || !strings.Contains(text, "told by machine b") {
			t.Error("the other machine is not there, or the test does not see it")
		}
		if _, err := s.Erase(t.Context(), all[0].ID); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("erased twice: %v", err)
		}
		again, err := s.Enrol(t.Context(), collector.Enrolment{Token: key(1), Pseudonym: key(50), Credential: key(50), Use: "individual", On: "2026-11-07"})
		if err != nil || again.ID != all[2].ID+1 {
			t.Errorf("the next machine has the number %d, %v; want %d, which nobody had", again.ID, err, all[2].ID+1)
		}
		if own, err := s.Own(t.Context(), all[2].ID); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("shown afterwards: %+v, %v", own, err)
		}
	})
}

func TestErasingAMachineTouchesNothingThatPersonsHaveSaid(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		storetest.Tell(t, c, "A", c.sites[0])
		m, err := c.enrol(1, 50, 60)
		c.must(err)
		c.must(second(c.Keep(t.Context(), m, "2026-11-17", 0, []collector.Record{record("2026-11-16", collector.WholeDay, 600)})))
		before, told := at.counts(t), storetest.Told(t, c, "A")
		c.must(second(c.Erase(t.Context(), m.ID)))
		after := at.counts(t)
		for _, name := range append(storetest.LabelTables(), "price", "factor", "target", "action", "equipment") {
			if after[name] != before[name] || before[name] == 0 {
				t.Errorf("%s has %d rows; had %d", name, after[name], before[name])
			}
		}
		if session, invitation := storetest.SignedIn(t, c); session != nil || invitation != nil {
			t.Errorf("who has signed in: %v, %v", session, invitation)
		}
		if now := storetest.Told(t, c, "A"); now != told {
			t.Errorf("%s\nwas\n%s", now, told)
		}
		if after["machine"] != 0 || after["day"] != 0 {
			t.Errorf("%d machines and %d days are left", after["machine"], after["day"])
		}
	})
}

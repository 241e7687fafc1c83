package relational_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

// fleet is a store with a site, and tokens for many machines there and at another site.
type fleet struct {
	*relational.Store
	t    *testing.T
	site collector.Site
}

func newFleet(t *testing.T, at place) fleet {
	t.Helper()
	f := fleet{Store: at.open(t), t: t}
	for i, name := range []string{"Lycée", "Mairie"} {
		site, err := f.CreateSite(t.Context(), "Région", name, "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		if err := f.CreateToken(t.Context(), collector.Token{Hash: key(byte(1 + i)), Site: site.ID, Quota: 100, ExpiresOn: "2027-01-01"}); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			f.site = site
		}
	}
	return f
}

func mini(cpu string) collector.Kind {
	return collector.Kind{Class: "mini", OS: "windows", CPU: cpu, RAM: "8-16", Agent: "v1"}
}

// enrol enrols the machine that has this install key, at the first site.
func (f fleet) enrol(install byte, kind collector.Kind, on collector.Date) collector.Enrolled {
	f.t.Helper()
	e, err := f.Enrol(f.t.Context(), collector.Enrolment{Token: key(1), Pseudonym: key(install), Credential: key(install), Use: "individual", Kind: kind, On: on})
	if err != nil {
		f.t.Fatal(err)
	}
	return e
}

// day keeps a record of a whole day of the machine.
func (f fleet) day(m collector.Machine, today, date collector.Date, covered int) collector.Receipt {
	f.t.Helper()
	r := record(date, collector.WholeDay, covered)
	r.Class, r.OS, r.CPU, r.RAM, r.Agent = m.Kind.Class, m.Kind.OS, m.Kind.CPU, m.Kind.RAM, m.Kind.Agent
	receipt, err := f.Keep(f.t.Context(), m, today, 0, []collector.Record{r})
	if err != nil {
		f.t.Fatal(err)
	}
	return receipt
}

// doubts are the machines of the site that are in doubt, with whom.
func (f fleet) doubts() map[int64][]int64 {
	f.t.Helper()
	machines, err := f.Machines(f.t.Context(), f.site.ID)
	if err != nil {
		f.t.Fatal(err)
	}
	found := map[int64][]int64{}
	for _, m := range machines {
		if len(m.Doubtful) > 0 {
			found[m.ID] = m.Doubtful
		}
	}
	return found
}

func TestTheCountOfRecordsPutOnDiskOnlyGrows(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		m := f.enrol(1, mini("intel-5-8"), "2026-11-16").Machine
		for i, step := range []struct {
			date    collector.Date
			covered int
			before  int64
		}{{"2026-11-16", 600, 0}, {"2026-11-16", 600, 1}, {"2026-11-16", 900, 1}, {"2026-11-17", 600, 2}, {"2026-11-17", 600, 3}} {
			if got := f.day(m, "2026-11-18", step.date, step.covered); got.Before != step.before {
				t.Errorf("step %d: %d before, want %d", i, got.Before, step.before)
			}
		}
		if got, err := f.Keep(t.Context(), m, "2026-11-18", 3, nil); err != nil || got.Before != 3 || len(got.Outcomes) != 0 {
			t.Errorf("nothing to keep: %+v, %v", got, err)
		}
	})
}

func TestALedgerThatHasFewerThanItSaidKeepsNothing(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		m := f.enrol(1, mini("intel-5-8"), "2026-11-16").Machine
		f.day(m, "2026-11-17", "2026-11-16", 600)
		for range 3 { // an answer that is lost changes nothing
			got, err := f.Keep(t.Context(), m, "2026-11-20", 2, []collector.Record{record("2026-11-19", collector.WholeDay, 600)})
			if restored, ok := errors.AsType[collector.RestoredError](err); !ok || restored.Before != 1 || len(got.Outcomes) != 0 {
				t.Errorf("%+v, %v; want a RestoredError with 1", got, err)
			}
		}
		if all := everything(t, f.Store); len(all) != 1 {
			t.Errorf("%d records; want 1", len(all))
		}
		if got, err := f.Keep(t.Context(), m, "2026-11-20", 1, []collector.Record{record("2026-11-19", collector.WholeDay, 600)}); err != nil || got.Before != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestTheKindIsThatOfTheNewestRecordWheneverItComes(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		m := f.enrol(1, collector.Kind{}, "2026-11-10").Machine
		for i, step := range []struct {
			date collector.Date
			ram  string
			want string
		}{
			{"2026-11-09", "2-4", "2-4"}, // from the system's own log, and nothing else is known
			{"2026-11-12", "4-8", "4-8"},
			{"2026-11-15", "8-16", "8-16"},
			{"2026-11-13", "4-8", "8-16"},
			{"2026-11-16", "8-16", "8-16"},
			{"2026-11-15", "4-8", "4-8"},
		} {
			m.Kind = mini("intel-5-8")
			m.Kind.RAM = step.ram
			r := record(step.date, collector.WholeDay, 100+i)
			r.Class, r.OS, r.CPU, r.RAM, r.Agent = m.Kind.Class, m.Kind.OS, m.Kind.CPU, m.Kind.RAM, m.Kind.Agent
			known, err := f.Machine(t.Context(), key(1))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.Keep(t.Context(), known, "2026-11-17", 0, []collector.Record{r}); err != nil {
				t.Fatal(err)
			}
			if now, err := f.Machine(t.Context(), key(1)); err != nil || now.Kind.RAM != step.want || now.Kind.Class != "mini" {
				t.Errorf("step %d: %+v, %v; want %s", i, now.Kind, err, step.want)
			}
		}
		if again := f.enrol(1, mini("intel-9-16"), "2026-11-20"); again.Kind.CPU != "intel-9-16" || again.Silent != 0 {
			t.Errorf("enrolled again: %+v", again)
		}
		if again := f.enrol(1, collector.Kind{}, "2026-11-21"); again.Kind.CPU != "intel-9-16" {
			t.Errorf("enrolled again by an agent that does not tell its kind: %+v", again)
		}
	})
}

func TestAMachineInstalledAnewNeverDoublesOneSilently(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		old := f.enrol(1, mini("intel-5-8"), "2026-11-02")
		other := f.enrol(2, mini("intel-9-16"), "2026-11-02")
		if old.Silent != 0 || other.Silent != 0 {
			t.Errorf("the first machines may be others: %d and %d", old.Silent, other.Silent)
		}
		f.day(old.Machine, "2026-11-05", "2026-11-04", 600)
		anew := f.enrol(3, mini("intel-5-8"), "2026-11-09") // the disk was wiped, and the install key with it
		if anew.ID == old.ID || anew.Silent != 1 {
			t.Errorf("installed anew: %+v; want a machine that may be 1 other", anew)
		}
		if got := f.enrol(4, mini("arm-5-8"), "2026-11-09"); got.Silent != 0 {
			t.Errorf("another kind may be %d others", got.Silent)
		}
		if got := f.enrol(5, collector.Kind{}, "2026-11-09"); got.Silent != 0 {
			t.Errorf("a machine that does not tell its kind may be %d others", got.Silent)
		}
		if got := f.doubts(); len(got) != 1 || !slices.Equal(got[anew.ID], []int64{old.ID}) {
			t.Errorf("in doubt: %v", got)
		}
		if err := f.Replace(t.Context(), anew.ID, old.ID); err != nil {
			t.Fatal(err)
		}
		machines, err := f.Machines(t.Context(), f.site.ID)
		if err != nil || len(machines) != 5 || machines[0].ReplacedBy != anew.ID || len(f.doubts()) != 0 {
			t.Errorf("%+v, %v; want the first to be the third", machines, err)
		}
		if got := f.enrol(6, mini("intel-5-8"), "2026-11-20"); got.Silent != 1 {
			t.Errorf("a third installation may be %d others, want the second only", got.Silent)
		}
		if err := f.Restore(t.Context(), old.ID); err != nil {
			t.Fatal(err)
		}
		if got := f.doubts(); !slices.Equal(got[anew.ID], []int64{old.ID}) {
			t.Errorf("in doubt after the undoing: %v", got)
		}
	})
}

func TestAFleetEnrolledInOneDayIsInNoDoubtOnceItHasSpoken(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		var all []collector.Enrolled
		for n := range byte(20) {
			e := f.enrol(1+n, mini("intel-5-8"), "2026-11-09")
			if e.Silent != 0 {
				t.Errorf("machine %d may be %d others", e.ID, e.Silent)
			}
			all = append(all, e)
		}
		if got := f.doubts(); len(got) != 19 {
			t.Errorf("%d in doubt before they have spoken", len(got))
		}
		for _, e := range all {
			f.day(e.Machine, "2026-11-10", "2026-11-09", 600)
		}
		if got := f.doubts(); len(got) != 0 {
			t.Errorf("in doubt after they have spoken: %v", got)
		}
		wiped := f.enrol(100, mini("intel-5-8"), "2026-11-10") // on the day on which it was last seen
		if got := f.doubts(); wiped.Silent != 0 || len(got) != 1 || len(got[wiped.ID]) != collector.MaxDoubts {
			t.Errorf("%d silent, in doubt: %v", wiped.Silent, got)
		}
		for _, e := range all[1:] {
			f.day(e.Machine, "2026-11-10", "2026-11-09", 700)
		}
		if got := f.doubts(); !slices.Equal(got[wiped.ID], []int64{all[0].ID}) {
			t.Errorf("in doubt: %v; want with the one that is silent since", got)
		}
	})
}

func TestTheAdministratorSaysThatTheyAreTwo(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		for name, which := range map[string]int{"the earlier": 0, "the later": 1} {
			f := newFleet(t, at.another(t))
			pair := []collector.Enrolled{f.enrol(1, mini("intel-5-8"), "2026-11-02"), f.enrol(2, mini("intel-5-8"), "2026-11-09")}
			if len(f.doubts()) != 1 {
				t.Fatalf("in doubt: %v", f.doubts())
			}
			if err := f.Settle(t.Context(), pair[which].ID); err != nil {
				t.Fatal(err)
			}
			if got := f.doubts(); len(got) != 0 {
				t.Errorf("%s is one of its own, and in doubt: %v", name, got)
			}
			later := f.enrol(3, mini("intel-5-8"), "2026-11-16") // both are silent still, and any of them may have been wiped now
			if got := f.doubts(); len(got) != 1 || len(got[later.ID]) != 2 {
				t.Errorf("%s: a week later in doubt: %v; want the third with both", name, got)
			}
		}
	})
}

func TestAReplacementThatCannotBeIsRefused(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		first, second := f.enrol(1, mini("intel-5-8"), "2026-11-02"), f.enrol(2, mini("intel-5-8"), "2026-11-03")
		spoken := f.enrol(3, mini("intel-5-8"), "2026-11-04")
		third := f.enrol(4, mini("intel-5-8"), "2026-11-09")
		f.day(spoken.Machine, "2026-11-09", "2026-11-08", 600)
		away, err := f.Enrol(t.Context(), collector.Enrolment{Token: key(2), Pseudonym: key(5), Credential: key(5), Use: "individual", On: "2026-11-10"})
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Replace(t.Context(), second.ID, first.ID); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			newer, older int64
			says         string
		}{
			{third.ID, third.ID, "replace itself"},
			{third.ID, spoken.ID, "they are two machines"},
			{away.ID, third.ID, "stays at its site"},
			{third.ID, first.ID, "is 1 already"},
			{first.ID, second.ID, "give the newer machine first"}, // or it would be a circle
			{third.ID, 99, "machine 99: not found"},
			{99, third.ID, "machine 99: not found"},
		} {
			if err := f.Replace(t.Context(), tt.newer, tt.older); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%d in the place of %d: %v, want %q", tt.newer, tt.older, err, tt.says)
			}
		}
		if err := f.Replace(t.Context(), third.ID, second.ID); err != nil {
			t.Errorf("a machine installed anew twice: %v", err)
		}
	})
}

func TestAMachineThatSpeaksAgainWasNotReplaced(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		for name, speak := range map[string]func(fleet, collector.Machine){
			"a record":     func(f fleet, m collector.Machine) { f.day(m, "2026-11-09", "2026-11-08", 600) },
			"an enrolment": func(f fleet, m collector.Machine) { f.enrol(1, m.Kind, "2026-11-09") },
		} {
			f := newFleet(t, at.another(t))
			old, anew := f.enrol(1, mini("intel-5-8"), "2026-11-02"), f.enrol(2, mini("intel-5-8"), "2026-11-09")
			if err := f.Replace(t.Context(), anew.ID, old.ID); err != nil {
				t.Fatal(err)
			}
			speak(f, old.Machine)
			machines, err := f.Machines(t.Context(), f.site.ID)
			if err != nil || machines[0].ReplacedBy != 0 || len(f.doubts()) != 0 {
				t.Errorf("%s: %+v, %v", name, machines, err)
			}
		}
	})
}

func TestARevokedMachineHasNoPasswordAndItsRecordsStay(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		m := f.enrol(1, mini("intel-5-8"), "2026-11-02").Machine
		f.day(m, "2026-11-03", "2026-11-02", 600)
		for _, on := range []collector.Date{"2026-11-04", "2026-11-05"} {
			if err := f.Revoke(t.Context(), m.ID, on); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.Machine(t.Context(), key(1)); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("its password: %v, want ErrNotFound", err)
		}
		_, err := f.Enrol(t.Context(), collector.Enrolment{Token: key(1), Pseudonym: key(1), Credential: key(9), Use: "individual", On: "2026-11-06"})
		if !errors.Is(err, collector.ErrRevoked) {
			t.Errorf("enrolled again: %v, want ErrRevoked", err)
		}
		if got := f.enrol(2, mini("intel-5-8"), "2026-11-09"); got.Silent != 0 || len(f.doubts()) != 0 {
			t.Errorf("another machine may be it: %d, %v", got.Silent, f.doubts())
		}
		machines, err := f.Machines(t.Context(), f.site.ID)
		if err != nil || machines[0].RevokedOn != "2026-11-04" {
			t.Errorf("%+v, %v; want the first day on which it was revoked", machines, err)
		}
		if all := everything(t, f.Store); len(all) != 1 {
			t.Errorf("%d records; want 1", len(all))
		}
		if err := f.Restore(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		if now, err := f.Machine(t.Context(), key(1)); err != nil || now.ID != m.ID || now.RevokedOn != "" {
			t.Errorf("restored: %+v, %v", now, err)
		}
		for name, err := range map[string]error{
			"revoke": f.Revoke(t.Context(), 99, "2026-11-09"), "restore": f.Restore(t.Context(), 99), "keep": f.Settle(t.Context(), 99),
		} {
			if !errors.Is(err, collector.ErrNotFound) || !strings.Contains(err.Error(), "machine 99") {
				t.Errorf("%s of a machine that is not there: %v", name, err)
			}
		}
	})
}

func TestMachinesThatEnrolAtOnceAreListed(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		if err := f.CreateToken(t.Context(), collector.Token{Hash: key(20), Site: f.site.ID, Quota: 100, ExpiresOn: "2027-01-01"}); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for n := range 100 {
			wg.Go(func() {
				install := [32]byte{1, byte(n)}
				_, err := f.Enrol(context.WithoutCancel(t.Context()), collector.Enrolment{
					Token: key(20), Pseudonym: install, Credential: install, Use: "individual", Kind: mini("amd-5-8"), On: "2026-11-16",
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		machines, err := f.Machines(t.Context(), f.site.ID)
		if err != nil || len(machines) != 100 {
			t.Fatalf("%d machines, %v", len(machines), err)
		}
		for i, m := range machines {
			if m.Site != f.site || m.Kind != mini("amd-5-8") || m.Use != "individual" || m.EnrolledOn != "2026-11-16" || m.SeenOn != "2026-11-16" {
				t.Fatalf("machine %d: %s", i, fmt.Sprintf("%+v", m))
			}
		}
	})
}

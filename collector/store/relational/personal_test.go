package relational_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

// room is a site whose machines change hands.
type room struct {
	fleet
	password byte
}

// enrolAs enrols the machine that has this install key, with a new password.
func (r *room) enrolAs(install byte, use collector.Use) collector.Machine {
	r.t.Helper()
	r.password++
	e, err := r.Enrol(r.t.Context(), collector.Enrolment{Token: key(1), Pseudonym: key(install), Credential: key(r.password), Use: use, On: "2026-11-02"})
	if err != nil {
		r.t.Fatal(err)
	}
	return e.Machine
}

// keep keeps records of a machine.
func (r *room) keep(m collector.Machine, records ...collector.Record) []collector.Outcome {
	r.t.Helper()
	receipt, err := r.Keep(r.t.Context(), m, "2026-11-20", 0, records)
	if err != nil {
		r.t.Fatal(err)
	}
	return receipt.Outcomes
}

// told are the records of whole days and hours that the ledger has: date, hour, use and seconds known.
func (r *room) told() (all []string) {
	r.t.Helper()
	for _, c := range everything(r.t, r.Store) {
		all = append(all, fmt.Sprintf("%d %s %d %s %d", c.Machine, c.Record.Date, c.Record.Hour, c.Record.Use, c.Record.CoveredS()))
	}
	slices.Sort(all)
	return all
}

// graves are what tombstones are of.
func graves(t *testing.T, s *relational.Store) (all []string) {
	t.Helper()
	gone, err := s.Tombstones(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range gone {
		all = append(all, fmt.Sprint(x.Gone, " ", x.Number))
	}
	return all
}

// as is a record that says what its machine was when it was made.
func as(use collector.Use, r collector.Record) collector.Record {
	r.Use = use
	return r
}

func TestTheHoursOfASharedMachineThatBecomesAPersonsAreAddedUpToDaysAndDeletedElsewhere(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		m := r.enrolAs(1, "shared")
		dark := record("2026-11-10", 23, 1800)
		dark.Parts[0].Part, dark.Parts[0].Energy[0].Method = "night", "plug"
		costly := record("2026-11-10", 10, 900)
		costly.Cost = &collector.Cost{CPUS: 0.25, Wakeups: 3, SentBytes: 100, ReceivedBytes: 50, Dropped: 1}
		r.keep(m, record("2026-11-10", 9, 600), costly, dark, record("2026-11-11", 9, 60), record("2026-11-11", collector.WholeDay, 3000))
		r.keep(r.enrolAs(2, "server"), record("2026-11-10", 9, 700))
		if err := r.Quarantine(t.Context(), []collector.Refused{
			{Machine: m.ID, Site: r.site.ID, On: "2026-11-11", Date: "2027-01-01", Hour: 9, Record: "{}"},
			{Machine: m.ID, Site: r.site.ID, On: "2026-11-11", Date: "2027-01-01", Hour: collector.WholeDay, Record: "{}"},
		}); err != nil {
			t.Fatal(err)
		}
		rolled, err := r.Stale(t.Context())
		if err == nil {
			err = r.Rolled(t.Context(), rolled)
		}
		if err != nil {
			t.Fatal(err)
		}
		var before, after collector.Sum
		for _, c := range everything(t, r.Store) {
			if c.Machine == m.ID && c.Record.Date == "2026-11-10" {
				before.AddRecord(c.Record)
			}
		}
		now := r.enrolAs(1, "individual")
		want := []string{"1 2026-11-10 -1 individual 3300", "1 2026-11-11 -1 individual 3000", "2 2026-11-10 9 server 700"}
		if got := r.told(); !slices.Equal(got, want) {
			t.Errorf("the ledger has %q; want %q", got, want)
		}
		for _, c := range everything(t, r.Store) {
			if c.Machine == m.ID && c.Record.Date == "2026-11-10" {
				after.AddRecord(c.Record)
			}
			if c.Machine == m.ID && c.Revision != 0 {
				t.Error("a day of a person has a place in the order")
			}
		}
		if fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("the day comes to %+v; its hours came to %+v", after, before)
		}
		if got := graves(t, r.Store); !slices.Equal(got, []string{"machine 1"}) {
			t.Errorf("destinations delete %q", got)
		}
		if stale, err := r.Stale(t.Context()); err != nil || !slices.Equal(stale, []collector.Date{"2026-11-10", "2026-11-11"}) {
			t.Errorf("%v is rolled up again, %v", stale, err)
		}
		if own, err := r.Own(t.Context(), m.ID); err != nil || len(own.Refused) != 1 || own.Refused[0].Hour != collector.WholeDay {
			t.Errorf("in quarantine %+v, %v; want no hour", own.Refused, err)
		}
		if _, err := r.Keep(t.Context(), m, "2026-11-12", 0, []collector.Record{record("2026-11-11", 10, 60)}); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("an hour that was under way meanwhile: %v", err)
		}
		if got := r.keep(now, as("individual", record("2026-11-10", collector.WholeDay, 3000)), as("individual", record("2026-11-12", collector.WholeDay, 9))); got[0] != collector.Kept || got[1] != collector.Stored {
			t.Errorf("days that come later: %v", got)
		}
		if f := at.found(t); len(f.Problems) > 0 {
			t.Error(f.Problems)
		}
	})
}

func TestNoHourThatWasUnderWayWhenItsMachineBecameAPersonsIsLeft(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		var machines []collector.Machine
		for n := range byte(4) {
			machines = append(machines, r.enrolAs(1+n, "shared"))
		}
		release := at.lock(t) // what comes now, in whatever order, waits and is written together
		var wait sync.WaitGroup
		for i, what := range []byte{0, 1, 2, 'p', 0, 1, 2, 'q', 0, 3, 0, 3} {
			wait.Go(func() {
				if what >= 'p' {
					m := what - 'p' // 0 and 1
					_, err := r.Enrol(t.Context(), collector.Enrolment{Token: key(1), Pseudonym: key(1 + m), Credential: key(200 + m), Use: "individual", On: "2026-11-02"})
					if err != nil {
						t.Error(err)
					}
					return
				}
				_, err := r.Keep(t.Context(), machines[what], "2026-11-20", 0, []collector.Record{record("2026-11-10", i, 600)})
				if err != nil && (what > 1 || !errors.Is(err, collector.ErrNotFound)) {
					t.Error(err)
				}
			})
		}
		release()
		wait.Wait()
		hours := map[int64]int{}
		for _, c := range everything(t, r.Store) {
			if c.Record.Use.Hourly() {
				hours[c.Machine]++
			}
		}
		if want := map[int64]int{machines[2].ID: 2, machines[3].ID: 2}; !maps.Equal(hours, want) {
			t.Errorf("hours by machine: %v; want %v", hours, want)
		}
	})
}

func TestAPersonsMachineThatIsSharedAgainHasNewHoursAndDestinationsAreToldThem(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		r.keep(r.enrolAs(1, "shared"), record("2026-11-10", 9, 600))
		r.enrolAs(1, "individual")
		if hours, err := r.HoursOf(t.Context(), 1); err != nil || len(hours) != 0 {
			t.Errorf("%+v, %v; want none of a person's machine", hours, err)
		}
		m := r.enrolAs(1, "shared")
		r.keep(m, record("2026-11-11", 15, 700), as("individual", record("2026-11-09", collector.WholeDay, 500)))
		hours, err := r.HoursOf(t.Context(), 1)
		if err != nil || len(hours) != 1 || hours[0].Record.Hour != 15 || hours[0].Record.Use != "shared" {
			t.Errorf("%+v, %v; want the new hour", hours, err)
		}
		if got := graves(t, r.Store); len(got) != 1 {
			t.Errorf("destinations delete %q", got)
		}
	})
}

func TestADayThatAMachineToldOfAsAPersonsIsKeptAsOneWhateverTheMachineIsNow(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		for i, tt := range []struct {
			now  collector.Use
			says []collector.Record
			want []string
		}{
			{"shared", []collector.Record{as("individual", record("2026-11-10", -1, 600))}, []string{"2026-11-10 -1 individual 600"}},
			{"server", []collector.Record{as("individual", record("2026-11-10", -1, 600)), as("server", record("2026-11-10", 9, 700))}, []string{"2026-11-10 -1 individual 700"}},
			{"individual", []collector.Record{as("shared", record("2026-11-10", -1, 600))}, []string{"2026-11-10 -1 individual 600"}},
			{"shared", []collector.Record{as("server", record("2026-11-10", 9, 600))}, []string{"2026-11-10 9 shared 600"}},
			{"shared", []collector.Record{record("2026-11-10", -1, 600)}, []string{"2026-11-10 -1 shared 600"}},
			// Of two records of one day the one that covers more is kept, as a person's where either says so.
			{"shared", []collector.Record{as("shared", record("2026-11-10", -1, 600)), as("individual", record("2026-11-10", -1, 500))}, []string{"2026-11-10 -1 individual 600"}},
			{"shared", []collector.Record{as("shared", record("2026-11-10", -1, 600)), as("individual", record("2026-11-10", -1, 700))}, []string{"2026-11-10 -1 individual 700"}},
			{"shared", []collector.Record{as("shared", record("2026-11-10", -1, 600)), as("shared", record("2026-11-10", 9, 60)), as("individual", record("2026-11-10", -1, 700))}, []string{"2026-11-10 -1 individual 700"}},
			{"shared", []collector.Record{record("2026-11-10", 9, 60), record("2026-11-10", 10, 70), as("individual", record("2026-11-10", -1, 100))}, []string{"2026-11-10 -1 individual 130"}},
			{"shared", []collector.Record{record("2026-11-11", 9, 60), as("individual", record("2026-11-10", -1, 100))}, []string{"2026-11-10 -1 individual 100", "2026-11-11 9 shared 60"}},
			{"shared", []collector.Record{as("individual", record("2026-11-10", -1, 600)), as("shared", record("2026-11-10", -1, 700))}, []string{"2026-11-10 -1 individual 700"}},
		} {
			m := r.enrolAs(byte(10+i), tt.now)
			for range 2 { // what was told once is known the second time
				for _, x := range tt.says {
					r.keep(m, x)
				}
			}
			var got []string
			for _, line := range r.told() {
				if rest, is := strings.CutPrefix(line, fmt.Sprint(m.ID, " ")); is {
					got = append(got, rest)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%d: the ledger has %q; want %q", i, got, tt.want)
			}
		}
	})
}

func TestHoursOfADayThatIsToldOfAsAPersonsAreAddedUpAndDeletedElsewhere(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		m := r.enrolAs(1, "shared")
		r.keep(m, record("2026-11-10", 9, 3600), record("2026-11-10", 10, 600), record("2026-11-11", 9, 700))
		point := fmt.Sprintf("hour_seconds,machine=%d on=1 1", m.ID)
		r.must(r.Refuse(t.Context(), "a", []collector.RefusedPoint{{Destination: "a", On: "2026-11-11", Measurement: collector.HourSeconds, Point: point, Reason: "no"}}))
		day, hour := as("individual", record("2026-11-10", collector.WholeDay, 3600)), record("2026-11-10", 9, 3600)
		for range 2 { // the second time nothing is new
			r.keep(m, day, hour)
			if got, want := r.told(), []string{"1 2026-11-10 -1 individual 4200", "1 2026-11-11 9 shared 700"}; !slices.Equal(got, want) {
				t.Errorf("the ledger has %q; want %q", got, want)
			}
			changes, err := r.Changes(t.Context(), 0, 100)
			if err != nil || len(changes) != 1 || changes[0].Record.Date != "2026-11-11" {
				t.Errorf("destinations are told %+v, %v; want the hour of the other day", changes, err)
			}
			if got := graves(t, r.Store); !slices.Equal(got, []string{"machine 1"}) {
				t.Errorf("destinations delete %q", got)
			}
		}
		if refused, err := r.RefusedPoints(t.Context(), ""); err != nil || len(refused) != 0 {
			t.Errorf("of those that destinations refused are left %+v, %v", refused, err)
		}
		if f := at.found(t); len(f.Problems) > 0 {
			t.Error(f.Problems)
		}
	})
}

func TestHoursAndTheDayOfAPersonThatComeTogetherAreADay(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		m := r.enrolAs(1, "shared")
		release := at.lock(t) // what comes now, in whatever order, waits and is written together
		var wait sync.WaitGroup
		for hour := range 8 {
			wait.Go(func() {
				x := record("2026-11-10", hour, 600)
				if hour%4 == 3 {
					x = as("individual", record("2026-11-10", collector.WholeDay, 6000))
				}
				if _, err := r.Keep(t.Context(), m, "2026-11-20", 0, []collector.Record{x}); err != nil {
					t.Error(err)
				}
			})
		}
		release()
		wait.Wait()
		if got := r.told(); !slices.Equal(got, []string{"1 2026-11-10 -1 individual 6000"}) {
			t.Errorf("the ledger has %q", got)
		}
		if got := graves(t, r.Store); len(got) > 1 {
			t.Errorf("destinations delete %q", got)
		}
	})
}

func TestAnEarlierNumberOfAMachineThatIsAPersonsNowLosesItsHoursToo(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		older, newer := r.enrolAs(1, "shared"), r.enrolAs(2, "shared")
		r.keep(older, record("2026-11-10", 9, 600))
		last := r.enrolAs(3, "individual")
		if err := r.Replace(t.Context(), newer.ID, older.ID); !strings.Contains(fmt.Sprint(err), "has spoken") {
			t.Fatal(err)
		}
		if err := r.Replace(t.Context(), last.ID, newer.ID); err != nil {
			t.Fatal(err)
		}
		if got := graves(t, r.Store); len(got) != 0 {
			t.Errorf("destinations delete %q of a machine that never had an hour", got)
		}
		again := r.enrolAs(4, "individual")
		if err := r.Replace(t.Context(), again.ID, older.ID); err != nil {
			t.Fatal(err)
		}
		if got := r.told(); !slices.Equal(got, []string{"1 2026-11-10 -1 individual 600"}) {
			t.Errorf("the ledger has %q", got)
		}
		if got := graves(t, r.Store); !slices.Equal(got, []string{"machine 1"}) {
			t.Errorf("destinations delete %q", got)
		}
	})
}

// TestNoPersonsMachineHasAnHour lets machines change hands, speak and be erased in any order.
func TestNoPersonsMachineHasAnHour(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		r := &room{fleet: newFleet(t, at)}
		dice := rand.New(rand.NewPCG(10, 2))
		machines, due := map[byte]collector.Machine{}, map[int64]int{} // how many tombstones a number has when its hours are gone
		for step := range 120 {
			install := byte(1 + dice.IntN(4))
			m, known := machines[install]
			switch what := dice.IntN(10); {
			case !known || what < 3:
				machines[install] = r.enrolAs(install, []collector.Use{"shared", "individual", "server", "individual"}[dice.IntN(4)])
			case what == 3:
				if _, err := r.Erase(t.Context(), m.ID); err != nil {
					t.Fatal(err)
				}
				delete(machines, install)
			default:
				date, hour := collector.Date(fmt.Sprintf("2026-11-%02d", 10+dice.IntN(3))), collector.WholeDay
				use := []collector.Use{"shared", "individual", ""}[dice.IntN(3)]
				if m.Use.Hourly() && use != "individual" && dice.IntN(3) > 0 {
					hour = dice.IntN(3)
				}
				got := r.keep(m, as(use, record(date, hour, 1+dice.IntN(3000))))
				if hour != collector.WholeDay && got[0] == collector.Stored { // not on a day that is a person's
					due[m.ID] = 1 + gravesOf(graves(t, r.Store), m.ID)
				}
			}
			r.sound(step, machines, due)
		}
		if len(graves(t, r.Store)) < 5 {
			t.Error("hardly anything was lost: the test sees little")
		}
		if f := at.found(t); len(f.Problems) > 0 {
			t.Error(f.Problems)
		}
	})
}

// sound fails where a person's machine has an hour or a place of another use, where a day that is a person's has hours, or where one has lost hours that destinations may have still.
func (r *room) sound(step int, machines map[byte]collector.Machine, due map[int64]int) {
	r.t.Helper()
	now, has := map[int64]collector.Use{}, map[int64]bool{}
	hourly := map[string]bool{} // by machine and date
	for _, m := range machines {
		now[m.ID] = m.Use
	}
	for _, c := range everything(r.t, r.Store) {
		if c.Record.Use.Hourly() && !now[c.Machine].Hourly() {
			r.t.Fatalf("step %d: machine %d, %q, has %+v", step, c.Machine, now[c.Machine], c.Record)
		}
		has[c.Machine] = has[c.Machine] || c.Record.Hour != collector.WholeDay
		day := fmt.Sprint(c.Machine, " ", c.Record.Date)
		if is, other := hourly[day]; other && is != c.Record.Use.Hourly() {
			r.t.Fatalf("step %d: day %s is a person's and is not", step, day)
		}
		hourly[day] = c.Record.Use.Hourly()
	}
	buried := graves(r.t, r.Store)
	for m, want := range due {
		if !has[m] && gravesOf(buried, m) < want {
			r.t.Fatalf("step %d: destinations are not told that the hours of machine %d are gone", step, m)
		}
	}
}

// gravesOf is how many tombstones a machine has.
func gravesOf(buried []string, machine int64) (n int) {
	for _, x := range buried {
		if x == fmt.Sprint("machine ", machine) {
			n++
		}
	}
	return n
}

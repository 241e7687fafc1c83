package relational_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/store/relational"
)

// post is what a machine, by its number in the test, tells at once.
type post struct {
	machine int
	records []collector.Record
}

// posts are many posts of some machines on some dates, in any order: each record of a machine comes several times, and each time covers more
// or less. What is kept in the end does not depend on the order, since no two of them cover the same.
func posts(random *rand.Rand, machines []int, dates ...collector.Date) (all []post) {
	for _, machine := range machines {
		for _, date := range dates {
			for _, version := range random.Perm(4) {
				x := post{machine: machine}
				for hour := 8; hour < 11; hour++ {
					r := record(date, hour, 100*(1+version)+10*hour+machine)
					if machine%2 == 0 { // a person's
						if hour > 8 {
							break
						}
						r.Hour = collector.WholeDay
					}
					r.CPU, r.Parts[0].Energy[0].Wh = fmt.Sprint("cpu-", machine%3), float64(r.CoveredS())/1000
					x.records = append(x.records, r)
				}
				all = append(all, x)
			}
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

const today = collector.Date("2026-11-12")

// enrolMany enrols machines at two sites: persons', shared ones and servers, each by one of the stores.
func enrolMany(t *testing.T, stores []*relational.Store, n int) {
	t.Helper()
	for i, name := range []string{"Lycée", "Mairie"} {
		here := site(t, stores[0], "Région", name)
		if err := stores[0].CreateToken(t.Context(), collector.Token{Hash: key(byte(1 + i)), Site: here.ID, Quota: n, ExpiresOn: "2027-01-01"}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		use := []collector.Use{"individual", "shared", "individual", "server"}[i%4]
		e := collector.Enrolment{Token: key(byte(1 + i%2)), Pseudonym: key(byte(100 + i)), Credential: key(byte(100 + i)), Use: use, On: "2026-11-01"}
		if _, err := stores[i%len(stores)].Enrol(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// keep keeps a post as a collector does that has just looked up who posts it.
func keep(ctx context.Context, s *relational.Store, x post) error {
	m, err := s.Machine(ctx, key(byte(100+x.machine)))
	if err != nil {
		return err
	}
	_, err = s.Keep(ctx, m, today, 0, x.records)
	return err
}

// rolledUp rolls a ledger up as a night does.
func rolledUp(t *testing.T, s *relational.Store) {
	t.Helper()
	roller := rollup.New(s, rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}, slog.New(slog.DiscardHandler))
	if _, err := roller.Run(context.WithoutCancel(t.Context()), today, rollup.Options{}); err != nil {
		t.Error(err)
	}
}

// allOf is all that a ledger says of machines, without the order in which it came.
func allOf(t *testing.T, s *relational.Store) (all []string) {
	t.Helper()
	add := func(what string, x any) {
		text, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, what+": "+string(text))
	}
	for _, c := range everything(t, s) {
		c.Revision = 0
		add("record", c)
	}
	sites, err := s.Sites(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for cell, err := range s.Figures().Cells(t.Context(), sites[0].Organisation, "2026-10-01", "2026-12-01") {
		if err != nil {
			t.Fatal(err)
		}
		add("cell", cell)
	}
	for _, site := range sites {
		machines, err := s.Machines(t.Context(), site.ID)
		if err != nil {
			t.Fatal(err)
		}
		months, err := s.Figures().MachineMonths(t.Context(), site.ID, "2026-11")
		if err != nil {
			t.Fatal(err)
		}
		add("machines", machines)
		for _, m := range months {
			add("month", m)
		}
	}
	slices.Sort(all)
	return all
}

// follower follows the changes of a ledger, as an outbox does, until it has seen all.
type follower struct {
	seen  map[string]string // the last change of each hour of each machine
	after int64
	calls int
	wrong []string
}

func hourOf(c collector.Change) (hour, text string) {
	hour = fmt.Sprintf("%d %s %d", c.Machine, c.Record.Date, c.Record.Hour)
	return hour, fmt.Sprintf("%d %d %d", c.Revision, c.Site.ID, c.Record.CoveredS())
}

func (f *follower) follow(ctx context.Context, s *relational.Store, ended func() bool) error {
	f.seen = map[string]string{}
	for {
		last := ended() // before it is asked, so that what came then is in the answer
		changes, err := s.Changes(ctx, f.after, 20)
		if err != nil {
			return err
		}
		f.calls++
		for _, c := range changes {
			if c.Revision < f.after {
				f.wrong = append(f.wrong, fmt.Sprintf("after %d came %d", f.after, c.Revision))
			}
			f.after = c.Revision
			hour, text := hourOf(c)
			f.seen[hour] = text
		}
		if last && len(changes) == 0 {
			return nil
		}
	}
}

func TestSeveralCollectorsOnOneLedgerKeepWhatOneWouldHave(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		const machines = 24
		ctx := context.WithoutCancel(t.Context())
		stores := []*relational.Store{at.open(t), at.open(t), at.open(t)}
		alone := at.another(t).open(t)
		enrolMany(t, stores, machines)
		enrolMany(t, []*relational.Store{alone}, machines)
		random := rand.New(rand.NewPCG(10, 3))
		var numbers []int
		for i := range machines {
			numbers = append(numbers, i)
		}
		gone := [][]int{{3, 4, 5}, {8, 9}} // erased, after each phase
		var ended atomic.Bool
		var following, writing sync.WaitGroup
		followers := make([]follower, len(stores))
		for i, s := range stores {
			following.Go(func() {
				if err := followers[i].follow(ctx, s, ended.Load); err != nil {
					t.Error(err)
				}
			})
		}
		for phase, dates := range [][]collector.Date{{"2026-11-02", "2026-11-03", "2026-11-04"}, {"2026-11-04", "2026-11-05"}, {"2026-11-03", "2026-11-06"}} {
			if phase > 0 {
				numbers = slices.DeleteFunc(numbers, func(n int) bool { return slices.Contains(gone[phase-1], n) })
			}
			said := posts(random, numbers, dates...)
			var next atomic.Int64
			for i, s := range stores {
				for range 6 {
					writing.Go(func() {
						for n := next.Add(1) - 1; n < int64(len(said)); n = next.Add(1) - 1 {
							if err := keep(ctx, s, said[n]); err != nil {
								t.Errorf("store %d: %v", i, err)
							}
						}
					})
				}
			}
			writing.Go(func() { rolledUp(t, stores[phase%3]) }) // while records come
			if phase > 0 {
				writing.Go(func() { erase(t, stores[(phase+1)%3], gone[phase-1]) })
			}
			writing.Wait()
			rolledUp(t, stores[(phase+2)%3])
			random.Shuffle(len(said), func(i, j int) { said[i], said[j] = said[j], said[i] })
			for _, x := range said {
				if err := keep(ctx, alone, x); err != nil {
					t.Fatal(err)
				}
			}
			if phase > 0 {
				erase(t, alone, gone[phase-1])
			}
			rolledUp(t, alone)
		}
		ended.Store(true)
		following.Wait()
		want := allOf(t, alone)
		for i, s := range stores {
			if got := allOf(t, s); !slices.Equal(got, want) {
				t.Errorf("store %d has %s", i, different(got, want))
			}
		}
		lastChanges(t, stores[1], followers)
	})
}

func erase(t *testing.T, s *relational.Store, machines []int) {
	t.Helper()
	for _, n := range machines {
		m, err := s.Machine(context.WithoutCancel(t.Context()), key(byte(100+n)))
		if err == nil {
			_, err = s.Erase(context.WithoutCancel(t.Context()), m.ID)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// different tells the first things that are in one list only.
func different(got, want []string) string {
	var text string
	for _, x := range [][2][]string{{got, want}, {want, got}} {
		n := 0
		for _, line := range x[0] {
			if _, found := slices.BinarySearch(x[1], line); !found {
				if n++; n <= 3 {
					text += "\n" + line
				}
			}
		}
		text = fmt.Sprintf("%d lines that the other has not:%s\nand lacks ", n, text)
	}
	return text
}

// lastChanges checks that each follower has seen the last change of each hour there is, and that no two machine-days share a number.
func lastChanges(t *testing.T, s *relational.Store, followers []follower) {
	t.Helper()
	changes, err := s.Changes(t.Context(), 0, 1_000_000)
	if err != nil || len(changes) == 0 {
		t.Fatal(len(changes), err)
	}
	days := map[int64]string{}
	for _, c := range changes {
		day := fmt.Sprint(c.Machine, c.Record.Date)
		if before, ok := days[c.Revision]; ok && before != day {
			t.Errorf("%s and %s have the number %d", before, day, c.Revision)
		}
		days[c.Revision] = day
	}
	for i, f := range followers {
		if f.wrong != nil {
			t.Errorf("follower %d: %q", i, f.wrong)
		}
		skipped := 0
		for _, c := range changes {
			hour, text := hourOf(c)
			if f.seen[hour] != text {
				if skipped++; skipped <= 3 {
					t.Errorf("follower %d has seen %q of %s; want %q", i, f.seen[hour], hour, text)
				}
			}
		}
		if f.calls < 5 || skipped > 3 {
			t.Errorf("follower %d has asked %d times, and has missed %d changes of %d", i, f.calls, skipped, len(changes))
		}
	}
}

func TestATokenOfSoManyMachinesEnrolsThatManyAtSeveralCollectors(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		stores := []*relational.Store{at.open(t), at.open(t), at.open(t)}
		here := site(t, stores[0], "Région", "Lycée")
		if err := stores[0].CreateToken(t.Context(), collector.Token{Hash: key(1), Site: here.ID, Quota: 10, ExpiresOn: "2027-01-01"}); err != nil {
			t.Fatal(err)
		}
		var enrolled atomic.Int64
		var all sync.WaitGroup
		for n := range byte(45) {
			all.Go(func() {
				e := collector.Enrolment{Token: key(1), Pseudonym: key(100 + n/3), Credential: key(100 + n), Use: "server", On: "2026-11-16"} // each machine at all three
				_, err := stores[n%3].Enrol(context.WithoutCancel(t.Context()), e)
				if err == nil {
					enrolled.Add(1)
				} else if !errors.Is(err, collector.ErrToken) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		machines, err := stores[1].Machines(t.Context(), here.ID)
		if err != nil || len(machines) != 10 || enrolled.Load() != 30 {
			t.Errorf("%d machines, enrolled %d times, %v; want 10, each three times", len(machines), enrolled.Load(), err)
		}
		tokens, err := stores[2].Tokens(t.Context())
		if err != nil || len(tokens) != 1 || tokens[0].Used != 10 {
			t.Errorf("%+v, %v", tokens, err)
		}
	})
}

func TestWhatOneCollectorHasDeletedAnotherDoesNotReferTo(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		f := newFleet(t, at)
		other := at.open(t)
		rare := f.enrol(1, mini("rare"), "2026-07-31").Machine
		dates := []collector.Date{"2026-08-01", "2026-08-02", "2026-08-03", "2026-11-04"}
		for i, date := range dates {
			f.day(rare, "2026-11-05", date, 600)
			if i == len(dates)-1 {
				break
			}
			// The records are deleted with what nothing else refers to; then numbers are given anew.
			if _, err := other.Finish(t.Context(), collector.Run{}, collector.Horizon{MachineDays: dates[i+1]}); err != nil {
				t.Fatal(err)
			}
			common := rare
			common.Kind.CPU = fmt.Sprint("common", i)
			r := record("2026-11-20", collector.WholeDay, 600+i)
			r.CPU = common.Kind.CPU
			if _, err := other.Keep(t.Context(), common, "2026-11-21", 0, []collector.Record{r}); err != nil {
				t.Fatal(err)
			}
		}
		var cpus []string
		for _, c := range everything(t, other) {
			cpus = append(cpus, string(c.Record.Date)+" "+c.Record.CPU)
		}
		if want := []string{"2026-11-04 rare", "2026-11-20 common2"}; !slices.Equal(cpus, want) {
			t.Errorf("%q; want %q", cpus, want)
		}
		if found := at.found(t); found.Problems != nil {
			t.Errorf("%+v", found)
		}
	})
}

package relational_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/store/relational"
)

// worker is a machine that works through the months of a test, and what it still has to tell.
type worker struct {
	collector.Machine

	class   string
	silent  func(on collector.Date) bool
	waiting []collector.Record
}

// told is what the store should know of one machine on one date: where it was, and its records by hour.
type told struct {
	place   collector.Place
	records map[int]collector.Record
}

// region is an organisation of three sites, and another of one, with a real store, a real roll-up and a real door.
type region struct {
	*relational.Store

	t       *testing.T
	random  *rand.Rand
	now     time.Time
	sites   [4]collector.Site
	groups  [4]int64 // two of site 0, two of site 1
	workers []*worker
	is      map[int64]int64 // what a machine that was replaced is now
	told    map[int64]map[collector.Date]*told
	roller  *rollup.Roller
	door    *privacy.Door

	answers  map[string]string // by question, when it was answered first
	shown    map[string]bool   // by question
	compared int               // answers, with records
	late     int               // records of a month that had been answered for
}

func newRegion(t *testing.T, at place) *region {
	t.Helper()
	r := &region{
		Store: at.open(t), t: t, random: rand.New(rand.NewPCG(6, 6)), now: time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC),
		is: map[int64]int64{}, told: map[int64]map[collector.Date]*told{}, answers: map[string]string{}, shown: map[string]bool{},
	}
	for i := range r.sites {
		r.sites[i] = site(t, r.Store, []string{"Région", "Ville"}[i/3], fmt.Sprint("site ", i))
		err := r.CreateToken(t.Context(), collector.Token{Hash: key(byte(200 + i)), Site: r.sites[i].ID, Quota: 99, ExpiresOn: "2027-01-01"})
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range r.groups {
		g, err := r.AddGroup(t.Context(), collector.Group{Site: r.sites[i/2].ID, Kind: "building", Name: fmt.Sprint("building ", i)})
		if err != nil {
			t.Fatal(err)
		}
		r.groups[i] = g.ID
	}
	for _, x := range []struct {
		n, site int
		group   int64
		class   string
		use     collector.Use
	}{
		{8, 0, r.groups[0], "laptop", "individual"},
		{3, 0, r.groups[1], "laptop", "individual"},
		{6, 0, 0, "desktop", "individual"},
		{9, 1, r.groups[2], "laptop", "individual"},
		{6, 1, r.groups[3], "desktop", "individual"},
		{3, 2, 0, "laptop", "individual"},
		{3, 0, r.groups[0], "desktop", "shared"},
		{2, 1, 0, "desktop", "server"},
		{6, 3, 0, "laptop", "individual"},
	} {
		for range x.n {
			r.enrol(x.site, x.group, x.class, x.use)
		}
	}
	r.roller = rollup.New(r.Store, rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}, slog.New(slog.DiscardHandler))
	r.door = privacy.New(r.Figures(), r.Figures(), r.today)
	return r
}

func (r *region) today() collector.Date { return collector.DateOf(r.now) }

func (r *region) enrol(site int, group int64, class string, use collector.Use) {
	r.t.Helper()
	install := key(byte(len(r.workers)))
	e, err := r.Enrol(r.t.Context(), collector.Enrolment{Token: key(byte(200 + site)), Pseudonym: install, Credential: install, Use: use, On: r.today()})
	if err != nil {
		r.t.Fatal(err)
	}
	w := &worker{Machine: e.Machine, class: class, silent: func(collector.Date) bool { return false }}
	r.workers = append(r.workers, w)
	r.move(w, group)
}

func (r *region) move(w *worker, group int64) {
	r.t.Helper()
	err := r.MoveMachines(r.t.Context(), group, w.ID)
	if err == nil {
		w.Machine, err = r.MachineNumbered(r.t.Context(), w.ID)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// works are the records of a machine of a date: known is how much of it, of a fourth.
func (r *region) works(w *worker, on time.Time, known int) (all []collector.Record) {
	part := func(name string, length int) collector.Part {
		s := collector.Seconds{On: r.random.IntN(length*known/4 + 1)}
		s.Off = length*known/4 - s.On
		s.Unknown = length - s.On - s.Off
		wh := float64(1+r.random.IntN(90_000)) / 1000
		return collector.Part{Part: name, LengthS: length, Seconds: s, Energy: []collector.Energy{
			{Wh: wh, LowWh: wh / 2, HighWh: 2 * wh, Method: "model-class", Scope: "machine", CoveredS: s.On + s.Off},
		}}
	}
	weekend := on.Weekday() == time.Saturday || on.Weekday() == time.Sunday
	if w.Use.Hourly() {
		for hour := 8; hour < 11; hour++ {
			name := "open"
			if weekend {
				name = "weekend"
			}
			all = append(all, collector.Record{Date: collector.DateOf(on), Hour: hour, LengthS: 3600, Class: w.class, Parts: []collector.Part{part(name, 3600)}})
		}
		return all
	}
	x := collector.Record{Date: collector.DateOf(on), Hour: collector.WholeDay, LengthS: 86_400, Class: w.class}
	if weekend {
		x.Parts = []collector.Part{part("weekend", 86_400)}
	} else {
		x.Parts = []collector.Part{part("open", 36_000), part("night", 50_400)}
	}
	return []collector.Record{x}
}

// day lets the machines work for a day, and tell of it, or of days before, or of nothing.
func (r *region) day() {
	yesterday := r.now
	r.now = r.now.AddDate(0, 0, 1)
	var telling sync.WaitGroup
	for _, w := range r.workers {
		if w.silent(collector.DateOf(yesterday)) {
			continue
		}
		known := 4
		if r.random.IntN(8) == 0 { // the rest of it is told some day
			known = 2
			w.waiting = append(w.waiting, r.works(w, yesterday, 4)...)
		}
		tells := r.works(w, yesterday, known)
		if r.random.IntN(5) == 0 {
			w.waiting, tells = append(w.waiting, tells...), nil
		}
		if r.random.IntN(9) == 0 {
			tells, w.waiting = append(tells, w.waiting...), nil
		}
		tells = slices.DeleteFunc(tells, func(x collector.Record) bool { return x.Date < collector.DateOf(r.now.AddDate(0, 0, -45)) })
		for _, x := range tells {
			r.note(w, x)
		}
		telling.Go(func() {
			if _, err := r.Keep(r.t.Context(), w.Machine, r.today(), 0, tells); err != nil {
				r.t.Error(err)
			}
		})
	}
	telling.Wait()
}

// note notes a record as the store is to keep it.
func (r *region) note(w *worker, x collector.Record) {
	if r.answers[whole(x.Date.Month())] != "" {
		r.late++
	}
	if r.told[w.ID] == nil {
		r.told[w.ID] = map[collector.Date]*told{}
	}
	day := r.told[w.ID][x.Date]
	if day == nil {
		day = &told{collector.Place{Site: w.Site.ID, Group: w.Group, Class: w.class, Use: w.Use}, map[int]collector.Record{}}
		r.told[w.ID][x.Date] = day
	}
	if before, ok := day.records[x.Hour]; !ok || before.CoveredS() < x.CoveredS() {
		day.records[x.Hour] = x
	}
}

// total is what machines of persons, or the others, of a node did in a month.
type total struct{ days, on, off, unknown, mwh int64 }

// naive adds up the records, of each machine that is in the node. It also answers how many machines that were.
func (r *region) naive(organisation int64, n privacy.Node, month collector.Month, persons bool) (t total, machines int) {
	met := map[int64]bool{}
	for machine, dates := range r.told {
		for date, day := range dates {
			p := day.place
			in := n.Level == privacy.WholeOrganisation || p.Site == n.Site
			in = in && (n.Level < privacy.OneGroup || p.Group == n.Group) && (n.Level < privacy.OneClass || p.Class == n.Class)
			if !in || date.Month() != month || p.Use.Hourly() == persons || (p.Site == r.sites[3].ID) != (organisation == r.sites[3].Organisation) {
				continue
			}
			if r.is[machine] != 0 {
				machine = r.is[machine]
			}
			met[machine] = true
			t.days++
			for _, x := range day.records {
				for _, part := range x.Parts {
					t.on, t.off, t.unknown = t.on+int64(part.Seconds.On), t.off+int64(part.Seconds.Off), t.unknown+int64(part.Seconds.Unknown)
					t.mwh += int64(collector.Milli(part.Energy[0].Wh))
				}
			}
		}
	}
	return t, len(met)
}

func totalOf(x privacy.Total) (t total) {
	t.days = x.Days
	for _, p := range x.Parts {
		t.on, t.off, t.unknown, t.mwh = t.on+p.On, t.off+p.Off, t.unknown+p.Unknown, t.mwh+int64(p.MWh)
	}
	return t
}

// nodes are what is asked for: all but one of the classes.
func (r *region) nodes() (all []privacy.Node) {
	all = append(all, privacy.Node{})
	for i, s := range r.sites[:3] {
		all = append(all, privacy.Site(s.ID))
		for _, g := range append([]int64{0}, r.groups[min(2*i, 4):min(2*i+2, 4)]...) {
			all = append(all, privacy.Group(s.ID, g), privacy.Class(s.ID, g, "laptop"))
		}
	}
	return all
}

package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/ingest"
	"veille/collector/privacy"
	"veille/collector/rollup"
	"veille/collector/store/relational"
	"veille/fleet"
)

// parcel is what a machine has to say of one day, on its way.
type parcel struct {
	who int   // of identities: the machine, or that plus the number of machines since it was installed anew
	of  int16 // day
	on  int16 // on which it reaches the collector
}

// simulation is the life of a fleet in one folder. Days are numbered from 0, the first of the plan; the last one is that after the plan,
// on which its last day is delivered.
type simulation struct {
	*simulate
	fleet    *fleet.Fleet
	store    *relational.Store
	wall     wall
	door     door
	workers  int
	zone     *time.Location
	dates    []collector.Date
	number   map[string]int // of a date; deliveries may be after the last
	machines []planned
	tokens   [][]string // by site and group
	births   [][]int    // identities by the day on which they are enrolled, in order
	enrolled []bool     // identities
	waiting  [][]parcel // by the day on which they are delivered
	nights   *nights
	sent     atomic.Int64
	report   simulated
}

func newSimulation(f *fleet.Fleet, s *simulate) *simulation {
	sim := &simulation{simulate: s, fleet: f, number: map[string]int{}}
	sim.report = simulated{
		Machines: s.machines, Sites: s.plan.Sites, Days: s.days, From: s.plan.From, To: s.plan.To, Seed: s.seed, Through: s.through, WholeDays: s.whole,
	}
	return sim
}

// prepare makes what does not change, and the sites.
func (s *simulation) prepare(ctx context.Context) (err error) {
	if s.zone, err = time.LoadLocation(s.plan.TimeZone); err != nil {
		return err
	}
	first, err := time.Parse(time.DateOnly, s.plan.From)
	if err != nil {
		return err
	}
	for n := range s.days + 1 + fleet.MaxLate {
		date := first.AddDate(0, 0, n).Format(time.DateOnly)
		s.number[date] = n
		if n <= s.days {
			s.dates = append(s.dates, collector.Date(date))
		}
	}
	s.machines = plannedOf(s.fleet, s.number)
	s.enrolled = make([]bool, 2*len(s.machines))
	s.births = make([][]int, len(s.dates))
	s.waiting = make([][]parcel, s.days+1+fleet.MaxLate)
	for i, m := range s.machines {
		s.births[m.born] = append(s.births[m.born], i)
		if m.reborn > 0 {
			s.births[m.reborn] = append(s.births[m.reborn], i+len(s.machines))
		}
	}
	until := collector.DateOf(first.AddDate(0, 0, s.days+1))
	if err := s.open(); err != nil {
		return err
	}
	s.nights = newNights(rollup.New(s.store, rollup.Rules{Closes: privacy.Closes, Coarsen: privacy.Coarsen}, slog.New(slog.DiscardHandler)), s.dates, s.machines)
	return s.build(ctx, s.dates[0], until)
}

// open makes the way into the collector.
func (s *simulation) open() error {
	pseudonyms, policies, err := keys(s.dir)
	if err != nil {
		return err
	}
	registry := enrol.New(pseudonyms, dated{s.store, &s.wall})
	n := 2 * len(s.machines)
	if s.through == throughStore {
		s.door, s.workers = &keeping{registry: registry, store: s.store, machines: make([]collector.Machine, n), acked: make([]int64, n)}, 256
		return nil
	}
	handler := ingest.New(ingest.Parts{
		Registry: registry, Ledger: s.store, Policies: drafts{s.store}, Key: policies, Memory: 1 << 30, // the posts of all workers at once, at their largest
		Now: func() (time.Time, error) { return s.wall.now, nil }, Log: slog.New(slog.NewTextHandler(s.stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	})
	s.door, s.workers = &posting{handler: handler, registry: registry, passwords: make([]string, n), acked: make([]int64, n)}, 64
	return nil
}

// run lives all days. With the store, the deliveries of the days from one roll-up to the next are kept at once; but not those of the last
// days, so that in the end it was said of each machine when it was heard, as day by day.
func (s *simulation) run(ctx context.Context) error {
	start := time.Now()
	defer func() { s.report.Seconds.All = time.Since(start).Seconds() }()
	show := s.watch(ctx, start)
	defer show()
	if err := s.prepare(ctx); err != nil {
		return err
	}
	for day := 0; day < len(s.dates); {
		to := day
		if err := s.post(ctx, to); err != nil {
			return err
		}
		for s.through == throughStore && !s.rollsUp(to) && to < len(s.dates)-1-s.every {
			to++
			if err := s.post(ctx, to); err != nil {
				return err
			}
		}
		began := time.Now()
		if err := s.span(ctx, day, to); err != nil {
			return err
		}
		s.report.Seconds.Deliveries += time.Since(began).Seconds()
		if s.rollsUp(to) {
			began = time.Now()
			run, err := s.nights.run(ctx, s.dates[to], s.store.OpenMonths)
			if err != nil {
				return err
			}
			s.report.rolled(run)
			s.report.Seconds.RollUps += time.Since(began).Seconds()
		}
		s.report.lived(s.dates[to], to+1-day)
		day = to + 1
	}
	for _, left := range s.waiting {
		s.report.MachineDays.Waiting += len(left)
	}
	return nil
}

// rollsUp tells whether there is a roll-up on a day.
func (s *simulation) rollsUp(day int) bool {
	return (day+1)%s.every == 0 || day == len(s.dates)-1 || s.nights.fixes(s.dates[day])
}

// span lives some days: what the machines that are there have to say comes first, then the new ones are enrolled, and say what they have. A
// machine that is installed anew has said before, under its old name, all that it had to say.
func (s *simulation) span(ctx context.Context, from, to int) error {
	var due []parcel
	for day := from; day <= to; day++ {
		due = append(due, s.waiting[day]...)
		s.waiting[day] = nil
	}
	slices.SortStableFunc(due, func(a, b parcel) int { return cmp.Compare(a.who, b.who) }) // and by the day that they are of, as they were posted
	var old, young [][]parcel
	for len(due) > 0 {
		n := 1
		for n < len(due) && due[n].who == due[0].who {
			n++
		}
		if s.enrolled[due[0].who] {
			old = append(old, due[:n])
		} else {
			young = append(young, due[:n])
		}
		due = due[n:]
	}
	if err := s.wall.set(s.dates[to], s.zone); err != nil {
		return err
	}
	if err := s.deliverAll(ctx, old); err != nil {
		return err
	}
	began := time.Now()
	for day := from; day <= to; day++ {
		if err := s.wall.set(s.dates[day], s.zone); err != nil {
			return err
		}
		for _, who := range s.births[day] {
			var err error
			if young, err = s.birth(ctx, who, day, young); err != nil {
				return fmt.Errorf("machine %d on %s: %w", who, s.dates[day], err)
			}
		}
	}
	s.report.Seconds.Enrolments += time.Since(began).Seconds()
	return s.deliverAll(ctx, young)
}

// post lets the machines post what they have to say of the day before, each for the day on which it reaches the collector: then it is known
// what does today.
func (s *simulation) post(ctx context.Context, today int) error {
	if today == 0 {
		return nil
	}
	day, n := today-1, len(s.machines)
	date := string(s.dates[day])
	on := make([]int16, n)
	const piece = 512
	err := each(ctx, 2, (n+piece-1)/piece, func(k int) error {
		for i := k * piece; i < min(n, (k+1)*piece); i++ {
			on[i] = int16(s.number[s.fleet.Delivery(i, date)])
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, at := range on {
		if at == 0 {
			continue // it is not there
		}
		who := i
		if reborn := s.machines[i].reborn; reborn > 0 && day >= reborn {
			who += n
		}
		s.waiting[at] = append(s.waiting[at], parcel{who, int16(day), at})
	}
	s.nights.hear(s.waiting[today])
	return nil
}

// birth enrols a machine, and answers which of the deliveries are left.
func (s *simulation) birth(ctx context.Context, who, day int, left [][]parcel) ([][]parcel, error) {
	i, key := who%len(s.machines), s.machines[who%len(s.machines)].key
	again := who >= len(s.machines)
	if again {
		key = s.machines[i].second
		if k, found := slices.BinarySearchFunc(left, i, func(d []parcel, who int) int { return cmp.Compare(d[0].who, who) }); found {
			if err := s.deliver(ctx, left[k]); err != nil {
				return left, err
			}
			left = slices.Delete(left, k, k+1)
		}
	}
	m := &s.machines[i]
	err := s.door.enrol(ctx, newcomer{who, s.tokens[m.site][m.group], key, m.use, s.fleet.KindOn(i, string(s.dates[day]))})
	if err != nil {
		return left, fmt.Errorf("enrol: %w", err)
	}
	s.enrolled[who] = true
	s.report.enrolled(again)
	if !again || !m.isTold() {
		return left, nil
	}
	return left, s.replace(ctx, who, i)
}

// replace says that a machine is an earlier one, installed anew.
func (s *simulation) replace(ctx context.Context, newer, older int) error {
	n, err := s.door.number(ctx, newer)
	if err != nil {
		return err
	}
	o, err := s.door.number(ctx, older)
	if err != nil {
		return err
	}
	s.report.Replaced++
	return s.store.Replace(ctx, n, o)
}

// deliverAll delivers what many machines have to say.
func (s *simulation) deliverAll(ctx context.Context, all [][]parcel) error {
	return each(ctx, s.workers, len(all), func(k int) error { return s.deliver(ctx, all[k]) })
}

// deliver delivers what one machine has to say.
func (s *simulation) deliver(ctx context.Context, parcels []parcel) error {
	who := parcels[0].who
	i := who % len(s.machines)
	records := s.fleet.Day(i, string(s.dates[parcels[0].of]))
	late := 0
	for k, p := range parcels {
		day := records
		if k > 0 {
			day = s.fleet.Day(i, string(s.dates[p.of]))
			records = append(records, day...)
		}
		if p.on > p.of+1 {
			late += len(day)
		}
	}
	kept, refused, err := s.door.deliver(ctx, who, s.dates[parcels[len(parcels)-1].on], records)
	if err != nil {
		return fmt.Errorf("deliver what machine %d has to say of %s: %w", who, s.dates[parcels[0].of], err)
	}
	s.sent.Add(int64(len(parcels)))
	s.report.delivered(len(parcels), kept, late, refused)
	return nil
}

// each calls do with 0 to n-1, by some workers, until one fails.
func each(ctx context.Context, workers, n int, do func(int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(workers, n) {
		running.Go(func() {
			for k := int(next.Add(1)) - 1; k < n && ctx.Err() == nil; k = int(next.Add(1)) - 1 {
				if err := do(k); err != nil {
					stop(err)
				}
			}
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

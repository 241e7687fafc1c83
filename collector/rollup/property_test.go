package rollup

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"veille/collector"
)

// fleet is a ledger to which everything happens, and what it should have come to.
type fleet struct {
	*memory
	t      *testing.T
	random *rand.Rand
	roller *Roller
	now    time.Time
	places map[int64]collector.Place
	known  map[collector.Date]map[int64]naiveDay

	// What is closed is not made anew: this is what it was.
	closedCells  map[collector.Date]heaps
	closedMonths map[collector.Month]map[int64]naiveDay
	counted      collector.Deleted

	// What is fixed stays: this is what it is to be.
	fixedMonths map[ownMonth]heaps
	peace       bool // nothing comes during the run
}

func newFleet(t *testing.T, seed uint64) *fleet {
	f := &fleet{
		memory: newMemory(), t: t, random: rand.New(rand.NewPCG(seed, 6)), now: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), places: map[int64]collector.Place{},
		closedCells: map[collector.Date]heaps{}, closedMonths: map[collector.Month]map[int64]naiveDay{}, fixedMonths: map[ownMonth]heaps{},
	}
	f.roller = New(f.memory, rules, slog.New(slog.DiscardHandler))
	f.roller.chunk = 1 + f.random.Int64N(12)
	f.closing, f.fixing = f.remember, f.rememberFixed
	for range 8 {
		f.enrol()
	}
	return f
}

func (f *fleet) today() collector.Date { return collector.DateOf(f.now) }

// accounts are what the machines did on a date. They are made once for a look at all of it: see forget.
func (f *fleet) accounts(d collector.Date) map[int64]naiveDay {
	if f.known[d] == nil {
		f.known[d] = naiveAccounts(f.memory, d)
	}
	return f.known[d]
}

func (f *fleet) forget() { f.known = map[collector.Date]map[int64]naiveDay{} }

// remember remembers what the roll-ups that are closed now should be for good.
func (f *fleet) remember(upTo collector.Date) {
	f.forget()
	for k := range f.rows {
		if k.date > upTo || k.date <= f.closed {
			continue
		}
		f.closedCells[k.date] = lasting(naiveCells(f.accounts(k.date)))
	}
	for d := range eachDate(f.oldest(), upTo) {
		if first, _, _ := d.Month().Dates(); first > f.closed && f.closedMonths[d.Month()] == nil {
			f.closedMonths[d.Month()] = f.monthOf(d.Month())
		}
	}
}

// oldest is the oldest date that has a machine-day.
func (f *fleet) oldest() (d collector.Date) {
	d = f.today()
	for k := range f.rows {
		d = min(d, k.date)
	}
	return d
}

// kept are the cells of a date that are kept.
func (f *fleet) kept(d collector.Date) heaps {
	cells := heaps{}
	for _, c := range f.cells[d] {
		cells[c.Place] = headed(c.Sum, c.Machines, c.Top)
	}
	return cells
}

// lasting are the cells that stay when their machine-days have gone: those of no machine of a person.
func lasting(cells heaps) heaps {
	cells = maps.Clone(cells)
	maps.DeleteFunc(cells, func(p collector.Place, _ heap) bool { return p.Use == "individual" })
	return cells
}

// monthOf is what the machines did in a month.
func (f *fleet) monthOf(m collector.Month) map[int64]naiveDay {
	var all []map[int64]naiveDay
	first, last, _ := m.Dates()
	for d := range eachDate(first, last) {
		all = append(all, f.accounts(d))
	}
	return naiveMonths(all)
}

// eachDate is the dates from one to another.
func eachDate(first, last collector.Date) iter.Seq[collector.Date] {
	return func(yield func(collector.Date) bool) {
		t, _ := time.Parse(time.DateOnly, string(first))
		for d := first; d <= last && yield(d); d = collector.DateOf(t) {
			t = t.AddDate(0, 0, 1)
		}
	}
}

func (f *fleet) place() collector.Place {
	pick := func(words ...string) string { return words[f.random.IntN(len(words))] }
	return collector.Place{
		Site: 1 + f.random.Int64N(3), Group: f.random.Int64N(3), Class: pick("laptop", "desktop", "laptop"),
		Use: collector.Use(pick("individual", "individual", "individual", "shared", "server")), Simulated: f.random.IntN(20) == 0,
	}
}

func (f *fleet) enrol() {
	f.last++
	f.places[f.last] = f.place()
}

// record is a record of a day that is not more than 45 days old.
func (f *fleet) record(use collector.Use) collector.Record {
	date := f.now.AddDate(0, 0, -min(f.random.IntN(46), f.random.IntN(46)))
	r := collector.Record{Date: collector.DateOf(date), Hour: collector.WholeDay, LengthS: 86_400, History: f.random.IntN(10) == 0, Virtual: f.random.IntN(15) == 0}
	if f.random.IntN(3) == 0 {
		r.SleepAfter = fmt.Sprint(f.random.IntN(30))
	}
	if f.random.IntN(4) == 0 {
		r.Cost = &collector.Cost{CPUS: 9 * f.random.Float64(), Wakeups: f.random.Int64N(99), SentBytes: f.random.Int64N(999), ReceivedBytes: f.random.Int64N(999), Dropped: f.random.IntN(2)}
	}
	open, rest := 10*3600, "night"
	switch {
	case date.Weekday() == time.Sunday:
		open, rest = 0, "weekend"
	case f.random.IntN(20) == 0: // by another calendar
		open, rest = 0, "holiday"
	}
	if use.Hourly() && f.random.IntN(4) > 0 {
		r.Hour, r.LengthS, r.History = 6+f.random.IntN(4), 3600, false
		open = min(open, f.random.IntN(2)*3600)
	}
	if open > 0 {
		r.Parts = append(r.Parts, f.part("open", open))
	}
	if open < r.LengthS {
		r.Parts = append(r.Parts, f.part(rest, r.LengthS-open))
	}
	return r
}

// part is a part of a day of which little or much is known.
func (f *fleet) part(name string, length int) collector.Part {
	p := collector.Part{Part: name, LengthS: length}
	left := length / (1 + f.random.IntN(4)) // half of them or more fit beside another
	take := func() int {
		n := f.random.IntN(left + 1)
		left -= n
		return n
	}
	p.Seconds = collector.Seconds{On: take(), DisplayOff: take(), Sleep: take(), Off: take()}
	p.Seconds.Unknown = length - p.Seconds.On - p.Seconds.DisplayOff - p.Seconds.Sleep - p.Seconds.Off
	for range f.random.IntN(3) {
		wh := 900 * f.random.Float64()
		method := collector.Methods()[f.random.IntN(9)]
		if scope := collector.Scopes()[f.random.IntN(3)]; !slices.ContainsFunc(p.Energy, func(e collector.Energy) bool { return e.Scope == scope && e.Method == method }) {
			p.Energy = append(p.Energy, collector.Energy{Wh: wh, LowWh: wh * 0.7, HighWh: wh * 1.3, Method: method, Scope: scope, CoveredS: 1 + f.random.IntN(length)})
		}
	}
	return p
}

func (f *fleet) speak() {
	machine := 1 + f.random.Int64N(f.last)
	place, ok := f.places[machine]
	if !ok {
		return
	}
	f.keep(machine, place, f.record(place.Use))
}

// step does something to the fleet.
func (f *fleet) step() {
	machine := 1 + f.random.Int64N(f.last)
	switch x := f.random.IntN(100); {
	case x < 50:
		for range 1 + f.random.IntN(25) {
			f.speak()
		}
	case x < 62:
		f.now = f.now.AddDate(0, 0, 1+f.random.IntN(3)*f.random.IntN(15))
	case x < 66 && f.last < 40:
		f.enrol()
	case x < 70: // it is moved, or used by others
		if _, ok := f.places[machine]; ok {
			f.places[machine] = f.place()
		}
	case x < 76: // it was installed anew
		if newer := 1 + f.random.Int64N(f.last); machine < newer && f.replaced[machine] == 0 {
			f.replaced[machine] = newer
			f.touch(machine)
		}
	case x < 79:
		if f.replaced[machine] != 0 {
			delete(f.replaced, machine)
			f.touch(machine)
		}
	case x < 81 && len(f.places) > 6:
		for _, erased := range f.erase(machine) {
			delete(f.places, erased)
			for _, months := range f.closedMonths {
				delete(months, erased)
			}
		}
	case x < 84:
		f.quarantine, f.entries = append(f.quarantine, f.today()), append(f.entries, f.today())
	default:
		f.night()
	}
}

// night runs the roll-up, in peace or not.
func (f *fleet) night() {
	today, o := f.today(), Options{}
	f.peace = true
	if len(f.runs) > 0 && f.runs[len(f.runs)-1].Refused != "" {
		o.Confirmed = f.random.IntN(3) == 0
	}
	f.calls = 0
	switch f.random.IntN(8) {
	case 0, 1: // a crash
		f.breakAt, f.after = 1+f.random.IntN(60), f.random.IntN(2) == 0
	case 2: // a machine speaks meanwhile
		f.peace = false
		at := 1 + f.random.IntN(40)
		f.meet = func() {
			if f.calls == at {
				n := len(f.rows)
				f.speak()
				f.counted.MachineDays += int64(len(f.rows) - n)
			}
		}
	case 3: // a wrong clock
		today, o.Confirmed = collector.DateOf(f.now.AddDate(2*f.random.IntN(2)-1, 0, 0)), false
	}
	before := f.sizes()
	run, err := f.roller.Run(f.t.Context(), today, o)
	if err != nil && !errors.Is(err, errBroken) {
		f.t.Fatal(err)
	}
	f.breakAt, f.meet = 0, nil
	after := f.sizes()
	f.counted.MachineDays += before.MachineDays - after.MachineDays
	f.counted.Quarantine += before.Quarantine - after.Quarantine
	f.counted.Entries += before.Entries - after.Entries
	for k := range f.rows { // whatever the clock says
		if k.date < collector.DateOf(f.now.AddDate(0, 0, -keepMachineDays)) && err == nil && run.Refused == "" && run.Until == f.today() {
			f.t.Fatalf("a machine-day of %s is there on %s", k.date, f.today())
		}
	}
	for date, cells := range f.cells {
		if date < collector.DateOf(f.now.AddDate(0, 0, -keepMachineDays)) && err == nil && run.Refused == "" && run.Until == f.today() && len(lasting(f.kept(date))) < len(cells) {
			f.t.Fatalf("a cell of machines of persons of %s is there on %s", date, f.today())
		}
	}
	if err != nil || !f.peace {
		return
	}
	if got := after; got.MachineDays+run.Deleted.MachineDays != before.MachineDays || got.Quarantine+run.Deleted.Quarantine != before.Quarantine {
		f.t.Fatalf("%+v was there, %+v is, and %+v is said to be gone", before, after, run.Deleted)
	}
	f.check()
	f.checkFixed(run)
}

// sizes is how many there are of what only goes when it has served, or is counted here.
func (f *fleet) sizes() (c collector.Deleted) {
	c.MachineDays, c.Quarantine, c.Entries = int64(len(f.rows)), int64(len(f.quarantine)), int64(len(f.entries))
	return c
}

// check compares all roll-ups with those that are made from scratch.
func (f *fleet) check() {
	f.forget()
	seen := map[collector.Date]bool{}
	for k := range f.rows {
		seen[k.date] = true
	}
	for d := range f.cells {
		seen[d] = true
	}
	inMonths := map[collector.Month]bool{}
	for date := range seen {
		got, want := f.kept(date), f.closedCells[date]
		if date > f.closed {
			want = naiveCells(f.accounts(date))
			f.totals(date)
		} else {
			got = lasting(got)
		}
		if d := difference(got, want); d != "" {
			f.t.Fatalf("the cells of %s (closed: %s): %s", date, f.closed, d)
		}
		inMonths[date.Month()] = true
	}
	for month := range inMonths {
		f.checkMonth(month)
	}
}

func (f *fleet) checkMonth(month collector.Month) {
	want := f.closedMonths[month]
	if first, _, _ := month.Dates(); first > f.closed {
		want = f.monthOf(month)
	}
	if f.months[month] == nil && len(f.runs) > 0 && month < horizonAt(f.now).MachineMonths { // gone, and right so
		return
	}
	if !slices.Equal(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(f.months[month]))) {
		f.t.Fatalf("%s (closed: %s) has the machines %v; want %v", month, f.closed, slices.Sorted(maps.Keys(f.months[month])), slices.Sorted(maps.Keys(want)))
	}
	for machine, w := range want {
		m := f.months[month][machine]
		if m.Machine != machine || m.Month != month || m.Place != w.place || m.SleepAfter != w.sleep || unlike(heapOf(m.Sum), w.heap) != "" {
			f.t.Fatalf("machine %d in %s is %+v; want %+v: %s", machine, month, m, w, unlike(heapOf(m.Sum), w.heap))
		}
	}
}

// totals compares what all cells of a date come to with what all machines do.
func (f *fleet) totals(date collector.Date) {
	cells, machines, n := heap{}, heap{}, 0
	for _, c := range f.cells[date] {
		cells.addAll(heapOf(c.Sum))
		n += c.Machines
	}
	accounts := f.accounts(date)
	for _, a := range accounts {
		machines.addAll(a.heap)
	}
	if d := unlike(cells, machines); d != "" || n != len(accounts) {
		f.t.Fatalf("the cells of %s have %d machines, and there are %d; they come to\n%s", date, n, len(accounts), d)
	}
}

func TestWhateverHappensRollUpsAreThoseFromScratch(t *testing.T) {
	fleets, steps := 6, 200
	if testing.Short() {
		fleets, steps = 2, 150
	}
	var runs, closed, gone, refused, fixed int
	for seed := range fleets {
		f := newFleet(t, uint64(seed))
		for range steps {
			f.step()
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
		var deleted collector.Deleted
		for _, r := range f.runs {
			deleted.MachineDays += r.Deleted.MachineDays
			deleted.Quarantine += r.Deleted.Quarantine
			deleted.Entries += r.Deleted.Entries
			runs++
			gone += int(r.Deleted.GroupDays)
			if r.Refused != "" {
				refused++
			}
		}
		if f.counted != deleted {
			t.Errorf("%+v went, and the runs of %d tell of %+v", f.counted, seed, deleted)
		}
		closed += len(f.closedCells)
		fixed += len(f.fixedMonths)
	}
	t.Logf("%d runs, %d of them refused to delete; %d months fixed, %d dates closed, %d cells gone", runs, refused, fixed, closed, gone)
	if closed == 0 || gone == 0 || refused == 0 || fixed == 0 {
		t.Error("something that should happen never did")
	}
}

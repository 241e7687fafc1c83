package rollup

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"veille/collector"
)

// The roll-ups once more, by other means: a heap of named numbers for each machine and place, and the sentences of settle
// taken one by one. It knows nothing of collector.Sum.

// heap is numbers by name. It has no zeros.
type heap map[string]int64

func (h heap) add(name string, n int64) {
	if h[name] += n; h[name] == 0 {
		delete(h, name)
	}
}

func (h heap) addAll(o heap) {
	for name, n := range o {
		if name == "top" {
			h[name] = max(h[name], n)
		} else {
			h.add(name, n)
		}
	}
}

func milli(wh float64) int64 { return int64(math.Floor(wh*1000 + 0.5)) }

// naiveRecord is the numbers of one record.
func naiveRecord(r collector.Record) heap {
	h := heap{}
	for _, p := range r.Parts {
		h.add("s "+p.Part+" on", int64(p.Seconds.On))
		h.add("s "+p.Part+" display_off", int64(p.Seconds.DisplayOff))
		h.add("s "+p.Part+" sleep", int64(p.Seconds.Sleep))
		h.add("s "+p.Part+" off", int64(p.Seconds.Off))
		h.add("s "+p.Part+" unknown", int64(p.Seconds.Unknown))
		for _, e := range p.Energy {
			name := "e " + p.Part + " " + e.Scope + " " + e.Method
			h.add(name, milli(e.Wh))
			h.add(name+" low", milli(e.LowWh))
			h.add(name+" high", milli(e.HighWh))
			h.add(name+" covered", int64(e.CoveredS))
		}
	}
	if c := r.Cost; c != nil {
		h.add("c cpu", milli(c.CPUS))
		h.add("c wakeups", c.Wakeups)
		h.add("c sent", c.SentBytes)
		h.add("c received", c.ReceivedBytes)
		h.add("c dropped", int64(c.Dropped))
	}
	return h
}

func (h heap) known() (n int64) {
	for name, x := range h {
		if strings.HasPrefix(name, "s ") && !strings.HasSuffix(name, " unknown") {
			n += x
		}
	}
	return n
}

// naiveSame is what several records of the same time come to, and whether one of those that count is of a virtual machine.
func naiveSame(records []collector.Record) (heap, bool) {
	if len(records) == 0 {
		return heap{}, false
	}
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b collector.Record) int { return -cmp.Compare(naiveRecord(a).known(), naiveRecord(b).known()) })
	lengths := func(r collector.Record) map[string]int {
		l := map[string]int{}
		for _, p := range r.Parts {
			l[p.Part] = p.LengthS
		}
		return l
	}
	all, virtual := naiveRecord(records[0]), records[0].Virtual
	for _, r := range records[1:] {
		if r.History || records[0].History || !maps.Equal(lengths(r), lengths(records[0])) {
			continue
		}
		both := maps.Clone(all)
		both.addAll(naiveRecord(r))
		fits := true
		for part, length := range lengths(r) {
			left := int64(length) - both["s "+part+" on"] - both["s "+part+" display_off"] - both["s "+part+" sleep"] - both["s "+part+" off"]
			fits = fits && left >= 0
			both["s "+part+" unknown"] = 0
			both.add("s "+part+" unknown", left)
		}
		if fits {
			all, virtual = both, virtual || r.Virtual
		}
	}
	return all, virtual
}

// naiveDay is what one machine did on one day, where.
type naiveDay struct {
	place collector.Place
	heap  heap
	sleep string
}

// naiveAccounts are what the machines of a ledger did on a date.
func naiveAccounts(m *memory, date collector.Date) map[int64]naiveDay {
	rows := map[int64][]key{}
	for k := range m.rows {
		if k.date == date {
			rows[m.now(k.machine)] = append(rows[m.now(k.machine)], k)
		}
	}
	days := map[int64]naiveDay{}
	for machine, keys := range rows {
		slices.SortFunc(keys, func(a, b key) int { return cmp.Or(cmp.Compare(a.machine, b.machine), compare(a.place, b.place)) })
		var d naiveDay
		most, personal, simulated := int64(-1), false, false
		var whole []collector.Record
		var hours [25][]collector.Record
		for _, k := range keys {
			knows, sleep := int64(0), ""
			for _, r := range m.rows[k] {
				knows += naiveRecord(r).known()
				sleep = cmp.Or(r.SleepAfter, sleep)
				if r.Hour < 0 {
					whole = append(whole, r)
				} else {
					hours[r.Hour] = append(hours[r.Hour], r)
				}
			}
			d.sleep = cmp.Or(sleep, d.sleep)
			if knows >= most {
				most, d.place = knows, k.place
			}
			personal, simulated = personal || k.place.Use == "individual", simulated || k.place.Simulated
		}
		byHour, virtualHour := heap{}, false
		for _, same := range hours {
			h, v := naiveSame(same)
			byHour.addAll(h)
			virtualHour = virtualHour || v
		}
		byDay, virtual := naiveSame(whole)
		d.heap = byDay
		if byHour.known() > byDay.known() {
			d.heap, virtual = byHour, virtualHour
		}
		if personal {
			d.place.Use = "individual"
		}
		if virtual {
			d.place.Class = "virtual"
		}
		d.place.Simulated = simulated
		d.heap.add("days", 1)
		days[machine] = d
	}
	return days
}

type heaps map[collector.Place]heap

// naiveCells are the cells of a date.
func naiveCells(accounts map[int64]naiveDay) heaps {
	cells := heaps{}
	for _, d := range accounts {
		c := maps.Clone(d.heap)
		c["machines"] = 1
		for name, n := range d.heap {
			if words := strings.Fields(name); words[0] == "e" && words[2] == "machine" && len(words) == 4 {
				c.add("top", n)
			}
		}
		if cells[d.place] == nil {
			cells[d.place] = heap{}
		}
		cells[d.place].addAll(c)
	}
	return cells
}

// naiveFixed is what the sites of an organisation come to in a month, by the cells of its dates. The numbers of each day are beside.
func naiveFixed(organisation int64, cells map[collector.Date]heaps) heaps {
	months := heaps{}
	for date, places := range cells {
		for p, c := range places {
			if organisationOf(p.Site) != organisation {
				continue
			}
			if months[p] == nil {
				months[p] = heap{}
			}
			day := string(date[8:]) + " "
			for name, n := range c {
				switch words := strings.Fields(name); words[0] {
				case "machines", "top":
					months[p].add(day+name, n)
				case "s", "e":
					months[p][day+"has "+words[1]] = 1
					months[p].add(name, n)
				default:
					months[p].add(name, n)
				}
			}
		}
	}
	return months
}

// heapOfMonth is the numbers of a fixed month.
func heapOfMonth(m collector.PlaceMonth) heap {
	h := heapOf(m.Sum)
	for i, d := range m.Days {
		day := fmt.Sprintf("%02d ", i+1)
		h.add(day+"machines", int64(d.Machines))
		h.add(day+"top", int64(d.Top))
		for bit, part := range collector.Parts() {
			h.add(day+"has "+part, int64(d.Parts>>bit&1))
		}
	}
	return h
}

// naiveMonths are the machine-months of some dates.
func naiveMonths(dates []map[int64]naiveDay) map[int64]naiveDay {
	months := map[int64]naiveDay{}
	for _, accounts := range dates {
		for machine, d := range accounts {
			x := months[machine]
			if x.heap == nil {
				x.heap = heap{}
			}
			x.place, x.sleep = d.place, cmp.Or(d.sleep, x.sleep)
			x.heap.addAll(d.heap)
			months[machine] = x
		}
	}
	return months
}

// heapOf is the numbers of a sum.
func heapOf(s collector.Sum) heap {
	h := heap{}
	h.add("days", s.Days)
	for _, p := range s.Seconds {
		h.add("s "+p.Part+" on", p.On)
		h.add("s "+p.Part+" display_off", p.DisplayOff)
		h.add("s "+p.Part+" sleep", p.Sleep)
		h.add("s "+p.Part+" off", p.Off)
		h.add("s "+p.Part+" unknown", p.Unknown)
	}
	for _, e := range s.Energy {
		name := "e " + e.Part + " " + e.Scope + " " + e.Method
		h.add(name, int64(e.MWh))
		h.add(name+" low", int64(e.LowMWh))
		h.add(name+" high", int64(e.HighMWh))
		h.add(name+" covered", e.CoveredS)
	}
	h.add("c cpu", s.Cost.CPUMs)
	h.add("c wakeups", s.Cost.Wakeups)
	h.add("c sent", s.Cost.SentBytes)
	h.add("c received", s.Cost.ReceivedBytes)
	h.add("c dropped", s.Cost.Dropped)
	return h
}

// headed is a sum with what stands beside it.
func headed(s collector.Sum, machines int, top collector.MilliWattHours) heap {
	h := heapOf(s)
	h.add("machines", int64(machines))
	h.add("top", int64(top))
	return h
}

// unlike says which numbers of two heaps differ; "": none do.
func unlike(got, want heap) string {
	var b strings.Builder
	all := maps.Clone(got)
	maps.Copy(all, want)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if got[name] != want[name] {
			fmt.Fprintf(&b, "\t%s is %d and should be %d\n", name, got[name], want[name])
		}
	}
	return b.String()
}

// difference says where two heaps of places differ; "": nowhere.
func difference(got, want heaps) string {
	var b strings.Builder
	for p := range got {
		if want[p] == nil {
			fmt.Fprintf(&b, "%+v is there and should not be\n", p)
		}
	}
	for p, w := range want {
		if d := unlike(got[p], w); d != "" {
			fmt.Fprintf(&b, "%+v:\n%s", p, d)
		}
	}
	return b.String()
}

package rollup

import (
	"veille/collector"
	"veille/collector/privacy"
)

// rememberFixed remembers what a month that is fixed now should be for good, and looks whether it is the time.
func (f *fleet) rememberFixed(of ownMonth, on collector.Date) {
	first, last, _ := of.month.Dates()
	end, _ := parse(last)
	if after := f.now.Sub(end).Hours() / 24; after < privacy.FirstDay-1 { // a fleet may be a day ahead of its collector
		f.t.Fatalf("%s is fixed on %s, %v days after its end", of.month, f.today(), after)
	}
	if first <= f.closed {
		f.t.Fatalf("%s is fixed on %s, and was closed before", of.month, on)
	}
	f.forget()
	cells := map[collector.Date]heaps{}
	for d := range eachDate(first, last) {
		cells[d] = naiveCells(f.accounts(d))
		if !f.peace { // whatever came meanwhile is for the next night
			cells[d] = f.kept(d)
		}
	}
	f.fixedMonths[of] = naiveFixed(of.organisation, cells)
}

// checkFixed compares the fixed months with what they were when they were fixed, and looks for months that should be.
func (f *fleet) checkFixed(run collector.Run) {
	if len(f.fixed) != len(f.fixedMonths) {
		f.t.Fatalf("%d months are fixed, and %d were", len(f.fixed), len(f.fixedMonths))
	}
	for of, x := range f.fixed {
		got := heaps{}
		for _, r := range x.rows {
			got[r.Place] = heapOfMonth(r)
		}
		if d := difference(got, f.fixedMonths[of]); d != "" {
			f.t.Fatalf("%s of %d, fixed on %s: %s", of.month, of.organisation, x.on, d)
		}
	}
	open, _ := f.OpenMonths(f.t.Context())
	for _, m := range open {
		machines, heard, _ := f.Heard(f.t.Context(), m.Organisation, m.Month)
		if is, err := privacy.Closes(m.Month, run.Until, machines, heard); run.Refused == "" && (is || err != nil) {
			f.t.Fatalf("%s of %d is not fixed on %s, %v", m.Month, m.Organisation, run.Until, err)
		}
	}
}

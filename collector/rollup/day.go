package rollup

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"veille/collector"
)

// individual is the use of machines whose cells are personal data while they are small.
const individual collector.Use = "individual"

// account is what one machine did on one day, after whatever its rows say twice was left out.
type account struct {
	machine int64
	collector.Place
	records    []collector.Record
	less       []collector.PartSum // what is to be taken from the seconds of the records
	sleepAfter string
}

// addTo adds the account to a sum, as one day.
func (a account) addTo(s *collector.Sum) {
	for _, r := range a.records {
		s.AddRecord(r)
	}
	s.Add(collector.Sum{Days: 1, Seconds: a.less})
}

// energy is what the machine took, as far as it is known of the whole machine.
func (a account) energy() (sum collector.MilliWattHours) {
	for i := range a.records {
		for _, p := range a.records[i].Parts {
			for _, e := range p.Energy {
				if e.Scope == "machine" && e.CoveredS > 0 {
					sum += collector.Milli(e.Wh)
				}
			}
		}
	}
	return sum
}

// settle makes the account of a day from the rows of one machine, the oldest number first; there is one at least. A machine has several
// where it was moved that day, or installed anew. No second is counted twice:
//   - Two records of the whole day, or of the same hour, are both taken where their parts are the same and what both know fits into
//     the length of each part; the rest is unknown. Where it does not fit they tell of the same seconds, and so may a record from the system's
//     own log whatever its seconds: then the one that knows more is taken alone.
//   - Of the whole day and the hours, what knows more is taken alone. A machine has both when its use was changed, or when its agent was
//     installed anew and read the system's log.
//
// Hours that no record tells of are not counted as unknown: they are not counted at all.
//
// The machine counts at the place of the row that knows most, the later one of two. It is personal where one row is, simulated where one
// row is, and virtual where a record is.
func settle(rows []collector.MachineDay) account {
	a := account{machine: rows[0].Machine, Place: rows[0].Place, records: rows[0].Records}
	for i, most := 0, -1; i < len(rows) && len(rows) > 1; i++ {
		if k := known(rows[i].Records); k >= most {
			most, a.Place = k, rows[i].Place
		}
	}
	for _, row := range rows {
		if !row.Use.Hourly() {
			a.Use = row.Use
		}
		latest := collector.WholeDay - 1
		for i := range row.Records {
			r := &row.Records[i]
			if r.SleepAfter != "" && r.Hour > latest {
				latest, a.sleepAfter = r.Hour, r.SleepAfter
			}
		}
	}
	a.Simulated = slices.ContainsFunc(rows, func(m collector.MachineDay) bool { return m.Simulated })
	if len(rows) > 1 || mixed(rows[0].Records) {
		a.records, a.less = reconcile(rows)
	}
	for i := range a.records {
		if a.records[i].Virtual {
			a.Class = collector.Virtual
		}
	}
	return a
}

// mixed tells whether records are not all hours or all of the whole day. A row has no two of the same.
func mixed(records []collector.Record) bool {
	return len(records) > 1 && slices.ContainsFunc(records, func(r collector.Record) bool { return r.Hour == collector.WholeDay })
}

// reconcile takes from the rows of one machine what does not tell of a second twice.
func reconcile(rows []collector.MachineDay) (taken []collector.Record, less []collector.PartSum) {
	byHour := map[int][]collector.Record{}
	for _, row := range rows {
		for _, r := range row.Records {
			byHour[r.Hour] = append(byHour[r.Hour], r)
		}
	}
	whole, wholeLess := unite(byHour[collector.WholeDay])
	for _, hour := range slices.Sorted(maps.Keys(byHour)) {
		if hour == collector.WholeDay {
			continue
		}
		t, l := unite(byHour[hour])
		taken, less = append(taken, t...), append(less, l...)
	}
	if known(taken) > known(whole) {
		return taken, less
	}
	return whole, wholeLess
}

// unite takes from records of the same hour, or of the whole day, the one that knows most, and of the others, by how much they know, those that
// fit beside it. less is the length of each part for each of those: it was counted already.
func unite(same []collector.Record) (taken []collector.Record, less []collector.PartSum) {
	if len(same) < 2 {
		return same, nil
	}
	slices.SortStableFunc(same, func(a, b collector.Record) int { return cmp.Compare(b.CoveredS(), a.CoveredS()) })
	taken = same[:1:1]
	for _, r := range same[1:] {
		if !fits(taken, r) {
			continue
		}
		taken = append(taken, r)
		for _, p := range r.Parts {
			less = append(less, collector.PartSum{Part: p.Part, Unknown: -int64(p.LengthS)})
		}
	}
	return taken, less
}

// fits tells whether r may tell of other seconds than those before it do.
func fits(before []collector.Record, r collector.Record) bool {
	if r.History || before[0].History {
		return false
	}
	length := map[string]int{}
	for _, p := range before[0].Parts {
		length[p.Part] += p.LengthS
	}
	for _, p := range r.Parts {
		length[p.Part] -= p.LengthS
	}
	for _, l := range length {
		if l != 0 {
			return false
		}
	}
	for _, p := range r.Parts {
		n := p.LengthS - knownIn(p)
		for _, b := range before {
			for _, q := range b.Parts {
				if q.Part == p.Part {
					n -= knownIn(q)
				}
			}
		}
		if n < 0 {
			return false
		}
	}
	return true
}

// known is the seconds in a known state.
func known(records []collector.Record) (n int) {
	for i := range records {
		for j := range records[i].Parts {
			n += knownIn(records[i].Parts[j])
		}
	}
	return n
}

func knownIn(p collector.Part) int {
	return p.Seconds.On + p.Seconds.DisplayOff + p.Seconds.Sleep + p.Seconds.Off
}

// accounts gives the account of each machine numbered from..to on a date, in order.
func (n *night) accounts(ctx context.Context, date collector.Date, from, to int64, yield func(account)) error {
	var rows []collector.MachineDay // of one machine
	err := n.Days(ctx, date, from, to, func(m collector.MachineDay) error {
		if len(rows) > 0 && rows[0].Machine != m.Machine {
			if m.Machine < rows[0].Machine {
				return fmt.Errorf("machine %d comes after %d: its rows may not be together", m.Machine, rows[0].Machine)
			}
			yield(settle(rows))
			rows = rows[:0]
		}
		if m.Machine < from || m.Machine > to {
			return fmt.Errorf("machine %d is not one of %d to %d", m.Machine, from, to)
		}
		rows = append(rows, m)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the machine-days of %s: %w", date, err)
	}
	if len(rows) > 0 {
		yield(settle(rows))
	}
	return nil
}

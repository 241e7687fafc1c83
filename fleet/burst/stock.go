package burst

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"veille/agent/wire"
)

// stock holds the records of Kinds machines, the newest first: where a machine has got to is a place in it.
type stock [Kinds][]template

// newStock makes the records of the days from 1 to days.
func newStock(records Records, days int) (*stock, error) {
	var s stock
	for kind := range s {
		for day := 1; day <= days; day++ {
			made := records(kind, day)
			for _, r := range slices.Backward(made) { // the newest first here too
				t, err := newTemplate(r)
				if err != nil {
					return nil, fmt.Errorf("record of machine %d, %d days back: %w", kind, day, err)
				}
				s[kind] = append(s[kind], t)
			}
		}
	}
	return &s, nil
}

// of is what a machine has to tell, the newest first.
func (s *stock) of(machine int) []template { return s[machine%Kinds] }

// template is a record as JSON, cut where its numbers change from machine to machine.
type template struct {
	date  string
	text  [][]byte // one more than slots
	slots []slot
}

// slot is a number in a template: base, and up to span more, or less where sign is -1.
type slot struct {
	base, span int64
	sign       int64
	tenths     bool // the number is a tenth of it
	draw       int  // slots with the same draw go as far from their base
	place      int  // in the text, while the template is made
}

// most is how far the seconds of a state go from the record's own.
const most = 1800

// placeholder begins the numbers that stand for slots while a record becomes JSON; no record has such a one.
const placeholder = 900_000_000

// newTemplate cuts up a record. Each record made of it has the same sums, the same covered seconds, and energies within the same bounds.
func newTemplate(r wire.Record) (template, error) {
	if err := r.Validate(); err != nil {
		return template{}, err
	}
	var slots []slot
	hold := func(s slot) int {
		slots = append(slots, s)
		return placeholder + len(slots) - 1
	}
	r.Parts = slices.Clone(r.Parts)
	draws := 0
	for i := range r.Parts {
		p := &r.Parts[i]
		on, off := int64(p.Seconds.On), int64(p.Seconds.Off)
		up, down := slot{base: on, span: min(off, most), sign: 1, draw: draws}, slot{base: off, span: min(off, most), sign: -1, draw: draws}
		if off == 0 {
			up, down = slot{base: on, span: min(on, most), sign: -1, draw: draws}, slot{span: min(on, most), sign: 1, draw: draws}
		}
		draws++
		p.Seconds.On, p.Seconds.Off = hold(up), hold(down)
		p.Energy = slices.Clone(p.Energy)
		for j, e := range p.Energy {
			if low, high := tenths(e); low < high {
				p.Energy[j].Wh = float64(hold(slot{base: low, span: high - low, sign: 1, tenths: true, draw: draws}))
				draws++
			}
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return template{}, err
	}
	t, err := cut(text, slots)
	t.date = r.Date
	return t, err
}

// cut cuts text where the slots are.
func cut(text []byte, slots []slot) (template, error) {
	for i := range slots {
		number := strconv.AppendInt(nil, int64(placeholder+i), 10)
		if n := bytes.Count(text, number); n != 1 {
			return template{}, fmt.Errorf("%s is there %d times, and stands for one number", number, n)
		}
		slots[i].place = bytes.Index(text, number)
	}
	slices.SortFunc(slots, func(a, b slot) int { return a.place - b.place })
	t, from := template{slots: slots}, 0
	for _, s := range slots {
		t.text = append(t.text, text[from:s.place])
		from = s.place + len(strconv.Itoa(placeholder))
	}
	t.text = append(t.text, text[from:])
	return t, nil
}

// tenths are the tenths of a watt-hour within the bounds of e, the first and the last. There are none where the last is before the first.
func tenths(e wire.Energy) (low, high int64) {
	low, high = int64(math.Ceil(e.LowWh*10)), int64(math.Floor(e.HighWh*10))
	if float64(low)/10 < e.LowWh { // the product was rounded
		low++
	}
	if float64(high)/10 > e.HighWh {
		high--
	}
	return low, high
}

// append writes the record that seed makes of the template.
func (t *template) append(b []byte, seed uint64) []byte {
	for i := range t.slots {
		s := &t.slots[i]
		b = append(b, t.text[i]...)
		v := s.base + s.sign*int64(mix(seed+uint64(s.draw))%uint64(s.span+1))
		if s.tenths {
			b = strconv.AppendInt(b, v/10, 10)
			b = append(b, '.', byte('0'+v%10))
			continue
		}
		b = strconv.AppendInt(b, v, 10)
	}
	return append(b, t.text[len(t.slots)]...)
}

// mix makes of neighbouring numbers ones that have nothing to do with one another: the finalizer of MurmurHash3 (A. Appleby).
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// appendBatch writes the batch of the records at the places from first to last-1 of a machine, the oldest first, as an agent does.
func (s *stock) appendBatch(b []byte, machine, first, last int, acked int64) []byte {
	b = append(b, `{"version":`...)
	b = strconv.AppendInt(b, wire.Version, 10)
	b = append(b, `,"records":[`...)
	all := s.of(machine)
	for place := last - 1; place >= first; place-- {
		b = all[place].append(b, seedOf(machine, place))
		if place > first {
			b = append(b, ',')
		}
	}
	b = append(b, ']')
	if acked > 0 {
		b = append(b, `,"acked":`...)
		b = strconv.AppendInt(b, acked, 10)
	}
	return append(b, '}')
}

// seedOf leaves room for the draws of one record.
func seedOf(machine, place int) uint64 { return uint64(machine)<<32 | uint64(place)<<8 }

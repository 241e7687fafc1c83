package agent

import (
	"fmt"
	"slices"
	"time"

	"veille/agent/calendar"
	"veille/agent/power"
	"veille/agent/wire"
)

// book puts each second of the local day in exactly one state and one part. It moves along the civil time of the site and
// never back: what it has passed is closed, so a clock that steps back cannot count a second twice, and one that steps
// forward leaves the seconds it skipped unknown.
type book struct {
	Hourly bool           `json:"hourly"`          // its slots are hours, else days
	Booked int64          `json:"booked"`          // Unix second up to which everything is booked
	Slot   *slot          `json:"slot,omitempty"`  // the day or hour that Booked lies in, when something is known of it
	Aside  *aside         `json:"aside,omitempty"` // the slot that a clock stepped back from, until time is there again
	Carry  []power.Figure `json:"carry,omitempty"` // measured in less than a second, which the next stretch takes over
	Skip   int64          `json:"skip,omitempty"`  // second up to which a change of calendar leaves everything unknown
	Last   string         `json:"last,omitempty"`  // key of the slot that was opened last
	Serial int64          `json:"policy"`          // of the policy whose calendar the running day has
	Cost   *wire.Cost     `json:"cost,omitempty"`  // what the agent took since the last slot was closed

	calendar calendar.Calendar
	next     *turn // another calendar, from a midnight on
	known    known
}

// aside is a slot that waits, and the second up to which it is booked.
type aside struct {
	Slot   slot  `json:"slot"`
	Booked int64 `json:"booked"`
}

// slot is one day, or one hour, as far as it has been booked.
type slot struct {
	Date  string `json:"date"`
	Hour  int    `json:"hour"` // -1 for a whole day
	Start int64  `json:"start"`
	End   int64  `json:"end"`
	Parts []part `json:"parts"`

	History bool       `json:"history,omitempty"` // from the system's log, and not counted
	Cost    *wire.Cost `json:"cost,omitempty"`    // of the agent, once the slot is closed
	Draw    uint64     `json:"draw,omitempty"`    // by which the record of a personal machine is rounded, once the slot is closed
}

type part struct {
	Part    calendar.Part  `json:"part"`
	LengthS int            `json:"length_s"`
	Seconds wire.Seconds   `json:"seconds"` // unknown is what is left, and computed at the end
	Energy  []power.Figure `json:"energy"`
}

// stretch is some seconds in one state.
type stretch struct {
	from, to int64
	condition
	measured []power.Figure // over seconds
	seconds  int            // of the measured time, which may be more than the stretch
}

// maxGap is how far back a gap is booked: no record is kept longer.
const maxGap = 30 * 24 * time.Hour

// maxAhead is how many seconds the book waits for a clock that was set back. After a larger step it begins again: a machine
// that once believed in 2036 must not be silent until then. The slot it stepped back from waits for its time to come again.
const maxAhead = 24 * 3600

// moved is how many seconds more the book waits where a site has moved to a zone in which the last day is not over.
const moved = 48 * 3600

// snap is how far the clock on the wall may drift from the counted time before the difference is believed.
const snap = 2

// advance books a sample taken at now, and gives back the days or hours that it closed and of which something is known.
func (b *book) advance(x sample, now time.Time, period time.Duration) []slot {
	var closed []slot
	ahead := b.Booked - now.Unix()
	if ahead > maxAhead && (b.Booked > b.Skip || ahead > maxAhead+moved) { // the clock was wrong until now, or is wrong now
		if b.Slot != nil && b.Aside != nil { // there is one place aside
			closed = append(closed, b.Aside.Slot)
		}
		if b.Slot != nil {
			b.Aside = &aside{*b.Slot, b.Booked}
		}
		b.Booked, b.Slot, b.Last = now.Unix(), nil, ""
	}
	b.turn(b.Booked)
	x.measured, b.Carry = merge(b.Carry, x.measured), nil
	for _, s := range b.place(x, now.Unix(), period) {
		closed = append(closed, b.add(s)...)
	}
	return append(closed, b.pass(now.Unix())...)
}

// place lays what happened on the civil time that ends at the second end. The running time of one sample is at most a
// period and the sleep: on first, then asleep, then off, which is wrong by a period at most. After a longer absence of the
// agent nobody knows which came when, and only time of one kind, or within one part of one slot, is booked.
func (b *book) place(x sample, end int64, period time.Duration) []stretch {
	on, sleep, off := seconds(x.span.On), seconds(x.span.Sleep), seconds(x.span.Off)
	var all []stretch
	if x.between != nil { // what the system's log tells came first
		all, off = append(all, x.between...), 0
	} else if x.span.Boot && off > 0 { // what was off came first
		begin := end - int64(on+sleep)
		all = append(all, stretch{from: max(b.Booked, begin-int64(off)-snap), to: begin, condition: condition{state: power.Off}})
		off = 0
	}
	begin := end - int64(on+sleep+off)
	if !x.span.Boot && begin-b.Booked <= snap {
		begin = b.Booked // also when the clock stepped back: what was passed stays passed
	}
	if sleep+off > 0 && time.Duration(on)*time.Second > 2*period && !b.single(begin, end) {
		return all
	}
	awake := stretch{from: begin, to: max(begin, end-int64(sleep+off)), condition: x.condition(), measured: x.measured}
	// All that was measured goes into the seconds of the stretch, which differ from the time measured by the fractions at
	// both ends. When the clock stepped back they are far fewer: the rest fell on seconds passed before.
	n := int(awake.to - awake.from)
	switch awake.seconds = n; {
	case n == 0 && on <= snap && b.Booked <= end: // not when the clock stepped back: these seconds were passed before
		b.Carry = x.measured
	case n < on-snap:
		awake.seconds = on
	}
	asleep := stretch{from: awake.to, to: max(awake.to, end-int64(off)), condition: condition{state: power.Sleep}}
	return append(all, awake, asleep, stretch{from: asleep.to, to: end, condition: condition{state: power.Off}})
}

// merge adds what was carried to what was measured now, by method and scope. What was not measured now is left out: it
// would cover time that no meter saw.
func merge(carried, measured []power.Figure) []power.Figure {
	all := slices.Clone(measured)
	for i, f := range all {
		for _, c := range carried {
			if c.Like(f) {
				all[i] = f.Plus(c)
			}
		}
	}
	return all
}

// skip moves on to now without booking anything: the time is unknown.
func (b *book) skip(now time.Time) []slot {
	if b.Booked == 0 { // the very first
		b.Booked = now.Unix()
		return nil
	}
	return b.advance(sample{}, now, 0)
}

// single tells whether all seconds from a to b go into the same part of the same slot, so that their order is no matter.
func (b *book) single(from, to int64) bool {
	s := b.slotAt(from)
	return to <= s.End && b.calendar.Next(time.Unix(from, 0), time.Unix(to, 0)).Unix() >= to
}

func (b *book) add(s stretch) []slot {
	var closed []slot
	from := max(s.from, b.Booked, s.to-int64(maxGap/time.Second))
	for from < s.to {
		closed = append(closed, b.pass(from)...)
		if b.Slot == nil {
			b.open(from)
			from = max(from, b.Booked)
			continue
		}
		at := time.Unix(from, 0)
		until := b.calendar.Next(at, time.Unix(min(s.to, b.Slot.End), 0)).Unix()
		b.Slot.book(b.calendar.Part(at), s, int(until-from), b.known)
		from = until
		b.Booked = until
	}
	return closed
}

// open begins the slot of a second, or takes up again the one that was put aside.
func (b *book) open(second int64) {
	if a := b.Aside; a != nil && a.Slot.Start <= second && second < a.Slot.End {
		b.Slot, b.Booked, b.Aside = &a.Slot, max(second, a.Booked), nil
		return
	}
	if b.turn(second); b.Booked > second {
		return
	}
	s := b.slotAt(second)
	b.Slot, b.Last = &s, s.key()
}

// pass moves on to the second at, and closes the slots that end before it.
func (b *book) pass(at int64) []slot {
	var closed []slot
	b.Booked = max(b.Booked, at)
	if a := b.Aside; a != nil && b.Booked >= a.Slot.End {
		closed, b.Aside = append(closed, a.Slot), nil
	}
	if b.Slot != nil && b.Booked >= b.Slot.End {
		closed, b.Slot = append(closed, *b.Slot), nil
	}
	return closed
}

// slotAt is the slot that a second belongs to, with nothing booked in it.
func (b *book) slotAt(second int64) slot {
	date, start, end := b.calendar.Day(time.Unix(second, 0))
	s := slot{Date: date, Hour: -1, Start: start.Unix(), End: end.Unix()}
	if b.Hourly {
		s.Hour = int(second-s.Start) / 3600
		s.Start += int64(s.Hour) * 3600
		s.End = min(s.Start+3600, s.End)
	}
	for from := s.Start; from < s.End; {
		at := time.Unix(from, 0)
		until := b.calendar.Next(at, time.Unix(s.End, 0)).Unix()
		s.part(b.calendar.Part(at)).LengthS += int(until - from)
		from = until
	}
	return s
}

func (s *slot) part(name calendar.Part) *part {
	for i := range s.Parts {
		if s.Parts[i].Part == name {
			return &s.Parts[i]
		}
	}
	s.Parts = append(s.Parts, part{Part: name})
	return &s.Parts[len(s.Parts)-1]
}

// book adds n seconds of a stretch to one part.
func (s *slot) book(name calendar.Part, st stretch, n int, known known) {
	p := s.part(name)
	switch st.state {
	case power.On:
		p.Seconds.On += n
	case power.DisplayOff:
		p.Seconds.DisplayOff += n
	case power.Sleep:
		p.Seconds.Sleep += n
	case power.Off:
		p.Seconds.Off += n
	}
	measured := make([]power.Figure, 0, len(st.measured))
	for _, f := range st.measured {
		measured = append(measured, f.Share(n, st.seconds))
	}
	for _, f := range known.complete(measured, st.condition, time.Duration(n)*time.Second) {
		p.count(f)
	}
}

func (p *part) count(f power.Figure) {
	for i, g := range p.Energy {
		if g.Like(f) {
			p.Energy[i] = g.Plus(f)
			return
		}
	}
	p.Energy = append(p.Energy, f)
}

// key names the slot: its date, and its hour.
func (s slot) key() string {
	if s.Hour < 0 {
		return s.Date
	}
	return fmt.Sprintf("%sT%02d", s.Date, s.Hour)
}

// record is the slot as it is sent: what is not booked is unknown.
func (s slot) record(use wire.Use, machine wire.Machine, cost *wire.Cost) wire.Record {
	r := wire.Record{Date: s.Date, LengthS: int(s.End - s.Start), Use: use, Machine: machine, History: s.History}
	if cost != nil {
		c := *cost
		c.CPUS = round(c.CPUS, 3)
		r.Cost = &c
	}
	if s.Hour >= 0 {
		r.Hour = &s.Hour
	}
	for _, p := range s.Parts {
		w := wire.Part{Part: string(p.Part), LengthS: p.LengthS, Seconds: p.Seconds, Energy: []wire.Energy{}}
		w.Seconds.Unknown = 0
		w.Seconds.Unknown = p.LengthS - w.Seconds.Sum()
		for _, f := range p.Energy {
			w.Energy = append(w.Energy, energy(f, 4))
		}
		r.Parts = append(r.Parts, w)
	}
	return r
}

func seconds(d time.Duration) int { return int(d.Round(time.Second) / time.Second) }

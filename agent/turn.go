package agent

import (
	"fmt"
	"time"

	"veille/agent/calendar"
	"veille/agent/wire"
)

// turn is a change to another calendar, at a midnight: no day is cut in two ways.
type turn struct {
	at       int64 // the second that ends the last day of the calendar before
	calendar calendar.Calendar
	serial   int64
}

// follow takes the calendar of the first policy, which is in force, or the default where there is none.
func (b *book) follow(policies []wire.Policy) error {
	var p wire.Policy
	if len(policies) > 0 {
		p = policies[0]
	}
	c, err := CalendarOf(p)
	if err != nil {
		return err
	}
	b.calendar, b.Serial, b.next = c, p.Serial, nil
	return nil
}

// keep goes on with the calendar of the policy with that number until its running day is over, and tells whether it is there.
func (b *book) keep(serial int64, policies []wire.Policy) (bool, error) {
	if serial == b.Serial {
		return true, nil
	}
	for _, p := range policies {
		if p.Serial != serial {
			continue
		}
		c, err := CalendarOf(p)
		if err != nil {
			return false, err
		}
		_, _, end := c.Day(time.Unix(b.Booked, 0))
		b.next = &turn{end.Unix(), b.calendar, b.Serial}
		b.calendar, b.Serial = c, serial
		return true, nil
	}
	return false, nil
}

// turn changes to the next calendar when its time has come and no slot is open.
func (b *book) turn(second int64) {
	n := b.next
	if n == nil || b.Slot != nil || second < n.at {
		return
	}
	b.calendar, b.Serial, b.next = n.calendar, n.serial, nil
	b.leave()
	b.pastLast(second)
}

// pastLast leaves unknown what would be booked in a day or hour that is over: where a site has moved to the west, its last day goes
// on in the new zone.
func (b *book) pastLast(second int64) {
	for s := b.slotAt(max(second, b.Booked)); s.key() <= b.Last; s = b.slotAt(s.End) {
		b.Booked, b.Skip = s.End, s.End
	}
}

// leave leaves what was booked in a slot that no longer fits the calendar as it is: the rest of it stays unknown.
func (b *book) leave() {
	if a := b.Aside; a != nil && !b.slotAt(a.Slot.Start).fits(a.Slot) {
		a.Booked = a.Slot.End
	}
	if b.Slot != nil && !b.slotAt(b.Slot.Start).fits(*b.Slot) {
		b.Booked = max(b.Booked, b.Slot.End)
		b.Skip = b.Booked
	}
}

// take goes on with what another run booked, in the calendar of its day. Where that is not known any more, its running day is left as
// it is, and the rest of it is unknown. When the use class has changed between hours and days, nothing is taken over but the place
// in time, and the rest of the day is unknown: hours of a machine that became personal are not to be sent, and a day and hours of
// one date would count twice. It tells whether the slots were taken over.
func (b *book) take(before book, policies []wire.Policy) (bool, error) {
	b.Booked, b.Cost, b.Skip, b.Last = before.Booked, before.Cost, before.Skip, before.Last
	if before.Hourly != b.Hourly {
		b.Last = ""
		if before.Slot != nil || before.Last != "" {
			_, _, end := b.calendar.Day(time.Unix(b.Booked, 0))
			b.Booked, b.Skip = end.Unix(), end.Unix()
		}
		return false, nil
	}
	b.Slot, b.Aside, b.Carry = before.Slot, before.Aside, before.Carry
	found, err := b.keep(before.Serial, policies)
	if err != nil {
		return false, fmt.Errorf("go on with the running day: %w", err)
	}
	if found {
		b.leave()
		return true, nil
	}
	if b.Aside != nil {
		b.Aside.Booked = b.Aside.Slot.End
	}
	if b.Slot != nil {
		b.Booked = max(b.Booked, b.Slot.End)
		b.Skip = b.Booked
	}
	b.next, b.Serial = &turn{b.Booked, b.calendar, b.Serial}, before.Serial
	return true, nil
}

func (s slot) fits(other slot) bool {
	if s.key() != other.key() || s.Start != other.Start || s.End != other.End || len(s.Parts) != len(other.Parts) {
		return false
	}
	for i, p := range s.Parts {
		if p.Part != other.Parts[i].Part || p.LengthS != other.Parts[i].LengthS {
			return false
		}
	}
	return true
}

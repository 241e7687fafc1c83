package relational

import (
	"encoding/binary"
	"slices"

	"veille/collector"
)

// mixedPart stands for collector.Mixed, which is in no list: lists grow.
const mixedPart = 255

// part is the place of a part of a sum.
func (w words) part(part string) byte {
	if part == collector.Mixed {
		return mixedPart
	}
	return byte(slices.Index(w.parts, part))
}

// partOfSum is the part that the next byte stands for.
func (u *unpacking) partOfSum() string {
	place := u.byte()
	if place == mixedPart {
		return collector.Mixed
	}
	return u.word(u.parts, place)
}

// packSum is the body of a sum, in the manner of pack, sealed by the numbers of the row that it is in.
func (w words) packSum(k key, s collector.Sum) []byte {
	b := make([]byte, 0, 64)
	b = append(b, packing)
	b = binary.AppendVarint(b, s.Days)
	b = binary.AppendUvarint(b, uint64(len(s.Seconds)))
	for _, p := range s.Seconds {
		b = appendVarints(append(b, w.part(p.Part)), p.On, p.DisplayOff, p.Sleep, p.Off, p.Unknown)
	}
	b = binary.AppendUvarint(b, uint64(len(s.Energy)))
	for _, e := range s.Energy {
		b = append(b, w.part(e.Part), byte(slices.Index(w.scopes, e.Scope)<<4|slices.Index(w.methods, e.Method)))
		b = appendVarints(b, int64(e.MWh), int64(e.MWh-e.LowMWh), int64(e.HighMWh-e.MWh), e.CoveredS)
	}
	c := s.Cost
	b = appendVarints(b, c.CPUMs, c.Wakeups, c.SentBytes, c.ReceivedBytes, c.Dropped)
	return binary.BigEndian.AppendUint32(b, k.checksum(b))
}

// unpackSum is the sum of a body. It fails when the body, or the row, is not as it was written.
func (w words) unpackSum(k key, body []byte) (s collector.Sum, err error) {
	u, err := w.open(k, body)
	if err != nil {
		return s, err
	}
	s.Days = u.number()
	seconds := u.count()
	s.Seconds = slices.Grow(s.Seconds, seconds)
	for range seconds {
		s.Seconds = append(s.Seconds, collector.PartSum{
			Part: u.partOfSum(), On: u.number(), DisplayOff: u.number(), Sleep: u.number(), Off: u.number(), Unknown: u.number(),
		})
	}
	energies := u.count()
	s.Energy = slices.Grow(s.Energy, energies)
	for range energies {
		e := collector.EnergySum{Part: u.partOfSum()}
		names := u.byte()
		e.Scope, e.Method = u.word(w.scopes, names>>4), u.word(w.methods, names&15)
		e.MWh = collector.MilliWattHours(u.number())
		e.LowMWh, e.HighMWh = e.MWh-collector.MilliWattHours(u.number()), e.MWh+collector.MilliWattHours(u.number())
		e.CoveredS = u.number()
		s.Energy = append(s.Energy, e)
	}
	s.Cost = collector.CostSum{CPUMs: u.number(), Wakeups: u.number(), SentBytes: u.number(), ReceivedBytes: u.number(), Dropped: u.number()}
	if u.bad || len(u.left) > 0 {
		return collector.Sum{}, errDamaged
	}
	return s, nil
}

package balance

// Policy is a sleep policy that somebody thinks of.
type Policy struct {
	Minutes float64 // without use, after which machines sleep; 0 to 240
	Share   float64 // of the machines that follow it, 0 to 1
	Off     bool    // those that follow it are off outside of open hours in the place of asleep
}

// MostMinutes is the longest time without use that a policy may have.
const MostMinutes = 240

// WhatIf is what a policy would save in a year outside of open hours, by an account of up to twelve months. It is the arithmetic of Levers with
// minutes m and a share f of the machines in the place of 30 and of all of them, with the same bounds:
//
//	sleep = f × (Pa − Ps) × (A − m ÷ 60 × D)
//	off = sleep + f × (Ps − Po) × (S + A − m ÷ 60 × D)
//
// It is false where Levers would tell nothing, and where the policy is none.
func (b Book) WhatIf(year Account, p Policy) (Lever, bool) {
	s, ok := outside(year)
	possible := p.Minutes >= 0 && p.Minutes <= MostMinutes && p.Share >= 0 && p.Share <= 1
	if !ok || !possible || !observed(&year) || !telling(&year) || s.covered <= 0 {
		return Lever{}, false
	}
	l := Lever{ID: SleepPolicy, Machines: year.Machines}
	grace := p.Minutes / 60 * float64(year.MachineDays)
	slept := sleeping(s, grace)
	l.KWh, l.Hours = slept.KWh, slept.Hours
	if p.Off {
		later := span{sleep: s.sleep + slept.Hours, awake: s.awake - slept.Hours, off: s.off, covered: s.covered, kwh: s.kwh}
		off := switchOff(later)
		l.KWh, l.Hours = l.KWh.plus(off.KWh), l.Hours+s.sleep
		most := s.used() // nothing saves more than was used
		l.KWh = Range{min(l.KWh.Value, most.Value), min(l.KWh.Low, most.Low), min(l.KWh.High, most.High)}
	}
	times, scaled := toYear(&year)
	l.KWh, l.Hours, l.Scaled = l.KWh.by(p.Share*times), l.Hours*p.Share*times, scaled
	l.Euros, l.Tax = b.euros(l.KWh, year.To)
	l.Carbon = b.carbon(l.KWh)
	return l, true
}

package balance

// enough is the share of the time of which something must be known before it says something of the rest.
const enough = 0.6

// span is hours of machines and the energy of several parts of the day.
type span struct {
	awake, sleep, off, unknown, covered float64
	kwh                                 Range
}

func (s *span) add(p Part) {
	s.awake, s.sleep, s.off = s.awake+p.On+p.DisplayOff, s.sleep+p.Sleep, s.off+p.Off
	s.unknown, s.covered, s.kwh = s.unknown+p.UnknownTime, s.covered+p.Covered, s.kwh.plus(p.KWh)
}

// known is the hours in a known state.
func (s *span) known() float64 { return s.awake + s.sleep + s.off }

// outside is what was done outside of open hours; false where parts of the day are mixed.
func outside(a Account) (s span, ok bool) {
	for _, p := range a.Parts {
		if p.Part != open {
			s.add(p)
		}
	}
	return s, !a.mixed()
}

// Awake is how many hours outside of open hours a machine is awake, in the mean of all machines and days:
//
//	awake ÷ known hours outside × all hours outside ÷ days of machines
//
// Awake is on, with the display on or off. Time that is not known counts neither as awake nor as off: it is taken to be like the rest.
// False where less than 60 percent of these hours is known, where parts of the day are mixed, or where there are none.
func Awake(a Account) (outsideHoursPerMachineDay float64, ok bool) {
	s, ok := outside(a)
	if known := s.known(); ok && a.MachineDays > 0 && known > 0 && known >= enough*(known+s.unknown) {
		return s.awake / known * (known + s.unknown) / float64(a.MachineDays), true
	}
	return 0, false
}

// OffShare is the share of the known time outside of open hours in which machines were off, and in which they were asleep, and the share of
// that time which is known, all from 0 to 1 (indicator U1). Hibernation is off.
//
//	off = off ÷ (awake + asleep + off), sleep = asleep ÷ (awake + asleep + off), known = (awake + asleep + off) ÷ all
//
// False where parts of the day are mixed, or nothing is known of that time.
func OffShare(a Account) (off, sleep, known float64, ok bool) {
	s, ok := outside(a)
	of := s.known()
	if !ok || of <= 0 {
		return 0, 0, 0, false
	}
	return s.off / of, s.sleep / of, of / (of + s.unknown), true
}

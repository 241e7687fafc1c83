package rollup

import (
	"testing"

	"veille/collector"
)

// whole is a record of a day of 10 open hours and 14 of night: how many hours of each it was on, and how many off.
func whole(openOn, openOff, nightOn, nightOff int) collector.Record {
	part := func(name string, length, on, off int) collector.Part {
		return collector.Part{
			Part: name, LengthS: length * 3600, Seconds: collector.Seconds{On: on * 3600, Off: off * 3600, Unknown: (length - on - off) * 3600},
			Energy: []collector.Energy{{Wh: float64(10 * on), LowWh: float64(9 * on), HighWh: float64(11 * on), Method: "psys", Scope: "machine", CoveredS: on * 3600}},
		}
	}
	return collector.Record{Date: "2026-11-02", Hour: collector.WholeDay, LengthS: 86_400, Parts: []collector.Part{part("open", 10, openOn, openOff), part("night", 14, nightOn, nightOff)}}
}

// clock is a record of one open hour: minutes on, the rest unknown.
func clock(hour, on int) collector.Record {
	return collector.Record{Date: "2026-11-02", Hour: hour, LengthS: 3600, Parts: []collector.Part{{
		Part: "open", LengthS: 3600, Seconds: collector.Seconds{On: on * 60, Unknown: (60 - on) * 60},
		Energy: []collector.Energy{{Wh: float64(on), LowWh: float64(on), HighWh: float64(on), Method: "psys", Scope: "machine", CoveredS: on * 60}},
	}}}
}

func history(r collector.Record) collector.Record {
	r.History = true
	return r
}

func rowOf(records ...collector.Record) collector.MachineDay {
	return collector.MachineDay{Machine: 7, Date: "2026-11-02", Place: collector.Place{Site: 1, Group: 2, Class: "laptop", Use: "shared"}, Records: records}
}

func TestNoSecondIsCountedTwice(t *testing.T) {
	other := whole(1, 0, 0, 0)
	other.Parts[0].LengthS, other.Parts[0].Seconds.Unknown = 8*3600, 7*3600
	other.Parts[1].LengthS, other.Parts[1].Seconds.Unknown = 16*3600, 16*3600
	for _, tt := range []struct {
		name            string
		rows            []collector.MachineDay
		on, off, length int // hours; of hours of a clock, minutes
		unit            int64
		wh              float64
	}{
		{"one record", []collector.MachineDay{rowOf(whole(6, 4, 2, 12))}, 8, 16, 24, 3600, 80},
		{"installed anew at noon", []collector.MachineDay{rowOf(whole(4, 0, 0, 8)), rowOf(whole(3, 0, 6, 0))}, 13, 8, 24, 3600, 130},
		{"two that know all of the night", []collector.MachineDay{rowOf(whole(4, 0, 0, 14)), rowOf(whole(3, 3, 0, 14))}, 3, 17, 24, 3600, 30},
		{"one that exceeds the night by an hour", []collector.MachineDay{rowOf(whole(4, 0, 0, 8)), rowOf(whole(3, 0, 7, 0))}, 4, 8, 24, 3600, 40},
		{"the system's log of the same day", []collector.MachineDay{rowOf(whole(4, 0, 0, 0)), rowOf(history(whole(3, 0, 0, 0)))}, 4, 0, 24, 3600, 40},
		{"a log that knows more", []collector.MachineDay{rowOf(whole(4, 0, 0, 0)), rowOf(history(whole(3, 0, 0, 9)))}, 3, 9, 24, 3600, 30},
		{"two calendars", []collector.MachineDay{rowOf(whole(4, 0, 0, 0)), rowOf(other)}, 4, 0, 24, 3600, 40},
		{"three that fit", []collector.MachineDay{rowOf(whole(4, 0, 0, 0)), rowOf(whole(3, 0, 0, 0)), rowOf(whole(1, 2, 0, 0))}, 8, 2, 24, 3600, 80},
		{"three, of which the first and last fit", []collector.MachineDay{rowOf(whole(7, 0, 0, 0)), rowOf(whole(5, 0, 0, 0)), rowOf(whole(1, 2, 0, 0))}, 8, 2, 24, 3600, 80},
		{"hours", []collector.MachineDay{rowOf(clock(8, 60), clock(9, 30))}, 90, 0, 120, 60, 90},
		{"the same hour twice, and it fits", []collector.MachineDay{rowOf(clock(8, 20)), rowOf(clock(8, 40))}, 60, 0, 60, 60, 60},
		{"the same hour twice, and it does not", []collector.MachineDay{rowOf(clock(8, 21)), rowOf(clock(8, 40))}, 40, 0, 60, 60, 40},
		{"hours that know less than the day", []collector.MachineDay{rowOf(whole(2, 0, 0, 0), clock(8, 60))}, 2, 0, 24, 3600, 20},
		{"hours that know more than the day", []collector.MachineDay{rowOf(history(whole(1, 0, 0, 0)), clock(8, 60), clock(9, 30))}, 90, 0, 120, 60, 90},
		{"hours that know as much as the day", []collector.MachineDay{rowOf(whole(1, 0, 0, 0), clock(8, 60))}, 1, 0, 24, 3600, 10},
		{"moved on a day of 26 hours", []collector.MachineDay{rowOf(clock(8, 60), clock(25, 60)), rowOf(clock(24, 60))}, 180, 0, 180, 60, 180},
		{"moved at nine", []collector.MachineDay{rowOf(clock(8, 60)), rowOf(clock(9, 30))}, 90, 0, 120, 60, 90},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s collector.Sum
			a := settle(tt.rows)
			a.addTo(&s)
			var on, off, length int64
			for _, p := range s.Seconds {
				on, off, length = on+p.On, off+p.Off, length+p.Length()
				if p.Unknown < 0 {
					t.Errorf("%d s of %s are unknown", p.Unknown, p.Part)
				}
			}
			if s.Days != 1 || on != int64(tt.on)*tt.unit || off != int64(tt.off)*tt.unit || length != int64(tt.length)*tt.unit {
				t.Errorf("%d days, %d on, %d off of %d; want 1, %d, %d of %d", s.Days, on/tt.unit, off/tt.unit, length/tt.unit, tt.on, tt.off, tt.length)
			}
			if a.energy() != collector.Milli(tt.wh) {
				t.Errorf("it took %v Wh; want %v", a.energy().Wh(), tt.wh)
			}
		})
	}
}

func TestAMachineIsAtOnePlaceADay(t *testing.T) {
	row := func(group int64, use collector.Use, simulated bool, r collector.Record) collector.MachineDay {
		m := rowOf(r)
		m.Group, m.Use, m.Simulated = group, use, simulated
		return m
	}
	virtual := whole(5, 0, 0, 0)
	virtual.Virtual = true
	for _, tt := range []struct {
		name string
		rows []collector.MachineDay
		want collector.Place
	}{
		{"that of the row that knows most", []collector.MachineDay{row(1, "shared", false, whole(5, 0, 0, 0)), row(2, "shared", false, whole(4, 0, 0, 0))}, collector.Place{Site: 1, Group: 1, Class: "laptop", Use: "shared"}},
		{"that of the later row", []collector.MachineDay{row(1, "shared", false, whole(4, 0, 0, 0)), row(2, "shared", false, whole(4, 0, 0, 0))}, collector.Place{Site: 1, Group: 2, Class: "laptop", Use: "shared"}},
		{"personal where one row is", []collector.MachineDay{row(1, "shared", false, whole(5, 0, 0, 0)), row(2, "individual", false, whole(4, 0, 0, 0))}, collector.Place{Site: 1, Group: 1, Class: "laptop", Use: "individual"}},
		{"simulated where one row is", []collector.MachineDay{row(1, "shared", false, whole(5, 0, 0, 0)), row(1, "shared", true, whole(4, 0, 0, 0))}, collector.Place{Site: 1, Group: 1, Class: "laptop", Use: "shared", Simulated: true}},
		{"virtual where its record says so", []collector.MachineDay{row(1, "shared", false, virtual)}, collector.Place{Site: 1, Group: 1, Class: collector.Virtual, Use: "shared"}},
		{"not virtual where that record does not count", []collector.MachineDay{row(1, "shared", false, virtual), row(1, "shared", false, whole(10, 0, 14, 0))}, collector.Place{Site: 1, Group: 1, Class: "laptop", Use: "shared"}},
	} {
		if got := settle(tt.rows).Place; got != tt.want {
			t.Errorf("%s: %+v; want %+v", tt.name, got, tt.want)
		}
	}
}

func TestTheLastRecordThatTellsSaysWhenAMachineSleeps(t *testing.T) {
	say := func(r collector.Record, s string) collector.Record {
		r.SleepAfter = s
		return r
	}
	for want, rows := range map[string][]collector.MachineDay{
		"":      {rowOf(clock(8, 60))},
		"10":    {rowOf(say(clock(8, 60), "20"), say(clock(9, 1), "10"), clock(10, 60))},
		"30":    {rowOf(say(clock(8, 60), "20")), rowOf(say(clock(7, 60), "30"))},
		"never": {rowOf(say(clock(9, 60), "never"), say(clock(8, 60), "20")), rowOf(clock(7, 60))},
	} {
		if got := settle(rows).sleepAfter; got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

package victoria

import (
	"fmt"
	"time"

	"veille/collector"
)

// How far apart moments of a measurement are at least, in milliseconds: the room that versions have.
const (
	hourRoom = 5_000
	dayRoom  = 86_400_000
	perDay   = 4096 // of a version of a date: more than the days that can have passed
)

// room is how many milliseconds versions of points have: 1, none, where points come at any millisecond.
func room(m collector.Measurement) int64 {
	switch m {
	case collector.HourEnergy, collector.HourSeconds:
		return hourRoom
	case collector.DayEnergy, collector.DayMeter, collector.DaySeconds, collector.MonthEnergy, collector.MonthSeconds:
		return dayRoom
	default:
		return 1
	}
}

// stamp is where a point lies, in milliseconds since 1970. Dates and months are sent again where they were found to differ, under a version that
// grows for some weeks and stays then: of two with the same one, that of the later day counts, and of two of one day the bigger.
func stamp(p collector.Point, now time.Time) (int64, error) {
	if p.Time.Year() < 1970 || p.Time.Year() > 2261 {
		return 0, fmt.Errorf("point of %s at %s: VictoriaMetrics keeps moments from 1970 to 2261", p.Measurement, p.Time.UTC().Format(time.RFC3339))
	}
	ms, r := p.Time.UnixMilli(), room(p.Measurement)
	if p.Time.Nanosecond()%1_000_000 != 0 || ms%r != 0 {
		return 0, fmt.Errorf("point of %s at %s: moments of %s in VictoriaMetrics are whole multiples of %v", p.Measurement,
			p.Time.UTC().Format(time.RFC3339Nano), p.Measurement, time.Duration(r)*time.Millisecond)
	}
	switch {
	case r == hourRoom:
		return ms + int64(p.Version), nil
	case r == dayRoom:
		days := int64(now.Sub(p.Time) / (24 * time.Hour))
		return ms + int64(p.Version)*perDay + max(0, min(days, perDay-1)), nil
	case p.Version != 0:
		return 0, fmt.Errorf("point of %s: it has version %d, and points of %s have none in VictoriaMetrics", p.Measurement, p.Version, p.Measurement)
	}
	return ms, nil
}

// moment is the moment of the point that a sample is of.
func moment(m collector.Measurement, ms int64) int64 { return ms - ms%room(m) }

// month is the label by which points that are kept for 90 days can be deleted; "" for all others.
func month(m collector.Measurement, at time.Time) string {
	if m.Keeping() != collector.KeepHours {
		return ""
	}
	return at.UTC().Format(monthForm)
}

const monthForm = "2006-01"

// span is the moments of a query, from the first one on and before the last, in milliseconds since 1970.
type span struct{ from, to int64 }

// forever is after everything that can be kept, in milliseconds since 1970.
const forever = int64(9_200_000_000_000)

func spanOf(q collector.Query) span {
	return span{milli(q.From), milli(q.To)}
}

// milli is the first whole millisecond that is not before t, within what can be kept.
func milli(t time.Time) int64 {
	switch {
	case t.Year() < 1970:
		return 0
	case t.Year() > 2261:
		return forever
	}
	ms := t.UnixMilli()
	if t.Nanosecond()%1_000_000 != 0 {
		ms++
	}
	return min(ms, forever)
}

// samples is where the samples of a span lie, both ends included.
func (s span) samples(m collector.Measurement) (first, last int64) {
	r := room(m)
	first = (s.from + r - 1) / r * r
	last = (s.to+r-1)/r*r - 1
	return first, last
}

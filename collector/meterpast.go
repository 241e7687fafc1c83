package collector

import (
	"slices"
	"time"
)

// MeterPast is what is left of the samples of a meter that were deleted: the last of them, from which what comes next is reckoned, and what is known of
// its date until then. Where Date is "" nothing is left, or nothing was deleted.
type MeterPast struct {
	At           int64   `json:"at"`           // milliseconds since 1970
	Value        float64 `json:"value"`        // Wh or W, as in a MeterSample
	Date         Date    `json:"date"`         // of At, at the meter's site
	Wh           float64 `json:"wh"`           // of that date until At
	Milliseconds int64   `json:"milliseconds"` // of that date until At that are known
	Samples      int64   `json:"samples"`      // of that date before At
	Resets       int64   `json:"resets"`       // of that date until At
}

// Days are what MeterDays answers, of samples that follow those that were deleted. Samples that do not follow those are left aside: what they tell was
// reckoned before.
func (p MeterPast) Days(m Meter, zone *time.Location, samples []MeterSample, from, to Date) ([]MeterDay, error) {
	a, err := p.account(m, zone, samples, from, to, MeterHold)
	if err != nil {
		return nil, err
	}
	return a.told(m.ID), nil
}

// With is the past when samples, in the order of their moments, are deleted as well. They must hold all of the date of the last of them that are not
// deleted already.
func (p MeterPast) With(m Meter, zone *time.Location, samples []MeterSample) (MeterPast, error) {
	samples = p.following(samples)
	if len(samples) == 0 {
		return p, nil
	}
	last := samples[len(samples)-1]
	date := DateOf(time.UnixMilli(last.At).In(zone))
	a, err := p.account(m, zone, samples, date, date, 0)
	if err != nil {
		return p, err
	}
	d := a.days[0]
	return MeterPast{At: last.At, Value: last.Value, Date: date, Wh: d.wh.Value(), Milliseconds: d.milliseconds, Samples: d.samples - 1, Resets: d.resets}, nil
}

// following are the samples that were not deleted yet.
func (p MeterPast) following(samples []MeterSample) []MeterSample {
	if p.Date == "" {
		return samples
	}
	first, _ := slices.BinarySearchFunc(samples, p.At+1, func(s MeterSample, at int64) int { return int(max(-1, min(1, s.At-at))) })
	return samples[first:]
}

// account is what is known of the dates from one to another. The last sample holds for so long where it is one of power.
func (p MeterPast) account(m Meter, zone *time.Location, samples []MeterSample, from, to Date, last time.Duration) (*meterAccount, error) {
	dates, err := spans(zone, from, to)
	if err != nil {
		return nil, err
	}
	a := &meterAccount{dates: dates, days: make([]meterSum, len(dates))}
	if p.Date != "" {
		samples = slices.Concat([]MeterSample{{Meter: m.ID, At: p.At, Value: p.Value}}, p.following(samples))
	}
	for i, s := range samples {
		if day := a.at(s.At); day >= 0 {
			a.days[day].samples++
		}
		if m.Counts() {
			if i > 0 {
				a.count(samples[i-1], s)
			}
			continue
		}
		until := s.At + last.Milliseconds()
		if i+1 < len(samples) {
			until = min(s.At+MeterHold.Milliseconds(), samples[i+1].At)
		}
		a.hold(s, until)
	}
	if i := slices.IndexFunc(dates, func(d span) bool { return d.date == p.Date }); i >= 0 {
		a.days[i].plus(p)
	}
	return a, nil
}

// plus adds what is known of a date until the samples that follow.
func (d *meterSum) plus(p MeterPast) {
	d.add(p.Wh, p.Milliseconds)
	d.samples += p.Samples
	d.resets += p.Resets
}

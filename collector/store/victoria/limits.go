package victoria

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/store/wire"
)

// limits are what a node drops without a word.
type limits struct {
	age        time.Duration // samples older than that, by and by
	future     time.Duration // samples further ahead than that
	valueBytes int           // longer values of labels
	labels     int           // more labels than that, the name among them
}

// always is longer than anything is kept.
const always = 100 * 366 * 24 * time.Hour

// unlimited is what a node does when it is not told otherwise, and keeps everything for ever.
func unlimited() limits {
	return limits{age: always, future: 48 * time.Hour, valueBytes: 4096, labels: 40}
}

// sendAnew is what is done for points that were set aside, once the node takes them.
const sendAnew = "; after that: veille-collector outbox again"

// admit tells why a point would be dropped, in a sentence with what to do.
func (l limits) admit(p collector.Point, at int64, now time.Time) error {
	sample := time.UnixMilli(at).UTC()
	when := p.Time.UTC().Format(time.RFC3339)
	switch {
	case sample.After(now.Add(l.future)):
		return fmt.Errorf("point of %s at %s: VictoriaMetrics drops what is more than %s ahead of its clock without a word; set the clocks, or start it with -futureRetention%s",
			p.Measurement, when, wire.HowLong(l.future), sendAnew)
	case len(p.Tags)+3 > l.labels:
		return fmt.Errorf("point of %s: it has %d tags, and VictoriaMetrics drops points with more than %d labels without a word; start it with -maxLabelsPerTimeseries=40%s",
			p.Measurement, len(p.Tags), l.labels, sendAnew)
	}
	for _, tag := range p.Tags {
		if len(tag.Value) > l.valueBytes {
			return fmt.Errorf("point of %s: its tag %s has %d bytes, and VictoriaMetrics drops points with more than %d without a word; start it with -maxLabelValueLen=65535%s",
				p.Measurement, tag.Name, len(tag.Value), l.valueBytes, sendAnew)
		}
	}
	return nil
}

// clamp is a span without what cannot be there.
func (l limits) clamp(in span, now time.Time) span {
	old := now.Add(-min(l.age, 12*366*24*time.Hour)).UnixMilli()
	return span{max(in.from, old-31*dayRoom), min(in.to, now.Add(l.future).UnixMilli()+dayRoom)}
}

// parseKeeping reads how long a flag says that samples are kept: a number and s, h, d, w, M or y; months when it is a number alone.
func parseKeeping(text string) (time.Duration, error) {
	number, unit := strings.TrimRight(text, "smhdwMy"), ""
	unit = text[len(number):]
	x, err := strconv.ParseFloat(number, 64)
	if err != nil || x < 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("%.40q is no time that a node keeps samples for", text)
	}
	day := 24 * time.Hour
	of := map[string]time.Duration{
		"": 31 * day, "M": 31 * day, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": 7 * day, "y": 365 * day,
	}[unit]
	if of == 0 {
		return 0, fmt.Errorf("%.40q is no time that a node keeps samples for", text)
	}
	return time.Duration(min(x*float64(of), float64(always))), nil
}

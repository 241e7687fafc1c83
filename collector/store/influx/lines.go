package influx

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"veille/collector"
	"veille/collector/store/wire"
)

const (
	batchLines = 5_000   // points in one request
	batchBytes = 4 << 20 // bytes in one request: InfluxDB 1.8 takes 25,000,000 unless it is told otherwise
)

// batch is what is sent in one request.
type batch struct {
	keeping collector.Keeping
	text    string
	moments []time.Time // of its points
}

// batches writes points in line protocol, in their order. An error is a DeliveryError: no point was sent.
func batches(points []collector.Point) (all []batch, err error) {
	writers := map[collector.Keeping]*writer{}
	for i, p := range points {
		w := writers[p.Measurement.Keeping()]
		if w == nil {
			w = newWriter(p.Measurement.Keeping(), min(len(points)-i, batchLines))
			writers[w.keeping] = w
		}
		if err := w.add(p); err != nil {
			return nil, &collector.DeliveryError{Trouble: collector.Unusable, Reason: "a point cannot be kept by InfluxDB: " + err.Error()}
		}
		if len(w.moments) == batchLines || len(w.lines.Text) >= batchBytes {
			all = append(all, w.take())
		}
	}
	for _, k := range keepings() {
		if w := writers[k]; w != nil && len(w.moments) > 0 {
			all = append(all, w.take())
		}
	}
	return all, nil
}

type writer struct {
	keeping collector.Keeping
	lines   wire.Line
	moments []time.Time
}

// newWriter makes a writer with room for so many points.
func newWriter(k collector.Keeping, room int) *writer {
	return &writer{keeping: k, moments: make([]time.Time, 0, room), lines: wire.Line{Text: make([]byte, 0, room*200)}}
}

func (w *writer) take() batch {
	b := batch{keeping: w.keeping, text: string(w.lines.Text), moments: w.moments}
	w.lines.Reset()
	w.moments = nil
	return b
}

// add writes a point. Every field is a float, written so that it is read back to the last digit.
func (w *writer) add(p collector.Point) error {
	if err := p.Validate(); err != nil {
		return err
	}
	for _, tag := range p.Tags {
		if !writable(tag.Name) || !writable(tag.Value) {
			return fmt.Errorf("point of %s: tag %.80q is not UTF-8, or holds a control character", p.Measurement, tag.Name)
		}
	}
	for name := range p.Fields {
		if name == "" || !writable(name) {
			return fmt.Errorf("point of %s: %.80q cannot be the name of a field", p.Measurement, name)
		}
	}
	if !writable(string(p.Measurement)) {
		return fmt.Errorf("%.80q cannot be the name of a measurement", p.Measurement)
	}
	if p.Time.Before(time.Unix(0, nanoseconds(p.Time))) || p.Time.After(time.Unix(0, nanoseconds(p.Time))) {
		return fmt.Errorf("point of %s: %s is no moment of InfluxDB, which has those from 1677 to 2262", p.Measurement, p.Time.Format(time.RFC3339))
	}
	w.lines.Point(p, guard)
	w.lines.Text = append(w.lines.Text, '\n')
	w.moments = append(w.moments, p.Time)
	return nil
}

// writable tells whether a line can hold a text.
func writable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// joiner stands behind a backslash that InfluxDB would take for the beginning of something.
const joiner = "\u2060"

// guard puts one joiner more behind each backslash, and the joiners that follow it, before a comma, an equals sign, a space, a quote, or the end.
func guard(text string) string { return joiners(text, +1) }

// unguard takes that joiner away.
func unguard(text string) string { return joiners(text, -1) }

func joiners(text string, more int) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, `\`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('\\')
		rest := strings.TrimLeft(after, joiner)
		n := (len(after) - len(rest)) / len(joiner)
		if rest == "" || strings.ContainsRune(",= \"", rune(rest[0])) {
			n = max(n+more, 0)
		}
		b.WriteString(strings.Repeat(joiner, n))
		text = rest
	}
}

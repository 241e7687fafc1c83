package influx

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"veille/collector"
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
		if len(w.moments) == batchLines || len(w.lines.Bytes()) >= batchBytes {
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
	lines   lineprotocol.Encoder
	moments []time.Time
	names   []string // of fields; kept to be used again
}

// newWriter makes a writer with room for so many points.
func newWriter(k collector.Keeping, room int) *writer {
	w := &writer{keeping: k, moments: make([]time.Time, 0, room)}
	w.lines.SetPrecision(lineprotocol.Nanosecond)
	w.lines.SetBuffer(make([]byte, 0, room*200))
	return w
}

func (w *writer) take() batch {
	b := batch{keeping: w.keeping, text: string(w.lines.Bytes()), moments: w.moments}
	w.lines.Reset()
	w.moments = nil
	return b
}

// add writes a point. Every field is a float, written so that it is read back to the last digit.
func (w *writer) add(p collector.Point) error {
	if err := p.Validate(); err != nil {
		return err
	}
	w.lines.StartLine(string(p.Measurement))
	for _, tag := range p.Tags {
		if !utf8.ValidString(tag.Value) || !utf8.ValidString(tag.Name) {
			return fmt.Errorf("point of %s: tag %q is not UTF-8", p.Measurement, tag.Name)
		}
		w.lines.AddTag(guard(tag.Name), guard(tag.Value))
	}
	w.names = w.names[:0]
	for name := range p.Fields {
		w.names = append(w.names, name)
	}
	slices.Sort(w.names)
	for _, name := range w.names {
		x, _ := lineprotocol.FloatValue(p.Fields[name]) // Validate refuses those that are no numbers
		w.lines.AddField(guard(name), x)
	}
	if p.Time.Before(time.Unix(0, nanoseconds(p.Time))) || p.Time.After(time.Unix(0, nanoseconds(p.Time))) {
		return fmt.Errorf("point of %s: %s is no moment of InfluxDB, which has those from 1677 to 2262", p.Measurement, p.Time.Format(time.RFC3339))
	}
	w.lines.EndLine(p.Time)
	if err := w.lines.Err(); err != nil {
		return fmt.Errorf("point of %s: %w", p.Measurement, err)
	}
	w.moments = append(w.moments, p.Time)
	return nil
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

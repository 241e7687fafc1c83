package wire

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"veille/collector"
)

// Line writes points in line protocol, one after another, into a text that is used again after Reset. Every field is a float, always. Commas, spaces and
// equals signs are escaped; what an engine makes of a backslash it has to see to by itself, and nothing may hold a line break.
type Line struct {
	Text   []byte
	names  []string // of fields; kept to be used again
	fields int      // of the point that is being written
}

// Reset forgets the text and keeps its room.
func (l *Line) Reset() { l.Text = l.Text[:0] }

// Begin begins a point.
func (l *Line) Begin(measurement string) {
	l.Text, l.fields = escape(l.Text, measurement), 0
}

// Tag writes a tag; all tags come before the fields.
func (l *Line) Tag(name, value string) {
	l.Text = escape(append(l.Text, ','), name)
	l.Text = escape(append(l.Text, '='), value)
}

// Field writes a field so that it is read back to the last digit. No point may hold what is no number: see collector.Point.Validate.
func (l *Line) Field(name string, x float64) {
	l.Text = escape(append(l.Text, " ,"[min(l.fields, 1)]), name)
	l.Text = number(append(l.Text, '='), x)
	l.fields++
}

// End ends a point by its moment, in the unit that the request names.
func (l *Line) End(moment int64) { l.Text = strconv.AppendInt(append(l.Text, ' '), moment, 10) }

// Point writes a whole point at its moment in nanoseconds, its fields in the order of their names. as makes of names and values of tags, and of
// names of fields, what the engine can keep; nil leaves them as they are.
func (l *Line) Point(p collector.Point, as func(string) string) {
	if as == nil {
		as = func(text string) string { return text }
	}
	l.Begin(string(p.Measurement))
	for _, tag := range p.Tags {
		l.Tag(as(tag.Name), as(tag.Value))
	}
	l.names = slices.AppendSeq(l.names[:0], maps.Keys(p.Fields))
	slices.Sort(l.names)
	for _, name := range l.names {
		l.Field(as(name), p.Fields[name])
	}
	l.End(p.Time.UnixNano())
}

// number writes all digits where there are few: some engines multiply by a power of ten what has an exponent, which costs the last one.
func number(b []byte, x float64) []byte {
	if size := math.Abs(x); size != 0 && (size < 1e-6 || size >= 1e21) {
		return strconv.AppendFloat(b, x, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, x, 'f', -1, 64)
}

func escape(b []byte, text string) []byte {
	if !strings.ContainsAny(text, ", =") {
		return append(b, text...)
	}
	for i := range len(text) {
		if c := text[i]; c == ',' || c == ' ' || c == '=' {
			b = append(b, '\\')
		}
		b = append(b, text[i])
	}
	return b
}

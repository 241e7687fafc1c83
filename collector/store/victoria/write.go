package victoria

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"veille/collector"
	"veille/collector/store/wire"
)

// Labels of our own, which no tag can be.
const (
	labelName = "__name__"
	labelDB   = "db"
	labelKept = "kept"
)

// Suffixes of the metrics with the halves of a number.
const (
	suffixHi = "_hi"
	suffixLo = "_lo"
)

const (
	batchBytes = 1 << 20 // of lines in one request: a node reads 64 MiB at most
	lineBytes  = 1 << 16 // of one line: a node reads lines of that length whatever its flags say
	writeTime  = 90 * time.Second
)

// Append writes points, all of them or, after an error, perhaps some. A node acknowledges them before they are on its disk. Points that a
// node would drop without a word because their labels are too long, or because they are too far ahead, are refused; those that are older than
// what it keeps it drops: see [Store.KeepsFrom].
func (s *Store) Append(ctx context.Context, points []collector.Point) error {
	now := time.Now()
	batches := []*strings.Builder{{}}
	for _, p := range points {
		text, err := s.line(p, now)
		if err != nil {
			return &collector.DeliveryError{Trouble: collector.Unusable, Reason: err.Error()}
		}
		last := batches[len(batches)-1]
		if last.Len() > 0 && last.Len()+len(text) > batchBytes {
			last = new(strings.Builder)
			batches = append(batches, last)
		}
		last.WriteString(text)
	}
	for _, b := range batches {
		if b.Len() == 0 {
			continue
		}
		if err := s.send(ctx, b.String()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) send(ctx context.Context, lines string) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	err := s.points.WriteRecord(ctx, lines)
	s.dirty.Store(time.Now().UnixMilli()) // some may have arrived all the same
	if err == nil {
		return nil
	}
	a, ok := errors.AsType[answer](err)
	if !ok {
		a.err = err
	}
	return a.to("write points", s.o.Write).trouble(collector.Unusable)
}

// line is a point in line protocol, with its newline: the moment in milliseconds. The error is for people.
func (s *Store) line(p collector.Point, now time.Time) (string, error) {
	if err := p.Validate(); err != nil {
		return "", err
	}
	if err := nameable(p); err != nil {
		return "", err
	}
	at, err := stamp(p, now)
	if err != nil {
		return "", err
	}
	if err := s.found.Load().limits.admit(p, at, now); err != nil {
		return "", err
	}
	l := wire.Line{Text: make([]byte, 0, 512)}
	l.Begin(string(p.Measurement))
	l.Tag(labelDB, s.o.DB)
	if m := month(p.Measurement, p.Time); m != "" {
		l.Tag(labelKept, m)
	}
	for _, tag := range p.Tags {
		l.Tag(tag.Name, strings.ReplaceAll(tag.Value, `\`, `\\`))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Fields)) {
		x, exact := kept(p.Fields[name])
		l.Field(name, x)
		if !exact {
			hi, lo := halves(p.Fields[name])
			l.Field(name+suffixHi, hi)
			l.Field(name+suffixLo, lo)
		}
	}
	l.End(at)
	b := append(l.Text, '\n')
	if len(b) > lineBytes {
		return "", fmt.Errorf("point of %s: its line has %d bytes, and VictoriaMetrics drops lines of more than -influx.maxLineSize without a word; shorten its tags to %d",
			p.Measurement, len(b), lineBytes)
	}
	return string(b), nil
}

// nameable tells whether the names and tags of a point come back as they were.
func nameable(p collector.Point) error {
	if !plainName(string(p.Measurement)) {
		return fmt.Errorf("point of %.80q: that is no name of a measurement in VictoriaMetrics: letters, digits and underscores", p.Measurement)
	}
	for _, tag := range p.Tags {
		switch {
		case !plainName(tag.Name) || tag.Name == labelDB || tag.Name == labelKept || strings.HasPrefix(tag.Name, "__"):
			return fmt.Errorf("point of %s: %.80q cannot be the name of a tag in VictoriaMetrics", p.Measurement, tag.Name)
		case !utf8.ValidString(tag.Value):
			return fmt.Errorf("point of %s: tag %s is not UTF-8", p.Measurement, tag.Name)
		}
	}
	for name := range p.Fields {
		if !plainName(name) || strings.HasSuffix(name, suffixHi) || strings.HasSuffix(name, suffixLo) {
			return fmt.Errorf("point of %s: %.80q cannot be the name of a field in VictoriaMetrics", p.Measurement, name)
		}
	}
	return nil
}

func plainName(name string) bool {
	if name == "" || len(name) > 100 || name[0] >= '0' && name[0] <= '9' {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_'
	})
}

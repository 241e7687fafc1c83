package metering

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"veille/collector"
)

// Bounds of one line.
const (
	mostTags   = 200 // tags
	mostKey    = 8 << 10
	mostValues = 200 // bytes that name a meter
)

// keptTogether is how many samples are kept at once: a post of more is kept in pieces, each of which may come again.
const keptTogether = 8192

// mostBroken is how many lines of a post may be broken for the others to be looked at: a text of ten thousand such lines is something else.
const mostBroken = 10_000

// post is one post that is being read.
type post struct {
	ledger   Ledger
	site     int64
	rules    *siteRules
	mostADay int64
	moments

	samples []collector.MeterSample // a meter below 0 is not known yet: -1 for the first of wanted
	lineOf  []int64                 // the line of each, counted from 1; 0: one that is counted as dropped already
	wanted  []*target
	places  map[*target]int // in wanted
	key     []byte          // of the line that is being read
	line    []number        // of the line that is being read

	err            error
	lines, dropped int64  // that were kept, and that were not
	broken         int64  // of those that were not: are no lines
	kept           int64  // samples
	first          string // why the first line that was dropped was not kept
	syntax         bool   // because it is no line
}

// number is what a line says of a field that is wanted.
type number struct {
	of    *target
	value float64
}

// read keeps what can be kept of a text. After an error, some of it may be on disk, and may come again.
func (p *post) read(ctx context.Context, text []byte) error {
	n := min(keptTogether, 16+len(text)/64)
	p.samples, p.lineOf = make([]collector.MeterSample, 0, n), make([]int64, 0, n)
	p.places = map[*target]int{}
	enough := lines(text, func(run []byte) { p.run(ctx, run) }, func(line []byte, reason string) {
		p.drop(func() error { return fmt.Errorf("unable to parse %s: %s", excerpt(line), reason) }, true)
	})
	if enough || p.broken >= mostBroken {
		p.first += "; so many lines cannot be read that the others were not looked at"
	}
	if p.err == nil {
		p.err = p.flush(ctx)
	}
	return p.err
}

// run reads some lines.
func (p *post) run(ctx context.Context, text []byte) {
	d := lineprotocol.NewDecoderWithBytes(text)
	for p.err == nil && p.broken < mostBroken && d.Next() {
		p.key, p.line = p.key[:0], p.line[:0]
		if err := p.decode(d); err != nil {
			p.refuse(err)
		} else {
			p.lines++
		}
		if len(p.samples) >= keptTogether {
			p.err = p.flush(ctx)
		}
	}
}

// refuse counts a line that was read and is not kept, or not all of it.
func (p *post) refuse(err error) {
	broken, syntax := errors.AsType[*lineprotocol.DecodeError](err)
	p.drop(func() error {
		if !syntax {
			return err
		}
		return fmt.Errorf("unable to parse the line of %s: %s", excerpt(p.key), shortened(broken.Err.Error(), 200))
	}, syntax)
}

// drop counts a line that is not kept.
func (p *post) drop(why func() error, syntax bool) {
	if p.dropped++; p.dropped == 1 {
		p.first, p.syntax = strings.ToValidUTF8(why().Error(), "?"), syntax
	}
	if syntax {
		p.broken++
	}
}

// decode reads a line.
func (p *post) decode(d *lineprotocol.Decoder) error {
	s, err := p.series(d)
	if err != nil {
		return err
	}
	other := "" // a field that nobody wants
	for {
		name, kind, text, err := d.NextFieldBytes()
		if err != nil {
			return err
		}
		if name == nil {
			break
		}
		if t := s.wants(name); t == nil {
			if len(s.targets) == 0 && other == "" && len(p.first) == 0 {
				other = string(name)
			}
		} else if err := p.field(t, kind, text); err != nil {
			return err
		}
	}
	stamp, err := d.TimeBytes()
	if err != nil {
		return err
	}
	if len(p.line) == 0 {
		return p.unwanted(s, other)
	}
	at, err := p.of(stamp)
	if err != nil {
		return fmt.Errorf("%s: %w", excerpt(p.key), err)
	}
	return p.take(at)
}

// meter is the number of the meter of a target, or below 0 its place among those that are not known yet.
func (p *post) meter(t *target) int64 {
	if id := t.meter.Load(); id != 0 {
		return id
	}
	place, known := p.places[t]
	if !known {
		place = len(p.wanted)
		p.wanted = append(p.wanted, t)
		p.places[t] = place
	}
	return -1 - int64(place)
}

// wants is what is wanted of a field, or nil.
func (s *series) wants(field []byte) *target {
	for _, t := range s.targets {
		if t.field == string(field) {
			return t
		}
	}
	return nil
}

// field takes a number that is wanted.
func (p *post) field(t *target, kind lineprotocol.ValueKind, text []byte) error {
	value, err := valueIn(kind, text, t.rule.Unit)
	if err != nil {
		return fmt.Errorf("%s: field %s %w", excerpt(p.key), excerpt([]byte(t.field)), err)
	}
	if err := (collector.Meter{Unit: t.rule.Unit}).Possible(value); err != nil {
		return fmt.Errorf("%s: field %s: %w", excerpt(p.key), excerpt([]byte(t.field)), err)
	}
	p.line = append(p.line, number{t, value})
	return nil
}

// unwanted says why nothing of a line is kept.
func (p *post) unwanted(s *series, other string) error {
	return p.say(func() error {
		measurement, _, _ := strings.Cut(string(p.key), string(rune(separator)))
		switch {
		case s.closed != 0:
			return fmt.Errorf("%s: it is of a plug that is measured no more, by rule %d: the rule was ended, or the machine behind it became a person's or was erased; no other meter takes such lines",
				excerpt(p.key), s.closed)
		case len(s.targets) > 0:
			return fmt.Errorf("a rule takes lines of %s, but this one has no field %s", excerpt([]byte(measurement)), excerpt([]byte(s.targets[0].field)))
		}
		return fmt.Errorf("no rule takes the line of %s with field %s: add one with veille-collector meter add, or let its sender leave such lines out (Telegraf: namepass)",
			excerpt(p.key), excerpt([]byte(other)))
	})
}

// series reads the measurement and the tags of a line.
func (p *post) series(d *lineprotocol.Decoder) (*series, error) {
	measurement, err := d.Measurement()
	if err != nil {
		return nil, err
	}
	p.key = append(p.key, measurement...)
	for n := 0; ; n++ {
		name, value, err := d.NextTag()
		if err != nil {
			return nil, err
		}
		if name == nil {
			break
		}
		if n == mostTags || len(p.key)+len(name)+len(value) > mostKey {
			return nil, fmt.Errorf("%s: a line has %d tags at most, of %d bytes together", excerpt(p.key), mostTags, mostKey)
		}
		p.key = append(append(append(append(p.key, separator), name...), separator), value...)
	}
	if s := p.rules.find(p.key); s != nil {
		return s, nil
	}
	return p.meet(string(p.key))
}

// meet finds what is wanted of a series that was never seen.
func (p *post) meet(key string) (*series, error) {
	parts := strings.Split(key, string(rune(separator)))
	tags := make([]tag, 0, len(parts)/2)
	seen := map[string]bool{}
	for i := 1; i+1 < len(parts); i += 2 {
		if seen[parts[i]] {
			return nil, fmt.Errorf("%s: tag %s is there twice", excerpt([]byte(key)), excerpt([]byte(parts[i])))
		}
		seen[parts[i]] = true
		tags = append(tags, tag{parts[i], parts[i+1]})
	}
	s := match(p.rules.rules, p.rules.plugs, parts[0], tags)
	for _, t := range s.targets {
		values := strings.ReplaceAll(t.key.Values, string(rune(separator)), " ")
		if len(values) > mostValues || strings.ContainsFunc(values, unicode.IsControl) {
			return nil, fmt.Errorf("%s: the tags that name a meter have more than %d bytes, or hold a control character", excerpt([]byte(key)), mostValues)
		}
	}
	for _, t := range s.targets {
		number, shut := p.rules.known.shut(t.key, p.now)
		if shut {
			return s, nil // it is not remembered: such lines would take the place of those that come again
		}
		t.meter.Store(number)
	}
	p.rules.keep(key, s)
	return s, nil
}

// excerpt is the beginning of what somebody sent, for a sentence.
func excerpt(text []byte) string {
	const most = 120
	cut := text[:min(len(text), most)]
	separators := 0
	plain := strings.Map(func(c rune) rune {
		switch {
		case c == separator: // of a series: its tags as they came
			if separators++; separators%2 == 0 {
				return '='
			}
			return ','
		case unicode.IsControl(c):
			return ' '
		}
		return c
	}, strings.ToValidUTF8(strings.TrimRight(string(cut), "\r\n"), "?"))
	if len(text) > most {
		plain += "…"
	}
	return "'" + plain + "'"
}

// shortened is a text of so many bytes at most.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

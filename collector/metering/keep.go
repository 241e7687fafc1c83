package metering

import (
	"context"
	"errors"
	"fmt"
	"time"

	"veille/collector"
)

// take takes what a line says of a moment. Where some of it is refused the rest is taken, and the line counts as dropped.
func (p *post) take(at int64) (refused error) {
	n := 0
	for _, x := range p.line {
		if err := p.refusal(x.of, at); err != nil {
			refused = err
			continue
		}
		p.line[n] = x
		n++
	}
	line := p.lines + p.dropped + 1
	if refused != nil {
		line = 0
	}
	for _, x := range p.line[:n] {
		p.samples, p.lineOf = append(p.samples, collector.MeterSample{Meter: p.meter(x.of), At: at, Value: x.value}), append(p.lineOf, line)
	}
	return refused
}

// refusal says why a field is not taken at a moment, or nothing.
func (p *post) refusal(t *target, at int64) error {
	if at < t.rule.from {
		return p.say(func() error {
			return fmt.Errorf("%s: it is of before %s, when rule %d for it was added: another machine may have been behind the plug",
				excerpt(p.key), time.UnixMilli(t.rule.from).UTC().Format(time.RFC3339), t.rule.ID)
		})
	}
	if t.meter.Load() == 0 {
		number, shut := p.rules.known.shut(t.key, p.now)
		if shut {
			return p.say(func() error { return noMeter(t) })
		}
		if number != 0 {
			t.meter.Store(number)
		}
	}
	return nil
}

// say is an error in words, unless nobody will read it: of the lines that are dropped, only of the first is said why.
func (p *post) say(why func() error) error {
	if p.dropped > 0 {
		return errDropped
	}
	return why()
}

var errDropped = errors.New("it is dropped") // it stands for a sentence that nobody reads

// flush puts what was read on disk.
func (p *post) flush(ctx context.Context) error {
	if len(p.wanted) > 0 {
		if err := p.rules.known.find(ctx, p.ledger, p.site, p.wanted, p.now); err != nil {
			return err
		}
	}
	if err := p.settle(ctx); err != nil {
		return err
	}
	clear(p.places)
	p.wanted, p.lineOf = p.wanted[:0], p.lineOf[:0]
	if len(p.samples) == 0 {
		return nil
	}
	n := int64(len(p.samples))
	if err := p.ledger.KeepMeterPost(ctx, p.samples); err != nil {
		return err
	}
	p.kept += n
	p.samples = p.samples[:0]
	return nil
}

// settle puts the numbers of meters into the samples, and leaves those that are taken. A line of which one is not is dropped, but for the others.
func (p *post) settle(ctx context.Context) error {
	p.rules.paces.mu.Lock()
	defer p.rules.paces.mu.Unlock()
	n, last := 0, int64(0)
	lose := func(i int, why func() error) {
		if line := p.lineOf[i]; line != last && line != 0 {
			p.lines--
			p.drop(why, false)
			last = line
		}
	}
	for i, x := range p.samples {
		if x.Meter < 0 {
			t := p.wanted[-1-x.Meter]
			if x.Meter = t.meter.Load(); x.Meter == 0 {
				lose(i, func() error { return noMeter(t) })
				continue
			}
		}
		refused, err := p.rules.paces.take(ctx, p, x)
		if err != nil {
			return err
		}
		if refused != nil {
			lose(i, func() error { return refused })
			continue
		}
		p.samples[n] = x
		n++
	}
	p.samples = p.samples[:n]
	return nil
}

// noMeter says why a meter could not be made.
func noMeter(t *target) error {
	return fmt.Errorf("%s: its site has as many meters as it may have, %d, or its rule was just removed: is a tag with another value in each line among those that name meters?",
		excerpt([]byte(t.rule.Name)), collector.MostMeters)
}

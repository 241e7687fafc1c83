package agent

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"veille/agent/power"
	"veille/agent/uptime"
	"veille/agent/wire"
)

// position is where the last sample left the system's counters. It is kept on disk, and replaced by each sample.
type position struct {
	Clock     uptime.Reading `json:"clock"`
	Processor Processor      `json:"processor"`
	Stopped   bool           `json:"stopped"` // the agent was told to stop after this sample
	Dark      bool           `json:"dark"`    // the display was off
	Lit       bool           `json:"lit"`     // the display was on; neither when the system did not tell
}

// sample is what happened between two positions.
type sample struct {
	span     uptime.Span
	dark     bool           // the display was off at both ends
	told     bool           // whether it was on or off is known at both ends
	load     power.Load     // of the processors, while awake
	measured []power.Figure // by meters, over the time awake
	refused  error          // why a meter gave no figure, or the load is not known, this time
	between  []stretch      // what the machine did before its boot, where its log tells
}

// condition is what the machine was doing while it ran.
func (x sample) condition() condition {
	c := condition{state: power.On, load: x.load, told: x.told}
	if x.dark {
		c.state = power.DisplayOff
	}
	return c
}

// sampler measures what happened since the last position.
type sampler struct {
	system System
	meters []power.Meter // the best first
	primed bool          // the meters were read at the last position, by this sampler
	quiet  bool          // a gauge that has not moved yet is no news
}

// next reads all clocks and counters, and says what happened since the position last.
func (s *sampler) next(ctx context.Context, last position) (sample, position, error) {
	clock, err := s.system.Clock(last.Clock)
	if err != nil {
		return sample{}, last, err
	}
	x := sample{span: uptime.Between(last.Clock, clock, last.Stopped), load: power.UnknownLoad()}
	display := s.system.display()
	dark, lit := display == uptime.DisplayOff, display == uptime.DisplayOn
	watched := s.primed && !x.span.Boot // by this agent, from end to end
	x.dark = watched && dark && last.Dark
	x.told = watched && (dark || lit) && (last.Dark || last.Lit)
	before := last.Processor
	if x.span.Boot {
		before = Processor{}
	}
	processor, err := s.system.Host.Processor(ctx)
	if err != nil {
		x.refused, processor = err, before // the next load is then that of both intervals
	} else {
		x.load = power.Measured(processor.Since(before))
	}
	var refused error
	x.measured, refused = s.read(x.span)
	x.refused = errors.Join(x.refused, refused)
	s.primed = true
	return x, position{Clock: clock, Processor: processor, Dark: dark, Lit: lit}, nil
}

// read asks every meter, so that each starts again from here, and keeps the best figure of each scope.
func (s *sampler) read(span uptime.Span) ([]power.Figure, error) {
	over := power.Interval{Elapsed: span.On, Suspended: span.Sleep+span.Off >= time.Second || span.Boot}
	var best []power.Figure
	var errs []error
	for _, m := range s.meters {
		figures, err := m.Advance(over)
		for _, f := range figures {
			if !slices.ContainsFunc(best, func(b power.Figure) bool { return b.Scope == f.Scope }) {
				best = append(best, f)
			}
		}
		if errors.Is(err, power.ErrIdle) || s.quiet && errors.Is(err, power.ErrNoStep) {
			continue
		}
		errs = append(errs, err)
	}
	if !s.primed || over.Suspended { // the meters were not read at the start of this interval, or slept in it: nothing is wrong
		return nil, nil
	}
	return best, errors.Join(errs...)
}

// Measurement is what `veille-agent once` prints.
type Measurement struct {
	Machine  wire.Machine  `json:"machine"`
	Method   string        `json:"method"`     // of the machine's own figure; none when there is none
	ForS     float64       `json:"for_s"`      // how long it was measured
	CPULoad  *float64      `json:"cpu_load"`   // processors busy, 0 to 1; null when not known
	OnS      float64       `json:"on_s"`       // since the boot, awake
	SleepS   float64       `json:"sleep_s"`    // since the boot, asleep
	Energy   []wire.Energy `json:"energy"`     // in the time measured
	MeanW    []Watts       `json:"mean_power"` // the same, divided by the time
	Meters   []Meter       `json:"meters"`     // what was found, used or not, and why
	Problems []string      `json:"problems"`   // a meter that was found and gave no figure
}

// Watts is a mean power with its range, in watts.
type Watts struct {
	Scope string  `json:"scope"`
	W     float64 `json:"w"`
	Low   float64 `json:"low_w"`
	High  float64 `json:"high_w"`
}

// Once measures this machine for d, and sends nothing.
func (s System) Once(ctx context.Context, v Survey, d time.Duration) (Measurement, error) {
	sampler := sampler{system: s, meters: v.counting}
	_, start, err := sampler.next(ctx, position{})
	if err != nil {
		return Measurement{}, err
	}
	if err := s.wait(ctx, d); err != nil {
		return Measurement{}, err
	}
	x, end, err := sampler.next(ctx, start)
	if err != nil {
		return Measurement{}, err
	}
	boot := end.Clock.SinceStart()
	m := Measurement{
		Machine: v.Machine, Method: string(power.MethodNone), ForS: round(x.span.On.Seconds(), 3),
		OnS: round(boot.On.Seconds(), 0), SleepS: round(boot.Sleep.Seconds(), 0),
		Energy: []wire.Energy{}, MeanW: []Watts{}, Meters: v.now(), Problems: sentences(x.refused),
	}
	if x.load.Low == x.load.High {
		load := round(x.load.Low, 4)
		m.CPULoad = &load
	}
	for _, f := range v.known.complete(x.measured, x.condition(), x.span.On) {
		if f.Scope == power.ScopeMachine {
			m.Method = string(f.Method)
		}
		m.Energy = append(m.Energy, energy(f, 6))
		hours := f.Covered.Hours()
		m.MeanW = append(m.MeanW, Watts{
			string(f.Scope), round(f.Energy.WattHours()/hours, 2), round(f.Low.WattHours()/hours, 2), round(f.High.WattHours()/hours, 2),
		})
	}
	return m, nil
}

// energy is a figure as the record writes it, in watt-hours with so many decimals.
func energy(f power.Figure, decimals int) wire.Energy {
	wh := func(e power.Energy) float64 { return round(e.WattHours(), decimals) }
	return wire.Energy{
		Wh: wh(f.Energy), LowWh: wh(f.Low), HighWh: wh(f.High),
		Method: string(f.Method), Scope: string(f.Scope), CoveredS: int(f.Covered / time.Second),
	}
}

func round(x float64, decimals int) float64 {
	unit := math.Pow10(decimals)
	return math.Round(x*unit) / unit
}

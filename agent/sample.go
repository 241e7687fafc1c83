package agent

import (
	"context"
	"errors"
	"fmt"
	"math"
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
}

// sample is what happened between two positions.
type sample struct {
	span     uptime.Span
	load     power.Load     // of the processors, while awake
	measured []power.Figure // by meters, over the time awake
	refused  error          // why a meter gave no figure, or the load is not known, this time
}

// sampler measures what happened since the last position.
type sampler struct {
	system System
	rapl   *power.RAPL
	primed bool // the meter was read at the last position, by this sampler
}

// next reads all clocks and counters, and says what happened since the position last.
func (s *sampler) next(ctx context.Context, last position) (sample, position, error) {
	clock, err := s.system.Clock()
	if err != nil {
		return sample{}, last, err
	}
	x := sample{span: uptime.Between(last.Clock, clock, last.Stopped), load: power.UnknownLoad()}
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
	if s.rapl != nil {
		var refused error
		x.measured, refused = s.read(x.span)
		x.refused = errors.Join(x.refused, refused)
		s.primed = true
	}
	return x, position{Clock: clock, Processor: processor}, nil
}

func (s *sampler) read(span uptime.Span) ([]power.Figure, error) {
	f, err := s.rapl.Advance(span.On, span.Sleep >= time.Second || span.Boot)
	if !s.primed || errors.Is(err, power.ErrSuspended) {
		return nil, nil // the counter was not read at the start of this interval, or slept in it: nothing is wrong
	}
	if err != nil {
		return nil, err
	}
	return []power.Figure{f}, nil
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
	sampler := sampler{system: s, rapl: v.rapl}
	_, start, err := sampler.next(ctx, position{})
	if err != nil {
		return Measurement{}, err
	}
	select {
	case <-ctx.Done():
		return Measurement{}, fmt.Errorf("measure for %v: %w", d, context.Cause(ctx))
	case <-time.After(d):
	}
	x, end, err := sampler.next(ctx, start)
	if err != nil {
		return Measurement{}, err
	}
	m := Measurement{
		Machine: v.Machine, Method: string(power.MethodNone), ForS: round(x.span.On.Seconds(), 3),
		OnS: round(end.Clock.Awake.Seconds(), 0), SleepS: round(max(0, end.Clock.SinceBoot-end.Clock.Awake).Seconds(), 0),
		Energy: []wire.Energy{}, MeanW: []Watts{}, Meters: v.Meters, Problems: []string{},
	}
	if x.load.Low == x.load.High {
		load := round(x.load.Low, 4)
		m.CPULoad = &load
	}
	for _, f := range withModel(x.measured, v.modes, power.On, x.load, x.span.On) {
		if f.Scope == power.ScopeMachine {
			m.Method = string(f.Method)
		}
		m.Energy = append(m.Energy, energy(f, 6))
		hours := f.Covered.Hours()
		m.MeanW = append(m.MeanW, Watts{
			string(f.Scope), round(f.Energy.WattHours()/hours, 2), round(f.Low.WattHours()/hours, 2), round(f.High.WattHours()/hours, 2),
		})
	}
	if x.refused != nil {
		m.Problems = append(m.Problems, x.refused.Error())
	}
	return m, nil
}

// withModel adds to what was measured the estimate of the whole machine, if there are modes to make one of. The machine uses
// at least what a part of it was measured to use.
func withModel(measured []power.Figure, modes *power.Modes, state power.State, load power.Load, d time.Duration) []power.Figure {
	if modes == nil {
		return measured
	}
	whole := modes.Figure(state, load, d)
	for _, part := range measured {
		whole = whole.AtLeast(part)
	}
	return append(measured, whole)
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

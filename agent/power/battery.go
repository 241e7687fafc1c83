package power

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"time"
)

// Battery is the batteries of a machine. While they alone feed it, what they give is what the whole machine uses. Their
// gauges move in steps: an interval in which they moved has its share of what was used since they moved before, and one in
// which they did not has no figure.
type Battery struct {
	read  func() charge
	last  charge
	still time.Duration // since the gauges moved, or since they were first read, while the batteries feed the machine
	moved bool          // they have moved since the batteries began to
}

// ErrNoStep is the answer while a gauge, which moves in steps, has not moved.
var ErrNoStep = errors.New("the gauge has not moved yet; measure for longer")

const (
	// batteryError is how far the energy that a gauge tells may be off, in percent (docs/method.md).
	batteryError = 5
	// maxBatteryPower is more than the batteries of one machine give.
	maxBatteryPower = 300 * Watt
	// batteryStep is a step of the coarsest gauges, 1 % of a battery of 60 Wh; others have steps of 10 to 50 mWh (not verified).
	batteryStep = 600 * milliwattHour
	// stuckAfter is how long gauges may stand still while they discharge.
	stuckAfter = 15 * time.Minute
)

const microwattHour = 3600 // microjoules

// charge is what is left in the batteries, and whether they feed the machine.
type charge struct {
	cells    []cell
	names    string // which they are
	feeding  bool   // one of them discharges, none is charged, and nothing else feeds the machine
	problems error  // why the rest is not known
}

// cell is what is left in one battery, by a gauge of energy or of charge.
type cell struct {
	energy Energy // -1 when its gauge counts charge
	charge int64  // microampere-hours
	volts  int64  // microvolts
}

// since is what a battery gave since it was as before. A charge counts at the mean of the two voltages: that of the moment
// falls and rises with the load, and times all that is left in the battery it would look like energy that came and went.
func (c cell) since(before cell) Energy {
	if c.energy >= 0 && before.energy >= 0 {
		return before.energy - c.energy
	}
	volts := float64(before.volts+c.volts) / 2 / 1e6
	return Energy(float64(before.charge-c.charge) * volts * microwattHour)
}

// NewBattery finds the batteries below sys, the root of sysfs, under class/power_supply, and reads them for the first time.
// It answers ErrNoMeter when there are none: those of mice and headsets are not the machine's.
func NewBattery(sys fs.FS) (*Battery, error) {
	return newBattery(func() charge { return supplies(sys) })
}

// NewSystemBattery is the batteries that Windows tells of, as ReadSystemBattery reads them.
func NewSystemBattery(read func() (SystemBattery, error)) (*Battery, error) {
	return newBattery(func() charge {
		s, err := read()
		return s.charge(err)
	})
}

func newBattery(read func() charge) (*Battery, error) {
	b := &Battery{read: read, last: read()}
	if b.last.names == "" && b.last.problems == nil {
		return nil, fmt.Errorf("batteries: %w", ErrNoMeter)
	}
	return b, nil
}

// Problem is why the batteries cannot be read now, or nil.
func (b *Battery) Problem() error { return b.last.problems }

// Advance is the energy that the batteries gave. It answers ErrIdle while something else feeds the machine, ErrNoStep when
// the gauges have not moved, ErrDead when they stand still, ErrReset when a battery was put in or taken out or a gauge was set
// right, and an error where one cannot be read.
func (b *Battery) Advance(over Interval) ([]Figure, error) {
	last, now := b.last, b.read()
	still, moved := b.still+over.Elapsed, b.moved
	b.last, b.still, b.moved = now, 0, false
	var used Energy
	for i := range min(len(last.cells), len(now.cells)) {
		used += now.cells[i].since(last.cells[i])
	}
	switch {
	case errors.Join(last.problems, now.problems) != nil:
		return nil, errors.Join(last.problems, now.problems)
	case !last.feeding || !now.feeding:
		return nil, ErrIdle
	case over.Suspended:
		return nil, ErrSuspended
	case last.names != now.names:
		return nil, fmt.Errorf("batteries %s, before %s: %w", orNone(now.names), orNone(last.names), ErrReset)
	case used < 0, used > maxBatteryPower.Over(still):
		return nil, fmt.Errorf("batteries %s: %w", now.names, ErrReset)
	}
	if used == 0 {
		b.still, b.moved = still, moved
		if still >= stuckAfter {
			return nil, fmt.Errorf("batteries %s: %w", now.names, ErrDead)
		}
		return nil, fmt.Errorf("batteries %s: %w", now.names, ErrNoStep)
	}
	b.moved = true
	return []Figure{batteryFigure(used, over.Elapsed, still, moved)}, nil
}

// batteryFigure is the share that elapsed has of what was used while the gauges stood still, elapsed included. Nobody knows
// when in an interval they moved, nor, when they had not moved before, how much of a step was gone.
func batteryFigure(used Energy, elapsed, still time.Duration, moved bool) Figure {
	off := used * batteryError / 100
	if still > elapsed {
		off += Energy(float64(used) * float64(elapsed) / float64(still))
	}
	if !moved {
		off += min(used, batteryStep)
	}
	share := func(e Energy) Energy { return Energy(float64(e) * float64(elapsed) / float64(still)) }
	return Figure{
		Energy: share(used), Low: share(max(0, used-off)), High: share(used + off),
		Method: MethodBattery, Scope: ScopeMachine, Covered: elapsed,
	}
}

func orNone(names string) string {
	if names == "" {
		return "none"
	}
	return names
}

// supplies looks at all that may feed the machine. Batteries come and go.
func supplies(sys fs.FS) charge {
	var c charge
	dirs, _ := fs.Glob(sys, "class/power_supply/*") // the pattern is good
	discharging, other := false, false
	for _, dir := range dirs {
		get := func(name string) string { s, _ := text(sys, path.Join(dir, name)); return s } // what is not there is empty
		switch get("type") {
		case "UPS": // it feeds whatever is plugged into it, and is fed
		case "Battery":
			if get("scope") == "Device" || get("present") == "0" {
				continue
			}
			c.names += " " + path.Base(dir)
			switch get("status") {
			case "Discharging":
				discharging = true
			case "Charging":
				other = true
			}
			left, err := leftIn(sys, dir)
			c.cells = append(c.cells, left)
			c.problems = errors.Join(c.problems, err)
		default: // mains, and USB of all kinds
			online := get("online")
			other = other || online != "" && online != "0"
		}
	}
	if c.names != "" {
		c.names = c.names[1:]
	}
	c.feeding = discharging && !other
	return c
}

// leftIn is what is left in a battery.
func leftIn(sys fs.FS, dir string) (c cell, err error) {
	energy, err := count(sys, path.Join(dir, "energy_now"))
	if c.energy = Energy(energy) * microwattHour; err == nil || !errors.Is(err, fs.ErrNotExist) {
		return c, err
	}
	c.energy = -1
	c.charge, err = count(sys, path.Join(dir, "charge_now"))
	if errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("%s tells neither its energy nor its charge: %w", path.Base(dir), err)
	}
	if err != nil {
		return c, err
	}
	c.volts, err = count(sys, path.Join(dir, "voltage_now"))
	return c, err
}

// count reads a file with one number of millionths, which no battery of a machine has more than a thousand million of.
func count(sys fs.FS, name string) (int64, error) {
	s, err := text(sys, name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1e9 {
		return 0, fmt.Errorf("read %s: %.40q is not what a battery can have", name, s)
	}
	return n, nil
}

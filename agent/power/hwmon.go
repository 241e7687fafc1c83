package power

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Why the power meter of a machine gives no energy.
var (
	ErrUnclear   = errors.New("nobody knows which of them is the machine's, or whether they add up")
	ErrSenseless = errors.New("no machine that runs draws this")
	ErrSparse    = errors.New("the readings lie too far apart to tell what was drawn in between; sample more often")
)

const (
	// A reading outside these is refused. An ACPI meter that cannot read says 2³²-1 mW, which older kernels hand on as
	// 4.29 MW (lm-sensors #130 and #460).
	minMachinePower = Watt
	maxMachinePower = 10_000 * Watt

	// bestMeter is the least that a reading may be off, in percent: firmware likes to call itself 100 % accurate.
	// unknownMeter stands where it says nothing. Both are our own figures.
	bestMeter, unknownMeter = 5, 10
	// supplyLoss is how much more than the reading may be drawn from the plug, in percent. A meter measures before or
	// behind the power supply (_PMC, MeasurementType), and sysfs does not show which. Our own figure.
	supplyLoss = 10
	// unseen is how far the mean of two readings may be off for the time that neither of them averaged, in percent. Our
	// own figure.
	unseen = 10
	// maxApart is how far two readings may lie apart, beside the time they average.
	maxApart = 10 * time.Minute

	// A meter is dead when it says the same to the last digit for this long, and for so many of its averages. Short of
	// that the same reading proves nothing: meters count in watts, and an idle server keeps to its watt. But older kernels
	// show the last good reading for ever once the firmware fails (show_power of drivers/hwmon/acpi_power_meter.c).
	frozenFor      = 30 * time.Minute
	frozenAverages = 10
)

// Wattmeter is the wattmeter in the machine's own power supply, as Linux shows it under /sys/class/hwmon: an ACPI power
// meter (Documentation/hwmon/acpi_power_meter.rst). It says how much is drawn, and energy only follows: by the mean of
// the readings at both ends of an interval. Only a meter that says it measures the whole system is one: the links in its
// measures folder then name \_SB and nothing else (ACPI 6.0, 10.4.8). On some servers there are more of them for the
// sockets.
type Wattmeter struct {
	sys   fs.FS
	gauge gauge
	left  []Left

	last  Power
	lost  error         // why there is no last reading
	still time.Duration // how long the readings have been the same
}

// gauge is a file with a power.
type gauge struct {
	file string
	mean time.Duration // what a reading averages; 0 when unknown
	off  Power         // how far it may be off, in percent
}

// NewPowerMeter finds the power meter below sys, the root of sysfs, and reads it for the first time. It answers ErrNoMeter
// when there is none of the whole machine, ErrUnclear when several say they are, and fs.ErrPermission when it may not be
// read. A meter that cannot be read now may be read later: Problem tells.
func NewPowerMeter(sys fs.FS) (*Wattmeter, error) {
	whole, left := wattmeters(sys)
	switch {
	case len(whole) == 0:
		return nil, fmt.Errorf("class/hwmon: power meter of the machine: %w", ErrNoMeter)
	case len(whole) > 1:
		return nil, fmt.Errorf("class/hwmon: %d power meters say they are of the whole machine: %w", len(whole), ErrUnclear)
	}
	p := &Wattmeter{sys: sys, gauge: whole[0], left: left}
	p.read()
	if errors.Is(p.lost, fs.ErrPermission) {
		return nil, p.lost
	}
	return p, nil
}

// Problem is why the meter cannot be read now, or nil.
func (p *Wattmeter) Problem() error { return p.lost }

// Left are the sensors of power and energy that were there beside the meter and are not added.
func (p *Wattmeter) Left() []Left { return slices.Clone(p.left) }

// LeftSensors are the sensors of power and energy below sys that are not, or cannot be, the meter of the machine. It is
// for those whom NewPowerMeter gave none.
func LeftSensors(sys fs.FS) []Left {
	_, left := wattmeters(sys)
	return left
}

// Advance is the energy that was drawn. It answers ErrSenseless for a reading of nothing, or of more than a machine draws,
// ErrDead when the readings stay the same for half an hour, and ErrSparse when they lie too far apart.
func (p *Wattmeter) Advance(over Interval) ([]Figure, error) {
	last, lost := p.last, p.lost
	p.read()
	switch {
	case p.lost != nil:
		p.still = 0
		return nil, p.lost
	case over.Suspended:
		p.still = 0
		return nil, ErrSuspended
	case lost != nil:
		return nil, fmt.Errorf("%s: %w", p.gauge.file, ErrLost)
	case over.Elapsed <= 0:
		return nil, ErrIdle
	}
	if err := p.watch(p.last == last, over.Elapsed); err != nil {
		return nil, fmt.Errorf("%s: %w", p.gauge.file, err)
	}
	if over.Elapsed > maxApart+p.gauge.mean {
		return nil, fmt.Errorf("%s: %w", p.gauge.file, ErrSparse)
	}
	return []Figure{p.gauge.figure(last, p.last, over.Elapsed)}, nil
}

// watch answers ErrDead while the meter is frozen, and once ErrLost when it moves again: what was drawn at the start of
// that interval is not known.
func (p *Wattmeter) watch(same bool, elapsed time.Duration) error {
	patience := max(frozenFor, frozenAverages*p.gauge.mean)
	frozen := p.still >= patience
	switch {
	case same:
		if p.still += elapsed; p.still >= patience {
			return ErrDead
		}
	case frozen:
		p.still = 0
		return ErrLost
	default:
		p.still = 0
	}
	return nil
}

// read takes the next reading. A driver that is loaded again, or told of another setting, gives the meter another folder.
func (p *Wattmeter) read() {
	p.last, p.lost = p.gauge.read(p.sys)
	if !errors.Is(p.lost, fs.ErrNotExist) {
		return
	}
	if whole, _ := wattmeters(p.sys); len(whole) == 1 && whole[0].file != p.gauge.file {
		p.gauge = whole[0]
		p.last, p.lost = p.gauge.read(p.sys)
	}
}

func (g gauge) read(sys fs.FS) (Power, error) {
	n, err := number(sys, g.file)
	if err != nil {
		return 0, err
	}
	if w := Power(n); w >= minMachinePower && w <= maxMachinePower {
		return w, nil
	}
	return 0, fmt.Errorf("read %s: %v: %w", g.file, Power(n), ErrSenseless)
}

// figure is the energy between two readings. How far its mean may be off is what the meter admits, and what is not known
// of the time in between: a reading that averages all of it, and no more, is off by half the difference. What neither saw
// may have been the other reading, and more. A longer average follows with delay: had the power been steady before, it is
// off by the difference times how much longer it is.
func (g gauge) figure(first, last Power, elapsed time.Duration) Figure {
	mean := float64(first+last) / 2
	apart := float64(max(last-first, first-last))
	averaged := float64(g.mean) / float64(elapsed)
	off := mean * float64(g.off) / 100
	if averaged >= 1 {
		off += apart * (averaged - .5)
	} else {
		off += apart*(1-averaged/2) + mean*(1-averaged)*unseen/100
	}
	low, high := Power(max(0, mean-off)), Power(min(mean+off+mean*supplyLoss/100, float64(maxMachinePower)))
	return Figure{
		Energy: Power(mean).Over(elapsed), Low: low.Over(elapsed), High: high.Over(elapsed),
		Method: MethodPlug, Scope: ScopeMachine, Covered: elapsed,
	}
}

// wattmeters are the meters that say they measure the whole machine, and the other sensors of power or energy. With
// several of the first kind none can be used, and they are left too: two supplies would add up, and two views of one
// meter would not.
func wattmeters(sys fs.FS) (whole []gauge, left []Left) {
	dirs, _ := fs.Glob(sys, "class/hwmon/hwmon*") // the pattern is good
	var names []string
	for _, dir := range dirs {
		chip := path.Base(dir)
		name, file := sensor(sys, dir)
		switch {
		case file == "":
		case name != "power_meter":
			left = append(left, Left{name + " (" + chip + ")", partOf(name)})
		default:
			why := notWhole(sys, dir, file)
			if why != "" {
				left = append(left, Left{name + " (" + chip + ")", why})
				break
			}
			names = append(names, name+" ("+chip+")")
			whole = append(whole, gaugeAt(sys, file))
		}
	}
	if len(whole) > 1 {
		for _, name := range names {
			left = append(left, Left{name, "not the only one that says it measures the whole machine"})
		}
	}
	return whole, left
}

// sensor is the name of a chip, and its first file of power or energy; that is empty when there is none. Drivers of the
// old kind, as that of the power meters was, have their files with the device.
func sensor(sys fs.FS, dir string) (name, file string) {
	for _, at := range []string{dir, path.Join(dir, "device")} {
		if name == "" {
			name, _ = text(sys, path.Join(at, "name")) // a chip without a name is none that we know
		}
		for _, pattern := range []string{"power*_average", "power*_input", "energy*_input"} {
			if found, _ := fs.Glob(sys, path.Join(at, pattern)); len(found) > 0 && file == "" { // the pattern is good
				file = found[0]
			}
		}
	}
	if name == "" {
		name = "a sensor without a name"
	}
	return name, file
}

// notWhole is why an ACPI power meter is not known to measure the whole machine, or nothing.
func notWhole(sys fs.FS, dir, file string) string {
	if battery, _ := text(sys, path.Join(path.Dir(file), "power1_is_battery")); battery == "1" {
		return "measures a battery"
	}
	devices, err := fs.ReadDir(sys, path.Join(dir, "device/measures"))
	switch {
	case strings.HasPrefix(path.Base(file), "energy"):
		return "shows no power"
	case err != nil || len(devices) == 0:
		return "does not say what it measures"
	case len(devices) > 1 || !strings.HasPrefix(devices[0].Name(), "LNXSYBUS:"): // the kernel's name of \_SB
		return "measures a part of the machine"
	}
	return ""
}

// gaugeAt is the gauge with a file such as power1_average. Its averaging interval is read once: asking may mean a talk
// between processors.
func gaugeAt(sys fs.FS, file string) gauge {
	g := gauge{file: file, off: unknownMeter}
	of := strings.TrimSuffix(strings.TrimSuffix(file, "_average"), "_input")
	if ms, err := number(sys, of+"_average_interval"); err == nil && ms <= 3_600_000 && strings.HasSuffix(file, "_average") {
		g.mean = time.Duration(ms) * time.Millisecond
	}
	accuracy, _ := text(sys, of+"_accuracy") // what is not there is empty
	if whole, _, _ := strings.Cut(strings.TrimSuffix(accuracy, "%"), "."); whole != "" {
		g.off = off(whole)
	}
	return g
}

// off is how far a meter with an accuracy may be off, in percent. Firmware takes 100 % for perfect (edk2-nvidia,
// AcpiPowerMeter.h), and Microsoft takes 1 % for a meter that is off by 1 % (PMI_REPORTED_CAPABILITIES): the half tells
// which. The kernel prints what follows the point without its leading zeros, so that it is not used.
func off(accuracy string) Power {
	n, err := strconv.ParseUint(accuracy, 10, 64)
	switch {
	case err != nil || n == 0 || n > 100:
		return unknownMeter
	case n >= 50:
		return max(bestMeter, Power(100-n))
	}
	return max(bestMeter, Power(n+1)) // with what follows the point
}

// partOf is why the sensor of a chip is not added: it is inside the machine.
func partOf(chip string) string {
	switch chip {
	case "amdgpu", "i915", "xe", "nouveau", "radeon":
		return "the graphics only"
	case "amd_energy", "amd_hsmp_hwmon", "fam15h_power", "zenpower", "coretemp", "k10temp":
		return "the processor only"
	case "corsairpsu":
		return "a power supply on USB, maybe of another machine"
	}
	if strings.HasPrefix(chip, "BAT") || strings.HasPrefix(chip, "CMB") {
		return "a battery"
	}
	return "not known to be of the whole machine"
}

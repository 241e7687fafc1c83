package power

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// SystemBattery is what Windows says of all batteries of the machine together.
type SystemBattery struct {
	OnMains     bool // something else feeds the machine
	Present     bool // there is a battery that tells its energy
	Charging    bool
	Discharging bool
	Full        Energy // what the batteries hold when full; 0 when unknown
	Remaining   Energy // valid if HasRemaining
	Rate        Power  // negative while discharging; valid if HasRate

	HasRemaining bool
	HasRate      bool
}

// WindowsBattery is one battery of a machine with Windows.
type WindowsBattery struct {
	// Counts tells whether the battery feeds the machine and tells its energy: it is not that of an uninterruptible power
	// supply, which feeds other machines too, its figures are in milliwatt-hours, and it holds something.
	Counts bool
	SystemBattery
}

const milliwattHour = 3600 * Joule / 1000

// Sizes of the structures of poclass.h and winnt.h, and their values for what is not known.
const (
	sizeSystemBatteryState = 32
	sizeBatteryInformation = 36
	sizeBatteryStatus      = 16

	unknownCapacity uint32 = math.MaxUint32
	unknownRate     int32  = math.MinInt32
)

// ParseSystemBattery reads SYSTEM_BATTERY_STATE, the answer of CallNtPowerInformation to SystemBatteryState. Whether its
// figures are in milliwatt-hours at all is not said in it; that is known of each battery alone.
func ParseSystemBattery(b []byte) (SystemBattery, error) {
	if len(b) != sizeSystemBatteryState {
		return SystemBattery{}, fmt.Errorf("battery: a state of %d bytes, and not of %d", len(b), sizeSystemBatteryState)
	}
	s := SystemBattery{OnMains: b[0] != 0, Present: b[1] != 0, Charging: b[2] != 0, Discharging: b[3] != 0}
	s.capacities(binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:]))
	s.rate(int32(binary.LittleEndian.Uint32(b[16:])))
	if s.Full == 0 && !s.HasRemaining { // a slot without a battery, as some machines show
		s.Present = false
	}
	return s, nil
}

// capacities takes over two amounts in milliwatt-hours. A battery that holds nothing does not remain at zero: it is a
// slot without a battery.
func (s *SystemBattery) capacities(full, remaining uint32) {
	if full != unknownCapacity {
		s.Full = Energy(full) * milliwattHour
	}
	if remaining != unknownCapacity && full != 0 {
		s.Remaining, s.HasRemaining = Energy(remaining)*milliwattHour, true
	}
}

// rate takes over a power in milliwatts. A battery that discharges at 0 mW does not know its rate: the driver only
// fills the field.
func (s *SystemBattery) rate(milliwatts int32) {
	if milliwatts != unknownRate && (milliwatts != 0 || !s.Discharging) {
		s.Rate, s.HasRate = Power(milliwatts)*Milliwatt, true
	}
}

// ParseWindowsBattery reads BATTERY_INFORMATION and BATTERY_STATUS, what the driver of one battery says of it.
func ParseWindowsBattery(information, status []byte) (WindowsBattery, error) {
	if len(information) != sizeBatteryInformation {
		return WindowsBattery{}, fmt.Errorf("battery: information of %d bytes, and not of %d", len(information), sizeBatteryInformation)
	}
	if len(status) != sizeBatteryStatus {
		return WindowsBattery{}, fmt.Errorf("battery: a status of %d bytes, and not of %d", len(status), sizeBatteryStatus)
	}
	const (
		ofSystem  = 0x80000000 // BATTERY_SYSTEM_BATTERY
		relative  = 0x40000000 // BATTERY_CAPACITY_RELATIVE: the unit of the capacities and the rate is not known
		shortTerm = 0x20000000 // BATTERY_IS_SHORT_TERM: an uninterruptible power supply
	)
	const (
		onLine      = 1 // BATTERY_POWER_ON_LINE
		discharging = 2 // BATTERY_DISCHARGING
		charging    = 4 // BATTERY_CHARGING
	)
	state := binary.LittleEndian.Uint32(status)
	w := WindowsBattery{SystemBattery: SystemBattery{
		OnMains: state&onLine != 0, Present: true, Charging: state&charging != 0, Discharging: state&discharging != 0,
	}}
	capabilities, full := binary.LittleEndian.Uint32(information), binary.LittleEndian.Uint32(information[16:])
	w.Counts = capabilities&(ofSystem|relative|shortTerm) == ofSystem && full != 0
	if !w.Counts {
		return w, nil
	}
	w.capacities(full, binary.LittleEndian.Uint32(status[4:]))
	w.rate(int32(binary.LittleEndian.Uint32(status[12:])))
	return w, nil
}

// Of is s with the figures of those batteries of the list that count, and without the others. What one of them does not
// tell is not known of all. Without a list, s says all that is known.
func (s SystemBattery) Of(list []WindowsBattery) SystemBattery {
	if len(list) == 0 {
		return s
	}
	sum := SystemBattery{OnMains: s.OnMains, HasRemaining: true, HasRate: true}
	known := true
	for _, b := range list {
		if !b.Counts {
			continue
		}
		sum.Present = true
		sum.Charging, sum.Discharging = sum.Charging || b.Charging, sum.Discharging || b.Discharging
		sum.HasRemaining, sum.HasRate = sum.HasRemaining && b.HasRemaining, sum.HasRate && b.HasRate
		sum.Full, sum.Remaining, sum.Rate = sum.Full+b.Full, sum.Remaining+b.Remaining, sum.Rate+b.Rate
		known = known && b.Full > 0
	}
	sum.HasRemaining, sum.HasRate = sum.HasRemaining && sum.Present, sum.HasRate && sum.Present
	if !known {
		sum.Full = 0
	}
	if !sum.HasRemaining {
		sum.Remaining = 0
	}
	if !sum.HasRate {
		sum.Rate = 0
	}
	return sum
}

// charge is what a Battery wants to know. Windows tells of all batteries together: another one is seen by what they hold
// when full.
func (s SystemBattery) charge(err error) charge {
	if err != nil {
		return charge{problems: err}
	}
	if !s.Present {
		return charge{}
	}
	c := charge{
		cells: []cell{{energy: s.Remaining}}, names: fmt.Sprintf("of %.1f Wh", s.Full.WattHours()),
		feeding: s.Discharging && !s.Charging && !s.OnMains,
	}
	if !s.HasRemaining {
		c.problems = errors.New("the batteries do not tell what is left in them")
	}
	return c
}

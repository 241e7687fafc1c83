package power_test

import (
	"encoding/binary"
	"errors"
	"runtime"
	"testing"

	"veille/agent/power"
)

const (
	unknown32   = 0xFFFFFFFF
	unknownRate = 0x80000000
)

// winState is SYSTEM_BATTERY_STATE: four flags, three spare bytes and a tag, then amounts in mWh and mW.
func winState(flags [4]byte, full, remaining, rate uint32) []byte {
	b := append(flags[:], 0xAA, 0xAA, 0xAA, 1)
	for _, n := range []uint32{full, remaining, rate, 3600, 4750, 2500} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

// winInformation is BATTERY_INFORMATION of a battery by Li-ion.
func winInformation(capabilities, full uint32) []byte {
	b := binary.LittleEndian.AppendUint32(nil, capabilities)
	b = append(b, 1, 0, 0, 0, 'L', 'I', 'O', 'N')
	for _, n := range []uint32{57_000, full, 4750, 2500, 0, 123} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

// winStatus is BATTERY_STATUS.
func winStatus(state, remaining, rate uint32) []byte {
	var b []byte
	for _, n := range []uint32{state, remaining, 11_400, rate} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return b
}

func negative(milliwatts uint32) uint32 { return -milliwatts }

const wattHour = 3600 * power.Joule

func TestASystemBatteryIsReadAndWhatIsNotKnownIsNotZero(t *testing.T) {
	for _, tt := range []struct {
		name string
		b    []byte
		want power.SystemBattery
	}{
		{"a desktop", winState([4]byte{1}, 0, 0, 0), power.SystemBattery{OnMains: true, HasRate: true}},
		{"discharging", winState([4]byte{0, 1, 0, 1}, 50_000, 20_000, negative(9120)), power.SystemBattery{
			Present: true, Discharging: true, Full: 50 * wattHour, Remaining: 20 * wattHour, HasRemaining: true,
			Rate: -9120 * power.Milliwatt, HasRate: true,
		}},
		{"charging", winState([4]byte{1, 1, 1, 0}, 50_000, 20_000, 30_000), power.SystemBattery{
			OnMains: true, Present: true, Charging: true, Full: 50 * wattHour, Remaining: 20 * wattHour, HasRemaining: true,
			Rate: 30 * power.Watt, HasRate: true,
		}},
		{"full, with a flag that is neither 0 nor 1", winState([4]byte{255, 2, 0, 0}, 50_000, 50_000, 0), power.SystemBattery{
			OnMains: true, Present: true, Full: 50 * wattHour, Remaining: 50 * wattHour, HasRemaining: true, HasRate: true,
		}},
		{"empty", winState([4]byte{1, 1, 1, 0}, 50_000, 0, 100), power.SystemBattery{
			OnMains: true, Present: true, Charging: true, Full: 50 * wattHour, HasRemaining: true, Rate: 100 * power.Milliwatt, HasRate: true,
		}},
		{"rate not known", winState([4]byte{0, 1, 0, 1}, 50_000, 20_000, unknownRate), power.SystemBattery{
			Present: true, Discharging: true, Full: 50 * wattHour, Remaining: 20 * wattHour, HasRemaining: true,
		}},
		{"discharging at nothing", winState([4]byte{0, 1, 0, 1}, 50_000, 20_000, 0), power.SystemBattery{
			Present: true, Discharging: true, Full: 50 * wattHour, Remaining: 20 * wattHour, HasRemaining: true,
		}},
		{"capacity not known", winState([4]byte{0, 1, 0, 1}, unknown32, 20_000, negative(5)), power.SystemBattery{
			Present: true, Discharging: true, Remaining: 20 * wattHour, HasRemaining: true, Rate: -5 * power.Milliwatt, HasRate: true,
		}},
		{"charge not known", winState([4]byte{0, 1, 0, 1}, 50_000, unknown32, negative(5)), power.SystemBattery{
			Present: true, Discharging: true, Full: 50 * wattHour, Rate: -5 * power.Milliwatt, HasRate: true,
		}},
		{"a slot without a battery", winState([4]byte{1, 1, 0, 0}, 0, 0, 0), power.SystemBattery{OnMains: true, HasRate: true}},
		{"as much as can be", winState([4]byte{0, 1, 0, 1}, unknown32-1, unknown32-1, unknownRate+1), power.SystemBattery{
			Present: true, Discharging: true, Full: (unknown32 - 1) * (wattHour / 1000), Remaining: (unknown32 - 1) * (wattHour / 1000),
			HasRemaining: true, Rate: -0x7FFFFFFF * power.Milliwatt, HasRate: true,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := power.ParseSystemBattery(tt.b); err != nil || got != tt.want {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

func TestASystemBatteryOfAnotherSizeIsRefused(t *testing.T) {
	for n := range 64 {
		if _, err := power.ParseSystemBattery(make([]byte, n)); (err == nil) != (n == 32) {
			t.Errorf("a state of %d bytes: %v", n, err)
		}
		if _, err := power.ParseWindowsBattery(make([]byte, n), winStatus(0, 0, 0)); (err == nil) != (n == 36) {
			t.Errorf("information of %d bytes: %v", n, err)
		}
		if _, err := power.ParseWindowsBattery(winInformation(0, 0), make([]byte, n)); (err == nil) != (n == 16) {
			t.Errorf("a status of %d bytes: %v", n, err)
		}
	}
}

const (
	winSystem    = 0x80000000
	winRelative  = 0x40000000
	winShortTerm = 0x20000000
)

func winBattery(t *testing.T, information, status []byte) power.WindowsBattery {
	t.Helper()
	b, err := power.ParseWindowsBattery(information, status)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestABatteryCountsInTheSystemBatteryIfItTellsItsEnergyAndFeedsTheMachine(t *testing.T) {
	for _, tt := range []struct {
		name         string
		capabilities uint32
		full         uint32
		want         bool
	}{
		{"of a notebook", winSystem, 50_000, true},
		{"of a notebook, alarms set", winSystem | 1, 50_000, true},
		{"in percent", winSystem | winRelative, 100, false},
		{"of an uninterruptible power supply", winSystem | winShortTerm, 50_000, false},
		{"of a mouse", 0, 500, false},
		{"a ghost", winSystem, 0, false},
		{"of an unknown capacity", winSystem, unknown32, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := winBattery(t, winInformation(tt.capabilities, tt.full), winStatus(2, 20_000, negative(9000)))
			if got.Counts != tt.want || got.HasRemaining != tt.want || got.HasRate != tt.want || !got.Discharging {
				t.Errorf("got %+v; want it to count: %t", got, tt.want)
			}
		})
	}
}

func TestASystemBatteryIsTheSumOfThoseThatCount(t *testing.T) {
	main := winBattery(t, winInformation(winSystem, 30_000), winStatus(2, 20_000, negative(9000)))
	second := winBattery(t, winInformation(winSystem, 20_000), winStatus(0, 20_000, 0))
	percent := winBattery(t, winInformation(winSystem|winRelative, 100), winStatus(2, 50, negative(9000)))
	supply := winBattery(t, winInformation(winSystem|winShortTerm, 90_000), winStatus(1|4, 90_000, 7000))
	rateless := winBattery(t, winInformation(winSystem, unknown32), winStatus(2|8, unknown32, unknownRate))
	state, err := power.ParseSystemBattery(winState([4]byte{0, 1, 1, 1}, 140_100, 130_050, negative(11_000)))
	if err != nil {
		t.Fatal(err)
	}
	both := power.SystemBattery{
		Present: true, Discharging: true, Full: 50 * wattHour, Remaining: 40 * wattHour, HasRemaining: true,
		Rate: -9 * power.Watt, HasRate: true,
	}
	for _, tt := range []struct {
		name string
		list []power.WindowsBattery
		want power.SystemBattery
	}{
		{"nothing known of each", nil, state},
		{"two batteries, a power supply and one in percent", []power.WindowsBattery{main, supply, second, percent}, both},
		{"a power supply alone", []power.WindowsBattery{supply}, power.SystemBattery{}},
		{"one that does not tell its charge", []power.WindowsBattery{main, rateless}, power.SystemBattery{Present: true, Discharging: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := state.Of(tt.list); got != tt.want {
				t.Errorf("got %+v; want %+v", got, tt.want)
			}
		})
	}
}

// Whatever Windows answers, there is a battery or an error, and no amount is negative.
func FuzzSystemBattery(f *testing.F) {
	f.Add(winState([4]byte{0, 1, 0, 1}, 50_000, 20_000, negative(9120)), winInformation(winSystem, 50_000), winStatus(2, 20_000, negative(9120)))
	f.Add(winState([4]byte{1, 1, 1, 1}, unknown32, unknown32, unknownRate), winInformation(unknown32, unknown32), winStatus(unknown32, unknown32, unknownRate))
	f.Add([]byte{}, []byte{}, []byte{})
	f.Fuzz(func(t *testing.T, state, information, status []byte) {
		s, err := power.ParseSystemBattery(state)
		if err != nil {
			return
		}
		b, err := power.ParseWindowsBattery(information, status)
		if err != nil {
			return
		}
		for _, got := range []power.SystemBattery{s, b.SystemBattery, s.Of([]power.WindowsBattery{b, b})} {
			if got.Full < 0 || got.Remaining < 0 || (!got.HasRemaining && got.Remaining != 0) || (!got.HasRate && got.Rate != 0) {
				t.Errorf("got %+v", got)
			}
		}
	})
}

func TestTheBatteriesOfWindowsAreAMeterWhileTheyFeedTheMachine(t *testing.T) {
	full := power.SystemBattery{Present: true, Discharging: true, Full: 50 * 3600 * power.Joule, Remaining: 40 * 3600 * power.Joule, HasRemaining: true}
	later := full
	later.Remaining -= 360 * power.Joule
	other, mains, mute := later, later, later
	other.Full -= power.Joule * 36_000
	mains.OnMains = true
	mute.HasRemaining = false
	for _, tt := range []struct {
		name string
		now  power.SystemBattery
		err  error // of the reading
		want error
	}{
		{"discharging", later, nil, nil},
		{"on mains", mains, nil, power.ErrIdle},
		{"another battery", other, nil, power.ErrReset},
		{"one that does not say what is left", mute, nil, errAny},
		{"one that cannot be read", power.SystemBattery{}, errAny, errAny},
		{"none any more", power.SystemBattery{}, nil, power.ErrIdle},
	} {
		now, failed := full, error(nil)
		b, err := power.NewSystemBattery(func() (power.SystemBattery, error) { return now, failed })
		if err != nil {
			t.Fatal(err)
		}
		now, failed = tt.now, tt.err
		list, err := b.Advance(minute())
		switch {
		case tt.want == nil && (err != nil || len(list) != 1 || list[0].Energy != 360*power.Joule):
			t.Errorf("%s: %+v, %v; want 360 J", tt.name, list, err)
		case tt.want != nil && (err == nil || len(list) > 0 || (!errors.Is(tt.want, errAny) && !errors.Is(err, tt.want))):
			t.Errorf("%s: %+v, %v; want %v", tt.name, list, err, tt.want)
		}
	}
	if _, err := power.NewSystemBattery(power.ReadSystemBattery); runtime.GOOS != "windows" && !errors.Is(err, power.ErrNoMeter) {
		t.Errorf("without Windows: %v; want ErrNoMeter", err)
	}
}

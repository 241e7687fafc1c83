package power_test

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"veille/agent/power"
)

// emiChannel is a channel as a driver writes it: the name may be padded, and its size in bytes is size unless that is 0.
type emiChannel struct {
	unit int32
	name string
	size int
}

func named(names ...string) []emiChannel {
	var list []emiChannel
	for _, name := range names {
		list = append(list, emiChannel{name: name + "\x00"})
	}
	return list
}

func utf16Bytes(s string, size int) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	if size == 0 {
		return b
	}
	return append(b, make([]byte, max(0, size-len(b)))...)[:size]
}

// emiV2 is EMI_METADATA_V2 of a device with these channels.
func emiV2(channels ...emiChannel) []byte {
	b := append(utf16Bytes("Maker", 32), utf16Bytes("Model of sixteen", 32)...) // the second has no room for a zero
	b = binary.LittleEndian.AppendUint16(b, 7)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(channels)))
	for _, c := range channels {
		name := utf16Bytes(c.name, c.size)
		b = binary.LittleEndian.AppendUint32(b, uint32(c.unit))
		b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
		b = append(b, name...)
	}
	return b
}

// emiV1 is EMI_METADATA_V1 of a device with this channel.
func emiV1(c emiChannel) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(c.unit))
	b = append(b, utf16Bytes("Maker", 32)...)
	b = append(b, utf16Bytes("Model\x00junk", 32)...)
	b = binary.LittleEndian.AppendUint16(b, 7)
	name := utf16Bytes(c.name, c.size)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
	return append(b, name...)
}

// emiMeasured is the measurement of channels that counted so many joules.
func emiMeasured(joules ...float64) []byte {
	var b []byte
	for i, j := range joules {
		b = binary.LittleEndian.AppendUint64(b, uint64(math.Round(j/3.6e-9)))
		b = binary.LittleEndian.AppendUint64(b, uint64(1000+i))
	}
	return b
}

// emiRecorded is a device that gives recorded answers.
type emiRecorded struct {
	metadata    []byte
	version     uint16
	metadataErr error
	measurement []byte
	measureErr  error

	measured, closed int
}

func (d *emiRecorded) Metadata() ([]byte, uint16, error) { return d.metadata, d.version, d.metadataErr }

func (d *emiRecorded) Measure(int) ([]byte, error) {
	d.measured++
	return d.measurement, d.measureErr
}

func (d *emiRecorded) Close() error {
	d.closed++
	return nil
}

func emiDevice(joules float64, name string) *emiRecorded {
	return &emiRecorded{metadata: emiV2(named(name)...), version: 2, measurement: emiMeasured(joules)}
}

func newEMI(t *testing.T, devices ...*emiRecorded) *power.EMI {
	t.Helper()
	e, err := power.NewEMI(emiList(devices))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func emiList(devices []*emiRecorded) []power.EMIDevice {
	var list []power.EMIDevice
	for _, d := range devices {
		list = append(list, d)
	}
	return list
}

// emiAlone is the figure of that many joules in a minute.
func emiAlone(joules float64) []power.Figure {
	e := func(j float64) power.Energy { return power.Energy(math.Round(j * float64(power.Joule))) }
	return []power.Figure{{
		Energy: e(joules), Low: e(joules * .95), High: e(joules * 1.05),
		Method: power.MethodEMI, Scope: power.ScopeCPU, Covered: time.Minute,
	}}
}

// emiRounded is the figures without their last two digits: a reading in pWh is up to 1 µJ away from whole joules.
func emiRounded(list []power.Figure) []power.Figure {
	round := func(e power.Energy) power.Energy { return (e + 50) / 100 * 100 }
	for i, f := range list {
		list[i].Energy, list[i].Low, list[i].High = round(f.Energy), round(f.Low), round(f.High)
	}
	return list
}

func TestEMIMetadataIsReadAsItsHeaderLaysItOut(t *testing.T) {
	const pkg, dram, model = "RAPL_Package0_PKG", "RAPL_Package0_DRAM", "Model of sixteen"
	odd := emiV2(emiChannel{name: pkg, size: 37}, emiChannel{name: dram, size: 39})
	for _, tt := range []struct {
		name    string
		b       []byte
		version uint16
		model   string
		want    []power.EMIChannel
	}{
		{"version 1", emiV1(emiChannel{name: pkg + "\x00"}), 1, "Model", []power.EMIChannel{{Name: pkg}}},
		{"version 1 without a name", emiV1(emiChannel{}), 1, "Model", []power.EMIChannel{{}}},
		{"version 1, another unit", emiV1(emiChannel{unit: -2, name: pkg}), 1, "Model", []power.EMIChannel{{pkg, -2}}},
		{"version 2", emiV2(named(pkg, dram)...), 2, model, []power.EMIChannel{{Name: pkg}, {Name: dram}}},
		{"two packages", emiV2(named(pkg, "RAPL_Package1_PKG")...), 2, model, []power.EMIChannel{{Name: pkg}, {Name: "RAPL_Package1_PKG"}}},
		{"an odd size, and what follows unaligned", odd, 2, model, []power.EMIChannel{{Name: pkg}, {Name: dram}}},
		{"no zero at the end", emiV2(emiChannel{name: pkg}), 2, model, []power.EMIChannel{{Name: pkg}}},
		{"padded with spaces", emiV2(emiChannel{name: "  " + pkg + "     \x00"}), 2, model, []power.EMIChannel{{Name: pkg}}},
		{"padded with zeros, and rubbish after them", emiV2(emiChannel{name: pkg + "\x00\x00rubbish"}), 2, model, []power.EMIChannel{{Name: pkg}}},
		{"half a surrogate pair", append(emiV2(named("A")...)[:68+6], 0x00, 0xD8, 0, 0), 2, model, []power.EMIChannel{{Name: "\uFFFD"}}},
		{"no channels", emiV2(), 2, model, nil},
		{"more bytes than channels", append(emiV2(named(pkg)...), 1, 2, 3), 2, model, []power.EMIChannel{{Name: pkg}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := power.ParseEMIMetadata(tt.b, tt.version)
			if err != nil || got.OEM != "Maker" || got.Model != tt.model || got.Revision != 7 || !slices.Equal(got.Channels, tt.want) {
				t.Errorf("got %+v, %v; want Maker, %q, 7 and %+v", got, err, tt.model, tt.want)
			}
		})
	}
}

func TestAnEMIAnswerThatLiesIsRefused(t *testing.T) {
	patched := func(b []byte, at int, value uint16) []byte {
		b = slices.Clone(b)
		binary.LittleEndian.PutUint16(b[at:], value)
		return b
	}
	v1, v2 := emiV1(named("RAPL_Package0_PKG")[0]), emiV2(named("RAPL_Package0_PKG", "RAPL_Package0_DRAM")...)
	for _, tt := range []struct {
		name    string
		b       []byte
		version uint16
		want    string
	}{
		{"no version", v2, 0, "version 0"},
		{"a later version", v2, 3, "version 3"},
		{"one channel too many", patched(v2, 66, 3), 2, "3 channels announced, and the metadata ends after 2"},
		{"as many channels as can be", patched(v2, 66, 65535), 2, "65535 channels announced, and the metadata ends after 2"},
		{"a name longer than all", patched(v2, 68+4, 65535), 2, "the name of channel 0 has 65535 bytes"},
		{"a name longer by one", patched(v2, 68+6+36+4, 39), 2, "the name of channel 1 has 39 bytes, and 38 are left"},
		{"a name longer than all, version 1", patched(v1, 70, 65535), 1, "a name of 65535 bytes in 108 bytes"},
		{"a name longer by one, version 1", patched(v1, 70, 37), 1, "a name of 37 bytes in 108 bytes"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := power.ParseEMIMetadata(tt.b, tt.version)
			if err == nil || !strings.Contains(err.Error(), tt.want) || got.Channels != nil {
				t.Errorf("got %+v, %v; want an error with %q", got, err, tt.want)
			}
		})
	}
	for version, whole := range map[uint16][]byte{1: v1, 2: v2} {
		for n := range whole {
			if got, err := power.ParseEMIMetadata(whole[:n], version); err == nil {
				t.Errorf("the first %d of %d bytes of version %d give %+v", n, len(whole), version, got)
			}
		}
	}
}

func TestAnEMICounterIsInMicrojoulesWhateverItsSize(t *testing.T) {
	for _, tt := range []struct {
		picowattHours uint64
		want          power.Energy
	}{
		{0, 0},
		{277, 0}, // 0.9972 µJ
		{278, 1},
		{2500, 9},
		{1_000_000_000_000, 3600 * power.Joule}, // 1 Wh
		{math.MaxInt64, 33_204_139_332_677_192}, // 9 223 372 036 854 775 807 × 9 ÷ 2500
		{math.MaxUint64, 66_408_278_665_354_385},
	} {
		b := binary.LittleEndian.AppendUint64(nil, tt.picowattHours)
		b = binary.LittleEndian.AppendUint64(b, math.MaxUint64)
		got, err := power.ParseEMIMeasurement(b, 1)
		if err != nil || len(got) != 1 || got[0] != (power.EMIReading{Energy: tt.want, Ticks: math.MaxUint64}) {
			t.Errorf("%d pWh are %+v, %v; want %d µJ", tt.picowattHours, got, err, tt.want)
		}
	}
}

func TestAnEMIMeasurementHasAReadingForEachChannel(t *testing.T) {
	b := emiMeasured(1, 2, 3)
	if got, err := power.ParseEMIMeasurement(b, 2); err != nil || len(got) != 2 || got[1].Energy != 2*power.Joule || got[1].Ticks != 1001 {
		t.Errorf("two of three channels: %+v, %v", got, err)
	}
	for _, tt := range []struct {
		b        []byte
		channels int
	}{{b, 4}, {b[:47], 3}, {nil, 1}, {b, -1}, {b, math.MaxInt}, {b, math.MinInt}} {
		if got, err := power.ParseEMIMeasurement(tt.b, tt.channels); err == nil {
			t.Errorf("%d bytes for %d channels give %+v", len(tt.b), tt.channels, got)
		}
	}
	if got, err := power.ParseEMIMeasurement(nil, 0); err != nil || len(got) != 0 {
		t.Errorf("no channels: %+v, %v", got, err)
	}
}

// The shape of codecarbon's pull request 1263: sixteen cores, each with a device of its own, one of which shows the
// package as well. Adding all up said 265 W of a processor that drew 154 W.
func TestEMICountsAPackageOnceWhicheverDevicesShowItsCores(t *testing.T) {
	first := &emiRecorded{metadata: emiV2(named("RAPL_Package0_Core0_CORE", "RAPL_Package0_PKG")...), version: 2, measurement: emiMeasured(70, 1000)}
	devices := []*emiRecorded{first}
	for _, core := range []string{"1", "2", "10"} {
		devices = append(devices, emiDevice(70, "RAPL_Package0_Core"+core+"_CORE"))
	}
	e := newEMI(t, devices...)
	if got := e.Zones(); !slices.Equal(got, []string{"RAPL_Package0_PKG"}) {
		t.Errorf("the sum is of %v; want the package alone", got)
	}
	if got := e.Left(); len(got) != 4 || got[3] != (power.Left{Name: "RAPL_Package0_Core10_CORE", Why: "inside RAPL_Package0_PKG"}) {
		t.Errorf("left out are %v; want four cores", got)
	}
	first.measurement = emiMeasured(507, 1000+9240) // 154 W
	if got, err := e.Advance(minute()); err != nil || !slices.Equal(emiRounded(got), emiAlone(9240)) {
		t.Errorf("got %+v, %v; want %+v", got, err, emiAlone(9240))
	}
	if first.measured != 2 || devices[1].measured != 0 {
		t.Errorf("the package was measured %d times in one interval and a core %d times; want twice and never", first.measured, devices[1].measured)
	}
}

func TestEMICountsPackagesAndMemoryAndSaysWhatItLeavesOut(t *testing.T) {
	d := &emiRecorded{
		metadata: emiV2(append(named("RAPL_Package0_PKG", "RAPL_Package0_PP0", "RAPL_Package0_PP1", "RAPL_Package0_DRAM", "Battery"),
			emiChannel{unit: 1, name: "RAPL_Package1_PKG"})...),
		version: 2, measurement: emiMeasured(1000, 700, 20, 90, 5, 4000),
	}
	e := newEMI(t, d)
	if got := e.Zones(); !slices.Equal(got, []string{"RAPL_Package0_DRAM", "RAPL_Package0_PKG"}) {
		t.Errorf("the sum is of %v; want the package and its memory", got)
	}
	want := []power.Left{
		{Name: "RAPL_Package1_PKG", Why: "counts in a unit that is not known: 1"},
		{Name: "RAPL_Package0_PP0", Why: "inside RAPL_Package0_PKG"},
		{Name: "RAPL_Package0_PP1", Why: "inside RAPL_Package0_PKG"},
		{Name: "Battery", Why: "neither a processor package nor memory"},
	}
	if got := e.Left(); !slices.Equal(got, want) {
		t.Errorf("left out are %v; want %v", got, want)
	}
	d.measurement = emiMeasured(1600, 1100, 30, 150, 6, 9000)
	if got, err := e.Advance(minute()); err != nil || !slices.Equal(emiRounded(got), emiAlone(660)) {
		t.Errorf("got %+v, %v; want %+v", got, err, emiAlone(660))
	}
}

func TestEMIPackagesThatShowOneCounterAreCountedOnce(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before, after [2]float64 // joules of two packages
		used          float64    // 0: nobody knows yet
		zones         int
	}{
		{"two sockets", [2]float64{1000, 1200}, [2]float64{1600, 1500}, 900, 2},
		{"two sockets that used the same", [2]float64{1000, 1200}, [2]float64{1600, 1800}, 1200, 2},
		{"a mirror", [2]float64{1000, 1000.02}, [2]float64{1600, 1600.03}, 600, 1},
		{"too young to tell", [2]float64{1, 1}, [2]float64{50, 50}, 0, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, b := emiDevice(tt.before[0], "RAPL_Package0_PKG"), emiDevice(tt.before[1], "RAPL_Package1_PKG")
			e := newEMI(t, a, b)
			a.measurement, b.measurement = emiMeasured(tt.after[0]), emiMeasured(tt.after[1])
			got, err := e.Advance(minute())
			if tt.used == 0 {
				if !errors.Is(err, power.ErrTwins) || got != nil {
					t.Errorf("got %+v, %v; want ErrTwins", got, err)
				}
			} else if err != nil || !slices.Equal(emiRounded(got), emiAlone(tt.used)) {
				t.Errorf("got %+v, %v; want %+v", got, err, emiAlone(tt.used))
			}
			if got := e.Zones(); len(got) != tt.zones {
				t.Errorf("the sum is of %v; want %d of them", got, tt.zones)
			}
			if left := (power.Left{Name: "RAPL_Package1_PKG", Why: "shows the counter of RAPL_Package0_PKG"}); slices.Contains(e.Left(), left) != (tt.zones == 1) {
				t.Errorf("left out are %v", e.Left())
			}
		})
	}
}

func TestTwoEMISocketsOfTwoDiesEachAreTwoCounters(t *testing.T) {
	var devices []*emiRecorded
	show := func(joules ...float64) {
		for i, d := range devices {
			d.measurement = emiMeasured(joules[i])
		}
	}
	for _, n := range "0123" {
		devices = append(devices, emiDevice(5, "RAPL_Package"+string(n)+"_PKG"))
	}
	e := newEMI(t, devices...)
	show(50, 50, 54, 54) // the sockets are told apart, the dies of each are not
	if got, err := e.Advance(minute()); !errors.Is(err, power.ErrTwins) || got != nil || len(e.Zones()) != 4 {
		t.Errorf("a young machine: %+v, %v of %v; want ErrTwins", got, err, e.Zones())
	}
	show(650, 650, 354, 354)
	if got, err := e.Advance(minute()); err != nil || !slices.Equal(emiRounded(got), emiAlone(900)) {
		t.Errorf("got %+v, %v; want %+v", got, err, emiAlone(900))
	}
	want := []power.Left{
		{Name: "RAPL_Package1_PKG", Why: "shows the counter of RAPL_Package0_PKG"},
		{Name: "RAPL_Package3_PKG", Why: "shows the counter of RAPL_Package2_PKG"},
	}
	if got := e.Left(); !slices.Equal(got, want) {
		t.Errorf("left out are %v; want %v", got, want)
	}
	show(1000, 1000, 1000, 1000) // by chance
	if got, err := e.Advance(minute()); err != nil || !slices.Equal(emiRounded(got), emiAlone(996)) {
		t.Errorf("later: got %+v, %v; want %+v", got, err, emiAlone(996))
	}
}

func TestAMirroredEMIMemoryIsCountedOnceBesideTheMirroredPackage(t *testing.T) {
	d := &emiRecorded{
		metadata: emiV2(named("RAPL_Package0_PKG", "RAPL_Package0_DRAM", "RAPL_Package1_PKG", "RAPL_Package1_DRAM")...),
		version:  2, measurement: emiMeasured(1000, 1000, 1000, 1000), // memory is no twin of a package
	}
	e := newEMI(t, d)
	d.measurement = emiMeasured(1060, 1060, 1060, 1060)
	if got, err := e.Advance(minute()); err != nil || !slices.Equal(emiRounded(got), emiAlone(120)) {
		t.Errorf("got %+v, %v; want %+v", got, err, emiAlone(120))
	}
	d.measurement = emiMeasured(1120, 1090, 1120, 1090)
	if got, err := e.Advance(minute()); err != nil || !slices.Equal(emiRounded(got), emiAlone(90)) {
		t.Errorf("later: got %+v, %v; want %+v", got, err, emiAlone(90))
	}
}

func TestAnEMIIntervalWithoutAnAnswerIsAbsentAndTheNextOneCounts(t *testing.T) {
	errGone := errors.New("the device is gone")
	for _, tt := range []struct {
		name   string
		joules float64
		broken error
		short  bool
		over   power.Interval
		want   error
	}{
		{"fell", 400, nil, false, minute(), power.ErrReset},
		{"stood still", 1000, nil, false, minute(), power.ErrDead},
		{"stood still for ten seconds", 1000, nil, false, power.Interval{Elapsed: 10 * time.Second}, power.ErrDead},
		{"slept", 1300, nil, false, power.Interval{Elapsed: time.Minute, Suspended: true}, power.ErrSuspended},
		{"rose by more than any processor uses", 1000 + 61_000, nil, false, minute(), power.ErrJump},
		{"gone", 1300, errGone, false, minute(), errGone},
		{"cut short", 1300, nil, true, minute(), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := emiDevice(1000, "RAPL_Package0_PKG")
			e := newEMI(t, d)
			d.measurement, d.measureErr = emiMeasured(tt.joules), tt.broken
			if tt.short {
				d.measurement = d.measurement[:15]
			}
			got, err := e.Advance(tt.over)
			if err == nil || (tt.want != nil && !errors.Is(err, tt.want)) || got != nil || !strings.Contains(err.Error(), "RAPL_Package0_PKG") {
				t.Errorf("got %+v, %v; want no figure and %v", got, err, tt.want)
			}
			d.measurement, d.measureErr = emiMeasured(tt.joules+60), nil
			got, err = e.Advance(minute())
			if lost := tt.short || tt.broken != nil; lost && !errors.Is(err, power.ErrLost) {
				t.Errorf("after a lost reading: %+v, %v; want ErrLost", got, err)
			} else if !lost && (err != nil || !slices.Equal(emiRounded(got), emiAlone(60))) {
				t.Errorf("the next: %+v, %v; want %+v", got, err, emiAlone(60))
			}
			d.measurement = emiMeasured(tt.joules + 180)
			if got, err := e.Advance(minute()); err != nil || !slices.Equal(emiRounded(got), emiAlone(120)) {
				t.Errorf("the one after: %+v, %v; want %+v", got, err, emiAlone(120))
			}
		})
	}
}

func TestAPackageOfEMIThatIsMissingLeavesNoPartialSum(t *testing.T) {
	a, b := emiDevice(1000, "RAPL_Package0_PKG"), emiDevice(3000, "RAPL_Package1_PKG")
	e := newEMI(t, a, b)
	a.measurement, b.measureErr = emiMeasured(1600), errors.New("the device is gone")
	if got, err := e.Advance(minute()); got != nil || !errors.Is(err, b.measureErr) {
		t.Errorf("got %+v, %v; want no figure", got, err)
	}
}

func TestEMIMemoryThatStandsAtZeroDoesNotSilenceThePackage(t *testing.T) {
	d := &emiRecorded{
		metadata: emiV2(named("RAPL_Package0_PKG", "RAPL_Package0_DRAM", "RAPL_Package1_DRAM")...),
		version:  2, measurement: emiMeasured(1000, 0, 0),
	}
	e := newEMI(t, d)
	d.measurement = emiMeasured(1060, 0, 0)
	if got, err := e.Advance(minute()); err != nil || !slices.Equal(emiRounded(got), emiAlone(60)) {
		t.Errorf("got %+v, %v; want %+v", got, err, emiAlone(60))
	}
	want := []power.Left{{Name: "RAPL_Package0_DRAM", Why: "stands at zero"}, {Name: "RAPL_Package1_DRAM", Why: "stands at zero"}}
	if got := e.Left(); !slices.Equal(got, want) {
		t.Errorf("left out are %v; want %v", got, want)
	}
	d.measurement = emiMeasured(1060, 0, 0)
	if got, err := e.Advance(minute()); got != nil || !errors.Is(err, power.ErrDead) {
		t.Errorf("the package stood still: %+v, %v; want ErrDead", got, err)
	}
}

func TestEMIThatCannotBeAMeterGivesItsDevicesBack(t *testing.T) {
	denied := errors.New("access is denied")
	for _, tt := range []struct {
		name    string
		devices []*emiRecorded
		want    error
	}{
		{"no devices", nil, power.ErrNoMeter},
		{"a metering chip of a tablet", []*emiRecorded{emiDevice(5, "GPU"), emiDevice(5, "SSD")}, power.ErrNoMeter},
		{"memory alone", []*emiRecorded{emiDevice(5, "RAPL_Package0_DRAM")}, power.ErrNoMeter},
		{"a name without a letter", []*emiRecorded{emiDevice(5, "")}, power.ErrNoMeter},
		{"metadata denied", []*emiRecorded{emiDevice(5, "RAPL_Package0_PKG"), {metadataErr: denied}}, denied},
		{"metadata of nothing", []*emiRecorded{emiDevice(5, "RAPL_Package0_PKG"), {version: 2}}, nil},
		{"measurement denied", []*emiRecorded{{metadata: emiV1(named("PKG")[0]), version: 1, measureErr: denied}}, denied},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := power.NewEMI(emiList(tt.devices))
			if e != nil || err == nil || (tt.want != nil && !errors.Is(err, tt.want)) {
				t.Errorf("got %v, %v; want %v", e, err, tt.want)
			}
			for _, d := range tt.devices {
				if d.closed != 1 {
					t.Errorf("a device was closed %d times; want once", d.closed)
				}
			}
		})
	}
}

func TestEMIOfVersionOneCountsAndClosesItsDevices(t *testing.T) {
	d := &emiRecorded{metadata: emiV1(named("RAPL_Package0_PKG")[0]), version: 1, measurement: emiMeasured(1000)}
	e := newEMI(t, d)
	d.measurement = emiMeasured(1060)
	if got, err := e.Advance(minute()); err != nil || !slices.Equal(emiRounded(got), emiAlone(60)) {
		t.Errorf("got %+v, %v; want %+v", got, err, emiAlone(60))
	}
	if err := e.Close(); err != nil || d.closed != 1 {
		t.Errorf("closed %d times, %v", d.closed, err)
	}
}

// Whatever meters this machine has, asking for them ends in a meter or in a reason.
func TestTheEMIOfThisMachineAnswers(t *testing.T) {
	devices, err := power.EMIDevices()
	if err != nil {
		t.Log(err)
		if devices != nil || !errors.Is(err, power.ErrNoMeter) {
			t.Errorf("got %v, %v; want ErrNoMeter", devices, err)
		}
		return
	}
	e, err := power.NewEMI(devices)
	if err != nil {
		t.Skip(err)
	}
	t.Logf("counts %v, leaves %v", e.Zones(), e.Left())
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// Whatever a driver answers, there is a figure or an error: no crash, no negative energy, no power that cannot be.
func FuzzEMI(f *testing.F) {
	f.Add(emiV2(named("RAPL_Package0_PKG", "RAPL_Package0_DRAM")...), uint16(2), emiMeasured(1000, 0), emiMeasured(1060, 0), int64(60))
	f.Add(emiV2(named("RAPL_Package0_PKG", "RAPL_Package1_PKG")...), uint16(2), emiMeasured(1000, 1000), emiMeasured(1060, 1060), int64(60))
	f.Add(emiV1(emiChannel{name: "PKG", size: 7}), uint16(1), emiMeasured(1), emiMeasured(5e9), int64(3600))
	f.Add([]byte{}, uint16(9), []byte{}, []byte{}, int64(-1))
	f.Fuzz(func(t *testing.T, metadata []byte, version uint16, before, after []byte, seconds int64) {
		m, err := power.ParseEMIMetadata(metadata, version)
		if err == nil {
			for _, c := range m.Channels {
				if c.Name != strings.TrimSpace(c.Name) || strings.ContainsRune(c.Name, 0) {
					t.Errorf("a channel is named %q", c.Name)
				}
			}
		}
		d := &emiRecorded{metadata: metadata, version: version, measurement: before}
		e, err := power.NewEMI([]power.EMIDevice{d})
		if err != nil {
			return
		}
		d.measurement = after
		over := power.Interval{Elapsed: time.Duration(seconds%86_400) * time.Second}
		list, err := e.Advance(over)
		if (len(list) == 0) == (err == nil) {
			t.Errorf("got %+v and %v", list, err)
		}
		for _, got := range list {
			most := 1000 * over.Elapsed.Seconds() * float64(len(e.Zones()))
			if got.Energy < 0 || got.Energy.Joules() > most || got.Low > got.Energy || got.Energy > got.High {
				t.Errorf("%v gives %+v", over, got)
			}
		}
	})
}

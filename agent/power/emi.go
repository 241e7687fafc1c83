package power

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// EMIDevice is one device of the Windows Energy Meter Interface, as emi.h of the Windows SDK describes it.
type EMIDevice interface {
	// Metadata is the answer to IOCTL_EMI_GET_METADATA, with the version of the interface it is in.
	Metadata() (b []byte, version uint16, err error)
	// Measure is the answer to IOCTL_EMI_GET_MEASUREMENT of a device with that many channels.
	Measure(channels int) ([]byte, error)
	// Close gives the device back.
	Close() error
}

// EMIMetadata is what a device of the Energy Meter Interface says of itself.
type EMIMetadata struct {
	OEM, Model string
	Revision   uint16
	Channels   []EMIChannel
}

// EMIChannel is one counter of a device. Unit is EMIPicowattHours in every version of the interface so far.
type EMIChannel struct {
	Name string // RAPL_Package0_PKG, without padding
	Unit int32
}

// EMIReading is the counter of a channel and the time it was read, in units of 100 ns. Both have a zero of their own.
type EMIReading struct {
	Energy Energy
	Ticks  uint64
}

// EMIPicowattHours is the unit that counters are in: EmiMeasurementUnitPicowattHours.
const EMIPicowattHours int32 = 0

// The layout of the answers in bytes, little-endian and packed. Names are UTF-16, and their sizes are in bytes.
const (
	emiName      = 32                    // WCHAR[EMI_NAME_MAX]: the maker, the model
	emiV1Header  = 4 + 2*emiName + 2 + 2 // unit, maker, model, revision, size of the name that follows
	emiV2Header  = 2*emiName + 2 + 2     // maker, model, revision, number of channels
	emiV2Channel = 4 + 2                 // unit, size of the name that follows
	emiReading   = 8 + 8                 // energy, time
)

// ParseEMIMetadata reads EMI_METADATA_V1 or EMI_METADATA_V2. What follows the last channel is ignored.
func ParseEMIMetadata(b []byte, version uint16) (EMIMetadata, error) {
	switch version {
	case 1:
		return parseEMIV1(b)
	case 2:
		return parseEMIV2(b)
	}
	return EMIMetadata{}, fmt.Errorf("energy meter: version %d of its interface is not known", version)
}

func parseEMIV1(b []byte) (EMIMetadata, error) {
	if len(b) < emiV1Header {
		return EMIMetadata{}, fmt.Errorf("energy meter: metadata of %d bytes is shorter than its header of %d", len(b), emiV1Header)
	}
	name := b[emiV1Header:]
	size := int(binary.LittleEndian.Uint16(b[emiV1Header-2:]))
	if size > len(name) {
		return EMIMetadata{}, fmt.Errorf("energy meter: a name of %d bytes in %d bytes of metadata", size, len(b))
	}
	m := emiHardware(b[4:])
	m.Channels = []EMIChannel{{wide(name[:size]), emiUnit(b)}}
	return m, nil
}

func parseEMIV2(b []byte) (EMIMetadata, error) {
	if len(b) < emiV2Header {
		return EMIMetadata{}, fmt.Errorf("energy meter: metadata of %d bytes is shorter than its header of %d", len(b), emiV2Header)
	}
	m := emiHardware(b)
	count := int(binary.LittleEndian.Uint16(b[emiV2Header-2:]))
	rest := b[emiV2Header:]
	for i := range count {
		if len(rest) < emiV2Channel {
			return EMIMetadata{}, fmt.Errorf("energy meter: %d channels announced, and the metadata ends after %d", count, i)
		}
		unit, size := emiUnit(rest), int(binary.LittleEndian.Uint16(rest[emiV2Channel-2:]))
		rest = rest[emiV2Channel:]
		if size > len(rest) {
			return EMIMetadata{}, fmt.Errorf("energy meter: the name of channel %d has %d bytes, and %d are left", i, size, len(rest))
		}
		m.Channels = append(m.Channels, EMIChannel{wide(rest[:size]), unit})
		rest = rest[size:] // an odd size leaves all that follows unaligned, and is meant so
	}
	return m, nil
}

// emiHardware reads the three fields that both versions have in common.
func emiHardware(b []byte) EMIMetadata {
	return EMIMetadata{
		OEM:      wide(b[:emiName]),
		Model:    wide(b[emiName : 2*emiName]),
		Revision: binary.LittleEndian.Uint16(b[2*emiName:]),
	}
}

func emiUnit(b []byte) int32 { return int32(binary.LittleEndian.Uint32(b)) }

// wide is the UTF-16 text in b up to its first zero, without the spaces that some drivers pad it with. Half a character
// at the end is dropped.
func wide(b []byte) string {
	var units []uint16
	for ; len(b) >= 2; b = b[2:] {
		unit := binary.LittleEndian.Uint16(b)
		if unit == 0 {
			break
		}
		units = append(units, unit)
	}
	return strings.TrimSpace(string(utf16.Decode(units)))
}

// ParseEMIMeasurement reads the counters of a device with that many channels, in their order: EMI_MEASUREMENT_DATA_V1 or
// EMI_MEASUREMENT_DATA_V2, which are alike. What follows the last is ignored.
func ParseEMIMeasurement(b []byte, channels int) ([]EMIReading, error) {
	if channels < 0 || len(b)/emiReading < channels {
		return nil, fmt.Errorf("energy meter: %d bytes are no measurement of %d channels", len(b), channels)
	}
	list := make([]EMIReading, channels)
	for i := range list {
		at := b[i*emiReading:]
		list[i] = EMIReading{picowattHours(binary.LittleEndian.Uint64(at)), binary.LittleEndian.Uint64(at[8:])}
	}
	return list, nil
}

// picowattHours is n pWh, of which 2500 are 9 µJ. Whole multiples come first: n*9 may not fit in 64 bits. The result
// always does, with a factor of 100 to spare.
func picowattHours(n uint64) Energy { return Energy(n/2500*9 + n%2500*9/2500) }

// EMI is the energy counters of the processors that Windows 11 shows through its Energy Meter Interface: those of RAPL,
// which its own driver reads. It counts each package and the memory outside it. There is no counter of the whole machine.
type EMI struct {
	processors
	devices []EMIDevice
	sources []*emiSource
}

// NewEMI chooses the counters among those of all devices, and reads them for the first time. It answers ErrNoMeter when
// none of them is of a processor package. The devices are the meter's from here on: Close closes them, and NewEMI does
// when it fails.
func NewEMI(devices []EMIDevice) (*EMI, error) {
	e := &EMI{devices: devices, processors: processors{
		method: MethodEMI, kin: emiKind, memory: func(z *zone) bool { return emiKind(z) == emiMemory },
	}}
	if err := e.start(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// NoPackageError says that there are energy meters, and none of them of a processor package. It is an ErrNoMeter.
type NoPackageError struct{ Channels []string }

// Error names the meters that there are.
func (e NoPackageError) Error() string {
	return fmt.Sprintf("energy meters %v: none is of a processor package", e.Channels)
}

// Unwrap is ErrNoMeter.
func (e NoPackageError) Unwrap() error { return ErrNoMeter }

func (e *EMI) start() error {
	zones, err := e.zones()
	if err != nil {
		return err
	}
	e.cpu = cutAt(e.tree(zones), func(z *zone) bool { return emiKind(z) != "" })
	if !slices.ContainsFunc(e.cpu.zones, func(z *zone) bool { return emiKind(z) == emiPackage }) {
		var channels []string
		for _, z := range zones {
			channels = append(channels, z.name)
		}
		return NoPackageError{channels}
	}
	e.suspects = e.cpu.zones
	return e.cpu.start()
}

// zones are the channels of all devices that count in a unit we know. A device that does not say what it counts makes
// the sum of the others doubtful, so there is none.
func (e *EMI) zones() ([]*zone, error) {
	var list []*zone
	for _, d := range e.devices {
		b, version, err := d.Metadata()
		if err != nil {
			return nil, err
		}
		m, err := ParseEMIMetadata(b, version)
		if err != nil {
			return nil, err
		}
		source := &emiSource{device: d, channels: len(m.Channels)}
		e.sources = append(e.sources, source)
		for i, c := range m.Channels {
			if c.Unit != EMIPicowattHours {
				e.leave(c.Name, fmt.Sprintf("counts in a unit that is not known: %d", c.Unit))
				continue
			}
			list = append(list, &zone{name: c.Name, read: func() (Energy, error) { return source.read(i, c.Name) }})
		}
	}
	return list, nil
}

// tree is the zones as they contain one another: RAPL_Package0_Core3_CORE, _PP0 (cores) and _PP1 (graphics) are inside
// RAPL_Package0_PKG, whichever device shows them. On some machines each core has a device of its own.
func (e *EMI) tree(zones []*zone) []*zone {
	packages := slices.DeleteFunc(slices.Clone(zones), func(z *zone) bool { return emiKind(z) != emiPackage })
	var roots []*zone
	for _, z := range zones {
		above := slices.IndexFunc(packages, func(p *zone) bool {
			before, _, _ := strings.Cut(p.name, emiPackage)
			return before != "" && strings.HasPrefix(z.name, before)
		})
		switch {
		case emiKind(z) != "":
			roots = append(roots, z)
		case above >= 0:
			packages[above].inside = append(packages[above].inside, z)
			e.leave(z.name, "inside "+packages[above].name)
		default:
			e.leave(z.name, "neither a processor package nor memory")
		}
	}
	return roots
}

// The kinds of channels that count, as they are called in a channel's name.
const (
	emiPackage = "PKG"
	emiMemory  = "DRAM"
)

// emiKind is the kind of a channel, or empty when it does not count.
func emiKind(z *zone) string {
	for _, kind := range []string{emiPackage, emiMemory} {
		if strings.Contains(z.name, kind) {
			return kind
		}
	}
	return ""
}

// Advance is the energy of the processors. A counter that stands still is dead, and not a processor that uses nothing:
// AMD processors have been seen that way.
func (e *EMI) Advance(over Interval) ([]Figure, error) {
	for _, s := range e.sources {
		s.fresh = false
	}
	f, err := e.count(over)
	if err != nil {
		return nil, err
	}
	return []Figure{f}, nil
}

// Close closes the devices.
func (e *EMI) Close() error {
	var errs []error
	for _, d := range e.devices {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}

// emiSource is a device with its last answer. It is asked once in an interval, when the first of its channels is read;
// a device with no channel that counts is never asked.
type emiSource struct {
	device   EMIDevice
	channels int

	fresh    bool // the answer is of this interval
	readings []EMIReading
	err      error
}

// read is the counter of channel i.
func (s *emiSource) read(i int, name string) (Energy, error) {
	if !s.fresh {
		s.readings, s.err = s.measure()
		s.fresh = true
	}
	if s.err != nil {
		return 0, fmt.Errorf("read %s: %w", name, s.err)
	}
	return s.readings[i].Energy, nil
}

func (s *emiSource) measure() ([]EMIReading, error) {
	b, err := s.device.Measure(s.channels)
	if err != nil {
		return nil, err
	}
	return ParseEMIMeasurement(b, s.channels)
}

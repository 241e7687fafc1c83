package calendar

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Change is a moment from which the clocks of a site are ahead of UTC by Offset, in whole seconds.
type Change struct {
	From   time.Time
	Offset time.Duration
}

// Bounds of the clocks of a site. The first three keep a clock from cutting days into pieces that tell when people come and
// go: no clock of 2024 to 2037 in the zone data 2025b breaks them. The last two come from the format.
const (
	farthest    = 15 * time.Hour      // from UTC
	widest      = 2 * time.Hour       // change at once
	nearest     = 20 * 24 * time.Hour // of one change to the next
	mostOffsets = 16
	mostChanges = 1000
)

// Zone is the time zone of this name: of the changes, when there are any, whether or not this machine knows the name; else as
// the machine's files have it. The name "" without changes is the zone of the machine. The changes are in order of time;
// before the first the first offset holds, after the last one the last. What no site's clocks do is refused.
func Zone(name string, changes []Change) (*time.Location, error) {
	switch {
	case len(changes) > 0:
	case name == "":
		return time.Local, nil
	default:
		return time.LoadLocation(name)
	}
	if err := plausible(changes); err != nil {
		return nil, fmt.Errorf("the clocks of time zone %q: %w", name, err)
	}
	offsets := make([]time.Duration, 0, mostOffsets)
	for _, c := range changes {
		if !slices.Contains(offsets, c.Offset) {
			offsets = append(offsets, c.Offset)
		}
	}
	if len(offsets) > mostOffsets {
		return nil, fmt.Errorf("the clocks of time zone %q: %d offsets; up to %d are possible", name, len(offsets), mostOffsets)
	}
	zone, err := time.LoadLocationFromTZData(name, zoneFile(changes, offsets))
	if err != nil {
		return nil, fmt.Errorf("the clocks of time zone %q: %w", name, err)
	}
	return zone, nil
}

// plausible says why no site's clocks are like that, or nothing.
func plausible(changes []Change) error {
	if len(changes) > mostChanges {
		return fmt.Errorf("%d changes; up to %d are possible", len(changes), mostChanges)
	}
	var changed time.Time // when the clocks were last put forward or back
	for i, c := range changes {
		if c.Offset%time.Second != 0 || c.Offset.Abs() > farthest {
			return fmt.Errorf("%v ahead of UTC is no offset", c.Offset)
		}
		if i == 0 {
			continue // the same offset holds before
		}
		last := changes[i-1]
		if c.From.Unix() <= last.From.Unix() {
			return errors.New("their changes are not in order of time")
		}
		if c.Offset == last.Offset {
			continue
		}
		if by := c.Offset - last.Offset; by.Abs() > widest {
			return fmt.Errorf("they change by %v at once; up to %v is possible", by, widest)
		}
		if !changed.IsZero() && c.From.Sub(changed) < nearest {
			return fmt.Errorf("they change twice within %v; once is possible", nearest)
		}
		changed = c.From
	}
	return nil
}

// zoneFile is the changes as a file of time zones, RFC 8536, but for its block with times of 32 bits, which is empty because
// Go skips it. No rule follows for the time after the last change.
func zoneFile(changes []Change, offsets []time.Duration) []byte {
	var times, kinds, zones, names []byte
	for _, c := range changes {
		times = binary.BigEndian.AppendUint64(times, uint64(c.From.Unix()))
		kinds = append(kinds, byte(slices.Index(offsets, c.Offset)))
	}
	for _, o := range offsets {
		zones = binary.BigEndian.AppendUint32(zones, uint32(o/time.Second))
		zones = append(zones, 0, byte(len(names))) // 0: not said to be summer time, which nobody asks
		names = append(append(names, abbreviation(o)...), 0)
	}
	const first = "TZif2" + fifteen + four + four + four + four + four + four
	file := []byte(first + "TZif2" + fifteen + four + four + four) // no universal or standard times, no leap seconds
	for _, n := range []int{len(changes), len(offsets), len(names)} {
		file = binary.BigEndian.AppendUint32(file, uint32(n))
	}
	for _, part := range [][]byte{times, kinds, zones, names} {
		file = append(file, part...)
	}
	return append(file, "\n\n"...)
}

// Bytes that are nothing: reserved ones, and a count.
const (
	four    = "\x00\x00\x00\x00"
	fifteen = four + four + four + "\x00\x00\x00"
)

// abbreviation is an offset as +01, -0930 or +001730.
func abbreviation(offset time.Duration) string {
	layout := "-070000"
	switch {
	case offset%time.Hour == 0:
		layout = "-07"
	case offset%time.Minute == 0:
		layout = "-0700"
	}
	return time.Unix(0, 0).In(time.FixedZone("", int(offset/time.Second))).Format(layout)
}

package uptime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// systemQuery asks, in the XPath of Windows' event log, for the events that mean something, from a moment on. It is a little
// wider than that: which number goes with which provider is left to Event. With its 5 names, 11 numbers and one time it
// stays below the number of expressions that Windows takes, said to be 20 or a few more.
func systemQuery(since time.Time) string {
	names, ids := sources()[1:], []string{}
	for i := range names {
		names[i] = "@Name='" + names[i] + "'"
	}
	for _, id := range eventIDs() {
		ids = append(ids, fmt.Sprintf("EventID=%d", id))
	}
	return fmt.Sprintf("*[System[Provider[%s] and (%s) and TimeCreated[@SystemTime>='%s']]]",
		strings.Join(names, " or "), strings.Join(ids, " or "), since.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// standbyQuery asks for the beginnings and ends of Modern Standby.
func standbyQuery() string {
	return "*[System[Provider[@Name='" + sources()[KernelPower] + "'] and (EventID=506 or EventID=507)]]"
}

// renderedPaths are the values that are read of each event, in this order, and all that is read of it.
func renderedPaths() []string {
	return []string{
		"Event/System/Provider/@Name", "Event/System/EventID", "Event/System/TimeCreated/@SystemTime",
		"Event/EventData/Data[@Name='BootType']", "Event/EventData/Data[@Name='TargetState']",
	}
}

// errRendered is the answer to values of an event that are not as documented.
var errRendered = errors.New("the values of the event are not as documented")

// The types of an EVT_VARIANT (winevt.h) that are understood.
const (
	variantString   = 1
	variantUInt16   = 6
	variantInt32    = 7
	variantUInt32   = 8
	variantFileTime = 17
	variantHexInt32 = 20

	variantSize = 16 // 8 bytes of value, 4 of count, 4 of type
)

// eventOf understands what EvtRender wrote for renderedPaths: values, which begins at the address base, is the array of
// EVT_VARIANT and the strings that it points to.
func eventOf(values []byte, base uint64) (Event, error) {
	if len(values) < len(renderedPaths())*variantSize {
		return Event{}, errRendered
	}
	field := func(i int) (value uint64, kind uint32) {
		v := values[i*variantSize:]
		return binary.LittleEndian.Uint64(v), binary.LittleEndian.Uint32(v[12:])
	}
	name, kind := field(0)
	id, idKind := field(1)
	at, atKind := field(2)
	if kind != variantString || idKind != variantUInt16 || atKind != variantFileTime {
		return Event{}, errRendered
	}
	text, ok := wideString(values, name-base)
	if !ok {
		return Event{}, errRendered
	}
	e := Event{Source: OtherSource, ID: uint16(id), At: fileTime(at)}
	if i := slices.Index(sources(), text); i > 0 {
		e.Source = Source(i)
	}
	for i := 3; i < len(renderedPaths()); i++ {
		switch value, kind := field(i); kind {
		case variantUInt32, variantHexInt32, variantInt32:
			e.Data = uint32(value)
			return e, nil
		}
	}
	if e.Source == KernelBoot && e.ID == 27 { // without its type it would be taken for a cold boot
		return Event{}, fmt.Errorf("event 27 of %s has no boot type: %w", text, errRendered)
	}
	return e, nil
}

// wideString is the string at an offset, up to its zero: short, as the names of providers are.
func wideString(b []byte, offset uint64) (string, bool) {
	if offset >= uint64(len(b)) {
		return "", false
	}
	var units []uint16
	for b = b[offset:]; len(b) >= 2 && len(units) < 256; b = b[2:] {
		u := binary.LittleEndian.Uint16(b)
		if u == 0 {
			return string(utf16.Decode(units)), true
		}
		units = append(units, u)
	}
	return "", false
}

// fileTime is the moment of a FILETIME, 100 ns since 1601.
func fileTime(t uint64) time.Time {
	const epoch = 116444736000000000 // 1970
	ticks := int64(t) - epoch
	return time.Unix(ticks/1e7, ticks%1e7*100).UTC()
}

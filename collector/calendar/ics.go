package calendar

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
)

// errNotICS answers a file that is something else.
var errNotICS = errors.New("this is no calendar file: it does not begin with BEGIN:VCALENDAR; export or download it again as .ics")

// read is the events of a file. Lines that are not needed are dropped before anything looks into them: who is invited, what
// the text says, alarms.
func read(file []byte) ([]*ics.VEvent, error) {
	if len(file) > MaxFile {
		return nil, fmt.Errorf("the file has %d bytes; up to %d are possible", len(file), MaxFile)
	}
	text, err := clean(decode(file))
	if err != nil {
		return nil, err
	}
	c, err := ics.ParseCalendarWithOptions(bytes.NewReader(text), ics.WithUnknownPropertyHandler(ics.AcceptUnknownPropertyHandler))
	if err != nil {
		return nil, fmt.Errorf("read the calendar file: %w", err)
	}
	return c.Events(), nil
}

// decode is a file as UTF-8 with line feeds. Bytes that are no UTF-8 are left for readable, line by line.
func decode(file []byte) []byte {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if len(file) < 2 || order.Uint16(file) != 0xfeff {
			continue
		}
		units := make([]uint16, 0, len(file)/2)
		for b := file[2:]; len(b) >= 2; b = b[2:] {
			units = append(units, order.Uint16(b))
		}
		file = []byte(string(utf16.Decode(units)))
	}
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	file = bytes.ReplaceAll(file, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(file, []byte("\r"), []byte("\n"))
}

// clean is the unfolded lines of a file that are read, ended by line feeds, after a look at their nesting. Of several
// calendars, one after the other, it makes one: the parser reads no more.
func clean(file []byte) ([]byte, error) {
	var out bytes.Buffer
	var open []string // the components that have begun and not ended
	events, began := 0, false
	for n, line := range unfold(file) {
		name, ok := property(line)
		if !ok {
			if !began && len(bytes.TrimSpace(line)) > 0 {
				return nil, errNotICS
			}
			continue
		}
		value := strings.ToUpper(strings.TrimSpace(string(line[bytes.IndexByte(line, ':')+1:])))
		outer := len(open) == 0 || len(open) == 1 && name == "END" // of a whole calendar
		switch {
		case !began && (name != "BEGIN" || value != "VCALENDAR"):
			return nil, errNotICS
		case name == "BEGIN" && (len(open) > 0 || value == "VCALENDAR"):
			if open = append(open, value); len(open) > 4 {
				return nil, fmt.Errorf("line %d: %s within %s is nested too deeply", n, value, strings.Join(open[:4], ", "))
			}
			if value == "VEVENT" {
				events++
			}
		case len(open) == 0 || name == "END" && open[len(open)-1] != value:
			return nil, fmt.Errorf("line %d: %s:%s is out of place; export or download the file again", n, name, value)
		case name == "END":
			open = open[:len(open)-1]
		}
		if events > maxEvents {
			return nil, fmt.Errorf("the file has more than %d events; export fewer", maxEvents)
		}
		if outer && began {
			continue
		}
		began = true
		if err := write(&out, n, name, line); err != nil {
			return nil, err
		}
	}
	if !began {
		return nil, errNotICS
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("the file ends within %s: it was cut off; export or download it again", open[len(open)-1])
	}
	out.WriteString("END:VCALENDAR\n")
	return out.Bytes(), nil
}

// write adds line n, if it can be understood.
func write(out *bytes.Buffer, n int, name string, line []byte) error {
	if len(line) > maxLine {
		return fmt.Errorf("line %d: %s has %d bytes; up to %d are read", n, name, len(line), maxLine)
	}
	rest := readable(line[len(name):])
	if name == "BEGIN" || name == "END" {
		rest = strings.ToUpper(strings.TrimSpace(rest))
	}
	if p, err := ics.ParseProperty(ics.ContentLine(name + rest)); err != nil || p == nil || p.IANAToken != name {
		return fmt.Errorf("line %d: %q cannot be understood", n, tidy(name+rest))
	}
	out.WriteString(name + rest + "\n")
	return nil
}

// property is the name of what a line says, in capitals, if it is one that is read.
func property(line []byte) (string, bool) {
	end := bytes.IndexAny(line, ":;")
	if end < 0 || end > 20 || bytes.IndexByte(line, ':') < 0 {
		return "", false
	}
	name := strings.ToUpper(string(line[:end]))
	return name, slices.Contains([]string{
		"BEGIN", "END", "UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION", "STATUS", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
	}, name)
}

// unfold gives the lines of a file with the numbers they begin at, those that were folded in one piece.
func unfold(file []byte) func(func(int, []byte) bool) {
	return func(yield func(int, []byte) bool) {
		var line []byte
		first, n := 1, 0
		for part := range bytes.SplitSeq(file, []byte("\n")) {
			if n++; n > 1 && len(part) > 0 && (part[0] == ' ' || part[0] == '\t') {
				line = append(line, part[1:]...)
				continue
			}
			if n > 1 && !yield(first, line) {
				return
			}
			line, first = slices.Clone(part), n
		}
		yield(first, line)
	}
}

// readable is a line as text without control characters: UTF-8, or else Windows-1252, of which only what French uses.
func readable(line []byte) string {
	var text strings.Builder
	if utf8.Valid(line) {
		text.Write(line)
	} else {
		for _, b := range line {
			switch b {
			case 0x8c:
				text.WriteRune('Œ')
			case 0x91, 0x92:
				text.WriteRune('’')
			case 0x96, 0x97:
				text.WriteRune('–')
			case 0x9c:
				text.WriteRune('œ')
			default:
				text.WriteRune(rune(b)) // Latin-1 is the beginning of Unicode
			}
		}
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, text.String())
}

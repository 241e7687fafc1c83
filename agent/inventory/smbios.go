package inventory

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// ParseFirmware reads the answer of Windows' GetSystemFirmwareTable("RSMB"): a header of 8 bytes, the last four the length
// of the table, then the structures of DMTF DSP0134. Of these it takes the first system (type 1: maker, name, version) and
// the first enclosure (type 3: the type without its lock bit). The serial number, the UUID and the asset tag beside them
// are stepped over.
func ParseFirmware(answer []byte) (Firmware, error) {
	const header, system, enclosure, end = 8, 1, 3, 127
	if len(answer) < header {
		return Firmware{}, fmt.Errorf("read the SMBIOS table: %d bytes are less than its header", len(answer))
	}
	table := answer[header:]
	if n := binary.LittleEndian.Uint32(answer[4:]); uint64(n) < uint64(len(table)) {
		table = table[:n]
	}
	var f Firmware
	seen := map[byte]bool{}
	for len(table) > 0 && table[0] != end {
		kind, fields, texts, rest, err := structure(table)
		if err != nil {
			return Firmware{}, fmt.Errorf("read the SMBIOS table: %w", err)
		}
		table = rest
		if seen[kind] {
			continue
		}
		seen[kind] = true
		switch kind {
		case system:
			f.Maker, f.Name, f.Version = text(fields, texts, 4), text(fields, texts, 5), text(fields, texts, 6)
		case enclosure:
			if len(fields) > 5 {
				f.Chassis = fields[5] & 0x7F
			}
		}
	}
	return f, nil
}

// structure takes the first structure off a table: its fields, whose second byte is their length, and its texts, each
// ended by a NUL, the last by two.
func structure(table []byte) (kind byte, fields, texts, rest []byte, err error) {
	const head = 4
	if len(table) < head || int(table[1]) < head || int(table[1]) > len(table) {
		return 0, nil, nil, nil, errors.New("a structure is cut off")
	}
	texts, rest, ok := bytes.Cut(table[table[1]:], []byte{0, 0})
	if !ok {
		return 0, nil, nil, nil, errors.New("the texts of a structure have no end")
	}
	return table[0], table[:table[1]], texts, rest, nil
}

// text is the text whose number, from 1, stands in the field at an offset; "" when there is none.
func text(fields, texts []byte, offset int) string {
	if len(fields) <= offset {
		return ""
	}
	for n := fields[offset]; n > 0; n-- {
		one, others, _ := bytes.Cut(texts, []byte{0})
		if n == 1 {
			return strings.TrimSpace(strings.ToValidUTF8(string(one), ""))
		}
		texts = others
	}
	return ""
}

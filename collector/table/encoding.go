package table

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// decoded is the text of a file, and the encoding it was in. A file that is no UTF-8 was saved by an older spreadsheet.
func decoded(file []byte) (text, encoding string, err error) {
	if kind := otherKind(file); kind != "" {
		return "", "", fmt.Errorf("this is %s: save it as CSV, in UTF-8, and give that file", kind)
	}
	if order, is := utf16Order(file); is {
		text, err = fromUTF16(file[2:], order)
		return text, "UTF-16", err
	}
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	if i := bytes.IndexByte(file, 0); i >= 0 {
		return "", "", fmt.Errorf("this is no text, there is a zero byte on line %d: save the table as CSV, in UTF-8", lineOf(file, i))
	}
	if utf8.Valid(file) {
		return string(file), "UTF-8", nil
	}
	if err := mixed(file); err != nil {
		return "", "", err
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(file)
	if err != nil {
		return "", "", fmt.Errorf("the text is neither UTF-8 nor Windows-1252: %w", err)
	}
	if i := bytes.IndexRune(out, utf8.RuneError); i >= 0 {
		return "", "", fmt.Errorf("the text is neither UTF-8 nor Windows-1252, as line %d shows: save the table as CSV, in UTF-8", lineOf(out, i))
	}
	return string(out), "Windows-1252", nil
}

// lineOf is the number of the line of a place in a text.
func lineOf(text []byte, at int) int { return 1 + bytes.Count(text[:at], []byte("\n")) }

// otherKind says what a file is that is no text, by how it begins; "" where it may be one.
func otherKind(file []byte) string {
	begins := func(with string) bool { return bytes.HasPrefix(file, []byte(with)) }
	early := strings.ToLower(string(file[:min(len(file), 4096)]))
	switch {
	case begins("PK\x03\x04") && strings.Contains(early, "opendocument.spreadsheet"):
		return "a LibreOffice spreadsheet"
	case begins("PK\x03\x04") && (strings.Contains(early, "xl/") || strings.Contains(early, "[content_types].xml")):
		return "an Excel workbook"
	case begins("PK\x03\x04"), begins("PK\x05\x06"), begins("\x1f\x8b"), begins("7z\xbc\xaf\x27\x1c"), begins("Rar!\x1a\x07"):
		return "a compressed file, such as an archive or a workbook"
	case begins("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
		return "an old Excel workbook"
	case begins("%PDF-"):
		return "a PDF document"
	case begins("{\\rtf"):
		return "a text document (RTF)"
	}
	start := strings.TrimLeft(strings.TrimPrefix(early, "\ufeff"), " \t\r\n")
	for _, tag := range []string{"<!doctype html", "<html", "<table", "<?xml"} {
		if strings.HasPrefix(start, tag) {
			return "a web page or an XML document"
		}
	}
	return ""
}

// utf16Order is the order of bytes that the mark at the beginning of a file tells.
func utf16Order(file []byte) (binary.ByteOrder, bool) {
	switch {
	case bytes.HasPrefix(file, []byte{0xff, 0xfe, 0, 0}): // UTF-32: its zero bytes are refused
		return nil, false
	case bytes.HasPrefix(file, []byte{0xff, 0xfe}):
		return binary.LittleEndian, true
	case bytes.HasPrefix(file, []byte{0xfe, 0xff}):
		return binary.BigEndian, true
	}
	return nil, false
}

// fromUTF16 is a text of UTF-16, without its mark.
func fromUTF16(file []byte, order binary.ByteOrder) (string, error) {
	if len(file)%2 != 0 {
		return "", errors.New("the text begins as UTF-16 and ends in the middle of a character: the file is cut off, save it anew")
	}
	units := make([]uint16, 0, len(file)/2)
	for i := 0; i < len(file); i += 2 {
		units = append(units, order.Uint16(file[i:]))
	}
	text := string(utf16.Decode(units))
	if i := strings.IndexFunc(text, func(c rune) bool { return c == utf8.RuneError || c == 0 }); i >= 0 {
		return "", fmt.Errorf("the text begins as UTF-16, and line %d is none: save the table as CSV, in UTF-8", 1+strings.Count(text[:i], "\n"))
	}
	return text, nil
}

// mixed refuses a text that is UTF-8 but for some bytes: read as Windows-1252, all its accents would turn into other letters.
func mixed(file []byte) error {
	good, bad, line, first := 0, 0, 1, 0
	for i := 0; i < len(file); {
		c, size := utf8.DecodeRune(file[i:])
		switch {
		case c == utf8.RuneError && size <= 1:
			bad++
			if first == 0 {
				first = line
			}
		case size > 1:
			good++
		case c == '\n':
			line++
		}
		i += size
	}
	if good > bad {
		return fmt.Errorf("the text is UTF-8, but not on line %d: two files were put together there, or it was cut; save the table anew as CSV, in UTF-8", first)
	}
	return nil
}

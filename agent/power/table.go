package power

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Report is what came of a file that was imported.
type Report struct {
	Rows    int         // with something in them, the header not counted
	Refused int         // of these, and why: the first hundred
	Errors  []LineError // in the order of the file
}

// LineError is a row that was left out.
type LineError struct {
	Place string // "line 12", or "row 3" of a JSON array
	Err   error
}

func (e LineError) Error() string { return e.Place + ": " + e.Err.Error() }

// Unwrap is why the row was left out.
func (e LineError) Unwrap() error { return e.Err }

func (r *Report) refuse(place string, err error) {
	r.Refused++
	if len(r.Errors) < 100 {
		r.Errors = append(r.Errors, LineError{place, err})
	}
}

// table is a CSV file with a header, read one row at a time. Fields are separated by commas, semicolons or tabs, and found
// by the name of their column. A row that cannot be read costs itself only: a quote that is never closed is given up after
// maxJoined lines, and these are read again, each for itself.
type table struct {
	r       *bufio.Reader
	line    int         // number of the last line read
	again   []tableLine // lines to be read once more
	comma   rune
	columns []string // normalised
	fields  []string // of the current row
	at      int      // line of the current row
}

type tableLine struct {
	n    int
	text string
	err  error // too long
}

const maxJoined = 20

var errNoTable = errors.New("the file is empty")

// newTable reads the header of a table. The separator is the one with which want finds its columns.
func newTable(r io.Reader, want func(columns []string) error) (*table, error) {
	t := &table{r: bufio.NewReaderSize(r, 1<<16)}
	var header string
	for strings.TrimSpace(header) == "" || strings.HasPrefix(header, "sep=") { // what Excel writes
		l, err := t.read()
		switch {
		case errors.Is(err, io.EOF):
			return nil, errNoTable
		case err != nil:
			return nil, err
		case l.err != nil:
			return nil, fmt.Errorf("line %d: %w", l.n, l.err)
		case strings.HasPrefix(l.text, "\xff\xfe") || strings.HasPrefix(l.text, "\xfe\xff") || strings.ContainsRune(l.text, 0):
			return nil, errors.New("the file is no text in UTF-8; save it as \"CSV UTF-8\"")
		}
		header = strings.TrimPrefix(l.text, "\ufeff")
	}
	first := fmt.Errorf("the header, line %d, cannot be read: its quotes are not closed", t.line)
	seen := false
	for _, t.comma = range []rune{',', ';', '\t'} {
		fields, ok := t.split(header)
		if !ok {
			continue
		}
		t.columns = nil
		for _, f := range fields {
			t.columns = append(t.columns, columnName(f))
		}
		err := want(t.columns)
		if err == nil {
			return t, nil
		}
		if !seen || len(fields) > 1 { // the sentence about the columns of the likely separator
			first, seen = err, true
		}
	}
	return nil, first
}

// columnName is the name of a column as the interface of the data set has it, also where the header has its title: short_idle_watts
// for "Short Idle (Watts)".
func columnName(title string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "_")
}

// read is the next line, without its end. One longer than maxPiece is read to its end, and has an error.
func (t *table) read() (tableLine, error) {
	if len(t.again) > 0 {
		l := t.again[0]
		t.again = t.again[1:]
		return l, nil
	}
	var text []byte
	var tooLong error
	for {
		b, err := t.r.ReadSlice('\n')
		if tooLong == nil {
			text = append(text, b...)
		}
		if len(text) > maxPiece {
			text, tooLong = nil, fmt.Errorf("the line is longer than %d bytes", maxPiece)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return tableLine{}, fmt.Errorf("read line %d: %w", t.line+1, err)
		case err != nil && len(text) == 0 && tooLong == nil:
			return tableLine{}, io.EOF
		}
		t.line++
		return tableLine{t.line, strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), tooLong}, nil
	}
}

// next reads a row, and is io.EOF after the last. bad is why the row cannot be used; the next one may be.
func (t *table) next() (bad, err error) {
	for {
		l, err := t.read()
		if err != nil {
			return nil, err
		}
		t.at, t.fields = l.n, nil
		if l.err != nil {
			return l.err, nil
		}
		if strings.Trim(l.text, " \t,;\"") == "" {
			continue
		}
		if bad, err = t.row(l); bad != nil || err != nil {
			return bad, err
		}
		if len(t.fields) > len(t.columns) && strings.TrimSpace(strings.Join(t.fields[len(t.columns):], "")) != "" {
			return fmt.Errorf("it has %d fields, and the header %d", len(t.fields), len(t.columns)), nil
		}
		return nil, nil
	}
}

// row splits a line, or the few lines a quoted field runs over.
func (t *table) row(l tableLine) (bad, err error) {
	var ok bool
	if t.fields, ok = t.split(l.text); ok {
		return nil, nil
	}
	text := l.text
	var more []tableLine
	for quotes := strings.Count(text, `"`); quotes%2 == 1 && len(more) < maxJoined && len(text) < maxPiece; {
		m, err := t.read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		more = append(more, m)
		if m.err != nil {
			break
		}
		text += "\n" + m.text
		if quotes += strings.Count(m.text, `"`); quotes%2 == 0 {
			if t.fields, ok = t.split(text); ok && len(t.fields) == len(t.columns) {
				return nil, nil
			}
			quotes = 0 // no row of these lines
		}
	}
	t.again = append(more, t.again...)
	if t.fields, ok = t.loose(l.text); ok { // an inch mark in a name
		return nil, nil
	}
	return errors.New("its quotes are not closed"), nil
}

func (t *table) split(text string) ([]string, bool) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = t.comma, -1
	fields, err := r.Read()
	if err != nil {
		return nil, false
	}
	_, err = r.Read()
	return fields, errors.Is(err, io.EOF)
}

// loose splits a line in which quotes stand for themselves, but for those around a field, as long as it has the fields of
// the header.
func (t *table) loose(text string) ([]string, bool) {
	fields := strings.Split(text, string(t.comma))
	for i, f := range fields {
		if inner, ok := strings.CutPrefix(f, `"`); ok && strings.HasSuffix(inner, `"`) {
			fields[i] = strings.TrimSuffix(inner, `"`)
		}
	}
	return fields, len(fields) == len(t.columns)
}

// value is what the current row has in a column; "" when it has no such column.
func (t *table) value(column string) string {
	i := slices.Index(t.columns, column)
	if i < 0 || i >= len(t.fields) {
		return ""
	}
	return plain(t.fields[i])
}

// plain is text without what cannot be printed, and with single spaces.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// parseWatts reads a power, with a decimal point or comma and perhaps its unit.
func parseWatts(text string) (float64, error) {
	s := strings.TrimSpace(strings.TrimRight(text, "wW"))
	digits := strings.TrimLeft(s, "+-")
	if strings.Count(digits, ".")+strings.Count(digits, ",") > 1 || strings.Trim(digits, "0123456789.,") != "" {
		return 0, fmt.Errorf("%.40q is not a number of watts", text)
	}
	w, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%.40q is not a number of watts", text)
	case w < 0:
		return 0, fmt.Errorf("%v W is below zero", w)
	case w > maxWatts:
		return 0, fmt.Errorf("%v W is above %d W, which no office machine uses", w, maxWatts)
	}
	return w, nil
}

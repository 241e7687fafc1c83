// Package inventory reads which devices an organisation has from a table that people keep in a spreadsheet.
package inventory

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"veille/collector"
)

// MaxFile is how many bytes a file may have.
const MaxFile = 1 << 20

// mostErrors is how many lines are complained of at once.
const mostErrors = 20

// oldest is the first year in which a device that is still there may have been bought.
const oldest = 1990

// Line is devices of one class at a site, as a file names it.
type Line struct {
	Number int    // of the line in the file, from 1; of the first where several were put together
	Site   string // its name or number
	collector.Equipment
}

// columns are those that a file has, in any order.
func columns() []string { return []string{"site", "class", "bought", "as", "count"} }

// Read reads a table of the columns site, class, bought, as and count, in any order below a first line that names them; others are passed over.
// They are separated by semicolons, commas or tabs, whichever the first line has more of. The text is UTF-8, with a mark at its beginning or without, or
// else Windows-1252. count is digits alone, with spaces around or not. bought is a month or a date, 2021-09, 2021-09-15 or 15/09/2021, or nothing where nobody knows; today bounds it. Lines of the
// same devices are put together. Either all lines are answered, in their order, or an error that names those that are wrong.
func Read(file []byte, source string, today collector.Date) ([]Line, error) {
	if len(file) > MaxFile {
		return nil, fmt.Errorf("the file has %d bytes, and up to %d are possible", len(file), MaxFile)
	}
	text, err := decoded(file)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty: its first line names the columns " + strings.Join(columns(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("read the first line: %w", err)
	}
	at, err := places(head)
	if err != nil {
		return nil, err
	}
	t := table{at: at, source: source, today: today, seen: map[string]int{}}
	if err := t.read(r); err != nil {
		return nil, err
	}
	if len(t.lines) == 0 {
		return nil, errors.New("the file has no line below that of the columns")
	}
	return t.lines, nil
}

// decoded is the text of a file. One that is no UTF-8 was saved by an older spreadsheet.
func decoded(file []byte) (string, error) {
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	if bytes.ContainsRune(file, 0) {
		return "", errors.New("this is no text: save the table as CSV, in UTF-8")
	}
	if utf8.Valid(file) {
		return string(file), nil
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(file)
	if err != nil {
		return "", fmt.Errorf("the text is neither UTF-8 nor Windows-1252: %w", err)
	}
	return string(text), nil
}

// separator is what the first line separates its columns by.
func separator(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	best, most := ';', 0
	for _, c := range ";,\t" {
		if n := strings.Count(first, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// places are where the columns are.
func places(head []string) (map[string]int, error) {
	at := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := at[name]; twice && slices.Contains(columns(), name) {
			return nil, fmt.Errorf("line 1: two columns are called %q", name)
		}
		at[name] = i
	}
	var missing []string
	for _, name := range columns() {
		if _, ok := at[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("line 1 names no column %s: it has to name %s, separated by semicolons or commas", strings.Join(missing, ", "), strings.Join(columns(), ", "))
	}
	return at, nil
}

// table is a file that is read.
type table struct {
	at     map[string]int
	source string
	today  collector.Date
	lines  []Line
	seen   map[string]int // index of the line of the same devices
	errs   []error
}

// read reads all lines below the first.
func (t *table) read(r *csv.Reader) error {
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return errors.Join(t.errs...)
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			return errors.Join(append(t.errs, fmt.Errorf("line %d: %w", bad.StartLine, bad.Err))...)
		}
		if err != nil {
			return fmt.Errorf("read the file: %w", err)
		}
		if strings.TrimSpace(strings.Join(record, "")) == "" { // spreadsheets end with such lines
			continue
		}
		number, _ := r.FieldPos(0)
		l, err := t.line(record)
		l.Number = number
		if err == nil {
			err = t.add(l)
		}
		if err != nil {
			t.errs = append(t.errs, fmt.Errorf("line %d: %w", number, err))
		}
		if len(t.errs) == mostErrors {
			return errors.Join(append(t.errs, errors.New("and perhaps more"))...)
		}
	}
}

// cell is the text of a column.
func (t *table) cell(record []string, column string) string {
	if i := t.at[column]; i < len(record) {
		return strings.TrimSpace(record[i])
	}
	return ""
}

// line reads one line.
func (t *table) line(record []string) (Line, error) {
	l := Line{Site: t.cell(record, "site")}
	l.Class, l.As, l.Source = strings.ToLower(t.cell(record, "class")), strings.ToLower(t.cell(record, "as")), t.source
	if l.Site == "" {
		return l, errors.New("no site is named")
	}
	var err error
	if l.Count, err = countOf(t.cell(record, "count")); err != nil {
		return l, err
	}
	if l.Bought, err = monthOf(t.cell(record, "bought"), t.today); err != nil {
		return l, err
	}
	return l, l.Validate()
}

// add adds a line to those of the same devices.
func (t *table) add(l Line) error {
	key := strings.Join([]string{l.Site, l.Class, string(l.Bought), l.As}, "\x00")
	i, known := t.seen[key]
	if !known {
		t.seen[key] = len(t.lines)
		t.lines = append(t.lines, l)
		return nil
	}
	both := t.lines[i]
	both.Count += l.Count
	if err := both.Validate(); err != nil {
		return fmt.Errorf("with line %d: %w", both.Number, err)
	}
	t.lines[i] = both
	return nil
}

// countOf reads a whole number. "1,000" and "1.000" are one in one language and a thousand in another, so digits alone are taken.
func countOf(text string) (int, error) {
	x, err := strconv.Atoi(text)
	if err != nil || strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, fmt.Errorf("count %.40q is not a whole number in plain digits, such as 1200: write it without a point, a comma or a space", text)
	}
	return x, nil
}

// monthOf reads when something was bought; "" where nobody knows.
func monthOf(text string, today collector.Date) (collector.Month, error) {
	if text == "" {
		return "", nil
	}
	for _, form := range []string{"2006-01", time.DateOnly, "02/01/2006"} {
		day, err := time.Parse(form, text)
		if err != nil {
			continue
		}
		month := collector.Month(day.Format("2006-01"))
		if day.Year() < oldest || month > today.Month() {
			return "", fmt.Errorf("bought %s is not from %d until today", text, oldest)
		}
		return month, nil
	}
	return "", fmt.Errorf("bought %.40q is not like 2021-09, 2021-09-15 or 15/09/2021", text)
}

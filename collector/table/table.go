// Package table reads a table that a spreadsheet or another program saved as CSV: its encoding, its separator, its columns, its dates, and
// what is wrong with it, line by line.
//
// No line is lost. What cannot be read is an error that names the line, and a quote that is never closed, or much later, is an error of the line
// on which it was opened: it does not turn the lines behind it into one cell.
package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The bounds of a table.
const (
	MaxFile    = 16 << 20 // bytes of a file
	MaxRows    = 300_000  // lines below the first that are not empty
	MaxColumns = 500      // cells of the first line
	MaxWrong   = 50_000   // lines that are wrong: of a file with more of them no more is read
)

// Column is what a table may have: a name of ours, and how programs call it. Case, accents, marks and doubled spaces do not matter.
type Column struct {
	Name   string
	Known  []string // what else it is called
	Needed bool
}

// Row is one line below the first.
type Row struct {
	Number int               // of the line in the file, from 1; of the first where a cell goes over several
	Cells  map[string]string // by name of the column, without spaces around; every column that was found is in it
}

// Table is a file that was read.
type Table struct {
	Encoding  string // "UTF-8", "UTF-16", "Windows-1252"
	Separator rune
	Columns   []string // that were found, by name, in the order of the file
	Rows      []Row
}

// Has tells whether a column was found.
func (t Table) Has(column string) bool { return slices.Contains(t.Columns, column) }

// Read reads a table. Its columns are named by the first line that is not empty, or, where that names none of those that are asked for, by the first
// of the next lines that names all that are needed: people write titles above tables. Columns that nobody asked for are passed over, and so are empty lines. It is all or nothing: where lines are wrong, the
// error is that of Lines.Err and no row is answered.
func Read(file []byte, columns []Column) (Table, error) {
	t, wrong, err := Parse(file, columns)
	if err == nil {
		err = wrong.Err(len(t.Rows) + wrong.Count())
	}
	if err != nil {
		return Table{}, err
	}
	return t, nil
}

// Parse is Read for who has more to say of the lines: it answers the lines that are lines, and what is wrong with the others. The error is of the
// whole file: nothing could be read of it. A caller has to look at both.
func Parse(file []byte, columns []Column) (Table, Lines, error) {
	p, err := opened(file, columns)
	if err != nil {
		return Table{}, Lines{}, err
	}
	at, err := places(p.headNumber, p.head, columns)
	if err != nil {
		return Table{}, Lines{}, err
	}
	t := Table{Encoding: p.encoding, Separator: p.separator, Columns: at.names()}
	var wrong Lines
	for !p.done() {
		r, err := p.next()
		switch {
		case err != nil:
			wrong.Add(r.number, err)
		case empty(r.cells):
			continue
		default:
			if err := p.fits(r); err != nil {
				p.resume(r)
				wrong.Add(r.number, err)
				break
			}
			t.Rows = append(t.Rows, Row{Number: r.number, Cells: at.cells(r.cells)})
		}
		if wrong.Count() > MaxWrong {
			return Table{}, Lines{}, fmt.Errorf("more than %d lines are wrong, and no more was read: %w", MaxWrong, wrong.Err(0))
		}
		if len(t.Rows)+wrong.Count() > MaxRows {
			return Table{}, Lines{}, fmt.Errorf("the file has more than %d lines: split it into several files", MaxRows)
		}
	}
	if len(t.Rows)+wrong.Count() == 0 {
		return Table{}, Lines{}, errors.New("the file has no line below that of the columns")
	}
	return t, wrong, nil
}

// Head is how a file calls its columns, in its order, as it writes them; "" of those without a name. It tells one program's export from another's.
func Head(file []byte) ([]string, error) {
	p, err := opened(file, nil)
	if err != nil {
		return nil, err
	}
	return p.head, nil
}

// opened is a file of which the first line has been read.
func opened(file []byte, columns []Column) (*parser, error) {
	if len(file) > MaxFile {
		return nil, fmt.Errorf("the file has %d bytes, and up to %d are possible: split it into several files", len(file), MaxFile)
	}
	text, encoding, err := decoded(file)
	if err != nil {
		return nil, err
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	p := &parser{text: text, line: 1, encoding: encoding}
	p.skipEmpty()
	told := p.toldSeparator()
	p.skipEmpty()
	if p.done() {
		return nil, errors.New("the file is empty: its first line has to name the columns" + needed(columns))
	}
	p.toTitles(told, columns)
	p.separator = separator(p.firstLine(), told, columns)
	r, err := p.next()
	if err != nil {
		return nil, fmt.Errorf("line %d, which has to name the columns: %w", r.number, err)
	}
	if len(r.cells) > MaxColumns {
		return nil, fmt.Errorf("line %d names more than %d columns", r.number, MaxColumns)
	}
	for i, c := range r.cells {
		r.cells[i] = clean(c)
	}
	p.head, p.headNumber = r.cells, r.number
	return p, nil
}

// empty tells whether a line has nothing in its cells: spreadsheets end with such lines.
func empty(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return clean(c) != "" })
}

// clean is a cell without spaces around, also those that do not break, and without marks that have no width.
func clean(cell string) string {
	return strings.Trim(cell, " \t\n\v\f\r\u00a0\u2007\u2009\u200b\u202f\ufeff")
}

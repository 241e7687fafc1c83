package table

import (
	"errors"
	"fmt"
	"strings"
)

// The bounds of a cell in quotes. Where one goes on for longer, its quote was opened by mistake.
const (
	maxCell      = 32 << 10 // bytes
	maxCellLines = 100
)

// The bounds of a line of cells that goes over several lines of the file. Where it is wrong, it is read again from its second line on: without bounds a
// file would be read as often as it has lines.
const (
	maxLong      = 2 * maxCell // bytes
	maxLongLines = maxCellLines
)

// parser takes lines off a text whose lines end with \n.
type parser struct {
	text       string
	at         int // where in text
	line       int // the number of the line that begins at at
	encoding   string
	separator  rune
	head       []string
	headNumber int
}

// record is a line of cells, or several where a cell in quotes goes over them.
type record struct {
	number int // of its first line
	last   int // of its last line
	next   int // where in the text the second of its lines begins, or what comes behind it where it has but one
	cells  []string
	long   []longCell
}

// longCell is a cell of several lines.
type longCell struct {
	place int // among the cells
	text  string
}

func (p *parser) done() bool { return p.at >= len(p.text) }

// firstLine is the text up to the end of the line.
func (p *parser) firstLine() string {
	line, _, _ := strings.Cut(p.text[p.at:], "\n")
	return line
}

// skipEmpty passes over lines without anything.
func (p *parser) skipEmpty() {
	for !p.done() && clean(p.firstLine()) == "" {
		p.skip()
	}
}

// skip passes over a line.
func (p *parser) skip() {
	p.at = min(p.at+len(p.firstLine())+1, len(p.text))
	p.line++
}

// next takes the next record. Where its quotes are broken it takes one line only, so that those behind it are read.
func (p *parser) next() (record, error) {
	begin, line := p.at, p.line
	r := record{number: line}
	err := p.record(&r)
	if err != nil {
		r.number = p.line // of the broken quote
		p.at, p.line = begin, line
		p.skip()
		return r, err
	}
	r.last = p.line
	r.next = p.at
	if r.last > r.number {
		r.next = begin + strings.IndexByte(p.text[begin:], '\n') + 1
	}
	p.at = min(p.at+1, len(p.text))
	p.line++
	if i := strings.IndexFunc(p.text[begin:p.at], unprintable); i >= 0 {
		return r, fmt.Errorf("there is a character that no text has, %U", p.text[begin+i])
	}
	return r, nil
}

// unprintable tells whether a character is none of a text.
func unprintable(c rune) bool { return c < ' ' && c != '\t' && c != '\n' || c == 0x7f }

// resume goes back to the second line of a record that had several and was wrong.
func (p *parser) resume(r record) {
	if r.last > r.number {
		p.at, p.line = r.next, r.number+1
	}
}

// record reads cells up to the end of a line, and stays on it.
func (p *parser) record(r *record) error {
	begin := p.at
	for {
		cell, err := p.cell(r)
		if err != nil {
			return err
		}
		r.cells = append(r.cells, cell)
		if lines := p.line - r.number; lines > maxLongLines || lines > 0 && p.at-begin > maxLong {
			p.line = r.number
			return fmt.Errorf("quotes that are opened on this line, and behind it, make one line of more than %d lines or %d bytes: a quote is missing, or one too many", maxLongLines, maxLong)
		}
		if p.done() || p.text[p.at] == '\n' {
			return nil
		}
		p.at++ // the separator
		if len(r.cells) > 2*MaxColumns {
			return fmt.Errorf("there are more than %d cells", 2*MaxColumns)
		}
	}
}

// cell reads one cell, up to what ends it.
func (p *parser) cell(r *record) (string, error) {
	rest := p.text[p.at:]
	open := len(rest) - len(strings.TrimLeft(rest, " "))
	if open == len(rest) || rest[open] != '"' {
		end := strings.IndexAny(rest, "\n"+string(p.separator))
		if end < 0 {
			end = len(rest)
		}
		p.at += end
		return rest[:end], nil // a quote in it is one, as of a screen of 24"
	}
	raw, err := quoted(rest[open+1:])
	if err != nil {
		return "", err
	}
	behind := rest[open+len(raw)+2:]
	more := strings.TrimLeft(behind, " ")
	if more != "" && more[0] != '\n' && !strings.HasPrefix(more, string(p.separator)) {
		lines := strings.Count(raw, "\n")
		if lines == 0 {
			return "", errors.New(`a cell in quotes goes on behind its last quote: write a quote within a cell as two, ""`)
		}
		return "", fmt.Errorf("a quote is opened on this line and not closed before line %d, in the middle of a cell: close it, or take it away", p.line+lines)
	}
	if lines := strings.Count(raw, "\n"); lines > 0 {
		r.long = append(r.long, longCell{place: len(r.cells), text: raw})
		p.line += lines
	}
	p.at += len(rest) - len(more)
	return strings.ReplaceAll(raw, `""`, `"`), nil
}

// quoted is the text up to the quote that closes a cell, with doubled quotes as they are.
func quoted(text string) (string, error) {
	lines := 0
	for i := 0; i < len(text) && i <= maxCell && lines < maxCellLines; i++ {
		switch {
		case text[i] == '\n':
			lines++
		case text[i] != '"':
		case i+1 < len(text) && text[i+1] == '"':
			i++
		default:
			return text[:i], nil
		}
	}
	return "", errors.New("a quote is opened on this line and never closed: close it, or take it away")
}

// fits says why a record is none of the table, or nothing.
func (p *parser) fits(r record) error {
	has, want := cells(r.cells), cells(p.head)
	if has <= want && len(r.cells) < want {
		has = len(r.cells)
	}
	if has > want || len(r.cells) < want {
		over := ""
		if r.last > r.number {
			over = fmt.Sprintf("; a quote that is opened on this line is closed on line %d: perhaps it should not be there", r.last)
		}
		return fmt.Errorf("there are %d cells, and line %d names %d columns%s", has, p.headNumber, want, over)
	}
	for _, c := range r.long {
		if swallowed(c, len(r.cells), string(p.separator)) {
			return fmt.Errorf("a quote is opened on this line and closed on line %d, with whole lines of the table in between: take it away, or write the cell on one line", r.last)
		}
	}
	return nil
}

// cells is how many cells a line has without those at its end that are empty: programs that end lines with a separator add one.
func cells(line []string) int {
	n := len(line)
	for n > 0 && clean(line[n-1]) == "" {
		n--
	}
	return n
}

// swallowed tells whether the lines of a cell would be whole lines of a table of so many columns if its quotes were not there. Then a quote too
// many on one line has met another one on a later line, in the same column, and what looks like a cell is lines.
func swallowed(c longCell, columns int, separator string) bool {
	lines := strings.Split(c.text, "\n")
	last := len(lines) - 1
	if strings.Count(lines[0], separator) != columns-1-c.place || strings.Count(lines[last], separator) != c.place {
		return false
	}
	for _, line := range lines[1:last] {
		if clean(line) != "" && strings.Count(line, separator) != columns-1 {
			return false
		}
	}
	return true
}

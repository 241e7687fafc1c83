package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"veille/collector/label"
)

// XLSX writes a report as a workbook: a sheet to be read first, one for each theme, and sheets of parts, actions, governance, formulas,
// factors, prices, evidence and the inventory. Numbers are numbers with 15 digits, as workbooks keep them, shown with the decimals of their line; texts are
// texts, whatever they begin with, and never formulas. The same report gives the same bytes.
func XLSX(w io.Writer, r label.Report, code string) error {
	l, err := speak(code)
	if err != nil {
		return err
	}
	b, err := newBook(l, r)
	if err != nil {
		return err
	}
	defer func() { _ = b.file.Close() }()
	for _, s := range l.sheets(r) {
		if err := b.add(s); err != nil {
			return fmt.Errorf("write the sheet %q of a report: %w", s.name, err)
		}
	}
	b.file.SetActiveSheet(0)
	if _, err := b.file.WriteTo(w); err != nil {
		return fmt.Errorf("write the workbook of a report: %w", err)
	}
	return nil
}

// sheet is a table of a workbook.
type sheet struct {
	name    string
	columns []column
	rows    [][]cell
}

// column is a column, with its width in letters.
type column struct {
	title string
	wide  float64
}

// cell is a text, or a number with the decimals that are shown. One of neither stays empty.
type cell struct {
	text     string
	number   *float64
	decimals int
}

func text(s string) cell                      { return cell{text: plain(s)} }
func number(x float64, decimals int) cell     { return cell{number: &x, decimals: decimals} }
func perhaps(x *float64, decimals int) cell   { return cell{number: x, decimals: decimals} }
func whole(n int) cell                        { return number(float64(n), 0) }
func wide(width float64, title string) column { return column{title, width} }
func (s *sheet) row(cells ...cell)            { s.rows = append(s.rows, cells) }

// book is a workbook that is being written.
type book struct {
	file   *excelize.File
	names  map[string]bool // taken, in lower case
	head   int             // style of headers
	words  int             // style of texts
	styles map[int]int     // of numbers, by decimals
}

func newBook(l language, r label.Report) (*book, error) {
	b := &book{file: excelize.NewFile(), names: map[string]bool{}, styles: map[int]int{}}
	made := string(r.MadeOn) + "T00:00:00Z"
	title := l.say("title.page", plain(r.Organisation), l.months(r.Period.From, r.Period.To))
	err := b.file.SetDocProps(&excelize.DocProperties{
		Title: clip(title, 255), Subject: clip(l.text(r.Title), 255), Creator: "Veille", LastModifiedBy: "Veille", Language: l.code,
		Identifier: clip(plain(r.SHA256), 255), Version: clip(plain(r.MethodVersion), 255), Created: made, Modified: made,
	})
	if err != nil {
		return nil, fmt.Errorf("write the properties of a workbook: %w", err)
	}
	b.head, err = b.file.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E4ECF2"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}, Border: []excelize.Border{{Type: "bottom", Color: "1D5C8A", Style: 2}},
	})
	if err != nil {
		return nil, fmt.Errorf("write the style of a workbook: %w", err)
	}
	b.words, err = b.file.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return nil, fmt.Errorf("write the style of a workbook: %w", err)
	}
	return b, nil
}

// style is that of numbers with so many decimals.
func (b *book) style(decimals int) (int, error) {
	if id, ok := b.styles[decimals]; ok {
		return id, nil
	}
	format := "#,##0"
	if decimals > 0 {
		format += "." + strings.Repeat("0", min(decimals, 12))
	}
	id, err := b.file.NewStyle(&excelize.Style{CustomNumFmt: &format, Alignment: &excelize.Alignment{Vertical: "top"}})
	if err != nil {
		return 0, fmt.Errorf("write the style of numbers: %w", err)
	}
	b.styles[decimals] = id
	return id, nil
}

// add adds a sheet behind the others.
func (b *book) add(s sheet) error {
	name := b.free(s.name)
	var err error
	if len(b.names) == 1 {
		err = b.file.SetSheetName("Sheet1", name)
	} else {
		_, err = b.file.NewSheet(name)
	}
	if err != nil {
		return fmt.Errorf("make it: %w", err)
	}
	for i, c := range s.columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return fmt.Errorf("name a column: %w", err)
		}
		if err := b.file.SetColWidth(name, letter, letter, c.wide); err != nil {
			return fmt.Errorf("set a width: %w", err)
		}
		if err := b.write(name, letter+"1", cell{text: c.title}, b.head); err != nil {
			return err
		}
	}
	for i, row := range s.rows {
		for j, c := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+2)
			if err != nil {
				return fmt.Errorf("name a cell: %w", err)
			}
			if err := b.write(name, at, c, b.words); err != nil {
				return err
			}
		}
	}
	return b.frame(name, s)
}

// frame keeps the header of a sheet in sight, lets its rows be filtered, and says how it is printed.
func (b *book) frame(name string, s sheet) error {
	last, err := excelize.CoordinatesToCellName(len(s.columns), len(s.rows)+1)
	if err != nil {
		return fmt.Errorf("name a cell: %w", err)
	}
	if err := b.file.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("keep its header in sight: %w", err)
	}
	if err := b.file.AutoFilter(name, "A1:"+last, nil); err != nil {
		return fmt.Errorf("let its rows be filtered: %w", err)
	}
	landscape, paper, fit, high := "landscape", 9, true, 0 // 9 is A4
	if err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &paper, FitToWidth: new(1), FitToHeight: &high}); err != nil {
		return fmt.Errorf("say how it is printed: %w", err)
	}
	if err := b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return fmt.Errorf("say how it is printed: %w", err)
	}
	return nil
}

// write writes a cell; nothing where it has neither a number nor a text.
func (b *book) write(name, at string, c cell, style int) error {
	var err error
	switch {
	case c.number != nil:
		if style, err = b.style(c.decimals); err != nil {
			return err
		}
		err = b.file.SetCellFloat(name, at, *c.number, -1, 64)
	case c.text != "":
		err = b.file.SetCellStr(name, at, clip(c.text, excelize.TotalCellChars))
	}
	if err == nil {
		err = b.file.SetCellStyle(name, at, at, style)
	}
	if err != nil {
		return fmt.Errorf("write the cell %s: %w", at, err)
	}
	return nil
}

// free is a name for a sheet that no other has, of 31 characters at most, without those that have a meaning there.
func (b *book) free(wanted string) string {
	wanted = strings.Map(func(c rune) rune {
		if strings.ContainsRune(`:\/?*[]`, c) || c < ' ' {
			return ' '
		}
		return c
	}, plain(wanted))
	wanted = strings.Trim(strings.Join(strings.Fields(wanted), " "), "'")
	if wanted == "" || strings.EqualFold(wanted, "History") { // a name that Excel keeps for itself
		wanted = "-" + wanted
	}
	name := clip(wanted, longestName)
	for n := 2; b.names[strings.ToLower(name)]; n++ {
		tail := fmt.Sprintf(" (%d)", n)
		name = clip(wanted, longestName-len(tail)) + tail
	}
	b.names[strings.ToLower(name)] = true
	return name
}

// longestName is how long the name of a sheet may be.
const longestName = excelize.MaxSheetNameLength

// clip is a text without its end where it is longer than so many UTF-16 units, as spreadsheets count.
func clip(text string, most int) string {
	n := 0
	for i, c := range text {
		n += 1 + (utf8.RuneLen(c) / 4) // four bytes are two units
		if n > most {
			return strings.TrimRight(text[:i], "' ")
		}
	}
	return text
}

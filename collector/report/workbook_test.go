package report_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"veille/collector/label"
	"veille/collector/report"
)

// opened is a workbook as a program reads it.
func opened(t testing.TB, raw []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// read is the raw cells of all sheets of a workbook.
func read(t testing.TB, raw []byte) map[string][][]string {
	t.Helper()
	f, all := opened(t, raw), map[string][][]string{}
	for _, name := range f.GetSheetList() {
		rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		all[name] = rows
	}
	return all
}

func at(row []string, column int) string {
	if column < len(row) {
		return row[column]
	}
	return ""
}

func TestEveryNumberOfALineIsInTheWorkbook(t *testing.T) {
	r, told := sample(t), map[string]bool{}
	lines := map[string]label.Line{}
	for _, l := range r.Lines {
		lines[l.ID] = l
	}
	sheets := opened(t, write(t, report.XLSX, r, "fr")).GetSheetList()
	all := read(t, write(t, report.XLSX, r, "fr"))
	if sheets[0] != "Lire d’abord" || len(sheets) != 1+3+8 {
		t.Fatalf("the sheets are %q", sheets)
	}
	for _, name := range sheets[1:4] {
		for _, row := range all[name][1:] {
			line, known := lines[at(row, 0)]
			if !known {
				continue // an item without lines
			}
			told[line.ID] = true
			for column, want := range map[int]*float64{3: line.Value, 4: line.Low, 5: line.High, 8: line.CoveragePct, 10: line.Observed, 12: line.Previous, 13: line.Target} {
				got := at(row, column)
				if want == nil {
					if got != "" {
						t.Errorf("%s: column %d is %q where nothing is known", line.ID, column, got)
					}
					continue
				}
				if x, err := strconv.ParseFloat(got, 64); err != nil || x != *want {
					t.Errorf("%s: column %d is %q, not %v", line.ID, column, got, *want)
				}
			}
		}
	}
	if len(told) != len(lines) {
		t.Errorf("%d of %d lines are in the workbook", len(told), len(lines))
	}
	actions := all["Actions"]
	for i, a := range r.Actions {
		for j, f := range []*label.Figure{a.KWh, a.Euros, a.Carbon, a.YearKWh} {
			if f == nil {
				continue
			}
			for k, want := range []float64{f.Value, f.Low, f.High} {
				if got := at(actions[i+1], 10+3*j+k); got != fmt.Sprint(want) {
					t.Errorf("action %d: %q, not %v", a.ID, got, want)
				}
			}
		}
	}
	for i, f := range r.Factors {
		if row := all["Facteurs"][i+1]; row[1] != fmt.Sprint(f.Value) || row[2] != fmt.Sprint(f.Low) || row[3] != fmt.Sprint(f.High) {
			t.Errorf("the factor %s is %q", f.ID, row)
		}
	}
	for i, k := range r.Inventory {
		if row := all["Inventaire"][i+1]; row[1] != fmt.Sprint(k.Count) || row[2] != fmt.Sprint(k.InStock) || row[5] != fmt.Sprint(k.Reused) {
			t.Errorf("the devices %s are %q", k.Class, row)
		}
	}
	for i, p := range r.Prices {
		if row := all["Prix"][i+1]; row[1] != fmt.Sprint(p.EuroPerKWh) {
			t.Errorf("the price of %s is %q", p.From, row)
		}
	}
}

// sound fails where a part of the file is no sound XML, or has a formula.
func sound(t *testing.T, raw []byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(part)
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if e, is := token.(xml.StartElement); is && (e.Name.Local == "f" || e.Name.Local == "hyperlink") {
				t.Errorf("%s has an element %s", f.Name, e.Name.Local)
			}
		}
		_ = part.Close()
	}
}

func TestTheWorkbookIsSoundAndHasNoFormula(t *testing.T) {
	for _, language := range []string{"fr", "en"} {
		raw := write(t, report.XLSX, sample(t), language)
		sound(t, raw)
		if text := fmt.Sprint(read(t, raw)); !strings.Contains(text, "=cmd|' /C calc'!A0") || !strings.Contains(text, "@SUM(1+1)*cmd") || !strings.Contains(text, "=1+1") {
			t.Error("texts that look like formulas are not there as they are")
		}
		f := opened(t, raw)
		p, err := f.GetDocProps()
		if err != nil || p.Language != language || !strings.Contains(p.Title, "Échantillon") || p.Created != "2026-10-05T00:00:00Z" {
			t.Errorf("the properties are %+v, %v", p, err)
		}
		for _, name := range f.GetSheetList() {
			if panes, err := f.GetPanes(name); err != nil || !panes.Freeze || panes.YSplit != 1 {
				t.Errorf("the header of %s is not kept in sight: %+v, %v", name, panes, err)
			}
			if wide, err := f.GetColWidth(name, "B"); err != nil || wide < 10 {
				t.Errorf("column B of %s is %v wide, %v", name, wide, err)
			}
		}
		if n := strings.Count(fmt.Sprint(f.GetDefinedName()), "_xlnm._FilterDatabase"); n != len(f.GetSheetList()) {
			t.Errorf("%d of %d sheets can be filtered", n, len(f.GetSheetList()))
		}
	}
}

func TestNamesOfSheetsAreShortAndDifferWhateverTheTemplateSays(t *testing.T) {
	r := label.Report{}
	for _, title := range []string{"", "Actions", "a/b\\c?d*e[f]g:h", "'quoted'", strings.Repeat("long ", 20), strings.Repeat("long ", 20), strings.Repeat("😀", 40), "LIRE D’ABORD", "history"} {
		theme := label.Theme{ID: "T"}
		theme.Title.FR = title
		r.Themes = append(r.Themes, theme)
	}
	raw := write(t, report.XLSX, r, "fr")
	sound(t, raw)
	seen := map[string]bool{}
	names := opened(t, raw).GetSheetList()
	for _, name := range names {
		if n := len(utf16.Encode([]rune(name))); n > 31 || n == 0 || strings.ContainsAny(name, `:\/?*[]`) || strings.HasPrefix(name, "'") || strings.HasSuffix(name, "'") || seen[strings.ToLower(name)] {
			t.Errorf("a sheet is named %q", name)
		}
		seen[strings.ToLower(name)] = true
	}
	if len(names) != 1+9+8 {
		t.Errorf("there are %d sheets", len(names))
	}
}

func TestAWorkbookOfAHundredLinesTakesLittleMemory(t *testing.T) {
	r := sample(t)
	first := r.Lines
	for i := len(r.Lines); i < 100; i++ {
		line := first[i%len(first)]
		line.ID = fmt.Sprintf("X%d", i)
		r.Lines = append(r.Lines, line)
		r.Themes[i%3].Items[0].Lines = append(r.Themes[i%3].Items[0].Lines, line.ID)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := report.XLSX(io.Discard, r, "fr"); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 30<<20 { // all that was ever taken: more than is held at once
		t.Errorf("it takes %d MB", used>>20)
	}
}

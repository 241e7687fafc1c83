package cmd_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
)

// sheetsOf are the rows of all sheets of a workbook, by the letters of their columns, as they stand in its files.
func sheetsOf(t *testing.T, text []byte) (sheets [][]map[string]string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	load := func(name string, into any) {
		file, err := archive.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(xml.NewDecoder(file).Decode(into), file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	var texts struct {
		SI []struct {
			T string `xml:"t"`
		} `xml:"si"`
	}
	load("xl/sharedStrings.xml", &texts)
	for _, file := range archive.File {
		if !strings.HasPrefix(file.Name, "xl/worksheets/sheet") {
			continue
		}
		var sheet struct {
			Rows []struct {
				Cells []struct {
					R string `xml:"r,attr"`
					T string `xml:"t,attr"`
					V string `xml:"v"`
				} `xml:"c"`
			} `xml:"sheetData>row"`
		}
		load(file.Name, &sheet)
		var rows []map[string]string
		for _, r := range sheet.Rows {
			row := map[string]string{}
			for _, c := range r.Cells {
				if n, err := strconv.Atoi(c.V); c.T == "s" && err == nil && n < len(texts.SI) {
					c.V = texts.SI[n].T
				}
				row[strings.TrimRight(c.R, "0123456789")] = c.V
			}
			rows = append(rows, row)
		}
		sheets = append(sheets, rows)
	}
	return sheets
}

// workbookHas looks for each line in the sheets of its themes, which have 22 columns. A workbook keeps 15 digits of a number.
func workbookHas(t *testing.T, r wholeReport, text []byte) {
	t.Helper()
	found := map[string]map[string]string{}
	for _, rows := range sheetsOf(t, text) {
		if len(rows) > 0 && len(rows[0]) == 22 {
			for _, row := range rows[1:] {
				found[row["A"]] = row
			}
		}
	}
	for _, l := range r.Lines {
		row := found[l.ID]
		if row == nil {
			t.Errorf("%s is in no sheet", l.ID)
			continue
		}
		for column, want := range map[string]*float64{"D": l.Value, "E": l.Low, "F": l.High, "I": l.CoveragePct, "K": l.Observed, "M": l.Previous, "N": l.Target} {
			if x, err := strconv.ParseFloat(row[column], 64); want == nil && row[column] != "" || want != nil && (err != nil || math.Abs(x-*want) > 1e-13*math.Abs(*want)) {
				t.Errorf("column %s of %s in the workbook is %q, want %v", column, l.ID, row[column], told(want))
			}
		}
	}
}

package opendata

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"veille/collector"
)

// row is one line of a data set: strings, ints, float64s, bools and collector.Dates by the names of the fields. What is absent is empty.
type row map[string]any

// set fills a field where there is a value.
func set[T any](r row, name string, value *T) {
	if value != nil {
		r[name] = *value
	}
}

// say fills a field where there is a text.
func say(r row, name, text string) {
	if text = clean(text); text != "" {
		r[name] = text
	}
}

// tenth is a figure rounded to one decimal.
func tenth(x float64) float64 { return rounded(x, 1) }

// rounded is a figure rounded to some decimals; 0 and not -0 of nothing.
func rounded(x float64, decimals int) float64 {
	p := math.Pow10(decimals)
	return math.Round(x*p)/p + 0
}

// csvOf writes rows as CSV: UTF-8, commas, decimal points, ISO dates. Texts that a spreadsheet would take for a formula get an apostrophe, as in all
// tables of ours; those in JSON do not.
func csvOf(fields []field, rows []row) ([]byte, error) {
	records := make([][]string, 0, len(rows)+1)
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	records = append(records, names)
	for _, r := range rows {
		record := make([]string, len(fields))
		for i, f := range fields {
			record[i] = cell(r[f.Name])
		}
		records = append(records, record)
	}
	return separated(',', records)
}

// separated writes records as CSV.
func separated(comma rune, records [][]string) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Comma = comma
	if err := w.WriteAll(records); err != nil {
		return nil, fmt.Errorf("write CSV: %w", err)
	}
	return out.Bytes(), nil
}

// cell is a value as it stands in CSV.
func cell(v any) string {
	switch v := v.(type) {
	case string:
		return harmless(v)
	case collector.Date:
		return string(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// harmless is a text that no spreadsheet takes for a formula, also where it takes a mark within the text for the end of a cell: one that is set to
// semicolons reads a table of commas so, and the other way round.
func harmless(text string) string {
	var out strings.Builder
	first := true
	for _, c := range text {
		if first && strings.ContainsRune("=+-@\t\r＝＋－＠", c) {
			out.WriteByte('\'')
		}
		first = first && (c == ' ' || c == '"') || strings.ContainsRune(",;|\t\n", c)
		out.WriteRune(c)
	}
	return out.String()
}

// jsonOf writes rows as a JSON array of objects, each with all fields in their order; null where there is no value.
func jsonOf(fields []field, rows []row) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("[")
	for i, r := range rows {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n{")
		for j, f := range fields {
			value, err := compact(r[f.Name])
			if err != nil {
				return nil, fmt.Errorf("write %s of row %d as JSON: %w", f.Name, i+1, err)
			}
			if j > 0 {
				out.WriteByte(',')
			}
			fmt.Fprintf(&out, "%q:%s", f.Name, value)
		}
		out.WriteByte('}')
	}
	out.WriteString("\n]\n")
	return out.Bytes(), nil
}

// compact is a value as JSON on one line, with & and < as they are.
func compact(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// pretty is a value as JSON that people can read.
func pretty(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return out.Bytes(), nil
}

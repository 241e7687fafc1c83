package reports

import (
	"html"
	"html/template"
	"slices"
	"strings"

	"veille/collector/label"
	"veille/dashboards/frame"
)

// columns are those of a table, by their ids.
func columns(q frame.Request, ids ...string) []frame.Column {
	list := make([]frame.Column, len(ids))
	for i, id := range ids {
		list[i] = frame.Column{ID: id, Title: q.Say("reports.column." + id)}
	}
	return list
}

// hide leaves columns out of pages: there is no room for them, and spreadsheets and programs have them.
func hide(list []frame.Column, ids ...string) {
	for i, c := range list {
		list[i].Hidden = slices.Contains(ids, c.ID)
	}
}

// shownAs is a cell of a text that a page shows in other words.
func shownAs(text, words string) frame.Cell {
	return frame.Cell{Text: text, Mark: template.HTML(html.EscapeString(words))} //nolint:gosec // it is escaped
}

// linked is a cell of words that leads to a page of ours with parameters.
func linked(q frame.Request, words, path string, params ...any) frame.Cell {
	return frame.Cell{Text: words, Mark: anchor(frame.Page{Language: q.Language}.To(path, params...), words)}
}

func anchor(href, words string) template.HTML {
	return template.HTML(`<a href="` + html.EscapeString(href) + `">` + html.EscapeString(words) + `</a>`) //nolint:gosec // both are escaped
}

// yes is a word for whether something is so.
func yes(q frame.Request, so bool) frame.Cell {
	if so {
		return frame.Text(q.Say("reports.yes"))
	}
	return frame.Text(q.Say("reports.no"))
}

// number is a cell of a number; an empty one where it is absent.
func number(x *float64) frame.Cell { return frame.Cell{Number: x} }

// count is a cell of a whole number.
func count(n int) frame.Cell { return frame.Num(float64(n)) }

// statuses are those of lines, in the order of their columns.
func statuses() []string {
	return []string{label.Measured, label.Imported, label.Declared, label.NotApplicable, label.ToComplete}
}

// statusColumns are the ids of their columns.
func statusColumns() []string {
	ids := statuses()
	for i, s := range ids {
		ids[i] = strings.ReplaceAll(s, "-", "_")
	}
	return ids
}

// countLines are how many lines there are, and how many of each status.
func countLines(lines []label.Line) []frame.Cell {
	n := map[string]int{}
	for _, l := range lines {
		n[l.Status]++
	}
	cells := []frame.Cell{count(len(lines))}
	for _, s := range statuses() {
		cells = append(cells, count(n[s]))
	}
	return cells
}

// unit is a unit as the language writes it.
func unit(q frame.Request, name string) string { return q.Known("reports.unit.", name, name) }

// amount writes a figure with its unit.
func amount(q frame.Request, x float64, decimals int, name string) string {
	text := q.Number(x, decimals)
	if name == "" {
		return text
	}
	return text + "\u00a0" + unit(q, name)
}

// written is a cell of a number that a page writes with its unit; an empty one where it is absent.
func written(q frame.Request, x *float64, l label.Line) frame.Cell {
	c := number(x)
	if x != nil {
		c.Mark = template.HTML(html.EscapeString(amount(q, *x, l.Decimals, l.Unit))) //nolint:gosec // it is escaped
	}
	return c
}

// ranged is a cell of a value that a page writes with its unit, and below it what it lies between.
func ranged(q frame.Request, l label.Line) frame.Cell {
	c := written(q, l.Value, l)
	if between := rangeOf(q, l); between != "" {
		c.Mark += template.HTML(`<br><span class="small">` + html.EscapeString(between) + `</span>`) //nolint:gosec // it is escaped
	}
	return c
}

// rangeOf is what the value of a line lies between; "" where none is known.
func rangeOf(q frame.Request, l label.Line) string {
	if l.Value == nil || l.Low == nil || l.High == nil || *l.Low == *l.High {
		return ""
	}
	return q.Say("reports.range", q.Number(*l.Low, l.Decimals), q.Number(*l.High, l.Decimals))
}

package reports

import (
	"slices"
	"strings"

	"veille/collector/label"
	"veille/dashboards/frame"
)

// themeShown is what the template of a theme needs beside its tables.
type themeShown struct {
	Back           string
	Title, Period  string
	Items          []itemShown
	Lines          []lineShown
	ItemsAt, Parts frame.Pager
}

// itemShown is one point of a theme with what belongs to it.
type itemShown struct {
	ID, Title, Status string
	Points, Hints     []string
	More              int // points and hints that are not shown
	Remark            string
	Where             frame.Cell // where it is completed
	Lines             string     // their ids
}

// The sizes of what is shown at once.
const (
	mostItems    = 6
	mostLines    = 8
	mostPoints   = 6
	mostParts    = 5
	mostEvidence = 4
)

// theme is one theme of a report: its items, and its lines with all that must be said of them.
func (s sheet) theme(q frame.Request, params []any) (frame.View, error) {
	theme, err := s.themeOf(q)
	if err != nil {
		return frame.View{}, err
	}
	lines := s.linesOf(theme)
	items, table := s.itemsTable(q, theme), s.linesTable(q, lines)
	data := themeShown{Back: frame.Page{Language: q.Language}.To(s.base, params...), Title: s.Title.In(q.Code), Period: period(q, s.Period.From, s.Period.To)}
	items.Rows, data.ItemsAt = frame.CutBy(q, "items", items.Rows, mostItems)
	table.Rows, data.Parts = frame.CutBy(q, "lines", table.Rows, mostLines)
	data.ItemsAt.Kept, data.Parts.Kept = params, params
	for i := max(0, data.ItemsAt.First-1); i < data.ItemsAt.Last && q.ForPeople(); i++ {
		data.Items = append(data.Items, s.item(q, theme.Items[i]))
	}
	for i := max(0, data.Parts.First-1); i < data.Parts.Last && q.ForPeople(); i++ {
		data.Lines = append(data.Lines, s.line(q, lines[i]))
	}
	return frame.View{
		Title: theme.Title.In(q.Code), From: string(s.Period.From), To: string(s.Period.To), Simulated: s.Simulated, Keep: keep(params, data.ItemsAt, data.Parts),
		Tables: []frame.Table{items, table, partsTable(q, lines), s.evidenceTable(q, theme, lines)}, Data: data,
	}, nil
}

// itemsTable is the points of a theme.
func (s sheet) itemsTable(q frame.Request, theme label.Theme) frame.Table {
	t := frame.Table{ID: "items", Caption: q.Say("reports.items.caption"), Empty: q.Say("reports.items.none"), Columns: columns(q, "item", "id", "status", "line_ids", "remark")}
	hide(t.Columns, "remark")
	for _, item := range theme.Items {
		row := []frame.Cell{frame.Text(item.Title.In(q.Code)), frame.Text(item.ID), status(q, item.Status), frame.Text(strings.Join(item.Lines, ", ")), frame.Text(remark(item.Remark))}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// status is a cell of the status of a line or an item.
func status(q frame.Request, name string) frame.Cell {
	return frame.Text(q.Known("reports.status.", name, name))
}

// remark is the text of what the organisation says; "" for nothing.
func remark(r *label.Remark) string {
	if r == nil {
		return ""
	}
	return r.Text
}

// linesTable is lines, with their figures.
func (s sheet) linesTable(q frame.Request, lines []label.Line) frame.Table {
	t := frame.Table{ID: "lines", Caption: q.Say("reports.lines.caption"), Empty: q.Say("reports.lines.none"), Columns: columns(
		q, "id", "line", "value", "low", "high", "unit", "previous", "target", "target_by", "trend", "status", "coverage", "representative", "observed", "quality",
		"methods", "missing", "obtained", "formula", "notes", "remark",
	)}
	hide(t.Columns, "low", "high", "unit", "target_by", "representative", "observed", "methods", "missing", "obtained", "formula", "notes", "remark")
	for _, l := range lines {
		id := frame.Cell{Text: l.ID, Mark: anchor("#line-"+escape(l.ID), l.ID)}
		coverage := number(l.CoveragePct)
		if l.CoveragePct != nil {
			coverage.Mark = shownAs("", q.Percent(*l.CoveragePct/100)).Mark
		}
		t.Rows = append(t.Rows, []frame.Cell{
			id, frame.Text(l.Title.In(q.Code)), ranged(q, l), number(l.Low), number(l.High), frame.Text(unit(q, l.Unit)), written(q, l.Previous, l),
			written(q, l.Target, l), frame.Text(string(l.TargetBy)), frame.Text(q.Known("reports.trend.", l.Trend, l.Trend)), status(q, l.Status), coverage,
			yes(q, l.Representative), number(l.Observed), frame.Text(q.Known("reports.quality.", l.Quality, l.Quality)), frame.Text(q.Methods(l.Methods)),
			frame.Text(missing(q, l)), frame.Text(l.Obtained.In(q.Code)), frame.Text(l.Formula.In(q.Code)), frame.Text(strings.Join(words(q, l.Notes), " ")), frame.Text(remark(l.Remark)),
		})
	}
	return t
}

// partsTable is what lines are made of.
func partsTable(q frame.Request, lines []label.Line) frame.Table {
	t := frame.Table{ID: "parts", Caption: q.Say("reports.parts.caption"), Empty: q.Say("reports.parts.none"), Columns: columns(q, "line_id", "part", "value", "low", "high", "unit", "note")}
	for _, l := range lines {
		for _, p := range l.Parts {
			t.Rows = append(t.Rows, []frame.Cell{
				frame.Text(l.ID), frame.Text(p.Name.In(q.Code)), number(p.Value), number(p.Low), number(p.High), frame.Text(unit(q, p.Unit)), frame.Text(note(q, p)),
			})
		}
	}
	return t
}

func note(q frame.Request, p label.Part) string {
	if p.Note == nil {
		return ""
	}
	return p.Note.In(q.Code)
}

// evidenceTable is where items and lines of a theme can be looked up, each once.
func (s sheet) evidenceTable(q frame.Request, theme label.Theme, lines []label.Line) frame.Table {
	t := frame.Table{ID: "evidence", Caption: q.Say("reports.evidence.caption"), Empty: q.Say("reports.evidence.none"), Columns: columns(q, "number", "of", "title", "where", "on", "sha256", "note")}
	var numbers []int
	for _, item := range theme.Items {
		numbers = append(numbers, item.Evidence...)
	}
	for _, l := range lines {
		numbers = append(numbers, l.Evidence...)
	}
	slices.Sort(numbers)
	for _, e := range s.evidence(slices.Compact(numbers)) {
		t.Rows = append(t.Rows, []frame.Cell{
			count(e.Number), frame.Text(e.Of), frame.Text(e.Title), frame.Text(e.Where), frame.Text(string(e.On)), frame.Text(e.SHA256), frame.Text(e.Note),
		})
	}
	return t
}

// evidence is that of these numbers.
func (s sheet) evidence(numbers []int) (list []label.Evidence) {
	for _, e := range s.Evidence {
		if slices.Contains(numbers, e.Number) {
			list = append(list, e)
		}
	}
	return list
}

// item is a point of a theme as a page shows it.
func (s sheet) item(q frame.Request, x label.Item) itemShown {
	points, hints := words(q, x.Points), words(q, x.Hints)
	shown := itemShown{
		ID: x.ID, Title: x.Title.In(q.Code), Status: status(q, x.Status).Text, Remark: signed(q, x.Remark), Lines: strings.Join(x.Lines, ", "),
		Points: points[:min(len(points), mostPoints)], Hints: hints[:min(len(hints), mostPoints)],
	}
	shown.More = len(points) + len(hints) - len(shown.Points) - len(shown.Hints)
	if x.Status == label.ToComplete && len(x.Lines) == 0 {
		shown.Where = s.where(q, x.ID, true)
	}
	return shown
}

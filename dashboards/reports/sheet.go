package reports

import (
	"slices"

	"veille/collector"
	"veille/collector/label"
	"veille/dashboards/frame"
)

// sheet is a report, and where its pages are.
type sheet struct {
	label.Report
	base   string // address of its first page
	params []any  // that the addresses of its pages have
	advice advice
	edits  bool // the reader may complete its lines
}

// sheetShown is what the template of the first page of a report needs beside its figures and tables.
type sheetShown struct {
	Title, Source string // of the template
	Now           string // what is to be known of the page itself
	Limits        []string
	Period, Date  string
	Method        string
	SHA256        string // "" of a draft
	ID            int64  // of a kept report; 0 of a draft
	Files         []fileShown
	form          // of a draft
	MayKeep       bool
	Baselines     bool // there are some
	Themes, Todo  frame.Pager
}

// The sizes of the parts of its tables.
const (
	mostThemes    = 14
	mostTodo      = 12
	mostBaselines = 5
)

// show is the first page of a report: what must be read before its figures, its themes, and what is to be completed.
func (s sheet) show(q frame.Request) (frame.View, sheetShown) {
	v := frame.View{
		From: string(s.Period.From), To: string(s.Period.To), Simulated: s.Simulated, Figures: s.figures(q),
	}
	v.Notices = slices.Concat(words(q, s.First.Changes), words(q, s.First.Limits))
	data := sheetShown{
		Title: s.Title.In(q.Code), Source: s.Source.In(q.Code), Period: period(q, s.Period.From, s.Period.To), Date: q.Day(s.MadeOn), Method: s.MethodVersion, SHA256: s.SHA256,
		Baselines: len(s.First.Baselines) > 0, Limits: v.Notices,
	}
	themes, todo, baselines := s.themesTable(q), s.todoTable(q), s.baselinesTable(q)
	themes.Rows, data.Themes = frame.CutBy(q, "themes", themes.Rows, mostThemes)
	todo.Rows, data.Todo = frame.CutBy(q, "todo", todo.Rows, mostTodo)
	if q.ForPeople() {
		baselines.Rows = baselines.Rows[:min(len(baselines.Rows), mostBaselines)]
	}
	data.Themes.Kept, data.Todo.Kept = s.params, s.params
	v.Tables = []frame.Table{themes, todo, baselines}
	return v, data
}

// words are texts in the language of the reader.
func words(q frame.Request, all []label.Words) []string {
	list := make([]string, len(all))
	for i, w := range all {
		list[i] = w.In(q.Code)
	}
	return list
}

// period writes the months of a report.
func period(q frame.Request, from, to collector.Month) string {
	if from == to {
		return q.Month(from)
	}
	return q.Say("reports.period", q.Month(from), q.Month(to))
}

// figures are what must be read first.
func (s sheet) figures(q frame.Request) []frame.Figure {
	percent := func(id string, x *float64) frame.Figure {
		f := frame.Figure{ID: id, Label: q.Say("reports.figure." + id), Value: x, Unit: unit(q, "%"), Note: q.Say("reports.note." + id), How: "label", Missing: q.Say("reports.missing." + id)}
		for x != nil && *x < 100 && f.Decimals < 2 && q.Number(*x, f.Decimals) == q.Number(100, f.Decimals) {
			f.Decimals++ // only the whole is written as 100 %
		}
		return f
	}
	whole := func(id string, n int) frame.Figure {
		return frame.Figure{ID: id, Label: q.Say("reports.figure." + id), Value: new(float64(n)), How: "label"}
	}
	split := func(id string, x float64) frame.Figure {
		f := percent(id, &x)
		if s.Quality == (label.Quality{}) { // of no energy at all, nothing is known
			f.Value, f.Note = nil, ""
		}
		return f
	}
	done := 0
	for _, l := range s.Lines {
		if l.Status != label.ToComplete {
			done++
		}
	}
	complete, machines, sites, inventory := whole("complete", done), whole("machines", s.First.Machines), whole("sites", s.First.Sites), whole("inventory", s.First.Inventory)
	complete.Note, sites.Note, machines.Note = q.Say("reports.of", q.Count(len(s.Lines))), q.Say("reports.of", q.Count(s.First.SitesOf)), q.Say("reports.note.machines")
	if s.First.Inventory == 0 {
		inventory.Value, inventory.Missing = nil, q.Say("reports.missing.inventory")
	}
	months := whole("months", s.Period.Months)
	months.Note = q.Say("reports.of", q.Count(s.Period.Of))
	if s.First.Hidden > 0 {
		months.Note += q.Say("reports.note.hidden", q.Count(s.First.Hidden))
	}
	coverage, observed := percent("coverage", s.CoveragePct), percent("observed", s.First.ObservedPct)
	if s.First.Inventory == 0 {
		coverage.Note = observed.Note
	}
	for _, f := range []*frame.Figure{&coverage, &observed} {
		if f.Value == nil {
			f.Note = ""
		}
	}
	return []frame.Figure{
		complete, coverage, observed, split("high", s.Quality.HighPct), split("medium", s.Quality.MediumPct), split("low", s.Quality.LowPct),
		machines, inventory, sites, months,
	}
}

// themesTable is the themes with how many of their lines have what they need.
func (s sheet) themesTable(q frame.Request) frame.Table {
	t := frame.Table{
		ID: "themes", Caption: q.Say("reports.themes.caption"),
		Columns: append(columns(q, "theme", "theme_id", "items", "items_to_complete", "lines"), columns(q, statusColumns()...)...),
	}
	hide(t.Columns, "theme_id")
	for _, theme := range s.Themes {
		todo := 0
		for _, item := range theme.Items {
			if item.Status == label.ToComplete {
				todo++
			}
		}
		row := []frame.Cell{
			linked(q, theme.Title.In(q.Code), s.base+"/"+escape(theme.ID), s.params...), frame.Text(theme.ID), count(len(theme.Items)), count(todo),
		}
		t.Rows = append(t.Rows, append(row, countLines(s.linesOf(theme))...))
	}
	return t
}

// linesOf are the lines of a theme, each once, in their order.
func (s sheet) linesOf(theme label.Theme) (lines []label.Line) {
	for _, item := range theme.Items {
		for _, id := range item.Lines {
			i := slices.IndexFunc(s.Lines, func(l label.Line) bool { return l.ID == id })
			if i >= 0 && !slices.ContainsFunc(lines, func(l label.Line) bool { return l.ID == id }) {
				lines = append(lines, s.Lines[i])
			}
		}
	}
	return lines
}

// todoTable is what is to be completed, with where that is done: lines without a value, and items that no line tells about.
func (s sheet) todoTable(q frame.Request) frame.Table {
	t := frame.Table{ID: "todo", Caption: q.Say("reports.todo.caption"), Empty: q.Say("reports.todo.none"), Columns: columns(q, "what", "id", "theme", "missing", "where")}
	hide(t.Columns, "theme")
	seen := map[string]bool{}
	for _, theme := range s.Themes {
		at := s.base + "/" + escape(theme.ID)
		for _, item := range theme.Items {
			if item.Status == label.ToComplete && len(item.Lines) == 0 && !seen[item.ID] {
				seen[item.ID] = true
				t.Rows = append(t.Rows, []frame.Cell{
					linked(q, item.Title.In(q.Code), at, s.params...), frame.Text(item.ID), frame.Text(theme.Title.In(q.Code)), frame.Text(q.Say("reports.missing.item")), s.where(q, item.ID, true),
				})
			}
		}
		for _, l := range s.linesOf(theme) {
			if l.Status == label.ToComplete && !seen[l.ID] {
				seen[l.ID] = true
				t.Rows = append(t.Rows, []frame.Cell{
					linked(q, l.Title.In(q.Code), at, s.params...), frame.Text(l.ID), frame.Text(theme.Title.In(q.Code)), frame.Text(missing(q, l)), s.where(q, l.ID, false),
				})
			}
		}
	}
	return t
}

// missing says why a line has no value; "" where it has one.
func missing(q frame.Request, l label.Line) string {
	switch {
	case l.Missing != nil:
		return l.Missing.In(q.Code)
	case l.Value == nil && l.Status == label.ToComplete:
		return q.Say("reports.missing.line")
	}
	return ""
}

// where is where an item or a line can be completed: a link for those who may.
func (s sheet) where(q frame.Request, id string, item bool) frame.Cell {
	at := s.advice.of(id, item)
	text := q.Say("reports.where." + at.words)
	if at.path == "" || !s.edits {
		return frame.Text(text)
	}
	return linked(q, text, at.path, at.params...)
}

// baselinesTable is what savings are compared with.
func (s sheet) baselinesTable(q frame.Request) frame.Table {
	t := frame.Table{ID: "baselines", Caption: q.Say("reports.baselines.caption"), Empty: q.Say("reports.baselines.none"), Columns: columns(q, "action", "from", "to", "kept_on")}
	for _, b := range s.First.Baselines {
		kept := frame.Text(q.Say("reports.not_kept"))
		if b.KeptOn != "" {
			kept = shownAs(string(b.KeptOn), q.Day(b.KeptOn))
		}
		t.Rows = append(t.Rows, []frame.Cell{frame.Text(b.Action), shownAs(string(b.From), q.Month(b.From)), shownAs(string(b.To), q.Month(b.To)), kept})
	}
	return t
}

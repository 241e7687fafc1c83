package report

import (
	"math"
	"strconv"
	"strings"

	"veille/collector/label"
)

// sheets are all sheets of a report, in their order.
func (l language) sheets(r label.Report) []sheet {
	all := []sheet{l.firstSheet(r)}
	lines := linesByID(r)
	for _, t := range r.Themes {
		all = append(all, l.themeSheet(t, lines))
	}
	return append(all, l.partsSheet(r), l.actionsSheet(r), l.stepsSheet(r), l.formulasSheet(r), l.factorsSheet(r), l.pricesSheet(r), l.evidenceSheet(r),
		l.inventorySheet(r))
}

// firstSheet is what stands on the cover and what must be read first.
func (l language) firstSheet(r label.Report) sheet {
	s := sheet{name: l.say("first"), columns: []column{wide(36, l.say("sheet.field")), wide(110, l.say("sheet.says"))}}
	add := func(key, says string) { s.row(cell{text: l.say(key)}, text(says)) }
	if r.Simulated {
		add("simulated", l.say("simulated.why"))
	}
	add("cover.organisation", r.Organisation)
	if r.SIREN == "" {
		add("cover.siren", l.say("cover.siren.none"))
	} else {
		add("cover.siren", r.SIREN)
	}
	if r.Contact != "" {
		add("cover.contact", r.Contact)
	}
	add("cover.template", l.say("cover.template.is", l.text(r.Title), plain(r.Template), plain(r.TemplateVersion)))
	add("cover.source", l.text(r.Source))
	add("cover.made", l.day(r.MadeOn))
	if r.SHA256 == "" {
		add("cover.hash", l.say("cover.unsealed"))
	} else {
		add("cover.hash", r.SHA256)
	}
	v := l.first(r)
	for _, f := range v.Facts {
		s.row(text(f.Term), text(f.Says))
	}
	each := func(key, none string, all []string) {
		if len(all) == 0 {
			add(key, l.say(none))
		}
		for _, says := range all {
			add(key, says)
		}
	}
	each("first.limits", "first.limits.none", v.Limits)
	each("first.baselines", "first.baselines.none", v.Baselines)
	if len(v.Baselines) > 0 {
		add("first.baselines", l.say("first.baselines.intro"))
	}
	each("first.changes", "first.changes.none", v.Changes)
	var weak []string
	for _, w := range l.weak(r, l.lineViews(r)) {
		weak = append(weak, w.Line.ID+" "+w.Line.Title+l.say("colon")+w.Why)
	}
	each("first.weak", "first.weak.none", weak)
	for _, key := range []string{"first.read.unknown", "first.read.range", "first.read.coverage", "first.quality.note"} {
		add("first.read", l.say(key))
	}
	return s
}

// themeSheet is the lines of a theme, each once.
func (l language) themeSheet(t label.Theme, lines map[string]label.Line) sheet {
	s := sheet{name: l.say("theme.title", plain(t.ID), l.text(t.Title))}
	for _, c := range []struct {
		key  string
		wide float64
	}{
		{"line.id", 9},
		{"line.item", 12},
		{"line.title", 44},
		{"line.value", 13},
		{"line.low", 13},
		{"line.high", 13},
		{"line.unit", 10},
		{"line.status", 13},
		{"line.coverage", 13},
		{"line.representative", 15},
		{"line.observed", 15},
		{"line.quality", 11},
		{"line.previous", 13},
		{"line.target", 13},
		{"line.target_by", 16},
		{"line.trend", 16},
		{"line.methods", 28},
		{"line.obtained", 44},
		{"line.missing", 44},
		{"line.notes", 44},
		{"line.evidence", 11},
		{"line.remark", 44},
	} {
		s.columns = append(s.columns, wide(c.wide, l.say(c.key)))
	}
	seen := map[string]bool{}
	for _, item := range t.Items {
		if len(item.Lines) == 0 {
			s.row(cell{}, text(item.ID), text(l.text(item.Title)), cell{}, cell{}, cell{}, cell{}, text(l.known("status.", item.Status)), cell{}, cell{}, cell{},
				cell{}, cell{}, cell{}, cell{}, cell{}, cell{}, cell{}, cell{}, cell{}, text(l.numbers(item.Evidence)), text(l.remark(item.Remark)))
		}
		for _, id := range item.Lines {
			if line, known := lines[id]; known && !seen[id] {
				seen[id] = true
				s.row(l.cells(item.ID, line)...)
			}
		}
	}
	return s
}

// cells are those of a line, in the order of the columns of a theme.
func (l language) cells(item string, line label.Line) []cell {
	missing, representative := "", cell{}
	if line.Value == nil {
		missing = l.missing(line)
	} else {
		representative = text(l.yes(line.Representative))
	}
	d := line.Decimals
	return []cell{
		text(line.ID), text(item), text(l.text(line.Title)), perhaps(line.Value, d), perhaps(line.Low, d), perhaps(line.High, d), text(l.unitAlone(line.Unit)),
		text(l.known("status.", line.Status)), perhaps(line.CoveragePct, 0), representative, perhaps(line.Observed, d), l.perhapsKnown("quality.", line.Quality),
		perhaps(line.Previous, d), perhaps(line.Target, d), text(l.month(line.TargetBy)), l.perhapsKnown("trend.", line.Trend), text(l.methods(line.Methods)),
		text(l.text(line.Obtained)), text(missing), text(strings.Join(l.texts(line.Notes), "\n")), text(l.numbers(line.Evidence)), text(l.remark(line.Remark)),
	}
}

// perhapsKnown is the text of a code; nothing for none.
func (l language) perhapsKnown(prefix, code string) cell {
	if code == "" {
		return cell{}
	}
	return text(l.known(prefix, code))
}

// numbers are those of evidence.
func (l language) numbers(all []int) string {
	list := make([]string, len(all))
	for i, n := range all {
		list[i] = strconv.Itoa(n)
	}
	return strings.Join(list, l.say("and"))
}

// remark is what the organisation says, and who stands for it.
func (l language) remark(m *label.Remark) string {
	if m == nil {
		return ""
	}
	by := l.say("remark.nobody")
	if m.By != "" {
		by = l.say("remark.by", plain(m.By), l.day(m.On))
	}
	if m.NotApplicable {
		by = l.say("remark.not_applicable") + " " + by
	}
	return plain(m.Text) + "\n" + by
}

func (l language) partsSheet(r label.Report) sheet {
	s := sheet{name: l.say("sheet.parts"), columns: []column{
		wide(9, l.say("line.id")), wide(40, l.say("line.title")), wide(34, l.say("parts.part")), wide(13, l.say("line.value")), wide(13, l.say("line.low")),
		wide(13, l.say("line.high")), wide(10, l.say("line.unit")), wide(44, l.say("parts.note")),
	}}
	for _, line := range r.Lines {
		for _, p := range line.Parts {
			note := ""
			if p.Note != nil {
				note = l.text(*p.Note)
			}
			s.row(text(line.ID), text(l.text(line.Title)), text(l.text(p.Name)), perhaps(p.Value, line.Decimals), perhaps(p.Low, line.Decimals),
				perhaps(p.High, line.Decimals), text(l.unitAlone(p.Unit)), text(note))
		}
	}
	return s
}

func (l language) actionsSheet(r label.Report) sheet {
	s := sheet{name: l.say("actions.sheet"), columns: []column{
		wide(8, l.say("evidence.number")), wide(40, l.say("action")), wide(18, l.say("action.measure")), wide(24, l.say("action.where")),
		wide(18, l.say("action.on")), wide(18, l.say("action.until")), wide(24, l.say("action.owner")), wide(10, l.say("action.serves")),
		wide(16, l.say("action.expected")+" (kWh)"), wide(40, l.say("action.baseline")),
	}}
	for _, g := range gains(label.Action{}) {
		for _, bound := range []string{"", "line.low", "line.high"} {
			title := l.say(g.key) + " (" + g.unit + ")"
			if bound != "" {
				title += l.say("and") + strings.ToLower(l.say(bound))
			}
			s.columns = append(s.columns, wide(15, title))
		}
	}
	s.columns = append(s.columns, wide(14, l.say("action.counted")), wide(44, l.say("line.missing")), wide(44, l.say("line.notes")), wide(11, l.say("line.evidence")))
	for _, a := range r.Actions {
		s.row(l.actionCells(a)...)
	}
	return s
}

func (l language) actionCells(a label.Action) []cell {
	where, base, missing := l.say("action.everywhere"), "", ""
	if a.Where != "" {
		where = a.Where
	}
	if a.Base.From != "" {
		base = l.months(a.Base.From, a.Base.To) + l.say("and") + l.kept(a.Base)
	}
	if a.Missing != nil {
		missing = l.text(*a.Missing)
	}
	cells := []cell{
		text(strconv.FormatInt(a.ID, 10)), text(a.Name), text(l.known("measure.", a.Measure)), text(where), text(l.day(a.On)), text(l.day(a.Until)), text(a.Owner),
		text(a.Serves), perhaps(a.ExpectedKWh, 0), text(base),
	}
	for _, g := range gains(a) {
		if g.figure == nil {
			cells = append(cells, cell{}, cell{}, cell{})
			continue
		}
		cells = append(cells, number(g.figure.Value, 0), number(g.figure.Low, 0), number(g.figure.High, 0))
	}
	notes := l.texts(a.Notes)
	if a.Within {
		notes = append(notes, l.say("action.within"))
	}
	if a.Note != "" {
		notes = append(notes, plain(a.Note))
	}
	return append(cells, text(l.yes(a.Counted)), text(missing), text(strings.Join(notes, "\n")), text(l.numbers(a.Evidence)))
}

func (l language) stepsSheet(r label.Report) sheet {
	s := sheet{name: l.say("steps"), columns: []column{
		wide(20, l.say("step.on")), wide(34, l.say("step.kind")), wide(44, l.say("step.title")), wide(28, l.say("step.owner")), wide(44, l.say("parts.note")),
		wide(11, l.say("line.evidence")),
	}}
	for _, p := range r.Steps {
		s.row(text(l.day(p.On)), text(l.known("step.", p.Kind)), text(p.Title), text(p.Owner), text(p.Note), text(l.numbers(p.Evidence)))
	}
	return s
}

func (l language) formulasSheet(r label.Report) sheet {
	s := sheet{name: l.say("annex.formulas"), columns: []column{wide(9, l.say("line.id")), wide(50, l.say("line.title")), wide(90, l.say("line.formula"))}}
	for _, line := range r.Lines {
		s.row(text(line.ID), text(l.text(line.Title)), text(l.text(line.Formula)))
	}
	return s
}

func (l language) factorsSheet(r label.Report) sheet {
	s := sheet{name: l.say("annex.factors"), columns: []column{
		wide(22, l.say("factor.id")), wide(13, l.say("factor.value")), wide(13, l.say("line.low")), wide(13, l.say("line.high")), wide(14, l.say("line.unit")),
		wide(9, l.say("factor.year")), wide(60, l.say("factor.source")), wide(44, l.say("factor.link")), wide(22, l.say("factor.licence")),
		wide(14, l.say("factor.verified")),
	}}
	for _, f := range r.Factors {
		d := max(decimalsOf(f.Value), decimalsOf(f.Low), decimalsOf(f.High))
		s.row(text(f.ID), number(f.Value, d), number(f.Low, d), number(f.High, d), text(f.Unit), text(l.year(f.Year)), text(f.Source), text(f.Link), text(f.Licence),
			text(l.verified(f)))
	}
	return s
}

// decimalsOf is how many decimals a number has, 6 at most.
func decimalsOf(x float64) int {
	for d := range 6 {
		if math.Abs(x*math.Pow10(d)-math.Round(x*math.Pow10(d))) < 1e-9*math.Abs(x*math.Pow10(d)) || x == 0 {
			return d
		}
	}
	return 6
}

func (l language) pricesSheet(r label.Report) sheet {
	s := sheet{name: l.say("annex.prices.sheet"), columns: []column{
		wide(20, l.say("price.from")), wide(16, l.say("price.value")+" (€/kWh)"), wide(28, l.say("price.tax")), wide(50, l.say("price.source")),
	}}
	for _, p := range r.Prices {
		s.row(text(l.month(p.From)), number(p.EuroPerKWh, 4), text(l.known("price.", p.Tax)), text(p.Source))
	}
	return s
}

func (l language) evidenceSheet(r label.Report) sheet {
	s := sheet{name: l.say("evidence"), columns: []column{
		wide(8, l.say("evidence.number")), wide(44, l.say("evidence.title")), wide(60, l.say("evidence.where")), wide(20, l.say("evidence.on")),
		wide(14, l.say("evidence.of")), wide(68, l.say("evidence.sha")), wide(44, l.say("parts.note")),
	}}
	for _, e := range r.Evidence {
		s.row(whole(e.Number), text(e.Title), text(e.Where), text(l.day(e.On)), text(e.Of), text(e.SHA256), text(e.Note))
	}
	return s
}

func (l language) inventorySheet(r label.Report) sheet {
	s := sheet{name: l.say("annex.inventory"), columns: []column{
		wide(22, l.say("stock.class")), wide(13, l.say("stock.count")), wide(13, l.say("stock.stock")), wide(16, l.say("stock.known")),
		wide(16, l.say("stock.mean")), wide(18, l.say("stock.reused")), wide(18, l.say("stock.lasts")), wide(12, l.say("stock.quality")),
	}}
	for _, k := range r.Inventory {
		s.row(text(l.known("device.", k.Class)), whole(k.Count), whole(k.InStock), whole(k.Known), perhaps(k.MeanYears, 1), whole(k.Reused), perhaps(k.Lasts, 1),
			l.perhapsKnown("quality.", k.Quality))
	}
	return s
}

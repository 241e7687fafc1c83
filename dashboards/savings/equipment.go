package savings

import (
	"cmp"
	"context"
	"html/template"
	"slices"
	"strconv"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/chart"
	"veille/dashboards/frame"
)

// equipmentData is what templates/savings_equipment.html needs beside figures.
type equipmentData struct {
	Any      bool
	Settings bool // the reader may import
	SVG      template.HTML
	Pager    frame.Pager
}

// fleet is devices, counted.
type fleet struct {
	Count, Known, Reused, Older int
	olderOf                     int     // devices of known age whose usual life is known
	years                       float64 // of all of Known together
	spared                      *balance.Range
}

// sum adds up the classes.
func sum(lives []balance.Life) (f fleet) {
	for _, x := range lives {
		f.Count, f.Known, f.Reused, f.Older = f.Count+x.Count, f.Known+x.Known, f.Reused+x.Reused, f.Older+x.Older
		f.years += x.MeanYears * float64(x.Known)
		if x.Usual != nil {
			f.olderOf += x.Known
		}
		if x.Spared != nil {
			if f.spared == nil {
				f.spared = new(balance.Range)
			}
			f.spared.Value, f.spared.Low, f.spared.High = f.spared.Value+x.Spared.Value, f.spared.Low+x.Spared.Low, f.spared.High+x.Spared.High
		}
	}
	return f
}

// mean is the mean age in years; false where no age is known.
func (f fleet) mean() (years float64, ok bool) {
	if f.Known == 0 {
		return 0, false
	}
	return f.years / float64(f.Known), true
}

// equipment is the page about devices: what there is, how old it is, and what a longer life spares.
func (p *Pages) equipment(ctx context.Context, q frame.Request) (frame.View, error) {
	book, err := p.book(ctx, q.Reader.Organisation)
	if err != nil {
		return frame.View{}, err
	}
	names, err := p.places(ctx, q.Language, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	all, err := p.ledger.Equipment(ctx, q.Reader.Organisation)
	if err != nil {
		return frame.View{}, err
	}
	all = slices.DeleteFunc(collector.InService(all), func(e collector.Equipment) bool {
		return e.Organisation != q.Reader.Organisation || q.Reader.Site != 0 && e.Site != q.Reader.Site
	})
	today := p.today()
	lives := book.Lives(all, today)
	ages := balance.Pyramid(all, today)
	sites := sitesTable(names, book, all, today)
	rows, pager := frame.Cut(q, sites.Rows, sitesShown)
	sites.Rows = rows
	view := frame.View{
		Keep:   pager.Keep(),
		Tables: []frame.Table{agesTable(q.Language, ages), classesTable(q.Language, lives), sites, factorsTable(q.Language, book, lives)},
		Data: equipmentData{
			Any: len(all) > 0, Settings: q.Reader.Has(collector.RoleIT, collector.RoleOfficer) && q.Reader.Site == 0,
			SVG: pyramid(q.Language, ages), Pager: pager,
		},
	}
	if len(all) > 0 {
		view.Figures = equipmentFigures(q.Language, sum(lives))
	}
	return view, nil
}

// equipmentFigures are the figures of all devices.
func equipmentFigures(l frame.Language, f fleet) []frame.Figure {
	age := frame.Figure{ID: "mean-age", Label: l.Say("savings.mean_age"), Unit: l.Say("savings.years"), How: "equipment", Decimals: 1, Missing: l.Say("savings.no_age")}
	if years, ok := f.mean(); ok {
		age.Value = &years
	}
	if f.Known < f.Count {
		age.Note = l.Say("savings.age_known", l.Count(f.Known), l.Count(f.Count))
	}
	reused := frame.Figure{ID: "reused", Label: l.Say("savings.reused"), Unit: "%", How: "equipment", Decimals: 1}
	reused.Value = percentOf(float64(f.Reused), float64(f.Count), f.Count).Number
	older := frame.Figure{ID: "older", Label: l.Say("savings.older"), How: "equipment", Missing: l.Say("savings.no_life")}
	if f.olderOf > 0 {
		older.Value = new(float64(f.Older))
		older.Note = l.Say("savings.older_of", l.Count(f.olderOf))
	}
	spared := perhaps("spared", l.Say("savings.spared"), f.spared, kgCO2, "equipment", l.Say("savings.no_made"))
	return []frame.Figure{count("devices", l.Say("savings.devices"), f.Count, "equipment"), age, reused, older, spared}
}

// ageName is how an age is called.
func ageName(l frame.Language, years int) string {
	switch years {
	case -1:
		return l.Say("savings.age.unknown")
	case 0:
		return l.Say("savings.age.0")
	case 1:
		return l.Say("savings.age.1")
	}
	return l.Say("savings.age.n", l.Count(years))
}

// agesTable is devices by age.
func agesTable(l frame.Language, ages []balance.Age) frame.Table {
	table := frame.Table{ID: "ages", Caption: l.Say("savings.ages.caption"), Columns: []frame.Column{
		{ID: "age", Title: l.Say("savings.age")},
		{ID: "years", Title: l.Say("savings.age"), Hidden: true},
		{ID: "new", Title: l.Say("savings.as_new")},
		{ID: "reused", Title: l.Say("savings.as_reused")},
	}}
	for _, a := range ages {
		years := frame.Num(float64(a.Years))
		if a.Years < 0 {
			years = frame.Cell{}
		}
		table.Rows = append(table.Rows, []frame.Cell{frame.Text(ageName(l, a.Years)), years, frame.Num(float64(a.New)), frame.Num(float64(a.Reused))})
	}
	return table
}

// pyramid draws devices by age; nothing where there are none.
func pyramid(l frame.Language, ages []balance.Age) template.HTML {
	drawing := chart.Pyramid{
		ID: "ages", Title: l.Say("savings.ages.chart"), Desc: l.Say("savings.ages.desc"), Left: l.Say("savings.ages.left"), Right: l.Say("savings.ages.right"),
	}
	for _, a := range ages {
		drawing.Levels = append(drawing.Levels, chart.Level{
			Label: ageName(l, a.Years), Left: float64(a.New), Right: float64(a.Reused), LeftText: l.Count(a.New), RightText: l.Count(a.Reused),
		})
	}
	if len(drawing.Levels) == 0 {
		return ""
	}
	return drawing.SVG()
}

// ageCells are the cells of how old devices are, and how many were not bought new.
func ageCells(f fleet) []frame.Cell {
	age := frame.Cell{}
	if years, ok := f.mean(); ok {
		age = frame.Num(years)
	}
	return []frame.Cell{frame.Num(float64(f.Count)), frame.Num(float64(f.Known)), age, frame.Num(float64(f.Reused)), percentOf(float64(f.Reused), float64(f.Count), f.Count)}
}

// ageColumns are those of ageCells.
func ageColumns(l frame.Language) []frame.Column {
	return []frame.Column{
		{ID: "devices", Title: l.Say("savings.devices")},
		{ID: "known", Title: l.Say("savings.known_age"), Hidden: true},
		{ID: "mean_years", Title: l.Say("savings.mean_age"), Unit: "a", Decimals: 1},
		{ID: "reused", Title: l.Say("savings.as_reused"), Hidden: true},
		{ID: "reused_share", Title: l.Say("savings.reused.percent"), Unit: "%", Decimals: 1},
	}
}

// classesTable is devices by class.
func classesTable(l frame.Language, lives []balance.Life) frame.Table {
	table := frame.Table{ID: "classes", Caption: l.Say("savings.classes.caption")}
	table.Columns = slices.Concat([]frame.Column{{ID: "class", Title: l.Say("savings.class")}, {ID: "id", Title: "id", Hidden: true}}, ageColumns(l),
		columns(l, "usual_years", l.Say("savings.usual"), "a", false), []frame.Column{{ID: "older", Title: l.Say("savings.older.brief")}},
		columns(l, "spared", l.Say("savings.spared.brief"), kgCO2, true))
	for i := range table.Columns {
		if table.Columns[i].ID == "usual_years" {
			table.Columns[i].Decimals = 1
		}
	}
	for _, x := range lives {
		usual, older := make([]frame.Cell, 3), frame.Cell{}
		if x.Usual != nil {
			usual = []frame.Cell{frame.Num(x.Usual.Value), frame.Num(x.Usual.Low), frame.Num(x.Usual.High)}
			if x.Known > 0 {
				older = frame.Num(float64(x.Older))
			}
		}
		table.Rows = append(table.Rows, slices.Concat(
			[]frame.Cell{frame.Text(l.Known("savings.device.", x.Class, x.Class)), frame.Text(x.Class)}, ageCells(sum([]balance.Life{x})), usual, []frame.Cell{older},
			cells(x.Spared)))
	}
	return table
}

// sitesTable is devices by site, those of the site with most of them first, then by name.
func sitesTable(names places, book balance.Book, all []collector.Equipment, today collector.Date) frame.Table {
	l := names.Language
	table := frame.Table{ID: "sites", Caption: l.Say("savings.equipment.sites")}
	table.Columns = slices.Concat([]frame.Column{{ID: "site", Title: l.Say("savings.site")}}, ageColumns(l),
		[]frame.Column{{ID: "older", Title: l.Say("savings.older.brief")}}, columns(l, "spared", l.Say("savings.spared.brief"), kgCO2, false))
	of := map[int64][]collector.Equipment{}
	var sites []int64
	for _, e := range all {
		if of[e.Site] == nil {
			sites = append(sites, e.Site)
		}
		of[e.Site] = append(of[e.Site], e)
	}
	fleets := map[int64]fleet{}
	for _, site := range sites {
		fleets[site] = sum(book.Lives(of[site], today))
	}
	compare := frame.Alphabet()
	slices.SortFunc(sites, func(a, b int64) int {
		return cmp.Or(cmp.Compare(fleets[b].Count, fleets[a].Count), compare(names.name(privacy.Site(a)), names.name(privacy.Site(b))), cmp.Compare(a, b))
	})
	for _, site := range sites {
		f, older := fleets[site], frame.Cell{}
		if f.olderOf > 0 {
			older = frame.Num(float64(f.Older))
		}
		table.Rows = append(table.Rows, slices.Concat([]frame.Cell{names.cell(privacy.Site(site))}, ageCells(f), []frame.Cell{older}, cells(f.spared)))
	}
	return table
}

// factorsTable is the factors that the figures are reckoned with.
func factorsTable(l frame.Language, book balance.Book, lives []balance.Life) frame.Table {
	table := frame.Table{ID: "factors", Caption: l.Say("savings.factors.caption"), Empty: l.Say("savings.factors.none"), Columns: slices.Concat(
		[]frame.Column{{ID: "factor", Title: l.Say("savings.factor")}, {ID: "id", Title: "id", Hidden: true}}, columns(l, "value", l.Say("savings.value"), "", true),
		[]frame.Column{
			{ID: "unit", Title: l.Say("savings.unit")},
			{ID: "year", Title: l.Say("savings.year"), Hidden: true},
			{ID: "source", Title: l.Say("savings.source")},
			{ID: "licence", Title: l.Say("savings.licence")},
			{ID: "link", Title: l.Say("savings.link"), Hidden: true},
		},
	)}
	for _, x := range lives {
		for _, kind := range []string{"life.", "made."} {
			f, ok := book.Factor(kind + x.Class)
			if !ok {
				continue
			}
			device := l.Known("savings.device.", x.Class, x.Class)
			value := cells(&balance.Range{Value: f.Value, Low: f.Low, High: f.High})
			table.Rows = append(table.Rows, slices.Concat([]frame.Cell{frame.Text(l.Say("savings.factor."+kind+"of", device)), frame.Text(f.ID)}, value, []frame.Cell{
				frame.Text(l.Known("savings.unit.", f.Unit, f.Unit)), frame.Num(float64(f.Year)), source(l, f), frame.Text(f.Licence), frame.Text(f.Link),
			}))
		}
	}
	for i := range table.Columns {
		if id := table.Columns[i].ID; id == "value" || id == "value_low" || id == "value_high" {
			table.Columns[i].Decimals = 1
		}
	}
	return table
}

// source is what says a factor, and where.
func source(l frame.Language, f collector.Factor) frame.Cell {
	text := l.Say("savings.source_year", f.Source, strconv.Itoa(f.Year))
	if href := l.Href(f.Link); href != "" {
		return frame.Cell{Text: text, Mark: template.HTML(`<a href="` + template.HTMLEscapeString(href) + `" rel="noreferrer">` + template.HTMLEscapeString(text) + `</a>`)} //nolint:gosec // escaped
	}
	return frame.Text(text)
}

package savings

import (
	"cmp"
	"context"
	"html/template"
	"slices"
	"strings"

	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/chart"
	"veille/dashboards/frame"
)

// leversDrawn is how many levers are drawn and said in words: those that save most.
const leversDrawn = 10

// leversData is what templates/savings_levers.html needs beside figures.
type leversData struct {
	Sentences []string
	SVG       template.HTML
	Hidden    []string // sentences: which places are not told of, and why
	Methods   string
	Pager     frame.Pager
	Nothing   bool // no month is fixed: the notice says so, once for all figures
}

// lever is a lever at a place.
type lever struct {
	balance.Lever
	node privacy.Node
	year balance.Account
	left float64 // share of the time that is left out, since parts of the day are not told apart in it
}

// silence is a place of which no lever is told, and why.
type silence struct {
	node privacy.Node
	why  string // in words
}

// levers is the page about what would save energy: of each site, or of each group where the reader is of one site. It is reckoned from the
// nodes that the door shows, each by itself: nothing is added up or taken from each other, so what is hidden stays so.
func (p *Pages) levers(ctx context.Context, q frame.Request) (frame.View, error) {
	book, err := p.book(ctx, q.Reader.Organisation)
	if err != nil {
		return frame.View{}, err
	}
	a, err := p.askYear(ctx, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	names, err := p.places(ctx, q.Language, q.Reader, q.Reader.Site)
	if err != nil {
		return frame.View{}, err
	}
	node := top(q.Reader)
	answers := a.answers[node]
	all, silent := leversBelow(q.Language, book, answers)
	view := frame.View{From: string(a.first()), To: string(a.last()), Simulated: a.simulated}
	if len(answers) == 0 {
		view.Notices = []string{q.Say("savings.nothing")}
	}
	months, left := balance.Apart(monthsOf(book, answers, node, balance.Workstations))
	whole := balance.Add(months)
	view.Figures = leverFigures(q.Language, book, whole, left)
	table := leverTable(names, all, q.Reader.Site != 0)
	rows, pager := frame.Cut(q, table.Rows, rowsShown)
	table.Rows, view.Keep = rows, pager.Keep()
	view.Tables = []frame.Table{table, silentTable(names, silent)}
	view.Data = leversData{
		Sentences: leverSentences(names, all), SVG: leverBars(names, all), Hidden: silentSentences(names, silent),
		Methods: q.Methods(whole.Methods), Pager: pager, Nothing: len(answers) == 0,
	}
	return view, nil
}

// leversBelow are the levers of the children of the node that the answers are about, the largest first, and of which children none is told.
func leversBelow(l frame.Language, book balance.Book, answers []privacy.Answer) (all []lever, silent []silence) {
	var nodes []privacy.Node
	for _, a := range answers {
		for _, f := range a.Children {
			if !slices.Contains(nodes, f.Node) {
				nodes = append(nodes, f.Node)
			}
		}
	}
	for _, n := range nodes {
		months := monthsOf(book, answers, n, balance.Workstations)
		if len(months) == 0 {
			continue // it has no machine
		}
		months, left := balance.Apart(months)
		account := balance.Add(months)
		found := book.Levers(account)
		for _, x := range found {
			all = append(all, lever{x, n, account, left})
		}
		if len(found) == 0 {
			silent = append(silent, silence{n, whyNoLever(l, account)})
		}
	}
	slices.SortStableFunc(all, func(x, y lever) int { return cmp.Compare(y.KWh.Value, x.KWh.Value) })
	return all, silent
}

// leastKnown is the share of the time that must be known, and of that which must be covered, for a lever: balance.Levers says so.
const leastKnown = 0.6

// whyNoLever says why an account tells of no lever.
func whyNoLever(l frame.Language, a balance.Account) string {
	switch {
	case a.Months == 0 && a.HiddenMonths > 0:
		return why(l, a.Hidden)
	case slices.ContainsFunc(a.Parts, func(p balance.Part) bool { return p.Part == privacy.Mixed }):
		return l.Say("savings.why.mixed")
	case a.Known < leastKnown || a.Covered < leastKnown:
		return l.Say("savings.why.coverage")
	}
	return l.Say("savings.why.short")
}

// leverFigures are the levers of all that the reader may see, reckoned from what is shown of the whole.
func leverFigures(l frame.Language, book balance.Book, whole balance.Account, left float64) []frame.Figure {
	missing := l.Say("savings.nothing")
	if whole.Months+whole.HiddenMonths > 0 {
		missing = whyNoLever(l, whole)
	}
	levers := map[string]balance.Lever{}
	for _, x := range book.Levers(whole) {
		levers[x.ID] = x
	}
	var figures []frame.Figure
	for _, id := range leverIDs(levers) {
		x, found := levers[id]
		name := l.Known("savings.lever.", id, id)
		energy := perhaps(id+".kwh", l.Say("savings.would_save", name), nil, kWh, "levers", missing)
		if found {
			energy = obtained(figure(id+".kwh", l.Say("savings.would_save", name), x.KWh, kWh, "levers"), whole)
			energy.Note = strings.TrimSpace(l.Say("savings.on_machines", l.Count(x.Machines)) + " " + remark(l, lever{x, privacy.Node{}, whole, left}))
		}
		money, carbon := missing, missing
		if found {
			money, carbon = l.Say("savings.no_price"), l.Say("savings.no_factor")
		}
		price := perhaps(id+".euros", l.Say("savings.would_save.money", name), x.Euros, euros, "money", money)
		if x.Euros != nil {
			price.Note = taxWords(l, x.Tax)
		}
		figures = append(figures, energy, price, perhaps(id+".carbon", l.Say("savings.would_save.carbon", name), x.Carbon, kgCO2, "carbon", carbon))
	}
	return figures
}

// leverIDs are those of the levers that there are, and always the first, the largest first.
func leverIDs(levers map[string]balance.Lever) []string {
	ids := []string{balance.SleepPolicy, balance.SwitchOff}
	ids = slices.DeleteFunc(ids, func(id string) bool { _, found := levers[id]; return !found && id != balance.SleepPolicy })
	slices.SortStableFunc(ids, func(x, y string) int { return cmp.Compare(levers[y].KWh.Value, levers[x].KWh.Value) })
	return ids
}

// leverTable is all levers, the largest first.
func leverTable(names places, all []lever, groups bool) frame.Table {
	l := names.Language
	place := l.Say("savings.site")
	if groups {
		place = l.Say("savings.group")
	}
	table := frame.Table{ID: "levers", Caption: l.Say("savings.levers.caption"), Empty: l.Say("savings.levers.none")}
	table.Columns = slices.Concat(
		[]frame.Column{
			{ID: "place", Title: place},
			{ID: "id", Title: "id", Hidden: true},
			{ID: "what", Title: l.Say("savings.lever")},
			{ID: "machines", Title: l.Say("savings.machines")},
			{ID: "hours", Title: l.Say("savings.lever.hours"), Unit: "h"},
		},
		columns(l, "kwh", l.Say("savings.lever.kwh"), kWh, true), columns(l, "euros", l.Say("savings.euros"), euros, false),
		columns(l, "carbon", l.Say("savings.carbon"), kgCO2, false),
		[]frame.Column{
			{ID: "coverage", Title: l.Say("savings.coverage"), Unit: "%"},
			{ID: "months", Title: l.Say("savings.months"), Hidden: true},
			{ID: "methods", Title: l.Say("savings.methods"), Hidden: true},
			{ID: "remark", Title: l.Say("savings.remark")},
		},
	)
	for _, x := range all {
		table.Rows = append(table.Rows, slices.Concat(
			[]frame.Cell{
				names.cell(x.node), frame.Text(x.ID), frame.Text(l.Known("savings.lever.", x.ID, x.ID)),
				frame.Num(float64(x.Machines)), frame.Num(x.Hours),
			},
			cells(&x.KWh), cells(x.Euros), cells(x.Carbon),
			[]frame.Cell{
				percentOf(x.year.Known*x.year.Covered, 1, x.year.Machines), frame.Num(float64(x.year.Months)),
				frame.Text(l.Methods(x.year.Methods)), frame.Text(remark(l, x)),
			},
		))
	}
	return table
}

// remark is what must be known of a lever beside its figures.
func remark(l frame.Language, x lever) string {
	var all []string
	if x.Scaled {
		all = append(all, l.Say("savings.scaled", l.Count(x.year.Months)))
	}
	if x.year.HiddenMonths > 0 {
		all = append(all, l.Say("savings.hidden_months", l.Count(x.year.HiddenMonths)))
	}
	if x.left > 0 {
		all = append(all, l.Say("savings.left_out", l.Percent(x.left)))
	}
	return strings.Join(all, " ")
}

// leverSentences say the largest levers in words.
func leverSentences(names places, all []lever) (sentences []string) {
	l := names.Language
	for _, x := range all[:min(len(all), leversDrawn)] {
		parts := []string{inWords(l, x.KWh, kWh)}
		for _, r := range []struct {
			of   *balance.Range
			unit string
		}{{x.Euros, euros}, {x.Carbon, kgCO2}} {
			if r.of != nil {
				parts = append(parts, inWords(l, *r.of, r.unit))
			}
		}
		key := "savings.sentence"
		if x.Machines == 1 {
			key = "savings.sentence.one"
		}
		sentences = append(sentences, l.Say(key, l.Known("savings.lever.", x.ID, x.ID), l.Count(x.Machines), names.full(x.node), strings.Join(parts, l.Say("savings.and"))))
	}
	return sentences
}

// leverBars draws the largest levers; nothing where there is none.
func leverBars(names places, all []lever) template.HTML {
	l := names.Language
	bars := chart.Bars{ID: "levers", Title: l.Say("savings.levers.chart"), Desc: l.Say("savings.levers.desc")}
	for _, x := range all[:min(len(all), leversDrawn)] {
		bars.Bars = append(bars.Bars, chart.Bar{
			Label: names.name(x.node) + l.Say("savings.dash") + l.Known("savings.lever.", x.ID, x.ID),
			Value: x.KWh.Value, Low: x.KWh.Low, High: x.KWh.High, Estimated: true, Text: inWords(l, x.KWh, kWh),
		})
	}
	if len(bars.Bars) == 0 {
		return ""
	}
	return bars.SVG()
}

// silentTable is the places of which no lever is told.
func silentTable(names places, silent []silence) frame.Table {
	table := frame.Table{ID: "not-told", Caption: names.Say("savings.silent.caption"), Columns: []frame.Column{
		{ID: "place", Title: names.Say("savings.place")}, {ID: "why", Title: names.Say("savings.why")},
	}}
	for _, s := range silent {
		table.Rows = append(table.Rows, []frame.Cell{names.cell(s.node), frame.Text(s.why)})
	}
	return table
}

// silentSentences name the places of which no lever is told, one sentence for each reason: a row for each would fill the page.
func silentSentences(names places, silent []silence) (sentences []string) {
	var reasons []string
	of := map[string][]string{}
	for _, s := range silent {
		if of[s.why] == nil {
			reasons = append(reasons, s.why)
		}
		of[s.why] = append(of[s.why], names.full(s.node))
	}
	for _, reason := range reasons {
		sentences = append(sentences, names.Say("savings.silent", reason, strings.Join(of[reason], ", ")))
	}
	return sentences
}

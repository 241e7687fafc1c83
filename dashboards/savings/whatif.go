package savings

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// whatIfData is what templates/savings_whatif.html needs beside figures.
type whatIfData struct {
	Minutes, Share string // as they were typed
	Off            bool
	Sites          []whatIfSite
	Methods        string
}

// whatIfSite is a place that can be chosen.
type whatIfSite struct {
	ID     string
	Name   string
	Chosen bool
}

// The policy that the page begins with: twenty minutes, and four machines of five.
const (
	usualMinutes = "20"
	usualShare   = "80"
)

// question is what is asked of the page, as it was typed.
type question struct {
	minutes, share, site string
	off                  bool
}

func questionOf(q frame.Request) question {
	x := question{minutes: q.Param("minutes"), share: q.Param("share"), site: q.Param("site"), off: q.Param("off") != ""}
	if x.minutes == "" && x.share == "" {
		x.minutes, x.share = usualMinutes, usualShare
	}
	return x
}

// keep are the parameters that ask the same again.
func (x question) keep() url.Values {
	all := url.Values{"minutes": {x.minutes}, "share": {x.share}}
	if x.off {
		all.Set("off", "yes")
	}
	if x.site != "" {
		all.Set("site", x.site)
	}
	return all
}

// policy is the policy that is asked about; false where it is none.
func (x question) policy() (balance.Policy, bool) {
	read := func(text string) (float64, error) {
		return strconv.ParseFloat(strings.Replace(strings.TrimSpace(text), ",", ".", 1), 64)
	}
	minutes, err := read(x.minutes)
	if err != nil || !(minutes >= 0 && minutes <= balance.MostMinutes) {
		return balance.Policy{}, false
	}
	share, err := read(x.share)
	if err != nil || !(share >= 0 && share <= 100) {
		return balance.Policy{}, false
	}
	return balance.Policy{Minutes: minutes, Share: share / 100, Off: x.off}, true
}

// whatIf is the page about a sleep policy that somebody thinks of: what it would save in a year, by what machines did in the last one.
func (p *Pages) whatIf(ctx context.Context, q frame.Request) (frame.View, error) {
	x := questionOf(q)
	book, err := p.book(ctx, q.Reader.Organisation)
	if err != nil {
		return frame.View{}, err
	}
	a, err := p.askYear(ctx, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	names, err := p.places(ctx, q.Language, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	data := whatIfData{Minutes: x.minutes, Share: x.share, Off: x.off, Sites: names.choices(x.site)}
	view := frame.View{From: string(a.first()), To: string(a.last()), Simulated: a.simulated, Keep: x.keep(), Data: data}
	node, known := names.chosen(x.site, top(q.Reader))
	policy, ok := x.policy()
	switch {
	case !ok:
		view.Problem = q.Say("savings.whatif.wrong", q.Count(balance.MostMinutes))
		return view, nil
	case !known:
		view.Problem = q.Say("savings.whatif.no_site", x.site)
		return view, nil
	}
	months, left := balance.Apart(monthsOf(book, a.answers[top(q.Reader)], node, balance.Workstations))
	year := balance.Add(months)
	data.Methods = q.Methods(year.Methods)
	view.Data = data
	view.Figures = whatIfFigures(q.Language, book, year, policy, left)
	if year.Months+year.HiddenMonths == 0 {
		view.Notices = []string{q.Say("savings.nothing")}
	}
	return view, nil
}

// choices are the sites that can be chosen, by name.
func (p places) choices(chosen string) (sites []whatIfSite) {
	for node, name := range p.names {
		if node.Level == privacy.OneSite {
			id := strconv.FormatInt(node.Site, 10)
			sites = append(sites, whatIfSite{id, name, id == chosen})
		}
	}
	compare := frame.Alphabet()
	slices.SortFunc(sites, func(x, y whatIfSite) int { return compare(x.Name+" "+x.ID, y.Name+" "+y.ID) })
	return sites
}

// chosen is the node of a site that the reader may see, or all that he may see where none is named.
func (p places) chosen(site string, all privacy.Node) (privacy.Node, bool) {
	if site == "" {
		return all, true
	}
	id, err := strconv.ParseInt(site, 10, 64)
	node := privacy.Site(id)
	return node, err == nil && p.names[node] != ""
}

// whatIfFigures are what a policy would save.
func whatIfFigures(l frame.Language, book balance.Book, year balance.Account, policy balance.Policy, left float64) []frame.Figure {
	x, ok := book.WhatIf(year, policy)
	if !ok {
		missing := l.Say("savings.nothing")
		if year.Months+year.HiddenMonths > 0 {
			missing = whyNoLever(l, year)
		}
		return []frame.Figure{perhaps("kwh", l.Say("savings.whatif.kwh"), nil, kWh, "whatif", missing)}
	}
	energy := obtained(figure("kwh", l.Say("savings.whatif.kwh"), x.KWh, kWh, "whatif"), year)
	energy.Note = strings.TrimSpace(l.Say("savings.on_machines", l.Count(x.Machines)) + " " + remark(l, lever{x, privacy.Node{}, year, left}))
	price := perhaps("euros", l.Say("savings.whatif.euros"), x.Euros, euros, "money", l.Say("savings.no_price"))
	if x.Euros != nil {
		price.Note = taxWords(l, x.Tax)
	}
	share := frame.Figure{ID: "percent", Label: l.Say("savings.whatif.percent"), Unit: "%", How: "whatif"}
	if year.KWh.Value > 0 && year.Months > 0 {
		scale := 12 / float64(year.Months)
		if c := percentOf(x.KWh.Value, year.KWh.Value*scale/max(0.01, year.Covered*year.Known), year.Machines); c.Number != nil {
			share.Value = c.Number
		}
	}
	return []frame.Figure{
		energy, price, perhaps("carbon", l.Say("savings.whatif.carbon"), x.Carbon, kgCO2, "carbon", l.Say("savings.no_factor")), share,
		{ID: "hours", Label: l.Say("savings.whatif.hours"), Value: &x.Hours, Unit: "h", How: "whatif"},
	}
}

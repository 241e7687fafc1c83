package energy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

func byName(a, b collector.Site) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
}

// place is a row of a table of sites, groups or classes.
type place struct {
	name, href string
	story      story
}

// children are the nodes that any month of the year tells something of.
func (r *reading) children() (all []privacy.Node) {
	half := r.to.Plus(1 - yearMonths)
	for i := range r.answers {
		for _, f := range r.answers[i].Children {
			if r.answers[i].To >= half && !slices.Contains(all, f.Node) {
				all = append(all, f.Node)
			}
		}
	}
	slices.SortFunc(all, func(a, b privacy.Node) int {
		return cmp.Or(cmp.Compare(a.Site, b.Site), cmp.Compare(a.Group, b.Group), strings.Compare(a.Class, b.Class))
	})
	return all
}

// worstFirst puts those first that use the largest share of their energy outside of open hours; those of which it is not known come last.
func worstFirst(all []place) {
	rank := func(p *place) float64 {
		share, _, ok := outsideShare(&p.story.year)
		if !ok {
			return -1
		}
		return share
	}
	slices.SortStableFunc(all, func(a, b place) int {
		return cmp.Or(cmp.Compare(rank(&b), rank(&a)), cmp.Compare(b.story.year.KWh.Value, a.story.year.KWh.Value))
	})
}

// placesTable tells places apart. One that may not be told of has no figure at all.
func placesTable(q frame.Request, id string, all []place) frame.Table {
	var kwh, per float64
	for i := range all {
		kwh = max(kwh, all[i].story.year.KWh.Value)
		if r, ok := perMachine(&all[i].story.year); ok {
			per = max(per, r.Value)
		}
	}
	columns := append([]frame.Column{{ID: "name", Title: q.Say("energy.column." + id)}}, ranged(q, "kwh", "low", "high", unitKWh, decimals(kwh))...)
	t := frame.Table{ID: id, Caption: q.Say("energy." + id + ".caption"), Empty: q.Say("energy." + id + ".empty"), Columns: append(columns, []frame.Column{
		figurePer(q, id, decimals(per)), beside(q, "per_machine_low", unitKWh), beside(q, "per_machine_high", unitKWh),
		column(q, "outside_share", unitShare, 0), beside(q, "outside", unitKWh), beside(q, "outside_low", unitKWh), beside(q, "outside_high", unitKWh),
		column(q, "change", unitShare, 0), beside(q, "change_within", ""), beside(q, "change_months", ""), beside(q, "known", unitShare),
		beside(q, "machines", ""), beside(q, "months", ""), beside(q, "methods", ""), column(q, "note", "", 0),
	}...)}
	for i := range all {
		row := append([]frame.Cell{frame.Link(all[i].name, all[i].href)}, all[i].story.cells(q, decimals(kwh))...)
		t.Rows = append(t.Rows, row)
	}
	return tidy(t, "change", "note")
}

// cells are those of a row of places, without its name.
func (s *story) cells(q frame.Request, decimals int) []frame.Cell {
	if !s.shown() {
		return append(make([]frame.Cell, 17), frame.Text(s.notShown(q)))
	}
	y := &s.year
	row := between(q, energyOf(y), decimals)
	if r, ok := perMachine(y); ok {
		row = append(row, bounds(&r)...)
	} else {
		row = append(row, bounds(nil)...)
	}
	share, change, within, compared := frame.Cell{}, frame.Cell{}, frame.Cell{}, frame.Cell{}
	if x, _, ok := outsideShare(y); ok {
		share = frame.Num(x)
	}
	if x, ok := privacy.Percent(s.change.PerPercent, 100, y.Machines); ok && s.compared {
		change, within = frame.Num(x), frame.Text(q.Say(map[bool]string{true: "energy.yes", false: "energy.no"}[s.change.Within]))
		compared = frame.Num(float64(s.change.Months))
	}
	row = append(append(row, share), bounds(y.Outside)...)
	row = append(row, change, within, compared, percentCell(y.Known, y.Machines), frame.Num(float64(y.Machines)), frame.Num(float64(y.Months)))
	return append(row, frame.Text(q.Methods(y.Methods)), frame.Text(s.note(q)))
}

// notShown is what is said of a place without any figure.
func (s *story) notShown(q frame.Request) string {
	if s.year.HiddenMonths > 0 {
		return q.Say("energy.note.hidden", why(q.Language, s.year.Hidden))
	}
	return q.Say("energy.nothing.short")
}

// figurePer is the column of the energy of a machine and year, which the first page has no room for.
func figurePer(q frame.Request, id string, decimals int) frame.Column {
	c := column(q, "per_machine", unitKWh, decimals)
	c.Hidden = id == "sites" && q.HTTP.URL.Path == "/"
	return c
}

// note says what a sum of months, and its comparison, lack; "" for nothing.
func (s *story) note(q frame.Request) string {
	text := s.lack(q)
	if !s.compared || s.change.Months >= yearMonths {
		return text
	}
	less := q.Say("energy.note.compared", countMonths(q, s.change.Months))
	if text == "" {
		return less
	}
	return text + "; " + less
}

// lack says what a sum of months lacks; "" for nothing.
func (s *story) lack(q frame.Request) string {
	switch {
	case energyOf(&s.year) == nil:
		return q.Say("energy.unknown_energy")
	case s.year.HiddenMonths > 0:
		return q.Say("energy.note.months_hidden", countMonths(q, s.year.HiddenMonths), why(q.Language, s.year.Hidden))
	case s.year.Months < yearMonths:
		return q.Say("energy.note.months", countMonths(q, s.year.Months))
	}
	return ""
}

// sitePath is the address of a site, without the language.
func sitePath(site int64) string { return fmt.Sprintf("/sites/%d", site) }

// sitesPlaces are sites as places; the reading is of the organisation, or of the only one of them.
func (r *reading) sitesPlaces(sites []collector.Site) []place {
	all := make([]place, 0, len(sites))
	for _, s := range sites {
		all = append(all, place{s.Name, sitePath(s.ID), r.story(privacy.Site(s.ID), balance.Workstations)})
	}
	return all
}

// groupNames are those of the groups of a site, by number.
func (p *Pages) groupNames(ctx context.Context, site int64) (map[int64]string, error) {
	groups, err := p.ledger.Groups(ctx, site)
	if err != nil {
		return nil, fmt.Errorf("read the groups of site %d: %w", site, err)
	}
	names := make(map[int64]string, len(groups))
	for _, g := range groups {
		if g.Site == site {
			names[g.ID] = g.Name
		}
	}
	return names, nil
}

// groupName is the name of a group; of the machines in none, and of a group that was removed, words of ours.
func groupName(q frame.Request, names map[int64]string, group int64) string {
	switch name := names[group]; {
	case group == 0:
		return q.Say("energy.group.none")
	case name == "":
		return q.Say("energy.group.removed", q.Count(int(group)))
	default:
		return name
	}
}

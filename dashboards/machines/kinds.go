package machines

import (
	"context"
	"html/template"

	"veille/collector"
	"veille/dashboards/chart"
	"veille/dashboards/frame"
)

// kindsShown is how many rows a table of kinds has on a page; programs get all.
const kindsShown = 12

// kindsData is what the template of the kinds needs beside its figures.
type kindsData struct {
	On      collector.Date
	Methods template.HTML // "": there is nothing to draw
	Month   string        // in words; "": no month has figures
}

// showKinds is the page /machines/kinds.
func (p *Pages) showKinds(ctx context.Context, q frame.Request) (frame.View, error) {
	_, fleet, err := p.seen(ctx, q.Reader)
	if err != nil {
		return frame.View{}, err
	}
	sum := together(fleet.Sites)
	v := counted(q, fleet)
	v.Tables = kinds(q, sum, fleet.Month)
	data := kindsData{On: fleet.On}
	if fleet.Month != "" {
		data.Month = q.Month(fleet.Month)
	}
	if q.ForPeople() {
		data.Methods = methods(q.Language, sum)
	}
	v.Data = data
	return v, nil
}

// kinds are the tables of what machines are and have.
func kinds(q frame.Request, c collector.SiteFleet, month collector.Month) []frame.Table {
	l := q.Language
	in := l.Say("machines.month_none")
	if month != "" {
		in = l.Month(month)
	}
	return []frame.Table{
		kindTable(q, "versions", most(c.Agents), l.Say("machines.versions.caption"), func(of string) string { return of }),
		kindTable(q, "systems", most(c.OS), l.Say("machines.systems.caption"), func(of string) string { return l.Known("machines.os.", of, of) }),
		kindTable(q, "classes", most(c.Classes), l.Say("machines.classes.caption"), func(of string) string { return class(l, of) }),
		kindTable(q, "settings", inOrder(c.SleepAfter, settings()), l.Say("machines.settings.caption", in), func(of string) string { return setting(l, of) }),
		kindTable(q, "methods", inOrder(c.Methods, collector.Methods()), l.Say("machines.methods.caption", in), l.Method),
	}
}

// kindTable is a table of counts, with the share of each.
func kindTable(q frame.Request, id string, counts []collector.Count, caption string, name func(string) string) frame.Table {
	l := q.Language
	t := frame.Table{ID: id, Caption: caption, Columns: []frame.Column{
		{ID: "of", Title: l.Say("machines." + id + ".of")},
		{ID: "name", Title: l.Say("machines.name"), Hidden: true},
		{ID: "machines", Title: l.Say("machines.machines")},
		{ID: "share", Title: l.Say("machines.share"), Unit: "%"},
	}}
	whole := all(counts)
	if q.ForPeople() && len(counts) > kindsShown {
		rest := counts[kindsShown-1:]
		counts = append(counts[:kindsShown-1:kindsShown-1], collector.Count{Of: others, Machines: all(rest)})
	}
	for _, c := range counts {
		text := l.Say("machines.others")
		switch c.Of {
		case others:
		case "":
			text = l.Say("machines.not_known")
		default:
			text = name(c.Of)
		}
		t.Rows = append(t.Rows, []frame.Cell{frame.Text(text), frame.Text(c.Of), frame.Num(float64(c.Machines)), {Number: share(c.Machines, whole)}})
	}
	return t
}

// others is what stands for the kinds that have no row of their own on a page. No kind has such a name.
const others = "\x00"

// setting is a sleep setting in words.
func setting(l frame.Language, word string) string {
	return l.Known("machines.setting.", word, l.Say("machines.setting.minutes", word))
}

// class is a class of machines in words.
func class(l frame.Language, word string) string { return l.Known("machines.class.", word, word) }

// methods draws by which means the energy is obtained.
func methods(l frame.Language, c collector.SiteFleet) template.HTML {
	counts := inOrder(c.Methods, collector.Methods())
	if len(counts) == 0 {
		return ""
	}
	s := chart.Bars{ID: "methods-drawn", Title: l.Say("machines.methods.title"), Desc: l.Say("machines.methods.desc")}
	for _, x := range counts {
		s.Bars = append(s.Bars, chart.Bar{
			Label: l.Method(x.Of), Value: float64(x.Machines), Estimated: estimated(x.Of), Text: l.Count(x.Machines),
		})
	}
	return s.SVG()
}

// estimated tells whether a model is in a method.
func estimated(method string) bool {
	return method == "rapl+model" || method == "model-declared" || method == "model-class" || method == "none"
}

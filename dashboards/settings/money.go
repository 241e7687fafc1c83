package settings

import (
	"strconv"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/dashboards/frame"
)

func pricesPage() page {
	return page{name: "prices", roles: keepers(), load: loadPrices, forms: []form{
		{command: "price set", fields: []field{
			{name: "from", kind: month, needed: true},
			{name: "euro", kind: number, needed: true},
			{name: "tax", kind: pick, needed: true, options: []string{"included", "excluded"}},
			{name: "source"},
		}},
		importing("price import", "prices"),
		{command: "price remove", remove: true, fields: []field{{name: "price", kind: pick, needed: true}}, mend: func(o *order) { o.flags["from"] = o.take("price") }},
	}}
}

func loadPrices(a asker) (l loaded, err error) {
	var all []struct {
		From   collector.Month
		Euro   float64 `json:"euro_per_kwh"`
		Tax    string
		Source string
	}
	if err := a.list(&all, "price list", nil); err != nil {
		return l, err
	}
	t := frame.Table{
		ID: "prices", Caption: a.q.Say("settings.prices.caption"), Columns: columns(a.q, "from", "euro", "tax", "source"),
		Empty: a.q.Say("settings.state.prices.none"),
	}
	l.choices = map[string][]choice{}
	l.state = a.q.Say("settings.state.prices.none")
	places := 2
	for _, p := range all {
		places = max(places, needs(p.Euro, 4))
	}
	decimals(t.Columns, "euro", places)
	for _, p := range all {
		from := a.q.Month(p.From)
		t.Rows = append(t.Rows, []frame.Cell{frame.Text(from), frame.Num(p.Euro), frame.Text(a.called("option.tax", p.Tax)), frame.Text(p.Source)})
		l.choices["price"] = append(l.choices["price"], choice{string(p.From), a.q.Say("settings.price", from, a.q.Number(p.Euro, places))})
		l.state = a.q.Say("settings.state.prices", a.q.Number(p.Euro, places), from)
	}
	l.tables = []frame.Table{t}
	return l, nil
}

// needs is how many decimals a number has, of up to so many.
func needs(x float64, most int) int {
	text := strconv.FormatFloat(x, 'f', most, 64)
	return most - (len(text) - len(strings.TrimRight(text, "0")))
}

func factorsPage() page {
	return page{name: "factors", roles: keepers(), load: loadFactors, forms: []form{
		{command: "factor set", fields: []field{
			{name: "factor", kind: pick, arg: true, needed: true},
			{name: "value", kind: number, needed: true},
			{name: "low", kind: number},
			{name: "high", kind: number},
			{name: "unit", needed: true},
			{name: "year", kind: number, needed: true},
			{name: "source", needed: true},
			{name: "link", kind: address},
			{name: "licence"},
			{name: "verified", kind: check},
		}, mend: func(o *order) {
			if o.flags["unit"] == "ans" { // as a page in French shows it
				o.flags["unit"] = balance.LastsUnit
			}
		}},
		importing("factor import", "factors"),
		{command: "factor remove", remove: true, fields: []field{{name: "own", kind: pick, arg: true, needed: true}}},
	}}
}

func loadFactors(a asker) (l loaded, err error) {
	var all []struct {
		ID, Unit, Source, Link, Licence string
		Value, Low, High                float64
		Year                            int
		Verified, Own                   bool
	}
	if err := a.list(&all, "factor list", nil); err != nil {
		return l, err
	}
	t := frame.Table{ID: "factors", Caption: a.q.Say("settings.factors.caption"), Columns: columns(a.q, "factor", "id", "value", "low", "high", "unit", "year", "source", "link", "licence", "verified", "own")}
	for i := range t.Columns {
		switch t.Columns[i].ID {
		case "value", "low", "high":
			t.Columns[i].Decimals = 2
		case "id", "link", "licence": // there is no room for them: spreadsheets and programs have them
			t.Columns[i].Hidden = true
		}
	}
	own, read := 0, 0
	l.choices = map[string][]choice{}
	for _, f := range all {
		name := a.called("factor", f.ID)
		unit := a.called("unit", f.Unit)
		source := frame.Text(f.Source)
		source.Mark = outside(a.q.Href(f.Link), f.Source)
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(name), frame.Text(f.ID), frame.Num(f.Value), frame.Num(f.Low), frame.Num(f.High), shownAs(f.Unit, unit), frame.Text(strconv.Itoa(f.Year)), source,
			frame.Text(f.Link), frame.Text(f.Licence), a.yes(f.Verified), a.yes(f.Own),
		})
		l.choices["factor"] = append(l.choices["factor"], choice{f.ID, name + " (" + unit + ")"})
		if f.Own {
			own++
			l.choices["own"] = append(l.choices["own"], choice{f.ID, name})
		}
		if f.Verified {
			read++
		}
	}
	l.state = a.q.Say("settings.state.factors", a.q.Count(len(all)), a.q.Count(own), a.q.Count(read))
	l.tables = []frame.Table{t}
	return l, nil
}

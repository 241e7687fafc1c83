package settings

import (
	"slices"
	"strconv"
	"strings"

	"veille/collector"
	"veille/collector/label"
	"veille/dashboards/frame"
)

// importing is a form that gives a command a table.
func importing(command, what string, more ...field) form {
	return form{command: command, fields: slices.Concat([]field{{name: what, kind: file, needed: true}}, more, []field{{name: "dry-run", kind: check}})}
}

// removing is a form that removes one of a list, by its number.
func removing(command, name string) form {
	return form{command: command, remove: true, fields: []field{{name: name, kind: pick, arg: true, needed: true, many: true}}}
}

func quantitiesPage() page {
	return page{name: "quantities", roles: keepers(), load: loadQuantities, forms: []form{
		{command: "quantity set", fields: []field{
			{name: "quantity", kind: pick, arg: true, needed: true},
			{name: "value", kind: number, needed: true},
			{name: "from", kind: month, needed: true},
			{name: "to", kind: month, needed: true},
			{name: "site", kind: oneSite},
			{name: "source"},
			{name: "owner"},
			{name: "note"},
		}},
		importing("quantity import", "quantities"),
		removing("quantity remove", "quantity-number"),
	}}
}

// quantity is one of quantity list.
type quantity struct {
	ID                              int64
	Name, Site, Source, Owner, Note string
	From, To                        collector.Month
	Value                           float64
}

func loadQuantities(a asker) (l loaded, err error) {
	var all []quantity
	if err := a.list(&all, "quantity list", nil); err != nil {
		return l, err
	}
	if l.choices, err = a.anySite(); err != nil {
		return l, err
	}
	l.values = map[string]string{"quantity": a.q.Param("quantity")}
	t := frame.Table{
		ID: "quantities", Caption: a.q.Say("settings.quantities.caption"), Empty: a.q.Say("settings.state.quantities.none"),
		Columns: columns(a.q, "quantity", "value", "unit", "from", "to", "site", "source", "owner", "number", "note"),
	}
	hide(t.Columns, "unit", "source", "note")
	for _, x := range all {
		name := a.called("quantity", x.Name)
		value := frame.Num(x.Value)
		value.Mark = shownAs("", strings.TrimSpace(a.q.Number(x.Value, needs(x.Value, 2))+"\u00a0"+unitOf(x.Name))).Mark
		t.Rows = append(t.Rows, []frame.Cell{
			shownAs(x.Name, name), value, frame.Text(unitOf(x.Name)), a.month(x.From), a.month(x.To), a.where(x.Site), frame.Text(x.Source), frame.Text(x.Owner),
			frame.Num(float64(x.ID)), frame.Text(x.Note),
		})
		words := a.q.Say("settings.quantity.of", a.number(x.ID), name, a.q.Number(x.Value, needs(x.Value, 2)), a.q.Month(x.To))
		l.choices["quantity-number"] = append(l.choices["quantity-number"], choice{strconv.FormatInt(x.ID, 10), words})
	}
	kinds, err := a.kinds(all)
	if err != nil {
		return l, err
	}
	for _, k := range collector.Quantities() {
		l.choices["quantity"] = append(l.choices["quantity"], choice{k.Name, a.called("quantity", k.Name) + inBrackets(k.Unit)})
	}
	l.state = a.count("settings.state.quantities", len(all))
	l.tables, l.folded = []frame.Table{t, kinds}, []string{kinds.ID}
	return l, nil
}

// number is how people call something by its number.
func (a asker) number(id int64) string { return strconv.FormatInt(id, 10) }

func inBrackets(unit string) string {
	if unit == "" {
		return ""
	}
	return " (" + unit + ")"
}

// unitOf is the unit of a quantity; "" of a count.
func unitOf(name string) string {
	all := collector.Quantities()
	if i := slices.IndexFunc(all, func(k collector.QuantityKind) bool { return k.Name == name }); i >= 0 {
		return all[i].Unit
	}
	return ""
}

// kinds are all quantities that can be stated, which lines of the report each serves, and the last month that each was stated of.
func (a asker) kinds(stated []quantity) (frame.Table, error) {
	lines, err := label.Indicators()
	if err != nil {
		return frame.Table{}, err
	}
	t := frame.Table{ID: "kinds", Caption: a.q.Say("settings.kinds.caption"), Columns: columns(a.q, "quantity", "id", "help", "holds", "unit", "serveslines", "laststated")}
	hide(t.Columns, "id", "unit")
	for _, k := range collector.Quantities() {
		var serves []string
		for _, line := range lines {
			if slices.Contains(line.Quantities, k.Name) {
				serves = append(serves, line.ID)
			}
		}
		var last collector.Month
		for _, x := range stated {
			if x.Name == k.Name {
				last = max(last, x.To)
			}
		}
		how := "settings.quantity.flow"
		if k.Standing {
			how = "settings.quantity.standing"
		}
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(a.called("quantity", k.Name) + inBrackets(k.Unit)), frame.Text(k.Name), frame.Text(a.q.Say("settings.quantity.help." + k.Name)), frame.Text(a.q.Say(how)), frame.Text(k.Unit),
			frame.Text(strings.Join(serves, ", ")), a.month(last),
		})
	}
	return t, nil
}

func governancePage() page {
	return page{name: "governance", roles: keepers(), load: loadSteps, forms: []form{
		{command: "step add", fields: []field{
			{name: "step-title", arg: true, needed: true},
			{name: "kind", kind: pick, needed: true, options: collector.StepKinds()},
			{name: "on", kind: date, needed: true},
			{name: "owner"},
			{name: "note"},
		}},
		removing("step remove", "step"),
	}}
}

func loadSteps(a asker) (l loaded, err error) {
	var all []struct {
		ID                       int64
		Kind, Title, Owner, Note string
		On                       collector.Date
	}
	if err := a.list(&all, "step list", nil); err != nil {
		return l, err
	}
	t := frame.Table{ID: "steps", Caption: a.q.Say("settings.steps.caption"), Columns: columns(a.q, "steptitle", "kind", "on", "owner", "number", "note"), Empty: a.q.Say("settings.state.governance.none")}
	hide(t.Columns, "note")
	l.choices = map[string][]choice{}
	for _, x := range all {
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(x.Title), frame.Text(a.called("step", x.Kind)), a.day(string(x.On)), frame.Text(x.Owner), frame.Num(float64(x.ID)), frame.Text(x.Note),
		})
		l.choices["step"] = append(l.choices["step"], choice{a.number(x.ID), a.q.Say("settings.numbered", a.number(x.ID), x.Title+", "+a.q.Day(x.On))})
	}
	l.state = a.count("settings.state.governance", len(all))
	l.tables = []frame.Table{t}
	return l, nil
}

func evidencePage() page {
	return page{name: "evidence", roles: keepers(), load: loadEvidence, forms: []form{
		{command: "evidence add", fields: []field{
			{name: "evidence-title", arg: true, needed: true},
			{name: "of", kind: oneLine, needed: true},
			{name: "where", needed: true},
			{name: "on", kind: date},
			{name: "sha256"},
			{name: "note"},
		}},
		removing("evidence remove", "evidence"),
	}}
}

func loadEvidence(a asker) (l loaded, err error) {
	var all []struct {
		ID                             int64
		Of, Title, Where, SHA256, Note string
		On                             collector.Date
	}
	if err := a.list(&all, "evidence list", nil); err != nil {
		return l, err
	}
	if l, err = a.ofLine(); err != nil {
		return l, err
	}
	t := frame.Table{
		ID: "evidence", Caption: a.q.Say("settings.evidence.caption"), Empty: a.q.Say("settings.state.evidence.none"),
		Columns: columns(a.q, "evidencetitle", "of", "where", "on", "sha256", "number", "note"),
	}
	hide(t.Columns, "sha256", "note")
	for _, x := range all {
		where := frame.Text(x.Where)
		where.Mark = outside(a.q.Href(x.Where), a.q.Brief(x.Where))
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(x.Title), frame.Text(x.Of), where, a.day(string(x.On)), frame.Text(x.SHA256), frame.Num(float64(x.ID)), frame.Text(x.Note),
		})
		l.choices["evidence"] = append(l.choices["evidence"], choice{a.number(x.ID), a.q.Say("settings.numbered", a.number(x.ID), x.Title)})
	}
	l.state = a.count("settings.state.evidence", len(all))
	l.tables = []frame.Table{t}
	return l, nil
}

// ofLine is what pages need on which something is said of a line of the report: the one that the address names, and all.
func (a asker) ofLine() (l loaded, err error) {
	lines, err := a.lines()
	return loaded{choices: map[string][]choice{"line": lines}, values: map[string]string{"of": a.q.Param("of")}}, err
}

func remarksPage() page {
	return page{name: "remarks", roles: keepers(), load: loadRemarks, forms: []form{
		{command: "remark set", fields: []field{
			{name: "of", kind: oneLine, arg: true, needed: true},
			{name: "text", kind: long, needed: true},
			{name: "not-applicable", kind: check},
			{name: "by-whom"},
			{name: "on", kind: date},
		}, mend: func(o *order) {
			if by := o.take("by-whom"); by != "" {
				o.flags["by"] = by
			}
		}},
		removing("remark remove", "remark"),
	}}
}

func loadRemarks(a asker) (l loaded, err error) {
	var all []struct {
		Of, Text, By  string
		NotApplicable bool `json:"not_applicable"`
		On            collector.Date
	}
	if err := a.list(&all, "remark list", nil); err != nil {
		return l, err
	}
	if l, err = a.ofLine(); err != nil {
		return l, err
	}
	t := frame.Table{ID: "remarks", Caption: a.q.Say("settings.remarks.caption"), Columns: columns(a.q, "of", "text", "notapplicable", "bywhom", "on"), Empty: a.q.Say("settings.state.remarks.none")}
	for _, x := range all {
		t.Rows = append(t.Rows, []frame.Cell{frame.Text(x.Of), shownAs(x.Text, brief(x.Text)), a.yes(x.NotApplicable), frame.Text(x.By), a.day(string(x.On))})
		l.choices["remark"] = append(l.choices["remark"], choice{x.Of, x.Of})
		if x.Of == l.values["of"] { // it is mended rather than written anew
			l.values["text"], l.values["by-whom"] = x.Text, x.By
		}
	}
	l.state = a.count("settings.state.remarks", len(all))
	l.tables = []frame.Table{t}
	return l, nil
}

// brief is the beginning of a text, on one line: reports have all of it.
func brief(text string) string {
	const most = 160
	letters := []rune(strings.Join(strings.Fields(text), " "))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most]) + "…"
}

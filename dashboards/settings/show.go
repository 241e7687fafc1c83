package settings

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/dashboards/frame"
)

// shown is what the template of a page needs beside its tables.
type shown struct {
	Intro   string
	Lists   []listShown
	Forms   []formShown
	Site    string // that the page is about
	Choose  bool   // another one can be chosen
	Sites   []choice
	Lines   []choice // of the report
	Foreign bool     // what is wrong is said by a command, in English
}

// listShown is a table, and which part of it is shown.
type listShown struct {
	ID                string
	First, Last, Of   int // rows, from 1
	Before, After     int // numbers of the parts beside; 0 for none
	Title             string
	Parts, SiteOfPage string
	Folded, Open      bool // it is there for those who open it, and open already
}

// formShown is a form as it is shown.
type formShown struct {
	Key, Command, Title, Intro, Button string
	Sure                               string // beside the box that confirms what is taken away
	Here, Remove, File                 bool
	Fields                             []fieldShown
}

// fieldShown is a field as it is shown.
type fieldShown struct {
	Name, ID, Kind, Label, Hint, Value string
	Needed                             bool
	Options                            []optionShown
}

// optionShown is a value that can be chosen.
type optionShown struct {
	Value, Words string
	Chosen       bool
}

// show is a page with what is set, and the forms that change it.
func (p *Pages) show(ctx context.Context, q frame.Request, one page) (frame.View, error) {
	l, err := one.load(asker{ctx, q, p.commands})
	if err != nil {
		return frame.View{}, err
	}
	data := shown{Intro: q.Say("settings.intro." + one.name), Site: l.site, Choose: l.sites, Sites: l.choices["site"], Lines: l.choices["line"]}
	data.Foreign = q.Problem != "" && !p.ours(q, one)
	v := frame.View{Keep: url.Values{}, Tables: l.tables}
	if q.Param("site") != "" {
		v.Keep.Set("site", l.site)
	}
	for i, t := range l.tables {
		var s listShown
		v.Tables[i].Rows, s = part(q, t, i, len(l.tables))
		s.SiteOfPage, s.Folded, s.Open = l.site, slices.Contains(l.folded, t.ID), q.Param(s.Parts) != ""
		data.Lists = append(data.Lists, s)
	}
	for _, f := range one.forms {
		if f.roles != nil && !q.Reader.Has(f.roles...) || f.here && l.site == "" {
			continue
		}
		if q.Param("done") == f.key() && q.Form == nil && q.HTTP.Method == "GET" {
			v.Notices = []string{q.Say("settings.done", q.Say("settings.do."+f.key()))}
		}
		if s, ok := showForm(q, f, l); ok {
			data.Forms = append(data.Forms, s)
		}
	}
	v.Data = data
	return v, nil
}

// ours tells whether what is wrong was said by this package, in the language of the reader.
func (p *Pages) ours(q frame.Request, one page) bool {
	if q.Problem == q.Say("settings.unsure") || q.Problem == q.Say("settings.no_file") {
		return true
	}
	for _, f := range one.forms {
		if slices.ContainsFunc(f.fields, func(in field) bool { return q.Problem == q.Say("settings.missing", f.label(q, in)) }) {
			return true
		}
	}
	return false
}

// showForm is a form with its fields; false where there is nothing that it could be about.
func showForm(q frame.Request, f form, l loaded) (formShown, bool) {
	s := formShown{
		Key: f.key(), Command: f.command, Title: q.Say("settings.do." + f.key()), Intro: q.Known("settings.about.", f.key(), ""),
		Button: q.Known("settings.button.", f.key(), q.Say("settings.save")), Here: f.here,
		Sure: q.Known("settings.sure.", f.key(), q.Say("settings.sure")), Remove: f.remove,
	}
	sent := q.Form.Get("do") == f.command
	for _, in := range f.fields {
		x := fieldShown{
			Name: in.name, ID: f.key() + "-" + in.name, Kind: string(in.kind), Needed: in.needed,
			Label: f.label(q, in), Hint: q.Known("settings.hint."+f.key()+".", in.name, q.Known("settings.hint.", in.name, "")), Value: l.values[in.name],
		}
		if in.kind == oneSite && in.needed {
			x.Hint = "" // it is about no site being said
		}
		if sent {
			x.Value = q.Form.Get(in.name)
		}
		s.File = s.File || in.kind == file
		chosen := []string{x.Value}
		if sent && in.kind == several {
			chosen = q.Form[in.name]
		}
		x.Options = options(q, in, l, chosen, strings.HasSuffix(f.command, " set"))
		if in.kind == pick && len(x.Options) == 0 {
			return s, false
		}
		if in.many && len(x.Options) > mostOptions {
			x.Kind, x.Options, x.Hint = string(text), nil, q.Say("settings.hint.many")
		}
		s.Fields = append(s.Fields, x)
	}
	return s, true
}

// mostOptions is how many values of data a choice shows: a page is small.
const mostOptions = 40

// options are the values among which one is chosen. Where the form changes something, choosing none leaves it as it is.
func options(q frame.Request, in field, l loaded, chosen []string, changes bool) (list []optionShown) {
	if in.kind != pick && in.kind != several {
		return nil
	}
	all := slices.Clone(l.choices[in.name])
	for _, o := range in.options {
		all = append(all, choice{o, q.Known("settings.option."+in.name+".", o, o)})
	}
	if in.kind == pick && !in.needed && len(all) > 0 {
		none := "settings.unsaid"
		if changes {
			none = "settings.unchanged"
		}
		all = append([]choice{{"", q.Say(none)}}, all...)
	}
	for _, c := range all {
		list = append(list, optionShown{c.Value, c.Words, slices.Contains(chosen, c.Value)})
	}
	return list
}

// mostCells is how many cells of a table are shown at once, of one or two of a page: a page is small.
const mostCells = 200

// part is the rows of a table that the address asks for: all for programs and spreadsheets.
func part(q frame.Request, t frame.Table, which, of int) ([][]frame.Cell, listShown) {
	param := "page"
	if which > 0 {
		param += strconv.Itoa(which + 1)
	}
	s := listShown{ID: t.ID, Title: t.Caption, Parts: param, Of: len(t.Rows)}
	if !q.ForPeople() {
		return t.Rows, s
	}
	size := max(10, mostCells/max(1, len(t.Columns))/max(1, of-1))
	n, err := strconv.Atoi(q.Param(param))
	if err != nil {
		n = 1
	}
	last := max(1, (len(t.Rows)+size-1)/size)
	n = min(max(1, n), last)
	from, to := (n-1)*size, min(len(t.Rows), n*size)
	s.First, s.Last, s.Before = from+1, to, n-1
	if n < last {
		s.After = n + 1
	}
	return t.Rows[from:to], s
}

package reports

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/label"
	"veille/dashboards/frame"
)

// model is a template that a report can be made by.
type model struct {
	ID, Version, Title string
	Own                bool // the organisation has typed it in
}

// models are those that come with the program and those of an organisation, by id. One of the organisation stands in the place of the one that comes with
// the program; what cannot be read is called by its id.
func (p *Pages) models(ctx context.Context, q frame.Request) ([]model, error) {
	shipped, err := p.shipped()
	if err != nil {
		return nil, fmt.Errorf("read the templates that come with the program: %w", err)
	}
	own, err := p.ledger.Templates(ctx, q.Reader.Organisation)
	if err != nil {
		return nil, fmt.Errorf("read the templates of the organisation: %w", err)
	}
	all := map[string]model{}
	for id, t := range shipped {
		all[id] = model{ID: id, Version: t.Version, Title: t.Title.In(q.Code)}
	}
	for _, t := range own {
		m := model{ID: t.ID, Version: t.Version, Title: t.ID, Own: true}
		if read, err := label.ReadTemplate([]byte(t.Text)); err == nil {
			m.Title = read.Title.In(q.Code)
		}
		all[t.ID] = m
	}
	return slices.SortedFunc(maps.Values(all), func(a, b model) int { return strings.Compare(a.ID, b.ID) }), nil
}

// titleOf is what a template is called; its id where there is none any more.
func titleOf(all []model, id string) string {
	if i := slices.IndexFunc(all, func(m model) bool { return m.ID == id }); i >= 0 {
		return all[i].Title
	}
	return id
}

// asked is what a form asks a report of.
type asked struct {
	Template, From, To string
	Models             []model
}

// form is the inputs that ask for a report.
type form struct{ Asked asked }

// fieldsShown are these inputs on a page.
type fieldsShown struct {
	frame.Page
	ID    string // of the form: no two inputs of a page have the same id
	Asked asked
}

// Fields are the inputs of the form of an id.
func (f form) Fields(page frame.Page, id string) fieldsShown { return fieldsShown{page, id, f.Asked} }

// year is the last twelve whole months.
func (p *Pages) year() (from, to collector.Month) {
	to = p.today().Month().Plus(-1)
	return to.Plus(1 - monthsOfYear), to
}

const (
	monthsOfYear = 12
	mostMonths   = 36 // of a report, see label.Request
)

// asked is what a form with these values asks for; what it leaves out is the first template, and the last twelve months.
func (p *Pages) asked(ctx context.Context, q frame.Request, value func(string) string) (asked, error) {
	all, err := p.models(ctx, q)
	if err != nil {
		return asked{}, err
	}
	from, to := p.year()
	a := asked{strings.TrimSpace(value("template")), strings.TrimSpace(value("from")), strings.TrimSpace(value("to")), all}
	if a.Template == "" && len(all) > 0 {
		a.Template = all[0].ID
	}
	if a.From == "" && a.To == "" {
		a.From, a.To = string(from), string(to)
	}
	return a, nil
}

// request is what the maker is asked. What cannot be asked is a frame.Problem.
func (a asked) request(q frame.Request) (label.Request, error) {
	r := label.Request{Organisation: q.Reader.Organisation, Template: a.Template, From: collector.Month(a.From), To: collector.Month(a.To)}
	for _, m := range []collector.Month{r.From, r.To} {
		if _, _, err := m.Dates(); err != nil {
			return r, frame.Problem(q.Say("reports.no_month", clip(string(m))))
		}
	}
	switch {
	case r.To < r.From:
		return r, frame.Problem(q.Say("reports.turned", q.Month(r.From), q.Month(r.To)))
	case r.To > r.From.Plus(mostMonths-1):
		return r, frame.Problem(q.Say("reports.too_long", q.Count(mostMonths)))
	case !slices.ContainsFunc(a.Models, func(m model) bool { return m.ID == a.Template }):
		return r, frame.Problem(q.Say("reports.no_template", clip(a.Template)))
	}
	return r, nil
}

// clip is the beginning of what somebody has typed.
func clip(text string) string {
	const most = 60
	letters := []rune(strings.ToValidUTF8(text, "\ufffd"))
	return string(letters[:min(len(letters), most)])
}

// params are what an address of a draft has beside its path.
func (a asked) params() []any { return []any{"template", a.Template, "from", a.From, "to", a.To} }

// make makes a report of what is asked. What a person can mend is a frame.Problem.
func (p *Pages) make(ctx context.Context, q frame.Request, a asked) (label.Report, error) {
	request, err := a.request(q)
	if err != nil {
		return label.Report{}, err
	}
	r, err := p.maker.Make(ctx, q.Reader, request)
	return r, said(q, request, err)
}

// said is an error of a maker: what a person can mend is a frame.Problem.
func said(q frame.Request, r label.Request, err error) error {
	if err == nil {
		return nil
	}
	if problem := sentence(q, r, err); problem != "" {
		return frame.Problem(problem)
	}
	return fmt.Errorf("make the report %s of %s to %s: %w", r.Template, r.From, r.To, err)
}

// sentence says what a person can mend, in his language; "" of any other error.
func sentence(q frame.Request, r label.Request, err error) string {
	template, isTemplate := errors.AsType[label.TemplateError](err)
	switch {
	case err == nil:
	case errors.Is(err, label.ErrNothing):
		return q.Say("reports.nothing", q.Month(r.From), q.Month(r.To))
	case errors.Is(err, label.ErrPeriod):
		return q.Say("reports.no_period", q.Month(r.From), q.Month(r.To))
	case errors.Is(err, label.ErrTemplate):
		return q.Say("reports.no_template", clip(r.Template))
	case isTemplate:
		const most = 3
		shown := template.Problems[:min(len(template.Problems), most)]
		return q.Say("reports.bad_template", clip(r.Template), strings.Join(shown, "; "))
	}
	return ""
}

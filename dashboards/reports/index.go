package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"veille/collector"
	"veille/collector/label"
	"veille/dashboards/frame"
)

// indexShown is what the template of the list needs beside its tables.
type indexShown struct {
	form
	Foreign  bool // what is wrong is said by a command, in English
	MayKeep  bool
	Kept     frame.Pager
	Complete frame.Pager
	From, To string // of the months that are counted, in words
}

// The sizes of the parts of long tables: a page is small.
const (
	mostKept      = 15
	mostTemplates = 15
)

// counting is how long the list waits for how complete each template is.
const counting = 3 * time.Second

// index is what was kept, and how complete the last twelve months are.
func (p *Pages) index(ctx context.Context, q frame.Request) (frame.View, error) {
	a, err := p.asked(ctx, q, q.Form.Get)
	if err != nil {
		return frame.View{}, err
	}
	from, to := p.year()
	v := frame.View{From: string(from), To: string(to)}
	counted, pager := cutModels(q, a.Models)
	complete, simulated, err := p.complete(ctx, q, counted, from, to)
	if err != nil {
		return v, err
	}
	kept, err := p.keptTable(ctx, q, a.Models)
	if err != nil {
		return v, err
	}
	data := indexShown{form: form{a}, MayKeep: q.Reader.Has(keepers()...), From: q.Month(from), To: q.Month(to)}
	data.Foreign = q.Problem != "" && q.Form.Has(saidByCommand)
	kept.Rows, data.Kept = frame.Cut(q, kept.Rows, mostKept)
	data.Complete = pager
	v.Simulated, v.Tables, v.Keep, v.Data = simulated, []frame.Table{complete, kept}, keep(nil, data.Kept, data.Complete), data
	return v, nil
}

// cutModels are the templates that the page counts: a report is made of each.
func cutModels(q frame.Request, all []model) ([]model, frame.Pager) {
	_, pager := frame.CutBy(q, "templates", make([][]frame.Cell, len(all)), mostTemplates)
	return all[max(0, pager.First-1):pager.Last], pager
}

// keptTable is what was kept, the last first.
func (p *Pages) keptTable(ctx context.Context, q frame.Request, all []model) (frame.Table, error) {
	snapshots, err := p.ledger.Snapshots(ctx, q.Reader.Organisation)
	if err != nil {
		return frame.Table{}, fmt.Errorf("read which reports were kept: %w", err)
	}
	t := frame.Table{
		ID: "kept", Caption: q.Say("reports.kept.caption"), Empty: q.Say("reports.kept.none"),
		Columns: append(columns(q, "number", "template", "template_id", "from", "to", "made_on", "method", "hash", "sha256"), frame.Column{ID: "simulated", Title: q.Say("reports.column.simulated")}),
	}
	hide(t.Columns, "template_id", "sha256")
	for _, s := range snapshots {
		number := frame.Num(float64(s.ID))
		number.Href = path(s.ID)
		t.Rows = append(t.Rows, []frame.Cell{
			number, frame.Text(titleOf(all, s.Template)), frame.Text(s.Template), shownAs(string(s.From), q.Month(s.From)), shownAs(string(s.To), q.Month(s.To)),
			shownAs(string(s.MadeOn), q.Day(s.MadeOn)), frame.Text(s.Method), frame.Text(short(s.SHA256)), frame.Text(s.SHA256), yes(q, s.Simulated),
		})
	}
	return t, nil
}

// path is the address of a kept report.
func path(id int64) string { return root + "/" + strconv.FormatInt(id, 10) }

// short is how a page names a hash.
func short(sha256 string) string { return sha256[:min(len(sha256), 8)] }

// complete is how many lines of each template have what they need, in some months. One that takes too long to count says so; so do those after it.
func (p *Pages) complete(ctx context.Context, q frame.Request, all []model, from, to collector.Month) (t frame.Table, simulated bool, err error) {
	t = frame.Table{
		ID: "complete", Caption: q.Say("reports.complete.caption", q.Month(from), q.Month(to)), Empty: q.Say("reports.complete.none"),
		Columns: append(columns(q, "template", "template_id", "version", "own", "lines"), append(columns(q, statusColumns()...), columns(q, "state")...)...),
	}
	hide(t.Columns, "template_id", "version", "own")
	within, cancel := context.WithTimeout(ctx, counting)
	defer cancel()
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = m.ID
	}
	made := p.maker.Each(within, q.Reader, label.Request{Organisation: q.Reader.Organisation, From: from, To: to}, ids...)
	for i, m := range all {
		a := asked{m.ID, string(from), string(to), all}
		name := linked(q, m.Title, draft, a.params()...)
		row := []frame.Cell{name, frame.Text(m.ID), frame.Text(m.Version), yes(q, m.Own)}
		r, err := made[i].Report, said(q, label.Request{Template: m.ID, From: from, To: to}, made[i].Err)
		problem, isProblem := errors.AsType[frame.Problem](err)
		state := string(problem)
		switch {
		case err == nil:
			simulated = simulated || r.Simulated
			t.Rows = append(t.Rows, append(append(row, countLines(r.Lines)...), frame.Text(stateOf(q, r.Lines))))
			continue
		case ctx.Err() == nil && within.Err() != nil:
			state = q.Say("reports.complete.slow")
		case !isProblem:
			return t, false, err
		default:
			row[0] = frame.Text(m.Title) // there is no draft to look at
		}
		t.Rows = append(t.Rows, append(append(row, make([]frame.Cell, len(statuses())+1)...), frame.Text(state)))
	}
	return t, simulated, nil
}

// stateOf says in words how many lines have what they need.
func stateOf(q frame.Request, lines []label.Line) string {
	missing := 0
	for _, l := range lines {
		if l.Status == label.ToComplete {
			missing++
		}
	}
	switch missing {
	case 0:
		return q.Say("reports.state.whole")
	case 1:
		return q.Say("reports.state.one")
	}
	return q.Say("reports.state", q.Count(missing))
}

// saidByCommand is a value of the form where what is wrong with it is said by a command, in English.
const saidByCommand = "said-by-command"

// keep has a report kept.
func (p *Pages) keep(ctx context.Context, q frame.Request) (string, error) {
	if !q.Reader.Has(keepers()...) || q.Form.Get("do") != "report keep" {
		return "", collector.ErrNotFound
	}
	a, err := p.asked(ctx, q, q.Form.Get)
	if err != nil {
		return "", err
	}
	if _, err := p.make(ctx, q, a); err != nil { // what is wrong is said in the language of the reader: commands speak English
		return "", err
	}
	flags := map[string]any{"template": a.Template, "from": a.From, "to": a.To}
	_, asJSON, err := p.commands.Give(ctx, *q.Reader, "report keep", nil, flags, "")
	if errors.Is(err, collector.ErrNotFound) { // what was typed is not there: the page is
		err = frame.Problem(err.Error())
	}
	if err != nil {
		q.Form.Set(saidByCommand, "yes")
		return "", err
	}
	var kept struct{ ID int64 }
	to := root
	if json.Unmarshal(asJSON, &kept) == nil && kept.ID > 0 {
		to = path(kept.ID)
	}
	return frame.Page{Language: q.Language}.To(to, "done", "keep"), nil
}

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

// drafted is the report that the address of a draft asks for. Where it cannot be made, problem says why.
func (p *Pages) drafted(ctx context.Context, q frame.Request) (s sheet, a asked, problem string, err error) {
	if a, err = p.asked(ctx, q, q.Param); err != nil {
		return s, a, "", err
	}
	r, err := p.make(ctx, q, a)
	if wrong, isProblem := errors.AsType[frame.Problem](err); isProblem {
		return s, a, string(wrong), nil
	}
	if err != nil {
		return s, a, "", err
	}
	s, err = p.sheet(q, r, draft)
	s.params = a.params()
	return s, a, "", err
}

// sheet is a report with where its pages are.
func (p *Pages) sheet(q frame.Request, r label.Report, base string) (sheet, error) {
	lines, err := p.lines()
	if err != nil {
		return sheet{}, fmt.Errorf("read the list of lines: %w", err)
	}
	return sheet{Report: r, base: base, advice: advice{lines}, edits: q.Reader.Has(keepers()...)}, nil
}

// draft is the first page of a report that nobody has kept.
func (p *Pages) draft(ctx context.Context, q frame.Request) (frame.View, error) {
	s, a, problem, err := p.drafted(ctx, q)
	if err != nil {
		return frame.View{}, err
	}
	may := q.Reader.Has(keepers()...)
	if problem != "" {
		return frame.View{Problem: problem, Keep: keep(a.params()), Data: sheetShown{form: form{a}, MayKeep: may}}, nil
	}
	v, data := s.show(q)
	data.form, data.MayKeep = form{a}, may
	data.Now = q.Say("reports.draft.notice")
	v.Title, v.Keep, v.Data = q.Say("reports.draft.of", data.Title), keep(a.params(), data.Themes, data.Todo), data
	v.Notices = append([]string{data.Now}, v.Notices...)
	return v, nil
}

// draftTheme is one theme of a report that nobody has kept.
func (p *Pages) draftTheme(ctx context.Context, q frame.Request) (frame.View, error) {
	s, a, problem, err := p.drafted(ctx, q)
	if err != nil {
		return frame.View{}, err
	}
	if problem != "" {
		return frame.View{}, frame.Problem(problem)
	}
	return s.theme(q, a.params())
}

// frozen is the kept report of the address.
func (p *Pages) frozen(ctx context.Context, q frame.Request) (collector.Snapshot, label.Report, error) {
	id, err := q.ID("snapshot")
	if err != nil {
		return collector.Snapshot{}, label.Report{}, err
	}
	x, err := p.ledger.Snapshot(ctx, q.Reader.Organisation, id)
	if err == nil && x.Organisation != q.Reader.Organisation {
		err = collector.ErrNotFound
	}
	if err != nil {
		return x, label.Report{}, fmt.Errorf("read the kept report %d: %w", id, err)
	}
	r, err := label.Open(x.JSON)
	tampered, isTampered := errors.AsType[label.TamperedError](err)
	switch {
	case isTampered:
		return x, r, frame.Problem(q.Say("reports.tampered", q.Count(int(id)), clipHash(tampered.Says), clipHash(tampered.Is)))
	case err == nil && r.SHA256 != x.SHA256:
		return x, r, frame.Problem(q.Say("reports.tampered", q.Count(int(id)), clipHash(x.SHA256), clipHash(r.SHA256)))
	case err != nil:
		return x, r, fmt.Errorf("open the kept report %d: %w", id, err)
	}
	return x, r, nil
}

// clipHash is a hash, or a word for none.
func clipHash(sha256 string) string {
	if sha256 == "" {
		return "–"
	}
	return clip(sha256)
}

// kept is the first page of a report that was kept.
func (p *Pages) kept(ctx context.Context, q frame.Request) (frame.View, error) {
	x, r, err := p.frozen(ctx, q)
	if err != nil {
		return frame.View{}, err
	}
	s, err := p.sheet(q, r, path(x.ID))
	if err != nil {
		return frame.View{}, err
	}
	v, data := s.show(q)
	data.ID, data.Files = x.ID, files(q, x.ID)
	if q.Param("done") == "keep" {
		data.Now = q.Say("reports.done")
	}
	v.Title, v.Keep, v.Data = q.Say("reports.kept.of", q.Count(int(x.ID)), data.Title), keep(nil, data.Themes, data.Todo), data
	return v, nil
}

// keptTheme is one theme of a report that was kept.
func (p *Pages) keptTheme(ctx context.Context, q frame.Request) (frame.View, error) {
	x, r, err := p.frozen(ctx, q)
	if err != nil {
		return frame.View{}, err
	}
	s, err := p.sheet(q, r, path(x.ID))
	if err != nil {
		return frame.View{}, err
	}
	return s.theme(q, nil)
}

// themeOf is the theme of the address.
func (s sheet) themeOf(q frame.Request) (label.Theme, error) {
	i := slices.IndexFunc(s.Themes, func(t label.Theme) bool { return t.ID == q.HTTP.PathValue("theme") })
	if i < 0 {
		return label.Theme{}, collector.ErrNotFound
	}
	return s.Themes[i], nil
}

// keep are the parameters that a page has in the other language.
func keep(params []any, pagers ...frame.Pager) map[string][]string {
	kept := map[string][]string{}
	for i := 0; i+1 < len(params); i += 2 {
		kept[fmt.Sprint(params[i])] = []string{strings.TrimSpace(fmt.Sprint(params[i+1]))}
	}
	for _, p := range pagers {
		maps.Copy(kept, p.Keep())
	}
	return kept
}

package crawl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"time"

	"veille/collector"
	"veille/ecoindex/site"
	"veille/ecoindex/survey"
)

// oldest is how long ago a journal may have been written to last for its measure to go on.
const oldest = 30 * 24 * time.Hour

// journals are those of a measure.
type journals struct {
	this, last *site.Journal // last is nil for none
	past       past
}

// past says when the pages of the run before were looked at, by address, as its journal has it.
type past map[string]moments

// moments are those of a page.
type moments struct{ looked, shown string }

// Close closes what is open.
func (j *journals) Close() error {
	var err error
	for _, one := range []*site.Journal{j.this, j.last} {
		if one != nil {
			err = errors.Join(err, one.Close())
		}
	}
	j.this, j.last = nil, nil
	return err
}

// journals opens the journals of a website by whose rules a site is crawled now. One that cannot be gone on with is begun anew.
func (a *attempt) journals(ctx context.Context, rules site.Rules) (*journals, error) {
	j := &journals{}
	if why := a.resume(ctx, j, rules); why != nil {
		a.Log.WarnContext(ctx, "website measured from the beginning, its journal is of no use", "website", a.website.ID, "err", why)
	}
	if j.this == nil {
		err := a.files.forget()
		if err == nil {
			err = a.files.write(stateNow, underWay{Kind: a.website.Kind, Rules: a.website.Rules})
		}
		if err == nil {
			j.this, err = site.OpenJournal(a.files.path(journalNow))
		}
		if err != nil {
			return nil, err
		}
	}
	if err := a.before(ctx, j, rules); err != nil {
		a.Log.WarnContext(ctx, "website measured without its last journal, which is of no use", "website", a.website.ID, "err", err)
		if err := errors.Join(j.last.Close(), a.files.remove(journalLast)); err != nil {
			return nil, errors.Join(err, j.this.Close())
		}
		j.last, j.past = nil, nil
	}
	return j, nil
}

// resume opens the journal under way; the error says why one that is there is of no use.
func (a *attempt) resume(ctx context.Context, j *journals, rules site.Rules) error {
	info, err := os.Stat(a.files.path(journalNow))
	if err != nil {
		return nil //nolint:nilerr // there is none
	}
	u, err := a.files.underWay()
	switch {
	case err != nil:
		return err
	case !sameRules(a.website, collector.Website{Kind: u.Kind, Rules: u.Rules}):
		return errChanged
	case a.Now().Sub(info.ModTime()) > oldest:
		return fmt.Errorf("it was written to last on %s", collector.DateOf(info.ModTime()))
	}
	one, err := site.OpenJournal(a.files.path(journalNow))
	if err != nil {
		return err
	}
	err = agrees(ctx, one, site.Options{Rules: rules})
	if err == nil {
		_, err = survey.Read(one)
	}
	if err != nil {
		return errors.Join(err, one.Close())
	}
	j.this = one
	return nil
}

// before opens the journal of the run before, where there is one.
func (a *attempt) before(ctx context.Context, j *journals, rules site.Rules) error {
	if !a.files.has(journalLast) {
		return nil
	}
	last, err := site.OpenJournal(a.files.path(journalLast))
	if err != nil {
		return err
	}
	j.last = last
	if err := agrees(ctx, j.this, site.Options{Rules: rules, Before: last}); err != nil {
		return err
	}
	j.past, err = pastOf(last)
	return err
}

// pastOf reads when the pages of a journal were looked at.
func pastOf(j *site.Journal) (past, error) {
	all := past{}
	err := j.Read(func(k site.Kept) error {
		if k.State != site.Seen && k.State != site.Copy {
			return nil
		}
		var r survey.Result
		if err := json.Unmarshal(k.Result, &r); err != nil {
			return fmt.Errorf("read the last result of %s: %w", k.URL, err)
		}
		all[k.URL] = moments{looked: r.At}
		return nil
	}, func(url string, note json.RawMessage) error {
		var b survey.Shown
		if m, ok := all[url]; ok && json.Unmarshal(note, &b) == nil { // what is not understood was not looked at
			m.shown = b.At
			all[url] = m
		}
		return nil
	})
	return all, err
}

// agrees tells whether a crawl by these options can go on with a journal: it begins one that asks nobody anything. The journal has then at
// least its first line.
func agrees(ctx context.Context, j *site.Journal, o site.Options) error {
	ctx, stop := context.WithCancelCause(ctx)
	stop(errAgrees)
	if _, err := site.Crawl(ctx, nobody{}, j, o); !errors.Is(err, context.Cause(ctx)) { // of ctx, where that had ended before
		return err
	}
	return nil
}

var errAgrees = errors.New("the journals were read")

// nobody is a web that does not answer.
type nobody struct{}

// Text is no answer.
func (nobody) Text(ctx context.Context, _ string) (site.Text, error) {
	return site.Text{}, context.Cause(ctx)
}

// Visit sees nothing.
func (nobody) Visit(ctx context.Context, _ string, _ json.RawMessage) (site.View, error) {
	return site.View{}, context.Cause(ctx)
}

// sameRules tells whether two websites have the same pages: what is known of one holds for the other.
func sameRules(a, b collector.Website) bool {
	return a.Kind == b.Kind && reflect.DeepEqual(pagesBy(a), pagesBy(b))
}

// pagesBy are the rules by which the pages are found, without those by which they are measured.
func pagesBy(w collector.Website) collector.WebsiteRules {
	r := w.Rules
	r.Mode, r.Delay, r.Sample = "", 0, 0
	if w.Kind == collector.KindPage {
		return collector.WebsiteRules{URL: r.URL}
	}
	if len(r.Exclude) == 0 {
		r.Exclude = nil
	}
	if len(r.Hosts) == 0 {
		r.Hosts = nil
	}
	return r
}

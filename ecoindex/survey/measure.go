package survey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"veille/ecoindex/estimate"
	"veille/ecoindex/practice"
	"veille/ecoindex/site"
	"veille/ecoindex/web"
)

// carry takes the browser's measures of pages that have not changed since the last survey, unless they are too old.
func (s *Survey) carry(j *site.Journal, o Options) error {
	if o.Before == nil {
		return nil
	}
	pages := make(map[string]*Page, len(s.Pages))
	for i := range s.Pages {
		if s.Pages[i].Browser == nil {
			pages[s.Pages[i].URL] = &s.Pages[i]
		}
	}
	same := map[string]bool{} // not changed since
	now, w := o.Now(), newWords()
	err := o.Before.Read(func(k site.Kept) error {
		if p := pages[k.URL]; p != nil {
			same[k.URL] = maphash.Bytes(s.seed, k.Result) == p.hash
		}
		return nil
	}, func(url string, text json.RawMessage) error {
		p := pages[url]
		if p == nil || !same[url] || p.Browser != nil {
			return nil
		}
		var n note
		if err := json.Unmarshal(text, &n); err != nil {
			return fmt.Errorf("read the last measure of %s: %w", url, err)
		}
		if !n.holds(now, o) {
			return nil
		}
		if n.Practices != nil {
			w.spareKept(n.Practices)
		}
		p.take(n)
		return j.Note(url, text)
	})
	if err != nil {
		return fmt.Errorf("carry the measures of the last survey over: %w", err)
	}
	return nil
}

// holds tells whether the browser's measure of a page that has not changed still counts.
func (n *note) holds(now time.Time, o Options) bool {
	if n.Shown == nil || n.Code != "" || n.Protocol != o.Protocol {
		return false
	}
	at, err := time.Parse(time.RFC3339, n.At)
	return err == nil && now.Sub(at) <= o.Remeasure
}

// take enters what a browser found of a page.
func (p *Page) take(n note) {
	p.Browser = n.Shown
	if n.Practices != nil {
		p.PageKept = *n.Practices
	}
}

// send sends the browser to some pages. One that it cannot measure is not measured again, and another one is not taken in its place.
func (s *Survey) send(ctx context.Context, j *site.Journal, m *practice.Memory, o Options) error {
	n := o.Sample
	if n <= 0 {
		n = sampleOf(s.Pages)
	}
	for i := range s.Pages {
		if s.Pages[i].Browser != nil {
			n--
		}
	}
	w := newWords()
	chosen := estimate.Choose(s.rows(), n, o.Seed)
	for done, i := range chosen {
		p := &s.Pages[i]
		if p.Browser != nil {
			continue
		}
		sight, err := o.Browser.Look(ctx, p.URL)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n := noteOf(sight, err, m)
		n.At, n.Protocol = o.stamp(), o.Protocol
		if err := p.keep(j, n, w); err != nil {
			return err
		}
		o.Measured(done+1, len(chosen), p.URL)
		if err := o.Rest(ctx); err != nil {
			return err
		}
	}
	return nil
}

// keep enters what a browser found of a page in the journal, and holds what was written: it shares no text with the page.
func (p *Page) keep(j *site.Journal, n note, w *words) error {
	text, err := json.Marshal(n)
	if err == nil {
		err = j.Note(p.URL, text)
	}
	var kept note
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		return fmt.Errorf("keep the measure of %s: %w", p.URL, err)
	}
	if kept.Practices != nil {
		w.spareKept(kept.Practices)
	}
	p.take(kept)
	return nil
}

// noteOf is what is kept of a browser's look.
func noteOf(s *web.Sight, err error, m *practice.Memory) note {
	if problem, ok := errors.AsType[*web.Error](err); ok {
		return note{Shown: &Shown{Code: problem.Code, Text: problem.Text}}
	}
	if err != nil {
		return note{Shown: &Shown{Code: web.CodeBrowser, Text: err.Error()}}
	}
	n := note{Shown: &Shown{Figures: figuresOf(s.Measure())}}
	if kept, err := practice.Keep(s, m); err == nil { // else those of the quick look stay
		n.Practices = &kept
	}
	return n
}

// sampleOf is how many pages are measured where nobody says it: two of each template, and of a large site as many more as the square
// root of its pages.
func sampleOf(pages []Page) int {
	groups := map[int]int{}
	for _, p := range pages {
		groups[p.Group]++
	}
	n := 0
	for _, of := range groups {
		n += min(of, 2)
	}
	root := 0
	for root*root < len(pages) {
		root++
	}
	return min(len(pages), n+root)
}

package browser

import (
	"fmt"
	"net/http"

	"veille/ecoindex/web"
)

// count reads what the visit took, by the rule of the protocol. The elements come first: what is asked for while they
// are counted is counted too, as in the reference.
func (t *tab) count(address string) (web.Page, error) {
	r := t.protocol.rule
	page := web.Page{URL: address}
	if err := t.ask(t.session, t.main.frame, r.elements, &page.DOM); err != nil {
		return web.Page{}, err
	}
	if err := t.ask(t.session, t.main.frame, "location.href", &page.URL); err != nil {
		return web.Page{}, err
	}
	html := 0
	if r.addHTML {
		if err := t.ask(t.session, t.main.frame, lengthOfHTML, &html); err != nil {
			return web.Page{}, err
		}
	}
	page.DOMFrames = t.countFrames()
	page.Parts = t.parts()
	var icons []string
	if err := t.ask(t.session, t.main.frame, iconAddresses, &icons); err != nil {
		return web.Page{}, err
	}
	var bytes int64
	look(t, func() any {
		t.ledger.dropIcons(icons)
		page.Resources, bytes, page.Cached = t.ledger.resources(r)
		t.keeper.settle(t.ledger, r)
		return nil
	})
	for i, r := range page.Resources {
		if reason := t.refusal(r.URL); reason != nil && r.Status == 0 {
			page.Resources[i].Problem = refused(reason).text
		}
	}
	page.Requests = len(page.Resources)
	page.SizeKB = float64(bytes+int64(html)) / 1000
	page.Notes = t.notes(page)
	return page, nil
}

// parts are the largest pieces of the document, or none when it does not say.
func (t *tab) parts() []web.Part {
	var list []struct {
		web.Branch
		Tag   string `json:"tag"`
		ID    string `json:"id"`
		Class string `json:"class"`
	}
	if err := t.ask(t.session, t.main.frame, branches, &list); err != nil {
		return nil
	}
	tree := make([]web.Branch, len(list))
	for i, b := range list {
		tree[i] = web.Branch{Parent: b.Parent, Elements: b.Elements, Name: web.NameOf(b.Tag, b.ID, b.Class)}
	}
	return web.LargestParts(tree)
}

// countFrames counts the elements of the inner documents, or answers nil when one of them does not answer.
func (t *tab) countFrames() *int {
	sum := 0
	for _, session := range t.documents() {
		for _, frame := range t.frames(session) {
			n := 0
			if frame == t.main.frame {
				continue
			}
			if err := t.ask(session, frame, countElements, &n); err != nil {
				return nil
			}
			sum += n
		}
	}
	return &sum
}

// notes are what a reader must know beside the figures.
func (t *tab) notes(page web.Page) []string {
	var list []string
	open, failed, first := 0, 0, ""
	for _, r := range page.Resources {
		switch {
		case r.Problem == unfinished:
			open++
		case r.Status == 0:
			failed++
			first = orElse(first, r.URL+" ("+r.Problem+")")
		}
	}
	if open > 0 {
		list = append(list, fmt.Sprintf("requests that had not ended when the page was counted: %d, counted with the bytes received", open))
	}
	if failed > 0 {
		list = append(list, fmt.Sprintf("requests without an answer: %d, counted without a byte; the first is %s", failed, first))
	}
	if page.DOMFrames == nil {
		list = append(list, "an inner document did not answer: its elements, which are not in the score, are not known")
	}
	look(t, func() any {
		if t.dialogs > 0 {
			list = append(list, fmt.Sprintf("the page opened %d dialog boxes; each was dismissed", t.dialogs))
		}
		if a := t.main.answer; a != nil && a.Status != http.StatusOK {
			list = append(list, fmt.Sprintf("the page went on by itself to %s, which answered %d; that is what was counted last", page.URL, a.Status))
		}
		if t.unseen > 0 {
			list = append(list, fmt.Sprintf("requests of a shared worker: %d, not counted because the reference does not see them", t.unseen))
		}
		if t.download != "" {
			list = append(list, "the page wanted to download "+t.download+"; it was refused")
		}
		return nil
	})
	return list
}

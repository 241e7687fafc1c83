package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"veille/ecoindex/web"
)

// Journey is what a visitor does on a site, step by step, and where it is measured.
type Journey struct {
	Name  string
	URL   string // of the first page
	Steps []Step
}

// Step is one thing a visitor does; exactly one of its fields is set.
type Step struct {
	Open    string        // go to another address
	Click   string        // the element that this CSS selector finds, in any frame
	Type    *Typing       // text into a field
	Wait    time.Duration // for some time
	Await   string        // until the selector finds an element that is shown
	Scroll  string        // to the element that the selector finds, or to the "bottom"
	Measure string        // the name of a measure of what is there now
	Consent string        // measure before and after the consent that a click on this selector gives
}

// Typing is text for a field.
type Typing struct {
	Into string // selector
	Text string
}

// Measure names of a consent step.
const (
	BeforeConsent = "before consent"
	AfterConsent  = "after consent"
)

// stepTime is how long an element is waited for.
const stepTime = 10 * time.Second

// Stage is a measure of a journey. Its figures are those of the page that is open, from the request that opened it.
type Stage struct {
	Name string
	Page web.Page
}

// Follow does the steps of a journey in a tab of its own, and answers the measures made. Every page is visited by the
// protocol: its waits and its scroll come after it is opened, a wait after each click. The error is a *web.Error; the
// measures made before it are answered too.
func (m *Measurer) Follow(ctx context.Context, j Journey) ([]Stage, error) {
	u, err := web.ParseAddress(j.URL)
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	var stages []Stage
	err = m.inTab(ctx, m.options, u.String(), func(t *tab) error {
		stages = nil
		w := walk{tab: t, at: u}
		if err := t.visit(u); err != nil {
			return t.failed(u, err)
		}
		for i, s := range j.Steps {
			if err := w.take(s); err != nil {
				if reason, ok := errors.AsType[*failure](err); ok && reason.code == web.CodeStep {
					reason.text = fmt.Sprintf("step %d: %s", i+1, reason.text)
				}
				stages = w.stages
				return t.failed(w.at, err)
			}
		}
		stages = w.stages
		return nil
	})
	return stages, err
}

// walk is a journey under way.
type walk struct {
	*tab
	at     *url.URL
	stages []Stage
}

func (w *walk) take(s Step) error {
	switch {
	case s.Open != "":
		u, err := web.ParseAddress(s.Open)
		if err != nil {
			return fmt.Errorf("%w", err)
		}
		w.at = u
		look(w.tab, func() any { w.ledger.begin(); w.main.answer = nil; return nil })
		return w.visit(u)
	case s.Click != "":
		return w.click(s.Click)
	case s.Type != nil:
		if err := w.find(s.Type.Into, "e.focus()"); err != nil {
			return err
		}
		return w.call(w.ctx, w.session, "Input.insertText", values{"text": s.Type.Text}, nil)
	case s.Wait > 0:
		return w.wait(s.Wait)
	case s.Await != "":
		return w.find(s.Await, "")
	case s.Scroll == "bottom":
		if err := w.ask(w.session, w.main.frame, scrollDown, nil); err != nil {
			return err
		}
		return w.rest(time.Now().Add(w.protocol.wait))
	case s.Scroll != "":
		if err := w.find(s.Scroll, `e.scrollIntoView({block: "center", behavior: "instant"})`); err != nil {
			return err
		}
		return w.rest(time.Now().Add(w.protocol.wait))
	case s.Measure != "":
		return w.measure(s.Measure)
	case s.Consent != "":
		return w.consent(s.Consent)
	}
	return &failure{web.CodeStep, "it says nothing to do"}
}

func (w *walk) consent(selector string) error {
	if err := w.find(selector, ""); err != nil {
		return err
	}
	if err := w.measure(BeforeConsent); err != nil {
		return err
	}
	if err := w.click(selector); err != nil {
		return err
	}
	return w.measure(AfterConsent)
}

func (w *walk) measure(name string) error {
	page, err := w.count(w.at.String())
	if err != nil {
		return err
	}
	if u, err := url.Parse(page.URL); err == nil {
		w.at = u
	}
	w.stages = append(w.stages, Stage{name, page})
	return nil
}

// opening is how long a click may take to begin opening a page.
const opening = 500 * time.Millisecond

// click clicks, and visits the page that the click opens, if it opens one.
func (w *walk) click(selector string) error {
	w.unload()
	before := look(w.tab, func() int { return w.ledger.documents })
	if err := w.find(selector, `e.scrollIntoView({block: "center", behavior: "instant"}); e.click()`); err != nil {
		return err
	}
	began := time.Now()
	if err := w.wait(opening); err != nil {
		return err
	}
	if look(w.tab, func() int { return w.ledger.documents }) == before {
		return w.rest(began.Add(w.protocol.wait))
	}
	look(w.tab, func() any { w.ledger.beginAtDocument(); return nil })
	ctx, cancel := context.WithTimeoutCause(w.ctx, w.options.LoadTimeout, context.DeadlineExceeded)
	defer cancel()
	if err := w.load(ctx); err != nil {
		return err
	}
	return w.follow(time.Now())
}

// findElement looks for an element that is shown, in a document and its open shadow roots.
const findElement = `(selector => {
	const search = root => {
		for (const e of root.querySelectorAll(selector)) if (e.getClientRects().length) return e;
		for (const e of root.querySelectorAll("*")) {
			const found = e.shadowRoot && search(e.shadowRoot);
			if (found) return found;
		}
		return null;
	};
	const e = search(document);
	if (!e) return false;
	%s;
	return true;
})(%s)`

// find waits until a selector finds an element that is shown, in any frame, and does something with it.
func (w *walk) find(selector, do string) error {
	quoted, err := json.Marshal(selector)
	if err != nil {
		return fmt.Errorf("write a selector: %w", err)
	}
	script := fmt.Sprintf(findElement, do, quoted)
	for deadline := time.Now().Add(stepTime); time.Now().Before(deadline); {
		for _, session := range w.documents() {
			for _, frame := range w.frames(session) {
				found := false
				err := w.askAs(session, frame, values{"expression": script, "userGesture": do != ""}, &found)
				if err != nil && strings.Contains(err.Error(), "not a valid selector") {
					return &failure{web.CodeStep, fmt.Sprintf("%q is not a CSS selector; correct it", selector)}
				}
				if err != nil && w.ctx.Err() != nil {
					return err
				}
				if found {
					return nil
				}
			}
		}
		if err := w.wait(100 * time.Millisecond); err != nil {
			return err
		}
	}
	return &failure{web.CodeStep, fmt.Sprintf("%q finds nothing that is shown within %v; look at the page, and correct the selector", selector, stepTime)}
}

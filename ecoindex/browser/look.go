package browser

import (
	"context"
	"fmt"
	"time"

	"veille/ecoindex/web"
)

// Look measures the page at address as Measure does, with the same figures and the same errors, and keeps what was said of each
// resource and how the page is shown, for those who look for what it could do better.
//
// HTML is the document as its scripts left it, up to 8 MiB; of a longer one it is what was sent, or nothing. Of a body is kept:
// of a text (HTML, CSS, JavaScript, JSON, SVG, XML) all up to 4 MiB, of an image all up to 1 MiB and of one up to 4 MiB the first
// 256 KiB, of a font the first 4 KiB, of others, of longer ones and of redirects nothing; 32 MiB of a page in all, texts first. A
// body that the browser has no more is none. Decoded is 0 of what did not end well. Headers are 8 MiB of a page in all; who comes
// when it is full has a header of no field.
//
// Everything is asked for after the page was counted, and within 15 s: what is not answered then is missing, and the notes say so.
// The page itself is told nothing, and its figures stay whatever it answers.
func (m *Measurer) Look(ctx context.Context, address string) (*web.Sight, error) {
	u, err := web.ParseAddress(address)
	if err != nil {
		return nil, fmt.Errorf("%w", err)
	}
	o := m.options
	o.looks = true
	var sight *web.Sight
	err = m.inTab(ctx, o, u.String(), func(t *tab) error {
		sight = nil
		err := t.visit(u)
		var page web.Page
		if err == nil {
			page, err = t.count(u.String())
		}
		if err == nil {
			sight = t.sight(page)
			err = ctx.Err() // what the caller stopped is no sight
		}
		if err != nil {
			return t.failed(u, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sight, nil
}

// sight asks for what the figures do not need. It never fails: what is missing is in the notes.
func (t *tab) sight(page web.Page) *web.Sight {
	ctx, cancel := context.WithTimeoutCause(t.ctx, answerTime, context.DeadlineExceeded)
	defer cancel()
	s := &web.Sight{Page: page}
	for i, h := range t.keeper.kept {
		h.Resource = page.Resources[i]
	}
	var html struct {
		Text  string `json:"text"`
		Large bool   `json:"large"`
	}
	shown, err := t.shown(ctx)
	if err == nil {
		err = t.askWithin(ctx, t.session, t.main.frame, values{"expression": wholeHTML}, &html)
	}
	s.Shown, s.HTML = shown, []byte(html.Text)
	if err == nil { // who does not answer will not
		t.bodies(ctx, t.keeper.kept)
	}
	for _, h := range t.keeper.kept {
		s.Exchanges = append(s.Exchanges, h.Exchange)
	}
	if shown == nil {
		s.Notes = append(s.Notes, "the page did not say in time how it is shown: nothing is known of its images, its animations and its scripts")
	}
	if err != nil || html.Large { // a page may have no element left
		s.HTML = t.sent()
		s.Notes = append(s.Notes, without(html.Large, len(s.HTML) > 0))
	}
	if shown != nil {
		s.Notes = append(s.Notes, t.countErrors(ctx, shown)...)
	}
	return s
}

// without says why the document is not given as its scripts left it, and whether what was sent is given instead.
func without(large, sent bool) string {
	text := "the document did not say in time what its scripts made of it"
	if large {
		text = "the document is too long to be looked at as its scripts left it"
	}
	if sent {
		return text + "; what the server sent was looked at"
	}
	return text + "; its text was not looked at"
}

// sent is the page's own document as the server sent it, in UTF-8, or nil.
func (t *tab) sent() []byte {
	loader := look(t, func() string { return t.main.loader })
	for _, h := range t.keeper.kept {
		if h.request == loader && h.Kind == web.Document {
			return h.text
		}
	}
	return nil
}

// countErrors has the browser tell of the errors that no script caught, which it remembers: up to a thousand messages of the page's
// own process. It is asked last, since it tells of all messages.
func (t *tab) countErrors(ctx context.Context, shown *web.Shown) []string {
	err := t.call(ctx, t.session, "Runtime.enable", values{}, nil)
	if err == nil {
		t.catchUp()
		err = ctx.Err()
	}
	if err != nil {
		return []string{"the page did not say in time which errors its scripts made"}
	}
	shown.Errors = look(t, func() int { return t.keeper.errors })
	return nil
}

// shown is how the page is shown, or nil.
func (t *tab) shown(ctx context.Context) (*web.Shown, error) {
	var answer struct {
		Animations int          `json:"animations"`
		Blocked    float64      `json:"blocked"`
		Images     []shownImage `json:"images"`
	}
	script := fmt.Sprintf(showPage, float64(t.rested)/float64(time.Millisecond))
	if err := t.askWithin(ctx, t.session, t.main.frame, values{"expression": script}, &answer); err != nil {
		return nil, err
	}
	s := &web.Shown{Height: t.protocol.height, Animations: answer.Animations, BlockedMS: answer.Blocked}
	for _, i := range answer.Images {
		s.Images = append(s.Images, i.image())
	}
	return s, nil
}

package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"veille/ecoindex/web"
)

// answerTime is how long a document may take to answer a question, scripts that do not pause included.
const answerTime = 15 * time.Second

// visit goes to an address and follows the protocol to its end.
func (t *tab) visit(u *url.URL) error {
	if err := t.present(u); err != nil {
		return err
	}
	if err := t.navigate(u); err != nil {
		return err
	}
	return t.follow(time.Now())
}

// comeBack visits a page once more, from an empty one, with what the browser kept of the first visit.
func (t *tab) comeBack(u *url.URL) (web.Page, error) {
	t.unload()
	if err := t.call(t.ctx, t.session, "Page.navigate", values{"url": "about:blank"}, nil); err != nil {
		return web.Page{}, err
	}
	ctx, cancel := context.WithTimeoutCause(t.ctx, t.options.LoadTimeout, context.DeadlineExceeded)
	defer cancel()
	select {
	case <-t.loaded:
	case <-ctx.Done():
		return web.Page{}, fmt.Errorf("leave the page: %w", context.Cause(ctx))
	}
	look(t, func() any { t.ledger.begin(); t.main.answer = nil; return nil })
	t.protocol.rule.network = true
	if err := t.visit(u); err != nil {
		return web.Page{}, err
	}
	return t.count(u.String())
}

// navigate goes to an address and waits until it is loaded.
func (t *tab) navigate(u *url.URL) error {
	var went struct {
		Error    string `json:"errorText"`
		Download bool   `json:"isDownload"`
	}
	t.unload()
	ctx, cancel := context.WithTimeoutCause(t.ctx, t.options.LoadTimeout, context.DeadlineExceeded)
	defer cancel()
	err := t.call(ctx, t.session, "Page.navigate", values{"url": u.String()}, &went)
	if err != nil {
		return err
	}
	t.catchUp()
	if problem := t.arrived(went.Error, went.Download); problem != nil {
		return problem
	}
	return t.load(ctx)
}

// unload forgets that a page was loaded.
func (t *tab) unload() {
	select {
	case <-t.loaded:
	default:
	}
}

// load waits until the page is loaded.
func (t *tab) load(ctx context.Context) error {
	select {
	case <-t.loaded:
		return t.settled()
	case <-ctx.Done():
		return fmt.Errorf("wait for the page: %w", context.Cause(ctx))
	case <-t.ended:
		return errGone
	}
}

// arrived says why no page came, or answers nil.
func (t *tab) arrived(name string, download bool) error {
	answer := look(t, func() *response { return t.main.answer })
	if answer != nil {
		if problem := refuse(answer); problem != nil {
			return problem
		}
	}
	switch {
	case download:
		return &failure{web.CodeMIME, "the server sent a file to download and only pages are measured; give the address of a page"}
	case name == "net::ERR_ABORTED" && answer == nil:
		return t.noPage()
	case name != "":
		return t.blame(name)
	}
	return nil
}

// noPage is the failure of an answer that the browser did not take as a page: 204 and 205 have nothing to show, and a
// redirect may lead out of the web.
func (t *tab) noPage() error {
	last := look(t, func() entry {
		if len(t.ledger.entries) == 0 {
			return entry{}
		}
		return *t.ledger.entries[len(t.ledger.entries)-1]
	})
	status := max(last.status, last.hint)
	switch {
	case last.redirect || (status >= 300 && status < 400):
		return networkFailure("net::ERR_UNKNOWN_URL_SCHEME")
	case status == http.StatusNoContent || status == http.StatusResetContent:
		return refuse(&response{Status: status})
	}
	return networkFailure("net::ERR_ABORTED")
}

// settled looks at the page's own answer once it has loaded: the page may have gone elsewhere by itself.
func (t *tab) settled() error {
	answer := look(t, func() *response { return t.main.answer })
	if answer == nil {
		return &failure{web.CodeAnswer, "the page loaded without an answer of the server; look at it with a browser"}
	}
	if problem := refuse(answer); problem != nil {
		return problem
	}
	return nil
}

// follow waits, scrolls and waits, as the protocol says. Whatever could have happened since loaded within the fixed
// waits is waited for by the adaptive protocol too.
func (t *tab) follow(loaded time.Time) error {
	p := t.protocol
	if err := t.rest(loaded.Add(p.wait)); err != nil {
		return err
	}
	t.rested = time.Since(loaded)
	if !p.scroll {
		return nil
	}
	if err := t.scroll(); err != nil {
		return err
	}
	end := time.Now().Add(p.wait)
	if p.adaptive {
		end = loaded.Add(2 * p.wait)
	}
	return t.rest(end)
}

// rest waits until a moment, or, when the protocol is adaptive, until nothing more can happen before it.
func (t *tab) rest(until time.Time) error {
	if t.protocol.adaptive {
		return t.idle(until)
	}
	return t.wait(time.Until(until))
}

// wait lets some time pass, unless the visit ends.
func (t *tab) wait(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-t.ctx.Done():
		return fmt.Errorf("wait: %w", context.Cause(t.ctx))
	case <-t.ended:
		return errGone
	}
}

func (t *tab) scroll() error {
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		err := t.call(t.ctx, t.session, "Input.dispatchKeyEvent", values{
			"type": kind, "key": "ArrowDown", "code": "ArrowDown", "windowsVirtualKeyCode": 40,
		}, nil)
		if err != nil {
			return err
		}
	}
	return t.ask(t.session, t.main.frame, scrollDown, nil)
}

// ownWorld is the name of the world that our scripts run in.
const ownWorld = "veille"

// ask runs one of our scripts in a document, in a world of its own, and reads its value.
func (t *tab) ask(session, frame, script string, value any) error {
	return t.askAs(session, frame, values{"expression": script}, value)
}

// askAs is ask with more to say of the script, such as that it acts for a person.
func (t *tab) askAs(session, frame string, script values, value any) error {
	ctx, cancel := context.WithTimeoutCause(t.ctx, answerTime, context.DeadlineExceeded)
	defer cancel()
	return t.askWithin(ctx, session, frame, script, value)
}

// askWithin is askAs with another time to answer in.
func (t *tab) askWithin(ctx context.Context, session, frame string, script values, value any) error {
	for { // a document that is replaced while it is asked is asked again
		var world struct {
			Context int `json:"executionContextId"`
		}
		if err := t.call(ctx, session, "Page.createIsolatedWorld", values{"frameId": frame, "worldName": ownWorld}, &world); err != nil {
			return err
		}
		script["contextId"], script["awaitPromise"], script["returnByValue"] = world.Context, true, true
		err := t.evaluate(ctx, session, script, value)
		if !errors.Is(err, errReplaced) {
			return err
		}
	}
}

// errReplaced is the answer of a document that went away while it was asked.
var errReplaced = errors.New("the document was replaced")

// evaluate runs a script and decodes its value.
func (t *tab) evaluate(ctx context.Context, session string, params values, value any) error {
	var answer struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		Exception *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	err := t.call(ctx, session, "Runtime.evaluate", params, &answer)
	if refused, ok := errors.AsType[*commandError](err); ok {
		for _, words := range []string{"context was destroyed", "Cannot find context", "navigated or closed"} {
			if strings.Contains(refused.Message, words) {
				return errReplaced
			}
		}
	}
	if err != nil {
		return err
	}
	if answer.Exception != nil {
		return fmt.Errorf("run a script in the page: %s", orElse(answer.Exception.Exception.Description, answer.Exception.Text))
	}
	if value == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Result.Value, value); err != nil {
		return fmt.Errorf("read what a script answered: %w", err)
	}
	return nil
}

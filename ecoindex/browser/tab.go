package browser

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"veille/ecoindex/web"
)

// tab is a page in a context of its own: without cookies, without cache, without anything of other pages.
type tab struct {
	*process
	options  Options
	protocol Protocol
	context  string // of the browser
	session  string // of the page itself
	origin   string // of the page that was asked for
	events   *queue
	ctx      context.Context
	fail     context.CancelCauseFunc // ends the visit for a reason
	deadline *time.Timer             // of the page; nil until the tab is open
	rested   time.Duration           // how long the first rest took, from when the page was loaded
	pumping  sync.WaitGroup

	mu       sync.Mutex // what follows is written as events come
	ledger   *ledger
	keeper   *keeper           // nil where only the figures are wanted
	sessions map[string]string // type of each target, the page's included
	main     document
	loaded   chan struct{} // has room for one
	dialogs  int
	unseen   int    // requests of shared workers
	download string // address of what the page wanted to download
}

// document is the answer to the page's own request.
type document struct {
	frame  string
	loader string
	answer *response
	shown  bool // it was loaded to its end
}

// openTime is how long a browser may take to open a tab, on a busy machine, before it is taken as jammed; closeTime is
// the same for throwing one away.
const (
	openTime  = 20 * time.Second
	closeTime = 5 * time.Second
)

// open makes a tab, for which the time of the page begins then. Close it when it has served.
func (p *process) open(ctx context.Context, o Options, protocol Protocol) (*tab, error) {
	ctx, fail := context.WithCancelCause(ctx)
	t := &tab{
		process: p, options: o, protocol: protocol, events: newQueue(), ctx: ctx, fail: fail,
		ledger: newLedger(protocol.rule.favicon), sessions: map[string]string{}, loaded: make(chan struct{}, 1),
	}
	if o.looks {
		t.keeper = newKeeper()
	}
	opening, cancel := context.WithTimeoutCause(t.ctx, openTime, errJammed)
	defer cancel()
	if err := t.begin(opening); err != nil {
		if errors.Is(err, errJammed) {
			t.jammed.Store(true)
		}
		t.close()
		return nil, err
	}
	t.deadline = time.AfterFunc(o.PageTimeout, func() { fail(context.DeadlineExceeded) })
	return t, nil
}

func (t *tab) begin(ctx context.Context) error {
	var made struct {
		Context string `json:"browserContextId"`
		Target  string `json:"targetId"`
		Session string `json:"sessionId"`
	}
	if err := t.call(ctx, "", "Target.createBrowserContext", values{"disposeOnDetach": true}, &made); err != nil {
		return err
	}
	t.context = made.Context
	t.root.adopt(t, t.context)
	if err := t.call(ctx, "", "Browser.setDownloadBehavior", values{"behavior": "deny", "browserContextId": t.context}, nil); err != nil {
		return err
	}
	if err := t.call(ctx, "", "Target.createTarget", values{"url": "about:blank", "browserContextId": t.context, "newWindow": true}, &made); err != nil {
		return err
	}
	if err := t.call(ctx, "", "Target.attachToTarget", values{"targetId": made.Target, "flatten": true}, &made); err != nil {
		return err
	}
	t.session, t.main.frame = made.Session, made.Target // the main frame has the name of its target
	t.ledger.frame = made.Target
	t.listen(t.session, t.events)
	t.root.claim(t, t.session)
	t.pumping.Go(t.pump)
	return t.prepare(ctx)
}

// values are the parameters of a command.
type values map[string]any

// command is what a session is told.
type command struct {
	method string
	params values
}

// prepare sets the page up. Every reply is waited for: what is not in force before the page is asked for may be lost
// with the process of the empty page.
func (t *tab) prepare(ctx context.Context) error {
	p := t.protocol
	steps := append([]command{
		{"Page.enable", values{}},
		{"Inspector.enable", values{}},
		{"Emulation.setDeviceMetricsOverride", values{
			"width": p.width, "height": p.height, "screenWidth": 1920, "screenHeight": 1080, "deviceScaleFactor": 1, "mobile": false,
		}},
		{"Emulation.setFocusEmulationEnabled", values{"enabled": true}},
	}, t.equipment("page")...)
	if t.options.UserAgent != "" {
		steps = append(steps, command{"Emulation.setUserAgentOverride", values{"userAgent": t.options.UserAgent}})
	}
	if t.keeper != nil {
		steps = append(steps, command{"Page.addScriptToEvaluateOnNewDocument", values{"source": watchPage, "worldName": ownWorld}})
	}
	for _, s := range steps {
		if err := t.call(ctx, t.session, s.method, s.params, nil); err != nil {
			return err
		}
	}
	return nil
}

// equip makes the session of a frame or a worker tell of its requests and of the sessions below it. It waits for no
// reply: a target that waits for its debugger answers in its own time.
func (t *tab) equip(session, kind string) {
	t.mu.Lock()
	t.sessions[session] = kind
	t.mu.Unlock()
	for _, c := range t.equipment(kind) {
		t.tell(session, c.method, c.params)
	}
	t.dress(session)
	t.tell(session, "Runtime.runIfWaitingForDebugger", values{})
}

// equipment are the commands that every session needs.
func (t *tab) equipment(kind string) []command {
	list := []command{
		{"Network.enable", t.keeper.buffers(kind)},
		{"Target.setAutoAttach", values{"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true}},
	}
	if t.protocol.adaptive && (kind == "page" || kind == "iframe") {
		list = append(list, command{"Page.addScriptToEvaluateOnNewDocument", values{"source": watchTimers, "runImmediately": true}})
	}
	return list
}

// pump reads the events until the tab is closed.
func (t *tab) pump() {
	for {
		list, over, open := t.events.take()
		for _, m := range list {
			if m.mark != nil {
				close(m.mark)
				continue
			}
			t.keeper.hear(t, m)
			t.handle(m)
		}
		if over {
			t.fail(&failure{web.CodeSize, "it does more at once than can be followed; measure it with --mode static"})
		}
		if !open {
			return
		}
		<-t.events.wake
	}
}

// catchUp waits until the events that came so far are entered: replies overtake them.
func (t *tab) catchUp() {
	mark := make(chan struct{})
	t.events.push(message{mark: mark})
	select {
	case <-mark:
	case <-t.ctx.Done():
	case <-t.ended:
	}
}

// handle enters an event. It runs in one goroutine, so that the ledger sees the events in their order.
func (t *tab) handle(m message) {
	switch m.Method {
	case "Network.requestWillBeSent", "Network.responseReceived", "Network.dataReceived", "Network.loadingFinished",
		"Network.loadingFailed", "Network.requestServedFromCache", "Network.responseReceivedExtraInfo",
		"Network.webSocketCreated", "Network.webSocketHandshakeResponseReceived", "Network.webSocketFrameReceived", "Network.webSocketClosed":
		t.record(m)
	case "Target.attachedToTarget":
		var a attached
		if json.Unmarshal(m.Params, &a) == nil && a.Target.Type == "page" { // a window that the page opened, still held
			t.tell(a.Session, "Runtime.runIfWaitingForDebugger", values{})
			t.tell("", "Target.closeTarget", values{"targetId": a.Target.ID})
		} else {
			t.equip(a.Session, a.Target.Type)
		}
	case "Target.detachedFromTarget":
		var a attached
		if json.Unmarshal(m.Params, &a) == nil {
			t.mu.Lock()
			delete(t.sessions, a.Session)
			t.mu.Unlock()
			if a.Session == t.session {
				t.fail(&failure{web.CodeClosed, "the page closed itself; look at it with a browser"})
			}
		}
	case "Page.loadEventFired":
		if m.Session == t.session {
			look(t, func() any { t.main.shown = true; return nil })
			select {
			case t.loaded <- struct{}{}:
			default:
			}
		}
	case "Page.javascriptDialogOpening":
		look(t, func() any { t.dialogs++; return nil })
		t.tell(m.Session, "Page.handleJavaScriptDialog", values{"accept": false})
	case "Page.downloadWillBegin":
		var d struct {
			URL string `json:"url"`
		}
		if json.Unmarshal(m.Params, &d) == nil {
			t.mu.Lock()
			t.download = d.URL
			t.mu.Unlock()
		}
	case "Inspector.targetCrashed":
		if m.Session == t.session {
			t.fail(t.crashed())
		}
	case "Fetch.requestPaused":
		t.letGo(m)
	}
}

func (t *tab) record(m message) {
	e, ok := decodeNetwork(m.Params)
	if !ok {
		return
	}
	e.session = m.Session
	t.mu.Lock()
	defer t.mu.Unlock()
	if m.Method == "Network.responseReceived" && e.Type == "Document" && e.FrameID == t.main.frame {
		t.main.answer, t.main.loader, t.main.shown = e.Response, e.LoaderID, false
	}
	switch t.sessions[m.Session] {
	case sharedWorker: // the reference does not see what it asks for
		if m.Method == "Network.requestWillBeSent" {
			t.unseen++
		}
		return
	case serviceWorker:
		if t.protocol.rule.pageOnly {
			return
		}
	}
	t.ledger.note(m.Method, e, time.Now())
	switch {
	case m.Method == "Network.loadingFailed" && e.RequestID == t.main.loader && t.main.loader != "" && !e.Canceled && !t.main.shown:
		t.fail(brokenOff(t.main.answer, e.Error)) // it will never be loaded
	case len(t.ledger.entries) > t.options.MaxRequests:
		t.fail(&failure{web.CodeSize, fmt.Sprintf("it made more than %d requests; raise the limit if this is a real page", t.options.MaxRequests)})
	case t.ledger.received > t.options.MaxBytes:
		t.fail(&failure{web.CodeSize, fmt.Sprintf("its answers are longer than %d MB in all; raise the limit if this is a real page", t.options.MaxBytes/1e6)})
	}
}

// look reads what the events have left.
func look[T any](t *tab, read func() T) T {
	t.mu.Lock()
	defer t.mu.Unlock()
	return read()
}

// documents are the sessions that show a document: the page first, then the frames that run elsewhere.
func (t *tab) documents() []string {
	return look(t, func() []string {
		list := []string{t.session}
		for _, session := range slices.Sorted(maps.Keys(t.sessions)) {
			if t.sessions[session] == "iframe" {
				list = append(list, session)
			}
		}
		return list
	})
}

// close throws the tab away with its context, and waits for what it started.
func (t *tab) close() {
	if t.deadline != nil {
		t.deadline.Stop()
	}
	t.fail(context.Canceled)
	if t.context != "" {
		t.root.abandon(t)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), closeTime)
		defer cancel()
		err := t.call(ctx, "", "Target.disposeBrowserContext", values{"browserContextId": t.context}, nil)
		if errors.Is(err, context.DeadlineExceeded) {
			t.jammed.Store(true)
		}
	}
	t.forget(t.events)
	t.events.close()
	t.pumping.Wait()
}

// failure is the reason a visit ends early.
type failure struct {
	code web.Code
	text string
}

func (f *failure) Error() string { return f.text }

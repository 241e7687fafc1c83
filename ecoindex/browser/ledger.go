package browser

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/ecoindex/web"
)

// entry is a request as the browser told of it; each redirect is one.
type entry struct {
	request string // the browser's name for it and its redirects
	teller  string // the session that tells of its bytes: another may tell of the same
	url     string
	kind    web.Kind
	status  int
	hint    int   // the status as it came over the network, of an answer that may never be taken as one
	headers int64 // bytes of the response's head
	body    int64 // bytes of the body so far
	data    int64 // the same, decompressed
	total   int64 // bytes in all, once it has ended
	redirect,
	finished,
	failed,
	cached bool
	stream  bool // it is not expected to end: events, a WebSocket
	other   bool // the browser says of no kind what it is
	problem string
	last    time.Time // when something came last
}

// bytes are those transferred: the browser's total, or what had come when the request was cut short.
func (e *entry) bytes() int64 {
	switch {
	case e.finished || e.redirect:
		return e.total
	case e.body == 0: // for some requests the browser tells the transferred bytes at the end only
		return e.headers + e.data
	}
	return e.headers + e.body
}

func (e *entry) open() bool { return !e.finished && !e.failed && !e.redirect }

// ledger keeps the requests of a page, in order, from the events of all its sessions: a request may begin in one and
// end in another.
type ledger struct {
	entries []*entry
	current map[string]*entry // the last of each request's hops
	ignored map[string]bool   // requests that do not count, wherever they are redirected
	favicon bool

	received int64 // bytes of all bodies and messages, decompressed

	frame     string // of the page itself
	documents int    // requests for the page itself so far
	opened    int    // the entry that opened the page
	first     int    // the entry that counting begins with
}

func newLedger(favicon bool) *ledger {
	return &ledger{current: map[string]*entry{}, ignored: map[string]bool{}, favicon: favicon}
}

// response is what the events say of an answer.
type response struct {
	URL     string            `json:"url"`
	Status  int               `json:"status"`
	MIME    string            `json:"mimeType"`
	Headers map[string]string `json:"headers"`
	Encoded float64           `json:"encodedDataLength"`
	Disk    bool              `json:"fromDiskCache"`
	Worker  bool              `json:"fromServiceWorker"`
	Remote  string            `json:"remoteIPAddress"`
	Payload string            `json:"payloadData"` // of a message over a WebSocket
}

// header is a field of the answer's head, by its name in any case.
func (r *response) header(name string) string {
	for key, value := range r.Headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// length is the length that the answer announces for its body, of which the browser says nothing for a redirect; the
// reference adds it too.
func (r *response) length() int64 {
	n, err := strconv.ParseInt(r.header("Content-Length"), 10, 64)
	if err != nil || n < 0 || n > 1<<20 {
		return 0
	}
	return n
}

// networkEvent has the fields of all the events that matter here.
type networkEvent struct {
	RequestID string `json:"requestId"`
	LoaderID  string `json:"loaderId"`
	FrameID   string `json:"frameId"`
	Type      string `json:"type"`
	URL       string `json:"url"` // of a WebSocket
	Request   struct {
		URL string `json:"url"`
	} `json:"request"`
	Initiator struct {
		Type string `json:"type"`
	} `json:"initiator"`
	Redirect *response `json:"redirectResponse"`
	Response *response `json:"response"`
	Encoded  float64   `json:"encodedDataLength"`
	Data     float64   `json:"dataLength"` // decompressed
	Status   int       `json:"statusCode"`
	Error    string    `json:"errorText"`
	Canceled bool      `json:"canceled"`
	Blocked  string    `json:"blockedReason"`

	session string // that tells it
}

// note enters an event of the Network domain.
func (l *ledger) note(method string, e networkEvent, now time.Time) {
	switch method {
	case "Network.requestWillBeSent":
		l.sent(e, now)
		return
	case "Network.webSocketCreated": // one request, whatever is said over it
		made := &entry{request: e.RequestID, url: e.URL, kind: web.Fetch, stream: true, last: now}
		l.entries = append(l.entries, made)
		l.current[e.RequestID] = made
		return
	}
	made := l.current[e.RequestID]
	if made == nil || made.failed { // after a failure comes the browser's own page that says so
		return
	}
	made.last = now
	switch method {
	case "Network.requestServedFromCache":
		made.cached = true
	case "Network.responseReceivedExtraInfo": // of an answer that may never be taken as one
		made.hint = e.Status
	case "Network.responseReceived", "Network.webSocketHandshakeResponseReceived":
		made.answer(e.Response)
	case "Network.webSocketFrameReceived": // no byte of the page, as in the reference; the limit holds for it
		if e.Response != nil {
			l.received += int64(len(e.Response.Payload))
		}
	case "Network.webSocketClosed":
		made.finished, made.total = made.status != 0, made.headers
		if made.failed = !made.finished; made.failed {
			made.problem = "the connection was refused"
		}
	case "Network.dataReceived":
		if made.teller == "" {
			made.teller = e.session
		}
		if made.teller == e.session {
			made.body += int64(max(e.Encoded, 0))
			made.data += int64(max(e.Data, 0))
			l.received += int64(max(e.Encoded, e.Data, 0))
		}
	case "Network.loadingFinished":
		made.total, made.finished = int64(max(e.Encoded, 0)), true
	case "Network.loadingFailed":
		made.failed = true
		made.problem = orElse(e.Error, e.Blocked)
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func (l *ledger) sent(e networkEvent, now time.Time) {
	if last := l.current[e.RequestID]; last != nil {
		if e.Redirect == nil { // told twice: by the session it began in, and by the one it belongs to
			return
		}
		last.answer(e.Redirect)
		last.redirect, last.total = true, int64(max(e.Redirect.Encoded, 0))+e.Redirect.length()
		delete(l.current, e.RequestID)
	}
	if l.ignored[e.RequestID] = l.ignored[e.RequestID] || !l.counts(e); l.ignored[e.RequestID] {
		return
	}
	made := &entry{request: e.RequestID, url: withoutFragment(e.Request.URL), kind: kindOf(e.Type), last: now}
	if made.kind == web.Document && e.FrameID != l.frame {
		made.kind = web.Frame
	}
	made.stream, made.other = e.Type == "EventSource", e.Type == "Other"
	if e.Type == "Document" && e.FrameID == l.frame && e.Redirect == nil {
		l.documents++
		l.opened = len(l.entries)
	}
	l.entries = append(l.entries, made)
	l.current[e.RequestID] = made
}

// begin makes counting begin with what comes now.
func (l *ledger) begin() { l.first = len(l.entries) }

// beginAtDocument makes counting begin with the request that opened the page that is shown.
func (l *ledger) beginAtDocument() { l.first = l.opened }

// counts says whether a request is one: over the network, and not one that the browser makes on its own account.
func (l *ledger) counts(e networkEvent) bool {
	u := e.Request.URL
	switch {
	case !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://"): // data:, blob:, about:, chrome-extension:
		return false
	case e.Initiator.Type == "preflight" || e.Type == "Preflight":
		return false
	}
	return l.favicon || !strings.HasSuffix(withoutFragment(u), "/favicon.ico")
}

func withoutFragment(u string) string {
	before, _, _ := strings.Cut(u, "#")
	return before
}

func (e *entry) answer(r *response) {
	if r == nil {
		return
	}
	e.status, e.headers = r.Status, int64(max(r.Encoded, 0))
	e.cached = e.cached || r.Disk || r.Worker
	if strings.HasPrefix(r.MIME, "text/event-stream") || strings.HasPrefix(r.MIME, "multipart/x-mixed-replace") {
		e.stream = true
	}
}

// kindOf turns the browser's resource types into ours.
func kindOf(kind string) web.Kind {
	switch kind {
	case "Document":
		return web.Document
	case "Stylesheet":
		return web.Stylesheet
	case "Script":
		return web.Script
	case "Image":
		return web.Image
	case "Font":
		return web.Font
	case "Media":
		return web.Media
	case "XHR", "Fetch", "EventSource", "Ping", "WebSocket":
		return web.Fetch
	}
	return web.Other
}

// busy says whether a request may still bring something: it is open and expected to end, or something came lately.
func (l *ledger) busy(now time.Time, quiet time.Duration) bool {
	for _, e := range l.entries {
		idle := now.Sub(e.last) >= quiet
		if !idle || (e.open() && !e.stream && e.kind != web.Media) {
			return true
		}
	}
	return false
}

// counted are the entries that count by a rule, and how many a cache answered.
func (l *ledger) counted(r rule) (list []*entry, cached int) {
	for _, e := range l.entries[l.first:] {
		switch {
		case (r.finished && !e.finished) || (!r.redirects && e.redirect) || (r.transferred && e.bytes() == 0):
		case r.network && e.cached:
			cached++
		default:
			list = append(list, e)
		}
	}
	return list, cached
}

// resources are the requests that count by a rule, with their bytes in all, and how many a cache answered.
func (l *ledger) resources(r rule) (list []web.Resource, bytes int64, cached int) {
	counted, cached := l.counted(r)
	for _, e := range counted {
		made := web.Resource{URL: e.url, Kind: e.kind, Status: e.status, Bytes: e.bytes()}
		switch {
		case e.failed:
			made.Problem = e.problem
		case e.open():
			made.Problem = unfinished
		case e.status >= http.StatusBadRequest:
			made.Problem = http.StatusText(e.status)
		}
		list = append(list, made)
		bytes += made.Bytes
	}
	return list, bytes, cached
}

// decodeNetwork reads the parameters of an event.
func decodeNetwork(params json.RawMessage) (networkEvent, bool) {
	var e networkEvent
	return e, json.Unmarshal(params, &e) == nil
}

// dropIcons takes out what the browser fetched to show in its tab, at the addresses that the page declares. The browser
// of the reference shows no tab, and fetches none.
func (l *ledger) dropIcons(addresses []string) {
	icons := map[string]bool{}
	for _, e := range l.entries {
		if e.other && (strings.HasSuffix(e.url, "/favicon.ico") || slices.Contains(addresses, e.url)) {
			icons[e.request] = true // where it was redirected too
		}
	}
	var kept []*entry
	first, opened := l.first, l.opened
	for i, e := range l.entries {
		if !icons[e.request] {
			kept = append(kept, e)
			continue
		}
		if i < l.first {
			first--
		}
		if i < l.opened {
			opened--
		}
	}
	l.entries, l.first, l.opened = kept, first, opened
}

// unfinished is the problem of a request that was under way when the page was counted.
const unfinished = "it had not ended when the page was counted"

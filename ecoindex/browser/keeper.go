package browser

import (
	"encoding/json"
	"net/http"
	"strings"

	"veille/ecoindex/web"
)

// keeper keeps what was said of each request beside the figures. It hears each event before the ledger does. A nil one
// keeps nothing.
type keeper struct {
	said   map[*entry]*said
	extras map[string]*extra // by request
	room   int               // bytes of headers that may still be kept
	left   int               // extras that may still be kept
	errors int               // of scripts
	kept   []*heard          // in the order of Page.Resources, once the page was counted
}

// said is what was said of an answer.
type said struct {
	session  string // that told it
	protocol string
	mime     string
	charset  string
	header   http.Header // without cookies
	more     bool        // there is an extra of it, or of that which is in a cache
}

// extra is what the browser tells of a request and its redirects as they went over the network. It comes before or after
// what a document knows of them, and in the order of the redirects.
type extra struct {
	asking, answering string // the sessions that tell it; another may tell the same
	asked             []int  // bytes of cookies
	headers           []http.Header
}

// heard is an exchange, and what its body can be asked for with.
type heard struct {
	web.Exchange
	request string
	session string // that has the body
	mime    string
	charset string
	text    []byte // the body in UTF-8, of a text
}

// What a page can make a keeper remember.
const (
	maxHeaders = 8 << 20
	maxExtras  = 20_000
	maxErrors  = 10_000
)

func newKeeper() *keeper {
	return &keeper{said: map[*entry]*said{}, extras: map[string]*extra{}, room: maxHeaders, left: maxExtras}
}

// saying has the fields of all the events that matter here.
type saying struct {
	RequestID  string            `json:"requestId"`
	Redirect   *answered         `json:"redirectResponse"`
	Response   *answered         `json:"response"`
	MoreBefore bool              `json:"redirectHasExtraInfo"`
	More       bool              `json:"hasExtraInfo"`
	Headers    map[string]string `json:"headers"` // of an extra
}

// answered is what the events say of an answer, for the keeper.
type answered struct {
	Protocol string            `json:"protocol"`
	MIME     string            `json:"mimeType"`
	Charset  string            `json:"charset"`
	Headers  map[string]string `json:"headers"`
}

// hear takes note of an event.
func (k *keeper) hear(t *tab, m message) {
	if k == nil {
		return
	}
	switch m.Method {
	case "Runtime.exceptionThrown", "Runtime.exceptionRevoked":
		look(t, func() any { k.thrown(m.Method); return nil })
		return
	case "Network.requestWillBeSent", "Network.responseReceived", "Network.webSocketHandshakeResponseReceived",
		"Network.requestWillBeSentExtraInfo", "Network.responseReceivedExtraInfo":
	default:
		return
	}
	var e saying
	if json.Unmarshal(m.Params, &e) == nil {
		look(t, func() any { k.note(t.ledger.current[e.RequestID], m, e); return nil })
	}
}

// thrown counts the errors that no script caught, without the promises that somebody took care of later.
func (k *keeper) thrown(method string) {
	if method == "Runtime.exceptionRevoked" {
		k.errors = max(k.errors-1, 0)
	} else {
		k.errors = min(k.errors+1, maxErrors)
	}
}

// note takes note of what is said of a request, of which the ledger may know nothing yet.
func (k *keeper) note(known *entry, m message, e saying) {
	switch m.Method {
	case "Network.requestWillBeSent":
		k.answer(known, m.Session, e.Redirect, e.MoreBefore)
	case "Network.responseReceived", "Network.webSocketHandshakeResponseReceived":
		k.answer(known, m.Session, e.Response, e.More)
	case "Network.requestWillBeSentExtraInfo":
		if x := k.extra(e.RequestID); x != nil && (x.asking == "" || x.asking == m.Session) {
			x.asking = m.Session
			x.asked = append(x.asked, len(field(e.Headers, "Cookie")))
		}
	case "Network.responseReceivedExtraInfo":
		if x := k.extra(e.RequestID); x != nil && (x.answering == "" || x.answering == m.Session) {
			x.answering = m.Session
			x.headers = append(x.headers, k.fields(e.Headers))
		}
	}
}

// answer takes note of the first answer to a request; a stream of pictures has several.
func (k *keeper) answer(known *entry, session string, a *answered, more bool) {
	if known == nil || a == nil || k.said[known] != nil || known.failed {
		return
	}
	k.said[known] = &said{
		session: session, protocol: strings.ToLower(a.Protocol), mime: strings.ToLower(a.MIME), charset: a.Charset,
		header: k.fields(a.Headers), more: more,
	}
}

func (k *keeper) extra(request string) *extra {
	if k.left--; k.left < 0 {
		return nil
	}
	if k.extras[request] == nil {
		k.extras[request] = &extra{}
	}
	return k.extras[request]
}

// field is a header by its name in any case.
func field(headers map[string]string, name string) string {
	return (&response{Headers: headers}).header(name)
}

// fields are the headers of an answer, or none where the page has said too much. The browser joins those of one name with
// line feeds.
func (k *keeper) fields(headers map[string]string) http.Header {
	weight := 0
	for name, value := range headers {
		weight += 100 + len(name) + len(value) + 16*strings.Count(value, "\n") // 100 is about what the map and the slice take
	}
	list := http.Header{}
	if k.room -= weight; k.room < 0 {
		k.room = 0 // no later answer gets what this one did not
		return list
	}
	for name, value := range headers {
		for one := range strings.SplitSeq(value, "\n") {
			list.Add(name, one)
		}
	}
	return list
}

// settle makes the exchanges of what counts by a rule, when it is counted.
func (k *keeper) settle(l *ledger, r rule) {
	if k == nil {
		return
	}
	type turn struct{ asked, answered int } // of a request and its redirects
	turns := map[string]*turn{}
	all := map[*entry]*heard{}
	for _, e := range l.entries {
		at, x, s := turns[e.request], k.extras[e.request], k.said[e]
		if at == nil {
			at = &turn{}
			turns[e.request] = at
		}
		h := &heard{request: e.request}
		all[e] = h
		if x != nil && (s == nil || s.more) {
			h.Asked = nth(x.asked, at.asked)
			at.asked++
		}
		if s == nil {
			continue
		}
		h.Protocol, h.mime, h.charset, h.Header = s.protocol, s.mime, s.charset, s.header
		h.session = orElse(e.teller, s.session)
		if s.more && x != nil {
			if whole := nth(x.headers, at.answered); len(whole) > 0 {
				h.Header = whole
			}
			at.answered++
		}
		if e.finished {
			h.Decoded = e.data
		}
	}
	counted, _ := l.counted(r)
	k.kept = make([]*heard, len(counted))
	for i, e := range counted {
		k.kept[i] = all[e]
	}
}

// nth is an element of a list, or nothing where it has none there.
func nth[T any](list []T, n int) (one T) {
	if n < len(list) {
		return list[n]
	}
	return one
}

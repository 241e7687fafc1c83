package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/ecoindex/web"
)

func extraAsked(id, cookie string) told {
	return event("requestWillBeSentExtraInfo", `{"requestId":%q,"headers":{"cookie":%q}}`, id, cookie)
}

func extraAnswered(id, headers string) told {
	return event("responseReceivedExtraInfo", `{"requestId":%q,"statusCode":200,"headers":%s}`, id, headers)
}

// overheard is a tab without a browser after events of its page.
func overheard(events ...told) *tab {
	t := &tab{ledger: newLedger(false), keeper: newKeeper(), sessions: map[string]string{}}
	t.ledger.frame = "main"
	for _, e := range events {
		m := message{Session: "page", Method: e.method, Params: json.RawMessage(e.params)}
		t.keeper.hear(t, m)
		if decoded, ok := decodeNetwork(m.Params); ok {
			decoded.session = m.Session
			t.ledger.note(m.Method, decoded, time.Time{})
		}
	}
	return t
}

// What the network says of a request and of its redirects comes before or after what the document says, in the same order.
func TestEachRedirectHasItsOwnHeadersAndCookies(t *testing.T) {
	first, second := asks("1", "Document", site+"/"), event("requestWillBeSent", `{"requestId":"1","type":"Document","frameId":"main","redirectHasExtraInfo":true,
		"request":{"url":"http://a.example/b"},"redirectResponse":{"status":302,"protocol":"h2","headers":{"a":"plain"}}}`)
	last := answers("1", 200, 9, `,"protocol":"HTTP/1.1","headers":{"b":"plain"}},"hasExtraInfo":true,"x":{`)
	extras := []told{extraAsked("1", "x=1"), extraAnswered("1", `{"location":"/b","set-cookie":"x=1\ny=2"}`), extraAsked("1", "x=1; y=2"), extraAnswered("1", `{"b":"2"}`)}
	want := []web.Exchange{
		{Protocol: "h2", Asked: 3, Header: http.Header{"Location": {"/b"}, "Set-Cookie": {"x=1", "y=2"}}},
		{Protocol: "http/1.1", Asked: 8, Header: http.Header{"B": {"2"}}, Decoded: 20},
	}
	rest := []told{brings("1", 5, 20), ends("1", 14)}
	for name, events := range map[string][]told{
		"before": all(extras, []told{first, second, last}, rest),
		"after":  all([]told{first, second, last}, rest, extras),
		"among":  all([]told{first}, extras[:3], []told{second, last}, extras[3:], rest),
	} {
		tab := overheard(events...)
		tab.keeper.settle(tab.ledger, rule{redirects: true})
		for i, h := range tab.keeper.kept {
			if !reflect.DeepEqual(h.Exchange, want[i]) {
				t.Errorf("%s: request %d has %+v; want %+v", name, i, h.Exchange, want[i])
			}
		}
		if len(tab.keeper.kept) != 2 {
			t.Errorf("%s: %d exchanges", name, len(tab.keeper.kept))
		}
	}
	tab := overheard(first, second, last, rest[0], rest[1]) // the network says nothing more
	tab.keeper.settle(tab.ledger, rule{})
	if k := tab.keeper.kept; len(k) != 1 || k[0].Header.Get("B") != "plain" || k[0].Asked != 0 {
		t.Errorf("without extras: %+v", k)
	}
}

func TestAPageThatSaysTooMuchHasHeadersOfNoField(t *testing.T) {
	k := newKeeper()
	long := map[string]string{"long": strings.Repeat("x", 200<<10)}
	kept := 0
	for i := range 45 {
		header := k.fields(long)
		kept += len(header.Get("Long"))
		if header == nil || (i >= 40) != (len(header) == 0) {
			t.Errorf("answer %d has %d headers", i, len(header))
		}
	}
	if kept < 7<<20 || kept > maxHeaders {
		t.Errorf("%d bytes are kept; want nearly %d", kept, maxHeaders)
	}
	if small := k.fields(map[string]string{"a": "b"}); len(small) != 0 {
		t.Errorf("a later answer has %v", small)
	}
	k = newKeeper()
	for i := range 2 * maxExtras {
		k.note(nil, message{Method: "Network.requestWillBeSentExtraInfo"}, saying{RequestID: fmt.Sprint(i)})
		k.thrown("Runtime.exceptionThrown")
	}
	if len(k.extras) != maxExtras || k.errors != maxErrors {
		t.Errorf("%d extras and %d errors are kept", len(k.extras), k.errors)
	}
}

func TestATextIsGivenAsItWasSent(t *testing.T) {
	for _, tt := range []struct{ text, charset, want string }{
		{"été", "utf-8", "été"},
		{"été", "", "été"},
		{"été", "iso-8859-1", "\xe9t\xe9"},
		{"été", "", "\xe9t\xe9"},
		{"ł", "iso-8859-2", "\xb3"},
		{"été", "utf-8", "\ufeffété"},
		{"あ", "shift_jis", "\x82\xa0"},
	} {
		if got := asSent([]byte(tt.text), tt.charset, int64(len(tt.want))); string(got) != tt.want {
			t.Errorf("%q of %q is %q; want %q", tt.text, tt.charset, got, tt.want)
		}
	}
	for sent := range int64(40) { // whatever is said of it, what is not known to the byte is not whole
		text := []byte("p\ufffd\ufffd\ufffd\ufffd\ufffd")
		if got := asSent(text, "utf-8", sent); int64(len(got)) > sent || sent != 16 && sent != 19 && int64(len(got)) == sent && sent > 0 {
			t.Errorf("%d bytes of %d", len(got), sent)
		}
	}
}

// blank is a tab whose page was counted, and the browser that says what there is to see of it.
func blank(t *testing.T) (*tab, *far, web.Page) {
	t.Helper()
	c, f := connected(t)
	tab := overheard(whole("1", "Document", site+"/", 500)...)
	tab.process, tab.session, tab.protocol, tab.events = &process{connection: c}, "page", Protocols()[0], newQueue()
	tab.main.frame, tab.main.loader = "main", "1"
	tab.ctx, tab.fail = context.WithCancelCause(t.Context())
	page := web.Page{URL: site + "/", DOM: 7, Requests: 1, SizeKB: 0.5}
	page.Resources, _, _ = tab.ledger.resources(rule{})
	tab.keeper.settle(tab.ledger, rule{})
	c.listen(tab.session, tab.events)
	tab.pumping.Go(tab.pump)
	t.Cleanup(func() { tab.events.close(); tab.pumping.Wait() })
	return tab, f, page
}

// A page may leave any question unanswered, or answer anything; its figures stay, and it is said what is missing.
func TestWhateverAPageAnswersItsFiguresStay(t *testing.T) {
	for _, tt := range []struct {
		name            string
		shown, html     string // what is answered; nothing for never
		body, errors    string
		notes           int
		isShown, isHTML bool
		whole           bool
	}{
		{name: "nothing", notes: 2},
		{name: "how it is shown only", shown: `{"images":[{"names":[["img","",""]]}]}`, notes: 2, isShown: true},
		{name: "all but a body", shown: `{}`, html: `{"text":"<p>"}`, notes: 1, isShown: true, isHTML: true},
		{name: "all but errors", shown: `{}`, html: `{"text":"<p>"}`, body: `{"body":"<p>"}`, notes: 1, isShown: true, isHTML: true},
		{name: "all", shown: `{}`, html: `{"text":"<p>"}`, body: `{"body":"` + strings.Repeat("x", 1000) + `"}`, errors: `{}`, isShown: true, isHTML: true, whole: true},
		{name: "what is too long", shown: `{}`, html: `{"large":true}`, body: `{"body":"` + strings.Repeat("x", 1000) + `"}`, errors: `{}`, notes: 1, isShown: true, isHTML: true, whole: true},
		{name: "what is too long, and sent too", shown: `{}`, html: `{"large":true}`, body: `{}`, errors: `{}`, notes: 1, isShown: true},
		{name: "that nothing is left", shown: `{}`, html: `{"text":""}`, body: `{}`, errors: `{}`, isShown: true},
		{name: "garbage", shown: `{"images":7}`, html: `7`, body: `7`, errors: `7`, notes: 2},
		{name: "garbage then", shown: `{"blocked":-1}`, html: `7`, body: `7`, errors: `7`, notes: 1, isShown: true},
		{name: "a body that is not coded so", shown: `{}`, html: `{"text":"<p>"}`, body: `{"body":"?","base64Encoded":true}`, errors: `{}`, isShown: true, isHTML: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tab, f, page := blank(t)
				go func() {
					for {
						raw, err := readMessage(f.hears)
						var m message
						if err != nil || json.Unmarshal(raw, &m) != nil {
							return
						}
						answer := map[string]string{"Network.getResponseBody": tt.body, "Runtime.enable": tt.errors, "Page.createIsolatedWorld": `{"executionContextId":1}`}[m.Method]
						if value := tt.shown; m.Method == "Runtime.evaluate" {
							if bytes.Contains(m.Params, []byte("outerHTML")) {
								value = tt.html
							}
							if answer = value; value != "" {
								answer = `{"result":{"value":` + value + `}}`
							}
						}
						if answer != "" {
							f.say(fmt.Sprintf(`{"id":%d,"result":%s}`, m.ID, answer))
						}
					}
				}()
				began := time.Now()
				s := tab.sight(page)
				if took := time.Since(began); took > answerTime {
					t.Errorf("it took %v", took)
				}
				if s.DOM != 7 || s.Requests != 1 || len(s.Exchanges) != 1 || len(s.Notes) != tt.notes || (s.Shown != nil) != tt.isShown || (len(s.HTML) > 0) != tt.isHTML || s.Exchanges[0].Whole() != tt.whole {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// FuzzHear takes lines: a letter for the kind of the event, then its parameters. Whatever they are, there is an exchange for each
// request that counts, within the limits.
func FuzzHear(f *testing.F) {
	names := []string{"requestWillBeSent", "responseReceived", "dataReceived", "loadingFinished", "requestWillBeSentExtraInfo", "responseReceivedExtraInfo", "webSocketHandshakeResponseReceived"}
	f.Add("a{\"requestId\":\"1\",\"request\":{\"url\":\"http://a.example/\"}}\ne{\"requestId\":\"1\",\"headers\":{\"Cookie\":\"a\"}}\nb{\"requestId\":\"1\",\"hasExtraInfo\":true,\"response\":{\"status\":200}}\nf{\"requestId\":\"1\",\"headers\":{\"a\":\"b\\nc\"}}\nc{\"requestId\":\"1\",\"dataLength\":7}\nd{\"requestId\":\"1\"}\n")
	f.Add("e{}\nf{\"headers\":null}\na[]\nb{\"response\":{\"headers\":7}}\ng{\"requestId\":\"1\"}")
	f.Fuzz(func(t *testing.T, said string) {
		var events []told
		for text := range strings.Lines(said) {
			if which := int(text[0]) - 'a'; which >= 0 && which < len(names) {
				events = append(events, told{"Network." + names[which], text[1:]})
			}
		}
		tab := overheard(events...)
		tab.keeper.settle(tab.ledger, rule{redirects: true})
		list, _, _ := tab.ledger.resources(rule{redirects: true})
		if len(tab.keeper.kept) != len(list) || slices.Contains(tab.keeper.kept, nil) {
			t.Fatalf("%d exchanges of %d resources", len(tab.keeper.kept), len(list))
		}
		for _, h := range tab.keeper.kept {
			if most, _ := h.share(); h.Asked < 0 || most > maxBody || h.Decoded < 0 {
				t.Errorf("%+v", h)
			}
		}
	})
}

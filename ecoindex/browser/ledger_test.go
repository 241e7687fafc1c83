package browser

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/web"
)

// told is an event of the Network domain, as the browser writes it.
type told struct{ method, params string }

func event(method, format string, args ...any) told {
	return told{"Network." + method, fmt.Sprintf(format, args...)}
}

func asks(id, kind, url string) told {
	return event("requestWillBeSent", `{"requestId":%q,"type":%q,"frameId":"main","request":{"url":%q},"initiator":{"type":"parser"}}`, id, kind, url)
}

// moves is a request that goes on to another address, after an answer with a status and with the bytes of a head, which
// announces a body of some length.
func moves(id, kind, url string, status, head int, length string) told {
	return event("requestWillBeSent", `{"requestId":%q,"type":%q,"frameId":"main","request":{"url":%q},
		"redirectResponse":{"status":%d,"encodedDataLength":%d,"headers":{"content-LENGTH":%q}}}`, id, kind, url, status, head, length)
}

func answers(id string, status, head int, more string) told {
	return event("responseReceived", `{"requestId":%q,"type":"Other","response":{"status":%d,"encodedDataLength":%d%s}}`, id, status, head, more)
}

// brings is some of a body, as transferred and decompressed.
func brings(id string, encoded, data int) told {
	return event("dataReceived", `{"requestId":%q,"encodedDataLength":%d,"dataLength":%d}`, id, encoded, data)
}

func ends(id string, total int) told {
	return event("loadingFinished", `{"requestId":%q,"encodedDataLength":%d}`, id, total)
}

func breaks(id, why string) told {
	return event("loadingFailed", `{"requestId":%q,"errorText":%q,"canceled":false}`, id, why)
}

func fromCache(id string) told { return event("requestServedFromCache", `{"requestId":%q}`, id) }

// whole is a request that is answered well.
func whole(id, kind, url string, bytes int) []told {
	return []told{asks(id, kind, url), answers(id, 200, 100, ""), brings(id, bytes-100, 2*bytes), ends(id, bytes)}
}

func all(lists ...[]told) []told { return slices.Concat(lists...) }

// written is a ledger after events, all at the same moment.
func written(t testing.TB, favicon bool, events ...told) *ledger {
	t.Helper()
	l := newLedger(favicon)
	l.frame = "main"
	write(t, l, time.Time{}, events...)
	return l
}

func write(t testing.TB, l *ledger, now time.Time, events ...told) {
	t.Helper()
	for _, e := range events {
		decoded, ok := decodeNetwork(json.RawMessage(e.params))
		if !ok {
			t.Fatalf("%s cannot be read: %s", e.method, e.params)
		}
		l.note(e.method, decoded, now)
	}
}

// lines are resources, one a string: the address, the status, the bytes and the problem.
func lines(list []web.Resource) []string {
	var text []string
	for _, r := range list {
		text = append(text, strings.TrimSpace(fmt.Sprintf("%s %d %d %s", strings.TrimPrefix(r.URL, "http://a.example"), r.Status, r.Bytes, r.Problem)))
	}
	return text
}

const site = "http://a.example"

func TestEventsBecomeTheRequestsThatTheReferenceCounts(t *testing.T) {
	for _, tt := range []struct {
		name   string
		events []told
		want   []string
	}{
		{"a page", whole("1", "Document", site+"/", 1234), []string{"/ 200 1234"}},
		{"a fragment is not sent", whole("1", "Image", site+"/a.svg#icon", 200), []string{"/a.svg 200 200"}},
		{"the same address twice is two requests", all(whole("1", "Fetch", site+"/a", 200), whole("2", "Fetch", site+"/a", 300)), []string{"/a 200 200", "/a 200 300"}},
		{
			"each redirect, with the length its answer announces",
			all([]told{asks("1", "Image", site+"/a"), moves("1", "Image", site+"/b", 301, 150, "20"), moves("1", "Image", site+"/c#top", 302, 160, "0")}, []told{answers("1", 200, 100, ""), ends("1", 500)}),
			[]string{"/a 301 170", "/b 302 160", "/c 200 500"},
		},
		{
			"a length that cannot be is nothing",
			[]told{
				asks("1", "Image", site+"/a"), moves("1", "Image", site+"/b", 301, 100, "-1"), moves("1", "Image", site+"/c", 302, 100, "many"), moves("1", "Image", site+"/d", 303, 100, "1048577"),
				moves("1", "Image", site+"/e", 307, 100, "1048576"), moves("1", "Image", site+"/f", 308, 100, ""), moves("1", "Image", site+"/g", 302, 100, "99999999999999999999"), ends("1", 0),
			},
			[]string{"/a 301 100", "/b 302 100", "/c 303 100", "/d 307 1048676", "/e 308 100", "/f 302 100", "/g 0 0"},
		},
		{
			"a redirect to what is no request",
			[]told{asks("1", "Image", site+"/a"), moves("1", "Image", "data:image/gif;base64,", 302, 100, "5"), ends("1", 0), breaks("1", "net::ERR_UNSAFE_REDIRECT")},
			[]string{"/a 302 105"},
		},
		{
			"told by the session it began in and by the one it belongs to",
			[]told{asks("1", "Document", site+"/frame"), asks("1", "Document", site+"/frame"), answers("1", 200, 100, ""), answers("1", 200, 100, ""), ends("1", 500), ends("1", 500)},
			[]string{"/frame 200 500"},
		},
		{
			"the site's icon, wherever it is redirected",
			all(whole("1", "Other", site+"/favicon.ico", 900), whole("2", "Other", site+"/deep/favicon.ico#x", 900),
				[]told{asks("3", "Other", site+"/favicon.ico"), moves("3", "Other", site+"/logo.png", 302, 100, "5"), answers("3", 200, 100, ""), ends("3", 700)}),
			nil,
		},
		{"what is only called like the icon", all(whole("1", "Image", site+"/favicon.ico?v=2", 200), whole("2", "Image", site+"/favicon.png", 200)), []string{"/favicon.ico?v=2 200 200", "/favicon.png 200 200"}},
		{
			"not the question before a request to another origin",
			all([]told{
				event("requestWillBeSent", `{"requestId":"1","type":"Preflight","request":{"url":"http://b.example/"},"initiator":{"type":"other"}}`), answers("1", 204, 100, ""), ends("1", 100),
				event("requestWillBeSent", `{"requestId":"2","type":"Other","request":{"url":"http://b.example/"},"initiator":{"type":"preflight"}}`), ends("2", 100),
			}, whole("3", "Fetch", "http://b.example/", 300)),
			[]string{"http://b.example/ 200 300"},
		},
		{
			"not what goes over no network",
			all(whole("1", "Image", "data:image/gif;base64,R0lGODlhAQABAAAAACw=", 200), whole("2", "Script", "blob:http://a.example/0a", 200),
				whole("3", "Document", "about:srcdoc", 200), whole("4", "Script", "chrome-extension://abc/x.js", 200), whole("5", "Document", "file:///etc/hosts", 200), whole("6", "Image", "httpx://a.example/", 200)),
			nil,
		},
		{
			"a WebSocket is one, whatever is said over it",
			[]told{
				event("webSocketCreated", `{"requestId":"1","url":"ws://a.example/chat","initiator":{"type":"script"}}`),
				event("webSocketHandshakeResponseReceived", `{"requestId":"1","response":{"status":101,"statusText":"Switching Protocols","headers":{"Upgrade":"websocket"}}}`),
				event("webSocketFrameReceived", `{"requestId":"1","response":{"opcode":1,"payloadData":"hello"}}`), event("webSocketFrameSent", `{"requestId":"1","response":{"opcode":1}}`),
				event("webSocketClosed", `{"requestId":"1"}`),
			},
			[]string{"ws://a.example/chat 101 0"},
		},
		{"a request without an answer", []told{asks("1", "Image", site+"/a"), breaks("1", "net::ERR_CONNECTION_REFUSED")}, []string{"/a 0 0 net::ERR_CONNECTION_REFUSED"}},
		{
			"a request that is kept back",
			[]told{asks("1", "Script", site+"/a"), event("loadingFailed", `{"requestId":"1","errorText":"","blockedReason":"csp"}`)},
			[]string{"/a 0 0 csp"},
		},
		{
			"after a failure comes the browser's own page",
			[]told{asks("1", "Document", site+"/a"), breaks("1", "net::ERR_EMPTY_RESPONSE"), answers("1", 200, 0, ""), brings("1", 250_000, 250_000), ends("1", 250_000), fromCache("1")},
			[]string{"/a 0 0 net::ERR_EMPTY_RESPONSE"},
		},
		{
			"a request that breaks off has what had come",
			[]told{asks("1", "Image", site+"/a"), answers("1", 200, 100, ""), brings("1", 40, 90), breaks("1", "net::ERR_CONTENT_LENGTH_MISMATCH")},
			[]string{"/a 200 140 net::ERR_CONTENT_LENGTH_MISMATCH"},
		},
		{
			"a request under way has what has come",
			[]told{asks("1", "Media", site+"/a"), answers("1", 206, 100, ""), brings("1", 40, 90), brings("1", 0, 10), brings("1", 60, 100), asks("2", "Image", site+"/b")},
			[]string{"/a 206 200 " + unfinished, "/b 0 0 " + unfinished},
		},
		{
			"where the transferred bytes are told at the end only, those decompressed stand for them",
			[]told{asks("1", "Document", site+"/a"), answers("1", 200, 100, ""), brings("1", 0, 900), brings("1", 0, 100)},
			[]string{"/a 200 1100 " + unfinished},
		},
		{"the total told at the end is what counts", []told{asks("1", "Image", site+"/a"), answers("1", 200, 100, ""), brings("1", 5, 9), ends("1", 4321)}, []string{"/a 200 4321"}},
		{
			"what a cache answers counts, without a byte",
			[]told{asks("1", "Image", site+"/a"), fromCache("1"), answers("1", 200, 0, ""), ends("1", 0), asks("2", "Image", site+"/b"), answers("2", 200, 0, `,"fromDiskCache":true`), ends("2", 0)},
			[]string{"/a 200 0", "/b 200 0"},
		},
		{
			"an answer that is an error is a request, and says so",
			[]told{asks("1", "Image", site+"/a"), answers("1", 404, 100, ""), ends("1", 300), asks("2", "Fetch", site+"/b"), answers("2", 503, 100, ""), ends("2", 200)},
			[]string{"/a 404 300 Not Found", "/b 503 200 Service Unavailable"},
		},
		{
			"nothing of requests that nobody made",
			[]told{answers("9", 200, 100, ""), brings("9", 1, 1), ends("9", 1), breaks("9", "net::ERR_FAILED"), fromCache("9"), event("webSocketClosed", `{"requestId":"9"}`), event("somethingNew", `{"requestId":"9"}`), event("loadingFinished", `{}`)},
			nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list, bytes, cached := written(t, false, tt.events...).resources(rule{redirects: true})
			if got := lines(list); !slices.Equal(got, tt.want) {
				t.Errorf("the requests are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			for _, r := range list {
				bytes -= r.Bytes
			}
			if bytes != 0 || cached != 0 {
				t.Errorf("the sum of the bytes is %d too large, and %d are taken for kept; want 0 and 0", bytes, cached)
			}
		})
	}
}

func TestMessagesCountForTheLimitOfBytesOnly(t *testing.T) {
	l := written(t, false, event("webSocketCreated", `{"requestId":"1","url":"ws://a.example/"}`), event("webSocketFrameReceived", `{"requestId":"1","response":{"payloadData":"hello"}}`))
	if _, bytes, _ := l.resources(rule{}); bytes != 0 || l.received != 5 {
		t.Errorf("a message of 5 bytes counts %d, and %d for the limit; want 0 and 5", bytes, l.received)
	}
}

func TestTheSitesIconCountsWhereTheProtocolSaysSo(t *testing.T) {
	events := []told{asks("3", "Other", site+"/favicon.ico"), moves("3", "Other", site+"/logo.png", 302, 100, "5"), answers("3", 200, 100, ""), ends("3", 700)}
	list, _, _ := written(t, true, events...).resources(rule{redirects: true})
	if got, want := lines(list), []string{"/favicon.ico 302 105", "/logo.png 200 700"}; !slices.Equal(got, want) {
		t.Errorf("the requests are %q; want %q", got, want)
	}
}

// Seven requests: a redirect and where it leads, one that is under way, one that failed, one without a byte, two that a
// cache answered.
func TestEachRuleCountsItsOwn(t *testing.T) {
	l := written(t, false, all(
		[]told{asks("1", "Document", site+"/old"), moves("1", "Document", site+"/", 301, 100, "10"), answers("1", 200, 100, ""), ends("1", 1000)},
		[]told{asks("2", "Media", site+"/open"), answers("2", 200, 100, ""), brings("2", 20, 20)},
		[]told{asks("3", "Image", site+"/failed"), breaks("3", "net::ERR_FAILED")},
		[]told{asks("4", "Fetch", site+"/nothing"), answers("4", 200, 0, ""), ends("4", 0)},
		[]told{asks("5", "Script", site+"/disk"), answers("5", 200, 0, `,"fromDiskCache":true`), ends("5", 0)},
		[]told{asks("6", "Script", site+"/worker"), answers("6", 200, 0, `,"fromServiceWorker":true`), ends("6", 0)},
	)...)
	for _, tt := range []struct {
		name   string
		rule   rule
		want   string
		bytes  int64
		cached int
	}{
		{"all but redirects", rule{}, "/ /open /failed /nothing /disk /worker", 1120, 0},
		{"redirects", rule{redirects: true}, "/old / /open /failed /nothing /disk /worker", 1230, 0},
		{"finished", rule{finished: true}, "/ /nothing /disk /worker", 1000, 0},
		{"finished, with redirects", rule{finished: true, redirects: true}, "/ /nothing /disk /worker", 1000, 0},
		{"transferred", rule{transferred: true}, "/ /open", 1120, 0},
		{"transferred, with redirects", rule{transferred: true, redirects: true}, "/old / /open", 1230, 0},
		{"network", rule{network: true, redirects: true}, "/old / /open /failed /nothing", 1230, 2},
		{"network, finished", rule{network: true, finished: true}, "/ /nothing", 1000, 2},
		{"network, transferred", rule{network: true, transferred: true}, "/ /open", 1120, 0},
	} {
		list, bytes, cached := l.resources(tt.rule)
		var got []string
		for _, r := range list {
			got = append(got, strings.TrimPrefix(r.URL, site))
		}
		if strings.Join(got, " ") != tt.want || bytes != tt.bytes || cached != tt.cached {
			t.Errorf("%s: %q, %d bytes, %d kept; want %s, %d and %d", tt.name, got, bytes, cached, tt.want, tt.bytes, tt.cached)
		}
	}
	want := map[string]int{"ecoindex-2026": 7, "adaptive": 7, "published": 4, "lighthouse": 3}
	for _, p := range Protocols() {
		if list, _, _ := l.resources(p.rule); len(list) != want[p.Name] {
			t.Errorf("%s counts %d requests; want %d", p.Name, len(list), want[p.Name])
		}
	}
}

func TestEveryTypeOfTheBrowserHasAKind(t *testing.T) {
	for kind, want := range map[string]web.Kind{
		"Document": web.Document, "Stylesheet": web.Stylesheet, "Image": web.Image, "Media": web.Media, "Font": web.Font, "Script": web.Script,
		"XHR": web.Fetch, "Fetch": web.Fetch, "EventSource": web.Fetch, "WebSocket": web.Fetch, "Ping": web.Fetch,
		"TextTrack": web.Other, "Prefetch": web.Other, "Manifest": web.Other, "SignedExchange": web.Other, "CSPViolationReport": web.Other,
		"FedCM": web.Other, "Other": web.Other, "": web.Other, "Hologram": web.Other,
	} {
		list, _, _ := written(t, false, asks("1", kind, site+"/")).resources(rule{})
		if len(list) != 1 || list[0].Kind != want {
			t.Errorf("%q is %+v; want %s", kind, list, want)
		}
	}
	list, _, _ := written(t, false, event("webSocketCreated", `{"requestId":"1","url":"ws://a.example/"}`)).resources(rule{})
	if len(list) != 1 || list[0].Kind != web.Fetch {
		t.Errorf("a WebSocket is %+v; want %s", list, web.Fetch)
	}
	list, _, _ = written(t, false, asks("1", "Document", site+"/"), asks("2", "Image", site+"/a"), event("requestWillBeSent", `{"requestId":"3","frameId":"inner","type":"Document","request":{"url":"http://a.example/b"}}`)).resources(rule{})
	if len(list) != 3 || list[0].Kind != web.Document || list[2].Kind != web.Frame {
		t.Errorf("a page and its frame are %+v; want %s and %s", list, web.Document, web.Frame)
	}
}

func TestAPageIsBusyUntilItsRequestsEndAndAQuietTimeHasPassed(t *testing.T) {
	const long = 400 * time.Millisecond
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	type moment struct {
		at     time.Duration
		events []told
	}
	stream := `,"mimeType":"text/event-stream;charset=utf-8"`
	for _, tt := range []struct {
		name    string
		moments []moment
		quietAt time.Duration // 0 when never
	}{
		{"nothing was asked for", nil, -1},
		{"under way", []moment{{0, []told{asks("1", "Image", site+"/a")}}}, 0},
		{"half way", []moment{{0, []told{asks("1", "Image", site+"/a"), answers("1", 200, 1, ""), brings("1", 1, 1)}}}, 0},
		{"ended", []moment{{0, whole("1", "Image", site+"/a", 500)}}, long},
		{"ended later", []moment{{0, []told{asks("1", "Image", site+"/a")}}, {time.Second, []told{ends("1", 5)}}}, time.Second + long},
		{"failed", []moment{{0, []told{asks("1", "Image", site+"/a")}}, {time.Second, []told{breaks("1", "net::ERR_FAILED")}}}, time.Second + long},
		{"what comes after a failure", []moment{{0, []told{asks("1", "Image", site+"/a"), breaks("1", "net::ERR_FAILED")}}, {time.Second, []told{ends("1", 5)}}}, long},
		{"redirected, and under way", []moment{{0, []told{asks("1", "Image", site+"/a"), moves("1", "Image", site+"/b", 302, 9, "")}}}, 0},
		{"redirected, and ended", []moment{{0, []told{asks("1", "Image", site+"/a")}}, {time.Second, []told{moves("1", "Image", site+"/b", 302, 9, ""), ends("1", 5)}}}, time.Second + long},
		{"one of two", []moment{{0, all(whole("1", "Image", site+"/a", 500), []told{asks("2", "Image", site+"/b")})}}, 0},
		{"events of the server", []moment{{0, []told{asks("1", "EventSource", site+"/a")}}}, long},
		{"events that a script reads", []moment{{0, []told{asks("1", "Fetch", site+"/a"), answers("1", 200, 1, stream)}}}, long},
		{"events that just came", []moment{{0, []told{asks("1", "Fetch", site+"/a"), answers("1", 200, 1, stream)}}, {2 * time.Second, []told{brings("1", 9, 9)}}}, 2*time.Second + long},
		{"pictures without end", []moment{{0, []told{asks("1", "Image", site+"/a"), answers("1", 200, 1, `,"mimeType":"multipart/x-mixed-replace"`)}}}, long},
		{"a WebSocket", []moment{{0, []told{event("webSocketCreated", `{"requestId":"1","url":"ws://a.example/"}`)}}}, long},
		{"a film that plays", []moment{{0, []told{asks("1", "Media", site+"/a"), answers("1", 206, 1, "")}}}, long},
		{"what does not count", []moment{{0, []told{asks("1", "Image", "data:,x"), asks("2", "Other", site+"/favicon.ico")}}}, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := written(t, false)
			for _, m := range tt.moments {
				write(t, l, start.Add(m.at), m.events...)
			}
			if hour := start.Add(time.Hour); tt.quietAt == 0 {
				if !l.busy(hour, long) {
					t.Error("it is not busy after an hour")
				}
				return
			}
			if !l.busy(start.Add(tt.quietAt-1), long) && tt.quietAt > 0 {
				t.Errorf("it is not busy just before %v", tt.quietAt)
			}
			if l.busy(start.Add(tt.quietAt), long) {
				t.Errorf("it is busy at %v", tt.quietAt)
			}
		})
	}
}

// icon is a request for a picture that the browser's tab shows.
func icon(id, url string) []told { return whole(id, "Other", site+url, 300) }

func TestIconsOfTheTabAreTakenOutWhereverCountingBegins(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before []told // what counting begins
		after  []told
		want   string
	}{
		{"of the page", nil, all(whole("1", "Document", site+"/", 500), icon("2", "/i.png"), whole("3", "Image", site+"/a", 200)), "/ /a"},
		{"of the page before", all(whole("1", "Document", site+"/old", 500), icon("2", "/i.png")), all(whole("3", "Document", site+"/", 500), whole("4", "Image", site+"/a", 200)), "/ /a"},
		{"of both", all(icon("1", "/i.png"), whole("2", "Document", site+"/old", 500), icon("3", "/j.svg")), all(whole("4", "Document", site+"/", 500), icon("5", "/i.png"), icon("6", "/j.svg"), whole("7", "Image", site+"/a", 200)), "/ /a"},
		{"nothing else is left", icon("1", "/i.png"), icon("2", "/i.png"), ""},
		{"an image of the same address stays", nil, all(whole("1", "Image", site+"/i.png", 500), icon("2", "/i.png")), "/i.png"},
		{"what no link declares stays", whole("1", "Other", site+"/old", 200), all(whole("2", "Other", site+"/manifest", 200), icon("3", "/i.png")), "/manifest"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := written(t, false, tt.before...)
			l.begin()
			write(t, l, time.Time{}, tt.after...)
			for range 2 { // a second time changes nothing
				l.dropIcons([]string{site + "/i.png", site + "/j.svg"})
				list, _, _ := l.resources(rule{})
				var got []string
				for _, r := range list {
					got = append(got, strings.TrimPrefix(r.URL, site))
				}
				if strings.Join(got, " ") != tt.want {
					t.Errorf("counted are %q; want %s", got, tt.want)
				}
			}
			write(t, l, time.Time{}, whole("99", "Image", site+"/next", 200)...)
			if list, _, _ := l.resources(rule{}); len(list) == 0 || list[len(list)-1].URL != site+"/next" {
				t.Errorf("the next request is not the last of %v", lines(list))
			}
		})
	}
}

func TestCountingBeginsWithTheRequestThatOpenedThePage(t *testing.T) {
	l := written(t, false, all(whole("1", "Document", site+"/old", 500), whole("2", "Image", site+"/old.png", 500))...)
	frame := event("requestWillBeSent", `{"requestId":"3","type":"Document","frameId":"inner","request":{"url":"http://a.example/frame"}}`)
	write(t, l, time.Time{}, frame, asks("4", "Fetch", site+"/click"))
	if l.documents != 1 {
		t.Errorf("%d documents were opened; want 1, frames are none", l.documents)
	}
	write(t, l, time.Time{}, all([]told{asks("5", "Document", site+"/moved"), moves("5", "Document", site+"/new", 302, 100, "")}, whole("6", "Image", site+"/new.png", 200))...)
	l.beginAtDocument()
	list, _, _ := l.resources(rule{redirects: true})
	if got, want := lines(list), []string{"/moved 302 100", "/new 0 0 " + unfinished, "/new.png 200 200"}; l.documents != 2 || !slices.Equal(got, want) {
		t.Errorf("after %d documents, counted are %q; want 2, and %q", l.documents, got, want)
	}
	if list[0].Kind != web.Document {
		t.Errorf("the page is of kind %s; want %s", list[0].Kind, web.Document)
	}
	l.begin()
	if list, bytes, _ := l.resources(rule{redirects: true}); len(list) != 0 || bytes != 0 {
		t.Errorf("after a new beginning, counted are %q, %d bytes; want none", lines(list), bytes)
	}
	write(t, l, time.Time{}, answers("5", 200, 100, ""), ends("5", 900))
	if list, _, _ := l.resources(rule{redirects: true}); len(list) != 0 {
		t.Errorf("what began before is counted: %q", lines(list))
	}
}

// possible says whether a browser may tell of lengths such as these; a cut file or a broken field may not.
func possible(e networkEvent) bool {
	fits := func(n float64) bool { return n >= 0 && n < 1e12 }
	for _, r := range []*response{e.Response, e.Redirect} {
		if r != nil && !fits(r.Encoded) {
			return false
		}
	}
	return fits(e.Encoded) && fits(e.Data)
}

// checkLedger wants what is true of every ledger, by every rule.
func checkLedger(t *testing.T, l *ledger, asked int) {
	t.Helper()
	if len(l.entries) > asked {
		t.Errorf("%d requests of the %d that were made", len(l.entries), asked)
	}
	for n := range 1 << 4 {
		r := rule{finished: n&1 != 0, transferred: n&2 != 0, redirects: n&4 != 0, network: n&8 != 0}
		list, bytes, cached := l.resources(r)
		if cached < 0 || len(list)+cached > len(l.entries) || (cached > 0 && !r.network) {
			t.Errorf("%+v: %d requests and %d kept, of %d", r, len(list), cached, len(l.entries))
		}
		for _, one := range list {
			if one.Bytes < 0 || one.URL == "" || (r.transferred && one.Bytes == 0) {
				t.Errorf("%+v: a request is %+v", r, one)
			}
			bytes -= one.Bytes
		}
		if bytes != 0 {
			t.Errorf("%+v: the sum is %d bytes more than its parts", r, bytes)
		}
	}
}

func TestInWhateverOrderEventsComeNothingIsNegativeOrCountedTwice(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	kinds := []string{"Document", "Image", "Media", "EventSource", "Other", "Preflight", "Script"}
	urls := []string{site + "/", site + "/a#b", site + "/favicon.ico", "data:,x", "blob:http://a.example/1", "https://b.example/i.png"}
	for range 400 {
		l := newLedger(random.IntN(2) == 0)
		l.frame = "main"
		asked := 0
		var history []told
		for range random.IntN(60) {
			id, n := pick("1", "2", "3"), random.IntN(5000)
			e := []told{
				asks(id, pick(kinds...), pick(urls...)), moves(id, pick(kinds...), pick(urls...), 302, n, pick("", "0", "99", "-5", "x")),
				event("webSocketCreated", `{"requestId":%q,"url":"ws://a.example/"}`, id), event("webSocketClosed", `{"requestId":%q}`, id),
				event("webSocketHandshakeResponseReceived", `{"requestId":%q,"response":{"status":101}}`, id), event("responseReceived", `{"requestId":%q}`, id),
				answers(id, random.IntN(600), n, pick("", `,"fromDiskCache":true`, `,"mimeType":"text/event-stream"`)),
				brings(id, n, 2*n), brings(id, 0, n), ends(id, n), breaks(id, "net::ERR_FAILED"), fromCache(id),
			}[random.IntN(12)]
			if strings.HasSuffix(e.method, "requestWillBeSent") || strings.HasSuffix(e.method, "webSocketCreated") {
				asked++
			}
			history = append(history, e)
			write(t, l, time.Time{}, e)
			switch random.IntN(40) {
			case 0:
				l.begin()
			case 1:
				l.dropIcons([]string{"https://b.example/i.png"})
			}
		}
		if checkLedger(t, l, asked); t.Failed() {
			t.Fatalf("seed %d, after %v", seed, history)
		}
	}
}

// FuzzNote takes lines: a letter for the kind of the event, then its parameters. Whatever they are, the ledger holds.
func FuzzNote(f *testing.F) {
	names := []string{
		"requestWillBeSent", "responseReceived", "dataReceived", "loadingFinished", "loadingFailed", "requestServedFromCache",
		"webSocketCreated", "webSocketHandshakeResponseReceived", "webSocketClosed",
	}
	line := func(list ...told) string {
		var b strings.Builder
		for _, e := range list {
			b.WriteByte('a' + byte(slices.Index(names, strings.TrimPrefix(e.method, "Network."))))
			b.WriteString(strings.ReplaceAll(e.params, "\n", " ") + "\n")
		}
		return b.String()
	}
	f.Add(line(whole("1", "Document", site+"/", 500)...), false)
	f.Add(line(asks("1", "Image", site+"/a"), moves("1", "Image", site+"/b", 302, 100, "5"), answers("1", 404, 9, `,"fromServiceWorker":true`), breaks("1", "net::ERR_FAILED")), true)
	f.Add(line(event("webSocketCreated", `{"requestId":"1","url":"ws://a.example/"}`), event("webSocketClosed", `{"requestId":"1"}`)), false)
	f.Add("a{\"request\":{\"url\":\"http://\"}}\na{}\nb{\"response\":{\"headers\":null}}\nc{\"encodedDataLength\":1e300}\nd{\"encodedDataLength\":-1}\n", false)
	f.Add("a[]\nb7\ncnull\nd\ne\"\nz{}", true)
	f.Fuzz(func(t *testing.T, said string, favicon bool) {
		l := newLedger(favicon)
		asked := 0
		for text := range strings.Lines(said) {
			which := int(text[0] - 'a')
			if which >= len(names) {
				continue
			}
			e, ok := decodeNetwork(json.RawMessage(text[1:]))
			if !ok || !possible(e) || (which == 6 && e.URL == "") {
				continue
			}
			if which == 0 || which == 6 {
				asked++
			}
			l.note("Network."+names[which], e, time.Time{})
			_ = l.busy(time.Time{}, quiet)
		}
		checkLedger(t, l, asked)
		l.dropIcons([]string{site + "/i.png"})
		checkLedger(t, l, asked)
	})
}

package har

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strings"

	"veille/ecoindex/web"
)

// entry is what is read of one request. Fields that begin with _ are the recorders' own, and may be of any type.
type entry struct {
	PageRef   string          `json:"pageref"`
	Type      word            `json:"_resourceType"`
	FromCache flag            `json:"_fromCache"`               // Chrome: "memory" or "disk"
	ByWorker  flag            `json:"_fetchedViaServiceWorker"` // Chrome writes it in the response
	FetchType word            `json:"_fetchType"`               // Safari: "Memory Cache", "Network Load"
	Security  word            `json:"_securityState"`           // Firefox, of every request
	Messages  flag            `json:"_webSocketMessages"`
	Frame     word            `json:"_frameref"`  // Playwright: the frame that asked for it
	Initiator json.RawMessage `json:"_initiator"` // an object in Chrome, an address in browsertime
	Cache     json.RawMessage `json:"cache"`
	Request   struct {
		Method  string          `json:"method"`
		URL     string          `json:"url"`
		Headers json.RawMessage `json:"headers"`
	} `json:"request"`
	Response struct {
		Status       number `json:"status"`
		Error        word   `json:"_error"`
		FailureText  word   `json:"_failureText"`
		ByWorker     flag   `json:"_fetchedViaServiceWorker"`
		TransferSize number `json:"_transferSize"`
		HeadersSize  number `json:"headersSize"`
		BodySize     number `json:"bodySize"`
		Content      struct {
			Size        number `json:"size"`
			Compression number `json:"compression"`
			MIME        string `json:"mimeType"`
		} `json:"content"`
	} `json:"response"`
}

// number is a number, or the absence of one.
type number struct {
	value float64
	given bool
}

// UnmarshalJSON takes null for absent.
func (n *number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = number{}
		return nil
	}
	if err := json.Unmarshal(data, &n.value); err != nil {
		return notHARError(fmt.Sprintf("%.40s is no number that could be used", data))
	}
	n.given = true
	return nil
}

// known is the number where it is given and not negative: recorders write -1 for what they do not know, and Chrome other
// negative numbers where it subtracts one size from another.
func (n number) known() (float64, bool) { return n.value, n.given && n.value >= 0 }

// word is a string; what is no string is an empty one.
type word string

// UnmarshalJSON never fails.
func (w *word) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) != nil {
		s = ""
	}
	*w = word(s)
	return nil
}

// flag is whether a value says yes: true, a string, a list or an object that is not empty, a number other than 0.
type flag bool

// UnmarshalJSON never fails.
func (f *flag) UnmarshalJSON(data []byte) error {
	switch string(bytes.TrimSpace(data)) {
	case "null", "false", "0", `""`, "[]", "{}":
		*f = false
	default:
		*f = true
	}
	return nil
}

// exclusion is why an entry is no request of the page; empty when it is one.
type exclusion string

// The reasons, in the words of the note that counts them.
const (
	notWeb    exclusion = "inside the browser, as data: and blob: are"
	favicon   exclusion = "/favicon.ico"
	preflight exclusion = "preflight"
	socket    exclusion = "web socket"
)

// excluded applies the rules of the reference.
func (e *entry) excluded() exclusion {
	scheme, _, _ := strings.Cut(strings.ToLower(e.Request.URL), ":")
	address, _, _ := strings.Cut(e.Request.URL, "#")
	switch {
	case scheme == "ws" || scheme == "wss" || e.Type == "websocket" || bool(e.Messages):
		return socket
	case scheme != "http" && scheme != "https":
		return notWeb
	case strings.HasSuffix(address, "/favicon.ico"):
		return favicon
	case e.Type == "preflight" || e.initiatedBy("preflight") || e.asksForAccess():
		return preflight
	}
	return ""
}

func (e *entry) initiatedBy(kind string) bool {
	var initiator struct {
		Type word `json:"type"`
	}
	return json.Unmarshal(e.Initiator, &initiator) == nil && string(initiator.Type) == kind
}

// asksForAccess says whether this is the question a browser asks before a request to another origin.
func (e *entry) asksForAccess() bool {
	if !strings.EqualFold(e.Request.Method, "OPTIONS") {
		return false
	}
	var headers []struct {
		Name string `json:"name"`
	}
	if json.Unmarshal(e.Request.Headers, &headers) != nil {
		return false
	}
	for _, h := range headers {
		if strings.EqualFold(h.Name, "Access-Control-Request-Method") {
			return true
		}
	}
	return false
}

// cached says whether the answer came from the browser and not from the network.
func (e *entry) cached() bool {
	var cache struct {
		After json.RawMessage `json:"afterRequest"`
	}
	// A 200 that transferred nothing, not even headers, came from a cache whose name the recorder does not give.
	size, given := e.Response.TransferSize.known()
	if given && size == 0 && e.status() == 200 {
		return true
	}
	firefox := e.Security != "" && json.Unmarshal(e.Cache, &cache) == nil && cache.After != nil && e.status() != 304
	return bool(e.FromCache || e.ByWorker || e.Response.ByWorker) || firefox ||
		strings.HasSuffix(string(e.FetchType), " Cache") || e.FetchType == "Service Worker"
}

// status is the status of the response, or 0 when there was none.
func (e *entry) status() int {
	status, ok := e.Response.Status.known()
	if !ok || status > 999 {
		return 0
	}
	return int(status)
}

// source is where a size was read.
type source int

// The sources, best first.
const (
	transferred    source = iota // what the recorder says was transferred
	headersAndBody               // the two added up
	bodyOnly                     // the headers are not known
	content                      // after decompression, minus what the recorder says compression saved
	unknown                      // nothing is known: 0
)

// size is the bytes of the response, and where they were read.
func (e *entry) size() (float64, source) {
	if e.status() == 0 || e.cached() {
		return 0, transferred
	}
	r := &e.Response
	if size, ok := r.TransferSize.known(); ok {
		return size, transferred
	}
	headers, headersOK := r.HeadersSize.known()
	body, bodyOK := r.BodySize.known()
	switch {
	case bodyOK && e.Security != "":
		return body, headersAndBody // Firefox counts the headers in the body's size
	case bodyOK && headersOK:
		return headers + body, headersAndBody
	case bodyOK:
		return body, bodyOnly
	}
	if size, ok := r.Content.Size.known(); ok {
		if saved := r.Content.Compression; saved.given && saved.value <= size {
			size -= saved.value
		}
		return size, content
	}
	return 0, unknown
}

// maxSize is the largest size that is believed, one terabyte.
const maxSize = 1e12

// resource is the entry in the words of a page.
func (e *entry) resource() (web.Resource, source, error) {
	size, from := e.size()
	if size > maxSize {
		return web.Resource{}, 0, fmt.Errorf("a size of %g bytes is not believable", size)
	}
	r := web.Resource{URL: address(e.Request.URL), Kind: e.kind(), Status: e.status(), Bytes: int64(math.Round(size))}
	if r.Status == 0 {
		r.Problem = "there was no response"
		for _, why := range []word{e.Response.Error, e.Response.FailureText} {
			if why != "" {
				r.Problem = string(why)
				break
			}
		}
	}
	return r, from, nil
}

// address is what may be shown of an address: without its fragment, nor a name and a password.
func address(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		text, _, _ = strings.Cut(text, "#")
		return text
	}
	u.Fragment, u.RawFragment, u.User = "", "", nil
	return u.String()
}

// kind is what the page wanted it for, by the recorder or, without it, by the type of the content.
func (e *entry) kind() web.Kind {
	switch e.Type {
	case "document":
		return web.Document
	case "stylesheet":
		return web.Stylesheet
	case "script":
		return web.Script
	case "image":
		return web.Image
	case "font":
		return web.Font
	case "media", "texttrack":
		return web.Media
	case "xhr", "fetch", "eventsource":
		return web.Fetch
	case "":
		return kindOfMIME(e.Response.Content.MIME)
	}
	return web.Other
}

func kindOfMIME(mime string) web.Kind {
	mime, _, _ = strings.Cut(strings.ToLower(mime), ";")
	mime = strings.TrimSpace(mime)
	major, minor, _ := strings.Cut(mime, "/")
	switch {
	case mime == "text/html" || mime == "application/xhtml+xml":
		return web.Document
	case mime == "text/css":
		return web.Stylesheet
	case strings.HasSuffix(minor, "javascript") || strings.HasSuffix(minor, "ecmascript"):
		return web.Script
	case major == "image":
		return web.Image
	case major == "font" || strings.Contains(minor, "font"):
		return web.Font
	case major == "audio" || major == "video":
		return web.Media
	case minor == "json" || strings.HasSuffix(minor, "+json"):
		return web.Fetch
	}
	return web.Other
}

package browser

import (
	"bytes"
	"context"
	"encoding/base64"
	"strings"
	"sync"

	"veille/ecoindex/web"

	"golang.org/x/net/html/charset"
)

// What is kept of bodies.
const (
	maxBodies    = 32 << 20 // of a page
	maxInner     = 8 << 20  // of an inner document that runs elsewhere, or of a worker
	maxBody      = 4 << 20
	wholeImage   = 1 << 20
	headOfImage  = 256 << 10
	headOfFont   = 4 << 10
	bodiesAtOnce = 4
)

// buffers say how much of the bodies a session keeps for later; nothing where nobody asks.
func (k *keeper) buffers(kind string) values {
	total, one := 1, 1
	switch {
	case k == nil:
	case kind == "page":
		total, one = maxBodies, maxBody
	case kind == "iframe", kind == "worker":
		total, one = maxInner, maxBody
	}
	return values{"maxTotalBufferSize": total, "maxResourceBufferSize": one, "maxPostDataSize": 0}
}

// share is how many bytes are kept of a body, by the type that the browser took it for, or where that says nothing by what the page
// wants it for; and whether it is a text.
func (h *heard) share() (most int, text bool) {
	if h.session == "" || h.Decoded > maxBody {
		return 0, false
	}
	image := wholeImage
	if h.Decoded > wholeImage {
		image = headOfImage
	}
	family, name, _ := strings.Cut(h.mime, "/")
	switch {
	case isText(name):
		return maxBody, true
	case family == "image":
		return image, false
	case family == "font", strings.Contains(name, "font"):
		return headOfFont, false
	case family == "audio", family == "video":
		return 0, false
	}
	switch h.Kind {
	case web.Document, web.Frame, web.Stylesheet, web.Script:
		return maxBody, true
	case web.Image:
		return image, false
	case web.Font:
		return headOfFont, false
	}
	return 0, false
}

// isText tells whether a subtype of media is that of a text that has a form.
func isText(name string) bool {
	switch name {
	case "html", "css", "javascript", "x-javascript", "ecmascript", "json", "xml", "manifest":
		return true
	}
	return strings.HasSuffix(name, "+xml") || strings.HasSuffix(name, "+json")
}

// bodies asks for those that are worth it: texts first, then the others, in the order of the page, until there is no more room.
func (t *tab) bodies(ctx context.Context, list []*heard) {
	var all sync.WaitGroup
	defer all.Wait()
	turn := make(chan struct{}, bodiesAtOnce)
	room := int64(maxBodies)
	for _, texts := range []bool{true, false} {
		for _, h := range list {
			most, text := h.share()
			size := min(h.Decoded, int64(most))
			if size == 0 || text != texts || size > room {
				continue
			}
			room -= size
			turn <- struct{}{}
			all.Go(func() {
				defer func() { <-turn }()
				t.fetchBody(ctx, h, most)
			})
		}
	}
}

// fetchBody asks for one; it may be gone.
func (t *tab) fetchBody(ctx context.Context, h *heard, most int) {
	var answer struct {
		Body   string `json:"body"`
		Base64 bool   `json:"base64Encoded"`
	}
	if err := t.call(ctx, h.session, "Network.getResponseBody", values{"requestId": h.request}, &answer); err != nil {
		return
	}
	var body []byte
	if answer.Base64 {
		var err error
		if body, err = base64.StdEncoding.DecodeString(answer.Body); err != nil || int64(len(body)) > h.Decoded {
			return
		}
	} else {
		h.text = []byte(answer.Body)
		body = asSent(h.text, h.charset, h.Decoded)
	}
	if len(body) > most {
		body = bytes.Clone(body[:most])
	}
	if len(body) > 0 {
		h.Body = body
	}
}

// asSent is a text as the server sent it, which the browser has turned into UTF-8. Where that cannot be undone to the byte it is left
// so, and shorter than what was sent: it is not whole.
func asSent(text []byte, label string, sent int64) []byte {
	n := int64(len(text))
	const mark = "\ufeff"
	switch {
	case n == sent:
		return text
	case n+int64(len(mark)) == sent:
		return append([]byte(mark), text...)
	}
	for _, name := range []string{label, "windows-1252"} { // that of a page which says none
		encoding, _ := charset.Lookup(name)
		if encoding == nil {
			continue
		}
		if back, err := encoding.NewEncoder().Bytes(text); err == nil && int64(len(back)) == sent {
			return back
		}
	}
	return text[:min(n, max(sent-1, 0))]
}

package hostile

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// document is an HTML page with the given inside.
func document(inside string) string {
	return "<!doctype html><html lang=en><head><meta charset=utf-8><title>harm</title></head><body><p>Hello.</p>" + inside + "</body></html>"
}

// script is a page that runs a script while it loads.
func script(text string) string { return document("<script>" + text + "</script>") }

// late is a page that runs a script once it has loaded.
func late(text string) string {
	return script("addEventListener('load', () => setTimeout(() => {" + text + "}, 100))")
}

// body answers 200 with a content type and a text.
func body(kind, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = io.WriteString(w, text)
	}
}

// page answers with an HTML page.
func page(text string) http.HandlerFunc { return body("text/html; charset=utf-8", text) }

// picture answers with the smallest of images.
func picture() http.HandlerFunc {
	return body("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>`)
}

// alone starts a site of one page.
func alone(text string) func(*host) string { return web(site{"/": page(text)}) }

// with starts a site of a page and one resource, at /r.
func with(text string, resource http.HandlerFunc) func(*host) string {
	return web(site{"/": page(text), "/r": resource})
}

// head is the head of an answer that is good so far, and not closed.
const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"

// wrote starts a server whose page is answered with the given bytes, after which the connection is closed.
func wrote(text string) func(*host) string {
	return bare(func(c *conn) { _, _ = io.WriteString(c, text) })
}

// drip sends the bytes of text one a second, then spaces for ever.
func (c *conn) drip(text string) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for i := 0; ; i++ {
		b := []byte{' '}
		if i < len(text) {
			b[0] = text[i]
		}
		if _, err := c.Write(b); err != nil {
			return
		}
		select {
		case <-c.host.ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pour sends chunk again and again until the other side or the host closes, or enough was sent.
func pour(ctx context.Context, w io.Writer, chunk string) {
	for ctx.Err() == nil {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}

// endless answers with chunk for ever.
func endless(kind, start, chunk string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, start)
		pour(r.Context(), w, chunk)
	}
}

// long answers with start, then with chunk a number of times, then with end.
func long(kind, start, chunk string, times int, end string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, err := io.WriteString(w, start)
		for i := 0; i < times && err == nil; i++ {
			_, err = io.WriteString(w, chunk)
		}
		_, _ = io.WriteString(w, end)
	}
}

// never sends the head of an answer and nothing more.
func never(kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
}

// repeat is lines, each with its number where the format says %d.
func repeat(n int, format string) string {
	var b strings.Builder
	for i := range n {
		_, _ = fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// pause lets the other side read what was sent.
func (c *conn) pause() {
	select {
	case <-c.host.ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
}

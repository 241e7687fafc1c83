package browsertest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// answer writes the answer to a request; rest is what follows its first path segment.
type answer func(w http.ResponseWriter, r *http.Request, rest string)

// handler is the answer that goes with the first segment of a path, or nil.
func (s *Site) handler(segment string) answer {
	switch segment {
	case "a":
		return asset
	case "cache":
		return cached
	case "chunked":
		return chunked
	case "cors":
		return shared
	case "cut":
		return cut
	case "gzip":
		return gzipped
	case "redirect":
		return redirect
	case "refuse":
		return refuse
	case "slow":
		return slow
	case "status":
		return status
	case "stream":
		return stream
	case "socket":
		return socket
	}
	return nil
}

// reply writes a whole answer with its length. The type is that of the name's extension.
func reply(w http.ResponseWriter, code int, name string, body []byte) {
	w.Header().Set("Content-Type", mediaType(name))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body) // the client may have gone, which is its right
}

func mediaType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".css":
		return "text/css"
	case ".js":
		return "text/javascript"
	case ".json":
		return "application/json"
	case ".png":
		return "image/png"
	case ".svg":
		return "image/svg+xml"
	case ".wav":
		return "audio/wav"
	case ".woff2":
		return "font/woff2"
	}
	return "text/plain; charset=utf-8"
}

// asset answers with a resource made up from its name. Two names never have the same body; ?bytes= gives its length.
func asset(w http.ResponseWriter, r *http.Request, rest string) {
	if strings.HasSuffix(rest, ".wav") {
		w.Header().Set("Content-Type", mediaType(rest))
		http.ServeContent(w, r, rest, time.Time{}, bytes.NewReader(wav(length(r)))) // ranges included
		return
	}
	reply(w, http.StatusOK, rest, body(rest, length(r)))
}

func length(r *http.Request) int {
	n, err := strconv.Atoi(r.URL.Query().Get("bytes"))
	if err != nil {
		return 1000
	}
	return n
}

// body is the content of a made-up resource.
func body(name string, length int) []byte {
	switch path.Ext(name) {
	case ".png":
		return png(length)
	case ".svg":
		return pad(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><g><rect width="10" height="10"/></g></svg>`, length)
	case ".html":
		return pad("<!DOCTYPE html><html lang=en><head><title>"+name+"</title></head><body><p>"+name+"</p></body></html>", length)
	case ".json":
		return pad(fmt.Sprintf("{%q: %q}", "name", name), length)
	}
	return pad("/* "+name+" */", length)
}

// pad lengthens text with line ends, which change nothing in the types served here.
func pad(text string, length int) []byte {
	return append([]byte(text), bytes.Repeat([]byte("\n"), max(0, length-len(text)))...)
}

// cached is an asset that the browser may keep.
func cached(w http.ResponseWriter, r *http.Request, rest string) {
	w.Header().Set("Cache-Control", "max-age=3600")
	asset(w, r, rest)
}

// chunked sends an asset in three parts of unannounced length.
func chunked(w http.ResponseWriter, r *http.Request, rest string) {
	w.Header().Set("Content-Type", mediaType(rest))
	whole := body(rest, length(r))
	third := len(whole) / 3
	for _, part := range [][]byte{whole[:third], whole[third : 2*third], whole[2*third:]} {
		_, _ = w.Write(part)
		_ = http.NewResponseController(w).Flush()
	}
}

// shared is an asset that other origins may read, whatever their method and headers.
func shared(w http.ResponseWriter, r *http.Request, rest string) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", "GET, PUT")
		h.Set("Access-Control-Allow-Headers", "*")
		w.WriteHeader(http.StatusNoContent)
		return
	}
	asset(w, r, rest)
}

// cut announces an asset, sends half of it and hangs up.
func cut(w http.ResponseWriter, r *http.Request, rest string) {
	whole := body(rest, length(r))
	w.Header().Set("Content-Type", mediaType(rest))
	w.Header().Set("Content-Length", strconv.Itoa(len(whole)))
	_, _ = w.Write(whole[:len(whole)/2])
	_ = http.NewResponseController(w).Flush()
	hangUp(w)
}

// gzipped sends an asset compressed.
func gzipped(w http.ResponseWriter, r *http.Request, rest string) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(body(rest, length(r))) // neither fails on a Buffer
	_ = z.Close()
	w.Header().Set("Content-Encoding", "gzip")
	reply(w, http.StatusOK, rest, b.Bytes())
}

// redirect sends the client on: /redirect/3/x to /redirect/2/x, and /redirect/1/x to /x.
func redirect(w http.ResponseWriter, r *http.Request, rest string) {
	count, target, _ := strings.Cut(rest, "/")
	target = "/" + target
	if n, err := strconv.Atoi(count); err == nil && n > 1 {
		target = fmt.Sprintf("/redirect/%d%s", n-1, target)
	}
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", target)
	reply(w, http.StatusFound, ".txt", []byte("It is elsewhere.\n"))
}

// refuse hangs up without an answer.
func refuse(w http.ResponseWriter, _ *http.Request, _ string) { hangUp(w) }

func hangUp(w http.ResponseWriter) {
	if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = c.Close()
	}
}

// slow is an asset that comes after as many milliseconds as the path says.
func slow(w http.ResponseWriter, r *http.Request, rest string) {
	count, name, _ := strings.Cut(rest, "/")
	ms, _ := strconv.Atoi(count)
	select {
	case <-time.After(time.Duration(ms) * time.Millisecond):
		asset(w, r, name)
	case <-r.Context().Done():
	}
}

// status answers with the status code that the path says.
func status(w http.ResponseWriter, r *http.Request, rest string) {
	count, name, _ := strings.Cut(rest, "/")
	code, err := strconv.Atoi(count)
	switch {
	case err != nil || code < 200 || code > 599:
		code = http.StatusBadRequest
	case code == http.StatusNoContent:
		w.WriteHeader(code)
		return
	}
	reply(w, code, name, body(name, length(r)))
}

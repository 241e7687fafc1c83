package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// origin serves a folder on a port of its own, the same bytes each time, and notes what it is asked for. Each page is
// measured on an origin of its own, so that what was asked for tells which requests a measurer made for which page.
type origin struct {
	addr   string
	files  fs.FS
	server *http.Server
	done   sync.WaitGroup

	mu     sync.Mutex
	asked  []*request        // in order of arrival, since the last Take
	zipped map[string][]byte // by path
}

// serve opens a port for a folder. Close ends it.
func serve(files fs.FS) (*origin, error) {
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a port on loopback: %w", err)
	}
	o := &origin{addr: ln.Addr().String(), files: files, zipped: map[string][]byte{}}
	o.server = &http.Server{Handler: o}
	o.done.Go(func() {
		_ = o.server.Serve(ln) // always an error: that it was closed
	})
	return o, nil
}

// Close ends the serving.
func (o *origin) Close() error {
	err := o.server.Close()
	o.done.Wait()
	return err
}

// URL is the address of a path.
func (o *origin) URL(path string) string { return "http://" + o.addr + path }

// Take answers what was asked for since the last call.
func (o *origin) Take() []request {
	o.mu.Lock()
	defer o.mu.Unlock()
	var asked []request
	for _, r := range o.asked {
		asked = append(asked, *r)
	}
	o.asked = nil
	return asked
}

// ServeHTTP answers with a file, the index.html of a folder, or 404. There are no listings, and no header that changes.
func (o *origin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	noted := &request{path: r.URL.Path}
	o.mu.Lock()
	o.asked = append(o.asked, noted)
	o.mu.Unlock()
	weighed := &weighing{ResponseWriter: w}
	o.answer(weighed, r)
	o.mu.Lock()
	noted.bytes = float64(weighed.bytes)
	o.mu.Unlock()
}

// weighing adds up what an answer weighs: status line, headers and body, as HTTP/1.1 writes them.
type weighing struct {
	http.ResponseWriter
	bytes int
}

// WriteHeader adds the status line and the headers.
func (w *weighing) WriteHeader(status int) {
	w.bytes += len("HTTP/1.1 200 ") + len(http.StatusText(status)) + len("\r\n\r\n")
	for name, values := range w.Header() {
		for _, value := range values {
			w.bytes += len(name) + len(": ") + len(value) + len("\r\n")
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write adds to the body.
func (w *weighing) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.bytes += n
	return n, err
}

func (o *origin) answer(w http.ResponseWriter, r *http.Request) {
	w.Header()["Date"] = nil
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if info, err := fs.Stat(o.files, orDot(name)); err == nil && info.IsDir() {
		if !strings.HasSuffix(r.URL.Path, "/") {
			http.Redirect(w, r, r.URL.Path+"/", http.StatusMovedPermanently)
			return
		}
		name = path.Join(name, "index.html")
	}
	body, err := fs.ReadFile(o.files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		write(w, http.StatusNotFound, "text/plain", []byte("There is no such file.\n"))
	case err != nil:
		write(w, http.StatusInternalServerError, "text/plain", []byte("The file cannot be read.\n"))
	default:
		o.file(w, r, name, body)
	}
}

func orDot(name string) string {
	if name == "" {
		return "."
	}
	return name
}

func (o *origin) file(w http.ResponseWriter, r *http.Request, name string, body []byte) {
	kind, text := contentType(name)
	if text {
		w.Header().Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			body = o.gzip(name, body)
		}
	}
	write(w, http.StatusOK, kind, body)
}

func write(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // who left does not read why
}

// gzip compresses a file, once.
func (o *origin) gzip(name string, body []byte) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known, ok := o.zipped[name]; ok {
		return known
	}
	var buffer bytes.Buffer
	zip := gzip.NewWriter(&buffer)
	_, _ = zip.Write(body) // a buffer takes everything
	_ = zip.Close()
	o.zipped[name] = buffer.Bytes()
	return o.zipped[name]
}

// contentType is the type of a file by its name, and whether it is text that is worth compressing. The list is ours, so
// that the machine's does not matter. No charset is said: the manuals say their own.
func contentType(name string) (kind string, text bool) {
	switch path.Ext(name) {
	case ".html", ".htm":
		return "text/html", true
	case ".css":
		return "text/css", true
	case ".js", ".mjs":
		return "text/javascript", true
	case ".json", ".map":
		return "application/json", true
	case ".xml":
		return "application/xml", true
	case ".txt":
		return "text/plain", true
	case ".svg":
		return "image/svg+xml", true
	case ".png":
		return "image/png", false
	case ".jpg", ".jpeg":
		return "image/jpeg", false
	case ".gif":
		return "image/gif", false
	case ".webp":
		return "image/webp", false
	case ".ico":
		return "image/x-icon", false
	case ".woff":
		return "font/woff", false
	case ".woff2":
		return "font/woff2", false
	case ".ttf":
		return "font/ttf", false
	}
	return "application/octet-stream", false
}

package browsertest

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
)

//go:embed files
var files embed.FS

// A Site serves the pages on two ports of the loopback interface: its own origin, and another one for what a page
// takes from elsewhere. It meters one visit at a time; who measures several pages at once starts several sites.
type Site struct {
	own, other string // host and port
	meter      *meter
	servers    []*http.Server
	stop       context.CancelFunc // ends the answers that never end
	serving    sync.WaitGroup
}

// NewSite starts a site. Close stops it.
func NewSite() (*Site, error) {
	ctx, stop := context.WithCancel(context.Background())
	s := &Site{meter: &meter{}, stop: stop}
	var err error
	if s.own, err = s.serve(ctx); err == nil {
		s.other, err = s.serve(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the test site: %w", err), s.Close())
	}
	return s, nil
}

// serve opens a port and answers on it until Close.
func (s *Site) serve(ctx context.Context) (string, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{
		Handler:     s,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
		DisableGeneralOptionsHandler: true,
	}
	s.servers = append(s.servers, server)
	s.serving.Go(func() {
		_ = server.Serve(meteredListener{ln, s.meter}) // always an error: that it was closed
	})
	return ln.Addr().String(), nil
}

// connKey is the key of a request's connection in its context.
type connKey struct{}

// Close stops the site, and with it every answer that is still under way.
func (s *Site) Close() error {
	s.stop()
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	s.serving.Wait()
	return errors.Join(errs...)
}

// URL is the address of a path, say a Page's, on the site's own origin.
func (s *Site) URL(path string) string { return "http://" + s.own + path }

// OtherURL is the address of a path on the other site: another port, and localhost where URL has 127.0.0.1, so that
// a browser with site isolation gives its documents a process of their own.
func (s *Site) OtherURL(path string) string { return "http://" + localhost(s.other) + path }

func localhost(addr string) string {
	_, port, _ := strings.Cut(addr, ":")
	return "localhost:" + port
}

// Reset forgets the exchanges so far. What is still being answered then is not counted again.
func (s *Site) Reset() { s.meter.reset() }

// Exchanges are the requests received since Reset, on both origins, in order of arrival.
func (s *Site) Exchanges() []Exchange { return s.meter.exchanges() }

// Bytes is what the site wrote since Reset, on all connections of both origins: the size that a browser should find
// for a page visited in between. Answers to favicon requests and to CORS preflights are left out, since the
// reference leaves them out. It is the size to the byte for a Page that is Exact.
func (s *Site) Bytes() int64 {
	var sum int64
	for _, e := range s.meter.exchanges() {
		if e.counted() {
			sum += e.Bytes
		}
	}
	return sum
}

// Written is what the site wrote since Reset in answer to one path, its query included, on either origin.
func (s *Site) Written(path string) int64 {
	var sum int64
	for _, e := range s.meter.exchanges() {
		if e.Path == path {
			sum += e.Bytes
		}
	}
	return sum
}

// ServeHTTP answers a request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(*meteredConn); ok {
		s.meter.begin(c, r)
	}
	h := w.Header()
	h["Date"] = nil                    // net/http would write it, and it would be the one thing that changes
	h.Set("Cache-Control", "no-store") // unless a page is about caches
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if handle := s.handler(name); rest != "" && handle != nil {
		handle(w, r, rest)
		return
	}
	s.file(w, r.URL.Path)
}

// file answers with a file of this package. In it, http://own.test, http://other.test and http://port.test stand for
// the site's own origin, the other site, and the other port of the same site.
func (s *Site) file(w http.ResponseWriter, path string) {
	if path == "/favicon.ico" {
		reply(w, http.StatusOK, ".png", png(100))
		return
	}
	text, err := files.ReadFile("files" + path)
	if err != nil {
		reply(w, http.StatusNotFound, ".txt", []byte("There is no such file.\n"))
		return
	}
	origins := strings.NewReplacer("//own.test", "//"+s.own, "//other.test", "//"+localhost(s.other), "//port.test", "//"+s.other)
	reply(w, http.StatusOK, path, []byte(origins.Replace(string(text))))
}

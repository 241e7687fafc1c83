package static_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// fetch gives an answer and its body, read to its end or its error.
func fetch(t *testing.T, m *static.Measurer, url string, most int64) (static.Answer, string, error) {
	t.Helper()
	a, err := m.Fetch(t.Context(), url, most)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	text, err := io.ReadAll(a.Body)
	return a, string(text), err
}

func TestAFileOfASiteIsFetched(t *testing.T) {
	s := site{
		"/robots.txt": body("text/plain", "User-agent: *"),
		"/gz":         encoded(t, "text/xml", "gzip", "<urlset/>"),
		"/br":         encoded(t, "text/xml", "br", "<urlset/>"),
		"/zstd":       encoded(t, "text/xml", "zstd", "<urlset/>"),
		"/moved":      redirect("/gz"),
		"/far":        redirect("/moved"),
		"/down":       func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) },
		"/nothing": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusNoContent)
		},
		"/lost": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusFound)
			_, _ = io.WriteString(w, "where to?")
		},
		"/empty": body("text/plain", ""),
		"/asks": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, r.Header.Get("Accept")+" "+r.Header.Get("User-Agent")+" "+r.Header.Get("Referer"))
		},
	}
	url, m := serve(t, s).URL, measurer(t, static.Options{UserAgent: "Veille"})
	for _, tt := range []struct {
		path, from string
		status     int
		hops       int
		body       string
	}{
		{"/robots.txt", "/robots.txt", 200, 0, "User-agent: *"},
		{"/gz", "/gz", 200, 0, "<urlset/>"},
		{"/br", "/br", 200, 0, "<urlset/>"},
		{"/zstd", "/zstd", 200, 0, "<urlset/>"},
		{"/far", "/gz", 200, 2, "<urlset/>"},
		{"/gone", "/gone", 404, 0, "404 page not found\n"},
		{"/down", "/down", 503, 0, ""},
		{"/nothing", "/nothing", 204, 0, ""},
		{"/lost", "/lost", 302, 0, "where to?"},
		{"/empty", "/empty", 200, 0, ""},
		{"/asks", "/asks", 200, 0, "*/* Veille "},
	} {
		t.Run(tt.path, func(t *testing.T) {
			a, text, err := fetch(t, m, url+tt.path, 1000)
			if err != nil || a.URL != url+tt.from || a.Status != tt.status || a.Hops != tt.hops || text != tt.body || a.Header == nil {
				t.Errorf("%s answered %d after %d redirects with %q, %v; want %+v", a.URL, a.Status, a.Hops, text, err, tt)
			}
		})
	}
}

func TestAFetchEndsAtItsLimit(t *testing.T) {
	var member bytes.Buffer // of a gzip that holds nothing
	if err := gzip.NewWriter(&member).Close(); err != nil {
		t.Fatal(err)
	}
	nothing := strings.Repeat(member.String(), 1000)
	endless := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, nothing); err != nil {
				return
			}
		}
	}
	s := site{
		"/ten":     body("text/plain", "0123456789"),
		"/bomb":    bomb(t),
		"/endless": endless,
	}
	url, m := serve(t, s).URL, measurer(t, static.Options{MaxResponse: 1 << 20})
	if _, text, err := fetch(t, m, url+"/ten", 10); text != "0123456789" || err != nil {
		t.Errorf("ten bytes of ten are %q, %v", text, err)
	}
	for _, tt := range []struct {
		path string
		most int64
		want int
	}{{"/ten", 9, 9}, {"/ten", 0, 0}, {"/bomb", 1 << 20, 1 << 20}, {"/endless", 1 << 20, 0}} {
		_, text, err := fetch(t, m, url+tt.path, tt.most)
		wantError(t, err, web.CodeSize, "larger than the limits")
		if len(text) != tt.want {
			t.Errorf("%s gave %d bytes before its error; want %d", tt.path, len(text), tt.want)
		}
	}
}

func TestAFetchThatFailsSaysWhy(t *testing.T) {
	stuck := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "the beginning")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	coded := func(encoding, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", encoding)
			_, _ = io.WriteString(w, text)
		}
	}
	short := static.Options{RequestTimeout: 100 * time.Millisecond}
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		options static.Options
		code    web.Code
		text    string
	}{
		{"a server that says nothing", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, short, web.CodeTimeout, "in time"},
		{"one that stops in the middle", stuck, short, web.CodeTimeout, "in time"},
		{"too slow with its redirects", func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(50 * time.Millisecond):
				redirect("/")(w, r)
			}
		}, static.Options{PageTimeout: 200 * time.Millisecond}, web.CodeTimeout, "in time"},
		{"a redirect to itself", redirect("/"), static.Options{MaxRedirects: 3}, web.CodeRedirects, "more than 3 times"},
		{"a redirect out of the web", redirect("ftp://example.org/"), static.Options{}, web.CodeRedirects, "ftp://example.org/"},
		{"a compression nobody asked for", coded("lzma", "x"), static.Options{}, web.CodeAnswer, "unknown encoding"},
		{"a compression that is none", coded("gzip", "not at all a gzip"), static.Options{}, web.CodeAnswer, "gzip"},
		{"a compression that breaks off", coded("gzip", "\x1f\x8b\x08"), static.Options{}, web.CodeAnswer, "EOF"},
		{"a compression of nothing", coded("gzip, br", "\x3b"), static.Options{}, web.CodeAnswer, "EOF"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := measurer(t, tt.options).Fetch(t.Context(), serve(t, site{"/": tt.handler}).URL, 1000)
			if err == nil {
				_, err = io.ReadAll(a.Body)
				_ = a.Body.Close()
			}
			wantError(t, err, tt.code, tt.text)
		})
	}
	_, err := measurer(t, static.Options{}).Fetch(t.Context(), "ftp://example.org/robots.txt", 1)
	wantError(t, err, web.CodeURL, "only http and https")
}

func TestAFetchCanBeStoppedAndClosedEarly(t *testing.T) {
	ended := make(chan struct{}, 2)
	s := site{"/": func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "the beginning")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		ended <- struct{}{}
	}}
	url, m := serve(t, s).URL, measurer(t, static.Options{})
	a, err := m.Fetch(t.Context(), url, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Body.Close(); err != nil {
		t.Error(err)
	}
	if _, err := a.Body.Read(make([]byte, 10)); err == nil {
		t.Error("a closed body can be read")
	}
	<-ended
	ctx, cancel := context.WithCancel(t.Context())
	if a, err = m.Fetch(ctx, url, 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(a.Body, make([]byte, 13)); err != nil {
		t.Error(err)
	}
	cancel()
	_, err = a.Body.Read(make([]byte, 1))
	wantError(t, err, web.CodeCancelled, "stopped")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not wrap context.Canceled", err)
	}
	_ = a.Body.Close()
	<-ended
}

func TestAFetchStreams(t *testing.T) {
	more := make(chan struct{})
	s := site{"/": func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first")
		_ = http.NewResponseController(w).Flush()
		<-more
		_, _ = io.WriteString(w, "second")
	}}
	a, err := measurer(t, static.Options{}).Fetch(t.Context(), serve(t, s).URL, 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	first := make([]byte, 5)
	if _, err := io.ReadFull(a.Body, first); err != nil || string(first) != "first" {
		t.Errorf("%q, %v before the rest is sent", first, err)
	}
	close(more)
	if rest, err := io.ReadAll(a.Body); err != nil || string(rest) != "second" {
		t.Errorf("%q, %v after", rest, err)
	}
}

func FuzzFetchDecodes(f *testing.F) {
	f.Add("gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	f.Add("br, zstd", "\x28\xb5\x2f\xfd")
	f.Add("deflate,identity", "x\x9c")
	f.Add("", strings.Repeat("a", 200))
	f.Fuzz(func(t *testing.T, encoding, text string) {
		if strings.ContainsFunc(encoding, func(r rune) bool { return r < ' ' || r > '~' }) {
			return // no header
		}
		plain, err := static.Plain(strings.NewReader(text), encoding, 100)
		if len(plain) > 100 || (err == nil && encoding == "" && string(plain) != text) {
			t.Errorf("%d bytes of %q in %q, %v", len(plain), text, encoding, err)
		}
		var typed *web.Error
		if err != nil && !errors.As(err, &typed) {
			t.Errorf("%v is not a *web.Error", err)
		}
	})
}

package main

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

func get(t *testing.T, url, encoding string) (status int, header http.Header, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", encoding)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer.StatusCode, answer.Header, string(text)
}

func TestAFolderIsServedTheSameEachTimeAndWithoutListings(t *testing.T) {
	o, err := serve(fstest.MapFS{
		"index.html":   {Data: []byte(strings.Repeat("<p>x</p>", 500))},
		"a/pic.png":    {Data: []byte(strings.Repeat("x", 500))},
		"b/index.html": {Data: []byte("<p>b</p>")},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	for _, c := range []struct {
		path, encoding, kind, packed string
		status                       int
	}{
		{"/", "identity", "text/html", "", 200},
		{"/?n=1", "gzip, br", "text/html", "gzip", 200},
		{"/a/pic.png", "gzip", "image/png", "", 200},
		{"/a/", "gzip", "text/plain", "", 404},
		{"/b", "", "", "", 301},
		{"/b/", "", "text/html", "", 200},
		{"/../serve.go", "", "text/plain", "", 404},
	} {
		status, header, body := get(t, o.URL(c.path), c.encoding)
		_, second, again := get(t, o.URL(c.path), c.encoding)
		if status != c.status || c.kind != "" && header.Get("Content-Type") != c.kind || header.Get("Content-Encoding") != c.packed {
			t.Errorf("%s: %d %v", c.path, status, header)
		}
		if body != again || len(header) != len(second) || header.Get("Date") != "" {
			t.Errorf("%s: not the same twice: %v, %v", c.path, header, second)
		}
	}
	if asked := o.Take(); len(asked) != 14 || len(o.Take()) != 0 {
		t.Errorf("asked for %v", asked)
	}
}

func TestAnAnswerWeighsWhatGoesOverTheWire(t *testing.T) {
	o, err := serve(fstest.MapFS{"index.html": {Data: []byte(strings.Repeat("<p>x</p>", 500) + "END")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	var dialer net.Dialer
	c, err := dialer.DialContext(t.Context(), "tcp", o.addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	both, err := io.ReadAll(c)
	_ = c.Close()
	if err != nil {
		t.Fatal(err)
	}
	first := int(o.Take()[0].bytes) // the second has a header more, that it is the last
	if first > len(both) || !strings.HasSuffix(string(both[:first]), "END") || !strings.HasPrefix(string(both[first:]), "HTTP/1.1 200") {
		t.Errorf("weighs %d; on the wire:\n%s", first, both)
	}
}

func TestPagesThatAreNotInstalledAreLeftOutAndSaid(t *testing.T) {
	var said strings.Builder
	pages, err := openPages(t.TempDir(), 0, progress{&said})
	if err != nil {
		t.Fatal(err)
	}
	defer closePages(pages)
	for _, p := range pages {
		if !strings.HasPrefix(p.name, "fixture/") {
			t.Errorf("%s is there", p.name)
		}
	}
	if !strings.Contains(said.String(), "vite/ is left out: it is not there; run bench/ecoindex/install.sh\n") {
		t.Errorf("said %q", said.String())
	}
}

package browsertest_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/png"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"veille/ecoindex/browser/browsertest"
)

func newSite(t *testing.T) *browsertest.Site {
	t.Helper()
	s, err := browsertest.NewSite()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// raw sends one request by hand and returns all that comes back until the site hangs up.
func raw(t *testing.T, s *browsertest.Site, method, path string, headers ...string) []byte {
	t.Helper()
	host := strings.TrimPrefix(s.URL(""), "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	lines := append([]string{method + " " + path + " HTTP/1.1", "Host: " + host, "Connection: close"}, headers...)
	if _, err := io.WriteString(c, strings.Join(lines, "\r\n")+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return all
}

type answer struct {
	status int
	header http.Header
	length int64 // as announced
	body   []byte
}

// get asks as a browser would, redirects followed.
func get(t *testing.T, url string) answer {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return answer{r.StatusCode, r.Header, r.ContentLength, body}
}

func TestEveryPageIsServedTheSameEachTime(t *testing.T) {
	s := newSite(t)
	for _, p := range browsertest.Pages() {
		a := get(t, s.URL(p.Path))
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: status %d, %q", p.Path, a.status, a.header.Get("Content-Type"))
		}
		if a.length != int64(len(a.body)) || len(a.header["Date"]) != 0 {
			t.Errorf("%s: length %d of %d, date %q; want the whole length and no date", p.Path, a.length, len(a.body), a.header["Date"])
		}
		if first, second := raw(t, s, "GET", p.Path), raw(t, s, "GET", p.Path); !bytes.Equal(first, second) {
			t.Errorf("%s: answered %q, then %q", p.Path, first, second)
		}
		if bytes.Contains(a.body, []byte(".test/")) {
			t.Errorf("%s names an origin that is not served: %s", p.Path, a.body)
		}
	}
}

func TestPagesHaveTheirOwnPathsAndSayWhatTheyCheck(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range browsertest.Pages() {
		if seen[p.Path] || !strings.HasPrefix(p.Path, "/") {
			t.Errorf("%s is there twice, or is no path", p.Path)
		}
		seen[p.Path] = true
		if !strings.HasSuffix(p.About, ".") || len(p.About) < 20 {
			t.Errorf("%s: %q is no sentence", p.Path, p.About)
		}
		if p.DOM < 4 || p.Requests < 1 || p.HAR < p.Requests || p.Lighthouse.Requests < 1 || p.Published.DOM < 4 {
			t.Errorf("%s has counts that no page can have: %+v", p.Path, p)
		}
	}
	if len(seen) < 34 {
		t.Errorf("%d pages; want 34 at least", len(seen))
	}
}

func TestEveryFileIsAPageOrBelongsToOne(t *testing.T) {
	names, err := filepath.Glob("files/*")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	for _, name := range names {
		path := "/" + filepath.Base(name)
		if !strings.Contains(text.String(), path) && !slices.ContainsFunc(browsertest.Pages(), func(p browsertest.Page) bool { return p.Path == path }) {
			t.Errorf("%s is nobody's", name)
		}
	}
	s := newSite(t)
	for _, path := range regexp.MustCompile(`[^/](/[a-z0-9-]+)+\.(html|css|js|json|png|svg|wav|woff2|ico)\b`).FindAllString(text.String(), -1) {
		path = path[1:]
		if slices.Contains([]string{"status", "refuse", "cut"}, strings.Split(path, "/")[1]) {
			continue
		}
		if a := get(t, s.URL(path)); a.status != http.StatusOK {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}

func TestBytesAreThoseOnTheWire(t *testing.T) {
	s := newSite(t)
	for _, tt := range []struct {
		path    string
		headers []string
	}{
		{path: "/plain.html"},
		{path: "/a/picture.png?bytes=5000"},
		{path: "/chunked/parts.js?bytes=9000"},
		{path: "/gzip/compressed.css?bytes=20000"},
		{path: "/redirect/3/a/moved.png"},
		{path: "/status/404/none.png"},
		{path: "/status/204/beacon"},
		{path: "/no/such/file.html"},
		{path: "/a/sound.wav?bytes=60000", headers: []string{"Range: bytes=100-"}},
		{path: "/cache/kept.json"},
		{path: "/cut/half.png"},
		{path: "/refuse/a.png"},
	} {
		s.Reset()
		got := int64(len(raw(t, s, "GET", tt.path, tt.headers...)))
		if s.Bytes() != got || s.Written(tt.path) != got {
			t.Errorf("%s: %d bytes arrived; Bytes %d, Written %d", tt.path, got, s.Bytes(), s.Written(tt.path))
		}
	}
}

func TestAnswersOnOneConnectionAreToldApart(t *testing.T) {
	s := newSite(t)
	host := strings.TrimPrefix(s.URL(""), "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	counted := &counter{r: c}
	buffered := bufio.NewReader(counted)
	for _, path := range []string{"/plain.html", "/a/picture.png", "/chunked/parts.js", "/plain.html"} {
		if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host); err != nil {
			t.Fatal(err)
		}
		before := counted.n
		r, err := http.ReadResponse(buffered, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, r.Body)
		if err := errors.Join(err, r.Body.Close()); err != nil {
			t.Fatal(err)
		}
		all := s.Exchanges()
		if last := all[len(all)-1]; last.Path != path || last.Method != "GET" || last.Host != host || last.Bytes != counted.n-before {
			t.Errorf("%s: %d bytes arrived; noted %+v", path, counted.n-before, last)
		}
	}
	if n := s.Written("/plain.html"); s.Bytes() != counted.n || n != 2*s.Exchanges()[0].Bytes {
		t.Errorf("%d bytes arrived; Bytes %d, Written(/plain.html) %d", counted.n, s.Bytes(), n)
	}
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func TestFaviconsAndPreflightsAreLeftOut(t *testing.T) {
	s := newSite(t)
	raw(t, s, "GET", "/favicon.ico")
	raw(t, s, "OPTIONS", "/cors/open.json", "Origin: http://elsewhere.test", "Access-Control-Request-Method: PUT")
	if s.Bytes() != 0 || len(s.Exchanges()) != 2 || s.Written("/favicon.ico") == 0 {
		t.Errorf("Bytes %d, Written(/favicon.ico) %d, %+v", s.Bytes(), s.Written("/favicon.ico"), s.Exchanges())
	}
}

func TestResetForgets(t *testing.T) {
	s := newSite(t)
	raw(t, s, "GET", "/plain.html")
	s.Reset()
	if s.Bytes() != 0 || len(s.Exchanges()) != 0 {
		t.Errorf("Bytes %d after Reset", s.Bytes())
	}
}

func TestCloseEndsWhatNeverEnds(t *testing.T) {
	s, err := browsertest.NewSite()
	if err != nil {
		t.Fatal(err)
	}
	r, err := (&http.Client{Transport: &http.Transport{}}).Get(s.URL("/stream/events"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if b, _ := io.ReadAll(r.Body); string(b) != "data: the only one\n\n" { // then the connection broke, or the stream ended
		t.Errorf("read %q", b)
	}
}

func TestTheOtherOriginIsAnotherSiteWithTheSamePages(t *testing.T) {
	s := newSite(t)
	own, other := s.URL("/leaf.html"), s.OtherURL("/leaf.html")
	if !strings.HasPrefix(own, "http://127.0.0.1:") || !strings.HasPrefix(other, "http://localhost:") {
		t.Fatalf("%s, %s", own, other)
	}
	if first, second := get(t, own), get(t, other); !bytes.Equal(first.body, second.body) {
		t.Errorf("%q, %q", first.body, second.body)
	}
}

func TestMediaAreValidAndOfTheLengthAskedFor(t *testing.T) {
	s := newSite(t)
	for _, length := range []int{96, 1000, 70000} {
		b := get(t, s.URL(fmt.Sprintf("/a/picture.png?bytes=%d", length))).body
		if picture, err := png.Decode(bytes.NewReader(b)); err != nil || len(b) != length || picture.Bounds().Dx() != 8 {
			t.Errorf("picture of %d bytes: %d, %v", length, len(b), err)
		}
		b = get(t, s.URL(fmt.Sprintf("/a/sound.wav?bytes=%d", length))).body
		if len(b) != length || int(binary.LittleEndian.Uint32(b[4:])) != length-8 || int(binary.LittleEndian.Uint32(b[40:])) != length-44 {
			t.Errorf("sound of %d bytes: %d, % x", length, len(b), b[:44])
		}
	}
}

package static_test

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/ecoindex/browser/browsertest"
	"veille/ecoindex/browser/hostile"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// look gives the sight of a page that was measured first, and wants the same figures of both.
func look(t *testing.T, m *static.Measurer, url string) *web.Sight {
	t.Helper()
	page, err := m.Measure(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	sight, err := m.Look(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(page, sight.Page) {
		t.Errorf("the look has\n%+v; the measure\n%+v", sight.Page, page)
	}
	if len(sight.Exchanges) != len(page.Resources) {
		t.Fatalf("%d exchanges of %d resources", len(sight.Exchanges), len(page.Resources))
	}
	for i, e := range sight.Exchanges {
		if e.Resource != page.Resources[i] {
			t.Errorf("exchange %d is of %+v; want %+v", i, e.Resource, page.Resources[i])
		}
		if (e.Status == 0) != (e.Header == nil) || (e.Status == 0) != (e.Protocol == "") || int64(len(e.Body)) > e.Decoded {
			t.Errorf("status %d has header %v over %q, %d bytes of %d", e.Status, e.Header, e.Protocol, len(e.Body), e.Decoded)
		}
	}
	return sight
}

func TestALookHasTheFiguresOfAMeasure(t *testing.T) {
	site, err := browsertest.NewSite()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = site.Close() })
	for _, p := range browsertest.Pages() {
		t.Run(p.Path, func(t *testing.T) {
			m, url := measurer(t, static.Options{}), site.URL(p.Path)
			site.Reset()
			page, err := m.Measure(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			measured := site.Bytes()
			site.Reset()
			sight, err := m.Look(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			if p.Stable && (!reflect.DeepEqual(page, sight.Page) || site.Bytes() != measured) {
				t.Errorf("the look has\n%+v; the measure\n%+v", sight.Page, page)
			}
			if sight.DOM != page.DOM || sight.Requests != page.Requests || len(sight.Exchanges) != page.Requests || len(sight.HTML) == 0 {
				t.Errorf("%d elements, %d requests, %d exchanges, %d bytes of HTML; the measure has %d and %d",
					sight.DOM, sight.Requests, len(sight.Exchanges), len(sight.HTML), page.DOM, page.Requests)
			}
		})
	}
}

// What waits for a deadline ends with it in either, and is left to the tests of the hostile servers.
func TestALookEndsAsAMeasureOnEveryHostileServer(t *testing.T) {
	var all sync.WaitGroup
	turn := make(chan struct{}, 4)
	for _, s := range hostile.Servers() {
		if s.Static == "timeout" {
			continue
		}
		address := s.Start(t)
		m := measurer(t, static.Options{})
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			code := ""
			if _, err := m.Look(t.Context(), address); err != nil {
				code = string(err.(*web.Error).Code) //nolint:errorlint // every error is one
			}
			if !hostile.Matches(s.Static, code) {
				t.Errorf("%s ended with %q; want %q", s.Name, code, s.Static)
			}
		})
	}
	all.Wait()
}

func TestEachExchangeSaysWhatWasSaid(t *testing.T) {
	script := strings.Repeat("let a = 1;\n", 5000)
	s := site{
		"/": func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "12345"})
			encoded(t, "text/html; charset=utf-8", "gzip", `<link rel=stylesheet href=a.css><script src=a.js></script><img src=moved><img src=a.svg><img src=plain.png><img src=b.png>
				<img src=gone><img src=odd.png><link rel=preload as=fetch href=data.bin><link rel=preload as=font href=f.woff2><video src=v></video>`)(w, r)
		},
		"/a.css":     encoded(t, "text/css", "br", `p{color:red}`),
		"/a.js":      encoded(t, "text/javascript", "zstd", script),
		"/moved":     redirect("/a.png"),
		"/a.png":     body("application/octet-stream", "a picture"), // of a server that does not know
		"/a.svg":     encoded(t, "image/svg+xml", "gzip", "<svg/>"),
		"/plain.png": body("image/png", ""),
		"/b.png": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "no gzip")
		},
		"/odd.png": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "lzma")
			_, _ = io.WriteString(w, "?")
		},
		"/data.bin": body("application/octet-stream", "12345"),
		"/f.woff2":  body("application/octet-stream", strings.Repeat("f", 9000)),
		"/v":        body("video/mp4", strings.Repeat("v", 1<<20)),
	}
	sight := look(t, measurer(t, static.Options{}), serve(t, s).URL)
	said := map[string]web.Exchange{}
	for _, e := range sight.Exchanges {
		said[e.URL[strings.LastIndex(e.URL, "/"):]] = e
		if want := len("session=12345"); e.Kind != web.Document && e.Asked != want {
			t.Errorf("%s was asked for with %d bytes of cookies; want %d", e.URL, e.Asked, want)
		}
		if e.Protocol != "http/1.1" {
			t.Errorf("%s came over %q; want http/1.1", e.URL, e.Protocol)
		}
	}
	for _, tt := range []struct {
		path    string
		decoded int64
		body    string
	}{
		{"/a.css", 12, "p{color:red}"},
		{"/a.js", int64(len(script)), script},
		{"/moved", said["/moved"].Decoded, ""},
		{"/a.png", 9, "a picture"},
		{"/a.svg", 6, "<svg/>"},
		{"/plain.png", 0, ""},
		{"/b.png", 0, ""},
		{"/gone", 19, "404 page not found\n"},
		{"/odd.png", 0, ""},
		{"/data.bin", 5, ""},
		{"/f.woff2", 9000, strings.Repeat("f", 4<<10)},
		{"/v", 0, ""},
	} {
		e, ok := said[tt.path]
		if !ok || e.Decoded != tt.decoded || string(e.Body) != tt.body {
			t.Errorf("%s (there: %t) has %d bytes, of which %.20q; want %d, of which %.20q", tt.path, ok, e.Decoded, e.Body, tt.decoded, tt.body)
		}
	}
	if top := sight.Exchanges[0]; top.Asked != 0 || !top.Whole() || string(top.Body) != string(sight.HTML) || top.Header.Get("Content-Encoding") != "gzip" {
		t.Errorf("the page was asked for with %d bytes of cookies, and said %v", top.Asked, top.Header)
	}
}

func TestOfALargeBodyTheBeginningIsKept(t *testing.T) {
	s := site{"/": html(`<img src=256><img src=257><script src=1024></script><script src=1025></script><link rel=stylesheet href=1026>`)}
	for _, tt := range []struct {
		kib, kept int
		kind      string
	}{{256, 256, "image/webp"}, {257, 64, "image/webp"}, {1024, 1024, "text/javascript"}, {1025, 1024, "text/javascript"}, {1026, 1024, "text/css"}} {
		s["/"+strconv.Itoa(tt.kib)] = body(tt.kind, strings.Repeat("/* padding */  \n", tt.kib<<10/16))
		t.Run(fmt.Sprint(tt.kib), func(t *testing.T) {
			sight := look(t, measurer(t, static.Options{}), serve(t, s).URL)
			i := slices.IndexFunc(sight.Exchanges, func(e web.Exchange) bool { return strings.HasSuffix(e.URL, "/"+strconv.Itoa(tt.kib)) })
			e := sight.Exchanges[i]
			if e.Decoded != int64(tt.kib<<10) || len(e.Body) != tt.kept<<10 || e.Whole() != (tt.kib == tt.kept) || cap(e.Body) > len(e.Body)*9/8 {
				t.Errorf("%d bytes, of which %d in %d; want %d KiB, of which %d", e.Decoded, len(e.Body), cap(e.Body), tt.kib, tt.kept)
			}
		})
	}
}

func TestThePageIsGivenInUTF8(t *testing.T) {
	for _, tt := range []struct{ name, contentType, body, want string }{
		{"by the header", "text/html; charset=iso-8859-1", "<p>\xe9t\xe9", "<p>été"},
		{"by its meta element", "text/html", "<meta charset=windows-1252><p>\x80", "<meta charset=windows-1252><p>€"},
		{"by its byte order mark, which goes", "text/html", "\xff\xfe<\x00p\x00>\x00\xe9\x00", "<p>é"},
		{"a mark of UTF-8 goes too", "text/html; charset=utf-8", "\xef\xbb\xbf<p>é", "<p>é"},
		{"with a sign for what is none", "text/html; charset=utf-8", "<p>\xff.", "<p>\ufffd."},
		{"an empty one", "text/html", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sight := look(t, measurer(t, static.Options{}), serve(t, site{"/": body(tt.contentType, tt.body)}).URL)
			if string(sight.HTML) != tt.want || string(sight.Exchanges[0].Body) != tt.body {
				t.Errorf("HTML is %q and the body %q; want %q and %q", sight.HTML, sight.Exchanges[0].Body, tt.want, tt.body)
			}
		})
	}
}

func TestThePageThatIsShownAtLastIsGiven(t *testing.T) {
	sight := look(t, measurer(t, static.Options{}), serve(t, site{
		"/": redirect("/one"),
		"/one": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"one"`)
			html(`<meta http-equiv=refresh content="0;url=/two"><img src=/a.png>`)(w, r)
		},
		"/two":  html(`<p>two<meta http-equiv=refresh content="0;url=/gone">`),
		"/gone": http.NotFound,
	}).URL)
	if !strings.HasPrefix(string(sight.HTML), "<p>two") || len(sight.Exchanges) != 5 {
		t.Errorf("%q in %d exchanges; want the second page, in 5", sight.HTML, len(sight.Exchanges))
	}
	if v := static.ValidatorsOf(sight); v != (static.Validators{}) {
		t.Errorf("its validators are %+v; want none", v)
	}
}

// A body that stops and one that breaks off are other things to a browser, compressed or not.
func TestAnAnswerCutShortIsCountedTheSame(t *testing.T) {
	whole := strings.Repeat("x", 1<<10)
	stuck := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", r.URL.Query().Get("as"))
		w.Header().Set("Content-Length", "1000000")
		_, _ = io.WriteString(w, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"+whole) // the beginning of a gzip
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	broken := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", r.URL.Query().Get("as"))
		w.Header().Set("Content-Length", "1000000")
		_, _ = io.WriteString(w, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"+whole)
	}
	s := site{"/stuck": stuck, "/broken": broken, "/large": body("image/png", strings.Repeat("x", 1<<20))}
	s["/"] = html(`<img src=/stuck><img src=/stuck?as=gzip><img src=/stuck?as=br><img src=/broken><img src=/broken?as=gzip><img src=/broken?as=zstd><img src=/large>`)
	sight := look(t, measurer(t, static.Options{RequestTimeout: 300 * time.Millisecond, MaxResponse: 500_000}), serve(t, s).URL)
	for i, e := range sight.Exchanges[1:] {
		if cut := i < 3 || i == 6; e.Problem == "" || (e.Bytes > 0) != cut || e.Decoded != 0 || e.Body != nil {
			t.Errorf("%s: %q, %d bytes, %d decoded", e.URL, e.Problem, e.Bytes, e.Decoded)
		}
	}
}

func TestBombsAmongTheImagesCostALookLittle(t *testing.T) {
	var page strings.Builder
	s := site{}
	bomb := encoded(t, "image/png", "zstd", strings.Repeat("\x00", 60<<20))
	for i := range 40 {
		_, _ = fmt.Fprintf(&page, "<img src=/%d>", i)
		s["/"+strconv.Itoa(i)] = bomb
	}
	s["/"] = html(page.String())
	sight := look(t, measurer(t, static.Options{}), serve(t, s).URL)
	decoded := int64(0)
	for _, e := range sight.Exchanges[1:] {
		decoded += e.Decoded
		if e.Bytes == 0 || e.Problem != "" {
			t.Errorf("%s: %d bytes, %q", e.URL, e.Bytes, e.Problem)
		}
	}
	if decoded == 0 || decoded > (256+6*60)<<20 {
		t.Errorf("%d MiB were decompressed; want 256, and what six connections had begun", decoded>>20)
	}
}

// The doc comment of Look says 8 MiB of images and 8 of headers, and a MiB or two for each body that is being read. What
// is alive is counted after a collection, while the images are asked for and at the end.
func TestAPageOfManyLargeImagesTakesBoundedMemory(t *testing.T) {
	const images = 180
	header := strings.Repeat("h", 60<<10)
	large, small := make([]byte, 1<<20), make([]byte, 200<<10)
	var page strings.Builder
	for i := range images {
		_, _ = fmt.Fprintf(&page, "<img src=/%d>", i)
	}
	var writing sync.RWMutex // what others write while it is counted would count too
	var peak uint64
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			html(page.String())(w, r)
			return
		}
		i, err := strconv.Atoi(r.URL.Path[1:])
		if err != nil {
			t.Error(err)
		}
		if i%20 == 10 {
			writing.Lock()
			peak = max(peak, live())
			writing.Unlock()
		}
		writing.RLock()
		defer writing.RUnlock()
		w.Header().Set("Content-Type", "image/jpeg")
		w.Header().Set("X-Long", header)
		if i%3 == 0 {
			_, _ = w.Write(large)
		} else {
			_, _ = w.Write(small)
		}
	}))
	m := measurer(t, static.Options{})
	before := live()
	sight, err := m.Look(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	kept, headers := 0, 0
	for _, e := range sight.Exchanges {
		kept += len(e.Body)
		headers += len(e.Header.Get("X-Long"))
	}
	after := live()
	if kept < 7<<20 || kept > 8<<20+page.Len() || headers < 7<<20 || headers > 8<<20 {
		t.Errorf("%d kB of images and %d kB of headers are kept; want nearly 8 MiB of each", kept>>10, headers>>10)
	}
	t.Logf("%d MiB at most, %d at the end", int64(peak-before)>>20, int64(after-before)>>20)
	if peak > before+40<<20 || after > before+20<<20 {
		t.Errorf("%d MiB at most and %d at the end; want 40 and 20", int64(peak-before)>>20, int64(after-before)>>20)
	}
	runtime.KeepAlive(sight)
}

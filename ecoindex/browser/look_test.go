package browser_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/ecoindex/browser"
	"veille/ecoindex/browser/browsertest"
	"veille/ecoindex/web"
)

// sees looks at a page.
func sees(t *testing.T, m *browser.Measurer, address string) *web.Sight {
	t.Helper()
	s, err := m.Look(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Exchanges) != len(s.Resources) {
		t.Fatalf("%d exchanges of %d resources", len(s.Exchanges), len(s.Resources))
	}
	for i, e := range s.Exchanges {
		if e.Resource != s.Resources[i] || (e.Status == 0) != (e.Header == nil) || int64(len(e.Body)) > e.Decoded {
			t.Errorf("exchange %d is of %+v, with headers %v and %d bytes of %d; the resource is %+v", i, e.Resource, e.Header, len(e.Body), e.Decoded, s.Resources[i])
		}
	}
	return s
}

// exchange is that of a path.
func exchange(t *testing.T, s *web.Sight, path string) web.Exchange {
	t.Helper()
	for _, e := range s.Exchanges {
		if strings.HasSuffix(e.URL, path) {
			return e
		}
	}
	t.Fatalf("nothing is said of %s\n%s", path, list(s.Page))
	return web.Exchange{}
}

func TestALookHasTheFiguresOfAMeasure(t *testing.T) {
	each(t, measurer(t, browser.Options{Protocol: protocol(t, "adaptive"), Parallel: atOnce}).Look, checkFixture)
}

// checkFixture wants of a look what is wanted of a measure, and that each answer has been heard.
func checkFixture(t *testing.T, site *browsertest.Site, want browsertest.Page, got *web.Sight) {
	t.Helper()
	if got.DOM != want.DOM || got.Requests != want.Requests || got.DOMFrames == nil || *got.DOMFrames != want.Frames {
		t.Errorf("%s (%s): %d elements, %d requests, %v in frames; want %d, %d, %d\n%s", want.Path, want.About,
			got.DOM, got.Requests, deref(got.DOMFrames), want.DOM, want.Requests, want.Frames, list(got.Page))
	}
	if size := sizeOf(site, want); want.Stable && got.SizeKB != size {
		t.Errorf("%s (%s): %v kB; want %v, as the server wrote\n%s", want.Path, want.About, got.SizeKB, size, list(got.Page))
	}
	for _, e := range got.Exchanges {
		if e.Status > 0 && (len(e.Header) == 0 || e.Protocol != "http/1.1" && !strings.HasPrefix(e.URL, "ws:")) {
			t.Errorf("%s: %s has status %d over %q, with the headers %v", want.Path, e.URL, e.Status, e.Protocol, e.Header)
		}
		if e.Kind == web.Stylesheet && e.Decoded > 0 && e.Body == nil {
			t.Errorf("%s: nothing is kept of the %d bytes of %s", want.Path, e.Decoded, e.URL)
		}
	}
	if got.Shown == nil || len(got.HTML) == 0 {
		t.Errorf("%s: it is not shown: %q", want.Path, got.Notes)
	}
}

// noise is a PNG of random points, which no compression makes smaller.
func noise(t *testing.T, width, height int) string {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	_, _ = rand.NewChaCha8([32]byte{}).Read(picture.Pix)
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// inGzip answers with a text that is compressed.
func inGzip(contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Content-Type", contentType)
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
	}
}

// varied is a site whose page has resources of all kinds.
func varied(script, small, large string) site {
	return site{
		"/": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/page", http.StatusFound) },
		"/page": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Set-Cookie", "one=1234567890")
			w.Header().Add("Set-Cookie", "two=2")
			html(`<!doctype html><link rel=stylesheet href=latin.css><link rel=stylesheet href=marked.css><link rel=stylesheet href=broken.css>
				<script src=gzip.js></script><script src=large.js></script><script src=old.js></script>
				<img src=small.png><img src=large.png><img src=none.png><p id=p></p><script>p.textContent = "\xe9crit"</script>`)(w, r)
		},
		"/latin.css":  answer("text/css; charset=iso-8859-1", "p::after{content:'\xe9t\xe9'}"),
		"/marked.css": answer("text/css; charset=utf-8", "\xef\xbb\xbfp{color:red}"),
		"/broken.css": answer("text/css; charset=utf-8", "p{font:\xff\xff}"),
		"/gzip.js":    inGzip("text/javascript", script),
		"/large.js":   answer("text/javascript", "/*"+strings.Repeat("x", 5<<20)+"*/"),
		"/old.js": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/new.js", http.StatusMovedPermanently)
		},
		"/new.js":    answer("text/javascript", "1"),
		"/small.png": answer("image/png", small),
		"/large.png": answer("image/png", large),
	}
}

func TestALookSaysWhatWasSaidOfEachResource(t *testing.T) {
	t.Parallel()
	script := "/* é */" + strings.Repeat("void 0;\n", 1000)
	small, large := noise(t, 100, 100), noise(t, 700, 700)
	sight := sees(t, adaptive(t), serve(t, varied(script, small, large)))
	for path, want := range map[string]string{
		"/latin.css": "p::after{content:'\xe9t\xe9'}", "/marked.css": "\xef\xbb\xbfp{color:red}", "/gzip.js": script, "/new.js": "1", "/small.png": small,
	} {
		if e := exchange(t, sight, path); string(e.Body) != want || !e.Whole() {
			t.Errorf("%s has %d bytes of %d: %.60q; want %d", path, len(e.Body), e.Decoded, e.Body, len(want))
		}
	}
	if e := exchange(t, sight, "/large.js"); e.Decoded != 5<<20+4 || e.Body != nil {
		t.Errorf("the large script has %d bytes of %d; want none", len(e.Body), e.Decoded)
	}
	if e := exchange(t, sight, "/large.png"); e.Decoded != int64(len(large)) || string(e.Body) != large[:256<<10] {
		t.Errorf("the large image has %d bytes of %d; want its first 256 KiB", len(e.Body), e.Decoded)
	}
	if e := exchange(t, sight, "/broken.css"); e.Whole() || !strings.HasPrefix(string(e.Body), "p{font:") {
		t.Errorf("what is no UTF-8 is %q, whole: %t", e.Body, e.Whole())
	}
	cookies := len("one=1234567890; two=2")
	for path, want := range map[string]int{"/": 0, "/page": 0, "/latin.css": cookies, "/old.js": cookies, "/new.js": cookies} {
		if e := exchange(t, sight, path); e.Asked != want || e.Protocol != "http/1.1" {
			t.Errorf("%s was asked with %d bytes of cookies over %q; want %d", path, e.Asked, e.Protocol, want)
		}
	}
	if e := exchange(t, sight, "/page"); !slices.Equal(e.Header.Values("Set-Cookie"), []string{"one=1234567890", "two=2"}) || e.Header.Get("Content-Type") != "text/html" {
		t.Errorf("the page has the headers %v", e.Header)
	}
	if e := exchange(t, sight, "/old.js"); e.Header.Get("Location") != "/new.js" || e.Body != nil || e.Decoded != 0 {
		t.Errorf("the redirect has the headers %v and %d bytes", e.Header, len(e.Body))
	}
	if e := exchange(t, sight, "/gzip.js"); e.Header.Get("Content-Encoding") != "gzip" || e.Bytes >= e.Decoded {
		t.Errorf("the compressed script is %+v", e.Resource)
	}
	if h := string(sight.HTML); !strings.HasPrefix(h, "<!DOCTYPE html>\n<html>") || !strings.Contains(h, `<p id="p">écrit</p>`) {
		t.Errorf("the document is %q", h)
	}
}

func TestALookSaysHowImagesAreShown(t *testing.T) {
	t.Parallel()
	s := site{"/": html(`<!doctype html><body style="margin:0"><div id=top><img class="one two three" src="/a.png#x" style="display:block;width:10px;height:5px;padding:3px"></div>
		<img src=/a.png style="display:none"><main><p style="margin:0;height:3000px"></p>
		<form><input name=parentElement><input name=id><img id="" class=late loading=lazy src=/b.png style="display:block"></form>
		<picture><source srcset="/c.png 2x"><img src=/a.png></picture>
		<img srcset="/x.png 10w,/d.png 40w" sizes=20px></main><img name=documentElement><img name=getElementsByTagName><img name=doctype><img name=baseURI>`)}
	for _, name := range []string{"/a.png", "/b.png", "/c.png", "/d.png"} {
		s[name] = answer("image/png", noise(t, 40, 20))
	}
	u := serve(t, s)
	sight := sees(t, adaptive(t), u)
	if sight.Shown == nil || sight.Shown.Height != 720 || len(sight.Shown.Images) != 9 {
		t.Fatalf("%+v, %q", sight.Shown, sight.Notes)
	}
	for i, want := range []web.ShownImage{
		{URL: "/a.png", Path: "#top > img.one.two", NaturalWidth: 40, NaturalHeight: 20, Width: 10, Height: 5, Top: 0, Density: 1},
		{URL: "/a.png", Path: "img", NaturalWidth: 40, NaturalHeight: 20, Density: 1},
		{URL: "/b.png", Path: "main > form > img.late", NaturalWidth: 40, NaturalHeight: 20, Width: 40, Height: 20, Top: 3011, Lazy: true, Density: 1},
		{URL: "/c.png", Path: "main > picture > img", NaturalWidth: 40, NaturalHeight: 20, Width: 20, Height: 10, Top: 3031, Density: 1},
		{URL: "/d.png", Path: "main > img", NaturalWidth: 40, NaturalHeight: 20, Width: 20, Height: 10, Top: 3031, Density: 1},
	} {
		got := sight.Shown.Images[i]
		got.URL = strings.TrimPrefix(got.URL, u)
		if near := got.Top >= want.Top && got.Top < want.Top+50; near {
			got.Top = want.Top
		}
		if got != want {
			t.Errorf("image %d is %+v; want %+v", i, got, want)
		}
	}
	if h := string(sight.HTML); !strings.HasPrefix(h, "<!DOCTYPE html>\n<html>") {
		t.Errorf("the document is %q", h)
	}
}

// lively is a page of four elements that move, three errors and a long task after its first content.
const lively = `<style>@keyframes a { to { opacity: .5 } } .a { animation: a 1s infinite }</style><h1>Hello</h1><p class=a>a<p class=a>b<p id=c>c<i style="transition:opacity 1s">d</i>
	<p style="animation:a .1s">short</p>
	<script>
		c.animate([{opacity: 1}, {opacity: 0}], {duration: 1e6});
		c.animate([{width: 0}, {width: "1px"}], {duration: 1e6});
		document.querySelector("i").style.opacity = 0;
		const busy = ms => { for (const end = Date.now() + ms; Date.now() < end;); };
		addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => { busy(300); setTimeout(busy, 0, 20) }, 100)));
		setTimeout(() => { throw new Error("one") });
		Promise.reject(new Error("two"));
		const caught = Promise.reject(new Error("three"));
		setTimeout(() => caught.catch(() => {}), 50);
		console.error("four");
	</script><script>syntax error</script>`

func TestALookCountsAnimationsLongTasksAndErrors(t *testing.T) {
	t.Parallel()
	m := adaptive(t)
	shown := sees(t, m, serve(t, site{"/": html(lively)})).Shown
	if shown == nil || shown.Animations != 4 || shown.Errors != 3 || shown.BlockedMS < 240 || shown.BlockedMS > 2000 {
		t.Errorf("%+v; want 4 animations, 3 errors and a quarter of a second", shown)
	}
	shown = sees(t, m, serve(t, site{"/": html("<p>still")})).Shown
	if shown == nil || !reflect.DeepEqual(*shown, web.Shown{Height: 720, BlockedMS: shown.BlockedMS}) || shown.BlockedMS > 200 {
		t.Errorf("a page that does nothing has %+v", shown)
	}
}

// What a page makes of the names that scripts use is nothing to a look.
func TestAPageCannotLieToALook(t *testing.T) {
	t.Parallel()
	lie := `<script>
		for (const of of [Element.prototype, HTMLImageElement.prototype, Node.prototype, Document.prototype, Array.prototype, JSON, XMLSerializer.prototype, Performance.prototype, String.prototype])
			for (const name of Object.getOwnPropertyNames(of)) try { Object.defineProperty(of, name, {get() { return () => 7 }}) } catch {}
		for (const name of ["PerformanceObserver", "Map", "WeakSet", "XMLSerializer", "URL", "Promise", "devicePixelRatio", "veilleState"]) Object.defineProperty(window, name, {value: 7});
	</script>`
	sight := sees(t, adaptive(t), serve(t, site{"/a.png": answer("image/png", noise(t, 4, 2)), "/": html("<img src=/a.png><div id=veilleState></div>" + lively + lie)}))
	if s := sight.Shown; s == nil || s.Animations != 4 || s.BlockedMS < 240 || len(s.Images) != 1 || s.Images[0].NaturalWidth != 4 || s.Images[0].Density != 1 || s.Errors < 3 {
		t.Errorf("it is shown as %+v", sight.Shown)
	}
	if !bytes.Contains(sight.HTML, []byte("<h1>Hello</h1>")) || exchange(t, sight, "/").Body == nil || len(sight.Notes) != 0 {
		t.Errorf("the document is %.200q, the notes %q", sight.HTML, sight.Notes)
	}
}

func TestADocumentThatIsTooLongIsGivenAsItWasSent(t *testing.T) {
	t.Parallel()
	m := adaptive(t)
	sight := sees(t, m, serve(t, site{"/": html(`<p id=p>short</p><script>p.append(document.createComment("x".repeat(9 << 20)))</script>`)}))
	if !bytes.HasPrefix(sight.HTML, []byte("<p id=p>short")) || len(sight.Notes) != 1 || !strings.Contains(sight.Notes[0], "too long") {
		t.Errorf("the document is %.60q, the notes %q", sight.HTML, sight.Notes)
	}
	sight = sees(t, m, serve(t, site{"/": html(`<p><!--` + strings.Repeat("x", 9<<20) + `-->`)}))
	if sight.HTML != nil || sight.Exchanges[0].Body != nil || sight.Shown == nil || len(sight.Notes) != 1 {
		t.Errorf("the document is %.60q, the notes %q", sight.HTML, sight.Notes)
	}
}

func TestALookFailsAsAMeasureDoes(t *testing.T) {
	t.Parallel()
	m, u := adaptive(t), serve(t, site{})+"/none"
	_, measured := m.Measure(t.Context(), u)
	sight, looked := m.Look(t.Context(), u)
	if codeOf(t, looked) != "status" || measured.Error() != looked.Error() || sight != nil {
		t.Errorf("a measure says %v, a look %v", measured, looked)
	}
	if _, err := m.Look(t.Context(), "ftp://a.example"); codeOf(t, err) != "url" {
		t.Errorf("what is no page is %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Look(ctx, "http://a.example"); codeOf(t, err) != "cancelled" {
		t.Errorf("what is stopped is %v", err)
	}
}

func BenchmarkLook(b *testing.B) {
	var page strings.Builder
	s := site{}
	for i := range 60 {
		path := fmt.Sprintf("/%d.css", i)
		_, _ = fmt.Fprintf(&page, "<link rel=stylesheet href=%s><p>%s</p>", path, strings.Repeat("<b>x</b>", 20))
		s[path] = answer("text/css", strings.Repeat("p{color:red}\n", 2000))
	}
	s["/"] = html(page.String())
	u := serve(b, s)
	m := measurer(b, browser.Options{Protocol: protocol(b, "adaptive")})
	b.Run("measure", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.Measure(b.Context(), u); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("look", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.Look(b.Context(), u); err != nil {
				b.Fatal(err)
			}
		}
	})
}

package cmd_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"veille/dashboards"
)

// endless writes a text again and again, up to so many bytes, until nobody listens.
func endless(w io.Writer, text string, most int) {
	block := bytes.Repeat([]byte(text), 1+64_000/len(text))
	for n := 0; n < most; n += len(block) {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

const (
	megabyte = 1 << 20
	forever  = 1 << 40
)

func htmlOf(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, text)
	}
}

// folder is a site: its answers by path, that of "*" for all others.
type folder map[string]http.HandlerFunc

func (f folder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, ok := f[r.URL.Path]
	if !ok {
		answer, ok = f["*"]
	}
	if !ok || r.URL.Path == "/robots.txt" && f["/robots.txt"] == nil {
		answer = http.NotFound
	}
	answer(w, r)
}

const first = "<!doctype html><html lang=en><title>First</title><p>First.<a href=/a>a</a><a href=/b>b</a><a href=/c>c</a><a href=/d>d</a>"

// mapped is a site whose robots.txt names one sitemap.
func mapped(kind, name string, write func(io.Writer)) folder {
	return folder{
		"/": htmlOf(first), "*": htmlOf("<title>Another</title><p>Another."),
		"/robots.txt": func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, "Sitemap: http://%s/%s\n", r.Host, name)
		},
		"/" + name: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			write(w)
		},
	}
}

// packed is a text as a gzip file. Such files that follow each other are one.
func packed(text string) string {
	var b strings.Builder
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

// bomb writes a head, then a text again and again, up to 10 GB; compressed.
func bomb(head, text string) func(io.Writer) {
	first, part := packed(head), packed(strings.Repeat(text, 10*megabyte/len(text)))
	return func(w io.Writer) {
		_, _ = io.WriteString(w, first)
		endless(w, part, 1000*len(part))
	}
}

// garbage is a hostile site, and what is to be said of it.
type garbage struct {
	name          string
	site          folder
	pages, failed int    // of its run; no pages where there is to be none
	says          string // in its problem, in a note or in the problem of a page
}

func allGarbage() []garbage {
	big := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		endless(w, "<p>ten megabytes</p>", 10*megabyte)
	}
	unending := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		endless(w, "<p>and so on</p>", forever)
	}
	pages := bomb("", "<p>and so on</p>")
	zipped := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Encoding", "gzip")
		pages(w)
	}
	on := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	const head, entry = `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`, "<url><loc>http://127.0.0.1/x</loc></url>"
	entries := func(w io.Writer) {
		_, _ = io.WriteString(w, head)
		endless(w, entry, forever)
	}
	return []garbage{
		{"each page is of 10 MB", folder{"/": htmlOf(first), "*": big}, 1, 4, "larger than the limits"},
		{"the first page is of 10 MB", folder{"*": big}, 0, 0, "larger than the limits"},
		{"the first page has no end", folder{"*": unending}, 0, 0, "larger than the limits"},
		{"each page is a bomb", folder{"/": htmlOf(first), "*": zipped}, 1, 4, "larger than the limits"},
		{"full of elements", folder{"/": htmlOf(first), "*": htmlOf(strings.Repeat("<br>", 260_000))}, 5, 0, ""},
		{"full of attributes", folder{"/": htmlOf(first), "*": htmlOf(strings.Repeat("<p a b c d e f g h>", 55_000))}, 5, 0, ""},
		{"full of links", folder{"*": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			for n := range 50_000 {
				_, _ = fmt.Fprintf(w, "<a href=%s%d>", r.URL.Path, n)
			}
		}}, 8, 0, ""},
		{"style sheets without end", folder{"/": htmlOf("<link rel=stylesheet href=/1.css><link rel=stylesheet href=/2.css><p>Styled."), "*": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/css")
			endless(w, "p { background: url(/x.png) }", forever)
		}}, 1, 0, ""},
		{"redirects in a circle", folder{"/": on("/a"), "/a": on("/")}, 0, 0, "redirect"},
		{"redirects without end", folder{"/": htmlOf(first), "*": func(w http.ResponseWriter, r *http.Request) { on(r.URL.Path+"x")(w, r) }}, 1, 4, "redirect"},
		{"deep", folder{"*": htmlOf(strings.Repeat("<div>", 200_000))}, 0, 0, "could not be read"},
		{"no charset", folder{"*": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=x-no-such")
			endless(w, "<p>\xff\xfe\x00\xc3<a href=/\x80\xe9>", 200_000)
		}}, 2, 0, ""},
		{"robots.txt of 50 MB", folder{"/": htmlOf(first), "*": htmlOf("<title>Another</title><p>Another."), "/robots.txt": func(w http.ResponseWriter, _ *http.Request) {
			endless(w, "Disallow: /x\nUser-agent: *\n", 50*megabyte)
		}}, 5, 0, ""},
		{"a sitemap that is a bomb", mapped("application/gzip", "s.xml.gz", bomb(head, "<!-- long -->"+strings.Repeat(" ", 1000))), 5, 0, "too-large"},
		{"a sitemap without end", mapped("application/xml", "s.xml", entries), 5, 0, "too-many"},
		{"a sitemap of zeros", mapped("application/gzip", "z.xml.gz", bomb("", "\x00")), 5, 0, "too-large"},
	}
}

// Whatever a site sends, the collector stays up and small, goes on with the other sites, and says what was wrong.
func TestSitesThatSendGarbageAreSurvivedAndSaid(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	collector := start(t, true, "veille-collector", "serve", "--data", data, "--listen", "127.0.0.1:0", "--allow-private", "--websites-at-once", "2")
	newSite(t, data, "", "Lycée", "1")
	address, all := signIn(t, data, collector.first), allGarbage()
	for i, g := range all {
		addSite(t, data, g.name, newBait(t, ownAddress(t), g.site.ServeHTTP).URL+"/", "--max-pages", "8")
		press(t, address, fmt.Sprintf("web/%d?lang=en", i+1))
	}
	for i, g := range all {
		d := measures(t, address, i+1, 1)
		g.compare(t, d, failures(t, address, i+1))
	}
	if status, text := health(t, plain(), strings.TrimSuffix(address, "/")); status != http.StatusOK {
		t.Errorf("it is not well: %d %s", status, text)
	}
	peak := collector.peak(t)
	t.Logf("at most %.0f MB", peak)
	if peak > 250 {
		t.Errorf("it took %.0f MB", peak)
	}
	if status := collector.end(t, os.Interrupt); status != 0 || strings.Contains(collector.log.String(), "level=ERROR") || strings.Contains(collector.log.String(), "panic") {
		t.Errorf("exit %d\n%s", status, collector.log)
	}
}

// failures are the reasons that the pages of a website have which could not be looked at.
func failures(t *testing.T, address string, id int) string {
	t.Helper()
	var b strings.Builder
	for _, link := range read(t, fmt.Sprintf("%sweb/%d/pages?lang=en&show=failed", address, id)).Find("th a[href*='page?']").EachIter() {
		b.WriteString(pageOf(t, address, link).Problem + "\n")
	}
	return b.String()
}

func (g *garbage) compare(t *testing.T, d dashboards.SiteData, failed string) {
	t.Helper()
	said := d.Website.Problem
	if d.Run != nil {
		said += strings.Join(d.Run.Notes, "\n") + failed
	}
	t.Logf("%s: %.300q", g.name, said)
	if !strings.Contains(said+string(d.Audit), g.says) || (g.pages == 0) != (d.Run == nil) || (d.Run == nil) != (d.Website.Problem != "") {
		t.Errorf("%s: run %+v, said %q", g.name, d.Run, said)
	}
	if d.Run != nil && (d.Run.Pages != g.pages || d.Run.Failed != g.failed || strings.Count(failed, "\n") != g.failed) {
		t.Errorf("%s: %d pages, %d failed; %q", g.name, d.Run.Pages, d.Run.Failed, failed)
	}
}

// peak is the most memory that a process had at a time, in MB.
func (p *process) peak(t *testing.T) float64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		t.Skip("no /proc here")
	}
	_, after, _ := bytes.Cut(text, []byte("VmHWM:"))
	kb, err := strconv.ParseFloat(string(bytes.Fields(after)[0]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return kb / 1000 * 1.024
}

package cmd_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"veille/dashboards"
)

// secret is a name that stands in each page, wherever a page can have a text. Nothing of it is kept.
const secret = "Wolframsdorff"

// webPages is how many pages newWebSite has, beside one to which a link leads and that is not there.
const webPages = 40

// newWebSite is a site of webPages pages by three templates, which knows which of them have changed: none.
func newWebSite(t *testing.T) *manual {
	t.Helper()
	m := &manual{held: make(chan struct{}, 1), asked: map[string]int{}}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !m.answers(r.URL.Path) {
			m.held <- struct{}{}
			<-r.Context().Done()
			return
		}
		m.page(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *manual) page(w http.ResponseWriter, r *http.Request) {
	etag := strconv.Quote(r.URL.Path)
	if r.Header.Get("If-None-Match") == etag {
		m.mu.Lock()
		m.asked["304"]++
		m.mu.Unlock()
		w.WriteHeader(http.StatusNotModified)
		return
	}
	kind, body := "text/html; charset=utf-8", ""
	switch n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/p")); {
	case r.URL.Path == "/":
		body = webPage(0)
	case err == nil && n > 0 && n < webPages:
		body = webPage(n)
	case r.URL.Path == "/s.css":
		kind, body = "text/css", "p { color: navy } /* "+secret+" */"
	case r.URL.Path == "/i.svg":
		kind, body = "image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"><text>`+secret+`</text></svg>`
	case r.URL.Path == "/robots.txt":
		kind, body = "text/plain", "User-agent: *\nDisallow: /private\nSitemap: http://"+r.Host+"/sitemap.xml\n# "+secret+"\n"
	case r.URL.Path == "/sitemap.xml":
		kind, body = "application/xml", m.maps()
	default:
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("ETag", etag)
	_, _ = io.WriteString(w, body)
}

// maps is the sitemap: half of the pages.
func (m *manual) maps() string {
	var b strings.Builder
	b.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	for n := 1; n < webPages; n += 2 {
		_, _ = fmt.Fprintf(&b, "<url><loc>%s/p%d</loc></url>", m.URL, n)
	}
	return b.String() + "</urlset>"
}

// webPage is a page by one of three templates, with the secret in each place where a page has text.
func webPage(n int) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, `<!doctype html><html lang=en><head><title>%[1]s %[2]d</title><meta name=description content="about %[1]s"><link rel=stylesheet href=/s.css>`+
		`<script>let who = "%[1]s";</script><style>p::after { content: "%[1]s" }</style></head><body><!-- %[1]s --><h1>Of %[1]s</h1>`, secret, n)
	switch n % 3 {
	case 0:
		b.WriteString("<main><ul>" + strings.Repeat("<li><span>An entry of "+secret+"</span></li>", 40+n%7) + "</ul></main>")
	case 1:
		b.WriteString("<article>" + strings.Repeat("<h2>A heading</h2><p>A sentence about <em>"+secret+"</em>, and <b>more</b>.</p>", 60+n%5) + "</article>")
	case 2:
		b.WriteString("<form><table>" + strings.Repeat("<tr><td>a</td><td>b</td><td><input value="+secret+"></td></tr>", 90+n%5) + "</table></form>")
	}
	_, _ = fmt.Fprintf(&b, `<p style="color: red"><img src=/i.svg?%d alt="%s" style="display: none"></p><a href=/>first</a>`, n%3, secret)
	for _, to := range []int{2*n + 1, 2*n + 2} {
		if to < webPages {
			_, _ = fmt.Fprintf(&b, "<a href=/p%d>%s</a>", to, secret)
		}
	}
	if n == 1 {
		b.WriteString("<a href=/gone>gone</a><a href=/private>private</a>")
	}
	return b.String()
}

// looks is how often the pages were asked for.
func (m *manual) looks() (total int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for path, n := range m.asked {
		if path == "/" || strings.HasPrefix(path, "/p") {
			total += n
		}
	}
	return total
}

func (m *manual) count(path string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.asked[path]
}

// get asks for an address of a collector.
func get(t *testing.T, client *http.Client, address string) (status int, header http.Header, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return answered(t, client, request)
}

// answered is what a request is answered; of a redirect, what is there.
func answered(t *testing.T, client *http.Client, request *http.Request) (status int, header http.Header, text string) {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(body)
}

// dataOf reads one of the JSON documents of a collector.
func dataOf[T any](t *testing.T, address string) (data T) {
	t.Helper()
	status, _, text := get(t, plain(), address)
	if err := json.Unmarshal([]byte(text), &data); err != nil || status != http.StatusOK {
		t.Fatalf("%s: %d, %v: %.300s", address, status, err, text)
	}
	return data
}

// measures waits until a website has been measured so many times, or could not be: for two minutes, as a browser takes its time where the
// machine has other things to do.
func measures(t *testing.T, address string, id, runs int) dashboards.SiteData {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for {
		data := dataOf[dashboards.SiteData](t, fmt.Sprintf("%sweb/%d/data.json", address, id))
		if !data.Website.Asked && (len(data.History) >= runs || data.Website.Problem != "") {
			return data
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("website %d was not measured %d times within two minutes: %+v", id, runs, data.Website)
		}
	}
}

// press presses the button of a page of ours that asks for a measure, and answers the address that comes then.
func press(t *testing.T, address, path string) string {
	t.Helper()
	once := *plain()
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	status, header, text := submit(t, &once, strings.TrimSuffix(address, "/"), "/"+path, nil)
	if status != http.StatusSeeOther {
		t.Fatalf("the form of %s is answered %d %.300s", path, status, text)
	}
	return header.Get("Location")
}

// tell gives a command over the API.
func tell(t *testing.T, address, key, name string, args []string, flags map[string]any) (status int, said string) {
	t.Helper()
	status, text, err := send(t.Context(), plain(), address+"api/v1/admin/"+name, key, map[string]any{"args": args, "flags": flags})
	if err != nil {
		t.Fatal(err)
	}
	return status, string(text)
}

// webmaster is a key of a user who may have websites measured.
func webmaster(t *testing.T, data string) string {
	t.Helper()
	do(t, nil, "veille-collector", "user", "add", "--data", data, "--role", "web", "c.martin")
	return strings.TrimSpace(do(t, nil, "veille-collector", "user", "key", "--data", data, "c.martin"))
}

func addSite(t *testing.T, data, name, address string, more ...string) {
	t.Helper()
	do(t, nil, append([]string{"veille-collector", "website", "add", "--data", data, "--mode", "static", "--delay", "0s", "--name", name, address}, more...)...)
}

// A webmaster presses the button, and later a script asks again: the first time all is measured, the second time nothing has changed.
func TestAWebsiteIsMeasuredWhenSomebodyAsksAndNothingOfItTwice(t *testing.T) {
	t.Parallel()
	m, data := newWebSite(t), t.TempDir()
	_, address, _ := site(t, data, "1")
	addSite(t, data, "Manual", m.URL+"/")
	address = signIn(t, data, address)
	if to := press(t, address, "web/1?lang=fr"); to != "/web/1?lang=fr&queued=1" {
		t.Errorf("after the form comes %s", to)
	}
	first := measures(t, address, 1, 1)
	if first.Website.Problem != "" || first.Run == nil {
		t.Fatalf("%+v", first)
	}
	r := first.Run
	if r.Pages != webPages || r.Failed != 1 || r.Unchanged != 0 || r.Mean.Value <= 50 || r.Mean.Value > 100 || r.Median.Value <= 50 || len(r.Grades) != 7 || r.SizeKB <= 0 || r.Method.Mode != "static" {
		t.Errorf("the first run is %+v", *r)
	}
	if len(r.Templates) != 3 || len(first.Audit) < 100 {
		t.Errorf("templates %+v, audit %.200s", r.Templates, first.Audit)
	}
	if got := m.looks(); got != webPages || m.count("/private") != 0 || m.count("/robots.txt") != 1 || m.count("/sitemap.xml") != 1 || m.count("304") != 0 {
		t.Errorf("%d pages were asked for; asked: %v", got, m.asked)
	}
	assets := m.count("/s.css") + m.count("/i.svg")

	status, said := tell(t, address, webmaster(t, data), "website/measure", []string{"Manual"}, nil)
	if status != http.StatusOK || !strings.Contains(said, "as soon as may be") {
		t.Fatalf("over the API: %d %s", status, said)
	}
	second := measures(t, address, 1, 2)
	if s := second.Run; second.Website.Problem != "" || s.Pages != webPages || s.Unchanged != webPages || s.Mean != r.Mean || s.Median != r.Median {
		t.Errorf("the second run is %+v", *s)
	}
	if m.looks() != 2*webPages || m.count("304") < webPages || m.count("/s.css")+m.count("/i.svg") != assets {
		t.Errorf("the second time %d pages were asked for, %d had not changed, %d assets after %d", m.looks()-webPages, m.count("304"), m.count("/s.css")+m.count("/i.svg"), assets)
	}
	page := dataOf[dashboards.PageData](t, address+"web/1/page.json?url="+url.QueryEscape(m.URL+"/p1"))
	if page.Score == nil || page.Found != "static" || len(page.History) != 1 || page.On == nil || page.SeenOn != *page.On || len(page.Audit) < 50 {
		t.Errorf("a page is %+v, audit %s", page, page.Audit)
	}
	if _, header, badge := get(t, plain(), address+"web/1/badge.svg?lang=fr"); !strings.HasPrefix(header.Get("Content-Type"), "image/svg+xml") || !strings.Contains(badge, "note "+string(second.Run.Grade)+", ") {
		t.Errorf("the badge is %s %s", header, badge)
	}
	tellsNothing(t, data, address)
}

// tellsNothing looks for the secret in all files of a collector and in all that it shows.
func tellsNothing(t *testing.T, data, address string) {
	t.Helper()
	hides(t, data)
	for _, path := range []string{
		"web", "web/1", "web/1/pages", "web/1/practices", "web/1/rules", "web/1/rgesn", "web/1/templates", "web/1/history", "web/data.json", "web/1/data.json",
	} {
		if _, _, text := get(t, plain(), address+path); strings.Contains(text, secret) {
			t.Errorf("%s shows text of a page", path)
		}
	}
	links := read(t, address+"web/1/pages?lang=en").Find("th a[href*='page?']")
	if links.Length() < webPages {
		t.Errorf("%d pages are listed", links.Length())
	}
	for _, link := range links.EachIter() {
		href, _ := link.Attr("href")
		if _, _, text := get(t, plain(), strings.TrimSuffix(address, "/")+strings.Replace(href, "/page?", "/page.json?", 1)); strings.Contains(text, secret) || !strings.Contains(text, `"score"`) {
			t.Errorf("%s shows text of a page: %.500s", href, text)
		}
	}
}

// hides fails where a file of a folder holds the secret.
func hides(t *testing.T, folder string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(name)
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s holds text of a page", name)
		}
		files++
		return err
	})
	if err != nil || files < 3 {
		t.Errorf("%d files, %v", files, err)
	}
}

// A collector is killed or stopped again and again while it crawls; in the end it has asked for no page twice but those under way, and lost none.
func TestACollectorThatEndsInACrawlGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	m, data := newWebSite(t), t.TempDir()
	serve := []string{"veille-collector", "serve", "--data", data, "--listen", "127.0.0.1:0", "--allow-private"}
	collector := start(t, true, serve...)
	newSite(t, data, "", "Lycée", "1")
	addSite(t, data, "Manual", m.URL+"/")
	me := visit(t, data, collector.first)
	press(t, me.at(t, collector.first), "web/1?lang=en")
	const ends = 4
	for n := range ends {
		m.lets(9)
		if n > 0 { // it goes on by itself
			collector = start(t, true, serve...)
		}
		<-m.held
		if n%2 == 0 {
			collector.kill(t)
		} else if status := collector.end(t, syscall.SIGTERM); status != 0 || strings.Contains(collector.log.String(), "level=ERROR") {
			t.Errorf("exit %d\n%s", status, collector.log)
		}
		hides(t, data)
	}
	m.lets(0)
	collector = start(t, true, serve...)
	r := measures(t, me.at(t, collector.first), 1, 1)
	if r.Website.Problem != "" || r.Run.Pages != webPages || r.Run.Failed != 1 || len(r.History) != 1 {
		t.Errorf("ended %d times: %+v", ends, r)
	}
	if times, pages := m.most(); pages != webPages || times > 2 || m.looks() > webPages+ends {
		t.Errorf("%d of %d pages were asked for, %d times in all, one %d times", pages, webPages, m.looks(), times)
	}
	hides(t, data)
	if strings.Contains(collector.log.String(), "level=ERROR") || strings.Contains(collector.log.String(), "of no use") {
		t.Errorf("the log says\n%s", collector.log)
	}
}

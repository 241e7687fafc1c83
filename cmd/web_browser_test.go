package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veille/dashboards"
)

// tab is a page in Chromium, driven over the pipes of the DevTools protocol by one command after the other.
type tab struct {
	to, from *os.File
	reader   *bufio.Reader
	session  string
	last     int
	loaded   int // pages that have been loaded
}

// said is a message of the protocol.
type said struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"error"`
}

// newTab starts a browser with an empty page, which ends with the test.
func newTab(t *testing.T) *tab {
	t.Helper()
	theirIn, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "veille-tab-") //nolint:usetesting // what is left of a browser may write there after it has ended
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(context.WithoutCancel(t.Context()), "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir="+profile)
	c.ExtraFiles = []*os.File{theirIn, theirOut}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = theirIn.Close(), theirOut.Close()
	b := &tab{to: to, from: from, reader: bufio.NewReader(from)}
	t.Cleanup(func() {
		_, _ = to.WriteString(`{"id":1000000,"method":"Browser.close"}` + "\x00")
		_ = c.Wait()
		_, _, _ = to.Close(), from.Close(), os.RemoveAll(profile)
	})
	var target struct{ TargetID string }
	b.call(t, "Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call(t, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.call(t, "Page.enable", nil, nil)
	return b
}

// next reads one message.
func (b *tab) next(t *testing.T) (m said) {
	t.Helper()
	if err := b.from.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	raw, err := b.reader.ReadBytes(0)
	if err == nil {
		err = json.Unmarshal(bytes.TrimSuffix(raw, []byte{0}), &m)
	}
	if err != nil {
		t.Fatalf("Chromium says nothing more: %v", err)
	}
	if m.Method == "Page.loadEventFired" {
		b.loaded++
	}
	return m
}

// call gives a command and reads its answer.
func (b *tab) call(t *testing.T, method string, params, result any) {
	t.Helper()
	b.last++
	command := map[string]any{"id": b.last, "method": method}
	if params != nil {
		command["params"] = params
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	raw, err := json.Marshal(command)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.to.Write(append(raw, 0)); err != nil {
		t.Fatal(err)
	}
	for {
		m := b.next(t)
		if m.ID != b.last {
			continue
		}
		if m.Error != nil {
			t.Fatalf("%s: %s", method, m.Error)
		}
		if result != nil {
			if err := json.Unmarshal(m.Result, result); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
}

// arrive does something that leads to another page, and waits until that is loaded.
func (b *tab) arrive(t *testing.T, leave func()) {
	t.Helper()
	before := b.loaded
	leave()
	for b.loaded == before {
		b.next(t)
	}
}

func (b *tab) open(t *testing.T, address string) {
	t.Helper()
	b.arrive(t, func() { b.call(t, "Page.navigate", map[string]any{"url": address}, nil) })
}

// eval runs a script of ours in the page and answers its value.
func eval[T any](t *testing.T, b *tab, script string) T {
	t.Helper()
	var got struct {
		Result           struct{ Value T }
		ExceptionDetails json.RawMessage
	}
	b.call(t, "Runtime.evaluate", map[string]any{"expression": script, "awaitPromise": true, "returnByValue": true, "userGesture": true}, &got)
	if got.ExceptionDetails != nil {
		t.Fatalf("%.100s: %s", script, got.ExceptionDetails)
	}
	return got.Result.Value
}

// axe is the script of axe-core, which looks for what keeps people from using a page.
func axe(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(fromNPM("axe-core", "axe.min.js"))
	if err != nil && required("axe") {
		t.Fatalf("%v: make tools installs it", err)
	}
	if err != nil {
		t.Skip("axe-core is not installed: make tools")
	}
	return string(text)
}

// fromNPM is where make tools puts a file of a package of npm.
func fromNPM(path ...string) string {
	return filepath.Join(append([]string{"..", ".tools", "npm", "node_modules"}, path...)...)
}

// violation is what axe-core finds.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML           string
		FailureSummary string
	}
}

// webPaths are the pages of webmasters about a website and one of its pages, and what explains them.
func webPaths(page string) []string {
	query := "?url=" + url.QueryEscape(page)
	return []string{
		"", "method", "web", "web/1", "web/1/pages", "web/1/pages?show=failed", "web/1/practices", "web/1/rules", "web/1/rgesn", "web/1/templates", "web/1/history",
		"web/1/page" + query, "web/1/page/practices" + query, "web/1/page/history" + query, "web/1?queued=1", "web/2", "web/9",
	}
}

// Each page of webmasters, with real figures, has nothing in it that axe-core finds fault with, and is itself of grade A and small.
func TestThePagesOfWebmastersAreForEverybodyAndSmall(t *testing.T) {
	t.Parallel()
	m, data := newWebSite(t), t.TempDir()
	_, address, _ := site(t, data, "1")
	address = signIn(t, data, address)
	addSite(t, data, "Manual", m.URL+"/")
	addSite(t, data, "Gone", "http://"+ownAddress(t)+"/")
	for n := range 2 {
		press(t, address, "web/1?lang=en")
		measures(t, address, 1, n+1)
	}
	press(t, address, "web/2?lang=en")
	measures(t, address, 2, 1)
	var all []string
	for _, path := range webPaths(m.URL + "/p1") {
		for _, language := range []string{"fr", "en"} {
			at, _ := url.Parse(address + path)
			values := at.Query()
			values.Set("lang", language)
			at.RawQuery = values.Encode()
			all = append(all, at.String())
		}
	}
	small(t, all[:len(all)-2]) // the last is no page
	t.Run("axe", func(t *testing.T) { forEverybody(t, all) })
}

// forEverybody looks at pages with axe-core, every other one by night.
func forEverybody(t *testing.T, all []string) {
	if !hasChromium(t) {
		return
	}
	script := axe(t)
	b := newTab(t)
	b.call(t, "Page.setBypassCSP", map[string]any{"enabled": true}, nil)
	for i, at := range all { // French by day, English by night
		b.call(t, "Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]string{"name": "prefers-color-scheme", "value": []string{"light", "dark"}[i%2]}}}, nil)
		b.open(t, at)
		_ = eval[any](t, b, script+";0")
		for _, v := range eval[[]violation](t, b, runAxe) {
			t.Errorf("%s: %s: %s", at, v.ID, v.Help)
			for _, n := range v.Nodes[:min(len(v.Nodes), 3)] {
				t.Logf("  %.200s\n  %s", n.HTML, n.FailureSummary)
			}
		}
	}
	_ = eval[any](t, b, `document.documentElement.lang = ""`)
	if found := eval[[]violation](t, b, runAxe); len(found) != 1 || found[0].ID != "html-has-lang" {
		t.Errorf("a page without a language is found to have %+v", found)
	}
}

// runAxe answers what axe-core finds fault with.
const runAxe = "axe.run().then(r => r.passes.length < 5 ? [{id: 'nothing was looked at'}] : r.violations)"

// small measures pages of ours by our own measure.
func small(t *testing.T, all []string) {
	t.Helper()
	out := do(t, nil, append([]string{"veille-ecoindex", "page", "--mode", "static", "--json"}, all...)...)
	lines, heaviest, largest := 0, 0.0, 0
	for line := range strings.Lines(out) {
		var p struct {
			URL, Grade    string
			DOM, Requests int
			SizeKB        float64 `json:"size_kb"`
		}
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		if p.Grade != "A" || p.DOM > 600 || p.DOM == 0 || p.Requests > 10 || p.SizeKB > 100 {
			t.Errorf("%s: grade %s, %d elements, %d requests, %.1f kB", p.URL, p.Grade, p.DOM, p.Requests, p.SizeKB)
		}
		lines, heaviest, largest = lines+1, max(heaviest, p.SizeKB), max(largest, p.DOM)
	}
	if lines != len(all) {
		t.Errorf("%d of %d pages were measured", lines, len(all))
	}
	t.Logf("%d pages, the heaviest %.1f kB, the largest %d elements", lines, heaviest, largest)
}

// What our own policies forbid and what a browser says of itself go together: the button works in one.
func TestTheButtonWorksInABrowser(t *testing.T) {
	t.Parallel()
	if !hasChromium(t) {
		t.Skip("no browser is there")
	}
	m, data := newWebSite(t), t.TempDir()
	_, address, _ := site(t, data, "1")
	address = signIn(t, data, address)
	addSite(t, data, "Manual", m.URL+"/", "--max-pages", "5")
	b := newTab(t)
	click := func(from, to string) {
		t.Helper()
		b.open(t, address+from)
		b.arrive(t, func() { _ = eval[any](t, b, `document.querySelector("main form[method=post] button").click()`) })
		if at := eval[string](t, b, "location.href"); at != address+to {
			t.Errorf("the button of %s leads to %s", from, at)
		}
		if said := eval[string](t, b, `document.querySelector("[role=status]").textContent`); len(said) < 10 {
			t.Errorf("after the button of %s it says %q", from, said)
		}
	}
	click("web/1?lang=en", "web/1?lang=en&queued=1")
	measures(t, address, 1, 1)
	query := "url=" + url.QueryEscape(m.URL+"/p1")
	click("web/1/page?lang=fr&"+query, "web/1/page?lang=fr&queued=1&"+query)
	if d := measures(t, address, 1, 2); len(d.History) != 2 {
		t.Errorf("%+v", d)
	}

	// Another site has the same form.
	evil := newBait(t, ownAddress(t), func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<form method=post action="%sweb/1/measure"><button>a gift</button></form>`, address)
	})
	b.open(t, evil.URL)
	b.arrive(t, func() { _ = eval[any](t, b, `document.querySelector("button").click()`) })
	if d := dataOf[dashboards.SiteData](t, address+"web/1/data.json"); d.Website.Asked || strings.Contains(eval[string](t, b, "location.href"), "queued") {
		t.Errorf("another site had the website measured: %+v", d.Website)
	}
}

// A browser sees what the quick look cannot.
func TestABrowserMeasuresWhatTheModeSays(t *testing.T) {
	t.Parallel()
	if !hasChromium(t) {
		t.Skip("no browser is there")
	}
	m, data := newWebSite(t), t.TempDir()
	_, address, _ := site(t, data, "1")
	address = signIn(t, data, address)
	do(t, nil, "veille-collector", "website", "add", "--data", data, "--mode", "two-speed", "--sample", "2", "--max-pages", "6", "--delay", "0s", "--name", "Both", m.URL+"/p1")
	do(t, nil, "veille-collector", "website", "add", "--data", data, "--mode", "browser", "--max-pages", "1", "--delay", "0s", "--name", "All", m.URL+"/")
	press(t, address, "web/1?lang=en")
	press(t, address, "web/2?lang=en")
	both := measures(t, address, 1, 1)
	if r := both.Run; r == nil || r.Pages != 6 || r.Measured != 2 || r.Method.Mode != "two-speed" || r.Method.Protocol == "static" {
		t.Fatalf("two-speed: %+v", both)
	}
	all := measures(t, address, 2, 1)
	if r := all.Run; r == nil || r.Pages != 1 || r.Measured != 1 || r.Method.Mode != "browser" || r.Mean.Low == nil || *r.Mean.Low != r.Mean.Value {
		t.Fatalf("browser: %+v", all)
	}
	found := map[string]int{}
	for _, link := range read(t, address+"web/1/pages?lang=en").Find("th a[href*='page?']").EachIter() {
		p := pageOf(t, address, link)
		found[p.Found]++
		if hidden := strings.Contains(string(p.Audit), `"images-hidden"`); hidden != (p.Browser != nil) || hidden != (p.Found == "browser") {
			t.Errorf("%s was found by %s: %+v, audit %.300s", p.URL, p.Found, p.Browser, p.Audit)
		}
	}
	if found["browser"] != 2 || found["expected"] < 4 {
		t.Errorf("pages by how they were found: %v", found)
	}
	hides(t, data)
}

// pageOf is what the JSON says of a page to which a link of ours leads.
func pageOf(t *testing.T, address string, link *goquery.Selection) dashboards.PageData {
	t.Helper()
	href, _ := link.Attr("href")
	return dataOf[dashboards.PageData](t, strings.TrimSuffix(address, "/")+strings.Replace(href, "/page?", "/page.json?", 1))
}

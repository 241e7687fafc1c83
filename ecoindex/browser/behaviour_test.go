package browser_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/ecoindex/browser"
	"veille/ecoindex/web"
)

// site is a web site on this machine: an answer per path; "/" is the page.
type site map[string]http.HandlerFunc

func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["Date"] = nil // the same bytes each time
	if handler, ok := s[r.URL.Path]; ok {
		handler(w, r)
		return
	}
	http.NotFound(w, r)
}

func serve(t testing.TB, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func answer(contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, text)
	}
}

func html(text string) http.HandlerFunc { return answer("text/html", text) }

func adaptive(t testing.TB) *browser.Measurer {
	t.Helper()
	return measurer(t, browser.Options{Protocol: protocol(t, "adaptive")})
}

func TestAVisitorWhoComesBackTakesOnlyWhatWasNotKept(t *testing.T) {
	t.Parallel()
	kept := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=3600, immutable")
		answer("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"/>`)(w, r)
	}
	s := site{
		"/": html("<img src=/kept.svg><img src=/not.svg>"), "/kept.svg": kept,
		"/not.svg": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			answer("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"/>`)(w, r)
		},
	}
	first, repeat, err := adaptive(t).MeasureTwice(t.Context(), serve(t, s))
	if err != nil {
		t.Fatal(err)
	}
	if first.Requests != 3 || first.Cached != 0 || repeat.Requests != 2 || repeat.Cached != 1 || repeat.SizeKB >= first.SizeKB {
		t.Errorf("first %d requests, %.3f kB; then %d requests, %d kept, %.3f kB; want 3, then 2 with 1 kept and fewer bytes",
			first.Requests, first.SizeKB, repeat.Requests, repeat.Cached, repeat.SizeKB)
	}
}

func TestEachPageIsAFirstVisit(t *testing.T) {
	t.Parallel()
	s := site{"/": func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 {
			http.Error(w, "been here", http.StatusTeapot)
			return
		}
		w.Header().Set("Set-Cookie", "seen=1; Max-Age=3600")
		w.Header().Set("Cache-Control", "max-age=3600")
		html("<p>hello")(w, r)
	}}
	m, u := adaptive(t), serve(t, s)
	for range 2 {
		if page, err := m.Measure(t.Context(), u); err != nil || page.SizeKB < 0.05 {
			t.Errorf("measured %+v, %v; want a page that came over the network", page, err)
		}
	}
}

func TestHeadersCookiesAndPasswordsGoToThePagesOwnSiteOnly(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	got := map[string]http.Header{}
	note := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got[r.Host+r.URL.Path] = r.Header.Clone()
		w.Header().Set("Access-Control-Allow-Origin", "*")
		answer("text/css", "p{}")(w, r)
	}
	other := serve(t, http.HandlerFunc(note))
	s := site{"/own.css": note, "/": func(w http.ResponseWriter, r *http.Request) {
		note(httptest.NewRecorder(), r)
		html(`<link rel=stylesheet href=/own.css><link rel=stylesheet href="`+other+`/other.css">
			<script>new Worker(URL.createObjectURL(new Blob(["fetch('`+other+`/worker')"])))</script>`)(w, r)
	}}
	m := measurer(t, browser.Options{Protocol: protocol(t, "adaptive"), Access: web.Access{
		Headers: map[string]string{"X-Test": "yes"}, Cookies: map[string]string{"consent": "no"}, User: "me", Secret: "s:cret",
	}})
	u := serve(t, s)
	page, err := m.Measure(t.Context(), u)
	if err != nil || page.Requests != 4 {
		t.Fatalf("measured %d requests, %v; want 4\n%s", page.Requests, err, list(page))
	}
	host := strings.TrimPrefix(u, "http://")
	for path, header := range got {
		own := strings.HasPrefix(path, host)
		if sent := header.Get("X-Test") == "yes"; sent != own {
			t.Errorf("%s got the header: %t", path, sent)
		}
		if sent := header.Get("Authorization") == "Basic bWU6czpjcmV0"; sent != own {
			t.Errorf("%s got the password: %t", path, sent)
		}
		if sent := header.Get("Cookie") == "consent=no"; own && !sent {
			t.Errorf("%s got the cookie %q", path, header.Get("Cookie"))
		}
	}
	if len(got) != 4 {
		t.Errorf("%d requests came; want 4", len(got))
	}
}

func TestAPageThatCannotBeMeasuredHasAPicture(t *testing.T) {
	t.Parallel()
	_, err := adaptive(t).Measure(t.Context(), serve(t, site{})+"/none")
	var problem *web.Error
	if code := codeOf(t, err); code != "status" {
		t.Fatalf("code is %q, %v; want status", code, err)
	}
	problem = err.(*web.Error) //nolint:errorlint // codeOf has looked
	if !strings.HasPrefix(string(problem.Screenshot), "\x89PNG") || !strings.Contains(err.Error(), "404 Not Found") {
		t.Errorf("the picture begins with %.8q, the error is %v", problem.Screenshot, err)
	}
}

func TestTheCallerCanStop(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	m := adaptive(t)
	s := site{"/": func(_ http.ResponseWriter, r *http.Request) { stop(); <-r.Context().Done() }}
	began := time.Now()
	_, err := m.Measure(ctx, serve(t, s))
	if code := codeOf(t, err); code != "cancelled" || time.Since(began) > 20*time.Second {
		t.Errorf("code %q after %v: %v", code, time.Since(began), err)
	}
}

func TestABrowserThatIsNotThereIsSaidWithWhatToDo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, want string }{
		{filepath.Join(t.TempDir(), "none"), "is not a program that can be run"},
		{"/bin/true", "does not answer"},
		{"/bin/false", "does not answer"},
	} {
		m := browser.New(browser.Options{Path: tt.path})
		_, err := m.Measure(t.Context(), "http://127.0.0.1/")
		m.Close()
		if code := codeOf(t, err); code != "browser" || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "--browser") {
			t.Errorf("%s: code %q, %v; want browser and %q", tt.path, code, err, tt.want)
		}
	}
}

func TestANewBrowserIsStartedAfterSomePagesAndNothingIsLeftBehind(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "v") //nolint:usetesting // the folder of the test has a path too long for the browser's socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	t.Setenv("TMPDIR", dir)
	m := measurer(t, browser.Options{Protocol: protocol(t, "adaptive"), RestartEvery: 2, Parallel: 2})
	u := serve(t, site{"/": html("<p>hello")})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if page, err := m.Measure(t.Context(), u); err != nil || page.DOM != 4 {
				t.Errorf("measured %d elements, %v; want 4", page.DOM, err)
			}
		})
	}
	all.Wait()
	m.Close()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The consent loads three things; the search is on another page; the field gets what the environment says.
// The page has a form that gives its own meaning to the names that a script asks for, and elements where they do not
// count: inside an svg.
func TestTheLargestPartsOfADocumentAreNamed(t *testing.T) {
	t.Parallel()
	u := serve(t, site{"/": html(`<div id=menu>` + strings.Repeat("<li>a</li>", 20) + `</div>
		<main class="wide  open more"><form><input name=children><input name=shadowRoot><input name=getAttribute>` + strings.Repeat("<b>a</b>", 30) + `</form></main>
		<svg>` + strings.Repeat("<g></g>", 90) + `</svg>
		<x-list id=list></x-list><script>
			document.querySelector('#list').attachShadow({mode: 'open'}).innerHTML = '<svg>' + '<g></g>'.repeat(50) + '</svg>'</script>`)})
	page, err := adaptive(t).Measure(t.Context(), u)
	want := []web.Part{{Path: "#list > svg", Elements: 51}, {Path: "main.wide.open > form", Elements: 34}, {Path: "#menu", Elements: 21}}
	if err != nil || !slices.Equal(page.Parts, want) {
		t.Errorf("the parts are %v, %v; want %v", page.Parts, err, want)
	}
}

// A browser that is stopped answers no more, and does not end.
func TestAPageIsMeasuredInANewBrowserWhenTheOldOneAnswersNoMore(t *testing.T) {
	t.Parallel()
	needBrowser(t)
	real, err := browser.Find("")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	started := filepath.Join(dir, "started")
	wrapper := filepath.Join(dir, "chromium")
	if err := os.WriteFile(wrapper, fmt.Appendf(nil, "#!/bin/sh\necho $$ >>%q\nexec %q \"$@\"\n", started, real), 0o700); err != nil {
		t.Fatal(err)
	}
	m := measurer(t, browser.Options{Path: wrapper, Protocol: protocol(t, "adaptive")})
	u := serve(t, site{"/": html("<p>hello")})
	for _, command := range []string{"kill -s STOP -- -$(head -n1 %[1]q)", "test $(wc -l <%[1]q) = 2"} {
		if page, err := m.Measure(t.Context(), u); err != nil || page.Requests != 1 {
			t.Fatalf("measured %+v, %v; want one request", page, err)
		}
		if said, err := exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf(command, started)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", command, err, said)
		}
	}
}

func TestAJourneyIsMeasuredBeforeAndAfterTheConsentAndOnThePagesItOpens(t *testing.T) {
	t.Parallel()
	tracker := answer("text/javascript", "0")
	s := site{
		"/": html(`<div id=banner><button id=accept>OK</button></div><form action=/found><input id=q name=q><button id=go>go</button></form>
			<script>document.getElementById("accept").onclick = () => {
				document.getElementById("banner").remove();
				for (const n of ["a", "b", "c"]) { const s = document.createElement("script"); s.src = "/t/" + n + ".js"; document.head.append(s); }
			}</script>`),
		"/t/a.js": tracker, "/t/b.js": tracker, "/t/c.js": tracker,
		"/found": func(w http.ResponseWriter, r *http.Request) {
			html(fmt.Sprintf(`<p id=result>%s<script>setTimeout(() => { document.body.innerHTML += "<i class=late>x</i>" }, 400)</script>`, r.FormValue("q")))(w, r)
		},
	}
	lookup := func(name string) (string, bool) { return "secret", name == "WORD" }
	j, err := browser.ParseJourney([]byte(`
url: `+serve(t, s)+`
steps:
  - consent: "#accept"
  - type: {into: "#q", variable: WORD}
  - click: "#go"
  - wait: ".late"
  - measure: results
`), lookup)
	if err != nil {
		t.Fatal(err)
	}
	stages, err := adaptive(t).Follow(t.Context(), j)
	if err != nil || len(stages) != 3 {
		t.Fatalf("%d measures, %v; want 3", len(stages), err)
	}
	before, after, results := stages[0], stages[1], stages[2]
	if before.Name != browser.BeforeConsent || before.Page.Requests != 1 || before.Page.DOM != 9 {
		t.Errorf("%s: %d requests, %d elements; want 1 and 9", before.Name, before.Page.Requests, before.Page.DOM)
	}
	if after.Name != browser.AfterConsent || after.Page.Requests != 4 || after.Page.DOM != 10 {
		t.Errorf("%s: %d requests, %d elements; want 4 and 10", after.Name, after.Page.Requests, after.Page.DOM)
	}
	if results.Name != "results" || results.Page.Requests != 1 || !strings.HasSuffix(results.Page.URL, "/found?q=secret") || results.Page.DOM != 6 {
		t.Errorf("%s: %d requests, %d elements at %s; want 1 and 6 at /found?q=secret", results.Name, results.Page.Requests, results.Page.DOM, results.Page.URL)
	}
}

func TestAStepThatCannotBeTakenIsNamedAndWhatWasMeasuredIsKept(t *testing.T) {
	t.Parallel()
	m, u := adaptive(t), serve(t, site{"/": html("<p>hello<b hidden id=hidden>x</b>")})
	for _, tt := range []struct{ step, want string }{
		{`click: "#none"`, `step 2: "#none" finds nothing that is shown`},
		{`click: "#hidden"`, `step 2: "#hidden" finds nothing that is shown`},
		{`click: "p["`, `step 2: "p[" is not a CSS selector`},
	} {
		j, err := browser.ParseJourney([]byte("url: "+u+"\nsteps:\n  - measure: start\n  - "+tt.step), os.LookupEnv)
		if err != nil {
			t.Fatal(err)
		}
		stages, err := m.Follow(t.Context(), j)
		if code := codeOf(t, err); code != "step" || !strings.Contains(err.Error(), tt.want) || len(stages) != 1 {
			t.Errorf("%s: code %q, %v, %d measures; want step, %q and one measure", tt.step, code, err, len(stages), tt.want)
		}
	}
}

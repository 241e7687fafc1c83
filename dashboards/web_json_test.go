package dashboards_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func raw(t *testing.T, w *world, public bool, path string, header map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	h := handler(t, w)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	if !public {
		r.AddCookie(&http.Cookie{Name: "veille", Value: "ada"})
	}
	recorder := httptest.NewRecorder()
	if public {
		h.Public().ServeHTTP(recorder, r)
	} else {
		h.ServeHTTP(recorder, r)
	}
	return recorder
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is otherwise; after a look, UPDATE_GOLDEN=1 keeps what is now:\n%s", file, got)
	}
}

// small is a world of which each figure can be read.
func small(t *testing.T) *world {
	w := city(t)
	runs := w.webRuns[1][3:]
	for i := range runs {
		runs[i].Templates = runs[i].Templates[:1]
		runs[i].Audit = []byte(`{"practices":[{"id":"dom-size","pages":2,"points":3.5,"bytes":0,"worst":"https://www.ville.example/"}],"rules":[],"rgesn":[],"later":1}`)
	}
	w.webRuns[1] = runs
	w.webPages[1][20].Audit = []byte(`{"failed":[],"passed":7}`)
	w.scores[w.aPage()] = w.scores[w.aPage()][3:]
	return w
}

func TestTheFiguresOfWebsitesAreJSON(t *testing.T) {
	w := small(t)
	page := "page.json?url=" + url.QueryEscape(w.aPage())
	for name, path := range map[string]string{"websites.json": "/web/data.json", "site.json": "/web/1/data.json", "page.json": "/web/1/" + page} {
		got := raw(t, w, false, path, nil)
		if got.Code != 200 || !json.Valid(got.Body.Bytes()) {
			t.Fatalf("%s: %d %s", path, got.Code, got.Body)
		}
		golden(t, name, got.Body.Bytes())
	}
	golden(t, "public.json", raw(t, w, true, "/web/1/data.json", nil).Body.Bytes())
}

func TestABadgeSaysTheGradeInALetterAndIsKeptForADay(t *testing.T) {
	w := small(t)
	got := raw(t, w, true, "/web/1/badge.svg?lang=fr", nil)
	golden(t, "badge.svg", got.Body.Bytes())
	if got.Header().Get("Content-Type") != "image/svg+xml; charset=utf-8" || got.Header().Get("Cache-Control") != "public, max-age=86400" {
		t.Errorf("header %v", got.Header())
	}
	again := raw(t, w, true, "/web/1/badge.svg?lang=fr", map[string]string{"If-None-Match": got.Header().Get("ETag")})
	if again.Code != 304 || again.Body.Len() != 0 {
		t.Errorf("asked again: %d with %d bytes", again.Code, again.Body.Len())
	}
	w.websites[1].Name = "a\x00b\uffff<&\xff" + strings.Repeat("é", 9999)
	for _, path := range []string{"/web/1/badge.svg", "/web/2/badge.svg?lang=fr"} {
		got := raw(t, w, false, path, nil)
		d := xml.NewDecoder(got.Body)
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s is no XML: %v", path, err)
				break
			}
		}
	}
}

func TestThePublicSeesOpenWebsitesOnly(t *testing.T) {
	w := city(t)
	w.websites[0].Problem, w.webPages[1][0].Problem = "dial tcp 10.9.9.9:443", "dial tcp 10.9.9.9:443"
	closed, missing := raw(t, w, true, "/web/2/data.json", nil), raw(t, w, true, "/web/77/data.json", nil)
	if closed.Code != 404 || closed.Body.String() != missing.Body.String() || len(closed.Header()) != len(missing.Header()) {
		t.Errorf("a closed website is told from one that is not there: %d %q %v, %d %q %v", closed.Code, closed.Body, closed.Header(), missing.Code, missing.Body, missing.Header())
	}
	page := "url=" + url.QueryEscape(w.webPages[1][0].URL)
	for path, want := range map[string]int{
		"/web/1/badge.svg": 200, "/web/1/data.json": 200, "/web/1/page.json?" + page: 200,
		"/web/2/badge.svg": 404, "/web/3/badge.svg": 404, "/web/3/page.json": 404, "/web/2/page.json?" + page: 404, "/web/1/page.json?key=0123456789abcdef": 404, "/web/1/page.json": 404,
		"/web": 404, "/web/data.json": 404, "/web/1": 404, "/web/1/pages": 404, "/": 404, "/method": 404, "/web/x/badge.svg": 404,
	} {
		got := raw(t, w, true, path, nil)
		if got.Code != want {
			t.Errorf("%s: %d, want %d", path, got.Code, want)
		}
		if got.Header().Get("Access-Control-Allow-Origin") != "*" || got.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: header %v", path, got.Header())
		}
		for _, secret := range []string{"10.9.9.9", "10.1.2.3", "left alone", `"asked"`} {
			if strings.Contains(got.Body.String(), secret) {
				t.Errorf("%s tells everybody %q", path, secret)
			}
		}
	}
	w.websites[0].Open = false
	if got := raw(t, w, true, "/web/1/badge.svg", nil); got.Code != 404 {
		t.Errorf("once closed: %d", got.Code)
	}
}

func TestThePublicIsAnsweredAFewAtATime(t *testing.T) {
	w := city(t)
	w.hold, w.held = make(chan struct{}), make(chan struct{})
	h := handler(t, w)
	public := h.Public()
	ask := func() int {
		recorder := httptest.NewRecorder()
		public.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/web/1/badge.svg", nil))
		return recorder.Code
	}
	codes := make(chan int)
	for range 8 {
		go func() { codes <- ask() }()
		<-w.held
	}
	if code := ask(); code != 503 {
		t.Errorf("the ninth at a time: %d, want 503", code)
	}
	close(w.hold)
	for range 8 {
		if code := <-codes; code != 200 {
			t.Errorf("one of eight: %d", code)
		}
	}
}

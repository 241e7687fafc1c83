package opendata_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"veille/collector"
	"veille/collector/opendata"
	"veille/collector/privacy"
)

// get asks a handler.
func get(t *testing.T, h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestFilesAreServedToEverybody(t *testing.T) {
	w := region(t)
	h := w.writer().Handler("https://veille.example.org/")
	files := filesOf(t, w, opendata.Request{Organisation: 1, Base: base, Quiet: true})
	for name, kind := range map[string]string{
		"catalog.jsonld": "application/ld+json", parc + "/donnees.csv": "text/csv; charset=utf-8", parc + "/donnees.json": "application/json",
		parc + "/schema.json": "application/json", pages + "/README.md": "text/markdown; charset=utf-8", pages + "/LICENSE": "text/plain; charset=utf-8",
	} {
		a := get(t, h, http.MethodGet, "/opendata/1/"+name)
		head := a.Header()
		if a.Code != http.StatusOK || !bytes.Equal(a.Body.Bytes(), files[name]) {
			t.Errorf("%s: %d, %d bytes, not %d", name, a.Code, a.Body.Len(), len(files[name]))
		}
		if head.Get("Content-Type") != kind || head.Get("Cache-Control") != "public, max-age=3600" || head.Get("Access-Control-Allow-Origin") != "*" ||
			head.Get("X-Content-Type-Options") != "nosniff" || head.Get("ETag") == "" || head.Get("Set-Cookie") != "" {
			t.Errorf("%s: %v", name, head)
		}
		if again := get(t, h, http.MethodGet, "/opendata/1/"+name, "If-None-Match", head.Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s, again: %d", name, again.Code)
		}
		if only := get(t, h, http.MethodHead, "/opendata/1/"+name); only.Code != http.StatusOK || only.Body.Len() > 0 || only.Header().Get("Content-Length") != fmt.Sprint(len(files[name])) {
			t.Errorf("%s, its head: %d %v", name, only.Code, only.Header())
		}
		zipped := get(t, h, http.MethodGet, "/opendata/1/"+name, "Accept-Encoding", "br, gzip")
		if zipped.Header().Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(zipped.Body)
			if err != nil {
				t.Fatal(err)
			}
			if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, files[name]) || zipped.Header().Get("ETag") == head.Get("ETag") {
				t.Errorf("%s, in gzip: %v", name, err)
			}
		} else if strings.HasSuffix(name, ".csv") {
			t.Errorf("%s is not zipped", name)
		}
	}
}

func TestNothingElseIsServed(t *testing.T) {
	h := region(t).writer().Handler("https://veille.example.org")
	for path, code := range map[string]int{
		"/opendata/2/catalog.jsonld": 404, "/opendata/9/catalog.jsonld": 404, "/opendata/3/catalog.jsonld": 503, "/opendata/01/catalog.jsonld": 404, "/opendata/+1/catalog.jsonld": 404,
		"/opendata/x/catalog.jsonld": 404, "/opendata/": 404, "/opendata/1/outils/pcr-si.json": 404, "/opendata/1/nothing": 404, "/opendata/1/": 303, "/opendata/1/" + parc: 303,
		"/opendata/1/..%2f..%2fetc/passwd": 404, "/opendata/99999999999999999999/catalog.jsonld": 404,
	} {
		if a := get(t, h, http.MethodGet, path); a.Code != code {
			t.Errorf("%s: %d, not %d: %s", path, a.Code, code, a.Body)
		}
	}
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		if a := get(t, h, method, "/opendata/1/catalog.jsonld"); a.Code != http.StatusMethodNotAllowed || a.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: %d %v", method, a.Code, a.Header())
		}
	}
}

func TestTheCatalogueOfAllHasWhoPublishes(t *testing.T) {
	w := region(t)
	w.organisations[1].OpenData = true
	h := w.writer().Handler("https://veille.example.org")
	a := get(t, h, http.MethodGet, "/opendata/catalog.jsonld")
	var c struct {
		ID       string `json:"@id"`
		Datasets []struct {
			ID string `json:"@id"`
		} `json:"dcat:dataset"`
	}
	if err := json.Unmarshal(a.Body.Bytes(), &c); err != nil || a.Code != http.StatusOK {
		t.Fatal(a.Code, err)
	}
	var ids []string
	for _, d := range c.Datasets {
		ids = append(ids, strings.TrimPrefix(d.ID, "https://veille.example.org/opendata/"))
	}
	if got, want := strings.Join(ids, " "), "1/"+parc+" 1/"+pages+" 2/"+parc+" 2/"+pages; got != want || c.ID != "https://veille.example.org/opendata/catalog.jsonld#catalogue" {
		t.Errorf("%s: %s", c.ID, got)
	}
	for i := range w.organisations {
		w.organisations[i].OpenData = false
	}
	for _, path := range []string{"/opendata/catalog.jsonld", "/opendata/1/catalog.jsonld"} {
		if a := get(t, h, http.MethodGet, path); a.Code != http.StatusNotFound {
			t.Errorf("%s, when nobody publishes any more: %d", path, a.Code)
		}
	}
}

func TestTheAddressIsThatOfTheRequestWhereNoneIsSet(t *testing.T) {
	h := region(t).writer().Handler("")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://Open.example.org:8080/opendata/1/"+parc+"/schema.json", nil)
	a := httptest.NewRecorder()
	h.ServeHTTP(a, r)
	if !strings.Contains(a.Body.String(), `"path": "http://open.example.org:8080/opendata/1/`+parc+`/schema.json"`) {
		t.Errorf("%d %.300s", a.Code, a.Body)
	}
	for _, host := range []string{"", "a b", "x\"y", "<b>", "a/b", strings.Repeat("a", 300)} {
		r.Host = host
		a := httptest.NewRecorder()
		h.ServeHTTP(a, r)
		if a.Code != http.StatusBadRequest {
			t.Errorf("host %q: %d", host, a.Code)
		}
	}
}

func TestFilesAreMadeOnceADayForAll(t *testing.T) {
	w := region(t)
	now := today
	day := func() collector.Date { return now }
	h := opendata.New(w, privacy.New(w, w, day), day).Handler("https://veille.example.org")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if a := get(t, h, http.MethodGet, "/opendata/1/"+parc+"/donnees.csv"); a.Code != http.StatusOK {
				t.Errorf("%d", a.Code)
			}
		})
	}
	all.Wait()
	if w.asked != 1 {
		t.Errorf("made %d times", w.asked)
	}
	now = "2026-09-21"
	get(t, h, http.MethodGet, "/opendata/1/"+parc+"/donnees.csv")
	get(t, h, http.MethodGet, "/opendata/catalog.jsonld")
	if w.asked != 2 {
		t.Errorf("made %d times in two days", w.asked)
	}
}

func TestManyAddressesDoNotFillTheMemory(t *testing.T) {
	w := region(t)
	h := w.writer().Handler("")
	for i := range 100 {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://h%d.example.org/opendata/1/catalog.jsonld", i), nil)
		a := httptest.NewRecorder()
		h.ServeHTTP(a, r)
		if a.Code != http.StatusOK {
			t.Fatalf("%d: %d", i, a.Code)
		}
	}
	made := w.asked
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://h0.example.org/opendata/1/catalog.jsonld", nil)
	h.ServeHTTP(httptest.NewRecorder(), r)
	if w.asked == made {
		t.Error("the first of 200 is still kept")
	}
}

func TestWhatCannotBeMadeIsSaidWithASentence(t *testing.T) {
	w := region(t)
	w.err = errors.New("secret detail")
	h := w.writer().Handler("https://veille.example.org")
	for _, path := range []string{"/opendata/1/catalog.jsonld", "/opendata/catalog.jsonld"} {
		a := get(t, h, http.MethodGet, path)
		if a.Code != http.StatusServiceUnavailable || !strings.Contains(a.Body.String(), "come again") || strings.Contains(a.Body.String(), "secret") || a.Header().Get("Cache-Control") != "" {
			t.Errorf("%s: %d %s %v", path, a.Code, a.Body, a.Header())
		}
	}
}

// breaks is a door that crashes.
type breaks struct{}

func (breaks) Monthly(context.Context, *collector.User, privacy.Question) ([]privacy.Answer, error) {
	panic("a mistake of ours")
}

func TestACrashWhileFilesAreMadeIsAnAnswer(t *testing.T) {
	h := opendata.New(region(t), breaks{}, func() collector.Date { return today }).Handler("https://veille.example.org")
	if a := get(t, h, http.MethodGet, "/opendata/1/catalog.jsonld"); a.Code != http.StatusServiceUnavailable {
		t.Errorf("%d %s", a.Code, a.Body)
	}
}

func TestSimulatedFiguresAreServedWhereThereAreNoOthers(t *testing.T) {
	w := region(t)
	w.rows = nil
	w.fleet(t, "2026-07", 1, "individual", 40, 30, true)
	w.fix()
	h := w.writer().Handler("https://veille.example.org")
	rows := tableOf(t, get(t, h, http.MethodGet, "/opendata/1/"+parc+"/donnees.csv").Body.Bytes(), ',')
	is(t, "site 1", find(rows, "0350001A", "postes", "2026-07"), "donnees_simulees", "true", "nb_equipements_suivis", "40")
}

package static_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

func TestAPageThatIsStillTheSameIsToldFromOneThatChanged(t *testing.T) {
	tag, date := `"one"`, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	asked := 0
	s := site{
		"/tagged": func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("ETag", tag)
			w.Header().Set("Content-Type", "text/html")
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader("<p>hello"))
		},
		"/dated": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			http.ServeContent(w, r, "", date, strings.NewReader("<p>hello"))
		},
		"/moved": redirect("/tagged"),
		"/plain": html("<p>hello"),
	}
	url, m := serve(t, s).URL, measurer(t, static.Options{})
	validators := func(path string) static.Validators {
		sight, err := m.Look(t.Context(), url+path)
		if err != nil {
			t.Fatal(err)
		}
		return static.ValidatorsOf(sight)
	}
	expect := func(path string, before, want static.Validators, changed bool) {
		t.Helper()
		now, got, err := m.Changed(t.Context(), url+path, before)
		if err != nil || got != changed || now != want {
			t.Errorf("%s changed since %+v: %t, %+v, %v; want %t, %+v", path, before, got, now, err, changed, want)
		}
	}
	first := static.Validators{ETag: `"one"`}
	if v := validators("/moved"); v != first {
		t.Errorf("the validators are %+v; want those of the page, not of the redirect", v)
	}
	day := static.Validators{LastModified: "Sun, 01 Mar 2026 12:00:00 GMT"}
	if v := validators("/dated"); v != day {
		t.Errorf("the validators are %+v; want %+v", v, day)
	}
	asked = 0
	expect("/tagged", first, first, false)
	if asked != 1 {
		t.Errorf("the page was asked for %d times; want once", asked)
	}
	expect("/moved", first, first, false)
	expect("/dated", day, day, false)
	expect("/plain", first, static.Validators{}, true)
	expect("/tagged", static.Validators{}, first, true)
	expect("/tagged", static.Validators{ETag: "a\r\nHost: b", LastModified: strings.Repeat("x", 2000)}, first, true) // not sent
	tag, date = `W/"two"`, date.AddDate(0, 0, 1)
	expect("/moved", first, static.Validators{ETag: `W/"two"`}, true)
	expect("/dated", day, static.Validators{LastModified: "Mon, 02 Mar 2026 12:00:00 GMT"}, true)
}

func TestAServerThatSaysNothingOfValidatorsKeepsTheOldOnes(t *testing.T) {
	s := site{"/": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }}
	url, m := serve(t, s).URL, measurer(t, static.Options{})
	before := static.Validators{ETag: `"x"`, LastModified: "yesterday"}
	if now, changed, err := m.Changed(t.Context(), url, before); err != nil || changed || now != before {
		t.Errorf("%+v, %t, %v; want those before, unchanged", now, changed, err)
	}
	_, _, err := m.Changed(t.Context(), url, static.Validators{})
	wantError(t, err, web.CodeStatus, "304 Not Modified")
}

func TestAPageThatIsNoneAnyMoreIsAnError(t *testing.T) {
	s := site{"/pdf": body("application/pdf", "x"), "/wall": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cf-Mitigated", "challenge")
		w.WriteHeader(http.StatusForbidden)
	}}
	url, m := serve(t, s).URL, measurer(t, static.Options{})
	for _, tt := range []struct {
		path string
		code web.Code
		text string
	}{{"/gone", web.CodeStatus, "404"}, {"/pdf", web.CodeMIME, "application/pdf"}, {"/wall", web.CodeRobots, "robots away"}} {
		_, changed, err := m.Changed(t.Context(), url+tt.path, static.Validators{ETag: `"x"`})
		wantError(t, err, tt.code, tt.text)
		if changed {
			t.Errorf("%s is an error and changed", tt.path)
		}
	}
	_, _, err := m.Changed(t.Context(), "file:///x", static.Validators{})
	wantError(t, err, web.CodeURL, "only http")
}

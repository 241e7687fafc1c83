package practice

import (
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

// seen is a page at https://www.example.org/a/ with an HTML and more exchanges.
func seen(html string, more ...web.Exchange) *web.Sight {
	top := sent("https://www.example.org/a/", "text/html; charset=utf-8", html)
	top.Kind = web.Document
	s := &web.Sight{HTML: []byte(html), Exchanges: append([]web.Exchange{top}, more...)}
	s.URL, s.DOM = top.URL, 100
	for _, e := range s.Exchanges {
		s.Resources = append(s.Resources, e.Resource)
		s.SizeKB += float64(e.Bytes) / 1000
		s.Requests++
	}
	return s
}

// sent is an answer of 200 with a body; headers are "Name: value".
func sent(url, kind, body string, headers ...string) web.Exchange {
	e := web.Exchange{Resource: web.Resource{URL: url, Kind: web.Other, Status: 200, Bytes: int64(len(body)) + 200}, Protocol: "h2", Header: http.Header{}, Decoded: int64(len(body)), Body: []byte(body)}
	e.Header.Set("Content-Type", kind)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		e.Header.Add(name, value)
	}
	return e
}

// finds runs a check on a page.
func finds(t *testing.T, c Check, s *web.Sight) Finding {
	t.Helper()
	v, err := NewView(s)
	if err != nil {
		t.Fatal(err)
	}
	return c.Look(v)
}

func TestEveryCheckSaysWhatItIsInBothLanguages(t *testing.T) {
	ids := map[string]bool{}
	for _, c := range Checks() {
		if ids[c.ID] || !regexp.MustCompile(`^[a-z][a-z0-9-]+$`).MatchString(c.ID) || c.Look == nil {
			t.Errorf("%q is there twice, or is no id, or does not look", c.ID)
		}
		ids[c.ID] = true
		introduced(t, c.ID, c.Title, c.Advice, c.RWEB, c.RefID)
	}
}

// introduced tells whether a check says what it is in both languages, and which sheets it is of.
func introduced(t *testing.T, id string, title, advice Words, rweb, refs []string) {
	t.Helper()
	for _, w := range []Words{title, advice} {
		if len(w.FR) < 8 || len(w.EN) < 8 || w.FR == w.EN {
			t.Errorf("%s says %q and %q", id, w.FR, w.EN)
		}
	}
	for _, n := range slices.Concat(rweb, refs) {
		if !regexp.MustCompile(`^\d{4}$`).MatchString(n) {
			t.Errorf("%s: %q is no number of a sheet", id, n)
		}
	}
	if len(rweb) != len(refs) {
		t.Errorf("%s: %v and %v", id, rweb, refs)
	}
}

func TestAnEmptyPageBreaksNoCheck(t *testing.T) {
	all, err := Page(seen(""), nil)
	if err != nil || len(all) != len(Checks()) {
		t.Fatal(len(all), err)
	}
	for _, r := range all {
		if r.Status == Failed && r.ID != "title-meta" && r.Points > 0 {
			t.Errorf("%s: %+v", r.ID, r.Finding)
		}
	}
}

// What is remembered from other pages changes no answer.
func TestAMemoryChangesNoFinding(t *testing.T) {
	m := NewMemory()
	sheet := "/* a comment that nobody needs */ p { color: red; }\n\n\n" + strings.Repeat("a b c d { margin-top: 1px; margin-left: 1px; margin-right: 1px; margin-bottom: 1px }\n", 40)
	for i := range mostRemembered / 3 {
		body := sheet
		if i%3 > 0 {
			body += strings.Repeat("x", i)
		}
		s := seen("<p>", sent("https://www.example.org/s.css", "text/css", body), sent("https://www.example.org/s.js", "text/javascript", "document.write('x') // "+body))
		want, err := Page(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Page(s, m)
		if err != nil {
			t.Fatal(err)
		}
		for j := range want {
			if !reflect.DeepEqual(got[j].Finding, want[j].Finding) {
				t.Fatalf("page %d, %s: %+v; want %+v", i, want[j].ID, got[j].Finding, want[j].Finding)
			}
		}
	}
	if n := len(m.now) + len(m.last); n > 2*mostRemembered || n < mostRemembered {
		t.Errorf("%d findings are remembered", n)
	}
}

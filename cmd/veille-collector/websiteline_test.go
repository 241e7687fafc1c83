package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"veille/collector"
)

func TestGradesOfTheCommandLineAreThoseOfThePages(t *testing.T) {
	for score, want := range map[float64]string{80: "B", 80.4: "B", 80.5: "B", 80.51: "A", 55.2: "D", 10.5: "G"} { // as the reference reads them, rounded half to even
		x := lineOf(collector.Website{}, &collector.WebRun{Mean: collector.WebFigure{Value: score}})
		if x.Grade != want || !strings.HasPrefix(x.scored(), want+" ") {
			t.Errorf("a mean of %v has grade %s: %s, want %s", score, x.Grade, x.scored(), want)
		}
		if p := pageLine(collector.WebPage{Score: score}); p.Grade != want {
			t.Errorf("a page of %v has grade %s, want %s", score, p.Grade, want)
		}
	}
}

func TestAScoreOfWhichNoErrorIsKnownIsNotShownAsExact(t *testing.T) {
	for want, mean := range map[string]collector.WebFigure{
		"C 61.2 (range not known)": {Value: 61.25},
		"C 61.2":                   {Value: 61.25, Low: new(61.25), High: new(61.25)},
		"C 61.2 (55.0 to 66.5)":    {Value: 61.25, Low: new(55.0), High: new(66.5)},
	} {
		if got := lineOf(collector.Website{}, &collector.WebRun{Mean: mean}).scored(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestAWebsiteWithoutAMeasureHasListsWithoutEntries(t *testing.T) {
	for name, x := range map[string]websiteJSON{"never": showOf(collector.Website{}, nil, nil), "once": showOf(collector.Website{}, &collector.WebRun{At: time.Unix(0, 0)}, nil)} {
		text, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range []string{"templates", "notes", "worst"} {
			if !bytes.Contains(text, []byte(`"`+list+`":[]`)) {
				t.Errorf("%s: %s is not an empty list in %s", name, list, text)
			}
		}
	}
}

func TestAWebsiteThatNobodyCouldMeasureAsItIsAskedForIsRefused(t *testing.T) {
	page := func(change func(*collector.Website)) collector.Website {
		w := collector.Website{
			Kind: collector.KindPage, Name: "x", EveryDays: 7, Contact: "w@example.org",
			Rules: collector.WebsiteRules{URL: "https://www.example.org/", Mode: "static", MaxPages: 1, Depth: 1, Delay: time.Second},
		}
		change(&w)
		return w
	}
	site := func(change func(*collector.Website)) collector.Website {
		w := page(func(w *collector.Website) { w.Kind, w.Rules.MaxPages, w.Rules.Depth = collector.KindSite, 500, 20 })
		change(&w)
		return w
	}
	hosts := func(all ...string) collector.Website {
		return site(func(w *collector.Website) { w.Rules.Hosts = all })
	}
	for name, one := range map[string]struct {
		w    collector.Website
		want string // of the error; "" for none
	}{
		"a site":              {site(func(*collector.Website) {}), ""},
		"hosts":               {hosts("docs.example.org", "127.0.0.1:8080", "[2001:db8::1]:8443"), ""},
		"an address":          {hosts("https://docs.example.org"), "--host"},
		"a path":              {hosts("docs.example.org/x"), "--host"},
		"large letters":       {hosts("Docs.Example.org"), `"docs.example.org"`},
		"a password":          {hosts("me:secret@docs.example.org"), "--host"},
		"no host":             {hosts(""), "--host"},
		"a path of no page":   {site(func(w *collector.Website) { w.Rules.Under = "docs" }), "--under"},
		"a page":              {page(func(*collector.Website) {}), ""},
		"a page with hosts":   {page(func(w *collector.Website) { w.Rules.Hosts = []string{"docs.example.org"} }), "single page"},
		"a page with pages":   {page(func(w *collector.Website) { w.Rules.MaxPages = 2 }), "single page"},
		"a page under":        {page(func(w *collector.Website) { w.Rules.Under = "/docs" }), "single page"},
		"a page with samples": {page(func(w *collector.Website) { w.Rules.Sample = 3 }), "single page"},
	} {
		err := checkWebsite(one.w)
		if (err == nil) != (one.want == "") || err != nil && (!strings.Contains(err.Error(), one.want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: %v, want %q", name, err, one.want)
		}
	}
	for _, address := range []string{"https://me:secret@example.org/", "ftp://example.org/", "https://me@example.org/"} {
		if u, err := addressOf([]string{address}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, %v", address, u, err)
		}
	}
}

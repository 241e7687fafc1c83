package survey

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/practice"
	"veille/ecoindex/site"
)

// twice surveys the school, and again with what changes between; it answers the second survey and the pages that the browser was sent to
// the first and the second time.
func twice(t *testing.T, change func(*Options)) (got *Survey, first, second []string) {
	t.Helper()
	s := school(t, 6)
	o, f := options(t, s)
	o.Sample, o.Protocol = 8, "one"
	now := time.Date(2026, 11, 2, 3, 4, 5, 0, time.FixedZone("", 3600))
	o.Now = func() time.Time { return now }
	folder := t.TempDir()
	before := journal(t, filepath.Join(folder, "last"))
	if _, err := Run(t.Context(), before, o); err != nil {
		t.Fatal(err)
	}
	first, f.asked = f.asked, nil
	now = now.AddDate(0, 0, 7)
	o.Before = before
	change(&o)
	name := filepath.Join(folder, "this")
	if _, err := Run(t.Context(), journal(t, name), o); err != nil {
		t.Fatal(err)
	}
	got, err := Read(journal(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return got, first, f.asked
}

func TestTheBrowsersMeasureOfAPageThatHasNotChangedIsCarriedOver(t *testing.T) {
	got, first, second := twice(t, func(*Options) {})
	for _, url := range second {
		// The page that an address leads to is always looked at again, and what could not be measured is tried again.
		if slices.Contains(first, url) && !strings.HasSuffix(url, "/news/1") && !strings.HasSuffix(url, "/news/2") {
			t.Errorf("%s was measured again", url)
		}
	}
	carried := 0
	for _, p := range got.Pages {
		if p.Browser != nil && p.Browser.At == "2026-11-02T02:04:05Z" {
			carried++
			if p.At != p.Browser.At || p.Browser.DOM != p.DOM+100 || !p.PageKept.Browser || p.Browser.Protocol != "one" {
				t.Errorf("%+v of %+v", p.Browser, p.Result)
			}
		}
	}
	if carried < 5 || carried+len(second) != 8 || len(first) != 8 {
		t.Errorf("%d carried over, then %v; first %v", carried, second, first)
	}
}

func TestAMeasureIsNotCarriedOverThatIsOldOrOfAnotherProtocolOrOfAPageThatHasChanged(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"old":      func(o *Options) { o.Remeasure = 6 * 24 * time.Hour },
		"never":    func(o *Options) { o.Remeasure = -1 },
		"protocol": func(o *Options) { o.Protocol = "two" },
	} {
		if got, first, second := twice(t, change); len(second) != len(first) || got.Estimate.Measured == 0 {
			t.Errorf("%s: %d were measured, then %d", name, len(first), len(second))
		}
	}
}

func TestAPageThatHasChangedIsMeasuredAgain(t *testing.T) {
	p := newPlace(t)
	o := p.options(t)
	f := &fake{looks: o.Static}
	o.Browser, o.Sample = f, 4
	before := journal(t, filepath.Join(t.TempDir(), "last"))
	now := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	o.Now = func() time.Time { return now }
	if _, err := Run(t.Context(), before, o); err != nil {
		t.Fatal(err)
	}
	f.asked, o.Before, now = nil, before, now.Add(time.Hour)
	p.headers["/b"] = map[string]string{"Etag": `"new"`}
	s, err := Run(t.Context(), journal(t, filepath.Join(t.TempDir(), "this")), o)
	if err != nil || !slices.Equal(f.asked, []string{p.URL + "/b"}) || s.Summary.Unchanged != 3 {
		t.Errorf("%v: asked for %v, %+v", err, f.asked, s.Summary)
	}
}

func TestTheBrowsersPracticesReplaceThoseOfTheQuickLook(t *testing.T) {
	s := school(t, 4)
	o, _ := options(t, s)
	name := filepath.Join(t.TempDir(), "j")
	run, err := Run(t.Context(), journal(t, name), o)
	if err != nil {
		t.Fatal(err)
	}
	read, err := Read(journal(t, name))
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []*Survey{run, read} {
		for _, p := range got.Pages {
			if measured := p.Browser != nil && p.Browser.Code == ""; p.PageKept.Browser != measured {
				t.Errorf("%s: by a browser %v, of a measured page %v", p.URL, p.PageKept.Browser, measured)
			}
		}
	}
	a, err := json.Marshal(run.Audit())
	b, err2 := json.Marshal(read.Audit())
	if err != nil || err2 != nil || string(a) != string(b) || !strings.Contains(string(a), `"practices":[{"id":`) {
		t.Errorf("%v %v\n%s\n%s", err, err2, a, b)
	}
}

func TestTheAuditCountsEachPracticeOverAllPages(t *testing.T) {
	p := newPlace(t)
	for path := range p.pages {
		if path != "/a" {
			p.heads[path] = ""
		}
	}
	s, err := Run(t.Context(), journal(t, filepath.Join(t.TempDir(), "j")), p.options(t))
	if err != nil {
		t.Fatal(err)
	}
	a := s.Audit()
	i := slices.IndexFunc(a.Practices, func(p practice.SitePractice) bool { return p.ID == "title-meta" })
	if i < 0 || a.Practices[i].Pages != 3 || a.Practices[i].Worst != p.URL+"/" {
		t.Errorf("%+v", a.Practices)
	}
	for i := 1; i < len(a.Practices); i++ {
		if a.Practices[i].Points > a.Practices[i-1].Points {
			t.Errorf("%+v comes after %+v", a.Practices[i], a.Practices[i-1])
		}
	}
	if len(a.RGESN) == 0 || a.RGESN[0].Criterion == "" {
		t.Errorf("%+v", a.RGESN)
	}
}

func TestAJournalWithoutItsEndIsNotTakenForAWholeSite(t *testing.T) {
	p := newPlace(t)
	o := p.options(t)
	o.MaxPages = 2
	name := filepath.Join(t.TempDir(), "j")
	if _, err := site.Crawl(t.Context(), &visitor{static: o.Static, stamp: func() string { return "" }}, journal(t, name), o.Options); err != nil {
		t.Fatal(err)
	}
	s, err := Read(journal(t, name))
	if err != nil || rulesOf(s)["orphan-pages"].Status != "nothing" || len(s.Pages) != 2 {
		t.Errorf("%v: %d pages, %+v", err, len(s.Pages), rulesOf(s)["orphan-pages"])
	}
}

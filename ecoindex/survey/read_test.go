package survey

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

// A site that does everything wrong gives the same findings in whatever order its pages were looked at.
func TestTheOrderOfAJournalChangesNoFinding(t *testing.T) {
	p := newPlace(t)
	for _, w := range wrongs() {
		if w.rule != "sitemap-missing" && w.rule != "error-page" && w.rule != "missing-titles" {
			w.change(p)
		}
	}
	name := filepath.Join(t.TempDir(), "j")
	first, err := Run(t.Context(), journal(t, name), p.options(t))
	if err != nil {
		t.Fatal(err)
	}
	want, failed := first.Audit(), 0
	for _, f := range want.Rules {
		if f.Status == "failed" {
			failed++
		}
	}
	if failed < 9 {
		t.Fatalf("%d rules fail: %+v", failed, want.Rules)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var pages, others [][]byte
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte(`{"page"`)) {
			pages = append(pages, line)
		} else {
			others = append(others, line)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		r.Shuffle(len(pages), func(a, b int) { pages[a], pages[b] = pages[b], pages[a] })
		other := filepath.Join(t.TempDir(), "j")
		if err := os.WriteFile(other, bytes.Join(append(slices.Clip(others), pages...), nil), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Read(journal(t, other))
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Audit(); !reflect.DeepEqual(got.Rules, want.Rules) {
			t.Fatalf("%+v\n%+v", got.Rules, want.Rules)
		}
	}
}

func TestOfAHeadHashesAreKept(t *testing.T) {
	named := nameOf("A title & more")
	for html, want := range map[string]Head{
		"":                                  {Title: without, Description: without},
		"<title>A title &amp; more</title>": {Title: named, Description: without},
		"<TITLE>\n A title\n&#38; more </TITLE><title>other</title>": {Title: named, Description: without},
		"<title></title><p>x": {Title: without, Description: without},
		"<meta content='A title & more' name=' Description '><meta name=description>":        {Title: without, Description: named},
		"<meta name=robots content='nofollow, NoIndex'>":                                     {Title: without, Description: without, Hidden: true},
		"<body><svg><title>A title & more</title></svg><meta name=robots content='noindex'>": {Title: without, Description: without},
	} {
		got := headOf([]byte(html), http.Header{})
		if (got.Text == "") != (html == "") {
			t.Errorf("%q has the text %q", html, got.Text)
		}
		if got.Text = ""; got != want {
			t.Errorf("%q: %+v; want %+v", html, got, want)
		}
	}
	if !headOf(nil, http.Header{"X-Robots-Tag": {"max-snippet: 3, none"}}).Hidden {
		t.Error("a header hides nothing")
	}
}

func TestFilesOfTheSameLengthAndBeginningHaveTheSameHash(t *testing.T) {
	of := func(length int64, body string) string {
		return hashOf(&web.Exchange{Decoded: length, Body: []byte(body)})
	}
	long := strings.Repeat("x", 200)
	if of(200, long) == "" || of(200, strings.Clone(long)) != of(200, long) || of(201, long) == of(200, long) || of(200, long[:199]+"y") == of(200, long) {
		t.Error("the hash does not tell files apart")
	}
	if of(99, "short") != "" || of(200, "") != "" {
		t.Error("what is short or was not kept has a hash")
	}
}

func FuzzHead(f *testing.F) {
	f.Add("<title>x</title><meta name=description content=y><img src=/a.png><link rel=stylesheet href=b.css><script src=//c/d></script>")
	f.Add("<title><title><meta <meta name=robots><base href=x>")
	base := &url.URL{Scheme: "https", Host: "www.example.org", Path: "/"}
	f.Fuzz(func(t *testing.T, text string) {
		h := headOf([]byte(text), http.Header{})
		if len(h.Title) > 8 || len(h.Description) > 8 || len(h.Text) > 8 || h.Title == "" || h.Description == "" {
			t.Errorf("%+v", h)
		}
		for _, part := range partsOf([]byte(text), base) {
			if u, err := url.Parse(part); err != nil || u.Host == "" || len(part) > mostText {
				t.Errorf("%q: %v", part, err)
			}
		}
	})
}

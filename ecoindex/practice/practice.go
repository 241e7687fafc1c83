// Package practice finds what a page could do better, says what it measured, and what there is to gain.
//
// The rules are those that the RWEB referential (5th edition) and the tools of the field look for, each in a file of its own: what it
// measures, its threshold, and advice in our own words. Nothing is scored: a check passes, fails, or has nothing to say.
package practice

import (
	"bytes"
	"fmt"
	"net/url"

	"github.com/PuerkitoBio/goquery"

	"veille/ecoindex"
	"veille/ecoindex/web"
)

// Words are a sentence for people.
type Words struct{ FR, EN string }

// Check is one rule for one page.
type Check struct {
	ID      string   // ours, for ever, such as "text-compression"
	RWEB    []string // numbers of sheets of the 5th edition, such as "0076"
	RefID   []string // their stable names, such as "0078"
	RGESN   []string // criteria of the RGESN 2024 that it helps to decide, such as "6.3"
	Browser bool     // it needs what only a browser knows
	Title   Words
	Advice  Words
	Unit    string  // of what is measured: "", "%", "kB", "ms"
	Most    float64 // the threshold: what is measured may be so much
	Look    func(*View) Finding
}

// Status is what became of a check.
type Status string

// What a check says.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Nothing Status = "nothing" // the page has nothing of the kind, or not enough was seen of it
)

// Finding is what a check found.
type Finding struct {
	Status    Status
	Measured  float64    // in the unit of the check; 0 for Nothing
	Offenders []Offender // what fails, the worst first
	Saves     Saving     // what the page would be without what fails, as far as it can be told
	Why       Words      // for Nothing: what is missing to say more; empty where there is just nothing to say
}

// Offender is a resource or a place in the page that fails a check.
type Offender struct {
	URL    string // of a resource; "" for a place
	Where  string // a place in the page, as web.Part says it; "" for a resource
	Detail string // what was found there, figures and field names only: it is the same in every language
	Bytes  int64  // to be saved by mending it; 0 where there is nothing or nobody can tell
}

// Saving is what a page can be rid of.
type Saving struct {
	Bytes    int64
	Requests int
	Elements int
}

// Result is what a check says of a page.
type Result struct {
	Check
	Finding
	Points float64 // that the page would gain; 0 to 100
}

// View is a page as checks look at it.
type View struct {
	*web.Sight
	Doc  *goquery.Document
	Base *url.URL // by which the addresses of the page are resolved

	memory *Memory
}

// NewView reads a page for the checks. An error says that its address or its text cannot be read.
func NewView(s *web.Sight) (*View, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return nil, fmt.Errorf("read the address of the page: %w", err)
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(s.HTML))
	if err != nil {
		return nil, fmt.Errorf("read the page %s: %w", s.URL, err)
	}
	if href, ok := doc.Find("base[href]").First().Attr("href"); ok {
		if base := web.Resolve(u, href); base != nil {
			u = base
		}
	}
	return &View{Sight: s, Doc: doc, Base: u}, nil
}

// Page looks at a page by every check, in the order of Checks. A check that needs a browser says Nothing where none looked. What it finds
// in texts it remembers in m, for the next page; nil: it does not.
func Page(s *web.Sight, m *Memory) ([]Result, error) {
	v, err := NewView(s)
	if err != nil {
		return nil, err
	}
	v.memory = m
	return v.page(), nil
}

// page looks at a page by every check.
func (v *View) page() []Result {
	var all []Result
	for _, c := range Checks() {
		r := Result{Check: c, Finding: Finding{Status: Nothing, Why: Words{"il faut un navigateur", "a browser is needed"}}}
		if !c.Browser || v.Shown != nil {
			r.Finding = c.Look(v)
		}
		r.Points = gain(v.Measure(), r.Saves)
		all = append(all, r)
	}
	return all
}

// gain is how many points a page gains without what can be saved.
func gain(m ecoindex.Measure, s Saving) float64 {
	before, err := ecoindex.Compute(m)
	if err != nil {
		return 0
	}
	m.SizeKB, m.Requests, m.DOM = max(0, m.SizeKB-float64(s.Bytes)/1000), max(0, m.Requests-s.Requests), max(0, m.DOM-s.Elements)
	after, err := ecoindex.Compute(m)
	if err != nil {
		return 0
	}
	return max(0, after.Raw-before.Raw)
}

// judge is the finding of something that was measured, by the threshold of its check.
func judge(measured, most float64, offenders []Offender, saves Saving) Finding {
	f := Finding{Status: Passed, Measured: measured}
	if measured > most {
		f.Status, f.Offenders, f.Saves = Failed, offenders, saves
	}
	return f
}

// Fresh tells whether browsers keep an answer for a while without asking again.
func Fresh(e *web.Exchange) bool { return e.Header != nil && freshness(e.Header) > 0 }

package practice

import (
	"net/netip"
	"strings"

	"golang.org/x/net/publicsuffix"

	"veille/ecoindex/web"
)

// Verdict is what was seen on one page of a criterion of the RGESN 2024.
type Verdict struct {
	Criterion string  `json:"criterion"`         // such as "6.3"
	Status    Status  `json:"status"`            // Nothing: the page has nothing of the kind
	Measured  float64 `json:"measured"`          // in the unit of the criterion
	Unknown   bool    `json:"unknown,omitempty"` // of Nothing: not enough was seen to say even that, as without a browser
}

// Criterion is a criterion of the RGESN 2024 that a crawl can say something about. The words are ours; those of the referential are
// published by the Arcep under the Licence Ouverte. It has no weight, and there is no sum: of 78 criteria most are for people.
type Criterion struct {
	ID      string // of the referential, such as "6.3"
	Title   Words  // what it asks
	Test    Words  // what is looked at
	Seen    Words  // what remains for a person
	Unit    string // of what is measured: "", "%", "kB", "s"
	Decided bool   // what is seen decides it, for the pages that were looked at; else a person does

	plain bool // not Decided, but what fails on a page fails it plainly
	more  bool // the more is measured, the better
	look  func(*evidence) Verdict
}

// Criteria are the criteria that a page decides or helps to decide, in their order, by what its checks gave.
func Criteria(v *View, all []Result) []Verdict {
	e := &evidence{View: v, results: map[string]*Result{}, hosts: map[string]string{}}
	for i := range all {
		e.results[all[i].ID] = &all[i]
	}
	e.own = e.site(hostOf(v.URL))
	e.walk()
	var verdicts []Verdict
	for _, c := range RGESN() {
		one := c.look(e)
		one.Criterion = c.ID
		verdicts = append(verdicts, one)
	}
	return verdicts
}

// RGESN are the criteria of the RGESN 2024 that a crawl can say something about, in their order.
func RGESN() []Criterion {
	var all []Criterion
	for _, theme := range [][]Criterion{specificationCriteria(), interfaceCriteria(), contentCriteria(), transferCriteria(), frontendCriteria(), backendCriteria()} {
		all = append(all, theme...)
	}
	return all
}

// evidence is a page as criteria look at it.
type evidence struct {
	*View
	results map[string]*Result // by the id of their check
	hosts   map[string]string  // the site of each, as far as it was asked for
	own     string             // the site of the page
	elements
}

// site is whose a host is: the domain that somebody registered, or the host itself where nobody did, as for a number or an intranet name.
func (e *evidence) site(host string) string {
	if site, known := e.hosts[host]; known {
		return site
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if _, number := netip.ParseAddr(host); number == nil || err != nil {
		site = host
	}
	e.hosts[host] = site
	return site
}

// ours tells whether an answer came from the page's own site.
func (e *evidence) ours(x *web.Exchange) bool { return e.site(hostOf(x.URL)) == e.own }

// by is what checks say together: what they measured is added up.
func (e *evidence) by(ids ...string) Verdict {
	said := Verdict{Status: Nothing}
	for _, id := range ids {
		r := e.results[id]
		switch {
		case r == nil:
		case r.Status == Failed:
			said.Status = Failed
			said.Measured += r.Measured
		case r.Status == Passed:
			if said.Status == Nothing {
				said.Status = Passed
			}
			said.Measured += r.Measured
		case r.Why != Words{}:
			said.Unknown = true
		}
	}
	said.Unknown = said.Unknown && said.Status == Nothing
	return said
}

// atMost is the verdict on what was measured.
func atMost(measured, most float64) Verdict {
	if measured > most {
		return Verdict{Status: Failed, Measured: measured}
	}
	return Verdict{Status: Passed, Measured: measured}
}

// above is the verdict on what was measured of which there must be more than so much.
func above(measured, least float64) Verdict {
	if measured > least {
		return Verdict{Status: Passed, Measured: measured}
	}
	return Verdict{Status: Failed, Measured: measured}
}

func none() Verdict { return Verdict{Status: Nothing} }

func unknown() Verdict { return Verdict{Status: Nothing, Unknown: true} }

// checkOf is a look at what checks say together.
func checkOf(ids ...string) func(*evidence) Verdict {
	return func(e *evidence) Verdict { return e.by(ids...) }
}

// text tells whether an answer is a text of the page's own site that is worth compressing.
func (e *evidence) text(x *web.Exchange) bool {
	if !came(x) || !fetched(x.URL) || x.Decoded < leastText || !e.ours(x) {
		return false
	}
	kind := typeOf(x)
	return compressible(kind) && !isFont(kind) && (!strings.HasPrefix(kind, "image/") || kind == "image/svg+xml")
}

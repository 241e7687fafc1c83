package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// unexplained is said of a difference for which no rule speaks.
const unexplained = "unexplained"

// difference is one measure on which two measurers disagree, and why.
type difference struct {
	what   string
	delta  float64 // the second less the first
	reason string
}

// pair is what two measurers found on a page.
type pair struct {
	page      *page
	a, b      tally
	aKey      string
	bKey      string
	siblings  map[string]tally // what all the others found on this page, by key
	tolerance float64          // kB that count as equal
}

// differences are those between a and b. A reason is given only where what is known of the page agrees with it.
func (p *pair) differences() []difference {
	if p.a.problem != "" || p.b.problem != "" {
		return nil
	}
	var all []difference
	if d := p.b.measure.DOM - p.a.measure.DOM; d != 0 {
		all = append(all, difference{"elements", float64(d), p.elements()})
	}
	onlyA, onlyB := p.only()
	if d := p.b.measure.Requests - p.a.measure.Requests; d != 0 {
		reason := p.silence(onlyA, onlyB)
		if len(onlyB)-len(onlyA) == d {
			reason = p.requests(onlyA, onlyB)
		}
		all = append(all, difference{"requests", float64(d), reason})
	}
	if d := p.b.measure.SizeKB - p.a.measure.SizeKB; math.Abs(d) > p.tolerance {
		all = append(all, difference{"kB", d, p.size(d, onlyA, onlyB)})
	}
	return all
}

// elements says why the numbers of elements differ.
func (p *pair) elements() string {
	// Our protocol of that name applies the plugin's rule: where both agree, it is the rule.
	if like, ok := p.siblings["lighthouse"]; ok && p.bKey == "plugin" && p.aKey != "lighthouse" && like.measure.DOM == p.b.measure.DOM {
		return "it counts below body only, and below an svg all but its children (our protocol lighthouse finds the same)"
	}
	if p.aKey == staticKey && p.page.scripts {
		return "scripts change the page"
	}
	return unexplained
}

// only are the requests that one of the two counted and the other did not, each as often as it did.
func (p *pair) only() (a, b []request) {
	ofA, ofB := p.a.requests(), p.b.requests()
	if p.a.counted == nil || p.b.counted == nil { // what was asked of other servers is known of one of them at most
		elsewhere := func(r request) bool { return !strings.HasPrefix(r.path, "/") }
		ofA, ofB = slices.DeleteFunc(slices.Clone(ofA), elsewhere), slices.DeleteFunc(slices.Clone(ofB), elsewhere)
	}
	return minus(ofA, ofB), minus(ofB, ofA)
}

// requests are those a measurer says it counted, or else those it made to the page's own origin, without the icon that
// no reference counts.
func (t *tally) requests() []request {
	if t.counted != nil {
		return t.counted
	}
	var made []request
	for _, r := range t.asked {
		if !isIcon(r.path) {
			made = append(made, r)
		}
	}
	return made
}

func isIcon(path string) bool { return strings.HasSuffix(path, "/favicon.ico") }

func minus(a, b []request) []request {
	left := map[string]int{}
	for _, r := range b {
		left[r.path]++
	}
	var rest []request
	for _, r := range a {
		if left[r.path] > 0 {
			left[r.path]--
			continue
		}
		rest = append(rest, r)
	}
	return rest
}

// requests says why each of the requests is counted by one only: the reasons, each with its requests.
func (p *pair) requests(onlyA, onlyB []request) string {
	var order []string
	names := map[string][]string{}
	add := func(counts string, r request, other *tally) {
		reason := counts + ", " + p.why(r, other)
		if names[reason] == nil {
			order = append(order, reason)
		}
		names[reason] = append(names[reason], short(r.path))
	}
	for _, r := range onlyA {
		add("not counted", r, &p.b)
	}
	for _, r := range onlyB {
		add("counted too", r, &p.a)
	}
	var reasons []string
	for _, reason := range order {
		slices.Sort(names[reason])
		reasons = append(reasons, reason+": "+abridge(names[reason]))
	}
	return strings.Join(reasons, "; ")
}

// why says why a measurer does not count a request that the other counts.
func (p *pair) why(r request, without *tally) string {
	key := p.aKey
	if without == &p.b {
		key = p.bKey
	}
	unheard := times(without.asked, r.path) > times(without.requests(), r.path)
	switch {
	case isIcon(r.path):
		return "the icon of the site, which the reference leaves out"
	case unheard && slices.Contains(p.page.icons(), short(r.path)):
		return "the icon of the page, asked for all the same"
	case unheard && (key == "plugin" || key == "lighthouse"): // those that count before they scroll
		return "asked for after the count"
	case unheard:
		return unexplained + ", asked for all the same"
	case times(without.requests(), r.path) > 0:
		return "asked for again"
	case key == staticKey && p.page.scripts:
		return "scripts ask for it"
	case p.aKey == staticKey && key != staticKey && !strings.Contains(p.page.text, short(r.path)):
		return "a style rule names it for something that the browser does not show"
	case strings.HasPrefix(r.path, "http") && r.bytes == 0:
		return "it had no answer"
	}
	return unexplained
}

// times is how often a path was asked for.
func times(requests []request, path string) int {
	n := 0
	for _, r := range requests {
		if r.path == path {
			n++
		}
	}
	return n
}

// size says why the kilobytes differ by d.
func (p *pair) size(d float64, onlyA, onlyB []request) string {
	requests := weigh(onlyB) - weigh(onlyA)
	notes := p.b.unsized - p.a.unsized
	slack := p.tolerance + 0.1*float64(len(onlyA)+len(onlyB)) // the plugin rounds each
	if math.Abs(d-requests-notes) > slack {
		return unexplained
	}
	var reasons []string
	switch {
	case len(onlyA)+len(onlyB) == 0:
	case p.a.measure.Requests == p.b.measure.Requests: // as many, but others
		reasons = append(reasons, p.requests(onlyA, onlyB))
	default:
		reasons = append(reasons, "the bytes of these requests")
	}
	if notes != 0 {
		reasons = append(reasons, fmt.Sprintf("%+.1f kB that the reference takes for answers without a size: the length of its own notes", notes))
	}
	if len(reasons) == 0 {
		return unexplained
	}
	return strings.Join(reasons, ", ")
}

// weigh adds up the kilobytes of requests.
func weigh(requests []request) float64 {
	sum := 0.0
	for _, r := range requests {
		sum += r.bytes / 1000
	}
	return sum
}

// silence is what can be said where the requests that are known do not account for the difference in their number.
func (p *pair) silence(onlyA, onlyB []request) string {
	text := []string{unexplained}
	for _, one := range []struct {
		key string
		t   *tally
	}{{p.aKey, &p.a}, {p.bKey, &p.b}} {
		if known := len(one.t.requests()); known != one.t.measure.Requests {
			text = append(text, fmt.Sprintf("%s counts %d and asked our server for %d", one.key, one.t.measure.Requests, known))
		}
	}
	if len(onlyA)+len(onlyB) > 0 {
		text = append(text, p.requests(onlyA, onlyB))
	}
	return strings.Join(text, "; ")
}

func short(path string) string {
	return path[strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/')+1:]
}

// abridge names the first of many.
func abridge(names []string) string {
	const most = 2
	if len(names) > most+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// gap is how far static mode is from what a browser finds, in percent of the latter, and in points of the score.
type gap struct{ dom, requests, size, points float64 }

func gapOf(static, browser tally) gap {
	percent := func(a, b float64) float64 { return 100 * (a - b) / max(b, 1) }
	s, b := static.measure, browser.measure
	return gap{
		dom:      percent(float64(s.DOM), float64(b.DOM)),
		requests: percent(float64(s.Requests), float64(b.Requests)),
		size:     percent(s.SizeKB, b.SizeKB),
		points:   static.result.Raw - browser.result.Raw,
	}
}

// middle is the median of values.
func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return math.NaN()
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

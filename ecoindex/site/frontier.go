package site

import (
	"encoding/json"
	"net/url"
	"time"
)

// State is what became of an address.
type State string

// The states of an address.
const (
	Waiting State = "waiting" // to be looked at
	Later   State = "later"   // looked at in vain, to be looked at once more when no other waits
	Seen    State = "seen"    // a page of the site, looked at
	Failed  State = "failed"  // looked at in vain
	Refused State = "refused" // not looked at: see Reason
	Alias   State = "alias"   // it leads to another address
	Copy    State = "copy"    // it is another page once more, by its own word: Journal.Read says so, when all is known
)

// entry is an address of the site that was found.
type entry struct {
	url    *url.URL
	depth  int
	from   int  // number of the page that linked to it first; -1 for a start, or a sitemap
	listed bool // a sitemap has it
	state  State
	reason Reason
	links  int   // pages that link to it
	to     int   // for an alias, the number of the address that it leads to; -1 where that is outside
	at     int64 // where its line is in the journal

	tried   bool          // in vain: it is looked at for the second time
	after   time.Duration // for which its host wanted to be left alone then
	resting bool          // that time is not over
}

// frontier is the addresses of a site that were found, by number in the order in which they were, and those that wait.
type frontier struct {
	rules    Rules
	entries  []entry
	numbers  map[string]int
	variants map[string]int // by host and path
	queues   [][]int        // those that wait, by depth
	later    []int          // those to be looked at once more, in the order in which they failed
	left     map[Reason]int // addresses that were not taken, by reason
	counts   map[State]int
	last     int // the number of the address that was entered last; -1 for none
}

func newFrontier(r Rules) *frontier {
	r = r.withDefaults()
	return &frontier{rules: r, numbers: map[string]int{}, variants: map[string]int{}, queues: make([][]int, r.Depth+1), left: map[Reason]int{}, counts: map[State]int{}, last: -1}
}

// mostKnown is how many addresses are known for one that may be looked at: what a site without end would make us remember.
const mostKnown = 20

// find takes an address that a page links to, and answers its number; -1 for one that is not taken.
func (f *frontier) find(u *url.URL, from, depth int, listed bool) int {
	u, reason := f.rules.admit(u)
	if reason != "" {
		f.left[reason]++
		return -1
	}
	if n, ok := f.numbers[u.String()]; ok {
		f.entries[n].listed = f.entries[n].listed || listed
		return n
	}
	path := u.Host + u.EscapedPath()
	switch {
	case depth > f.rules.Depth:
		reason = TooDeep
	case u.RawQuery != "" && f.variants[path] >= f.rules.MaxVariants:
		reason = Variants
	case len(f.entries) >= mostKnown*f.rules.MaxPages:
		reason = Enough
	}
	if reason != "" {
		f.left[reason]++
		return -1
	}
	if u.RawQuery != "" {
		f.variants[path]++
	}
	n := len(f.entries)
	f.entries = append(f.entries, entry{url: u, depth: depth, from: from, listed: listed, state: Waiting, to: -1})
	f.numbers[u.String()] = n
	f.counts[Waiting]++
	f.queues[depth] = append(f.queues[depth], n)
	return n
}

// full tells whether as many pages were looked at as may be, under of them at this moment.
func (f *frontier) full(under int) bool {
	return f.counts[Seen]+f.counts[Failed]+under >= f.rules.MaxPages || f.counts[Alias] >= 4*f.rules.MaxPages
}

// next is the number of an address to look at, those of the fewest links from a start first, then those that are looked at once more; -1
// for none now. under are looked at already.
func (f *frontier) next(under int) int {
	for depth := range f.queues {
		for len(f.queues[depth]) > 0 {
			n := f.queues[depth][0]
			switch {
			case f.entries[n].state != Waiting:
			case f.full(0):
				f.set(n, Refused, Enough)
				f.left[Enough]++
			case f.full(under + f.counts[Later]): // until it is known what becomes of these
				return f.again()
			default:
				f.queues[depth] = f.queues[depth][1:]
				return n
			}
			f.queues[depth] = f.queues[depth][1:]
		}
	}
	return f.again()
}

// again is the number of an address to look at once more; -1 for none now.
func (f *frontier) again() int {
	for len(f.later) > 0 && f.entries[f.later[0]].state != Later {
		f.later = f.later[1:]
	}
	for _, n := range f.later { // those that rest are at most as many as pages are looked at at a time
		if e := f.entries[n]; e.state == Later && !e.resting {
			f.set(n, Waiting, "")
			return n
		}
	}
	return -1
}

// set says what became of an address.
func (f *frontier) set(n int, s State, r Reason) {
	e := &f.entries[n]
	f.counts[e.state]--
	f.counts[s]++
	e.state, e.reason = s, r
}

// page is what became of an address, as a line of the journal has it.
type page struct {
	Number int             `json:"n"`
	URL    string          `json:"url"` // for people who read the journal
	State  State           `json:"state"`
	Reason Reason          `json:"reason,omitempty"`
	To     string          `json:"to,omitempty"`    // of an alias
	Copy   string          `json:"copy,omitempty"`  // the page of which it is a copy by its own word
	Links  []string        `json:"links,omitempty"` // of the site, each once
	After  time.Duration   `json:"after,omitempty"` // for which the host wants to be left alone, of one to be looked at later; ns
	Result json.RawMessage `json:"result,omitempty"`
}

// done enters what became of an address. at is where its line is.
func (f *frontier) done(p page, at int64) {
	f.set(p.Number, p.State, p.Reason)
	f.entries[p.Number].at, f.entries[p.Number].after = at, p.After
	if p.State == Later {
		f.entries[p.Number].tried = true
		f.later = append(f.later, p.Number)
	}
	f.last = p.Number
	depth := f.entries[p.Number].depth
	for _, link := range p.Links {
		if u, err := url.Parse(link); err == nil {
			if n := f.find(u, p.Number, depth+1, false); n >= 0 {
				f.entries[n].links++
			}
		}
	}
	if u, err := url.Parse(p.Copy); err == nil && p.Copy != "" {
		f.find(u, p.Number, depth, false)
	}
	if u, err := url.Parse(p.To); err == nil && p.To != "" {
		n := f.find(u, p.Number, depth, false)
		f.entries[p.Number].to = n // find may have moved the entries
	}
}

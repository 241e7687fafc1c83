package browser

import (
	"fmt"
	"strings"
	"time"

	"veille/ecoindex"
)

// Protocol is a way of visiting a page and of counting what it took. Its name is shown with each figure.
type Protocol struct {
	Name  string
	About string // one sentence, for help
	Basis ecoindex.Basis

	width, height int // of the viewport; the screen is 1920 by 1080
	wait          time.Duration
	scroll        bool // to the bottom, once, between two waits
	adaptive      bool // the waits end as soon as nothing more can happen within them
	rule          rule
}

// rule is what counts.
type rule struct {
	elements string // a script whose value is the number of elements

	finished    bool // only requests that ended well
	transferred bool // only requests that transferred something
	pageOnly    bool // what service workers ask for is not the page's
	redirects   bool // each redirect is a request of its own
	favicon     bool // what ends in /favicon.ico is a request too, when the page itself asks for it
	network     bool // only requests that no cache answered
	addHTML     bool // the length of the final HTML is added to the bytes transferred
}

// Protocols are those that Measure knows, the default first.
func Protocols() []Protocol {
	reference := rule{elements: countElements, redirects: true}
	return []Protocol{
		{
			Name: "ecoindex-2026", Basis: ecoindex.FromRounded,
			About: "counts exactly as the reference behind ecoindex.fr: a viewport of 1280 by 720, 3 s, one scroll to the bottom, 3 s",
			width: 1280, height: 720, wait: 3 * time.Second, scroll: true, rule: reference,
		},
		{
			Name: "adaptive", Basis: ecoindex.FromRounded,
			About: "the same counting, but goes on as soon as nothing more can happen within the waits",
			width: 1280, height: 720, wait: 3 * time.Second, scroll: true, adaptive: true, rule: reference,
		},
		{
			Name: "published", Basis: ecoindex.FromRounded,
			About: "as the published text says: a viewport of 1920 by 1080, requests that finished, the HTML's length added to the bytes",
			width: 1920, height: 1080, wait: 3 * time.Second, scroll: true,
			rule: rule{elements: countElements, finished: true, addHTML: true},
		},
		{
			Name: "lighthouse", Basis: ecoindex.FromRaw,
			About: "the rules of lighthouse-plugin-ecoindex, for comparison: elements below body, before the scroll, only what transferred something; grade from the raw score",
			width: 1920, height: 1080, wait: 3 * time.Second,
			rule: rule{elements: countBelowBody, transferred: true, pageOnly: true, redirects: true, favicon: true},
		},
	}
}

// ParseProtocol finds a protocol by its name; the empty name is the default.
func ParseProtocol(name string) (Protocol, error) {
	var names []string
	for _, p := range Protocols() {
		if p.Name == name || name == "" {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Protocol{}, fmt.Errorf("%q is not a protocol; give one of %s", name, strings.Join(names, ", "))
}

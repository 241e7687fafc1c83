package main

import (
	"math"
	"slices"
	"testing"

	"veille/ecoindex"
)

func counted(dom int, kb float64, requests ...request) tally {
	return tally{measure: ecoindex.Measure{DOM: dom, Requests: len(requests), SizeKB: kb}, counted: requests}
}

func requested(paths ...string) []request {
	var all []request
	for _, path := range paths {
		all = append(all, request{path, 1000})
	}
	return all
}

func asked(dom int, kb float64, paths ...string) tally {
	t := tally{measure: ecoindex.Measure{DOM: dom, SizeKB: kb}, asked: requested(paths...)}
	t.measure.Requests = len(t.requests())
	return t
}

func TestADifferenceHasAReasonOnlyWhereTheFactsAgreeWithIt(t *testing.T) {
	html, late, icon := request{"/", 1000}, request{"/a/late.png", 5000}, request{"/favicon.ico", 300}
	plugin := counted(40, 1.3, html, icon)
	plugin.asked = requested("/", "/favicon.ico", "/a/late.png")
	unsized := counted(50, 7.2, html, late)
	unsized.unsized = 1.2
	for name, c := range map[string]struct {
		pair      pair
		what, why string
	}{
		"equal": {
			pair{a: asked(50, 6, "/", "/a/late.png", "/favicon.ico"), b: counted(50, 6.04, html, late)}, "", "",
		},
		"rule of the plugin": {
			pair{a: asked(50, 1.3, "/"), b: counted(40, 1.3, html), bKey: "plugin", siblings: map[string]tally{"lighthouse": asked(40, 1.3)}},
			"-10 elements",
			"elements: it counts below body only, and below an svg all but its children (our protocol lighthouse finds the same)",
		},
		"not the rule of the plugin": {
			pair{a: asked(50, 1.3, "/"), b: counted(40, 1.3, html), bKey: "plugin", siblings: map[string]tally{"lighthouse": asked(41, 1.3)}},
			"-10 elements",
			"elements: unexplained",
		},
		"the icon instead of what comes late": {
			pair{a: counted(40, 6, html, late), b: plugin, bKey: "plugin"},
			"-4.7 kB",
			"kB: not counted, asked for after the count: late.png; counted too, the icon of the site, which the reference leaves out: favicon.ico",
		},
		"late": {
			pair{a: asked(40, 1.3, "/", "/a/late.png", "/b.js", "/b.js"), b: counted(40, 1.3, html, request{"/b.js", 1})},
			"-2 requests",
			"requests: not counted, unexplained: late.png; not counted, asked for again: b.js",
		},
		"scripts": {
			pair{a: asked(30, 1, "/"), b: asked(40, 1, "/", "/x/1.js", "/x/2.js", "/x/3.js", "/x/4.js"), aKey: staticKey, page: &page{scripts: true}},
			"+10 elements, +4 requests",
			"elements: scripts change the page; requests: counted too, scripts ask for it: 1.js, 2.js and 2 more",
		},
		"no scripts": {
			pair{a: asked(30, 1, "/"), b: asked(40, 1, "/", "/1.js"), aKey: staticKey, page: &page{}},
			"+10 elements, +1 requests",
			"elements: unexplained; requests: counted too, unexplained: 1.js",
		},
		"answers without a size": {
			pair{a: asked(50, 6, "/", "/a/late.png"), b: unsized},
			"+1.2 kB",
			"kB: +1.2 kB that the reference takes for answers without a size: the length of its own notes",
		},
		"a size that nothing accounts for": {
			pair{a: asked(50, 6, "/"), b: counted(50, 9, html)},
			"+3.0 kB",
			"kB: unexplained",
		},
		"not measured": {
			pair{a: tally{problem: "timeout"}, b: counted(50, 9, html)}, "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.pair.tolerance = 0.05
			if c.pair.page == nil {
				c.pair.page = &page{}
			}
			if what, why := cells(c.pair.differences()); what != c.what || why != c.why {
				t.Errorf("got  %s | %s\nwant %s | %s", what, why, c.what, c.why)
			}
		})
	}
}

func TestARequestMadeAfterTheCountIsSaidToBe(t *testing.T) {
	plugin := counted(40, 1, request{"/", 1000})
	plugin.asked = requested("/", "/late.png")
	p := pair{page: &page{}, a: asked(40, 1, "/", "/late.png"), b: plugin, bKey: "plugin", tolerance: 0.05}
	got := p.differences()
	if len(got) != 1 || got[0].reason != "not counted, asked for after the count: late.png" {
		t.Errorf("got %+v", got)
	}
}

func TestAnIconIsKnownByThePageThatNamesIt(t *testing.T) {
	p := &page{text: `<LINK><link href="/a/pic.svg" rel="shortcut ICON" type=x><link rel=icon href=b.png ><link rel="stylesheet" href="icon.css">`}
	if got := p.icons(); !slices.Equal(got, []string{"pic.svg", "b.png"}) {
		t.Errorf("got %q", got)
	}
	reference, ours := counted(5, 2, request{"/", 1000}, request{"/a/pic.svg", 1000}), counted(5, 1, request{"/", 1000})
	ours.asked = requested("/", "/a/pic.svg")
	pr := pair{page: p, a: reference, b: ours, tolerance: 0.05}
	if what, why := cells(pr.differences()); what != "-1 requests, -1.0 kB" ||
		why != "requests: not counted, the icon of the page, asked for all the same: pic.svg; kB: the bytes of these requests" {
		t.Errorf("got %s | %s", what, why)
	}
}

func TestTheGapOfStaticModeIsInPercentOfWhatTheBrowserFinds(t *testing.T) {
	static, browser := asked(50, 30), asked(100, 20)
	static.measure.Requests, browser.measure.Requests = 5, 4
	static.result.Raw, browser.result.Raw = 80, 77.5
	if got, want := gapOf(static, browser), (gap{-50, 25, 50, 2.5}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := middle([]float64{3, 1, 2, 10}); got != 2.5 {
		t.Errorf("the middle is %v", got)
	}
	if !math.IsNaN(middle(nil)) {
		t.Error("nothing has a middle")
	}
}

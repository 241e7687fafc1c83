package crawl

import (
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"veille/collector"
	"veille/ecoindex/web"
)

// night is when few people visit a site: websites are begun from open to close, and interrupted at end.
type night struct{ open, close, end time.Time }

func nightOf(now time.Time) night {
	y, m, d := now.Date()
	at := func(hour int) time.Time { return time.Date(y, m, d, hour, 0, 0, 0, now.Location()) }
	return night{at(1), at(5), at(7)}
}

func (n night) on(now time.Time) bool { return !now.Before(n.open) && now.Before(n.end) }

// turn is when a website begins, the same every night: drawn by its number, so that numbers that follow each other lie far from each
// other, and early enough for it to end before the night closes.
func (n night) turn(id int64, length time.Duration) time.Time {
	const golden = 0x9e3779b97f4a7c15                   // 2^64 divided by the golden ratio: its multiples spread evenly
	part := float64(uint64(id)*golden) / math.MaxUint64 //nolint:gosec // numbers are positive
	room := max(0, n.close.Sub(n.open)-length)
	return n.open.Add(time.Duration(part * float64(room)))
}

// What a page takes beside the delay, by a look at some sites: it need not be right.
const (
	lookTakes = time.Second
	showTakes = 12 * time.Second
)

// lengthOf is how long a website takes, by the run before; the first time as long as it may take.
func lengthOf(w collector.Website, f files) time.Duration {
	pages, shown := 1, 1
	if last, err := f.last(); err == nil {
		pages, shown = last.Pages, last.Measured
	} else if w.Kind == collector.KindSite {
		pages, shown = w.Rules.MaxPages, min(w.Rules.MaxPages, max(w.Rules.Sample, 50))
		if w.Rules.Mode == modeBrowser {
			shown = pages
		}
	}
	if !wantsBrowser(w) {
		shown = 0
	}
	each := max(delayOf(w), 0)
	return time.Duration(pages)*(each+lookTakes) + time.Duration(shown)*(each+showTakes)
}

// The modes of WebsiteRules.
const (
	modeTwoSpeed = "two-speed" // also where none is said
	modeStatic   = "static"
	modeBrowser  = "browser"
)

func wantsBrowser(w collector.Website) bool { return w.Rules.Mode != modeStatic }

// hostsOf are the hosts of a website without their ports, www.example.org as example.org: what is likely one server.
func hostsOf(w collector.Website) []string {
	var all []string
	for _, h := range addressesOf(w) {
		h = strings.TrimPrefix(strings.ToLower(h), "www.")
		if !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	return all
}

// addressesOf are the names of the hosts of a website as they are written, without their ports.
func addressesOf(w collector.Website) []string {
	var all []string
	if u, err := url.Parse(w.Rules.URL); err == nil {
		all = append(all, u.Hostname())
	}
	if w.Kind == collector.KindPage {
		return all
	}
	for _, h := range w.Rules.Hosts {
		if u, err := url.Parse("//" + h); err == nil {
			all = append(all, u.Hostname())
		}
	}
	return all
}

// leastDelay is the shortest time for which somebody else's site is left alone after a page.
const leastDelay = time.Second

// delayOf is for how long a site is left alone, as site.Options takes it: below zero for not at all, which is for this machine only.
func delayOf(w collector.Website) time.Duration {
	own := !slices.ContainsFunc(addressesOf(w), func(h string) bool { return !web.Loopback(h) })
	switch {
	case !own:
		return max(w.Rules.Delay, leastDelay)
	case w.Rules.Delay == 0:
		return -1
	}
	return w.Rules.Delay
}

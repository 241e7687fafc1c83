// Package template groups the pages of a site that look alike, so that measuring a few of a group tells about all of it.
//
// A page leaves a Print: 456 bytes that say which elements it is made of and which files it shares, and nothing of its
// text. Two prints tell how alike their pages are; pages above Alike have one template.
package template

import (
	"bytes"
	"cmp"
	"hash/fnv"
	"slices"
)

const (
	// Alike is how alike a page and the leader of its group are at least. The 1,169 pages of the PostgreSQL 15 manual make
	// 35 groups with 0.5, 69 with this, and 125 with 0.7, as their texts differ more than their template does.
	Alike = 0.6
	// MaxGroups is how many groups have a leader. A page that is like none of them is then in the group Other: without
	// a bound, a site whose every page differs would be compared with itself.
	MaxGroups = 300
	// Other is the group of the pages that are like no leader, once there are MaxGroups of them.
	Other = -1
)

// Groups are the templates known so far, each by the print of its leader, the page that opened it. The number of a
// group is the place of its leader, and does not change as others join. The zero Groups is ready; to go on after a
// restart, keep Leaders and give them back. It is not safe for two goroutines at once.
type Groups struct{ Leaders []Print }

// Find is the group of the leader most like p, the first of equals, and how alike they are, 0 to 1. It is Other, and 0,
// when none is at least Alike.
func (g *Groups) Find(p *Print) (group int, like float64) {
	return g.findAfter(p, 0, Other, 0)
}

// findAfter is Find, for who has compared p with the first leaders and found the best of them.
func (g *Groups) findAfter(p *Print, compared, best int, like float64) (int, float64) {
	for i := compared; i < len(g.Leaders); i++ {
		if found, ok := p.atLeast(&g.Leaders[i], max(like, Alike)); ok && found > like {
			best, like = i, found
		}
	}
	return best, like
}

// Join is Find, but a page that is like no leader opens a group of its own while there are less than MaxGroups. What
// groups there are depends on the order in which pages join: see Group for one that does not.
func (g *Groups) Join(p *Print) int {
	group, like := g.Find(p)
	group, _ = g.lead(p, group, like)
	return group
}

// lead opens a group for what was not found, if there is room.
func (g *Groups) lead(p *Print, group int, like float64) (int, float64) {
	if group != Other || len(g.Leaders) >= MaxGroups {
		return group, like
	}
	g.Leaders = append(g.Leaders, *p)
	return len(g.Leaders) - 1, 1
}

// Page is a page to put in a group.
type Page struct {
	URL   string
	Print Print
}

// Group adds to g the groups that pages need and answers the group of each page, in the order of pages. Pages open
// groups in an order drawn from their addresses, so that the large templates of a site come early however they are
// listed; then each page goes to the leader most like it. The answer depends on which pages there are and on the
// groups there were, never on the order of pages. It still depends on the addresses: another leader of the same
// template draws the border with its neighbour elsewhere. The work is at most len(pages) times MaxGroups comparisons.
func (g *Groups) Group(pages []Page) []int {
	type turn struct {
		key  uint64
		page int
	}
	turns := make([]turn, len(pages))
	for i := range pages {
		h := fnv.New64a()
		_, _ = h.Write([]byte(pages[i].URL))
		turns[i] = turn{mix(h.Sum64()), i}
	}
	slices.SortFunc(turns, func(a, b turn) int {
		return cmp.Or(
			cmp.Compare(a.key, b.key),
			cmp.Compare(pages[a.page].URL, pages[b.page].URL),
			bytes.Compare(pages[a.page].Print[:], pages[b.page].Print[:]),
		)
	})
	// Many pages of a site leave the same print: each is compared once, and with the leaders that came after it.
	type place struct {
		print    *Print
		group    int
		like     float64
		compared int // leaders
	}
	var places []place
	at := make(map[Print]int)
	for _, t := range turns {
		p := &pages[t.page].Print
		if _, known := at[*p]; known {
			continue
		}
		at[*p] = len(places)
		group, like := g.Find(p)
		group, like = g.lead(p, group, like)
		places = append(places, place{p, group, like, len(g.Leaders)})
	}
	of := make([]int, len(pages))
	for i := range places {
		p := &places[i]
		p.group, _ = g.findAfter(p.print, p.compared, p.group, p.like)
	}
	for i := range pages {
		of[i] = places[at[pages[i].Print]].group
	}
	return of
}

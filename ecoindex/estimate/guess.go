package estimate

import (
	"cmp"
	"math"
	"slices"

	"veille/ecoindex"
)

const (
	maxDonors = 32   // measured pages of a group that make guesses: they bound the work, and more tell little more
	maxCount  = 1e12 // of anything on a page, so that sums stay numbers
)

// site is a site whose pages have been guessed. Scores are whole numbers from 0 to 100, so all there is to know of many
// pages is how many have which.
type site struct {
	pages    []Page
	groups   []*group
	measured int
	scores   []float64
	common   []difference // what groups without a measured page take their guesses from
}

// group is the pages of one template.
type group struct {
	id      int
	pages   []int // places in site.pages
	sample  []int // those that were measured
	donors  []difference
	scores  [101]float64 // pages that score so, measured or guessed
	guessed [101]float64 // of them, those that were guessed
	tests   []test       // for each of sample, unless it is alone
	afar    []test       // the same, guessed from other groups
	cost    Group        // sums, until costs makes means of them
}

// difference is what a browser finds more than a static look, or less.
type difference struct {
	dom, requests, size float64
	page, group         int // where it was seen
}

// test is how a measured page would have been guessed without being measured.
type test struct {
	score   uint8
	guesses []uint8
}

func newSite(pages []Page) *site {
	s := &site{pages: pages, scores: make([]float64, len(pages))}
	known := make(map[int]*group)
	for i := range pages {
		g := known[pages[i].Group]
		if g == nil {
			g = &group{id: pages[i].Group}
			known[g.id] = g
			s.groups = append(s.groups, g)
		}
		g.pages = append(g.pages, i)
	}
	slices.SortFunc(s.groups, func(a, b *group) int { return cmp.Compare(a.id, b.id) })
	for _, g := range s.groups {
		slices.SortFunc(g.pages, func(a, b int) int {
			return cmp.Or(cmp.Compare(pages[a].URL, pages[b].URL), compareMeasures(pages[a].Static, pages[b].Static))
		})
		for _, i := range g.pages {
			if pages[i].Browser != nil {
				g.sample = append(g.sample, i)
			}
		}
		s.measured += len(g.sample)
		for _, i := range spread(g.sample, maxDonors) {
			g.donors = append(g.donors, s.difference(i, g.id))
		}
	}
	s.common = s.commonDonors()
	for _, g := range s.groups {
		s.guess(g)
		s.tryOut(g)
	}
	return s
}

func compareMeasures(a, b ecoindex.Measure) int {
	return cmp.Or(cmp.Compare(a.DOM, b.DOM), cmp.Compare(a.Requests, b.Requests), cmp.Compare(a.SizeKB, b.SizeKB))
}

// spread is most of the list at equal steps.
func spread(list []int, most int) []int {
	if len(list) <= most {
		return list
	}
	chosen := make([]int, most)
	for i := range chosen {
		chosen[i] = list[i*len(list)/most]
	}
	return chosen
}

// commonDonors are differences from all groups that have some: one of each, then a second, until there are enough. The
// largest groups come first where not all have their turn.
func (s *site) commonDonors() []difference {
	sampled := make([]*group, 0, len(s.groups))
	for _, g := range s.groups {
		if len(g.donors) > 0 {
			sampled = append(sampled, g)
		}
	}
	slices.SortStableFunc(sampled, func(a, b *group) int { return cmp.Compare(len(b.pages), len(a.pages)) })
	var all []difference
	for turn := range maxDonors {
		for _, g := range sampled {
			if turn < len(g.donors) && len(all) < 2*maxDonors {
				all = append(all, g.donors[turn])
			}
		}
	}
	return all
}

func (s *site) difference(i, group int) difference {
	before, after := s.pages[i].Static, *s.pages[i].Browser
	return difference{
		dom:      float64(after.DOM) - float64(before.DOM),
		requests: float64(after.Requests) - float64(before.Requests),
		size:     bound(after.SizeKB) - bound(before.SizeKB),
		page:     i,
		group:    group,
	}
}

// from is what a browser finds on a page that differs so from its static measure. Nothing is negative.
func (d difference) from(m ecoindex.Measure) ecoindex.Measure {
	return ecoindex.Measure{
		DOM:      int(math.RoundToEven(bound(float64(m.DOM) + d.dom))),
		Requests: int(math.RoundToEven(bound(float64(m.Requests) + d.requests))),
		SizeKB:   bound(bound(m.SizeKB) + d.size),
	}
}

func bound(v float64) float64 { return min(max(v, 0), maxCount) }

// guess fills the scores and the costs of a group.
func (s *site) guess(g *group) {
	g.cost.Group, g.cost.Pages, g.cost.Measured = g.id, len(g.pages), len(g.sample)
	donors := g.donors
	if len(donors) == 0 {
		donors = s.common
	}
	if len(donors) == 0 {
		donors = []difference{{}} // the static figures are all there is
	}
	for _, i := range g.pages {
		p := &s.pages[i]
		if p.Browser != nil {
			score := g.cost.add(*p.Browser, 1)
			g.scores[score]++
			s.scores[i] = float64(score)
			continue
		}
		share := 1 / float64(len(donors))
		for _, d := range donors {
			score := g.cost.add(d.from(p.Static), share)
			g.scores[score] += share
			g.guessed[score] += share
			s.scores[i] += share * float64(score)
		}
	}
}

// add puts a page into the sums, by its share, and answers its score.
func (c *Group) add(m ecoindex.Measure, share float64) int {
	r := scored(m)
	c.Score += share * float64(r.Score)
	c.DOM += share * float64(m.DOM)
	c.Requests += share * float64(m.Requests)
	c.SizeKB += share * bound(m.SizeKB)
	c.Lost.DOM += share * r.Lost.DOM
	c.Lost.Requests += share * r.Lost.Requests
	c.Lost.Size += share * r.Lost.Size
	return r.Score
}

// scored is the result of a measure that was checked; what cannot be scored has 0 points.
func scored(m ecoindex.Measure) ecoindex.Result {
	r, err := ecoindex.Compute(m)
	if err != nil {
		return ecoindex.Result{Grade: ecoindex.G}
	}
	return r
}

// tryOut guesses the measured pages of a group as if each had not been measured: from the others of its group, and
// some of them from the other groups.
func (s *site) tryOut(g *group) {
	attempt := func(i int, donors []difference, leave func(difference) bool) (t test) {
		t.score = uint8(scored(*s.pages[i].Browser).Score) //nolint:gosec // 0 to 100
		for _, d := range donors {
			if !leave(d) {
				t.guesses = append(t.guesses, uint8(scored(d.from(s.pages[i].Static)).Score)) //nolint:gosec // 0 to 100
			}
		}
		return t
	}
	if len(g.sample) > 1 {
		for _, i := range g.sample {
			g.tests = append(g.tests, attempt(i, g.donors, func(d difference) bool { return d.page == i }))
		}
	}
	for _, i := range spread(g.sample, maxDonors) {
		if t := attempt(i, s.common, func(d difference) bool { return d.group == g.id }); len(t.guesses) > 0 {
			g.afar = append(g.afar, t)
		}
	}
}

// costs are the groups by what they cost the site, the most expensive first.
func (s *site) costs() []Group {
	all := make([]Group, len(s.groups))
	lost := 0.0
	for i, g := range s.groups {
		all[i] = g.cost
		all[i].Share = g.cost.Lost.DOM + g.cost.Lost.Requests + g.cost.Lost.Size
		lost += all[i].Share
	}
	for i := range all {
		c := &all[i]
		n := float64(c.Pages)
		c.Score, c.DOM, c.Requests, c.SizeKB = c.Score/n, c.DOM/n, c.Requests/n, c.SizeKB/n
		c.Lost = ecoindex.Lost{DOM: c.Lost.DOM / n, Requests: c.Lost.Requests / n, Size: c.Lost.Size / n}
		if lost > 0 {
			c.Share /= lost
		}
	}
	slices.SortStableFunc(all, func(a, b Group) int { return cmp.Compare(b.Share, a.Share) })
	return all
}

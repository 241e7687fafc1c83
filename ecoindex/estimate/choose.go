package estimate

import (
	"cmp"
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Choose names at most n pages to send a browser to, as places in pages, in the order in which to measure: stopping
// early leaves a sample of the same kind. Pages that were measured count for their group and are not named again. The
// answer depends on the pages and the seed, not on the order of pages.
//
// Groups without a measured page come first, the largest first: each gets two measures, or its only page one. Then the
// other groups get what they lack of two. What is left goes where it narrows the range most: by the number of pages of a
// group times the spread of its static scores, which stands for the unknown spread of the error; a group has at least
// one point of spread (Neyman's allocation, in whole numbers by Wright, 2012). When n is less than two for each group,
// the smallest groups get none.
//
// Within a group pages are put in the order of their static scores and cut into as many equal pieces as there are
// measures; of each piece without a measured page one is drawn by chance. A page whose static measure cannot be scored
// stands among those with 0.
func Choose(pages []Page, n int, seed uint64) []int {
	strata := strataOf(pages)
	var order []*stratum // each as often as it gets a measure
	left := min(n, len(pages))
	give := func(s *stratum) bool {
		if left <= 0 || s.measured+s.more >= len(s.pages) {
			return false
		}
		s.more++
		left--
		order = append(order, s)
		return true
	}
	for _, s := range strata {
		for s.measured+s.more < 2 && give(s) {
			continue
		}
	}
	open := make(byGain, 0, len(strata))
	for _, s := range strata {
		if s.measured+s.more < len(s.pages) {
			open = append(open, s)
		}
	}
	heap.Init(&open)
	for len(open) > 0 && left > 0 {
		s := open[0]
		give(s)
		if s.measured+s.more < len(s.pages) {
			heap.Fix(&open, 0)
		} else {
			heap.Pop(&open)
		}
	}
	chosen := make([]int, 0, len(order))
	for _, s := range order {
		if s.drawn == nil {
			s.draw(pages, seed)
		}
		chosen = append(chosen, s.drawn[0])
		s.drawn = s.drawn[1:]
	}
	return chosen
}

// stratum is a group from which pages are drawn.
type stratum struct {
	id       int
	pages    []int // places, by static score
	measured int
	more     int     // measures that it gets
	spread   float64 // of the static scores, in points
	drawn    []int
}

// strataOf are the groups, in the order in which they get their first measures.
func strataOf(pages []Page) []*stratum {
	known := make(map[int]*stratum)
	var all []*stratum
	scores := make([]float64, len(pages))
	for i := range pages {
		p := &pages[i]
		s := known[p.Group]
		if s == nil {
			s = &stratum{id: p.Group}
			known[p.Group] = s
			all = append(all, s)
		}
		s.pages = append(s.pages, i)
		scores[i] = scored(p.Static).Raw
		if p.Browser != nil {
			s.measured++
		}
	}
	for _, s := range all {
		slices.SortFunc(s.pages, func(a, b int) int {
			return cmp.Or(cmp.Compare(scores[a], scores[b]), strings.Compare(pages[a].URL, pages[b].URL))
		})
		var sum, squares float64
		for _, i := range s.pages {
			v := scores[i]
			sum, squares = sum+v, squares+v*v
		}
		n := float64(len(s.pages))
		s.spread = math.Sqrt(max(1, squares/n-sum/n*sum/n))
	}
	slices.SortFunc(all, func(a, b *stratum) int {
		return cmp.Or(cmp.Compare(min(a.measured, 1), min(b.measured, 1)), cmp.Compare(len(b.pages), len(a.pages)), cmp.Compare(a.id, b.id))
	})
	return all
}

// gain is how much one more measure narrows the range.
func (s *stratum) gain() float64 {
	k := float64(s.measured + s.more)
	return float64(len(s.pages)) * s.spread / math.Sqrt(max(1, k)*(k+1))
}

// draw fills drawn, in an order of chance.
func (s *stratum) draw(pages []Page, seed uint64) {
	chance := rand.New(rand.NewPCG(seed, uint64(s.id))) //nolint:gosec // any number does, a negative one too
	pieces := s.measured + s.more
	free := make([][]int, 0, pieces)
	for k := range pieces {
		piece := s.pages[k*len(s.pages)/pieces : (k+1)*len(s.pages)/pieces]
		if !slices.ContainsFunc(piece, func(i int) bool { return pages[i].Browser != nil }) {
			free = append(free, piece)
		}
	}
	chance.Shuffle(len(free), func(i, j int) { free[i], free[j] = free[j], free[i] })
	for _, piece := range free[:s.more] {
		s.drawn = append(s.drawn, piece[chance.IntN(len(piece))])
	}
}

// byGain is a heap: the stratum that gains most is first.
type byGain []*stratum

func (b byGain) Len() int { return len(b) }

func (b byGain) Less(i, j int) bool {
	x, y := b[i].gain(), b[j].gain()
	return x > y || (x == y && b[i].id < b[j].id)
}

func (b byGain) Swap(i, j int) { b[i], b[j] = b[j], b[i] }

// Push and Pop are for container/heap.
func (b *byGain) Push(x any) {
	if s, ok := x.(*stratum); ok {
		*b = append(*b, s)
	}
}

// Pop takes the last one off.
func (b *byGain) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}

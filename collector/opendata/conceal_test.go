package opendata

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"veille/collector/privacy"
)

// published is what readers see of counts.
func (c count) String() string {
	switch {
	case !c.open:
		return "closed"
	case !c.shown:
		return "hidden"
	}
	return fmt.Sprint(c.n)
}

// seen is all that readers are told of some counts.
func seen(counts []count) string {
	total := 0
	for _, c := range counts {
		total += c.n
	}
	whole := "hidden"
	if conceal(counts) {
		whole = fmt.Sprint(total)
	}
	return fmt.Sprint(whole, counts)
}

// An attacker knows the rule, which sites there are, which are open, and all that is told. He tries all counts that there may be, and
// keeps those that would have been told so. Of each small count many must be left.
func TestNoSmallCountCanBeReckonedFromWhatIsTold(t *testing.T) {
	const most = 36 // that the attacker tries; a sum that is told is of no more than that here
	for _, open := range [][]bool{{true}, {true, true}, {true, false}, {true, true, true}, {true, false, true}, {false, true, false}, {true, true, false}} {
		told := map[string][]map[int]bool{} // by what is told: the small counts that may be at each site
		bound := map[string]bool{}          // the sum is told, so that all that leads to it was tried
		each(len(open), most, func(n []int) {
			counts := make([]count, len(n))
			sum := 0
			for i := range n {
				counts[i] = count{site: int64(i + 1), n: n[i], open: open[i]}
				sum += n[i]
			}
			key := seen(counts)
			if told[key] == nil {
				told[key] = make([]map[int]bool, len(n))
			}
			bound[key] = sum <= most || bound[key]
			for i := range counts {
				if counts[i].shown && counts[i].n < privacy.Public {
					t.Fatalf("%v: a small count is told: %s", n, key)
				}
				if told[key][i] == nil {
					told[key][i] = map[int]bool{}
				}
				told[key][i][n[i]] = true
			}
		})
		groups := 0
		for key, sites := range told {
			if !bound[key] && key[0] != 'h' {
				continue
			}
			for i, values := range sites {
				small := 0
				for v := range values {
					if v < privacy.Public {
						small++
					}
				}
				if small > 0 && small < 9 {
					t.Errorf("%v: told %s, site %d has one of %d small counts only", open, key, i+1, small)
				}
				groups += min(small, 1)
			}
		}
		if groups == 0 {
			t.Errorf("%v: nothing was hidden", open)
		}
	}
}

// each calls do with all lists of so many counts from 1 to most.
func each(sites, most int, do func([]int)) {
	n := make([]int, sites)
	for i := range n {
		n[i] = 1
	}
	for {
		do(n)
		i := 0
		for i < sites && n[i] == most {
			n[i] = 1
			i++
		}
		if i == sites {
			return
		}
		n[i]++
	}
}

// Who subtracts all that is shown from the whole gets nothing, or what holds of many.
func TestTheRestIsOfSeveralSites(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	hidden, wholes := 0, 0
	for range 20000 {
		counts := make([]count, 1+r.IntN(30))
		top := 12 + r.IntN(60)
		for i := range counts {
			counts[i] = count{site: int64(i), n: 1 + r.IntN(top), open: r.IntN(4) > 0}
		}
		shuffled := slices.Clone(counts)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		whole := conceal(counts)
		if conceal(shuffled) != whole || !slices.Equal(counts, shuffled) {
			t.Fatalf("another order tells something else: %v %v", counts, shuffled)
		}
		rest, small, others := 0, 0, 0
		for _, c := range counts {
			switch {
			case c.shown && (!c.open || c.n < privacy.Public):
				t.Fatalf("%v is shown", c.n)
			case c.shown && !whole:
				t.Fatalf("the whole is hidden, and %v is not: %v", c.n, counts)
			case c.shown:
				continue
			}
			rest += c.n
			if c.n < privacy.Public {
				small++
			} else {
				others++
			}
		}
		if whole && small > 0 && (others == 0 || rest < small+9+11*others) {
			t.Fatalf("%d is left of %v", rest, counts)
		}
		if small > 0 {
			hidden++
			if whole {
				wholes++
			}
		}
	}
	if hidden < 1000 || wholes < 1000 {
		t.Errorf("only %d were hidden, and the whole told of %d", hidden, wholes)
	}
}

func TestNothingIsHiddenWithoutNeed(t *testing.T) {
	for _, c := range []struct {
		n    []int
		want string
	}{
		{nil, "hidden[]"},
		{[]int{40}, "40[40]"},
		{[]int{10}, "hidden[hidden]"},
		{[]int{11, 30, 500}, "541[11 30 500]"},
		{[]int{5, 20, 40}, "65[hidden hidden 40]"},     // 25 ≥ 1 + 9 + 11
		{[]int{5, 12, 40}, "57[hidden hidden hidden]"}, // 17 is less
		{[]int{5, 12}, "hidden[hidden hidden]"},
		{[]int{3, 4, 5}, "hidden[hidden hidden hidden]"},
	} {
		counts := make([]count, len(c.n))
		for i, n := range c.n {
			counts[i] = count{site: int64(i), n: n, open: true}
		}
		if got := seen(counts); got != c.want {
			t.Errorf("%v: %s, not %s", c.n, got, c.want)
		}
	}
}

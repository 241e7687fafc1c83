package estimate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"veille/ecoindex"
	"veille/ecoindex/estimate"
)

// group has pages with static scores that go from high to low by a step of elements.
func pagesOf(group, n, step int) []estimate.Page {
	pages := make([]estimate.Page, n)
	for i := range pages {
		pages[i] = estimate.Page{URL: fmt.Sprintf("/%d/%03d", group, i), Group: group, Static: ecoindex.Measure{DOM: 100 + i*step, Requests: 20, SizeKB: 400}}
	}
	return pages
}

func perGroup(pages []estimate.Page, chosen []int) map[int]int {
	count := make(map[int]int)
	for _, i := range chosen {
		count[pages[i].Group]++
	}
	return count
}

func TestEachGroupGetsTwoMeasuresAndTheWideOnesMore(t *testing.T) {
	pages := append(append(pagesOf(1, 100, 0), pagesOf(2, 100, 10)...), append(pagesOf(3, 2, 10), pagesOf(4, 1, 0)...)...)
	got := perGroup(pages, estimate.Choose(pages, 30, 1))
	if got[1] < 2 || got[2] < 5*got[1] || got[3] != 2 || got[4] != 1 {
		t.Errorf("of 30 measures the groups get %v; want two each, one for a single page, and most for the group whose scores differ", got)
	}
}

func TestTheLargestGroupsAreServedFirst(t *testing.T) {
	pages := append(pagesOf(1, 3, 0), append(pagesOf(2, 50, 0), pagesOf(3, 20, 0)...)...)
	got := perGroup(pages, estimate.Choose(pages, 3, 1))
	if got[2] != 2 || got[3] != 1 || got[1] != 0 {
		t.Errorf("three measures go to %v", got)
	}
}

func TestANewGroupComesBeforeALargeKnownOne(t *testing.T) {
	pages := append(pagesOf(1, 500, 5), pagesOf(2, 4, 0)...)
	for i := range 5 {
		pages[100*i].Browser = &pages[100*i].Static
	}
	chosen := estimate.Choose(pages, 6, 1)
	if pages[chosen[0]].Group != 2 || pages[chosen[1]].Group != 2 || pages[chosen[2]].Group != 1 {
		t.Errorf("the choice is %v", chosen)
	}
}

func TestAChoiceIsSpreadOverTheScores(t *testing.T) {
	pages := pagesOf(1, 100, 10)
	for seed := range uint64(20) {
		var tenths [10]int
		for _, i := range estimate.Choose(pages, 10, seed) {
			tenths[i/10]++
		}
		if tenths != [10]int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1} {
			t.Errorf("seed %d: the tenths get %v", seed, tenths)
		}
	}
}

func TestEveryPageHasTheSameChance(t *testing.T) {
	pages := pagesOf(1, 20, 10)
	count := make([]int, len(pages))
	for seed := range uint64(4000) {
		for _, i := range estimate.Choose(pages, 3, seed) {
			count[i]++
		}
	}
	for i, n := range count {
		if n < 480 || n > 720 { // 600 is fair; pieces of 6 and 7 pages make 571 to 667
			t.Errorf("page %d is chosen %d times of 4000; want about 600", i, n)
		}
	}
}

func TestASecondChoiceFillsTheGapsOfTheFirst(t *testing.T) {
	pages := pagesOf(1, 100, 10)
	r := rand.New(rand.NewPCG(1, 1))
	for _, i := range estimate.Choose(pages, 5, r.Uint64()) {
		pages[i].Browser = &pages[i].Static
	}
	var fifths [5]int
	for _, i := range estimate.Choose(pages, 15, r.Uint64()) {
		if pages[i].Browser != nil {
			t.Errorf("page %d was measured already", i)
		}
		pages[i].Browser = &pages[i].Static
	}
	for i := range pages {
		if pages[i].Browser != nil {
			fifths[i/20]++
		}
	}
	for i, n := range fifths {
		if n < 3 || n > 5 {
			t.Errorf("the fifth %d has %d measures of 20", i, n)
		}
	}
}

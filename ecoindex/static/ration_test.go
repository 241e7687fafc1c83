package static

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// What is kept is the longest beginning of the page that fits, in whatever order its resources come.
func TestARationGoesToTheFirstOfThePage(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		weights := make([]int, random.IntN(40))
		for i := range weights {
			weights[i] = random.IntN(30)
		}
		var want []int
		for i, left := 0, 200; i < len(weights) && weights[i] <= left; i++ {
			left -= weights[i]
			want = append(want, i)
		}
		r := rationOf(200)
		kept := map[int]bool{}
		for _, i := range random.Perm(len(weights)) {
			kept[i] = true
			r.add(piece{int64(i), weights[i], func() { delete(kept, i) }})
			if r.left < 0 {
				t.Fatalf("%d bytes too many are kept", -r.left)
			}
		}
		var got []int
		for i := range weights {
			if kept[i] {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("of %v are kept %v; want %v", weights, got, want)
		}
	}
}

package opendata

import (
	"cmp"
	"slices"

	"veille/collector/privacy"
)

// count is how many devices of one class there are at a site.
type count struct {
	site  int64
	n     int  // above 0
	open  bool // the site has rows of its own
	shown bool
}

// concealSites is conceal, and hides the whole also where one site alone is not open: its count would be what is left of the whole. Which sites those are
// does not depend on counts, so that nothing is learnt from it.
func concealSites(counts []count) (whole bool) {
	closed := 0
	for _, c := range counts {
		if !c.open {
			closed++
		}
	}
	return conceal(counts) && closed != 1
}

// conceal decides which counts of one class are shown: those of sites, in place, and that of the whole organisation. It does not depend on the order
// that it is given.
//
// Small is a count below k = privacy.Public = 11. A count is hidden if it is small, or its site is not open. If any is small, let p be how many are
// small, q how many others are hidden, and R the sum of all that are hidden: what is left of the whole without what is shown. R is told only where
//
//	q ≥ 1 and R ≥ p + 9 + 11 q
//
// Until that holds, the shown count of the site with the lowest number is hidden too. If nothing is left to hide, the whole is hidden as well.
//
// A reader knows the whole, what is shown, which rows are hidden, and these lines; say that he even knows which hidden rows are small, and the
// order in which the others were hidden. Then of each small count, nine values are possible at least:
//
//   - He can only subtract: all that he gets is R. Let x be a small count. The other small ones are 1 or more, the q others 11 or more and as large
//     as may be. So x may be each of 1 … 10 as long as R − x ≥ (p − 1) + 11 q, and the condition says so for x = 10.
//   - What the rule did says more only if it went on: then the condition failed before the last was hidden, when the rest was R', with q' ≥ 1 others.
//     So small counts + 11 q' ≤ R' ≤ p + 8 + 11 q', and the small ones together are p + 8 at most, each between 1 and 9: x may be each of 1 … 9 with
//     the other small ones 1, the first q' others such that R' is as large, and the last takes what is left of R, which is 11 or more since
//     R ≥ p + 9 + 11 (q' + 1). Earlier failures bound the same sum by the same p + 8. Where q' was 0, the failure says nothing.
//   - Which row is hidden next does not depend on counts: nobody learns from it which is larger.
//   - If the whole is hidden, there is no sum to subtract from, and by the same argument nothing but that the small ones are p + 8 at most together.
//
// Classes have no sum in common, so that each stands for itself. It does not help against who keeps files of other months and knows that nothing
// else has changed in between; no rule for one file does.
func conceal(counts []count) (whole bool) {
	slices.SortFunc(counts, func(a, b count) int { return cmp.Compare(a.site, b.site) })
	small, others, rest := 0, 0, 0
	for i := range counts {
		c := &counts[i]
		c.shown = c.open && c.n >= privacy.Public
		switch {
		case c.n < privacy.Public:
			small++
			rest += c.n
		case !c.shown:
			others++
			rest += c.n
		}
	}
	safe := func() bool { return small == 0 || others >= 1 && rest >= small+9+privacy.Public*others }
	for i := range counts {
		if safe() {
			break
		}
		if c := &counts[i]; c.shown {
			c.shown = false
			others++
			rest += c.n
		}
	}
	return len(counts) > 0 && safe()
}

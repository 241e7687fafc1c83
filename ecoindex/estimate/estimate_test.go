package estimate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"veille/ecoindex"
	"veille/ecoindex/estimate"
)

func everything(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// check is what holds for every estimate.
func check(t *testing.T, e estimate.Estimate) {
	t.Helper()
	figure := func(name string, f estimate.Figure, most float64) {
		if !(f.Value >= 0 && f.Value <= most+1e-9) {
			t.Errorf("%s is %v; want 0 to %v", name, f.Value, most)
		}
		if r := f.Range; r != nil && !(r.Low >= -1e-9 && r.Low <= f.Value+1e-9 && f.Value <= r.High+1e-9 && r.High <= most+1e-9) {
			t.Errorf("%s is %v in %+v; want it inside, from 0 to %v", name, f.Value, *r, most)
		}
	}
	figure("the mean", e.Mean, 100)
	figure("the median", e.Median, 100)
	pages, share := 0.0, 0.0
	for g, f := range e.Grades {
		figure("the number of grade "+string(g), f, float64(e.Pages))
		pages += f.Value
	}
	if math.Abs(pages-float64(e.Pages)) > 1e-6 || len(e.Grades) != 7 {
		t.Errorf("%d grades have %v pages of %d", len(e.Grades), pages, e.Pages)
	}
	for _, g := range e.Groups {
		share += g.Share
		pages -= float64(g.Pages)
		if math.IsNaN(g.DOM + g.Requests + g.SizeKB + g.Score) {
			t.Errorf("group %d has the figures %+v", g.Group, g)
		}
	}
	if math.Abs(pages) > 1e-6 || (share != 0 && math.Abs(share-1) > 1e-9) {
		t.Errorf("the groups miss %v pages, and share %v of the lost points", pages, share)
	}
}

func TestMeasuringAllPagesLeavesNoDoubt(t *testing.T) {
	for n := range 12 {
		w := site(rand.New(rand.NewPCG(uint64(n), 1)), nil)
		e := of(t, w.measure(everything(len(w.pages))))
		check(t, e)
		mean, median, grades := w.truth(t)
		exact := func(name string, f estimate.Figure, want float64) {
			if f.Range == nil || math.Abs(f.Value-want) > 1e-9 || f.Range.High != f.Range.Low {
				t.Errorf("site %d: %s is %v, in %+v; want %v exactly", n, name, f.Value, f.Range, want)
			}
		}
		exact("the mean", e.Mean, mean)
		exact("the median", e.Median, median)
		for g, f := range e.Grades {
			exact("the number of grade "+string(g), f, grades[g])
		}
	}
}

func TestWithoutAMeasureThereIsAFigureAndNoRange(t *testing.T) {
	w := site(rand.New(rand.NewPCG(3, 3)), nil)
	e := of(t, w.pages)
	check(t, e)
	if e.Mean.Range != nil || e.Median.Range != nil || e.Grades[ecoindex.A].Range != nil || e.Unseen != len(w.pages) {
		t.Errorf("nothing was measured, but the estimate says %+v", e)
	}
	if mean := staticMean(t, w.pages); math.Abs(e.Mean.Value-mean) > 1e-9 {
		t.Errorf("the mean is %v; want %v of the static figures", e.Mean.Value, mean)
	}
}

func TestOneMeasureTellsTheValueAndNotTheError(t *testing.T) {
	w := site(rand.New(rand.NewPCG(3, 3)), nil)
	for i := range w.pages {
		w.pages[i].Group = 0
	}
	if e := of(t, w.measure([]int{0})); e.Mean.Range != nil || e.Mean.Value == of(t, w.pages).Mean.Value {
		t.Errorf("one measured page gives %+v, in %+v; want another value than the static one, and no range", e.Mean, e.Mean.Range)
	}
}

func TestFewerMeasuresGiveWiderRanges(t *testing.T) {
	last := 0.0
	for _, share := range []float64{0.5, 0.2, 0.08, 0.03} {
		sum := 0.0
		for n := range 12 {
			w := site(rand.New(rand.NewPCG(uint64(n), 2)), nil)
			chosen := estimate.Choose(w.pages, max(26, int(share*float64(len(w.pages)))), 1)
			e := of(t, w.measure(chosen))
			check(t, e)
			sum += e.Mean.Range.High - e.Mean.Range.Low
		}
		if sum <= last {
			t.Errorf("with %v of the pages measured the ranges have %v points on average, with more they had %v", share, sum/12, last/12)
		}
		last = sum
	}
}

func TestGroupsThatNobodyMeasuredWidenTheRange(t *testing.T) {
	for n := range 12 {
		r := rand.New(rand.NewPCG(uint64(n), 5))
		w := site(r, nil)
		chosen := estimate.Choose(w.pages, 60, 1)
		seen := slices.DeleteFunc(slices.Clone(chosen), func(i int) bool { return w.pages[i].Group == 0 })
		all, some := of(t, w.measure(chosen)), of(t, w.measure(seen))
		check(t, some)
		if some.Unseen == 0 || some.Mean.Range == nil {
			t.Fatalf("site %d without a measure of its first group: %+v", n, some)
		}
		if before, after := *all.Mean.Range, *some.Mean.Range; after.High-after.Low <= before.High-before.Low {
			t.Errorf("site %d: the range is %+v, and %+v without a measure of its first group", n, before, after)
		}
	}
}

func TestAGroupThatNothingTellsOfMayBeAnything(t *testing.T) {
	m := ecoindex.Measure{DOM: 500, Requests: 50, SizeKB: 1000}
	pages := []estimate.Page{{URL: "a", Static: m, Browser: &m}, {URL: "b", Static: m, Browser: &m}, {URL: "c", Group: 1, Static: m}, {URL: "d", Group: 1, Static: m}}
	r, err := ecoindex.Compute(m)
	if err != nil {
		t.Fatal(err)
	}
	e := of(t, pages)
	check(t, e)
	want := estimate.Range{Low: float64(r.Score) / 2, High: float64(r.Score)/2 + 50}
	if e.Mean.Range == nil || math.Abs(e.Mean.Range.Low-want.Low) > 1e-9 || math.Abs(e.Mean.Range.High-want.High) > 1e-9 {
		t.Errorf("half of the site is unknown, and its mean is in %+v; want %+v", e.Mean.Range, want)
	}
}

func TestWhereTheBrowserAlwaysAddsTheSameTheEstimateIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	w := site(r, func(_ int, k *kind) { k.more = [3]float64{} })
	for i := range w.pages {
		m, g := w.pages[i].Static, w.pages[i].Group
		w.browser[i] = ecoindex.Measure{DOM: m.DOM + 10*g, Requests: m.Requests + 7*g, SizeKB: m.SizeKB + 256*float64(g)}
	}
	e := of(t, w.measure(estimate.Choose(w.pages, 40, 1)))
	mean, median, _ := w.truth(t)
	if math.Abs(e.Mean.Value-mean) > 1e-9 || e.Median.Value != median || e.Mean.Range.High-e.Mean.Range.Low > 1e-9 {
		t.Errorf("mean %v in %+v, median %v; want %v without doubt, and %v", e.Mean.Value, *e.Mean.Range, e.Median.Value, mean, median)
	}
}

func TestTheOrderOfPagesDoesNotMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	w := site(r, nil)
	pages := w.measure(estimate.Choose(w.pages, 50, 1))
	first, named := of(t, pages), estimate.Choose(pages, 30, 4)
	shuffled := slices.Clone(pages)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	second := of(t, shuffled)
	if first.Mean.Value != second.Mean.Value || *first.Mean.Range != *second.Mean.Range || *first.Median.Range != *second.Median.Range || !slices.Equal(first.Groups, second.Groups) {
		t.Errorf("the estimate is %+v, and shuffled %+v", first, second)
	}
	for k, i := range estimate.Choose(shuffled, 30, 4) {
		if shuffled[i].URL != pages[named[k]].URL {
			t.Errorf("choice %d is %s, and shuffled %s", k, pages[named[k]].URL, shuffled[i].URL)
		}
	}
}

func TestTheGroupThatCostsMostComesFirst(t *testing.T) {
	light, heavy := ecoindex.Measure{DOM: 50, Requests: 5, SizeKB: 50}, ecoindex.Measure{DOM: 2000, Requests: 150, SizeKB: 4000}
	pages := []estimate.Page{{URL: "a", Group: 1, Static: light}, {URL: "b", Group: 1, Static: light, Browser: &light}, {URL: "c", Group: 2, Static: light, Browser: &heavy}}
	e := of(t, pages)
	check(t, e)
	if g := e.Groups[0]; g.Group != 2 || g.DOM != 2000 || g.Requests != 150 || g.SizeKB != 4000 || g.Share < 0.8 || e.Groups[1].Measured != 1 {
		t.Errorf("the groups are %+v", e.Groups)
	}
	if e.Scores[2] >= e.Scores[1] || e.Scores[0] != e.Scores[1] {
		t.Errorf("the pages score %v", e.Scores)
	}
}

func TestWhatCannotBeScoredIsRefused(t *testing.T) {
	bad := ecoindex.Measure{DOM: -1}
	for _, pages := range [][]estimate.Page{nil, {{URL: "x", Static: bad}}, {{URL: "x", Browser: &bad}}} {
		if e, err := estimate.Of(pages); err == nil {
			t.Errorf("%+v gives %+v", pages, e)
		}
	}
}

func TestManyPagesAreNoMatter(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	var w world
	for g := range 300 {
		k := someKind(r)
		for i := range 10_000 / 300 {
			static, browser := k.page(r)
			w.pages = append(w.pages, estimate.Page{URL: fmt.Sprint(g, "/", i), Group: g, Static: static})
			w.browser = append(w.browser, browser)
		}
	}
	start := time.Now()
	chosen := estimate.Choose(w.pages, 3_000, 1)
	choice := time.Since(start)
	start = time.Now()
	e := of(t, w.measure(chosen))
	check(t, e)
	t.Logf("choosing took %v, the estimate %v", choice, time.Since(start))
	if mean, _, _ := w.truth(t); !inside(e.Mean, mean) {
		t.Errorf("the mean %v is not in %+v", mean, *e.Mean.Range)
	}
	for i := range w.pages { // each page a group of its own
		w.pages[i].Group = i
	}
	start = time.Now()
	check(t, of(t, w.measure(estimate.Choose(w.pages, 3_000, 1))))
	t.Logf("with as many groups as pages: %v", time.Since(start))
}

func FuzzOf(f *testing.F) {
	f.Add([]byte("123456789abcdefghijklmnopq"), uint64(1))
	f.Add([]byte{0, 1, 255, 255, 255, 1, 1, 0, 0, 0, 1, 0, 255, 255, 255, 0, 0, 0, 0}, uint64(2))
	figures := []float64{0, 1, 30, 100, 400, 900, 3000, 50_000, 1e9, 1e18, 1e300}
	f.Fuzz(func(t *testing.T, data []byte, seed uint64) {
		var pages []estimate.Page
		for ; len(data) >= 5 && len(pages) < 200; data = data[5:] {
			at := func(i int) float64 { return figures[int(data[i])%len(figures)] }
			p := estimate.Page{URL: fmt.Sprint(len(pages)), Group: int(data[0] % 5), Static: ecoindex.Measure{DOM: int(min(at(1), 1e18)), Requests: int(data[2]), SizeKB: at(3)}}
			if data[4]%2 == 1 {
				p.Browser = &ecoindex.Measure{DOM: int(data[4]) * 10, Requests: int(min(at(3), 1e18)), SizeKB: at(1)}
			}
			pages = append(pages, p)
		}
		if len(pages) == 0 {
			return
		}
		check(t, of(t, pages))
		n := int(seed % 300)
		chosen := estimate.Choose(pages, n, seed)
		free := 0
		for i := range pages {
			if pages[i].Browser == nil {
				free++
			}
		}
		if len(chosen) != min(n, free) {
			t.Fatalf("of %d pages that were not measured %d are chosen; want %d", free, len(chosen), n)
		}
		slices.Sort(chosen)
		if len(slices.Compact(chosen)) != min(n, free) || slices.ContainsFunc(chosen, func(i int) bool { return pages[i].Browser != nil }) {
			t.Fatalf("%v are chosen: a page twice, or one that was measured", chosen)
		}
	})
}

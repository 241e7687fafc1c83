package practice

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/web"
)

const window = 1080 // height, CSS pixels

// photo is an answer with a picture of a weight, header fields included.
func photo(name string, weight int64) web.Exchange {
	e := sent(site+name, "image/jpeg", strings.Repeat("x", 100))
	e.Kind, e.Bytes, e.Decoded = web.Image, weight, weight-200
	return e
}

// shot is an image of 800 × 600, shown as it is, at a height of the page.
func shot(name string, top int) web.ShownImage {
	return web.ShownImage{URL: site + name, NaturalWidth: 800, NaturalHeight: 600, Width: 800, Height: 600, Top: top, Density: 1}
}

// scaled is an image at the top of the page, of its own size and the one in which it is shown.
func scaled(name string, nw, nh, w, h int) web.ShownImage {
	return web.ShownImage{URL: site + name, NaturalWidth: nw, NaturalHeight: nh, Width: w, Height: h, Density: 1}
}

// lazy is an image that waits.
func lazy(i web.ShownImage) web.ShownImage { i.Lazy = true; return i }

// dense is an image on a screen of a density.
func dense(d float64, i web.ShownImage) web.ShownImage { i.Density = d; return i }

// shown is a page of 1 MB as a browser showed it.
func shown(images []web.ShownImage, more ...web.Exchange) *web.Sight {
	s := seen("<p>", more...)
	s.SizeKB = 1000
	s.Shown = &web.Shown{Height: window, Images: images}
	return s
}

// wanted is what a check should find.
type wanted struct {
	status   Status
	measured float64
	saves    Saving
	first    string // the last name in the address of the worst offender
	bytes    int64  // of all offenders
}

func compare(t *testing.T, name string, got Finding, want wanted) {
	t.Helper()
	is := wanted{status: got.Status, measured: math.Round(got.Measured*10) / 10, saves: got.Saves, bytes: total(got.Offenders)}
	if len(got.Offenders) > 0 {
		is.first = got.Offenders[0].URL[strings.LastIndexByte(got.Offenders[0].URL, '/')+1:]
	}
	if is != want {
		t.Errorf("%s: %+v; want %+v", name, is, want)
	}
}

func TestOnlyImagesBelowTheWindowShouldWait(t *testing.T) {
	far := window + lazyMargin
	for _, tt := range []struct {
		name   string
		html   string
		images []web.ShownImage
		want   wanted
	}{
		{name: "none", want: wanted{status: Nothing}},
		{name: "above the fold", images: []web.ShownImage{shot("a.jpg", 0), shot("b.jpg", window-1)}, want: wanted{status: Nothing}},
		{name: "at the fold", images: []web.ShownImage{shot("a.jpg", window)}, want: wanted{status: Failed, measured: 1, first: "a.jpg"}},
		{name: "just nearer than a browser waits", images: []web.ShownImage{shot("a.jpg", far-1)}, want: wanted{status: Failed, measured: 1, first: "a.jpg"}},
		{name: "as far as a browser waits", images: []web.ShownImage{shot("a.jpg", far)}, want: wanted{status: Failed, measured: 1, first: "a.jpg", bytes: 30_000}},
		{name: "one that waits", images: []web.ShownImage{lazy(shot("a.jpg", far))}, want: wanted{status: Passed}},
		{name: "the heaviest comes first", images: []web.ShownImage{shot("a.jpg", far), shot("b.jpg", far)}, want: wanted{status: Failed, measured: 2, first: "b.jpg", bytes: 80_000}},
		{name: "one that is above the fold too", images: []web.ShownImage{shot("a.jpg", 9000), shot("a.jpg", 10)}, want: wanted{status: Nothing}},
		{name: "one file twice", images: []web.ShownImage{shot("a.jpg", 9000), lazy(shot("a.jpg", 5000))}, want: wanted{status: Failed, measured: 1, first: "a.jpg", bytes: 30_000}},
		{name: "a file twice that waits twice", images: []web.ShownImage{lazy(shot("a.jpg", 9000)), lazy(shot("a.jpg", 5000))}, want: wanted{status: Passed}},
		{name: "hidden", images: []web.ShownImage{{URL: site + "a.jpg", NaturalWidth: 800, NaturalHeight: 600, Top: 9000}}, want: wanted{status: Nothing}},
		{name: "not loaded", images: []web.ShownImage{scaled("a.jpg", 0, 0, 80, 60)}, want: wanted{status: Nothing}},
		{name: "a pixel that counts visits", images: []web.ShownImage{{URL: site + "a.jpg", NaturalWidth: 1, NaturalHeight: 1, Width: 1, Height: 1, Top: 9000}}, want: wanted{status: Nothing}},
		{name: "data and nothing", images: []web.ShownImage{{URL: "data:image/png;base64,AAAA", NaturalWidth: 8, NaturalHeight: 8, Width: 8, Height: 8, Top: 9000}, {Top: 9000}}, want: wanted{status: Nothing}},
		{name: "one that was not seen", images: []web.ShownImage{shot("other.jpg", far)}, want: wanted{status: Failed, measured: 1, first: "other.jpg"}},
		{name: "a script's", html: `<img data-src="/a.jpg" src="/a.jpg">`, images: []web.ShownImage{shot("a.jpg", far)}, want: wanted{status: Passed}},
		{name: "a script's among several", html: `<picture><source data-srcset="/s.jpg 300w,/a.jpg 800w"><img></picture>`, images: []web.ShownImage{shot("a.jpg", far)}, want: wanted{status: Passed}},
		{name: "another data", html: `<img data-id="/a.jpg" src="/a.jpg">`, images: []web.ShownImage{shot("a.jpg", far)}, want: wanted{status: Failed, measured: 1, first: "a.jpg", bytes: 30_000}},
	} {
		s := shown(tt.images, photo("a.jpg", 30_000), photo("b.jpg", 50_000))
		s.HTML = []byte(tt.html)
		compare(t, tt.name, finds(t, lazyLoading(), s), tt.want)
	}
}

func TestWithoutTheHeightOfTheWindowNothingIsBelowIt(t *testing.T) {
	for _, height := range []int{0, -1, math.MinInt} {
		s := shown([]web.ShownImage{shot("a.jpg", 9000)}, photo("a.jpg", 30_000))
		s.Shown.Height = height
		if f := finds(t, lazyLoading(), s); f.Status != Nothing || f.Why.FR == "" || f.Why.EN == "" {
			t.Errorf("%d: %+v", height, f)
		}
	}
}

func TestImagesLargerThanTheyAreShownAreToSpareByTheirPixels(t *testing.T) {
	twice := wanted{status: Failed, measured: 8, saves: Saving{Bytes: 60_000 - 150}, first: "a.jpg", bytes: 60_000 - 150} // three quarters of the body
	for _, tt := range []struct {
		name   string
		images []web.ShownImage
		want   wanted
	}{
		{"none", nil, wanted{status: Nothing}},
		{"as it is", []web.ShownImage{scaled("a.jpg", 800, 600, 800, 600)}, wanted{status: Passed}},
		{"made larger", []web.ShownImage{scaled("a.jpg", 80, 60, 800, 600)}, wanted{status: Passed}},
		{"twice as large", []web.ShownImage{scaled("a.jpg", 800, 600, 400, 300)}, twice},
		{"a twentieth larger", []web.ShownImage{scaled("a.jpg", 1050, 1050, 1000, 1000)}, wanted{status: Passed}},
		{"more than a twentieth", []web.ShownImage{scaled("a.jpg", 1051, 1051, 1000, 1000)}, wanted{status: Failed, measured: 8, saves: Saving{Bytes: 7556}, first: "a.jpg", bytes: 7556}},
		{"a pixel of a small one", []web.ShownImage{scaled("a.jpg", 11, 11, 10, 10)}, wanted{status: Passed}},
		{"two pixels of a small one", []web.ShownImage{scaled("a.jpg", 12, 12, 10, 10)}, wanted{status: Failed, measured: 8, saves: Saving{Bytes: 24_383}, first: "a.jpg", bytes: 24_383}},
		{"cut off at one side", []web.ShownImage{scaled("a.jpg", 1600, 300, 400, 300)}, wanted{status: Passed}},
		{"cut off at one side and twice as large", []web.ShownImage{scaled("a.jpg", 1600, 600, 400, 300)}, twice},
		{"shown at its size elsewhere", []web.ShownImage{scaled("a.jpg", 800, 600, 80, 60), scaled("a.jpg", 800, 600, 800, 600)}, wanted{status: Passed}},
		{"shown at two sizes", []web.ShownImage{scaled("a.jpg", 800, 600, 80, 60), scaled("a.jpg", 800, 600, 400, 300)}, twice},
		{"hidden", []web.ShownImage{scaled("a.jpg", 800, 600, 0, 0)}, wanted{status: Nothing}},
		{"on a sharp screen", []web.ShownImage{dense(2, scaled("a.jpg", 800, 600, 400, 300))}, wanted{status: Passed}},
		{"on a screen sharper than eyes", []web.ShownImage{dense(3, scaled("a.jpg", 1600, 1200, 400, 300))}, twice},
		{"on a screen of no number", []web.ShownImage{dense(math.NaN(), scaled("a.jpg", 800, 600, 400, 300))}, twice},
		{"on a screen of nothing", []web.ShownImage{dense(-7, scaled("a.jpg", 800, 600, 400, 300))}, twice},
		{"on one without end", []web.ShownImage{dense(math.Inf(1), scaled("a.jpg", 800, 600, 400, 300))}, wanted{status: Passed}},
		{"a drawing by its name", []web.ShownImage{scaled("d.svg", 800, 600, 40, 30)}, wanted{status: Nothing}},
		{"a drawing by its type", []web.ShownImage{scaled("drawing", 800, 600, 40, 30)}, wanted{status: Nothing}},
		{"one that was not seen", []web.ShownImage{scaled("other.jpg", 800, 600, 40, 30)}, wanted{status: Nothing}},
		{"of a twentieth of the page", []web.ShownImage{scaled("b.jpg", 800, 600, 400, 300)}, wanted{status: Passed, measured: 5}},
		{"redirected", []web.ShownImage{scaled("old.jpg", 800, 600, 400, 300)}, wanted{status: Failed, measured: 8, saves: twice.saves, first: "old.jpg", bytes: twice.bytes}},
		{"redirected without end", []web.ShownImage{scaled("loop.jpg", 800, 600, 400, 300)}, wanted{status: Nothing}},
	} {
		old, loop := photo("old.jpg", 300), photo("loop.jpg", 300)
		old.Status, loop.Status = 308, 302
		old.Header.Set("Location", "/a.jpg")
		loop.Header.Set("Location", "/loop.jpg")
		drawing := sent(site+"drawing", "image/svg+xml", strings.Repeat("x", 90_000))
		s := shown(tt.images, photo("a.jpg", 80_000), photo("b.jpg", 50_000), sent(site+"d.svg", "", strings.Repeat("x", 90_000)), drawing, old, loop)
		compare(t, tt.name, finds(t, oversizedImages(), s), tt.want)
	}
}

func TestTheShareOfOversizedImagesIsOneOfThePage(t *testing.T) {
	for _, tt := range []struct {
		pageKB float64
		want   Status
	}{{1000, Passed}, {999, Failed}, {10, Failed}, {0, Nothing}, {-1, Nothing}, {math.NaN(), Nothing}} {
		s := shown([]web.ShownImage{scaled("b.jpg", 800, 600, 400, 300)}, photo("b.jpg", 50_000))
		s.SizeKB = tt.pageKB
		if f := finds(t, oversizedImages(), s); f.Status != tt.want || f.Measured > 100 || f.Saves.Bytes > 50_000 {
			t.Errorf("%v kB: %+v", tt.pageKB, f)
		}
	}
}

func TestImagesThatAreLoadedAndNotDisplayedAreCounted(t *testing.T) {
	for _, tt := range []struct {
		name   string
		images []web.ShownImage
		want   wanted
	}{
		{"none", nil, wanted{status: Nothing}},
		{"displayed", []web.ShownImage{scaled("a.jpg", 100, 100, 1, 1)}, wanted{status: Passed}},
		{"hidden", []web.ShownImage{scaled("a.jpg", 100, 100, 0, 0)}, wanted{status: Failed, measured: 1, saves: Saving{Bytes: 30_000, Requests: 1}, first: "a.jpg", bytes: 30_000}},
		{"a small one", []web.ShownImage{scaled("a.jpg", 101, 99, 0, 0)}, wanted{status: Passed}},
		{"without a height", []web.ShownImage{scaled("a.jpg", 100, 100, 100, 0)}, wanted{status: Passed}},
		{"of negative sides", []web.ShownImage{scaled("a.jpg", 100, 100, -3, -4)}, wanted{status: Failed, measured: 1, saves: Saving{Bytes: 30_000, Requests: 1}, first: "a.jpg", bytes: 30_000}},
		{"of negative pixels", []web.ShownImage{scaled("a.jpg", -1000, -1000, 0, 0)}, wanted{status: Nothing}},
		{"as large as numbers go", []web.ShownImage{scaled("a.jpg", math.MaxInt, math.MaxInt, 0, 0)}, wanted{status: Failed, measured: 1, saves: Saving{Bytes: 30_000, Requests: 1}, first: "a.jpg", bytes: 30_000}},
		{"displayed elsewhere", []web.ShownImage{scaled("a.jpg", 100, 100, 0, 0), scaled("a.jpg", 100, 100, 10, 10)}, wanted{status: Passed}},
		{"hidden twice", []web.ShownImage{scaled("a.jpg", 100, 100, 0, 0), scaled("a.jpg", 100, 100, 0, 0)}, wanted{status: Failed, measured: 1, saves: Saving{Bytes: 30_000, Requests: 1}, first: "a.jpg", bytes: 30_000}},
		{"one that was not seen", []web.ShownImage{scaled("other.jpg", 100, 100, 0, 0)}, wanted{status: Failed, measured: 1, first: "other.jpg"}},
		{"a piece of a file", []web.ShownImage{scaled("a.jpg#xywh=1,2,3,4", 100, 100, 0, 0)}, wanted{status: Failed, measured: 1, saves: Saving{Bytes: 30_000, Requests: 1}, first: "a.jpg", bytes: 30_000}},
	} {
		compare(t, tt.name, finds(t, hiddenImages(), shown(tt.images, photo("a.jpg", 30_000))), tt.want)
	}
}

func TestWhatABrowserCountsIsHeldAgainstItsThreshold(t *testing.T) {
	for _, tt := range []struct {
		check Check
		shown web.Shown
		want  wanted
	}{
		{animations(), web.Shown{Animations: 0}, wanted{status: Passed}},
		{animations(), web.Shown{Animations: 2}, wanted{status: Passed, measured: 2}},
		{animations(), web.Shown{Animations: 3}, wanted{status: Failed, measured: 3}},
		{animations(), web.Shown{Animations: -3}, wanted{status: Passed}},
		{blockingTime(), web.Shown{BlockedMS: 0}, wanted{status: Passed}},
		{blockingTime(), web.Shown{BlockedMS: 200}, wanted{status: Passed, measured: 200}},
		{blockingTime(), web.Shown{BlockedMS: 200.1}, wanted{status: Failed, measured: 200.1}},
		{blockingTime(), web.Shown{BlockedMS: -1}, wanted{status: Nothing}},
		{blockingTime(), web.Shown{BlockedMS: math.NaN()}, wanted{status: Nothing}},
		{blockingTime(), web.Shown{BlockedMS: math.Inf(1)}, wanted{status: Nothing}},
		{scriptErrors(), web.Shown{Errors: 0}, wanted{status: Passed}},
		{scriptErrors(), web.Shown{Errors: 1}, wanted{status: Failed, measured: 1}},
		{scriptErrors(), web.Shown{Errors: -1}, wanted{status: Passed}},
	} {
		s := seen("<p>")
		s.Shown = &tt.shown
		f := finds(t, tt.check, s)
		compare(t, fmt.Sprintf("%s of %+v", tt.check.ID, tt.shown), f, tt.want)
		if f.Status == Nothing && f.Why == (Words{}) {
			t.Errorf("%s says nothing of %+v, and not why", tt.check.ID, tt.shown)
		}
	}
}

func TestWithoutABrowserItsChecksSayThatOneIsNeeded(t *testing.T) {
	all, err := Page(seen("<p>"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range all {
		if r.Browser {
			ids = append(ids, r.ID)
			if r.Status != Nothing || r.Why == (Words{}) {
				t.Errorf("%s: %+v", r.ID, r.Finding)
			}
		}
	}
	if want := []string{"lazy-loading", "images-oversized", "images-hidden", "animations", "blocking-time", "script-errors"}; !reflect.DeepEqual(ids, want) {
		t.Errorf("a browser is needed by %v; want %v", ids, want)
	}
}

// A page may show as many images as it likes, of any size.
func TestThousandsOfImagesOfAnySizeAreLookedAtQuickly(t *testing.T) {
	sizes := []int{math.MinInt, -1, 0, 1, 2, 800, math.MaxInt}
	densities := []float64{math.NaN(), math.Inf(-1), -1, 0, 1, 2.5, math.Inf(1)}
	var images []web.ShownImage
	var files []web.Exchange
	for i := range 50_000 {
		pick := func(every int) int { return sizes[i/every%len(sizes)] }
		images = append(images, web.ShownImage{
			URL: fmt.Sprintf("%s%d.jpg", site, i%9000), NaturalWidth: pick(1), NaturalHeight: pick(7), Width: pick(49), Height: pick(343), Top: pick(11),
			Lazy: i%2 == 0, Density: densities[i%len(densities)],
		})
	}
	for i := range 9000 {
		files = append(files, photo(fmt.Sprintf("%d.jpg", i), 1000))
	}
	s := shown(images, files...)
	s.HTML = []byte(strings.Repeat(`<img src="/1.jpg" data-srcset="/2.jpg 1x, /3.jpg 2x">`, 5000))
	v, err := NewView(s)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for _, c := range shownChecks() {
		f := c.Look(v)
		if math.IsNaN(f.Measured) || math.IsInf(f.Measured, 0) || f.Measured < 0 || len(f.Offenders) > maxOffendersListed || f.Saves.Bytes < 0 || f.Saves.Bytes > 9_000_000 {
			t.Errorf("%s: %v, %d offenders, %+v", c.ID, f.Measured, len(f.Offenders), f.Saves)
		}
		for _, o := range f.Offenders {
			if o.Bytes < 0 || o.Bytes > 1000 {
				t.Errorf("%s: %+v", c.ID, o)
			}
		}
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

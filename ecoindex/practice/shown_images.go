package practice

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"

	"veille/ecoindex/web"
)

// shownFile is a file of which a page has one image or more. What becomes of it is said once, however often it is shown.
type shownFile struct {
	url    string
	sent   *web.Exchange // that brought it, after redirects; nil where it was not seen
	images []*web.ShownImage
}

// shownFiles are the files of the images that came from the network, in the order of the page. Images that were not loaded are left out,
// and so are those of one pixel, which count visits.
func shownFiles(v *View) []shownFile {
	exchanges := byAddress(v)
	place := map[string]int{}
	var files []shownFile
	for i := range v.Shown.Images {
		image := &v.Shown.Images[i]
		address, _, _ := strings.Cut(image.URL, "#")
		if !fetched(address) || image.NaturalWidth <= 1 || image.NaturalHeight <= 1 {
			continue
		}
		at, known := place[address]
		if !known {
			at, place[address] = len(files), len(files)
			files = append(files, shownFile{url: address, sent: arrived(exchanges, address)})
		}
		files[at].images = append(files[at].images, image)
	}
	return files
}

// arrived is the exchange to which an address leads, over five redirects at most; nil where it was not seen.
func arrived(exchanges map[string]*web.Exchange, address string) *web.Exchange {
	const most = 5
	e := exchanges[address]
	for hop := 0; e != nil && redirected(e) && hop < most; hop++ {
		base, err := url.Parse(e.URL)
		if err != nil {
			return nil
		}
		next := web.Resolve(base, e.Header.Get("Location"))
		if next == nil {
			return nil
		}
		e = exchanges[next.String()]
	}
	if e == nil || !came(e) {
		return nil
	}
	return e
}

// displayed tells whether an image takes a place on the page.
func displayed(i *web.ShownImage) bool { return i.Width > 0 && i.Height > 0 }

// shows tells whether a page shows a file anywhere.
func (f *shownFile) shows() bool { return slices.ContainsFunc(f.images, displayed) }

// weight is what was sent of a file, in bytes; 0 where nobody saw it.
func (f *shownFile) weight() int64 {
	if f.sent == nil {
		return 0
	}
	return max(0, f.sent.Bytes)
}

// vector tells whether a file is a drawing, which has no pixels of its own.
func (f *shownFile) vector() bool {
	return f.sent != nil && typeOf(f.sent) == "image/svg+xml" || suffixOf(f.url) == "svg"
}

// inPixels says a size in pixels.
func inPixels(width, height int) string {
	return fmt.Sprintf("%d × %d", max(0, width), max(0, height))
}

// area is how many pixels an image has of its own. It is no int: a page may say anything.
func area(i *web.ShownImage) float64 {
	return math.Max(0, float64(i.NaturalWidth)) * math.Max(0, float64(i.NaturalHeight))
}

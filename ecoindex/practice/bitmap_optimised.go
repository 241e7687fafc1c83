package practice

import (
	"fmt"

	"veille/ecoindex/web"
)

// The weight a bitmap may have, by the GreenIT-Analysis extension (3.1.4): a fifth of a byte for each pixel, 10 kB in any case (50 kB for
// PNG and GIF), and never more than 500 kB. Gains up to 500 bytes do not count.
const (
	leastBitmap      = 10_000
	leastSharpBitmap = 50_000 // of PNG and GIF
	mostBitmap       = 500_000
	leastBitmapGain  = 500
)

// bitmapOptimised counts pictures that weigh more than their pixels ask for. WebP may have three quarters of the extension's fifth of a
// byte for a pixel, and AVIF half of it: about what their makers say they save beside JPEG. Moving pictures are left out, since their
// frames are not in the formula.
func bitmapOptimised() Check {
	return Check{
		ID: "bitmap-optimised", RWEB: []string{"0048"}, RefID: []string{"0080"}, Most: 0,
		Title: Words{"Images matricielles optimisées", "Optimised bitmaps"},
		Advice: Words{
			"Recompressez ces images, à une qualité de 75 à 85 et aux dimensions où elles s’affichent : leur poids dépasse ce que demandent leurs pixels.",
			"Compress these pictures again, at a quality of 75 to 85 and at the size at which they are shown: they weigh more than their pixels ask for.",
		},
		Look: func(v *View) Finding {
			read := 0
			var bad []Offender
			for _, e := range chosen(v, isPicture) {
				p, ok := readPicture(e.Body)
				if !ok || p.moving || p.format == "gif" && framesOf(e.Body) > 1 {
					continue
				}
				read++
				if less := spareWeight(p, e); less > leastBitmapGain {
					bad = append(bad, Offender{URL: e.URL, Detail: p.detail(e), Bytes: less})
				}
			}
			return blame(read, bad, 0, 0)
		},
	}
}

// isPicture tells whether an answer may be a bitmap of which something was kept.
func isPicture(e *web.Exchange) bool {
	return came(e) && fetched(e.URL) && len(e.Body) > 0 && typeOf(e) != "image/svg+xml" && typeOf(e) != "text/html"
}

// spareWeight is how many bytes a picture has beyond what its pixels ask for.
func spareWeight(p picture, e *web.Exchange) int64 {
	size := min(e.Decoded, e.Bytes)
	least := int64(leastBitmap)
	if p.format == "png" || p.format == "gif" {
		least = leastSharpBitmap
	}
	if size <= least {
		return 0
	}
	perPixel := 0.2
	switch p.format {
	case "webp":
		perPixel = 0.15
	case "avif":
		perPixel = 0.1
	}
	return size - min(max(int64(float64(p.pixels())*perPixel), leastBitmap), mostBitmap)
}

// detail is the format of a picture, its size in pixels, and its weight.
func (p picture) detail(e *web.Exchange) string {
	return fmt.Sprintf("%s · %d × %d · %s", p.format, p.width, p.height, kilobytes(e.Bytes))
}

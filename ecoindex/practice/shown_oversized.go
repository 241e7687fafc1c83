package practice

import (
	"math"

	"veille/ecoindex/web"
)

const (
	// roundPixels and roundShare are what a side may have more than is displayed: two pixels, as the GreenIT-Analysis extension has it, and
	// the twentieth of the plugin of Lighthouse.
	roundPixels = 2
	roundShare  = 1.05
	// mostDensity is how many pixels of the screen an image needs for one of CSS at most: more of them nobody tells apart at the distance
	// of a telephone. It is our own, for what Yellow Lab Tools calls an excessive density.
	mostDensity = 2
)

// oversizedImages is the share of the page's weight that images have which are larger than they are shown: by both sides, since one side
// may be cut off (object-fit). A file that is shown at several sizes needs the largest. What is saved is by the pixels to spare.
func oversizedImages() Check {
	const most = 5 // of the sheet
	return Check{
		ID: "images-oversized", RWEB: []string{"0047"}, RefID: []string{"0034"}, RGESN: []string{"6.4"}, Browser: true, Unit: "%", Most: most,
		Title: Words{"Images plus grandes qu’affichées : part du poids", "Images larger than shown: share of the weight"},
		Advice: Words{
			"Servez chaque image à la taille où elle s’affiche, ou proposez plusieurs tailles par srcset et sizes : le navigateur prend celle de l’écran.",
			"Serve each image at the size at which it is shown, or offer several sizes by srcset and sizes: the browser takes that of the screen.",
		},
		Look: func(v *View) Finding {
			read, heavy := 0, int64(0)
			var bad []Offender
			for _, f := range shownFiles(v) {
				if f.weight() == 0 || f.vector() || !f.shows() {
					continue
				}
				read++
				scale, widest := f.scale()
				if scale <= 1 {
					continue
				}
				heavy += f.weight()
				bad = append(bad, Offender{
					URL: f.url, Detail: inPixels(widest.NaturalWidth, widest.NaturalHeight) + " → " + inPixels(widest.Width, widest.Height) + " · " + kilobytes(f.weight()),
					Bytes: int64(float64(f.body()) * (1 - 1/(scale*scale))),
				})
			}
			page := v.SizeKB * 1000
			if read == 0 || math.IsNaN(page) || page <= 0 {
				return Finding{Status: Nothing}
			}
			return judge(min(100, 100*float64(heavy)/page), most, listed(bad), Saving{Bytes: total(bad)})
		},
	}
}

// scale is how many times larger a file is than it is shown at most, by the side that needs more, and the image that needs it; 1 for what
// is right but for a rounding.
func (f *shownFile) scale() (times float64, largest *web.ShownImage) {
	times = math.Inf(1)
	for _, i := range f.images {
		if !displayed(i) {
			continue
		}
		if one := oversize(i); largest == nil || one < times {
			times, largest = one, i
		}
	}
	return times, largest
}

// oversize is how many times larger an image is than it is shown; 1 where it is not.
func oversize(i *web.ShownImage) float64 {
	sharp := sharpness(i.Density)
	wide, high := sharp*float64(i.Width), sharp*float64(i.Height)
	times := min(float64(i.NaturalWidth)/wide, float64(i.NaturalHeight)/high)
	if times <= roundShare || float64(i.NaturalWidth)-wide < roundPixels || float64(i.NaturalHeight)-high < roundPixels {
		return 1
	}
	return times
}

// sharpness is how many pixels an image needs for one of CSS, on a screen of a density: 1 to 2.
func sharpness(density float64) float64 {
	if math.IsNaN(density) {
		return 1
	}
	return max(1, min(density, mostDensity))
}

// body is what was sent of a file without its header fields, in bytes.
func (f *shownFile) body() int64 {
	if f.sent.Decoded > 0 {
		return min(f.sent.Decoded, f.weight())
	}
	return f.weight()
}

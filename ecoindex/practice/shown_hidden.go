package practice

// leastHidden is the area from which an image counts that is loaded and not shown, in pixels, by the GreenIT-Analysis extension.
const leastHidden = 10_000

// hiddenImages counts files of images that are loaded and displayed nowhere on the page.
func hiddenImages() Check {
	return Check{
		ID: "images-hidden", RGESN: []string{"6.5"}, Browser: true, Most: 0,
		Title: Words{"Images chargées sans être affichées", "Images loaded and not displayed"},
		Advice: Words{
			"Retirez ces images, ou écrivez loading=\"lazy\" : cacher une image par le CSS n’empêche pas le navigateur de la charger.",
			"Remove these images, or write loading=\"lazy\": to hide an image by CSS does not keep the browser from loading it.",
		},
		Look: func(v *View) Finding {
			files, requests := shownFiles(v), 0
			var bad []Offender
			for _, f := range files {
				first := f.images[0]
				if f.shows() || area(first) < leastHidden || first.Width > 0 || first.Height > 0 {
					continue
				}
				bad = append(bad, Offender{URL: f.url, Detail: inPixels(first.NaturalWidth, first.NaturalHeight) + " · " + kilobytes(f.weight()), Bytes: f.weight()})
				if f.sent != nil {
					requests++
				}
			}
			if len(files) == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(len(bad)), 0, listed(bad), Saving{Bytes: total(bad), Requests: requests})
		},
	}
}

package practice

// oldImageFormats counts still pictures of more than 10 kB in PNG, JPEG or GIF. What WebP or AVIF would save depends on each picture, so
// that nothing is said to be saved.
func oldImageFormats() Check {
	return Check{
		ID: "old-image-formats", Most: 0,
		Title: Words{"Formats d’image anciens", "Old formats of pictures"},
		Advice: Words{
			"Proposez ces images en AVIF ou en WebP, l’ancien format restant en repli dans un élément picture.",
			"Offer these pictures in AVIF or WebP, with the old format as the last choice of a picture element.",
		},
		Look: func(v *View) Finding {
			read := 0
			var bad []Offender
			for _, e := range chosen(v, isPicture) {
				p, ok := readPicture(e.Body)
				if !ok {
					continue
				}
				read++
				if p.format == "webp" || p.format == "avif" || e.Bytes <= leastBitmap || p.moving || framesOf(e.Body) > 1 {
					continue
				}
				bad = append(bad, Offender{URL: e.URL, Detail: p.detail(e)})
			}
			return blame(read, bad, 0, 0)
		},
	}
}

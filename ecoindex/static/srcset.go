package static

import "strings"

// candidate is one image of a srcset.
type candidate struct {
	url     string
	width   float64 // of a "600w" descriptor, else 0
	density float64 // of a "2x" descriptor, else 1
}

// choose is the image a window of 1280 pixels of density 1 takes from srcset, sizes and src: the first that is dense
// enough, else the densest. It answers "" when there is none.
func choose(srcset, sizes, src string) string {
	candidates := parseSrcset(srcset)
	wide := false
	slot := slotWidth(sizes)
	for i, c := range candidates {
		if c.width > 0 {
			wide = true
			candidates[i].density = c.width / slot
		}
	}
	if src != "" && !wide {
		candidates = append(candidates, candidate{url: src, density: 1})
	}
	best := candidate{}
	for _, c := range candidates {
		switch {
		case best.url == "",
			best.density < 1 && c.density > best.density,
			c.density >= 1 && c.density < best.density:
			best = c
		}
	}
	return best.url
}

// parseSrcset reads the list of the attribute, as the HTML standard splits it: commas belong to an address unless
// they end it.
func parseSrcset(srcset string) []candidate {
	var list []candidate
	for rest := strings.TrimLeft(srcset, " \t\n\r\f,"); rest != ""; rest = strings.TrimLeft(rest, " \t\n\r\f,") {
		end := strings.IndexAny(rest, " \t\n\r\f")
		if end < 0 {
			end = len(rest)
		}
		url, descriptors := rest[:end], ""
		rest = rest[end:]
		if trimmed := strings.TrimRight(url, ","); trimmed != url {
			url = trimmed
		} else {
			descriptors, rest, _ = strings.Cut(rest, ",")
		}
		if c, ok := describe(url, descriptors); ok {
			list = append(list, c)
		}
	}
	return list
}

func describe(url, descriptors string) (candidate, bool) {
	c := candidate{url: url, density: 1}
	for word := range strings.FieldsSeq(descriptors) {
		value, ok := number(word[:len(word)-1])
		if !ok || value <= 0 {
			return c, word[len(word)-1] == 'h' && ok
		}
		switch word[len(word)-1] {
		case 'w':
			c.width = value
		case 'x':
			c.density = value
		case 'h':
		default:
			return c, false
		}
	}
	return c, true
}

// slotWidth is the width in pixels the sizes attribute gives the image; without a usable one, the whole window.
func slotWidth(sizes string) float64 {
	for _, entry := range splitOutside(sizes, ',') {
		entry = strings.ToLower(strings.TrimSpace(entry))
		condition, size := "", entry
		if cut := lastSpaceOutside(entry); cut >= 0 {
			condition, size = entry[:cut], entry[cut+1:]
		}
		if !mediaMatches(condition) {
			continue
		}
		if width, ok := length(size); ok && width > 0 {
			return width
		}
	}
	return viewportWidth
}

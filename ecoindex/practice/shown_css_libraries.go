package practice

import (
	"bytes"
	"slices"
	"strings"

	"veille/ecoindex/web"
)

// cssLibraries counts libraries of styles, by the banners that they keep in a sheet and by the names of sheets. What of them the page uses,
// and what could go, nobody said.
func cssLibraries() Check {
	const most = 2 // the sheet says 2 to 5
	return Check{
		ID: "css-libraries", RWEB: []string{"0036"}, RefID: []string{"0021"}, Most: most,
		Title: Words{"Bibliothèques de styles", "Libraries of styles"},
		Advice: Words{
			"Gardez une seule bibliothèque de styles, réduite à ce que la page en utilise : les autres apportent des milliers de règles qui font double emploi.",
			"Keep one library of styles, reduced to what the page uses of it: others bring thousands of rules that do the same twice.",
		},
		Look: func(v *View) Finding {
			sheets := sheetsOf(v)
			if len(sheets) == 0 {
				return Finding{Status: Nothing}
			}
			weights := byAddress(v)
			known := map[string]bool{}
			var bad []Offender
			for _, s := range sheets {
				names := remember(v.memory, "libraries", s.text, librariesIn)
				if named := libraryOf(fileOf(s.url)); named != "" {
					names = append(slices.Clip(names), named) // what is remembered stays as it is
				}
				for _, name := range names {
					if !known[name] {
						known[name] = true
						bad = append(bad, s.offender(name+weightOf(weights[s.url])))
					}
				}
			}
			return judge(float64(len(bad)), most, listed(bad), Saving{})
		},
	}
}

// weightOf says what was sent of a sheet; "" for one in the page.
func weightOf(e *web.Exchange) string {
	if e == nil {
		return ""
	}
	return " · " + kilobytes(e.Bytes)
}

// fileOf is the last name in the path of an address, in small letters.
func fileOf(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return strings.ToLower(address[strings.LastIndexByte(address, '/')+1:])
}

// libraryOf is the library that the first words of a banner, or the name of a file, begin with; "" for none. A name ends where its letters
// end: "bootstrap.min.css" is Bootstrap, "bootstrapper.css" is not.
func libraryOf(words string) string {
	for _, name := range []string{
		"animate", "bootstrap", "bulma", "dsfr", "font awesome", "fontawesome", "font-awesome", "foundation", "jquery ui", "jquery-ui", "materialize",
		"milligram", "modern-normalize", "normalize", "pure", "semantic ui", "semantic", "skeleton", "tabler", "tachyons", "tailwindcss", "uikit",
	} {
		rest, ok := strings.CutPrefix(words, name)
		if !ok || rest != "" && (inName(rest[0]) && rest[0] != '_') {
			continue
		}
		switch name {
		case "fontawesome", "font-awesome":
			return "font awesome"
		case "jquery-ui":
			return "jquery ui"
		case "semantic":
			return "semantic ui"
		}
		return name
	}
	return ""
}

// librariesIn are the libraries whose banners are in a sheet: comments that are kept when it is minified, and its first one. A banner has
// a version, or the name of the file.
func librariesIn(sheet []byte) (names []string) {
	const (
		most = 20
		long = 60 // bytes of each banner
	)
	rest := sheet
	for first := true; len(names) < most; first = false {
		_, after, ok := bytes.Cut(rest, []byte("/*"))
		if !ok {
			return names
		}
		banner, left, _ := bytes.Cut(after, []byte("*/"))
		rest = left
		if !first && !bytes.HasPrefix(banner, []byte("!")) {
			continue
		}
		words := strings.ToLower(strings.TrimLeft(string(banner[:min(len(banner), long)]), "!*#@ \t\r\n"))
		words = strings.TrimPrefix(words, "license ")
		if name := libraryOf(words); name != "" && (strings.ContainsAny(words, "0123456789") || strings.HasPrefix(words, name+".css")) {
			names = append(names, name)
		}
	}
	return names
}

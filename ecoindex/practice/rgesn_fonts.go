package practice

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tdewolff/parse/v2/css"

	"veille/ecoindex/web"
)

// What criterion 4.8 lets a page have: so many bytes of fonts, or so many fonts and variants.
const (
	mostFontLoad = 400_000
	mostFamilies = 2
	mostVariants = 4
)

// fontLoad is the weight of the fonts of a page, in kB, judged by it or by how many fonts and variants there are. Style sheets are read
// for these only where there is too much weight and more than two files.
func (e *evidence) fontLoad() Verdict {
	if document(e.View) == nil {
		return unknown()
	}
	files := fontsOf(e.View)
	bytes := int64(0)
	for _, f := range files {
		bytes += max(0, f.Bytes)
	}
	inside := 0
	if r := e.results["fonts"]; r == nil || int(r.Measured) > len(files) { // some are written in style sheets
		known := map[dataFont]bool{}
		for _, s := range sheetsOf(e.View) {
			for _, data := range factsOf(e.View, s.text).fonts {
				if !known[data] {
					known[data] = true
					bytes += int64(data.long) / 4 * 3 // of base64
				}
			}
		}
		inside = len(known)
	}
	measured := float64(bytes) / 1000
	if bytes <= mostFontLoad || len(files)+inside <= mostFamilies {
		return Verdict{Status: Passed, Measured: measured}
	}
	families, variants, all := e.variantsOf(files)
	switch {
	case families > mostFamilies || variants > mostVariants:
		return Verdict{Status: Failed, Measured: measured}
	case !all || inside > 0: // some belong to nobody knows what
		return unknown()
	}
	return Verdict{Status: Passed, Measured: measured}
}

// variantsOf counts the families and the variants that font files are of, by the @font-face rules of the page; all is false where a file
// is in none of them.
func (e *evidence) variantsOf(files []*web.Exchange) (families, variants int, all bool) {
	faces := map[string]fontFace{}
	for _, s := range sheetsOf(e.View) {
		base := e.Base
		if u, err := url.Parse(s.url); err == nil && s.url != "" {
			base = u
		}
		for _, f := range remember(e.memory, "faces", s.text, readFaces) {
			for _, source := range f.sources {
				if u := web.Resolve(base, source); u != nil {
					faces[u.String()] = f
				}
			}
		}
	}
	names, kinds := map[string]bool{}, map[string]bool{}
	all = true
	for _, file := range files {
		f, known := faces[file.URL]
		if !known {
			all = false
			continue
		}
		names[f.family] = true
		kinds[f.family+"\x00"+f.variant] = true
	}
	return len(names), len(kinds), all
}

// fontFace is an @font-face rule of a style sheet.
type fontFace struct {
	family  string // in small letters
	variant string // its weight and its style
	sources []string
}

// Bounds of what is read of @font-face rules.
const (
	maxFaces       = 500
	maxFaceSources = 10
	maxFaceText    = 2000 // bytes of a name or an address
)

// readFaces are the @font-face rules of a style sheet.
func readFaces(text []byte) (faces []fontFace) {
	inside, value := false, false
	f, name := fontFace{}, ""
	said := map[string]string{}
	cssTokens(text, func(kind css.TokenType, token []byte) bool {
		switch kind {
		case css.AtKeywordToken:
			inside = strings.EqualFold(string(token), "@font-face")
			f, name, value, said = fontFace{}, "", false, map[string]string{}
		case css.RightBraceToken:
			if inside {
				f.family = strings.ToLower(strings.Trim(said["font-family"], `"' `))
				f.variant = variantOf(said)
				faces = append(faces, f)
			}
			inside = false
		case css.LeftBraceToken:
			name, value = "", false
		default:
			if inside {
				f.token(kind, token, &name, &value, said)
			}
		}
		return len(faces) < maxFaces
	})
	return faces
}

// token reads a token of a declaration of a font.
func (f *fontFace) token(kind css.TokenType, token []byte, name *string, value *bool, said map[string]string) {
	text := string(token[:min(len(token), maxFaceText)])
	switch {
	case kind == css.SemicolonToken:
		*name, *value = "", false
	case kind == css.ColonToken && !*value:
		*value = true
	case kind == css.URLToken && *value && *name == "src" && len(f.sources) < maxFaceSources:
		f.sources = append(f.sources, strings.Trim(strings.TrimSuffix(strings.TrimSpace(text[min(4, len(text)):]), ")"), `"' `))
	case kind == css.StringToken && *value && *name == "src" && len(f.sources) < maxFaceSources:
		f.sources = append(f.sources, strings.Trim(text, `"'`))
	case !*value && kind == css.IdentToken:
		*name = strings.ToLower(text)
	case *value && len(said[*name]) < maxFaceText && slices.Contains([]string{"font-family", "font-weight", "font-style"}, *name):
		said[*name] += text
	}
}

// variantOf is the weight and the style of a font, whatever they are called.
func variantOf(said map[string]string) string {
	word := func(key string) string { return strings.ToLower(strings.TrimSpace(said[key])) }
	weight, style := word("font-weight"), word("font-style")
	switch weight {
	case "", "normal":
		weight = "400"
	case "bold":
		weight = "700"
	}
	if style == "" {
		style = "normal"
	}
	return weight + " " + style
}

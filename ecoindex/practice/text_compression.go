package practice

import (
	"strings"

	"veille/ecoindex/web"
)

// leastText is the length of a text, in bytes, that is worth compressing: a shorter one fits in a packet as it is.
const leastText = 1024

// textCompression counts texts that were sent as they are.
func textCompression() Check {
	return Check{
		ID: "text-compression", RWEB: []string{"0076"}, RefID: []string{"0078"}, RGESN: []string{"6.3"}, Most: 0,
		Title: Words{"Textes compressés", "Compressed texts"},
		Advice: Words{
			"Faites compresser les textes par le serveur (zstd, brotli ou gzip) : pages, feuilles de style, scripts, SVG et données perdent les deux tiers de leur poids.",
			"Let the server compress texts (zstd, brotli or gzip): pages, style sheets, scripts, SVG and data lose two thirds of their weight.",
		},
		Look: func(v *View) Finding {
			texts := 0
			var plain []Offender
			for i := range v.Exchanges {
				e := &v.Exchanges[i]
				if !came(e) || e.Decoded < leastText || !compressible(typeOf(e)) {
					continue
				}
				texts++
				if !compressed(e) {
					plain = append(plain, Offender{URL: e.URL, Detail: typeOf(e), Bytes: squeezed(v, e)})
				}
			}
			if texts == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(len(plain)), 0, worst(plain), Saving{Bytes: total(plain)})
		},
	}
}

// compressible tells whether a media type is one of texts, which compression makes shorter.
func compressible(kind string) bool {
	switch kind {
	case "application/javascript", "application/json", "application/xml", "application/wasm", "application/manifest+json", "application/rtf",
		"application/vnd.ms-fontobject", "font/ttf", "font/otf", "font/collection", "application/x-font-ttf", "application/x-javascript", "image/bmp", "image/x-icon", "image/vnd.microsoft.icon":
		return true
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "+xml") || strings.HasSuffix(kind, "+json")
}

// compressed tells whether an answer says that its body is.
func compressed(e *web.Exchange) bool {
	for one := range strings.SplitSeq(e.Header.Get("Content-Encoding"), ",") {
		switch strings.ToLower(strings.TrimSpace(one)) {
		case "gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz":
			return true
		}
	}
	return false
}

// squeezed is how many bytes shorter gzip makes a body; of what was not kept, as much as of what was. 0 where none was kept.
func squeezed(v *View, e *web.Exchange) int64 {
	if len(e.Body) == 0 {
		return 0
	}
	return max(0, e.Decoded-e.Decoded*int64(remember(v.memory, "gzip", e.Body, squeeze))/int64(len(e.Body)))
}

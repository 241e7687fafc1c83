package practice

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/ecoindex/web"
)

// maxOffendersListed bounds the offenders of a finding; what is measured counts them all.
const maxOffendersListed = 50

// maxDetail bounds the runes of a detail that a page or a server wrote.
const maxDetail = 120

// blame is the finding of offenders that are counted; Nothing where there was none that could have been one. What they save is theirs
// together, and each of them removes so many requests.
func blame(candidates int, bad []Offender, most float64, requests int) Finding {
	if candidates == 0 {
		return Finding{Status: Nothing}
	}
	count := len(bad)
	saves := Saving{Bytes: total(bad), Requests: requests * count}
	return judge(float64(count), most, listed(bad), saves)
}

// listed are the offenders that are shown: the worst.
func listed(bad []Offender) []Offender {
	bad = worst(bad)
	return bad[:min(len(bad), maxOffendersListed)]
}

// chosen are the exchanges that a check looks at, the heaviest first.
func chosen(v *View, keep func(*web.Exchange) bool) []*web.Exchange {
	var some []*web.Exchange
	for i := range v.Exchanges {
		if keep(&v.Exchanges[i]) {
			some = append(some, &v.Exchanges[i])
		}
	}
	slices.SortStableFunc(some, func(a, b *web.Exchange) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return some
}

// static tells whether a resource came and is a file that is the same for everybody: a style sheet, a script, a picture, a font, a
// sound, a film. Its media type says so, or where that says nothing, what the page wants it for.
func static(e *web.Exchange) bool {
	if !came(e) || !fetched(e.URL) {
		return false
	}
	kind := typeOf(e)
	major, minor, _ := strings.Cut(kind, "/")
	switch major {
	case "image", "font", "audio", "video":
		return true
	}
	switch {
	case kind == "text/css", kind == "application/wasm", kind == "application/vnd.ms-fontobject", kind == "application/manifest+json", isScript(kind):
		return true
	case strings.HasPrefix(minor, "font-"), strings.HasPrefix(minor, "x-font-"):
		return true
	case kind == "", kind == "application/octet-stream", kind == "binary/octet-stream", kind == "text/plain":
		return e.Kind == web.Stylesheet || e.Kind == web.Script || e.Kind == web.Image || e.Kind == web.Font || e.Kind == web.Media
	}
	return false
}

// isScript tells whether a media type is one of JavaScript.
func isScript(kind string) bool {
	switch kind {
	case "text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript", "application/ecmascript", "module":
		return true
	}
	return false
}

// isSheet tells whether an answer is a style sheet.
func isSheet(e *web.Exchange) bool {
	return came(e) && (typeOf(e) == "text/css" || typeOf(e) == "" && e.Kind == web.Stylesheet)
}

// isCode tells whether an answer is a script.
func isCode(e *web.Exchange) bool {
	return came(e) && (isScript(typeOf(e)) || typeOf(e) == "" && e.Kind == web.Script)
}

// fetched tells whether an address is one of the network: data: and blob: are not.
func fetched(address string) bool {
	return strings.HasPrefix(address, "https:") || strings.HasPrefix(address, "http:")
}

// hostOf is the host of an address, in small letters; "" where it has none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// document is the answer that the page is: after redirects; nil where it was not seen.
func document(v *View) *web.Exchange {
	for i := range v.Exchanges {
		if e := &v.Exchanges[i]; e.Kind == web.Document && came(e) {
			return e
		}
	}
	return nil
}

// kilobytes says a length in kB, with one decimal.
func kilobytes(n int64) string { return strconv.FormatFloat(float64(n)/1000, 'f', 1, 64) + " kB" }

// short is the beginning of a text that a page or a server wrote.
func short(text string) string {
	text = strings.ToValidUTF8(text[:min(len(text), 4*maxDetail)], "")
	if runes := []rune(text); len(runes) > maxDetail {
		return string(runes[:maxDetail]) + "…"
	}
	return text
}

// lighter is how many transferred bytes less a resource is with what is left of its text, which gzip makes as long as old says. Where it was
// compressed, both are compressed by gzip, and the difference is scaled to what was sent. It is never more than what was sent.
func lighter(e *web.Exchange, old int, after lean) int64 {
	difference := int64(len(e.Body) - after.long)
	if compressed(e) {
		difference = int64(old - after.squeezed)
		if e.Bytes < int64(old) {
			difference = difference * e.Bytes / int64(old)
		}
	}
	return min(max(0, difference), e.Bytes)
}

// factsOf is what a style sheet says.
func factsOf(v *View, text []byte) cssFacts { return remember(v.memory, "facts", text, readCSS) }

// squeeze is the length that gzip gives to a text.
func squeeze(text []byte) int {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text) // into memory
	_ = z.Close()
	return b.Len()
}

// sortedByURL orders offenders by their addresses: what comes from a map has no order of its own.
func sortedByURL(list []Offender) []Offender {
	slices.SortStableFunc(list, func(a, b Offender) int { return cmp.Compare(a.URL, b.URL) })
	return list
}

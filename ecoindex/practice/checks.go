package practice

import (
	"cmp"
	"mime"
	"slices"
	"strings"

	"veille/ecoindex/web"
)

// Checks are all rules for a page, in the order in which they are shown.
func Checks() []Check {
	return slices.Concat(documentChecks(), transferChecks(), assetChecks(), shownChecks())
}

// shownChecks look at the page as a browser shows it, and at what a reading of its texts tells of that.
func shownChecks() []Check {
	return []Check{
		lazyLoading(), oversizedImages(), hiddenImages(), animations(), blockingTime(), scriptErrors(), backCache(), interfaceBitmaps(), cssLibraries(),
	}
}

// worst orders offenders by what mending them saves.
func worst(list []Offender) []Offender {
	slices.SortStableFunc(list, func(a, b Offender) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return list
}

// total is what mending all offenders saves.
func total(list []Offender) (n int64) {
	for _, o := range list {
		n += o.Bytes
	}
	return n
}

// typeOf is the media type of an answer, without parameters and in small letters; "" where none was said.
func typeOf(e *web.Exchange) string {
	kind, _, err := mime.ParseMediaType(e.Header.Get("Content-Type"))
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(e.Header.Get("Content-Type"))), ";")
	}
	return kind
}

// came tells whether a resource was sent in full, by the server.
func came(e *web.Exchange) bool { return e.Status >= 200 && e.Status < 300 && e.Problem == "" }

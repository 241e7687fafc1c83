package survey

import (
	"hash/maphash"
	"slices"

	"veille/ecoindex/practice"
	"veille/ecoindex/web"
)

// words are what comes often on the pages of a site, each held once.
type words struct {
	texts     map[string]string
	offenders map[uint64][]practice.KeptOffender // by hash
	seed      maphash.Seed
}

// What is held once at most.
const (
	mostTexts = 300_000
	mostLists = 100_000
)

func newWords() *words {
	return &words{texts: map[string]string{}, offenders: map[uint64][]practice.KeptOffender{}, seed: maphash.MakeSeed()}
}

func (w *words) one(text string) string {
	if known, ok := w.texts[text]; ok {
		return known
	}
	if len(w.texts) < mostTexts {
		w.texts[text] = text
	}
	return text
}

// list is a list of offenders: files that many pages show fail the same on each.
func (w *words) list(all []practice.KeptOffender) []practice.KeptOffender {
	var h maphash.Hash
	h.SetSeed(w.seed)
	for _, o := range all {
		maphash.WriteComparable(&h, o)
	}
	key := h.Sum64()
	known, ok := w.offenders[key]
	if ok && slices.Equal(known, all) {
		return known
	}
	all = slices.Clone(all)
	for i := range all {
		o := &all[i]
		o.URL, o.Where, o.Detail = w.one(o.URL), w.one(o.Where), w.one(o.Detail)
	}
	if !ok && len(w.offenders) < mostLists {
		w.offenders[key] = all
	}
	return all
}

// spare holds what many pages have once, and no more room than is used.
func (w *words) spare(result *Result) {
	w.spareKept(&result.PageKept)
	result.Assets, result.Notes, result.Print = slices.Clone(result.Assets), slices.Clone(result.Notes), slices.Clone(result.Print)
	for i := range result.Assets {
		a := &result.Assets[i]
		a.URL, a.Kind, a.Hash = w.one(a.URL), web.Kind(w.one(string(a.Kind))), w.one(a.Hash)
	}
	for i := range result.Notes {
		result.Notes[i] = w.one(result.Notes[i])
	}
}

func (w *words) spareKept(k *practice.PageKept) {
	k.Failed, k.Verdicts = slices.Clone(k.Failed), slices.Clone(k.Verdicts)
	for i := range k.Failed {
		f := &k.Failed[i]
		f.ID, f.Offenders = w.one(f.ID), w.list(f.Offenders)
	}
	for i := range k.Verdicts {
		v := &k.Verdicts[i]
		v.Criterion, v.Status = w.one(v.Criterion), practice.Status(w.one(string(v.Status)))
	}
}

// changing is the hash of a file that is another one from page to page.
const changing = "?"

// assetsOf are the numbers of what a page shows. What differs from page to page is taken so that no order of pages matters.
func (r *reader) assetsOf(all []Asset) []int32 {
	numbers := make([]int32, 0, len(all))
	for _, a := range all {
		n, ok := r.assets[a.URL]
		if !ok {
			n = int32(len(r.s.site.Assets))
			r.assets[a.URL] = n
			r.s.site.Assets = append(r.s.site.Assets, practice.SiteAsset{URL: a.URL, Kind: a.Kind, Bytes: a.Bytes, Cached: a.Cached, Hash: a.Hash})
		}
		known := &r.s.site.Assets[n]
		known.Bytes, known.Cached, known.Kind = max(known.Bytes, a.Bytes), known.Cached && a.Cached, max(known.Kind, a.Kind)
		switch {
		case known.Hash == "":
			known.Hash = a.Hash
		case a.Hash != "" && a.Hash != known.Hash:
			known.Hash = changing
		}
		numbers = append(numbers, n)
	}
	return numbers
}

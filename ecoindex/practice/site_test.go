package practice

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"testing"
)

func TestEveryRuleOfASiteSaysWhatItIsInBothLanguages(t *testing.T) {
	ids := map[string]bool{}
	for _, c := range Checks() {
		ids[c.ID] = true
	}
	for _, c := range SiteChecks() {
		if ids[c.ID] || !regexp.MustCompile(`^[a-z][a-z0-9-]+$`).MatchString(c.ID) || c.look == nil {
			t.Errorf("%q is there twice, or is no id, or does not look", c.ID)
		}
		ids[c.ID] = true
		introduced(t, c.ID, c.Title, c.Advice, c.RWEB, c.RefID)
	}
}

func TestOfASiteOfWhichNothingIsKnownNothingIsSaid(t *testing.T) {
	for _, s := range []*Site{{}, {Whole: true}, {Pages: []SitePage{{URL: "https://www.example.org/", State: SiteSeen, To: -1, Start: true}}}} {
		for _, f := range s.Findings() {
			if f.Status == Failed || f.ID != "page-copies" && f.Status != Nothing {
				t.Errorf("%+v", f)
			}
		}
	}
}

// randomSite is a site of anything at all, as long as addresses differ: also links to pages that there are not.
func randomSite(r *rand.Rand) *Site {
	s, lists := &Site{Whole: r.IntN(4) > 0}, r.IntN(4) > 0
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	for i := range r.IntN(60) {
		p := SitePage{
			URL: fmt.Sprintf("https://www.example.org/%d", i), To: int32(r.IntN(70) - 5), Start: r.IntN(10) == 0, Listed: lists && r.IntN(2) == 0,
			State:  SiteState(pick("seen", "seen", "seen", "seen", "failed", "refused", "redirect", "copy", "")),
			Status: []int{0, 403, 404, 410, 500}[r.IntN(5)], Title: pick("", "-", "a", "b"), Description: pick("", "-", "a", "b", "c"), Text: pick("", "x", "y", fmt.Sprint(i)),
			Hidden: r.IntN(5) == 0, Looked: r.IntN(5) > 0, Dynamic: r.IntN(2) == 0, Old: r.IntN(2) == 0, Dated: r.IntN(2) == 0,
		}
		for range r.IntN(5) {
			p.Links = append(p.Links, int32(r.IntN(70)-5))
			p.Assets = append(p.Assets, int32(r.IntN(25)-2))
		}
		s.Pages = append(s.Pages, p)
	}
	for i := range r.IntN(20) {
		s.Assets = append(s.Assets, SiteAsset{URL: fmt.Sprintf("https://www.example.org/%d.css", i), Bytes: int64(r.IntN(5)), Cached: r.IntN(2) == 0, Hash: pick("", "a", "b", "c")})
	}
	for i := range r.IntN(3) {
		s.Sitemaps = append(s.Sitemaps, SiteMap{URL: fmt.Sprintf("https://www.example.org/%d.xml", i), Failed: pick("", "", "status 404"), Problems: [][]string{nil, {"bad-xml", "bad-tag"}, {"bad-lastmod"}}[r.IntN(3)]})
	}
	if r.IntN(2) == 0 {
		s.ErrorPage = &ErrorPage{URL: "https://www.example.org/no", Status: []int{0, 200, 404}[r.IntN(3)], Bytes: int64(r.IntN(200_000)), Signs: [][]string{nil, {"set-cookie", "no-store"}}[r.IntN(2)]}
	}
	return s
}

// shuffled is the same site in another order.
func shuffled(s *Site, r *rand.Rand) *Site {
	other := *s
	pages, assets := r.Perm(len(s.Pages)), r.Perm(len(s.Assets)) // the new place of each
	place := func(perm []int, n int32) int32 {
		if n < 0 || int(n) >= len(perm) {
			return n
		}
		return int32(perm[n])
	}
	other.Pages, other.Assets, other.Sitemaps = make([]SitePage, len(s.Pages)), make([]SiteAsset, len(s.Assets)), slices.Clone(s.Sitemaps)
	for i, p := range s.Pages {
		p.To = place(pages, p.To)
		p.Links, p.Assets = slices.Clone(p.Links), slices.Clone(p.Assets)
		for j := range p.Links {
			p.Links[j], p.Assets[j] = place(pages, p.Links[j]), place(assets, p.Assets[j])
		}
		r.Shuffle(len(p.Links), func(a, b int) {
			p.Links[a], p.Links[b], p.Assets[a], p.Assets[b] = p.Links[b], p.Links[a], p.Assets[b], p.Assets[a]
		})
		other.Pages[pages[i]] = p
	}
	for i, a := range s.Assets {
		other.Assets[assets[i]] = a
	}
	slices.Reverse(other.Sitemaps)
	return &other
}

func TestFindingsDoNotDependOnTheOrderOfPages(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	failed := map[string]bool{}
	for range 1000 {
		s := randomSite(r)
		want, got := s.Findings(), shuffled(s, r).Findings()
		if !reflect.DeepEqual(want, got) {
			t.Fatalf("%+v\n%+v\nof %+v", want, got, s)
		}
		for _, f := range want {
			failed[f.ID] = failed[f.ID] || f.Status == Failed
			if len(f.Offenders) > mostSiteOffenders || f.More > 0 && len(f.Offenders) < mostSiteOffenders || f.Bytes < 0 || (f.Status == Failed) != (len(f.Offenders) > 0) {
				t.Fatalf("%+v", f)
			}
		}
	}
	for _, c := range SiteChecks() {
		if !failed[c.ID] && c.ID != "deep-pages" {
			t.Errorf("%s never failed", c.ID)
		}
	}
}

func TestASiteShowsTwentyOffendersTheWorstFirst(t *testing.T) {
	s := &Site{Pages: []SitePage{{URL: "https://www.example.org/", State: SiteSeen, Start: true, To: -1}}}
	for i := range 100 {
		s.Assets = append(s.Assets, SiteAsset{URL: fmt.Sprintf("https://www.example.org/%d.png", i), Bytes: int64(i)})
		s.Pages[0].Assets = append(s.Pages[0].Assets, int32(i))
	}
	for range 2 {
		p := s.Pages[0]
		p.URL += "x"
		s.Pages = append(s.Pages, p)
	}
	for _, f := range s.Findings() {
		if f.ID != "shared-uncached" {
			continue
		}
		if f.Measured != 100 || f.Bytes != 2*99*100/2 || len(f.Offenders) != 20 || f.More != 80 || f.Offenders[0].Bytes != 198 || f.Offenders[19].Bytes != 160 {
			t.Errorf("%+v", f)
		}
	}
}

func TestRedirectsInACircleEnd(t *testing.T) {
	s := &Site{Whole: true, Pages: []SitePage{
		{URL: "https://www.example.org/", State: SiteSeen, Start: true, Links: []int32{1}, To: -1, Listed: true},
		{URL: "https://www.example.org/a", State: SiteRedirect, To: 2},
		{URL: "https://www.example.org/b", State: SiteRedirect, To: 1},
	}}
	v := viewOf(s)
	if !slices.Equal(v.depth, []int32{0, 1, 1}) || !v.started {
		t.Errorf("%v", v.depth)
	}
}

func TestAPageBehindARedirectOrACopyIsNoOrphan(t *testing.T) {
	s := &Site{Whole: true, Pages: []SitePage{
		{URL: "https://www.example.org/", State: SiteRedirect, Start: true, To: 1},
		{URL: "https://www.example.org/fr", State: SiteSeen, To: -1, Links: []int32{2, 4}},
		{URL: "https://www.example.org/old", State: SiteRedirect, To: 3},
		{URL: "https://www.example.org/new", State: SiteSeen, To: -1, Listed: true},
		{URL: "https://www.example.org/print", State: SiteCopy, To: 5},
		{URL: "https://www.example.org/page", State: SiteSeen, To: -1, Listed: true, Links: []int32{6}},
		{URL: "https://www.example.org/next", State: SiteSeen, To: -1, Listed: true},
		{URL: "https://www.example.org/alone", State: SiteSeen, To: -1, Listed: true, Links: []int32{1}},
	}}
	for _, f := range s.Findings() {
		if f.ID == "orphan-pages" && (f.Measured != 1 || f.Offenders[0].URL != "https://www.example.org/alone") {
			t.Errorf("%+v", f)
		}
	}
}

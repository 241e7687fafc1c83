package survey

import (
	"cmp"
	"maps"
	"slices"

	"veille/ecoindex/practice"
)

// Audit says what the site could do better.
func (s *Survey) Audit() practice.SiteAudit {
	whole := s.whole()
	verdicts, statements, home := make([]practice.PageVerdicts, len(s.Pages)), []practice.PageStatement{}, ""
	for i := range s.Pages {
		p := &s.Pages[i]
		verdicts[i] = practice.PageVerdicts{URL: p.URL, Verdicts: p.Verdicts}
		if p.Access != nil {
			statements = append(statements, practice.PageStatement{URL: p.URL, Statement: p.Access})
		}
		if home == "" && s.site.Pages[s.numbers[i]].Start {
			home = p.URL
		}
	}
	if home == "" && len(s.Pages) > 0 { // the start led to the first page that was looked at
		home = s.Pages[0].URL
	}
	return practice.SiteAudit{
		Practices: practicesOf(s.Pages), Rules: whole.Findings(), RGESN: practice.Propose(verdicts), Access: practice.MergeStatements(home, statements),
	}
}

// whole is the site as rules look at it, by what was found last of each page.
func (s *Survey) whole() *practice.Site {
	whole := s.site
	whole.Pages = slices.Clone(whole.Pages)
	for i := range s.Pages {
		judge(&whole.Pages[s.numbers[i]], &s.Pages[i])
	}
	if whole.ErrorPage != nil && len(s.parts) > 0 {
		e := *whole.ErrorPage
		known := map[string]int64{}
		for _, a := range whole.Assets {
			known[a.URL] = a.Bytes
		}
		for _, part := range s.parts {
			e.Bytes += known[part]
		}
		whole.ErrorPage = &e
	}
	return &whole
}

// judge enters what the checks of a page say for rules of the site.
func judge(p *practice.SitePage, of *Page) {
	failed := func(id string) bool {
		return slices.ContainsFunc(of.Failed, func(k practice.Kept) bool { return k.ID == id })
	}
	p.Looked = of.Passed > 0 || len(of.Failed) > 0
	p.Dynamic, p.Old = failed("dynamic-page"), failed("old-content")
	p.Dated = p.Old || p.Looked && of.LastModified != ""
}

// practicesOf are the practices that pages fail, those with most to gain first.
func practicesOf(pages []Page) []practice.SitePractice {
	by, most := map[string]*practice.SitePractice{}, map[string]float64{}
	for i := range pages {
		for _, f := range pages[i].Failed {
			p := by[f.ID]
			if p == nil {
				p = &practice.SitePractice{ID: f.ID}
				by[f.ID] = p
			}
			p.Pages, p.Points, p.Bytes = p.Pages+1, p.Points+f.Points, p.Bytes+f.Bytes
			if p.Worst == "" || f.Points > most[f.ID] || f.Points == most[f.ID] && pages[i].URL < p.Worst {
				p.Worst, most[f.ID] = pages[i].URL, f.Points
			}
		}
	}
	all := make([]practice.SitePractice, 0, len(by))
	for _, id := range slices.Sorted(maps.Keys(by)) {
		all = append(all, *by[id])
	}
	slices.SortStableFunc(all, func(a, b practice.SitePractice) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(b.Pages, a.Pages))
	})
	return all
}

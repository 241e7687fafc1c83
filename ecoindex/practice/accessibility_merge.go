package practice

import (
	"cmp"
	"slices"
	"strings"
)

// PageStatement is what a page says of accessibility.
type PageStatement struct {
	URL       string
	Statement *Statement // nil for nothing
}

// MergeStatements is what a site says of its accessibility, by the address of its home page and what its pages say; nil for nothing. The
// mention is that of the home page, else the one that most pages have; rate and date are those of the declaration, of several the one
// that most pages link to. The order of the pages does not matter.
func MergeStatements(home string, pages []PageStatement) *Statement {
	said := slices.DeleteFunc(slices.Clone(pages), func(p PageStatement) bool { return p.Statement == nil })
	if len(said) == 0 {
		return nil
	}
	slices.SortStableFunc(said, func(a, b PageStatement) int {
		return cmp.Or(cmp.Compare(a.URL, b.URL), compareStatements(a.Statement, b.Statement))
	})
	first := Statement{} // of the home page
	for _, p := range said {
		if same(p.URL, home) {
			first = *p.Statement
			break
		}
	}
	others := slices.DeleteFunc(slices.Clone(said), func(p PageStatement) bool { return p.Statement.Here })
	site := Statement{
		Mention: cmp.Or(first.Mention, commonest(others, func(s *Statement) string { return s.Mention })),
		URL:     cmp.Or(first.URL, commonest(others, func(s *Statement) string { return s.URL })),
	}
	declaration := declarationOf(said, site.URL)
	if declaration != nil {
		d := declaration.Statement
		site.Here, site.URL, site.Rate, site.Date, site.Plan = true, declaration.URL, d.Rate, d.Date, d.Plan
		site.Conflict = site.Mention != "" && d.Mention != "" && site.Mention != d.Mention
		site.Mention = cmp.Or(site.Mention, d.Mention)
	}
	site.Rate = cmp.Or(site.Rate, first.Rate)
	site.Plan = cmp.Or(site.Plan, first.Plan, commonest(said, func(s *Statement) string { return s.Plan }))
	if site == (Statement{}) {
		return nil
	}
	return &site
}

// declarationOf is the page that is the declaration: the one that is linked as such, else the one that most pages link to, else one that
// states a rate, a date, the latest; nil for none.
func declarationOf(pages []PageStatement, linked string) *PageStatement {
	links := map[string]int{}
	for _, p := range pages {
		links[trimmed(p.Statement.URL)]++
	}
	var best *PageStatement
	for i := range pages {
		p := &pages[i]
		if !p.Statement.Here {
			continue
		}
		if same(p.URL, linked) {
			return p
		}
		if best == nil || cmp.Or(
			cmp.Compare(links[trimmed(best.URL)], links[trimmed(p.URL)]),
			cmp.Compare(min(1, best.Statement.Rate), min(1, p.Statement.Rate)),
			cmp.Compare(best.Statement.Date, p.Statement.Date),
		) < 0 {
			best = p
		}
	}
	return best
}

// commonest is what most pages say; of two that as many say, the first in the order of texts, which of mentions is the least favourable.
// "" where none says anything.
func commonest(pages []PageStatement, of func(*Statement) string) string {
	count := map[string]int{}
	for _, p := range pages {
		if what := of(p.Statement); what != "" {
			count[what]++
		}
	}
	best := ""
	for what, n := range count {
		if best == "" || n > count[best] || n == count[best] && what < best {
			best = what
		}
	}
	return best
}

// same tells whether two addresses are of one page, but for a slash at the end.
func same(a, b string) bool { return trimmed(a) == trimmed(b) }

func trimmed(address string) string {
	address, _, _ = strings.Cut(address, "#")
	return strings.TrimSuffix(address, "/")
}

// compareStatements gives statements an order of their own.
func compareStatements(a, b *Statement) int {
	return cmp.Or(cmp.Compare(a.Mention, b.Mention), cmp.Compare(a.URL, b.URL), cmp.Compare(a.Rate, b.Rate), cmp.Compare(a.Date, b.Date),
		cmp.Compare(a.Plan, b.Plan), cmp.Compare(boolean(a.Here), boolean(b.Here)))
}

func boolean(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

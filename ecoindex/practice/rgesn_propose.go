package practice

import "cmp"

// PageVerdicts are the verdicts on a page.
type PageVerdicts struct {
	URL      string
	Verdicts []Verdict
}

// Propose is what a person may answer to each criterion of RGESN for a site, by what was seen of its pages, in their order. A criterion
// that pages decide is validated where all pass that have something of the kind, not applicable where none has, and to be assessed where
// nobody could look. Of others it says that they are not validated, or that a person has to look.
func Propose(pages []PageVerdicts) []Proposal {
	var all []Proposal
	for _, c := range RGESN() {
		all = append(all, c.propose(pages))
	}
	return all
}

// propose is what a person may answer to a criterion.
func (c *Criterion) propose(pages []PageVerdicts) Proposal {
	p := Proposal{Criterion: c.ID}
	empty, blind := 0, 0
	failed, worst := false, (*Verdict)(nil)
	for i := range pages {
		v := pages[i].of(c.ID)
		switch {
		case v == nil || v.Status == Nothing && v.Unknown:
			blind++
			continue
		case v.Status == Nothing:
			empty++
			continue
		case v.Status == Passed:
			p.Passed++
		}
		p.Pages++
		if worst == nil || c.worse(v, worst, pages[i].URL, p.Worst) {
			worst, p.Worst, p.Measured = v, pages[i].URL, v.Measured
			failed = v.Status == Failed
		}
	}
	if !failed {
		p.Worst = "" // no page holds it up
	}
	switch {
	case failed && (c.Decided || c.plain):
		p.Status = ProposedNotValidated
	case !c.Decided:
		p.Status = ProposedToAssess
	case p.Pages > 0:
		p.Status = ProposedValidated
	case empty > 0 && blind == 0:
		p.Status = ProposedNothing
	default:
		p.Status = ProposedToAssess
	}
	return p
}

// of is the verdict on a criterion; nil for none that can be read.
func (p *PageVerdicts) of(id string) *Verdict {
	for i := range p.Verdicts {
		switch v := &p.Verdicts[i]; {
		case v.Criterion != id:
		case v.Status == Passed || v.Status == Failed || v.Status == Nothing:
			return v
		}
	}
	return nil
}

// worse tells whether a page holds up a criterion more than another; of two that do the same, the address that comes first.
func (c *Criterion) worse(a, b *Verdict, urlA, urlB string) bool {
	if a.Status != b.Status {
		return a.Status == Failed
	}
	order := cmp.Compare(b.Measured, a.Measured)
	if c.more {
		order = -order
	}
	return cmp.Or(order, cmp.Compare(urlA, urlB)) < 0
}

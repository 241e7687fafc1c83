package wall

import (
	"context"
	"errors"
	"slices"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// A year is told from the months of the last sixteen, since a month may be fixed late; where nothing is fixed in them, from the ten years that
// the door answers at once.
const (
	yearMonths = 12
	lastMonth  = 15
	mostMonth  = 119
)

// year is what the public may see of a site in the last twelve months that are fixed: real figures, or simulated ones where its organisation has
// no real ones.
func (p *Pages) year(ctx context.Context, site collector.Site) ([]privacy.Answer, bool, error) {
	to := p.today().Month()
	for _, months := range []int{lastMonth, mostMonth} {
		for _, simulated := range []bool{false, true} {
			answers, err := p.door.Monthly(ctx, nil, privacy.Question{
				Organisation: site.Organisation, Node: privacy.Site(site.ID), From: to.Plus(-months), To: to, Simulated: simulated,
			})
			if err != nil && !errors.Is(err, collector.ErrNotFound) {
				return nil, false, err
			}
			if len(answers) > 0 {
				first := answers[len(answers)-1].To.Plus(-(yearMonths - 1))
				return slices.DeleteFunc(answers, func(a privacy.Answer) bool { return a.From < first }), simulated, nil
			}
		}
	}
	return nil, false, nil
}

// told is what may be told of a site.
type told struct {
	from, to collector.Month   // of the organisation's; "": nothing is fixed
	months   []balance.Account // of workstations, by month; those without any machine are absent
	all      balance.Account   // of them together
	servers  *balance.Account  // nil where there are none
}

// reckon makes accounts of answers.
func reckon(book balance.Book, answers []privacy.Answer) (t told) {
	if len(answers) == 0 {
		return t
	}
	t.from, t.to = answers[0].From, answers[len(answers)-1].To
	var servers []balance.Account
	for i := range answers {
		if a, ok := book.Of(answers[i].From, &answers[i].Self, balance.Workstations); ok {
			t.months = append(t.months, a)
		}
		if a, ok := book.Of(answers[i].From, &answers[i].Self, balance.Servers); ok {
			servers = append(servers, a)
		}
	}
	if len(t.months) > 0 {
		t.all = balance.Add(t.months)
	}
	if len(servers) > 0 {
		all := balance.Add(servers)
		t.servers = &all
	}
	return t
}

// span is the months that are told of, without gaps.
func (t told) span() (all []collector.Month) {
	if t.from == "" {
		return nil
	}
	for m := t.from; m <= t.to && len(all) < yearMonths; m = m.Plus(1) {
		all = append(all, m)
	}
	return all
}

// month is the account of a month; one of nothing where there is none.
func (t told) month(m collector.Month) balance.Account {
	i := slices.IndexFunc(t.months, func(a balance.Account) bool { return a.From == m })
	if i < 0 {
		return balance.Account{}
	}
	return t.months[i]
}

package savings

import (
	"context"
	"errors"
	"slices"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// A year is told from the months of the last sixteen, since a month may be fixed late. Ten years are the most that the door answers at once.
const (
	year      = 12
	lastMonth = 15
	mostMonth = 119
)

// rowsShown is how many rows of a table a page shows, and sitesShown how many the table of sites has on a page that has other tables too.
const (
	rowsShown  = 20
	sitesShown = 12
)

// span is the months from one to another, both included.
func span(from, to collector.Month) (all []collector.Month) {
	for m := from; m <= to && len(all) <= mostMonth; m = m.Plus(1) {
		all = append(all, m)
	}
	return all
}

// top is the node that a reader may see all of: his organisation, or the only site that he is of.
func top(user *collector.User) privacy.Node {
	if user.Site != 0 {
		return privacy.Site(user.Site)
	}
	return privacy.Node{}
}

// asked is what the door answers a reader, question by question. Each is asked once.
type asked struct {
	door      Door
	user      *collector.User
	from, to  collector.Month
	simulated bool
	answers   map[privacy.Node][]privacy.Answer
}

// ask asks for the months from one on: real figures, or simulated ones where the organisation has no real ones.
func (p *Pages) ask(ctx context.Context, user *collector.User, from collector.Month) (*asked, error) {
	a := &asked{door: p.door, user: user, from: from, to: p.today().Month(), answers: map[privacy.Node][]privacy.Answer{}}
	for _, a.simulated = range []bool{false, true} {
		answers, err := a.of(ctx, top(user))
		if err != nil || len(answers) > 0 {
			return a, err
		}
		clear(a.answers)
	}
	a.simulated = false
	return a, nil
}

// askYear asks for the last twelve months that are fixed. Where nothing is fixed of the last months, those of long ago are looked for.
func (p *Pages) askYear(ctx context.Context, user *collector.User) (*asked, error) {
	a, err := p.ask(ctx, user, p.today().Month().Plus(-lastMonth))
	if err == nil && a.last() == "" {
		a, err = p.ask(ctx, user, p.today().Month().Plus(-mostMonth))
	}
	if err != nil || a.last() == "" {
		return a, err
	}
	a.from = a.last().Plus(-(year - 1))
	for node, answers := range a.answers {
		a.answers[node] = slices.DeleteFunc(answers, func(x privacy.Answer) bool { return x.From < a.from })
	}
	return a, nil
}

// of is what may be seen of a node and its children, month by month. There is nothing of an organisation without sites, or of a site that
// it has no more.
func (a *asked) of(ctx context.Context, n privacy.Node) ([]privacy.Answer, error) {
	if answers, ok := a.answers[n]; ok {
		return answers, nil
	}
	answers, err := a.door.Monthly(ctx, a.user, privacy.Question{
		Organisation: a.user.Organisation, Node: n, From: a.from, To: a.to, Simulated: a.simulated,
	})
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return nil, err
	}
	a.answers[n] = answers
	return answers, nil
}

// first is the first month with figures of the reader's node; "" where there is none.
func (a *asked) first() collector.Month {
	if answers := a.answers[top(a.user)]; len(answers) > 0 {
		return answers[0].From
	}
	return ""
}

// last is the last month with figures of the reader's node; "" where there is none.
func (a *asked) last() collector.Month {
	if answers := a.answers[top(a.user)]; len(answers) > 0 {
		return answers[len(answers)-1].To
	}
	return ""
}

// monthsOf are the accounts of the machines of a kind of a node, from answers about it or about what it is in.
func monthsOf(book balance.Book, answers []privacy.Answer, n privacy.Node, kind balance.Kind) (accounts []balance.Account) {
	for i := range answers {
		f := figuresOf(&answers[i], n)
		if f == nil {
			continue
		}
		if account, ok := book.Of(answers[i].From, f, kind); ok {
			accounts = append(accounts, account)
		}
	}
	return accounts
}

// figuresOf are those of a node in an answer about it, or about what it is in; nil where it is not in the answer.
func figuresOf(a *privacy.Answer, n privacy.Node) *privacy.Figures {
	if a.Self.Node == n {
		return &a.Self
	}
	i := slices.IndexFunc(a.Children, func(f privacy.Figures) bool { return f.Node == n })
	if i < 0 {
		return nil
	}
	return &a.Children[i]
}

// book is what the figures of an organisation are reckoned with.
func (p *Pages) book(ctx context.Context, organisation int64) (balance.Book, error) {
	prices, err := p.ledger.Prices(ctx, organisation)
	if err != nil {
		return balance.Book{}, err
	}
	factors, err := p.ledger.Factors(ctx, organisation)
	if err != nil {
		return balance.Book{}, err
	}
	return balance.NewBook(prices, factors)
}

package energy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// yearMonths is how many months a page is about.
const yearMonths = 12

// reading is what the figures of a page are read from: the answers of two years about one node of the tree and its children.
type reading struct {
	node      privacy.Node
	book      balance.Book
	from, to  collector.Month // 24 months
	answers   []privacy.Answer
	simulated bool
	elsewhere bool // there are figures of the other kind too, real or simulated
	chosen    bool // the reader asked for the month that it ends with
}

// empty tells whether there is no fixed month at all.
func (r *reading) empty() bool { return len(r.answers) == 0 }

// read asks the door about a node. Real figures come first; simulated ones where there are no others, or where the reader asks for them.
func (p *Pages) read(ctx context.Context, q frame.Request, n privacy.Node) (*reading, error) {
	book, err := p.bookOf(ctx, q.Reader.Organisation)
	if err != nil {
		return nil, err
	}
	r := &reading{node: n, book: book, simulated: q.Param("simulated") == "1"}
	if err := p.fill(ctx, q, r); err != nil {
		return nil, err
	}
	if r.empty() {
		r.simulated = !r.simulated
		if err := p.fill(ctx, q, r); err != nil {
			return nil, err
		}
		if r.empty() {
			r.simulated = false
		}
		return r, nil
	}
	other, err := p.door.Monthly(ctx, q.Reader, privacy.Question{
		Organisation: q.Reader.Organisation, Node: n, From: r.to, To: r.to, Simulated: !r.simulated,
	})
	r.elsewhere = len(other) > 0
	return r, err
}

// bookOf is what the energy of an organisation is reckoned with.
func (p *Pages) bookOf(ctx context.Context, organisation int64) (balance.Book, error) {
	prices, err := p.ledger.Prices(ctx, organisation)
	if err != nil {
		return balance.Book{}, fmt.Errorf("read the prices: %w", err)
	}
	factors, err := p.ledger.Factors(ctx, organisation)
	if err != nil {
		return balance.Book{}, fmt.Errorf("read the factors: %w", err)
	}
	return balance.NewBook(prices, factors)
}

// fill asks for the two years that end with the month asked for; where that one has no figures, with the last that has some.
func (p *Pages) fill(ctx context.Context, q frame.Request, r *reading) error {
	ask := func(from, to collector.Month) (err error) {
		r.answers, err = p.door.Monthly(ctx, q.Reader, privacy.Question{
			Organisation: q.Reader.Organisation, Node: r.node, From: from, To: to, Simulated: r.simulated,
		})
		return err
	}
	today := p.today().Month()
	if to, ok := asked(q, today); ok {
		if err := ask(to.Plus(1-2*yearMonths), to); err != nil {
			return err
		}
		if !r.empty() && r.answers[len(r.answers)-1].To == to {
			r.from, r.to, r.chosen = to.Plus(1-2*yearMonths), to, true
			return nil
		}
	}
	for _, back := range []int{2*yearMonths + 2, 119} { // the last two months may not be fixed yet, or nothing was for long
		if err := ask(today.Plus(-back), today); err != nil {
			return err
		}
		if !r.empty() {
			break
		}
	}
	if r.empty() {
		return nil
	}
	r.to = r.answers[len(r.answers)-1].To
	r.from = r.to.Plus(1 - 2*yearMonths)
	if r.from < r.answers[0].From && r.answers[0].From == today.Plus(-2*yearMonths-2) {
		return ask(r.from, r.to) // the window began too late for a whole year before
	}
	return nil
}

// asked is the last month that the reader wants to see; false where he has not said, or what he said is none that may be over.
func asked(q frame.Request, today collector.Month) (collector.Month, bool) {
	m := collector.Month(q.Param("to"))
	if _, _, err := m.Dates(); err != nil || m < "2000-01" || m > today {
		return "", false
	}
	return m, true
}

// today is the date in the zone of the collector.
func (p *Pages) today() collector.Date { return collector.DateOf(p.now()) }

// figures are those of a node that the answer is about, or of a child of it; nil where it has none.
func figures(a *privacy.Answer, n privacy.Node) *privacy.Figures {
	if a.Self.Node == n {
		return &a.Self
	}
	i := slices.IndexFunc(a.Children, func(f privacy.Figures) bool { return f.Node == n })
	if i < 0 {
		return nil
	}
	return &a.Children[i]
}

// accounts are those of a node from one month to another, the oldest first. Months of which there is nothing are absent.
func accounts(book balance.Book, answers []privacy.Answer, n privacy.Node, kind balance.Kind, from, to collector.Month) (all []balance.Account) {
	for i := range answers {
		if m := answers[i].To; m < from || m > to {
			continue
		}
		if f := figures(&answers[i], n); f != nil {
			if a, ok := book.Of(answers[i].To, f, kind); ok {
				all = append(all, a)
			}
		}
	}
	return all
}

// story is what machines of one node did in a year, beside the year before.
type story struct {
	to          collector.Month
	now, before []balance.Account // months, the oldest first
	year, last  balance.Account   // their sums; zero where there are none
	change      balance.Change
	compared    bool
}

// story tells a node: that of the reading, or a child of it.
func (r *reading) story(n privacy.Node, kind balance.Kind) story {
	half := r.to.Plus(1 - yearMonths)
	s := story{
		to:     r.to,
		now:    accounts(r.book, r.answers, n, kind, half, r.to),
		before: accounts(r.book, r.answers, n, kind, r.from, half.Plus(-1)),
	}
	if len(s.now) > 0 {
		s.year = balance.Add(s.now)
	}
	if len(s.before) > 0 {
		s.last = balance.Add(s.before)
	}
	s.change, s.compared = balance.Compare(s.now, s.before)
	return s
}

// shown tells whether there is a month with figures.
func (s *story) shown() bool { return s.year.Months > 0 }

// of is the account of one month; nil where there is nothing of it.
func of(all []balance.Account, m collector.Month) *balance.Account {
	i := slices.IndexFunc(all, func(a balance.Account) bool { return a.To == m })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// months are the twelve that the story is about, the oldest first.
func (s *story) months() (all []collector.Month) {
	for i := range yearMonths {
		all = append(all, s.to.Plus(i+1-yearMonths))
	}
	return all
}

// sites are those of the organisation that the reader may see, by name.
func (p *Pages) sites(ctx context.Context, who *collector.User) ([]collector.Site, error) {
	all, err := p.ledger.Sites(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the sites: %w", err)
	}
	all = slices.DeleteFunc(slices.Clone(all), func(s collector.Site) bool {
		return s.Organisation != who.Organisation || who.Site != 0 && who.Site != s.ID
	})
	slices.SortFunc(all, byName)
	return all, nil
}

// site is the site of the address; collector.ErrNotFound where the reader may not know of it.
func (p *Pages) site(ctx context.Context, q frame.Request) (collector.Site, error) {
	id, err := q.ID("site")
	if err != nil {
		return collector.Site{}, err
	}
	all, err := p.sites(ctx, q.Reader)
	if err != nil {
		return collector.Site{}, err
	}
	i := slices.IndexFunc(all, func(s collector.Site) bool { return s.ID == id })
	if i < 0 {
		return collector.Site{}, collector.ErrNotFound
	}
	return all[i], nil
}

// root is the node that the reader sees all of.
func root(who *collector.User) privacy.Node {
	if who.Site != 0 {
		return privacy.Site(who.Site)
	}
	return privacy.Node{}
}

// seesMachines tells whether the reader has a role that sees figures of machines. The door refuses others.
func seesMachines(who *collector.User) bool {
	return who.Has(collector.RoleIT, collector.RoleOfficer, collector.RoleReader)
}

// none is nil where err says that there is nothing.
func none(err error) error {
	if errors.Is(err, collector.ErrNotFound) {
		return nil
	}
	return err
}

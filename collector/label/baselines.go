package label

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// KeepBaselines keeps the baselines of actions that have none yet, of an organisation, as far as their months are fixed: as they are told
// to those who may see all of it. It answers how many it kept. keep is called for each. What cannot be a baseline
// is not kept. One of simulated machines, where there are no real ones, says so.
func (m *Maker) KeepBaselines(ctx context.Context, organisation int64, keep func(context.Context, collector.Baseline) error) (int, error) {
	r := &reader{organisation: organisation}
	actions, kept := read(ctx, r, "actions", m.ledger.Actions), read(ctx, r, "baselines", m.ledger.Baselines)
	prices, factors := read(ctx, r, "prices", m.ledger.Prices), read(ctx, r, "factors", m.ledger.Factors)
	if r.err != nil {
		return 0, r.err
	}
	book, err := balance.NewBook(prices, factors)
	if err != nil {
		return 0, err
	}
	slices.SortFunc(actions, func(x, y collector.Action) int { return cmp.Compare(x.ID, y.ID) })
	n := 0
	for _, a := range actions {
		if slices.ContainsFunc(kept, func(b collector.Baseline) bool { return b.Action == a.ID }) {
			continue
		}
		b, ok, err := m.baseline(ctx, book, a)
		if err != nil {
			return n, fmt.Errorf("the baseline of action %d: %w", a.ID, err)
		}
		if !ok {
			continue
		}
		if err := keep(ctx, b); err != nil {
			return n, fmt.Errorf("keep the baseline of action %d: %w", a.ID, err)
		}
		n++
	}
	return n, nil
}

// baseline is that of an action; false where it has none that can be kept yet.
func (m *Maker) baseline(ctx context.Context, book balance.Book, a collector.Action) (collector.Baseline, bool, error) {
	reader := &collector.User{Organisation: a.Organisation, Roles: []collector.Role{collector.RoleReader}}
	from := max(a.BaseFrom, a.Base.Plus(1-mostAsked))
	to := max(a.Base, min(m.today().Month(), from.Plus(mostAsked-1))) // a later month tells that those of the baseline are all there
	question := privacy.Question{Organisation: a.Organisation, Node: balance.NodeOf(a), From: from, To: to}
	answers, err := m.ask(ctx, reader, question)
	if err == nil && len(answers) == 0 {
		question.Simulated = true
		answers, err = m.ask(ctx, reader, question)
	}
	if err != nil || !m.settled(answers, period{from, a.Base}) {
		return collector.Baseline{}, false, err
	}
	b, why := balance.BaselineOf(a, book.TellOf(answers))
	if why != "" {
		return collector.Baseline{}, false, nil
	}
	kept, err := b.Encode()
	if err != nil {
		return collector.Baseline{}, false, err
	}
	sum := sha256.Sum256(kept)
	return collector.Baseline{Action: a.ID, Organisation: a.Organisation, KeptOn: m.today(), SHA256: hex.EncodeToString(sum[:]), JSON: kept}, true, nil
}

// settled tells whether nothing more comes of the months of a period: each was answered, or is over for so long that it is fixed if it ever will be.
func (m *Maker) settled(answers []privacy.Answer, p period) bool {
	today, err := m.today().Midnight(time.UTC)
	if err != nil {
		return false
	}
	for i := range p.length() {
		month := p.from.Plus(i)
		_, last, err := month.Dates()
		if err != nil {
			return false
		}
		end, err := last.Midnight(time.UTC)
		if err != nil {
			return false
		}
		answered := slices.ContainsFunc(answers, func(a privacy.Answer) bool { return a.From == month })
		if !answered && !today.After(end.AddDate(0, 0, privacy.LastDay)) {
			return false
		}
	}
	return true
}

package energy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// effect is what an action saved, at the node of a page.
type effect struct {
	collector.Action
	balance.Effect

	why string // the effect cannot be told; "" where it can
}

// actionPath is where all about an action is, without the language.
func actionPath(a collector.Action) string { return fmt.Sprintf("/actions/%d", a.ID) }

// actions are those that were done at a node, above it or in it, the last first.
func (p *Pages) actions(ctx context.Context, who *collector.User, n privacy.Node) ([]collector.Action, error) {
	all, err := p.ledger.Actions(ctx, who.Organisation)
	if err != nil {
		return nil, fmt.Errorf("read the actions: %w", err)
	}
	all = slices.DeleteFunc(slices.Clone(all), func(a collector.Action) bool {
		_, ok := where(a, n)
		return !ok || a.Organisation != who.Organisation
	})
	slices.SortStableFunc(all, func(a, b collector.Action) int { return strings.Compare(string(b.On), string(a.On)) })
	return all, nil
}

// where is the node at which the effect of an action is seen on the page of a node: the lower of the two. False where one is not in the
// other.
func where(a collector.Action, page privacy.Node) (privacy.Node, bool) {
	done := balance.NodeOf(a)
	switch {
	case inside(done, page):
		return done, true
	case inside(page, done):
		return page, true
	}
	return done, false
}

// inside tells whether a node is another, or is in it.
func inside(n, of privacy.Node) bool {
	switch {
	case of.Level > n.Level:
		return false
	case of.Level >= privacy.OneSite && of.Site != n.Site:
		return false
	case of.Level >= privacy.OneGroup && of.Group != n.Group:
		return false
	}
	return of.Level < privacy.OneClass || of.Class == n.Class
}

// effectOf compares the months after an action with its baseline.
func (p *Pages) effectOf(ctx context.Context, q frame.Request, r *reading, a collector.Action) (effect, error) {
	node, _ := where(a, r.node)
	answers := r.answers
	if a.BaseFrom < r.from || node != r.node { // what is below it is asked for too: see balance.Book.Since
		from := max(a.BaseFrom, r.to.Plus(-119)) // the door answers ten years at most
		if from > r.to {
			return effect{Action: a, why: balance.NoAfter}, nil
		}
		var err error
		answers, err = p.door.Monthly(ctx, q.Reader, privacy.Question{
			Organisation: q.Reader.Organisation, Node: node, From: from, To: r.to, Simulated: r.simulated,
		})
		if none(err) != nil {
			return effect{}, fmt.Errorf("read the months of action %d: %w", a.ID, err)
		}
	}
	kept, err := p.ledger.Baselines(ctx, q.Reader.Organisation)
	if err != nil {
		return effect{}, fmt.Errorf("read the baselines: %w", err)
	}
	c, err := p.memory.Compare(r.book, a, kept, node, answers, r.to)
	return effect{Action: a, Effect: c.Effect, why: c.Why}, err
}

// mostActions is how many actions a page lists: the first page has little room. mostTried is how many are compared to find the headline.
func mostActions(n privacy.Node) int {
	if n.Level == privacy.WholeOrganisation {
		return 2
	}
	return 5
}

const mostTried = 12

// effects are what a page tells of actions.
type effects struct {
	first  effect   // of the headline
	latest bool     // it is the last action that was done
	within bool     // all that can be told are within the error
	listed []effect // the last first
}

// effects compares the last actions. The headline is the last one that can be told and is beyond the error; else the last that can be told;
// else the last.
func (p *Pages) effects(ctx context.Context, q frame.Request, r *reading, actions []collector.Action) (effects, error) {
	most := mostActions(r.node)
	var all []effect
	first := -1
	for i, a := range actions[:min(len(actions), mostTried)] {
		e, err := p.effectOf(ctx, q, r, a)
		if err != nil {
			return effects{}, err
		}
		all = append(all, e)
		if first < 0 && e.why == "" && !e.Within {
			first = i
		}
		if first >= 0 && i+1 >= most {
			break
		}
	}
	if len(all) == 0 {
		return effects{}, nil
	}
	var told effects
	if first < 0 {
		first = slices.IndexFunc(all, func(e effect) bool { return e.why == "" })
		told.within = first >= 0 && len(all) > 1
		first = max(first, 0)
	}
	told.first, told.latest = all[first], first == 0
	told.listed = slices.Clone(all[:min(len(all), most)])
	if first >= len(told.listed) {
		told.listed[len(told.listed)-1] = all[first]
	}
	return told, nil
}

// figure is what an action saved, as a headline.
func (all *effects) figure(q frame.Request) frame.Figure {
	e := &all.first
	key := "energy.figure.effect"
	if !all.latest {
		key = "energy.figure.effect.earlier"
	}
	f := frame.Figure{ID: "effect", Label: q.Say(key, e.Name), Unit: unitKWh, How: "effect"}
	if e.why != "" {
		f.Missing = q.Say("energy.effect." + e.why)
		return f
	}
	r := e.KWh
	f.Value, f.Low, f.High, f.Decimals = &r.Value, &r.Low, &r.High, decimals(r.Value)
	f.Methods = e.After.Methods
	f.Note = q.Say("energy.effect.note", signed(q.Language, -e.Percent, e.After.Machines), period(q, e.After.From, e.After.To), period(q, e.Before.From, e.Before.To))
	f.Note += e.doubts(q)
	if !all.latest {
		f.Note += " " + q.Say("energy.effect.later")
	}
	if all.within {
		f.Note += " " + q.Say("energy.effect.all_within")
	}
	return f
}

// mine is where an action is told in full; "" where that page is not the reader's.
func mine(q frame.Request, a collector.Action) string {
	if q.Reader.Site != 0 && a.Site != q.Reader.Site {
		return ""
	}
	return actionPath(a)
}

// effectsTable compares the time before and after each action.
func effectsTable(q frame.Request, all []effect) frame.Table {
	largest := 0.0
	for i := range all {
		largest = max(largest, all[i].KWh.Value)
	}
	t := frame.Table{ID: "effects", Caption: q.Say("energy.effects.caption"), Columns: []frame.Column{
		column(q, "action", "", 0), beside(q, "done", ""), column(q, "baseline", "", 0), column(q, "after", "", 0),
	}}
	t.Columns = append(append(t.Columns, ranged(q, "saved", "low", "high", unitKWh, decimals(largest))...), []frame.Column{
		column(q, "saved_share", unitShare, 0), beside(q, "euros", unitEuro), beside(q, "euros_low", unitEuro), beside(q, "euros_high", unitEuro),
		beside(q, "carbon", unitCarbon), beside(q, "carbon_low", unitCarbon), beside(q, "carbon_high", unitCarbon), column(q, "note", "", 0),
	}...)
	for i := range all {
		t.Rows = append(t.Rows, all[i].row(q, decimals(largest)))
	}
	return tidy(t, "saved", "saved_share", "after", "note")
}

func (e effect) row(q frame.Request, decimals int) []frame.Cell {
	row := []frame.Cell{frame.Link(e.Name, mine(q, e.Action)), frame.Text(q.Day(e.On)), frame.Text(brief(q, e.BaseFrom, e.Base))}
	if e.why != "" {
		row = append(row, make([]frame.Cell, 11)...)
		return append(row, frame.Text(q.Say("energy.effect."+e.why)))
	}
	row = append(append(row, frame.Text(brief(q, e.After.From, e.After.To))), between(q, &e.KWh, decimals)...)
	share := frame.Cell{}
	if x, ok := privacy.Percent(e.Percent, 100, e.After.Machines); ok {
		share = frame.Num(x)
	}
	row = append(append(append(row, share), bounds(e.Euros)...), bounds(e.Carbon)...)
	return append(row, frame.Text(strings.TrimSpace(e.doubts(q))))
}

// doubts are why the effect may be another one, each after a space.
func (e effect) doubts(q frame.Request) string {
	return doubts(q, "energy.effect.", map[string]bool{
		"within": e.Within, "assumed": e.Assumed, "mix": e.Mix, "methods": e.Methods, "left_out": len(e.LeftOut) > 0,
	})
}

package balance

import (
	"slices"

	"veille/collector"
	"veille/collector/privacy"
)

// Since is the effect of an action in the months from one to another, of those after it, in comparison with its baseline.
//
// It is Effect, but for the mean power before: each node below is compared with itself, so that a mix of sites, groups or classes that changed is
// no saving. Of each part of the day, with the hours H after of each node below that has energy before and after, and its power P before:
//
//	P before = (sum of P × H + P of the rest × H of the rest) ÷ all hours after
//
// Only nodes are compared of which nothing is hidden in any of the months that are used: of one that is shown in some months only, the others would
// be taken for the rest. What a node has in a part of the day on one side only, such as a site that opened or closed, has nothing to compare with,
// and is taken out of both sides: see Effect.New. The rest is what is told of the whole and of none of these nodes; its P is that of the rest
// before, or of the whole where there was none. A baseline without nodes, such as that of a site that was kept with its organisation, is compared as a
// whole. How far months differ by themselves is taken from the whole. Where it cannot be told, why says so.
func (b Book) Since(a collector.Action, base Baseline, after Told, from, to collector.Month) (e Effect, why string) {
	since := after.only(func(m collector.Month) bool { return m >= from && m <= to && IsAfter(a, m) })
	before, left := base.apart()
	later, leftLater := since.apart()
	if len(before.Children) == 0 { // it was kept with the node above, by itself: nothing says what below it is new
		later.Children = nil
	}
	e, why = b.effect(before.Self, later.Self, before, later)
	e.Left = max(left, leftLater)
	return e, why
}

// hoursOf is the hours that the energy covers in one part of the day, and that energy.
type hoursOf struct{ hours, kwh float64 }

func (h *hoursOf) add(all []Account, part string) {
	for i := range all {
		if p, ok := all[i].part(part); ok {
			h.hours, h.kwh = h.hours+p.Covered, h.kwh+p.KWh.Value
		}
	}
}

// less is what is left; nothing where that is rounding.
func (h hoursOf) less(o hoursOf) hoursOf {
	hours := settle(h.hours-o.hours, h.hours)
	if hours <= 0 {
		return hoursOf{}
	}
	return hoursOf{hours, max(0, h.kwh-o.kwh)}
}

func (h hoursOf) watts() float64 { return ratio(h.kwh*1000, h.hours) }

// coveredIn tells whether energy is known of a part of the day.
func coveredIn(all []Account, part string) bool {
	var h hoursOf
	h.add(all, part)
	return h.hours > 0
}

// match puts the mix of after into the mean power of each part of the day.
func (e *Effect) match(base map[string]baseline, before, after Told) (matched float64) {
	for part, l := range base {
		whole, _ := e.Before.part(part)
		later, _ := e.After.part(part)
		was, is, expected := hoursOf{}, hoursOf{}, 0.0
		for _, node := range nodesOf(before, after) {
			var x, y hoursOf
			x.add(before.Children[node], part)
			y.add(after.Children[node], part)
			if x.hours > 0 && y.hours > 0 {
				was, is = hoursOf{was.hours + x.hours, was.kwh + x.kwh}, hoursOf{is.hours + y.hours, is.kwh + y.kwh}
				expected += x.watts() * y.hours
			}
		}
		matched += min(is.hours, later.Covered)
		rest := hoursOf{later.Covered, later.KWh.Value}.less(is).hours
		if is.hours == 0 || later.Covered == 0 {
			continue
		}
		watts := whole.watts()
		if left := (hoursOf{whole.Covered, whole.KWh.Value}).less(was); left.hours > 0 {
			watts = left.watts()
		}
		l.watts = (expected + watts*rest) / (is.hours + rest)
		base[part] = l
	}
	return matched
}

// nodesOf are the nodes that both have, in one order.
func nodesOf(before, after Told) (nodes []privacy.Node) {
	for node := range before.Children {
		if _, ok := after.Children[node]; ok {
			nodes = append(nodes, node)
		}
	}
	slices.SortFunc(nodes, compareNodes)
	return nodes
}

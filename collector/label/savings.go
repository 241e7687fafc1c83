package label

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/balance"
)

// effect is what an action saved in a period.
type effect struct {
	balance.Effect
	why     string // why it cannot be told; "": it can
	of      int    // whole months of the period in which the action is in force
	also    bool   // another action about the same machines began in the months that are compared
	counted bool   // it is in the sum of all: no other that is counted is of the same machines
}

// effectsIn are the effects of all actions in a period, in their order. Of actions that share a place in the same months the widest is counted, and of
// those that are as wide the earliest: each machine's saving is counted once.
func (f *facts) effectsIn(p period) []effect {
	all := make([]effect, len(f.actions))
	order := make([]int, len(f.actions))
	for i, a := range f.actions {
		order[i] = i
		all[i].of = max(0, a.inForce(p).length())
		if all[i].why = a.why; a.why == "" {
			all[i].Effect, all[i].why = f.book.Since(a.Action, a.base, a.after, p.from, min(p.to, a.lasts()))
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		x, y := f.actions[i], f.actions[j]
		return cmp.Or(cmp.Compare(balance.NodeOf(x.Action).Level, balance.NodeOf(y.Action).Level), strings.Compare(string(x.On), string(y.On)), cmp.Compare(x.ID, y.ID))
	})
	for n, i := range order {
		all[i].counted = all[i].why == "" && !slices.ContainsFunc(order[:n], func(j int) bool {
			return all[j].counted && share(f.actions[i].Action, f.actions[j].Action) && sameMonths(&all[i].After, &all[j].After)
		})
		all[i].also = slices.ContainsFunc(order, func(j int) bool {
			on := f.actions[j].On.Month()
			return j != i && share(f.actions[i].Action, f.actions[j].Action) && on >= f.actions[i].BaseFrom && on <= all[i].After.To
		})
	}
	return all
}

// sameMonths tells whether two accounts may be of the same months.
func sameMonths(x, y *balance.Account) bool { return x.From <= y.To && y.From <= x.To }

// inForce are the whole months of a period that lie after the action, as long as it goes on; it ends before it begins where there are none.
func (a *action) inForce(p period) period {
	from := a.On.Month()
	if first, _, err := from.Dates(); err == nil && a.On > first {
		from = from.Plus(1)
	}
	return period{max(from, p.from), min(p.to, a.lasts())}
}

// gaps tells whether some months in which the action is in force are not in its effect: they are hidden, or have no figures.
func (e *effect) gaps() bool { return e.After.Months < e.of }

// lasts is the last whole month in which an action goes on; a month that is never reached where nobody has said.
func (a *action) lasts() collector.Month {
	if a.Until == "" {
		return lastMonth
	}
	month := a.Until.Month()
	if _, last, err := month.Dates(); err != nil || a.Until < last {
		return month.Plus(-1)
	}
	return month
}

// share tells whether two actions are about the same machines, all or some.
func share(x, y collector.Action) bool {
	return x.Site == 0 || y.Site == 0 || x.Site == y.Site && (x.Group == 0 || y.Group == 0 || x.Group == y.Group)
}

// counted is the answer of a line that adds up a figure of the effects that are counted, without its value. ok is false where there is none.
func (f *facts) counted(p period) (all []effect, a answer, ok bool) {
	overlap, untold := 0, 0
	why := noAction()
	gaps := ""
	for i, e := range f.effects[p] {
		switch {
		case e.why != "" && e.of == 0: // it saved nothing in the period
			why = whyNot(e.why)
		case e.why != "":
			untold++
			why, gaps = whyNot(e.why), gaps+fmt.Sprintf("-%d", f.actions[i].ID)
		case e.counted:
			all = append(all, e)
		default:
			overlap++
		}
	}
	if len(all) == 0 {
		return nil, answer{missing: why}, false
	}
	a = answer{status: Measured, months: max(1, f.withFigures(p)), quality: High, of: gaps}
	for _, e := range all {
		h := (hours{}).of(e.After)
		h.covered = min(h.covered, h.known) * (1 - e.New) * (1 - e.Left)
		if c, ok := h.energy(e.After.Machines); ok && (a.coverage == nil || c < *a.coverage) {
			a.coverage, a.weak = &c, c < enough
		}
		a.weak = a.weak || 100*e.After.Months < enough*e.of
		a.methods = methodsOf(a.methods, e.Before.Methods, e.After.Methods)
	}
	a.quality = classes()[weakest(a.methods)]
	if overlap > 0 {
		a.notes = append(a.notes, saying(
			"Actions non comptées, parce qu’une autre porte déjà sur les mêmes machines\u202f: %d.", "Actions that are not counted, since another one already concerns the same machines: %d.", overlap))
	}
	if n := len(slices.DeleteFunc(slices.Clone(all), func(e effect) bool { return !e.gaps() })); n > 0 {
		a.notes = append(a.notes, saying(
			"Actions dont certains mois n’ont pas de chiffres comparables\u202f: %d. Rien n’est ajouté pour ces mois.",
			"Actions of which some months have no figures to compare: %d. Nothing is added for these months.", n))
	}
	if untold > 0 {
		a.notes = append(a.notes, saying("Actions dont l’effet ne peut pas être donné\u202f: %d.", "Actions whose effect cannot be given: %d.", untold))
	}
	if slices.ContainsFunc(all, func(e effect) bool { return e.Within }) {
		a.notes = append(a.notes, said("Une action au moins peut n’avoir eu aucun effet\u202f: zéro est entre ses bornes.", "At least one action may have had no effect: zero lies between its bounds."))
	}
	return all, a, true
}

// noAction says that there is no action whose effect could be told.
func noAction() Words { return said("Aucune action n’est saisie.", "No action is entered.") }

// addUp adds figures with their ranges; nil once one is missing.
func addUp(all []effect, of func(*effect) *balance.Range) *balance.Range {
	var sum balance.Range
	for i := range all {
		r := of(&all[i])
		if r == nil {
			return nil
		}
		sum = balance.Range{Value: sum.Value + r.Value, Low: sum.Low + r.Low, High: sum.High + r.High}
	}
	return &sum
}

// put sets the value and its range.
func (a *answer) put(r balance.Range) { a.value, a.low, a.high = &r.Value, &r.Low, &r.High }

// avoided is E2: the energy that was avoided, in comparison with the baselines of the actions. Below 0, more was used.
func avoided(f *facts, p period) answer {
	all, a, ok := f.counted(p)
	if !ok {
		return a
	}
	a.put(*addUp(all, func(e *effect) *balance.Range { return &e.KWh }))
	a.obtained = said(
		"Estimation\u202f: puissance moyenne avant l’action, par partie de la journée, multipliée par les heures après, moins l’énergie après. Les périodes de référence sont indiquées au début du rapport.",
		"Estimate: mean power before the action, by part of the day, times the hours after, less the energy after. The baselines are at the beginning of the report.",
	)
	return a
}

// saved is E3: what the energy avoided would have cost, each month at its price.
func saved(f *facts, p period) answer {
	all, a, ok := f.counted(p)
	if !ok {
		return a
	}
	sum := addUp(all, func(e *effect) *balance.Range { return e.Euros })
	if sum == nil {
		return answer{missing: noPrice()}
	}
	a.put(*sum)
	tax := all[0].Tax
	for _, e := range all {
		if e.Tax != tax {
			tax = "mixed"
		}
	}
	a.notes = append(a.notes, taxWords(tax))
	a.obtained = said("Énergie évitée E2 de chaque mois, au prix du kWh de ce mois.", "Energy avoided E2 of each month, at the price of a kWh in that month.")
	return a
}

// avoidedCarbon is the carbon of the energy avoided, by the factor of the electricity of the country.
func avoidedCarbon(f *facts, p period) answer {
	all, a, ok := f.counted(p)
	if !ok {
		return a
	}
	sum := addUp(all, func(e *effect) *balance.Range { return e.Carbon })
	if sum == nil {
		return answer{missing: noFactor(balance.Electricity)}
	}
	a.put(*sum)
	a.obtained = said("Énergie évitée E2 multipliée par le facteur de l’électricité.", "Energy avoided E2 multiplied by the factor of electricity.")
	return a
}

package label

import (
	"slices"
	"strconv"

	"veille/collector"
	"veille/collector/balance"
)

// actionsOf are the actions of the plan, the oldest first, with what each saved in the period.
func (f *facts) actionsOf(p proofs) []Action {
	all := []Action{}
	for i, a := range f.actions {
		e := f.effects[f.now][i]
		x := Action{
			ID: a.ID, Name: a.Name, Where: f.siteName(a.Site), Measure: a.Measure, On: a.On, Until: a.Until, Owner: a.Owner, Serves: a.Serves, Note: a.Note,
			Base: a.span(), Counted: e.counted, Notes: []Words{}, Evidence: p.numbers("action " + strconv.FormatInt(a.ID, 10)),
		}
		if a.ExpectedKWh != 0 {
			x.ExpectedKWh = &a.ExpectedKWh
		}
		if a.Group != 0 {
			x.Notes = append(x.Notes, said("Un groupe de ce site.", "A group of this site."))
		}
		if e.why != "" {
			x.Missing = new(whyNot(e.why))
		} else {
			x.KWh, x.Euros, x.Carbon, x.YearKWh, x.Within = figure(&e.KWh), figure(e.Euros), figure(e.Carbon), figure(e.YearKWh), e.Within
			x.Notes = append(x.Notes, doubtsOf(&e)...)
		}
		all = append(all, x)
	}
	return all
}

// siteName is the name of a site; "" of none.
func (f *facts) siteName(id int64) string {
	i := slices.IndexFunc(f.sites, func(s collector.Site) bool { return s.ID == id })
	if i < 0 {
		return ""
	}
	return f.sites[i].Name
}

// span is what the action is compared with.
func (a *action) span() Span {
	return Span{Action: a.Name, From: a.BaseFrom, To: a.Base, KeptOn: a.base.Kept}
}

func figure(r *balance.Range) *Figure {
	if r == nil || !finite(r.Value) || !finite(r.Low) || !finite(r.High) {
		return nil
	}
	return &Figure{Value: r.Value, Low: r.Low, High: r.High}
}

// doubtsOf say what else may be in an effect, or is not in it.
func doubtsOf(e *effect) (notes []Words) {
	for _, x := range []struct {
		so   bool
		says Words
	}{
		{e.Within, said("Zéro est entre les bornes\u202f: il peut n’y avoir eu aucun effet.", "Zero lies between the bounds: there may have been no effect.")},
		{!e.counted, said("Non comptée dans la somme\u202f: une autre action porte sur les mêmes machines.", "Not counted in the sum: another action concerns the same machines.")},
		{e.Assumed, said("Une partie de la journée a moins de quatre mois de référence\u202f: un écart de 20\u202f% entre mois semblables est supposé.",
			"Some part of the day has fewer than four months of baseline: a difference of 20% between similar months is assumed.")},
		{e.Mix, said("Le nombre de machines a changé de plus d’un cinquième\u202f: une partie de l’écart peut venir d’un autre mélange de machines.",
			"The number of machines changed by more than a fifth: part of the difference may come from another mix of machines.")},
		{e.Methods, said("L’énergie n’a pas été obtenue de la même façon avant et après.", "The energy was not obtained in the same way before and after.")},
		{e.Left > 0, leftOut(e.Left)},
		{e.New > 0, *phrase(said(
			"Part du temps après l’action qui n’est pas comptée, parce que ses sites ou ses machines n’ont pas de référence\u202f: %s\u202f%%.",
			"Share of the time after the action that is not counted, since its sites or machines have no baseline: %s%%."), inWords(100*e.New, 1))},
		{e.gaps(), saying("Mois après l’action qui sont comptés\u202f: %d sur %d. Rien n’est ajouté pour les autres.",
			"Months after the action that are counted: %d out of %d. Nothing is added for the others.", e.After.Months, e.of)},
		{e.also, said("Une autre action sur les mêmes machines a commencé dans les mois comparés\u202f: son effet peut être dans ce chiffre.",
			"Another action concerning the same machines began in the months compared: its effect may be in this figure.")},
		{len(e.LeftOut) > 0, said("Certaines parties de la journée n’ont pas de référence et ne sont pas comptées.", "Some parts of the day have no baseline, and are not counted.")},
		{e.Euros == nil, noPrice()},
	} {
		if x.so {
			notes = append(notes, x.says)
		}
	}
	if e.Euros != nil {
		notes = append(notes, taxWords(e.Tax))
	}
	return notes
}

package label

import (
	"fmt"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/balance"
	"veille/collector/privacy"
)

// said is a sentence in both languages.
func said(fr, en string) Words { return Words{FR: fr, EN: en} }

// saying is a sentence with the same figures in both languages, none of them with a decimal point.
func saying(fr, en string, figures ...any) Words {
	return Words{FR: fmt.Sprintf(fr, figures...), EN: fmt.Sprintf(en, figures...)}
}

// noMonths says why nothing is told of the machines in a period.
func (f *facts) noMonths(p period) Words {
	if f.hidden(p) > 0 {
		return hidden()
	}
	return noMonths()
}

// noEnergy says why no energy of a period is known.
func (f *facts) noEnergy(p period) Words {
	if f.withFigures(p) == 0 {
		return f.noMonths(p)
	}
	return said("L’énergie des machines n’est connue pour aucun mois de cette période.", "The energy of machines is not known for any month of this period.")
}

// doubts are notes on the months of a period of which there are no figures, or not of all machines.
func (f *facts) doubts(p period) (notes []Words) {
	if n, of := f.withFigures(p), p.length(); n < of {
		notes = append(notes, saying(
			"Mois de la période qui ont des chiffres\u202f: %d sur %d. Rien n’est ajouté pour les autres.", "Months of the period that have figures: %d of %d. Nothing is added for the others.", n, of))
	}
	if n := f.hidden(p); n > 0 {
		notes = append(notes, saying(
			"Mois dont les machines individuelles ne sont pas dans les chiffres, par confidentialité\u202f: %d.",
			"Months whose personal machines are not in the figures, for privacy: %d.", n))
	}
	return notes
}

// monthWords is a month in words; as it is where it is none.
func monthWords(m collector.Month) Words {
	first, _, err := m.Dates()
	if err != nil {
		return Words{FR: string(m), EN: string(m)}
	}
	t, err := first.Midnight(time.UTC)
	if err != nil {
		return Words{FR: string(m), EN: string(m)}
	}
	names := [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	return Words{FR: fmt.Sprintf("%s %d", names[t.Month()-1], t.Year()), EN: fmt.Sprintf("%s %d", t.Month(), t.Year())}
}

// whyNot says why the effect of an action cannot be told.
func whyNot(why string) Words {
	switch why {
	case balance.NotYet:
		return said("Les mois de référence ne sont pas encore arrêtés.", "The months of the baseline are not fixed yet.")
	case balance.NoBaseline:
		return said(
			"Il n’y a pas assez de mois de référence\u202f: il faut au moins 28 jours observés avant l’action, dont les chiffres peuvent être montrés.",
			"There are not enough months of baseline: at least 28 observed days before the action are needed, whose figures may be shown.")
	case balance.NoAfter:
		return said("Aucun mois entier de la période, après l’action, n’a encore de chiffres.", "No whole month of the period, after the action, has figures yet.")
	case balance.MixedParts:
		return partsMixed()
	case balance.TooFew:
		return tooLittleCovered()
	}
	return Words{FR: why, EN: why}
}

// taxWords say whether VAT is in a sum of money.
func taxWords(tax string) Words {
	switch tax {
	case "included":
		return said("Toutes taxes comprises.", "VAT included.")
	case "excluded":
		return said("Hors taxes.", "VAT excluded.")
	}
	return said("Certains prix sont hors taxes, d’autres toutes taxes comprises.", "Some prices include VAT, others do not.")
}

// limits are the sentences that stand in every report, and those that this one needs.
func limits(f *facts, r *Report) []Words {
	all := []Words{
		said("L’énergie est mesurée ou estimée par les agents (programmes installés sur les machines), avec une borne basse et une borne haute\u202f; ce ne sont pas des relevés du compteur d’un bâtiment.",
			"Energy is measured or estimated by agents (programs installed on the machines), with a low and a high bound; these are not readings of a building’s meter."),
		said("Les économies sont estimées par rapport à une période de référence\u202f; elles peuvent être négatives.",
			"Savings are estimated against a baseline; they may be negative."),
		said("Le temps dont l’état des machines n’est pas connu n’est jamais compté comme éteint.",
			"Time in which the state of machines is not known is never counted as off."),
		said("Ces chiffres ne permettent pas de comparer deux organisations.", "These figures do not allow a comparison of two organisations."),
		said("Les qualités haute, moyenne et basse (±\u202f1, ±\u202f10, ±\u202f20\u202f%) sont des classes des règles de catégorie de produit (RCP), pas des marges d’erreur démontrées.",
			"The qualities high, medium and low (±1, ±10, ±20%) are classes of the French product category rules (RCP), not proven margins of error."),
		saying("Rien n’est montré de moins de %d machines individuelles\u202f: leurs chiffres sont cachés, ou fondus dans ceux du lieu qui les contient.",
			"Nothing is shown of fewer than %d personal machines: their figures are hidden, or merged into those of the place that they belong to.", privacy.Inside),
	}
	if r.First.Hidden > 0 {
		all = append(all, saying("Mois dont les machines individuelles ne peuvent pas être montrées, et manquent dans les sommes\u202f: %d.",
			"Months whose personal machines may not be shown, and are missing in sums: %d.", r.First.Hidden))
	}
	if n := r.Period.Of - r.Period.Months; n > 0 {
		all = append(all, saying("Mois de la période sans chiffres de machines, parce qu’ils ne sont pas arrêtés ou que rien n’a été mesuré\u202f: %d sur %d. Rien n’est ajouté pour eux.",
			"Months of the period without figures of machines, because they are not fixed or nothing was measured: %d of %d. Nothing is added for them.", n, r.Period.Of))
	}
	if ids := unrepresentative(r.Lines); len(ids) > 0 {
		all = append(all, saying("Lignes dont moins de 60\u202f%% est couvert, donc non représentatives et non extrapolées\u202f: %s.",
			"Lines of which less than 60%% is covered, hence not representative and not extrapolated: %s.", strings.Join(ids, ", ")))
	}
	if r.First.Inventory == 0 && r.First.Machines > 0 {
		all = append(all, said("Sans inventaire, la part des machines qui sont suivies n’est pas connue\u202f: la couverture est celle des machines suivies seulement.",
			"Without an inventory, the share of machines that are followed is not known: the coverage is that of the machines followed only."))
	}
	if n := unverified(f.book.Factors()); n > 0 {
		all = append(all, saying("Facteurs que personne n’a vérifiés à leur source\u202f: %d\u202f; la liste des facteurs les signale.",
			"Factors that nobody has verified at their source: %d; the list of factors marks them.", n))
	}
	if f.simulated {
		all = append(all, said("Les machines de ce rapport sont simulées\u202f: aucun de leurs chiffres n’est réel.",
			"The machines of this report are simulated: none of their figures is real."))
	}
	return all
}

// unrepresentative are the ids of lines of which less than 60 percent are covered.
func unrepresentative(lines []Line) (ids []string) {
	for _, l := range lines {
		if l.Value != nil && !l.Representative {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// unverified is how many factors nobody has read at their source.
func unverified(factors []collector.Factor) (n int) {
	for _, f := range factors {
		if !f.Verified {
			n++
		}
	}
	return n
}

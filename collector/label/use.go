package label

import (
	"math"
	"slices"

	"veille/collector"
	"veille/collector/balance"
)

// outsideParts are the parts of the day in which nobody is expected to use a machine.
func outsideParts() []string { return []string{"night", "weekend", "holiday"} }

// openDayParts are the parts of a day on which a site is open: open hours, and those before and after them.
func openDayParts() []string { return []string{"open", "night"} }

// onOf are the hours of a part of the day in which machines are on, their displays on or dark.
func onOf(p balance.Part) float64 { return p.On + p.DisplayOff }

func sleepOf(p balance.Part) float64 { return p.Sleep }

func offOf(p balance.Part) float64 { return p.Off }

// hoursIn adds hours of some parts of the day.
func hoursIn(a balance.Account, parts []string, of func(balance.Part) float64) (sum float64) {
	for _, p := range a.Parts {
		if slices.Contains(parts, p.Part) {
			sum += of(p)
		}
	}
	return sum
}

// byPart is the account of workstations by part of the day, and the answer of a line that is told of some parts, without its value. Where parts
// cannot be told apart, or nothing is known of these, the answer says why, and ok is false.
func (f *facts) byPart(p period, parts []string) (account balance.Account, a answer, ok bool) {
	account, left, ok := f.apart(p)
	switch h := (hours{}).of(account, parts...); {
	case !ok:
		return account, answer{missing: f.noMonths(p)}, false
	case slices.ContainsFunc(account.Parts, func(p balance.Part) bool { return p.Part == collector.Mixed }):
		return account, answer{missing: partsMixed()}, false
	case h.known <= 0:
		return account, answer{missing: said("L’état des postes n’est pas connu à ces heures.", "The state of workstations is not known in these hours.")}, false
	default:
		a.status, a.notes = Measured, f.doubts(p)
		if c, ok := (hours{h.known * (1 - left), h.unknown + h.known*left, 0}).seen(account.Machines); ok {
			a.coverage, a.weak = f.reach(p, c)
		}
		if left > 0 {
			a.notes = append(a.notes, leftOut(left))
		}
		return account, a, true
	}
}

// leftOut says which share of the time is in none of the figures, since the parts of the day are not told apart in it.
func leftOut(share float64) Words {
	is := inWords(100*share, 1)
	if share < 0.001 {
		is = Words{FR: "moins de 0,1", EN: "less than 0.1"}
	}
	return *phrase(said(
		"Part du temps laissée de côté, parce que les parties de la journée n’y sont pas distinguées\u202f: %s\u202f%%.",
		"Share of the time that is left out, since the parts of the day are not told apart in it: %s%%."), is)
}

// offShare is U1: the share of the known time outside of open hours in which workstations are off. Time that is not known is in neither.
func offShare(f *facts, p period) answer {
	return outsideShare(f, p, offOf, said(
		"Heures éteint (veille prolongée comprise) divisées par les heures d’état connu, hors ouverture\u202f: nuits, week-ends, jours de fermeture. Le temps d’état inconnu n’est compté ni comme éteint ni comme allumé.",
		"Hours off (hibernation included) divided by the hours of known state, outside of open hours: nights, weekends, closed days. Time in an unknown state counts neither as off nor as on.",
	))
}

// sleepShare is U1.sleep, which stands beside U1.
func sleepShare(f *facts, p period) answer {
	return outsideShare(f, p, sleepOf, said(
		"Heures en veille divisées par les heures d’état connu, hors ouverture. Le temps d’état inconnu n’est pas compté.",
		"Hours asleep divided by the hours of known state, outside of open hours. Time in an unknown state is not counted.",
	))
}

func outsideShare(f *facts, p period, of func(balance.Part) float64, obtained Words) answer {
	account, a, ok := f.byPart(p, outsideParts())
	if !ok {
		return a
	}
	a.value, a.whole = percent(hoursIn(account, outsideParts(), of), hours{}.of(account, outsideParts()...).known, account.Machines)
	a.obtained = obtained
	return a
}

// useless is U2: the hours outside of open hours in which a workstation is on, in a year.
func useless(f *facts, p period) answer {
	account, a, ok := f.byPart(p, outsideParts())
	if !ok {
		return a
	}
	if account.MachineDays == 0 {
		return answer{missing: f.noMonths(p)}
	}
	a.value = new(hoursIn(account, outsideParts(), onOf) / float64(account.MachineDays) * daysOfYear)
	a.obtained = said(
		"Heures allumé hors ouverture, par poste et par jour observé, ramenées à une année de 365,25 jours. Le temps d’état inconnu n’est compté ni comme allumé ni comme éteint, et rien n’est extrapolé.",
		"Hours on outside of open hours, per workstation and observed day, scaled to a year of 365.25 days. Time in an unknown state counts neither as on nor as off, and nothing is extrapolated.",
	)
	a.notes = append(a.notes, partial(a.coverage)...)
	return a
}

// openDays is how many days of machines on which their site was open the hours of an account are of: such a day has 24 of them.
func openDays(a balance.Account) float64 {
	h := hours{}.of(a, openDayParts()...)
	return (h.known + h.unknown) / 24
}

// openDay is a line of U4: the hours in a state of a workstation on a day on which its site is open.
func openDay(of func(balance.Part) float64) piece {
	return func(f *facts, p period) answer {
		account, a, ok := f.byPart(p, openDayParts())
		if !ok {
			return a
		}
		a.value = new(hoursIn(account, openDayParts(), of) / openDays(account))
		a.obtained = said(
			"Heures dans cet état les jours d’ouverture (heures d’ouverture et de nuit), par poste et par jour d’ouverture. Avec le temps d’état inconnu, les trois états font 24 heures.",
			"Hours in this state on open days (open hours and night hours), per workstation and open day. With the time in an unknown state, the three states add up to 24 hours.",
		)
		a.notes = append(a.notes, partial(a.coverage)...)
		return a
	}
}

// partial says that a mean is at least so much, where some of the time is not known.
func partial(coverage *float64) []Words {
	if coverage == nil || *coverage >= nearly {
		return nil
	}
	return []Words{said("Une part du temps n’est pas connue\u202f: la moyenne réelle peut être plus élevée.", "Some of the time is not known: the true mean may be higher.")}
}

// fleetOf is what is known of the settings of machines in a period. why says why nothing is.
func (f *facts) fleetOf(p period) (sites []collector.SiteFleet, why Words) {
	switch {
	case f.fleet == nil || f.fleet.Month == "" || f.fleet.Simulated != f.simulated:
		return nil, said("Les réglages des machines ne sont pas connus.", "The settings of machines are not known.")
	case !p.has(f.fleet.Month):
		return nil, *phrase(Words{
			FR: "Les réglages des machines ne sont connus que pour le dernier mois, %s, qui n’est pas dans la période.",
			EN: "The settings of machines are known for the last month only, %s, which is not in the period.",
		}, monthWords(f.fleet.Month))
	}
	return f.fleet.Sites, Words{}
}

// oneMonth says of which month the settings of machines are.
func (f *facts) oneMonth() Words {
	return *phrase(said("Chiffre d’un seul mois\u202f: %s.", "Figure of one month only: %s."), monthWords(f.fleet.Month))
}

// tooFew says that a count is of too few machines.
func tooFew(n int) Words {
	return saying("Connu pour moins de %d machines\u202f: trop peu pour être montré.", "Known for fewer than %d machines: too few to be shown.", n)
}

// neverSleep is U3: the share of machines whose setting is known that never go to sleep by themselves, in whole percents.
func neverSleep(f *facts, p period) answer {
	sites, why := f.fleetOf(p)
	if why != (Words{}) {
		return answer{missing: why}
	}
	never, known, all := 0, 0, 0
	for _, s := range sites {
		for _, c := range s.SleepAfter {
			all += c.Machines
			if c.Of != "" {
				known += c.Machines
			}
			if c.Of == "never" {
				never += c.Machines
			}
		}
	}
	if known < fewMachines {
		return answer{missing: tooFew(fewMachines)}
	}
	a := answer{status: Measured, whole: true, notes: []Words{f.oneMonth()}, obtained: said(
		"Machines réglées pour ne jamais se mettre en veille d’elles-mêmes, divisées par celles dont le réglage est connu, sans les serveurs.",
		"Machines set never to go to sleep by themselves, divided by those whose setting is known, without servers.",
	)}
	a.value = wholePercent(never, known)
	a.coverage = wholePercent(known, all)
	a.weak = *a.coverage < enough
	return a
}

// littleUsed is U5: the share of shared machines that are on for less than a tenth of the open time, in whole percents.
func littleUsed(f *facts, p period) answer {
	sites, why := f.fleetOf(p)
	if why != (Words{}) {
		return answer{missing: why}
	}
	little, known := 0, 0
	for _, s := range sites {
		little, known = little+s.LowUse, known+s.Shared
	}
	if known == 0 {
		return answer{missing: said("Aucune machine partagée n’a de chiffres ce mois-là.", "No shared machine has figures for that month.")}
	}
	return answer{
		value: wholePercent(little, known), whole: true, status: Measured, notes: []Words{f.oneMonth()}, obtained: said(
			"Machines partagées allumées moins d’un dixième des heures d’ouverture du mois, divisées par celles dont ces heures sont connues. Un mois de vacances en compte plus.",
			"Shared machines that were on for less than a tenth of the open hours of the month, divided by those of which these hours are known. There are more of them in a holiday month.",
		),
	}
}

// wholePercent is a share in whole percents.
func wholePercent(part, all int) *float64 { return new(math.Round(100 * float64(part) / float64(all))) }

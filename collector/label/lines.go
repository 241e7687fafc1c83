package label

import (
	"math"
)

// liner makes lines.
type liner struct {
	f       *facts
	b       books
	all     map[string]piece
	proofs  proofs
	remarks map[string]*Remark
}

// line is an indicator in the period, beside the period before.
func (l *liner) line(i Indicator) Line {
	line := Line{
		ID: i.ID, Title: i.Title, Formula: i.Formula, Unit: i.Unit, Decimals: i.Decimals, Status: ToComplete, Representative: true,
		Methods: []string{}, Notes: []Words{}, Parts: []Part{}, Evidence: l.proofs.numbers(i.ID), Remark: l.remarks[i.ID],
	}
	if line.Remark != nil && line.Remark.NotApplicable {
		line.Status = NotApplicable
		return line
	}
	if t, ok := l.b.target(l.f, i.ID); ok {
		line.Target, line.TargetBy = &t.Value, t.By
	}
	reckon, ok := l.all[i.ID]
	if !ok {
		line.Missing = new(said("Ce programme ne sait pas calculer cette ligne.", "This program cannot reckon this line."))
		return line
	}
	now := reckon(l.f, l.f.now)
	if !now.known() {
		line.Missing, line.Notes = new(now.reason()), append(line.Notes, now.notes...)
		return line
	}
	line.fill(now)
	line.compare(now, reckon(l.f, l.f.before), i.Better)
	return line
}

// known tells whether there is a value that can be written.
func (a *answer) known() bool {
	return a.value != nil && !math.IsNaN(*a.value) && !math.IsInf(*a.value, 0)
}

// reason says why there is no value.
func (a *answer) reason() Words {
	if a.missing == (Words{}) {
		return said("Rien n’est connu pour cette période.", "Nothing is known for this period.")
	}
	return a.missing
}

// fill puts what a piece says into the line.
func (l *Line) fill(a answer) {
	l.Value, l.Low, l.High, l.Status = a.value, a.low, a.high, a.status
	l.CoveragePct, l.Representative, l.Observed, l.Quality, l.Obtained = a.coverage, !a.weak, a.observed, a.quality, a.obtained
	l.Methods, l.Notes, l.Parts = append(l.Methods, a.methods...), append(l.Notes, a.notes...), append(l.Parts, a.parts...)
	if a.whole {
		l.Decimals = 0
	}
	for _, x := range []**float64{&l.Low, &l.High, &l.CoveragePct, &l.Observed} {
		*x = writable(*x)
	}
	for i := range l.Parts {
		part := &l.Parts[i]
		part.Value, part.Low, part.High = writable(part.Value), writable(part.Low), writable(part.High)
	}
}

// writable is a figure that can be written, or nil.
func writable(x *float64) *float64 {
	if x == nil || !finite(*x) {
		return nil
	}
	return x
}

// compare fills in the figure of the period before, if it can be compared, and the trend.
func (l *Line) compare(now, before answer, better string) {
	if !before.known() {
		return
	}
	if why := incomparable(now, before); why != (Words{}) {
		l.Notes = append(l.Notes, why)
		return
	}
	l.Previous = before.value
	l.Trend = trend(now, *before.value, better)
}

// mostChange is how many times the machines of one period there may be in the other, so that what they use is compared.
const mostChange = 1.2

// incomparable says why a figure is not compared with the one before; nothing where it is.
func incomparable(now, before answer) Words {
	switch {
	case now.status != before.status:
		return said("Non comparé à la période précédente\u202f: le chiffre n’y était pas obtenu de la même façon.",
			"Not compared with the previous period: the figure was obtained in another way then.")
	case now.months != before.months:
		return saying("Non comparé à la période précédente\u202f: mois avec des chiffres, %d dans cette période, %d dans la précédente.",
			"Not compared with the previous period: months with figures, %d in this period, %d in the previous one.", now.months, before.months)
	case max(now.followed, before.followed) > mostChange*min(now.followed, before.followed):
		return saying("Non comparé à la période précédente\u202f: machines suivies, en moyenne sur les mois, %.0f dans cette période, %.0f dans la précédente.",
			"Not compared with the previous period: machines followed, on average over the months, %.0f in this period, %.0f in the previous one.", now.followed, before.followed)
	case now.of != before.of:
		return said("Non comparé à la période précédente\u202f: ce n’est pas la même chose qui est comptée.",
			"Not compared with the previous period: what is counted is not the same.")
	case now.weak || before.weak:
		return said("Non comparé à la période précédente\u202f: moins de 60\u202f% est couvert dans l’une des deux.",
			"Not compared with the previous period: less than 60% is covered in one of the two.")
	}
	return Words{}
}

// same is the share of the figure before, below which a change is none.
const sameShare = 0.01

// trend says whether a figure is better than the one before. It is the same where that one lies in its range, or the change is below 1 percent.
func trend(now answer, before float64, better string) string {
	within := now.low != nil && now.high != nil && *now.low <= before && before <= *now.high
	if within || math.Abs(*now.value-before) < sameShare*math.Abs(before) || *now.value == before {
		return Same
	}
	return compared(*now.value, before, better)
}

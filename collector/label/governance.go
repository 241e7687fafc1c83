package label

import (
	"slices"

	"veille/collector"
)

// governance are the lines of steps and of training: G1 charter, G2 lead and committee, G3 people trained, G4 workshops, G5 figures published, G6
// staff representatives consulted, G7 impact assessment, G8 open data sets.
//
// A charter, a lead, a consultation and an impact assessment hold once they are there: those up to the end of the period count. Meetings and
// publications are of the period itself.
func governance() map[string]piece {
	return map[string]piece{
		"G1":           stepsOf([]string{"charter"}, nil),
		"G2":           stepsOf([]string{"lead"}, []string{"committee"}),
		"G3":           ratioOf("trained", "staff", percents, false),
		"G4.workshops": sumOf("workshops"),
		"G4.people":    sumOf("reached"),
		"G5":           stepsOf(nil, []string{"published"}),
		"G6":           stepsOf([]string{"consulted"}, nil),
		"G7":           stepsOf([]string{"dpia"}, nil),
		"G8":           sumOf("datasets"),
	}
}

// stepsOf counts steps: of kinds that hold, those up to the end of the period, and of the others those in the period. None is no value: nobody may have
// entered them yet.
func stepsOf(holding, inPeriod []string) piece {
	return func(f *facts, p period) answer {
		first, last := p.dates()
		a := answer{
			status: Declared,
			obtained: Words{
				FR: "Étapes saisies par l’organisation ; leurs dates sont dans le détail.",
				EN: "Steps entered by the organisation; their dates are in the detail.",
			},
		}
		for _, s := range f.steps {
			holds := slices.Contains(holding, s.Kind)
			if s.On > last || !holds && (s.On < first || !slices.Contains(inPeriod, s.Kind)) {
				continue
			}
			a.parts = append(a.parts, stepPart(s))
		}
		if len(a.parts) == 0 {
			return lacking(noStep(slices.Concat(holding, inPeriod)...))
		}
		a.value = new(float64(len(a.parts)))
		return a
	}
}

// stepPart is a step, with its kind and its date.
func stepPart(s collector.Step) Part {
	return Part{Name: same(s.Title), Note: phrase(Words{FR: "%s, %s", EN: "%s, %s"}, StepWords(s.Kind), onDate(s.On))}
}

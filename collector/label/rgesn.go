package label

import "veille/collector"

// Score is the RGESN score of validated criteria, 0 to 100: the weights of those that are validated over the weights of those that apply. A
// priority weighs 1.5, a recommended one 1.25, a moderate one 1. toAssess is the share of the applicable ones nobody has assessed yet, in percent.
// False where none applies.
//
// What is under way or still to assess counts as not validated; what is not applicable does not count at all.
func Score(criteria []collector.Criterion) (score, toAssess float64, ok bool) {
	var validated, applicable float64
	n, open := 0, 0
	for _, c := range criteria {
		if c.Status == "not-applicable" {
			continue
		}
		n++
		applicable += weight(c.Priority)
		switch c.Status {
		case "validated":
			validated += weight(c.Priority)
		case "to-assess":
			open++
		}
	}
	if n == 0 {
		return 0, 0, false
	}
	return percents * validated / applicable, percents * float64(open) / float64(n), true
}

// criteriaOfAll is how many criteria the RGESN of 2024 has.
const criteriaOfAll = 78

// weight is that of a criterion of a priority.
func weight(priority string) float64 {
	switch priority {
	case "priority":
		return 1.5
	case "recommended":
		return 1.25
	default:
		return 1
	}
}

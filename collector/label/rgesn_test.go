package label_test

import (
	"math"
	"testing"

	"veille/collector"
	"veille/collector/label"
)

// grid is the 78 criteria of the RGESN of 2024: 30 of priority, 29 recommended, 19 moderate, each with a status.
func grid(status func(priority string, number int) string) (all []collector.Criterion) {
	for _, x := range []struct {
		priority string
		n        int
	}{{"priority", 30}, {"recommended", 29}, {"moderate", 19}} {
		for i := range x.n {
			all = append(all, collector.Criterion{Priority: x.priority, Status: status(x.priority, i)})
		}
	}
	return all
}

func TestTheScoreWeighsCriteriaByPriority(t *testing.T) {
	tests := []struct {
		name            string
		status          func(string, int) string
		score, toAssess float64
	}{
		{"all validated", func(string, int) string { return "validated" }, 100, 0},
		{"those of priority only", func(p string, _ int) string {
			if p == "priority" {
				return "validated"
			}
			return "not-validated"
		}, 100 * 45 / 100.25, 0},
		{"one of priority does not apply", func(p string, i int) string {
			if p == "priority" && i == 0 {
				return "not-applicable"
			}
			return "validated"
		}, 100, 0},
		{"the moderate ones are still to assess", func(p string, _ int) string {
			if p == "moderate" {
				return "to-assess"
			}
			return "validated"
		}, 100 * 81.25 / 100.25, 100 * 19.0 / 78},
		{"all under way", func(string, int) string { return "underway" }, 0, 0},
	}
	for _, x := range tests {
		score, toAssess, ok := label.Score(grid(x.status))
		if !ok || math.Abs(score-x.score) > 1e-9 || math.Abs(toAssess-x.toAssess) > 1e-9 {
			t.Errorf("%s: %v, %v, %v; not %v, %v", x.name, score, toAssess, ok, x.score, x.toAssess)
		}
	}
	if score, _, _ := label.Score(grid(tests[1].status)); math.Round(100*score) != 4489 {
		t.Errorf("the score is %v, not 44.89", score)
	}
}

func TestThereIsNoScoreWhereNothingApplies(t *testing.T) {
	for _, all := range [][]collector.Criterion{nil, grid(func(string, int) string { return "not-applicable" })} {
		if _, _, ok := label.Score(all); ok {
			t.Error("there is a score")
		}
	}
}

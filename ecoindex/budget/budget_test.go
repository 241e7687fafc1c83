package budget_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"veille/ecoindex"
	"veille/ecoindex/budget"
)

// sentences are those of the limits a page breaks.
func sentences(t *testing.T, b budget.Budget, m ecoindex.Measure) []string {
	t.Helper()
	r, err := ecoindex.Compute(m)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, breach := range b.Broken(m, r) {
		list = append(list, breach.String())
	}
	return list
}

func TestEachLimitIsBrokenWithASentence(t *testing.T) {
	m := ecoindex.Measure{DOM: 900, Requests: 52, SizeKB: 1010.5} // score 49, grade D
	for _, tt := range []struct {
		name string
		b    budget.Budget
		want []string
	}{
		{"no limit", budget.Budget{}, nil},
		{"the flags of before, held", budget.Budget{Score: 49, Grade: "D"}, nil},
		{"the flags of before, broken", budget.Budget{Score: 60, Grade: "C"}, []string{"score 49 is under 60", "grade D is worse than C"}},
		{"a score that is no whole number", budget.Budget{Score: 49.5}, []string{"score 49 is under 49.5"}},
		{"exactly at the limits", budget.Budget{DOM: 900, Requests: 52, SizeKB: 1010.5}, nil},
		{"all", budget.Budget{Score: 75, Grade: "B", DOM: 800, Requests: 40, SizeKB: 1000}, []string{
			"score 49 is under 75", "grade D is worse than B", "900 elements are more than 800", "52 requests are more than 40",
			"1010.5 kB are more than 1000",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := sentences(t, tt.b, m); !slices.Equal(got, tt.want) {
				t.Errorf("%+v is broken by\n%q; want\n%q", tt.b, got, tt.want)
			}
		})
	}
}

func TestASizeIsSaidToTheByteAndNeverEqualToItsLimit(t *testing.T) {
	tenths := []float64{1000.1, 0.2} // their sum has a tail that says nothing
	for size, want := range map[float64]string{
		1000.001:              "1000.001 kB are more than 1000",
		tenths[0] + tenths[1]: "1000.3 kB are more than 1000",
		1000.0004:             "1000.0004 kB are more than 1000",
	} {
		if got := sentences(t, budget.Budget{SizeKB: 1000}, ecoindex.Measure{SizeKB: size}); len(got) != 1 || got[0] != want {
			t.Errorf("a page of %v kB breaks %q; want %q", size, got, want)
		}
	}
}

func TestABreachHasItsFigures(t *testing.T) {
	m := ecoindex.Measure{DOM: 900, Requests: 52, SizeKB: 1010.5}
	r, err := ecoindex.Compute(m)
	if err != nil {
		t.Fatal(err)
	}
	got := budget.Budget{Score: 75, Grade: "B", DOM: 800, Requests: 40, SizeKB: 1000}.Broken(m, r)
	want := []budget.Breach{
		{budget.Score, 49, 75},
		{budget.Grade, 4, 2},
		{budget.DOM, 900, 800},
		{budget.Requests, 52, 40},
		{budget.Size, 1010.5, 1000},
	}
	if !slices.Equal(got, want) {
		t.Errorf("the breaches are %v; want %v", got, want)
	}
}

func TestAFlagTakesThePlaceOfTheFile(t *testing.T) {
	flags := budget.Budget{Score: 60, Requests: 10}
	file := budget.Budget{Score: 75, Grade: "B", DOM: 800, Requests: 40, SizeKB: 1000}
	if got, want := flags.Over(file), (budget.Budget{Score: 60, Grade: "B", DOM: 800, Requests: 10, SizeKB: 1000}); got != want {
		t.Errorf("flags over the file are %+v; want %+v", got, want)
	}
}

func TestABudgetThatCannotBeIsRefusedWithASentence(t *testing.T) {
	for _, tt := range []struct {
		b    budget.Budget
		want string // part of the error; empty when it is accepted
	}{
		{budget.Budget{}, ""},
		{budget.Budget{Score: 100, Grade: "g", DOM: 1, Requests: 1, SizeKB: 0.1}, ""},
		{budget.Budget{Score: -1}, "score -1 is not a score; give a number from 0 to 100"},
		{budget.Budget{Score: 100.5}, "score 100.5 is not a score"},
		{budget.Budget{Score: math.NaN()}, "score NaN is not a score"},
		{budget.Budget{Grade: "H"}, `grade: "H" is not a grade`},
		{budget.Budget{DOM: -1}, "dom -1 is not a limit"},
		{budget.Budget{Requests: -1}, "requests -1 is not a limit"},
		{budget.Budget{SizeKB: math.Inf(1)}, "size_kb +Inf is not a limit"},
		{budget.Budget{SizeKB: math.NaN()}, "size_kb NaN is not a limit"},
	} {
		err := tt.b.Validate()
		if (err == nil) != (tt.want == "") || (err != nil && !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%+v says %v; want %q", tt.b, err, tt.want)
		}
	}
}

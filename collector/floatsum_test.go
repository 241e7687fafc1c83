package collector_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"veille/collector"
)

func TestASumOfManyNumbersIsThatOfTheirExactValues(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var got, reversed collector.FloatSum
		exact := new(big.Float).SetPrec(2000)
		numbers := make([]float64, 500)
		for i := range numbers {
			numbers[i] = math.Ldexp(random.Float64(), random.IntN(40)) // what meters count: never less than nothing
			got.Add(numbers[i])
			exact.Add(exact, big.NewFloat(numbers[i]))
		}
		for i := range numbers {
			reversed.Add(numbers[len(numbers)-1-i])
		}
		want, _ := exact.Float64()
		if last := math.Nextafter(want, math.Inf(1)) - want; math.Abs(got.Value()-want) > last || math.Abs(reversed.Value()-want) > last {
			t.Fatalf("500 numbers: got %v, reversed %v; want %v to the last digit", got.Value(), reversed.Value(), want)
		}
	}
}

func TestASmallNumberBesideALargeOneIsNotLost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		numbers []float64
		want    float64
	}{
		{nil, 0},
		{[]float64{1e16, 1, -1e16}, 1},
		{[]float64{1, 1e16, 1, -1e16}, 2},
		{[]float64{math.MaxFloat64, math.MaxFloat64, 1}, math.Inf(1)},
		{[]float64{math.Inf(-1), 1}, math.Inf(-1)},
	} {
		var s collector.FloatSum
		for _, x := range c.numbers {
			s.Add(x)
		}
		if s.Value() != c.want {
			t.Errorf("%v: the sum is %v, want %v", c.numbers, s.Value(), c.want)
		}
	}
	var s collector.FloatSum
	s.Add(math.Inf(1))
	s.Add(math.Inf(-1))
	if !math.IsNaN(s.Value()) {
		t.Errorf("what is infinite both ways adds up to %v, want no number", s.Value())
	}
}

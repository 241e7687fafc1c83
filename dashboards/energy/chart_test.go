package energy

import "testing"

func TestAChartHasAFewRoundLinesAboveAllItsBars(t *testing.T) {
	for most, step := range map[float64]float64{0: 1, .3: .1, 1.2: .5, 4: 1, 9: 5, 77: 20, 154: 50, 12_345: 5000} {
		if got := niceStep(most); got < step*.999 || got > step*1.001 {
			t.Errorf("up to %v the lines are %v apart, want %v", most, got, step)
		}
	}
}

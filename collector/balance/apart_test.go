package balance_test

import (
	"testing"

	"veille/collector/balance"
)

// hoursOf are an account of some hours, and of some more in which parts of the day are not told apart.
func hoursOf(apart, mixed float64) balance.Account {
	a := balance.Account{From: "2026-01", To: "2026-01", Months: 1, Parts: []balance.Part{{Part: "night", Off: apart}}}
	if mixed > 0 {
		a.Parts = append(a.Parts, balance.Part{Part: "mixed", Off: mixed})
	}
	return a
}

func TestALittleTimeThatIsNotToldApartIsLeftOutAndSaid(t *testing.T) {
	for _, tt := range []struct {
		months []balance.Account
		kept   int
		parts  int // of the first that is kept
		left   float64
	}{
		{[]balance.Account{hoursOf(100, 0)}, 1, 1, 0},
		{[]balance.Account{hoursOf(95, 5), hoursOf(100, 0)}, 2, 1, 0.025},
		{[]balance.Account{hoursOf(94, 6), hoursOf(100, 0)}, 1, 1, 0.5},
		{[]balance.Account{hoursOf(50, 50)}, 1, 2, 0}, // as it was: it says why nothing can be told
		{nil, 0, 0, 0},
	} {
		kept, left := balance.Apart(tt.months)
		if len(kept) != tt.kept || left != tt.left || tt.kept > 0 && len(kept[0].Parts) != tt.parts {
			t.Errorf("of %v: %d months are kept, %v is left out", tt.months, len(kept), left)
		}
	}
}

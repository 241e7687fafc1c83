package power_test

import (
	"errors"
	"testing"

	"veille/agent/power"
)

func TestTheAppleBatteryOfThisMachineAnswers(t *testing.T) {
	b, err := power.NewAppleBattery(power.ReadAppleBattery)
	switch {
	case errors.Is(err, power.ErrNoMeter):
		t.Log("this Mac has no battery")
	case err != nil || b.Problem() != nil:
		t.Error(err, b.Problem())
	}
}

package power_test

import (
	"testing"

	"veille/agent/power"
)

func TestTheSystemBatteryOfThisMachineAnswers(t *testing.T) {
	s, err := power.ReadSystemBattery()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", s)
}

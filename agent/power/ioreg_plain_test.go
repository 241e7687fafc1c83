package power_test

import (
	"strings"
	"testing"
	"time"

	"veille/agent/power"
)

func TestAPlainAnswerTellsTheSameBatteryWithoutItsSerialNumber(t *testing.T) {
	plain := func(answer string) string {
		b, err := power.PlainAppleBattery([]byte(answer))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ToLower(string(b)), "serial") {
			t.Errorf("%s", b)
		}
		return string(b)
	}
	first, second := silicon(4000, 12_500, false, false, "-900"), silicon(3990, 12_480, false, false, "-900")
	used := func(list ...string) power.Energy {
		b, err := power.NewAppleBattery(answers(list...))
		if err != nil {
			t.Fatal(err)
		}
		figures, err := b.Advance(power.Interval{Elapsed: 10 * time.Minute})
		if err != nil || len(figures) != 1 {
			t.Fatal(figures, err)
		}
		return figures[0].Energy
	}
	if whole, less := used(first, second), used(plain(first), plain(second)); whole != less || whole <= 0 {
		t.Errorf("%v, and %v when plain", whole, less)
	}
	for _, answer := range []string{intel(4000, true), first, plain(first)} {
		if plain(answer) != plain(plain(answer)) {
			t.Errorf("%s tells something else when it is plain once more", plain(answer))
		}
	}
	if b, err := power.PlainAppleBattery([]byte("<plist><array><dict>")); err == nil {
		t.Errorf("half an answer gave %s", b)
	}
}

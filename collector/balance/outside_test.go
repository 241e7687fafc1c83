package balance_test

import (
	"testing"

	"veille/collector"
	"veille/collector/balance"
)

func TestMachinesThatAreOffAreCountedOverTheKnownTimeOutsideOfOpenHours(t *testing.T) {
	const minute = 1.0 / 60
	a := account(t, "2026-01", figures(10, 300,
		hours{part: "open", on: 5000},
		hours{part: "night", off: 7000 * minute, unknown: 5000 * minute},
		hours{part: "holiday", sleep: 2000 * minute, on: 1000 * minute},
	))
	off, sleep, known, ok := balance.OffShare(a)
	if !ok || !near(off, 0.7) || !near(sleep, 0.2) || !near(known, 10.0/15) {
		t.Errorf("off %v, asleep %v, known %v, %v", off, sleep, known, ok)
	}
	for what, parts := range map[string][]hours{
		"mixed parts":     {{part: "night", off: 10}, {part: collector.Mixed, off: 10}},
		"unknown time":    {{part: "night", unknown: 10}},
		"open hours only": {{part: "open", off: 10}},
	} {
		if off, sleep, known, ok := balance.OffShare(account(t, "2026-01", figures(10, 300, parts...))); ok {
			t.Errorf("%s: off %v, asleep %v, known %v", what, off, sleep, known)
		}
	}
}

func TestHoursAwakeAreOfAMachineAndDayAndUnknownTimeIsLikeTheRest(t *testing.T) {
	for _, c := range []struct {
		what    string
		unknown float64
		want    float64
		ok      bool
	}{
		{"all is known", 0, 2, true},
		{"a fifth is unknown", 1000, 2.5, true},
		{"more than two fifths are unknown", 3000, 0, false},
	} {
		f := figures(10, 300, hours{part: "open", on: 2400}, hours{part: "night", on: 400, off: 3600, unknown: c.unknown})
		f.Personal.Parts[1].DisplayOff = 200 * 3600
		f.Personal.Parts[1].Off -= 200 * 3600
		if h, ok := balance.Awake(account(t, "2026-01", f)); !near(h, c.want) || ok != c.ok {
			t.Errorf("%s: %v hours, %v, not %v", c.what, h, ok, c.want)
		}
	}
	if h, ok := balance.Awake(account(t, "2026-01", figures(10, 300, hours{part: collector.Mixed, on: 10}))); ok {
		t.Errorf("%v hours where parts are mixed", h)
	}
}

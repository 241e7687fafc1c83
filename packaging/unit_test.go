package main_test

import (
	"regexp"
	"strconv"
	"testing"
)

func TestUnitsAreHardened(t *testing.T) {
	t.Parallel()
	needCommand(t, "systemd-analyze")
	for _, tt := range []struct {
		unit string
		most float64 // exposure, of 10
	}{
		{"../agent/packaging/veille-agent.service", 2},
		{"../collector/packaging/veille-collector.service", 2},
		{"../collector/packaging/veille-backup.service", 2},
	} {
		said := output(t, "systemd-analyze", "security", "--offline=true", "--no-pager", tt.unit)
		m := regexp.MustCompile(`Overall exposure level for .*: ([0-9.]+)`).FindStringSubmatch(said)
		if m == nil {
			t.Fatalf("systemd-analyze says\n%s", said)
		}
		exposure, err := strconv.ParseFloat(m[1], 64)
		t.Logf("%s: %s", tt.unit, m[1])
		if err != nil || exposure > tt.most {
			t.Errorf("%s is exposed to %s of 10, more than %g:\n%s", tt.unit, m[1], tt.most, said)
		}
	}
}

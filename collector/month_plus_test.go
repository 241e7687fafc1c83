package collector_test

import (
	"testing"

	"veille/collector"
)

func TestMonthsAreCountedOverTheTurnOfAYear(t *testing.T) {
	for _, tt := range []struct {
		month collector.Month
		n     int
		want  collector.Month
	}{{"2026-01", -1, "2025-12"}, {"2025-12", 1, "2026-01"}, {"2026-03", -15, "2024-12"}, {"2026-03", 0, "2026-03"}, {"no month", 3, "no month"}} {
		if got := tt.month.Plus(tt.n); got != tt.want {
			t.Errorf("%d months after %s it is %s, want %s", tt.n, tt.month, got, tt.want)
		}
	}
}

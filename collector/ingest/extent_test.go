package ingest

import (
	"testing"
	"time"

	"veille/collector"
)

func TestADayHasTheLengthItHasAtTheSite(t *testing.T) {
	for _, tt := range []struct {
		zone   string
		date   collector.Date
		hour   int
		length int
	}{
		{"Europe/Paris", "2026-11-16", collector.WholeDay, 86_400},
		{"Europe/Paris", "2026-03-29", collector.WholeDay, 82_800},
		{"Europe/Paris", "2026-10-25", collector.WholeDay, 90_000},
		{"Europe/Paris", "2026-10-25", 24, 3600},
		{"Europe/Paris", "2026-11-16", 24, 0},
		{"Europe/Paris", "2026-03-29", 23, 0},
		{"Atlantic/Azores", "2026-03-28", collector.WholeDay, 86_400}, // the clocks change at the midnight that ends it
		{"Atlantic/Azores", "2026-03-29", collector.WholeDay, 82_800},
		{"America/Santiago", "2026-09-05", collector.WholeDay, 86_400},
		{"America/Havana", "2026-03-07", collector.WholeDay, 86_400},
		{"Australia/Lord_Howe", "2026-04-05", 24, 1800},
		{"Pacific/Marquesas", "2026-11-16", 23, 3600},
	} {
		zone, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		if _, got, err := extent(tt.date, tt.hour, zone); got != tt.length || err != nil {
			t.Errorf("%s, hour %d, in %s has %d s, %v; want %d", tt.date, tt.hour, tt.zone, got, err, tt.length)
		}
	}
}

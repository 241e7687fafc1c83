package main

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/sqlite"
)

// What nobody delivers to any more would let posts of meters be kept for ever.
func TestADestinationThatNobodyNamesIsForgottenAfterAHundredDays(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	s := &server{store: store, log: slog.New(slog.DiscardHandler)}
	for name, days := range map[string]int{"long gone": 101, "gone": 99, "well": 0} {
		d := collector.Delivery{Destination: name, Said: time.Now().AddDate(0, 0, -days).Unix()}
		if err := store.KeepDelivery(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Advance(t.Context(), name, collector.StreamMeters, 0, 1000); err != nil {
			t.Fatal(err)
		}
		if days < 100 {
			if err := store.SettleTo(t.Context(), name, collector.StreamMeters, 1000); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		up       time.Duration
		left     int
		followed int64
	}{
		{time.Hour, 3, 0}, // the collector was off for months, and has had no time yet
		{25 * time.Hour, 2, 1000},
	} {
		if err := s.forgetOld(t.Context(), tt.up); err != nil {
			t.Fatal(err)
		}
		all, err := store.Deliveries(t.Context())
		if err != nil || len(all) != tt.left {
			t.Errorf("up for %v: %d destinations, %v; want %d", tt.up, len(all), err, tt.left)
		}
		if n, err := store.FollowedTo(t.Context(), collector.StreamMeters); err != nil || n != tt.followed {
			t.Errorf("up for %v: all have followed to %d, %v; want %d", tt.up, n, err, tt.followed)
		}
	}
}

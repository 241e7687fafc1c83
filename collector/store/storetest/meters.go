package storetest

import (
	"context"
	"testing"

	"veille/collector"
)

// Folds is a store that folds posts of meters.
type Folds interface {
	FoldMeters(ctx context.Context) (collector.MeterDebt, error)
}

// FoldAll folds posts of meters until none waits.
func FoldAll(t testing.TB, s Folds) {
	t.Helper()
	for {
		debt, err := s.FoldMeters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if debt.Posts == 0 {
			return
		}
	}
}

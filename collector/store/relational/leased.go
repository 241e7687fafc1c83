package relational

import (
	"context"
	"fmt"
)

// Leased are the jobs that somebody has a lease of, by name: where there are any, a collector serves from this ledger, or one that was killed
// did a moment ago.
func (s *Store) Leased(ctx context.Context) ([]string, error) {
	jobs, err := list(ctx, s.read, scanOne[string], "SELECT job FROM lease WHERE until > "+s.engine.Now()+" ORDER BY job")
	if err != nil {
		return nil, fmt.Errorf("ask which jobs are being done: %w", err)
	}
	return jobs, nil
}

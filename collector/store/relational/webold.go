package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// DeleteWebScores deletes the history of pages, and the runs, of before a date in UTC, and answers how many rows it deleted. The last run of a website
// stays. Some hundred pages are done in each write, so that others write meanwhile: after an error the next call does the rest.
func (s *Store) DeleteWebScores(ctx context.Context, before collector.Date) (deleted int, err error) {
	day, err := dayOf(before)
	if err != nil {
		return 0, err
	}
	limit := day * 86_400
	for more := true; more; {
		var n int
		err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
			n, more, err = deleteScores(ctx, tx, limit)
			return err
		})
		if err != nil {
			return deleted, fmt.Errorf("delete the history of pages before %s: %w", before, err)
		}
		deleted += n
	}
	return deleted, nil
}

// together is how many addresses lose their history in one write.
const together = 500

// deleteScores deletes what is before a moment of some addresses; more says that there are others. With the last of them go the runs.
func deleteScores(ctx context.Context, tx *sql.Tx, limit int64) (deleted int, more bool, err error) {
	addresses, err := list(ctx, tx, scanOne[int64], "SELECT id FROM web_address WHERE first_at < ? ORDER BY first_at LIMIT ?", limit, together)
	if err != nil {
		return 0, false, err
	}
	gone := func(text string, args ...any) error {
		result, err := tx.ExecContext(ctx, text, args...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		deleted += int(n)
		return err
	}
	for _, a := range addresses {
		if err := gone("DELETE FROM web_score WHERE address = ? AND at < ?", a, limit); err != nil {
			return 0, false, err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE web_address SET first_at = (SELECT min(at) FROM web_score WHERE address = ?1) WHERE id = ?1", a); err != nil {
			return 0, false, err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM web_address WHERE id = ?1 AND first_at IS NULL AND NOT EXISTS (SELECT 1 FROM web_page WHERE address = ?1)", a); err != nil {
			return 0, false, err
		}
	}
	if len(addresses) == together {
		return deleted, true, nil
	}
	// By website and moment, as an index has them, so that no bodies are read.
	err = gone("DELETE FROM web_run WHERE id IN (SELECT r.id FROM website w JOIN web_run r ON r.website = w.id WHERE r.at < ?) AND id NOT IN (SELECT max(id) FROM web_run GROUP BY website)", limit)
	return deleted, false, err
}

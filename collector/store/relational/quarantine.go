package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// mostRefused is how many records of one machine are kept in quarantine: whatever is wrong with them, it shows in these.
const mostRefused = 100

// Quarantine keeps records that could not be accepted; one of the same machine, date and hour takes the place of the one before. Of
// each machine it keeps the first hundred. Of an hour of a machine that is a person's, perhaps since it was refused, it keeps that there was one on
// the date, and why it was refused.
func (s *Store) Quarantine(ctx context.Context, refused []collector.Refused) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, r := range refused {
			_, err := tx.ExecContext(ctx, `INSERT INTO quarantine (machine, date, hour, site, came_on, agent, reason, record)
				SELECT id, ?2, hour, ?4, ?5, ?6, ?7, CASE WHEN hour = ?3 THEN ?8 ELSE '' END
				FROM (SELECT id, CASE WHEN use IN ('shared', 'server') THEN CAST(?3 AS bigint) ELSE ?9 END AS hour FROM machine WHERE id = ?1) AS m
				WHERE (SELECT count(*) FROM quarantine WHERE machine = ?1) < ?10 OR EXISTS (SELECT 1 FROM quarantine q WHERE q.machine = ?1 AND q.date = ?2 AND q.hour = m.hour)
				ON CONFLICT (machine, date, hour) DO UPDATE SET site = excluded.site, came_on = excluded.came_on, agent = excluded.agent, reason = excluded.reason, record = excluded.record`,
				r.Machine, r.Date, r.Hour, r.Site, r.On, r.Agent, r.Reason, r.Record, collector.WholeDay, mostRefused)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep %d records in quarantine: %w", len(refused), err)
	}
	return nil
}

// Quarantined are the records of a site's machines that could not be accepted, by machine and date.
func (s *Store) Quarantined(ctx context.Context, site int64) ([]collector.Refused, error) {
	return s.quarantined(ctx, "site = ?", site)
}

func (s *Store) quarantined(ctx context.Context, where string, args ...any) ([]collector.Refused, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT machine, date, hour, site, came_on, agent, reason, record FROM quarantine WHERE "+where+" ORDER BY machine, date, hour", args...)
	if err != nil {
		return nil, fmt.Errorf("list the records in quarantine: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all []collector.Refused
	for rows.Next() {
		var r collector.Refused
		if err := rows.Scan(&r.Machine, &r.Date, &r.Hour, &r.Site, &r.On, &r.Agent, &r.Reason, &r.Record); err != nil {
			return nil, fmt.Errorf("list the records in quarantine: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

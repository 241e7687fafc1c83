package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// PutPage keeps a page, in place of the one of the same URL.
func (s *Store) PutPage(ctx context.Context, p collector.Page) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO page (url, added_on, next_on, problem) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET next_on = excluded.next_on, problem = excluded.problem`, p.URL, p.AddedOn, p.NextOn, p.Problem)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep page %s: %w", p.URL, err)
	}
	return nil
}

// Pages are all pages, by URL.
func (s *Store) Pages(ctx context.Context) ([]collector.Page, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT url, added_on, next_on, problem FROM page ORDER BY url")
	if err != nil {
		return nil, fmt.Errorf("list the pages: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var pages []collector.Page
	for rows.Next() {
		var p collector.Page
		if err := rows.Scan(&p.URL, &p.AddedOn, &p.NextOn, &p.Problem); err != nil {
			return nil, fmt.Errorf("list the pages: %w", err)
		}
		pages = append(pages, p)
	}
	return pages, rows.Err()
}

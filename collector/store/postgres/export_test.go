package postgres

import (
	"context"
	"database/sql"
	"errors"
)

// Numbered, Storable and Stored are what tests look at.
func Numbered(text string) string { return numbered(text) }

// Storable is storable.
func Storable(text string) string { return storable(text) }

// Stored is stored.
func Stored(text string) string { return stored(text) }

// Writing asks the connection that a ledger would write by.
func Writing(ctx context.Context, url, query string, into ...any) error {
	c, err := connect(url)
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	return errors.Join(db.QueryRowContext(ctx, query).Scan(into...), db.Close())
}

// Renumbered brings the numbers that one database has given to another, and answers them.
func Renumbered(ctx context.Context, from, to string) (map[string]int64, error) {
	var engines []*engine
	for _, url := range []string{from, to} {
		c, err := connect(url)
		if err != nil {
			return nil, err
		}
		e := &engine{write: sql.OpenDB(c), read: sql.OpenDB(c.reading())}
		defer func() { _ = e.Close() }()
		engines = append(engines, e)
	}
	numbers, err := engines[0].Numbers(ctx)
	if err != nil {
		return nil, err
	}
	return numbers, engines[1].SetNumbers(ctx, numbers)
}

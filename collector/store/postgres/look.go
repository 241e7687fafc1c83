package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector/store/relational"
)

// Look tells whether a ledger can be kept at an address, of what version the tables there are, and whether a collector serves from them. It changes
// nothing. Whether pages are sound is for the server's own pg_amcheck.
func Look(ctx context.Context, address string) (l relational.Looked, err error) {
	all, err := steps()
	if err != nil {
		return l, err
	}
	l.Known = all[len(all)-1].version
	c, err := connect(address)
	if err != nil {
		return l, err
	}
	db := sql.OpenDB(c.reading())
	err = suitable(ctx, db, c.place)
	if err == nil {
		l.Version, err = versionOf(ctx, db)
	}
	if err == nil {
		err = db.QueryRowContext(ctx, "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()").Scan(&l.Tables)
	}
	if err == nil && l.Version == l.Known {
		err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM lease WHERE until > "+now+")").Scan(&l.Served)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return l, fmt.Errorf("look at the ledger %s: %w", c.place, err)
	}
	return l, nil
}

// Read opens a ledger for those who only read, and changes nothing: what would write answers an error. Its tables must have the version that this
// program knows: see Look.
func Read(ctx context.Context, address string) (*relational.Store, error) {
	c, err := connect(address)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c.reading())
	db.SetMaxOpenConns(2)
	store, err := relational.New(ctx, &engine{place: c.place, write: db, read: db})
	if err != nil {
		return nil, fmt.Errorf("read the ledger %s: %w", c.place, err)
	}
	return store, nil
}

package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"veille/collector/store/relational"
)

// mostProblems is how many problems of one kind are named.
const mostProblems = 20

// Check reads a whole ledger: the links between tables, and what relational.Check reads. It changes nothing; collectors may be running. progress is
// told how many rows were read, of how many; nil: nobody is. Whether pages are as the server wrote them is for its own pg_amcheck, and for
// checksums, which initdb --data-checksums turns on.
func Check(ctx context.Context, address string, progress func(done, of int)) (f relational.Findings, err error) {
	c, err := connect(address)
	if err != nil {
		return f, err
	}
	db := sql.OpenDB(c.reading())
	defer func() { _ = db.Close() }()
	if err := suitable(ctx, db, c.place); err != nil {
		return f, fmt.Errorf("check %s: %w", c.place, err)
	}
	if f.Version, err = versionOf(ctx, db); err != nil {
		return f, fmt.Errorf("check %s: %w", c.place, err)
	}
	if f.Version == 0 {
		return f, fmt.Errorf("check %s: there are no tables of Veille in it", c.place)
	}
	if err := links(ctx, db, &f); err != nil {
		if ctx.Err() != nil {
			return f, fmt.Errorf("check %s: %w", c.place, err)
		}
		f.Problems = append(f.Problems, err.Error())
	}
	if err := relational.Check(ctx, db, &f, progress); err != nil {
		return f, fmt.Errorf("check %s: %w", c.place, err)
	}
	return f, nil
}

// link says that a column has the key of another table.
type link struct{ table, column, other, key string }

// links finds rows that refer to what is not there: keys hold while the server is sound, and nobody switches them off.
func links(ctx context.Context, db *sql.DB, f *relational.Findings) error {
	all, err := linksOf(ctx, db)
	if err != nil {
		return fmt.Errorf("read the links between tables: %w", err)
	}
	for _, x := range all {
		var n int64
		err := db.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM "%s" c WHERE c."%s" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "%s" p WHERE p."%s" = c."%s")`,
			x.table, x.column, x.other, x.key, x.column)).Scan(&n)
		if err != nil {
			return fmt.Errorf("follow the links from table %s: %w", x.table, err)
		}
		if n > 0 && len(f.Problems) < mostProblems {
			f.Problems = append(f.Problems, fmt.Sprintf("PostgreSQL says: %d rows of %s refer by %s to rows of %s that are not there", n, x.table, x.column, x.other))
		}
	}
	return nil
}

func linksOf(ctx context.Context, db *sql.DB) (all []link, err error) {
	rows, err := db.QueryContext(ctx, `SELECT c.relname, a.attname, p.relname, k.attname FROM pg_constraint x JOIN pg_class c ON c.oid = x.conrelid
		JOIN pg_class p ON p.oid = x.confrelid JOIN pg_attribute a ON a.attrelid = x.conrelid AND a.attnum = x.conkey[1]
		JOIN pg_attribute k ON k.attrelid = x.confrelid AND k.attnum = x.confkey[1]
		WHERE x.contype = 'f' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname, a.attname`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var x link
		if err := rows.Scan(&x.table, &x.column, &x.other, &x.key); err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, errors.Join(rows.Err(), rows.Close())
}

// Behind tells whether a database is of an earlier version, whose tables Open would change: not where there are none yet. served tells whether a
// collector serves from it, or one that was killed did a moment ago.
func Behind(ctx context.Context, address string) (behind, served bool, err error) {
	all, err := steps()
	if err != nil {
		return false, false, err
	}
	c, err := connect(address)
	if err != nil {
		return false, false, err
	}
	db := sql.OpenDB(c.reading())
	version, err := versionOf(ctx, db)
	if behind = version > 0 && version < all[len(all)-1].version; behind && err == nil {
		err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM lease WHERE until > "+now+")").Scan(&served)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return false, false, fmt.Errorf("read the version of %s: %w", c.place, err)
	}
	return behind, served, nil
}

package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed migrations/*.sql
var migrations embed.FS

// oldest is the first version of PostgreSQL that is known to do.
const oldest = 13

// migrating is the number of the lock under which one collector at a time changes the tables.
const migrating = 0x5665696c6c65

// prepare looks at the server and brings the tables up to date.
func prepare(ctx context.Context, db *sql.DB) error {
	if err := suitable(ctx, db); err != nil {
		return err
	}
	err := migrate(ctx, db)
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "42501" {
		return fmt.Errorf("%w: the user must own the database, so that it may make tables: ALTER DATABASE … OWNER TO …", err)
	}
	return err
}

// suitable refuses servers that a ledger cannot be kept on.
func suitable(ctx context.Context, db *sql.DB) error {
	var version int
	var encoding, sync, pages string
	var standby bool
	err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('fsync'),
		current_setting('full_page_writes'), pg_is_in_recovery()`).Scan(&version, &encoding, &sync, &pages, &standby)
	switch {
	case err != nil:
		return fmt.Errorf("ask the server about itself: %w", err)
	case version < oldest*10_000:
		return fmt.Errorf("the server is PostgreSQL %d.%d, and %d or newer is needed: upgrade it", version/10_000, version%10_000, oldest)
	case encoding != "UTF8":
		return fmt.Errorf("the database has encoding %s, and UTF8 is needed: make one by createdb --encoding UTF8 --template template0", encoding)
	case standby:
		return errors.New("the server is a standby, which takes no writes: give the address of the primary")
	case sync != "on" || pages != "on":
		return fmt.Errorf("the server has fsync %s and full_page_writes %s: what it acknowledges would be lost in a power cut; set both to on", sync, pages)
	}
	return nil
}

// step is one migration.
type step struct {
	version int
	name    string
}

// steps are all of them, by version.
func steps() (all []step, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	for _, name := range names {
		digits, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.Atoi(digits)
		if err != nil {
			return nil, fmt.Errorf("list the migrations: %w", err)
		}
		all = append(all, step{version, name})
	}
	return all, nil
}

// versionOf is the version of the tables; 0: there are none.
func versionOf(ctx context.Context, db interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
},
) (version int, err error) {
	var is bool
	if err := db.QueryRowContext(ctx, "SELECT to_regclass('version') IS NOT NULL").Scan(&is); err != nil || !is {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT max(version) FROM version").Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("%w; is it a database of Veille?", err)
	}
	return version, nil
}

// migrate runs the files that the database has not seen, each in one transaction.
func migrate(ctx context.Context, db *sql.DB) error {
	all, err := steps()
	if err != nil {
		return err
	}
	version, err := versionOf(ctx, db)
	if err != nil {
		return fmt.Errorf("read its version: %w", err)
	}
	if known := all[len(all)-1].version; version > known {
		return fmt.Errorf("it has version %d, this program knows %d: use the newer program", version, known)
	}
	for _, x := range all {
		if x.version > version {
			if err := x.run(ctx, db); err != nil {
				return fmt.Errorf("migrate by %s: %w", path.Base(x.name), err)
			}
		}
	}
	return nil
}

// run runs the file, unless another collector has done so meanwhile.
func (x step) run(ctx context.Context, db *sql.DB) error {
	text, err := migrations.ReadFile(x.name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	err = x.in(ctx, tx, string(text))
	if err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (x step) in(ctx context.Context, tx *sql.Tx, text string) error {
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", migrating)); err != nil {
		return err
	}
	version, err := versionOf(ctx, tx)
	if err != nil || version >= x.version {
		return err
	}
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("UPDATE version SET version = %d", x.version))
	return err
}

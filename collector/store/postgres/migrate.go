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

	"veille/collector/store/relational"
)

//go:embed migrations/*.sql
var migrations embed.FS

// oldest is the first version of PostgreSQL that is known to do.
const oldest = 13

// migrating is the number of the lock under which one collector at a time changes the tables.
const migrating = 0x5665696c6c65

// prepare looks at the server and brings the tables up to date. It answers the version that they then have.
func prepare(ctx context.Context, db *sql.DB, p place) (version int, err error) {
	if err := suitable(ctx, db, p); err != nil {
		return 0, err
	}
	all, err := steps()
	if err != nil {
		return 0, err
	}
	err = migrate(ctx, db, all)
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "42501" {
		err = fmt.Errorf("%w: user %s must own the database, so that it may make tables in its schema %s: ALTER DATABASE … OWNER TO …", err, p.user, p.schema)
	}
	return all[len(all)-1].version, err
}

// suitable refuses servers that a ledger cannot be kept on.
func suitable(ctx context.Context, db *sql.DB, p place) error {
	var version int
	var encoding, sync, pages, moments string
	var standby, schema bool
	err := db.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_setting('fsync'),
		current_setting('full_page_writes'), current_setting('track_commit_timestamp'), pg_is_in_recovery(), to_regnamespace(?) IS NOT NULL`, p.schema).
		Scan(&version, &encoding, &sync, &pages, &moments, &standby, &schema)
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
	case moments != "off":
		return errors.New("the server has track_commit_timestamp on: it keeps for each row at which moment it was written, so that whoever reads the database sees when each " +
			"person switched on a machine or signed in; set it to off in postgresql.conf and start the server anew, or keep the ledger on a server of its own")
	case !schema:
		return fmt.Errorf("the database has no schema %s, in which the tables are to be: make it by CREATE SCHEMA %s, or say another one with search_path= in the address", p.schema, p.schema)
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
	if err := db.QueryRowContext(ctx, "SELECT to_regclass('writing') IS NOT NULL").Scan(&is); err != nil || !is {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT version FROM writing").Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("%w; is it a database of Veille?", err)
	}
	return version, nil
}

// migrate runs the files that the database has not seen, each in one transaction.
func migrate(ctx context.Context, db *sql.DB, all []step) error {
	version, err := versionOf(ctx, db)
	if err != nil {
		return fmt.Errorf("read its version: %w", err)
	}
	if known := all[len(all)-1].version; version > known {
		return fmt.Errorf("%w: its tables have version %d, this program knows %d", relational.ErrOutdated, version, known)
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
	if version > 0 { // who writes now ends first, and who comes next finds that the tables are others
		if _, err := tx.ExecContext(ctx, "UPDATE writing SET before = writer, writer = 0"); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("UPDATE writing SET version = %d", x.version))
	return err
}

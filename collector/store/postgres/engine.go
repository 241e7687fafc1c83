package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"veille/collector/store/relational"
)

// engine is an open database: one connection that writes, and some that read.
type engine struct {
	place       place
	write, read *sql.DB
	self        int64 // by which this program knows what it has written itself
	version     int   // of the tables, as this program knows them
}

func (e *engine) Write() *sql.DB { return e.write }

func (e *engine) Read() *sql.DB { return e.read }

// Begin takes the row of table writing, which whoever writes changes first: it waits until those before have committed, so that revisions come to
// light in their order, and sees all that they wrote. The row says who committed last: a counter would not tell a transaction of ours that was
// undone, or whose answer was lost, from one of another collector. Once another program has changed the tables nothing is written any more.
func (e *engine) Begin(ctx context.Context, tx *sql.Tx) (others bool, err error) {
	return e.begin(ctx, tx, e.self)
}

// begin is Begin for whoever self is.
func (e *engine) begin(ctx context.Context, tx *sql.Tx, self int64) (others bool, err error) {
	version := 0
	err = tx.QueryRowContext(ctx, "UPDATE writing SET before = writer, writer = ? RETURNING before <> writer, version", self).Scan(&others, &version)
	if wrong, ok := errors.AsType[*pgconn.PgError](err); ok && wrong.Code == "55P03" {
		err = fmt.Errorf("another collector or command has been writing for %v: try again; where that goes on, pg_stat_activity on the server says who it is, and pg_terminate_backend ends it: %w", waitForOthers, err)
	}
	if err == nil && version != e.version {
		err = fmt.Errorf("%w: the tables of %s have version %d now, and this program knows %d", relational.ErrOutdated, e.place, version, e.version)
	}
	return others, err
}

// now is the moment at which a statement is run, not that at which its transaction began.
const now = "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"

// Now is now.
func (e *engine) Now() string { return now }

// Damaged knows what PostgreSQL says of pages that are not as it wrote them.
func (e *engine) Damaged(err error) bool {
	wrong, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (wrong.Code == "XX001" || wrong.Code == "XX002")
}

// Trouble is whatever PostgreSQL itself says, and the way to it.
func (e *engine) Trouble(err error) bool {
	if _, ok := errors.AsType[*pgconn.PgError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*refusedError](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, e := range []error{driver.ErrBadConn, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, pgconn.ErrConnClosed, errUndone} {
		if errors.Is(err, e) {
			return true
		}
	}
	return pgconn.Timeout(err) || pgconn.SafeToRetry(err)
}

// Aborts is always so: after whatever fails on the server it takes no more statements in that transaction, up to a savepoint.
func (e *engine) Aborts(err error) bool { return e.Trouble(err) }

// Refusal knows the errors of class 23.
func (e *engine) Refusal(err error) relational.Refusal {
	wrong, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return relational.NoRefusal
	}
	switch wrong.Code {
	case "23505":
		return relational.Taken
	case "23503":
		return relational.Missing
	case "23514", "23502", "22003":
		return relational.Unfit
	}
	return relational.NoRefusal
}

// Each reads the numbers of a list in JSON.
func (e *engine) Each() string {
	return "(SELECT CAST(x AS bigint) AS value FROM json_array_elements_text(CAST(? AS json)) AS x) AS j"
}

// Gathers reads lists as rows of their own types.
func (e *engine) Gathers() *relational.Gathering {
	return relational.GatheringOf("json_to_recordset(CAST(? AS json)) AS j(machine bigint, day bigint)",
		`json_to_recordset(CAST(? AS json)) AS j(id bigint, added bigint, today text COLLATE "C")`)
}

// Bytes are those of the database on the server, without the log of its writes, which all databases of a server share.
func (e *engine) Bytes(ctx context.Context) (n int64, err error) {
	err = e.read.QueryRowContext(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
	return n, err
}

// Overwrite has nothing that it could do. What was deleted stays on the disk of the server until its autovacuum has given the room to other rows, which
// takes minutes to days; in its write-ahead log until that is used anew; and in backups and archives of that log for as long as they are kept. None
// of it can be asked for through the database, but whoever has the disk or an archive may find it.
func (e *engine) Overwrite(context.Context) error { return nil }

// Backup is the server's own: it says how.
func (e *engine) Backup(_ context.Context, name string) error {
	return fmt.Errorf("a ledger in PostgreSQL is backed up by the server's own program: pg_dump --format=custom --exclude-table-data=session "+
		"--exclude-table-data=invitation --file=%s --dbname=%s", word(name), word(e.place.String()))
}

// word is a text as one word of a shell.
func word(text string) string {
	if !strings.ContainsAny(text, " \t\n'\"\\$`&;|<>()*?[]#~!{}") {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// numbering finds the counters of tables whose numbers the server gives.
const numbering = `SELECT c.relname, pg_get_serial_sequence(quote_ident(c.relname), 'id') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id'
	AND a.attidentity <> '' WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname`

// counters are the names of the counters, by table.
func (e *engine) counters(ctx context.Context) (map[string]string, error) {
	rows, err := e.read.QueryContext(ctx, numbering)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := map[string]string{}
	for rows.Next() {
		var table, counter string
		if err := rows.Scan(&table, &counter); err != nil {
			return nil, err
		}
		all[table] = counter
	}
	return all, rows.Err()
}

// Numbers are what the counters of all tables have given last.
func (e *engine) Numbers(ctx context.Context) (map[string]int64, error) {
	counters, err := e.counters(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the numbers that were given: %w", err)
	}
	last := map[string]int64{}
	for table, counter := range counters {
		var number sql.NullInt64
		err := e.read.QueryRowContext(ctx, "SELECT CASE WHEN is_called THEN last_value END FROM "+counter).Scan(&number)
		if err != nil {
			return nil, fmt.Errorf("read the numbers that were given: %w", err)
		}
		if number.Valid {
			last[table] = number.Int64
		}
	}
	return last, nil
}

// SetNumbers lets the counters go on after these, and after the rows that are there.
func (e *engine) SetNumbers(ctx context.Context, last map[string]int64) error {
	counters, err := e.counters(ctx)
	if err != nil {
		return fmt.Errorf("set the numbers that were given: %w", err)
	}
	for table, counter := range counters { // whatever tables there are: a test finds one without a counter of this kind
		_, err := e.write.ExecContext(ctx, fmt.Sprintf(`SELECT setval('%s', x.n) FROM (SELECT greatest(CAST(? AS bigint), coalesce((SELECT max(id) FROM "%s"), 0),
			(SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM %s)) AS n) AS x WHERE x.n > 0`, counter, table, counter), last[table])
		if err != nil {
			return fmt.Errorf("set the numbers that were given in table %s: %w", table, err)
		}
	}
	if _, err := e.write.ExecContext(ctx, "ANALYZE"); err != nil { // what was copied just now, it takes for empty tables else
		return fmt.Errorf("count the rows of tables: %w", err)
	}
	return nil
}

// Close ends all connections.
func (e *engine) Close() error { return errors.Join(e.read.Close(), e.write.Close()) }

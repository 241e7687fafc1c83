package postgres

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Driver is PostgreSQL for database/sql as the ledger uses it: statements may have the placeholders of SQLite, and truths are the numbers 0 and
// 1. The name of a database is its address, as Open takes it. Nothing is registered: a program does so itself, if it needs to.
type Driver struct{}

// Open opens a connection.
func (Driver) Open(url string) (driver.Conn, error) {
	c, err := connect(url)
	if err != nil {
		return nil, err
	}
	return c.Connect(context.Background())
}

// connector opens connections to one database.
type connector struct {
	config *pgx.ConnConfig
	place  place // for sentences
	// again says that a statement which is cut off by a lost connection is run again on another one: it changes nothing.
	again bool
}

// Connect opens a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	db, err := pgx.ConnectConfig(ctx, c.config)
	if err != nil {
		return nil, c.place.refused(err)
	}
	return &conn{db: db, again: c.again, used: time.Now(), texts: map[string]string{}}, nil
}

// Driver is what the connector is of.
func (c *connector) Driver() driver.Driver { return Driver{} }

// conn is a connection. One goroutine uses it at a time.
type conn struct {
	db    *pgx.Conn
	again bool
	used  time.Time         // when it was taken last
	texts map[string]string // statements that were met, with PostgreSQL's placeholders
}

// mostTexts is how many statements a connection remembers: more than the ledger has.
const mostTexts = 2_000

// text is a statement as PostgreSQL reads it.
func (c *conn) text(query string) string {
	text, known := c.texts[query]
	if !known {
		if len(c.texts) >= mostTexts {
			clear(c.texts)
		}
		text = numbered(query)
		c.texts[query] = text
	}
	return text
}

// Prepare keeps a statement for later: the server reads it when it is run first.
func (c *conn) Prepare(query string) (driver.Stmt, error) { return &stmt{c, query}, nil }

// Close ends the connection.
func (c *conn) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return c.db.Close(ctx)
}

// Begin begins a transaction.
func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// BeginTx begins a transaction. Nothing is lost when the connection is: there is nothing in it yet.
func (c *conn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	if _, err := c.db.Exec(ctx, "BEGIN"); err != nil {
		if c.db.IsClosed() {
			return nil, driver.ErrBadConn
		}
		return nil, err
	}
	return &tx{c}, nil
}

// CheckNamedValue makes an argument one that columns of the ledger have: truths are 0 and 1, and texts such as PostgreSQL can hold.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	value, err := driver.DefaultParameterConverter.ConvertValue(v.Value)
	if err != nil {
		return err
	}
	switch x := value.(type) {
	case bool:
		value = int64(0)
		if x {
			value = int64(1)
		}
	case string:
		value = storable(x)
	}
	v.Value = value
	return nil
}

// ExecContext runs a statement that answers no rows.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a.Value
	}
	tag, err := c.db.Exec(ctx, c.text(query), values...)
	if err != nil {
		return nil, c.lost(err)
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

// QueryContext runs a statement that answers rows.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	values := make([]any, 1, 1+len(args))
	values[0] = pgx.QueryResultFormatsByOID{
		pgtype.BoolOID: pgx.BinaryFormatCode, pgtype.ByteaOID: pgx.BinaryFormatCode, pgtype.Int2OID: pgx.BinaryFormatCode, pgtype.Int4OID: pgx.BinaryFormatCode,
		pgtype.Int8OID: pgx.BinaryFormatCode, pgtype.Float8OID: pgx.BinaryFormatCode,
	}
	for _, a := range args {
		values = append(values, a.Value)
	}
	found, err := c.db.Query(ctx, c.text(query), values...)
	if err != nil {
		return nil, c.lost(err)
	}
	r := &rows{rows: found}
	if r.first = found.Next(); found.Err() != nil { // what is wrong with most statements shows here
		err := found.Err()
		found.Close()
		return nil, c.lost(err)
	}
	r.begun = true
	return r, nil
}

// lost is ErrBadConn, for which database/sql tries another connection, where an error is that of a connection and nothing can have been done.
func (c *conn) lost(err error) error {
	if pgconn.SafeToRetry(err) || c.again && c.db.IsClosed() && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return driver.ErrBadConn
	}
	return err
}

// IsValid tells whether the connection can be used again.
func (c *conn) IsValid() bool { return !c.db.IsClosed() }

// ResetSession is called before a connection is used again. After a while it asks whether the server is still there.
func (c *conn) ResetSession(ctx context.Context) error {
	if c.db.IsClosed() || c.db.PgConn().TxStatus() != 'I' {
		return driver.ErrBadConn
	}
	now := time.Now()
	if now.Sub(c.used) > time.Second {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		if err := c.db.PgConn().Ping(ctx); err != nil {
			return errors.Join(driver.ErrBadConn, c.Close())
		}
	}
	c.used = now
	return nil
}

// Ping asks whether the server is there.
func (c *conn) Ping(ctx context.Context) error { return c.db.Ping(ctx) }

// stmt is a statement for later.
type stmt struct {
	conn  *conn
	query string
}

// Close does nothing: pgx keeps statements for as long as they are used.
func (s *stmt) Close() error { return nil }

// NumInput leaves it to the server to count arguments.
func (s *stmt) NumInput() int { return -1 }

// Exec is not called: there is ExecContext.
func (s *stmt) Exec([]driver.Value) (driver.Result, error) {
	return nil, errors.New("a statement is run with a context")
}

// Query is not called: there is QueryContext.
func (s *stmt) Query([]driver.Value) (driver.Rows, error) {
	return nil, errors.New("a statement is run with a context")
}

// ExecContext runs the statement.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.query, args)
}

// QueryContext runs the statement.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.query, args)
}

// tx is a transaction.
type tx struct{ conn *conn }

// Commit ends the transaction. Where its answer is lost nobody knows whether it was done, which is an error.
func (t *tx) Commit() error {
	tag, err := t.conn.db.Exec(context.Background(), "COMMIT")
	if err != nil {
		return err
	}
	if tag.String() != "COMMIT" {
		return errUndone
	}
	return nil
}

// errUndone is a transaction in which a statement has failed.
var errUndone = errors.New("PostgreSQL has undone the transaction, since a statement in it had failed")

// Rollback undoes the transaction.
func (t *tx) Rollback() error {
	if t.conn.db.IsClosed() {
		return nil // the server undoes it
	}
	_, err := t.conn.db.Exec(context.Background(), "ROLLBACK")
	return err
}

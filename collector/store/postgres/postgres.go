// Package postgres keeps a ledger in a PostgreSQL database, which several collectors may share.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/url"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"veille/collector/store/relational"
)

// How long things may take until they are given up, so that nobody waits for ever: for others who write; for one statement that writes, such as
// the nightly deletion; for one that reads, such as an export of everything; for a collector that holds the ledger and says no more.
const (
	waitForOthers = 30 * time.Second
	longestWrite  = 30 * time.Minute
	longestRead   = 2 * time.Hour
	longestSilent = 30 * time.Second
	waitToConnect = 10 * time.Second
	waitForLine   = 30 * time.Second // until a connection on which nothing is received counts as lost
)

// Open opens a database, whose address is like postgres://user@host/database?sslmode=verify-full, and brings its tables up to date. The password
// is best given as PGPASSWORD or in the file PGPASSFILE: an address can be seen in the list of processes. Errors never say it. The tables are in
// schema public, or in the one that search_path names in the address. Servers before PostgreSQL 13 are refused, those that acknowledge what they may
// lose or keep the moment of each write, and poolers of connections.
func Open(ctx context.Context, url string) (*relational.Store, error) {
	c, err := connect(url)
	if err != nil {
		return nil, err
	}
	write := sql.OpenDB(c)
	write.SetMaxOpenConns(1)
	write.SetConnMaxIdleTime(0)
	version, err := prepare(ctx, write, c.place)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the ledger %s: %w", c.place, err), write.Close())
	}
	read := sql.OpenDB(c.reading())
	readers := max(4, 2*runtime.NumCPU())
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	read.SetConnMaxIdleTime(5 * time.Minute)
	store, err := relational.New(ctx, &engine{place: c.place, write: write, read: read, self: rand.Int64N(1<<62) + 1, version: version})
	if err != nil {
		return nil, fmt.Errorf("open the ledger %s: %w", c.place, err)
	}
	return store, nil
}

// Secret tells whether an address has a password in it, which others can then see in the list of processes, and in the history of a shell.
func Secret(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return strings.Contains(address, "password")
	}
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}

// errAddress does not say what is wrong with an address that cannot be read, since that may be the password.
var errAddress = errors.New("the address of the ledger cannot be read: write it as postgres://USER@HOST:PORT/DATABASE?sslmode=verify-full, with a password, " +
	"if there must be one, in PGPASSWORD or in the file PGPASSFILE")

// connect makes a connector, for writing, of an address.
func connect(address string) (*connector, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errAddress
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, unread(u, err)
	}
	p := place{user: config.User, host: config.Host, port: config.Port, database: config.Database, schema: "public"}
	if named, is := config.RuntimeParams["search_path"]; is {
		if !schemas().MatchString(named) {
			return nil, fmt.Errorf("the address of the ledger has search_path %.60q: give one schema, whose name is small letters, digits and _, or leave it out for schema public", named)
		}
		p.schema = named
	}
	if p.database == "" {
		p.database = p.user
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = waitToConnect
	}
	dial := net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: waitForLine / 2, Interval: waitForLine / 6, Count: 3}, Control: giveUp(waitForLine),
	}
	config.DialFunc = dial.DialContext
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 5 * time.Second}
	}
	set(config, map[string]string{
		"application_name": "veille-collector", "client_encoding": "UTF8", "timezone": "UTC", "datestyle": "ISO, YMD", "standard_conforming_strings": "on",
		"search_path":                   p.schema + ", pg_temp", // tables that others may make for themselves come last
		"default_transaction_isolation": "read committed", "jit": "off", "lock_timeout": milliseconds(waitForOthers), "statement_timeout": milliseconds(longestWrite),
		"idle_in_transaction_session_timeout": milliseconds(longestSilent), "default_transaction_read_only": "off",
		"tcp_keepalives_idle": "15", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3", "tcp_user_timeout": milliseconds(waitForLine),
	})
	config.AfterConnect = settled
	return &connector{config: config, place: p}, nil
}

// schemas are the names of schemas that need no quotes anywhere.
func schemas() *regexp.Regexp { return regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`) }

// errPooled says that the connection is not to a server of PostgreSQL.
var errPooled = errors.New("something between gives its connections to several programs in turn")

// settled makes sure that what the server acknowledges is on its disk: where it waits for others too it goes on doing so. It refuses connections
// through a pooler, which tells another number of the connection than the server: what is set for one connection, and is prepared on it, would be
// another program's, and perhaps not ours.
func settled(ctx context.Context, c *pgconn.PgConn) error {
	answers, err := c.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'; SELECT pg_backend_pid()").ReadAll()
	if err != nil {
		return err
	}
	if rows := answers[len(answers)-1].Rows; len(rows) != 1 || string(rows[0][0]) != strconv.FormatUint(uint64(c.PID()), 10) {
		return errPooled
	}
	return nil
}

// reading is the connector for those who change nothing.
func (c *connector) reading() *connector {
	config := c.config.Copy()
	set(config, map[string]string{"default_transaction_read_only": "on", "statement_timeout": milliseconds(longestRead)})
	return &connector{config: config, place: c.place, again: true}
}

func set(config *pgx.ConnConfig, parameters map[string]string) {
	maps.Copy(config.RuntimeParams, parameters)
}

func milliseconds(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

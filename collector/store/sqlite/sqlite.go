// Package sqlite keeps the ledger, and by default the series, in one SQLite file.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	_ "modernc.org/sqlite" // the driver, in pure Go
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open file. Writes pass through one goroutine that commits many of them together: when a method that writes
// returns without an error, what it wrote is on disk and survives a power cut.
type Store struct {
	write  *sql.DB
	read   *sql.DB
	hot    statements
	jobs   chan job
	done   chan struct{} // closed when the writer has ended
	gate   sync.RWMutex  // held for reading by those who send a job
	closed bool
}

type job struct {
	ctx    context.Context
	do     func(context.Context, *sql.Tx) error
	answer chan error
}

// most is how many writes one commit may hold: enough that the disk is not the limit, few enough that nobody waits long.
const most = 256

// Open opens the file, makes it where it is missing, and brings its tables up to date. The folder must exist. Several
// processes may have the same file open.
func Open(ctx context.Context, name string) (*Store, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600) // SQLite's own message does not say why it cannot
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	write, err := sql.Open("sqlite", source(name, "&_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", name, err)
	}
	write.SetMaxOpenConns(1)
	if err := migrate(ctx, write); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", name, err), write.Close())
	}
	read, err := sql.Open("sqlite", source(name, "&_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", name, err), write.Close())
	}
	read.SetMaxOpenConns(max(2, runtime.NumCPU()))
	s := &Store{write: write, read: read, jobs: make(chan job, most), done: make(chan struct{})}
	if err := s.hot.prepare(ctx, write, read); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", name, err), read.Close(), write.Close())
	}
	go s.writer()
	return s, nil
}

// source names the file with the settings every connection has: a write-ahead log that is synced at each commit.
func source(name, more string) string {
	absolute, err := filepath.Abs(name)
	if err != nil {
		absolute = name
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute)}
	return u.String() + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" + more
}

// migrate runs the numbered files that the database has not seen, each in one transaction.
func migrate(ctx context.Context, db *sql.DB) error {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return fmt.Errorf("list the migrations: %w", err)
	}
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read its version: %w; is it a Veille database?", err)
	}
	if version > len(names) {
		return fmt.Errorf("it has version %d, this program knows %d: use the newer program", version, len(names))
	}
	for i := version; i < len(names); i++ {
		text, err := migrations.ReadFile(names[i])
		if err != nil {
			return fmt.Errorf("read %s: %w", names[i], err)
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		// Another process may have been here first; its transaction is over when this one begins.
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err == nil && version == i {
			_, err = tx.ExecContext(ctx, string(text)+fmt.Sprintf(";\nPRAGMA user_version = %d", i+1))
			if err != nil {
				return errors.Join(fmt.Errorf("migrate by %s: %w", names[i], err), tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("migrate by %s: %w", names[i], err)
		}
	}
	return nil
}

// Close waits for the writes under way and closes the file. A second Close does nothing.
func (s *Store) Close() error {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.jobs)
	<-s.done
	return errors.Join(s.hot.close(), s.read.Close(), s.write.Close())
}

// errClosed answers a write after Close.
var errClosed = errors.New("the database is closed")

// update runs do in a transaction, with others, and returns when it is on disk. When do fails, only its own writes are
// undone.
func (s *Store) update(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	j := job{ctx, do, make(chan error, 1)}
	if err := s.send(j); err != nil {
		return err
	}
	return <-j.answer
}

func (s *Store) send(j job) error {
	s.gate.RLock()
	defer s.gate.RUnlock()
	if s.closed {
		return errClosed
	}
	select {
	case s.jobs <- j:
		return nil
	case <-j.ctx.Done():
		return fmt.Errorf("wait for the database: %w", context.Cause(j.ctx))
	}
}

// writer commits what waits in one transaction, again and again.
func (s *Store) writer() {
	defer close(s.done)
	for first := range s.jobs {
		batch := []job{first}
	collect:
		for len(batch) < most {
			select {
			case j, ok := <-s.jobs:
				if !ok {
					break collect
				}
				batch = append(batch, j)
			default:
				break collect
			}
		}
		s.commit(batch)
	}
}

func (s *Store) commit(batch []job) {
	ctx := context.Background() // one client that leaves must not undo the others
	errs := make([]error, len(batch))
	err := func() error {
		tx, err := s.write.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin a transaction: %w", err)
		}
		for i, j := range batch {
			if errs[i], err = alone(ctx, tx, j); err != nil {
				return errors.Join(fmt.Errorf("write: %w", err), tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			_ = tx.Rollback() // it is over, says database/sql; SQLite may still have it open after a full disk
			return fmt.Errorf("commit: %w", err)
		}
		return nil
	}()
	for i, j := range batch {
		j.answer <- errors.Join(errs[i], err)
	}
}

// alone runs one job so that its failure undoes its own writes and nothing else. broken means the transaction is lost.
func alone(ctx context.Context, tx *sql.Tx, j job) (failed, broken error) {
	if j.ctx.Err() != nil {
		return context.Cause(j.ctx), nil
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return nil, err
	}
	if failed = j.do(ctx, tx); failed != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO one"); err != nil {
			return failed, err
		}
	}
	_, broken = tx.ExecContext(ctx, "RELEASE one")
	return failed, broken
}

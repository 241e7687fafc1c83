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
	"sync/atomic"

	_ "modernc.org/sqlite" // in pure Go
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open file. Writes pass through one goroutine that commits many of them together: when a method that writes
// returns without an error, what it wrote is on disk and survives a power cut.
type Store struct {
	name   string // of the file
	write  *sql.DB
	read   *sql.DB
	hot    statements
	words  words
	names  *names // the writer's
	fleets fleets
	shelf  shelf
	jobs   chan job
	done   chan struct{} // closed when the writer has ended
	gate   sync.RWMutex  // held for reading by those who send a job
	closed bool

	failing atomic.Bool           // the last commit did not come to the disk
	damaged atomic.Pointer[error] // what first told that the file is damaged
	broken  atomic.Bool           // it is so where its pages are: nothing is written any more
}

// job is a write that waits for its turn.
type job struct {
	ctx context.Context
	do  func(context.Context, *batch) error
	// clean says that do has written nothing when it fails, unless its error is a brokenError.
	clean  bool
	answer chan error
}

// batch is a transaction that holds several writes.
type batch struct {
	*sql.Tx
	hot   *statements
	tx    statements // those of hot, in this transaction, from the first use on
	words words
	names *names
	stale map[int64]bool   // days whose roll-ups are no longer true
	alike map[sameKind]int // silent machines, by kind: many that enrol at once are of a few

	first, last int64 // the last revision there was, and the last that was given; 0: none was asked for
}

// brokenError is a failure after which the transaction holds half of a write.
type brokenError struct{ error }

func (e brokenError) Unwrap() error { return e.error }

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
	write, err := sql.Open("sqlite", source(name, "&_txlock=immediate&_pragma=secure_delete(1)&_pragma=journal_size_limit(67108864)&_pragma=cache_size(-32768)&_pragma=wal_autocheckpoint(4000)"))
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
	s := &Store{name: name, write: write, read: read, words: newWords(), names: newNames(), jobs: make(chan job, most), done: make(chan struct{}), shelf: shelf{most: mostShelved}}
	if err := s.hot.prepare(ctx, write, read); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", name, err), read.Close(), write.Close())
	}
	go s.writer()
	return s, nil
}

// source names the file with the settings every connection has: a write-ahead log that is synced at each commit. The one that writes
// overwrites what it deletes, and brings 16 MB of the log to the file at once: a page that many machines write to is then written once.
func source(name, more string) string {
	return address(name) + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" + more
}

// readOnly names the file for those who change nothing of it, not even how it is written to.
func readOnly(name string) string { return address(name) + "?mode=ro&_pragma=busy_timeout(5000)" }

// address is the name of a file as a URI.
func address(name string) string {
	absolute, err := filepath.Abs(name)
	if err != nil {
		absolute = name
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(absolute)}
	return u.String()
}

// migrate runs the numbered files that the database has not seen, each in one transaction.
func migrate(ctx context.Context, db *sql.DB) error {
	names, err := steps()
	if err != nil {
		return err
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
			if err := step(ctx, tx, i+1, string(text)); err != nil {
				return errors.Join(fmt.Errorf("migrate by %s: %w", names[i], err), tx.Rollback())
			}
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("migrate by %s: %w", names[i], err)
		}
	}
	return nil
}

// Behind tells whether a database is of an earlier version, whose tables Open would change: not where there is none yet.
func Behind(ctx context.Context, name string) (bool, error) {
	names, err := steps()
	if err != nil {
		return false, err
	}
	if _, err := os.Stat(name); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	version := 0
	db, err := toRead(ctx, name, &version)
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		return false, fmt.Errorf("read the version of %s: %w", name, err)
	}
	return version > 0 && version < len(names), nil
}

// steps are the files of the migrations, one for each version of the tables that this program knows.
func steps() ([]string, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	return names, nil
}

// step brings the tables to a version, by its file, and by what no SQL can do.
func step(ctx context.Context, tx *sql.Tx, version int, text string) error {
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	if version == versionOfPeople {
		if err := derivePseudonyms(ctx, tx); err != nil {
			return err
		}
	}
	if version == versionOfDays {
		if err := packRecords(ctx, tx); err != nil {
			return err
		}
	}
	if version == versionOfWebsites {
		if err := movePages(ctx, tx); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	return err
}

// versionOfDays is the version from which on records are packed.
const versionOfDays = 6

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
	return s.enqueue(job{ctx: ctx, do: func(ctx context.Context, b *batch) error { return do(ctx, b.Tx) }})
}

// enqueue lets a write wait for its turn, and returns when it is on disk or has failed. An entry of the audit log that its context brings
// with it is kept too: see Noting.
func (s *Store) enqueue(j job) error {
	j = noted(j)
	j.answer = make(chan error, 1)
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

func (s *Store) commit(jobs []job) {
	ctx := context.Background() // one client that leaves must not undo the others
	errs := make([]error, len(jobs))
	err := func() error {
		if s.broken.Load() {
			return *s.damaged.Load()
		}
		tx, err := s.write.BeginTx(ctx, nil)
		if err != nil {
			return fmt.Errorf("begin a transaction: %w", err)
		}
		b := &batch{Tx: tx, hot: &s.hot, words: s.words, names: s.names, stale: map[int64]bool{}, alike: map[sameKind]int{}}
		for i, j := range jobs {
			if errs[i], err = b.alone(ctx, j); err != nil {
				return errors.Join(fmt.Errorf("write: %w", err), tx.Rollback())
			}
		}
		if err := b.mark(ctx); err != nil {
			return errors.Join(fmt.Errorf("write: %w", err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			_ = tx.Rollback() // it is over, says database/sql; SQLite may still have it open after a full disk
			return fmt.Errorf("commit: %w", err)
		}
		return nil
	}()
	s.failing.Store(err != nil)
	if err != nil {
		s.names.forget()
	}
	for i, j := range jobs {
		j.answer <- s.noticed(errors.Join(errs[i], err))
	}
}

// alone runs one job so that its failure undoes its own writes and nothing else. broken means the transaction is lost.
func (b *batch) alone(ctx context.Context, j job) (failed, broken error) {
	if j.ctx.Err() != nil {
		return context.Cause(j.ctx), nil
	}
	if j.clean {
		if failed = j.do(ctx, b); failed != nil {
			if e, ok := errors.AsType[brokenError](failed); ok {
				return failed, e
			}
		}
		return failed, nil
	}
	if _, err := b.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		return nil, err
	}
	if failed = j.do(ctx, b); failed != nil {
		b.names.forget()
		if _, err := b.ExecContext(ctx, "ROLLBACK TO one"); err != nil {
			return failed, err
		}
	}
	_, broken = b.ExecContext(ctx, "RELEASE one")
	return failed, broken
}

// mark keeps that the days that were written to are to be rolled up again, and the last revision that was given.
func (b *batch) mark(ctx context.Context) error {
	for day := range b.stale {
		if _, err := b.ExecContext(ctx, "INSERT INTO stale (day, rolling) VALUES (?, 0) ON CONFLICT DO UPDATE SET rolling = 0 WHERE rolling = 1", day); err != nil {
			return fmt.Errorf("mark a day that has changed: %w", err)
		}
	}
	if b.last > b.first {
		if _, err := b.ExecContext(ctx, "UPDATE revision SET last = ?", b.last); err != nil {
			return fmt.Errorf("keep the last revision: %w", err)
		}
	}
	return nil
}

// prepared makes the statements that each post runs ready for this transaction, once.
func (b *batch) prepared(ctx context.Context) {
	if b.tx.before != nil {
		return
	}
	b.tx = statements{
		before: b.StmtContext(ctx, b.hot.before), several: b.StmtContext(ctx, b.hot.several), revision: b.StmtContext(ctx, b.hot.revision),
		put: b.StmtContext(ctx, b.hot.put), putMany: b.StmtContext(ctx, b.hot.putMany), heard: b.StmtContext(ctx, b.hot.heard),
		returned: b.StmtContext(ctx, b.hot.returned),
	}
}

// Package relational keeps the ledger, and by default the series, in a relational database, whichever engine runs it.
package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// Engine is a database that a ledger is kept in, open, with its tables up to date: what differs between one and another.
type Engine interface {
	// Write is where the one writer of this program writes, and Read where all others read; they write nothing there.
	Write() *sql.DB
	Read() *sql.DB
	// Begin is called at the beginning of each transaction that writes: from its return on nobody else writes until the transaction ends,
	// in whichever program he is. It answers whether anybody else has written since the last call.
	Begin(ctx context.Context, tx *sql.Tx) (others bool, err error)
	// Now is the moment at which a statement is run, in seconds since 1970 with a fraction, by the clock of the database: in SQL.
	Now() string
	// Damaged tells whether an error says that the database cannot use what it has on disk.
	Damaged(err error) bool
	// Trouble tells whether an error is of the database or of the way to it, and no answer about what was asked.
	Trouble(err error) bool
	// Aborts tells whether a statement that failed with this has ended the transaction that it was in, unless it is undone to a savepoint.
	Aborts(err error) bool
	// Refusal tells what constraint of the tables an error is of.
	Refusal(err error) Refusal
	// Each is a table in SQL, called j, whose column value has the numbers of a list in JSON. The list is its one argument.
	Each() string
	// Gathers is how many posts are read and written together; nil: each is by itself.
	Gathers() *Gathering
	// Bytes is how much room the database takes on its disk.
	Bytes(ctx context.Context) (int64, error)
	// Tidy forgets in which order rows were written since it was last called, where the database keeps that.
	Tidy(ctx context.Context) error
	// Overwrite makes sure that what was deleted is not left in logs.
	Overwrite(ctx context.Context) error
	// Backup writes a whole copy to a new file, or its error says how that is done with other programs.
	Backup(ctx context.Context, name string) error
	// Numbers are the highest numbers that were given in tables whose numbers are never given twice, by table; SetNumbers lets none of them
	// be given again.
	Numbers(ctx context.Context) (map[string]int64, error)
	SetNumbers(ctx context.Context, last map[string]int64) error
	Close() error
}

// Refusal is what a constraint of the tables says of a write.
type Refusal int

// The refusals.
const (
	NoRefusal Refusal = iota // it is no error, or another one
	Taken                    // there is such a row already
	Missing                  // what it refers to is not there, or is referred to
	Unfit                    // a value is outside of what can be kept
)

// ErrOutdated says that a newer program has changed the tables: this one writes nothing any more.
var ErrOutdated = errors.New("a newer program has changed the tables of the ledger: use that program here too")

// Store is a ledger in a database. Writes pass through one goroutine that commits many of them together: when a method that writes
// returns without an error, what it wrote is on disk and survives a power cut.
type Store struct {
	engine    Engine
	write     *sql.DB
	read      *sql.DB
	hot       statements
	words     words
	names     *names // the writer's
	fleets    fleets
	shelf     shelf
	gathering *Gathering // nil: each post is by itself
	jobs      chan job
	done      chan struct{} // closed when the writer has ended
	gate      sync.RWMutex  // held for reading by those who send a job
	closed    bool

	failing atomic.Bool           // the last commit did not come to the disk
	damaged atomic.Pointer[error] // what first told that the database is damaged
	broken  atomic.Bool           // it is so where its pages are: nothing is written any more
}

// job is a write that waits for its turn.
type job struct {
	ctx context.Context
	do  func(context.Context, *batch) error
	// clean says that do has written nothing when it fails, unless its error is a brokenError.
	clean  bool
	asks   *asking // it keeps records; nil: it does something else
	answer chan error
}

// batch is a transaction that holds several writes.
type batch struct {
	*sql.Tx
	hot      *statements
	aborts   func(error) bool // of the engine
	tx       statements       // those of hot, in this transaction, from the first use on
	words    words
	names    *names
	gathered *gathered        // what posts read and write together; nil: each does by itself
	stale    map[int64]bool   // days whose roll-ups are no longer true
	alike    map[sameKind]int // silent machines, by kind: many that enrol at once are of a few

	first, last int64 // the last revision there was, and the last that was given; 0: none was asked for
}

// brokenError is a failure after which the transaction holds half of a write.
type brokenError struct{ error }

func (e brokenError) Unwrap() error { return e.error }

// most is how many writes one commit may hold: enough that the disk is not the limit, few enough that nobody waits long.
const most = 256

// New keeps a ledger in a database. The store closes it.
func New(ctx context.Context, engine Engine) (*Store, error) {
	s := &Store{
		engine: engine, write: engine.Write(), read: engine.Read(), words: newWords(), names: newNames(),
		jobs: make(chan job, most), done: make(chan struct{}), shelf: shelf{most: mostShelved}, gathering: engine.Gathers(),
	}
	if err := s.hot.prepare(ctx, s.write, s.read, engine.Each()); err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	go s.writer()
	return s, nil
}

// Close waits for the writes under way and closes the database. A second Close does nothing.
func (s *Store) Close() error {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.jobs)
	<-s.done
	return errors.Join(s.hot.close(), s.engine.Close())
}

// errClosed answers a write after Close.
var errClosed = errors.New("the database is closed")

// update runs do in a transaction, with others, and returns when it is on disk. When do fails, only its own writes are
// undone.
func (s *Store) update(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	return s.enqueue(job{ctx: ctx, do: func(ctx context.Context, b *batch) error { return do(ctx, b.Tx) }})
}

// enqueue lets a write wait for its turn, and returns when it is on disk or has failed. An entry of the audit log that its context brings
// with it is kept too: see Noting. One of a roll-up is refused when a later one has begun: see BeginRollUp.
func (s *Store) enqueue(j job) error {
	j = noted(inTurn(j))
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
	errs, err := s.together(jobs, false)
	if again, ok := errors.AsType[abortedError](err); ok { // by one of them: the others are not to fail with it
		if errs, err = s.together(jobs, true); err != nil {
			err = errors.Join(err, again.error)
		}
	}
	s.failing.Store(err != nil)
	for i, j := range jobs {
		j.answer <- s.noticed(errors.Join(errs[i], err))
	}
}

// together runs jobs in one transaction, each so that it can be undone by itself where careful says so. The first errors are those of the jobs,
// each of which has left nothing; after the last one nothing was written at all, or nobody knows.
func (s *Store) together(jobs []job, careful bool) (errs []error, err error) {
	ctx := context.Background() // one client that leaves must not undo the others
	errs = make([]error, len(jobs))
	if s.broken.Load() {
		return errs, *s.damaged.Load()
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return errs, fmt.Errorf("begin a transaction: %w", err)
	}
	err = func() error {
		others, err := s.engine.Begin(ctx, tx)
		if err != nil {
			return fmt.Errorf("begin a transaction: %w", err)
		}
		if others {
			s.names.strangers()
		}
		b := &batch{Tx: tx, hot: &s.hot, aborts: s.engine.Aborts, words: s.words, names: s.names, stale: map[int64]bool{}, alike: map[sameKind]int{}}
		if !careful {
			if err := b.gather(ctx, s.gathering, jobs); err != nil {
				return abortedError{err}
			}
		}
		for i, j := range jobs {
			j.clean = j.clean && !careful
			if errs[i], err = b.alone(ctx, j); err != nil {
				return fmt.Errorf("write: %w", err)
			}
		}
		if err := b.mark(ctx); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}()
	if err != nil {
		s.names.forget()
		return errs, errors.Join(err, tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		s.names.forget()
		_ = tx.Rollback() // it is over, says database/sql; the engine may still have it open after a full disk
		return errs, fmt.Errorf("commit: %w", err)
	}
	return errs, nil
}

// abortedError is a failure that has ended the whole transaction, though its write had written nothing.
type abortedError struct{ error }

func (e abortedError) Unwrap() error { return e.error }

// alone runs one job so that its failure undoes its own writes and nothing else. broken means the transaction is lost.
func (b *batch) alone(ctx context.Context, j job) (failed, broken error) {
	if j.ctx.Err() != nil {
		return context.Cause(j.ctx), nil
	}
	if j.asks == nil || !j.clean { // what it reads is to be there
		if err := b.flush(ctx); err != nil {
			return nil, abortedError{err}
		}
	}
	if j.clean {
		failed = j.do(ctx, b)
		switch e, ok := errors.AsType[brokenError](failed); {
		case failed == nil:
			return nil, nil
		case b.aborts(failed):
			return nil, abortedError{failed}
		case ok:
			return failed, e
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
	if err := b.flush(ctx); err != nil {
		return abortedError{err}
	}
	for day := range b.stale {
		if _, err := b.ExecContext(ctx, "INSERT INTO stale (day, rolling) VALUES (?, 0) ON CONFLICT (day) DO UPDATE SET rolling = 0 WHERE stale.rolling = 1", day); err != nil {
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

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"veille/collector/store/relational"
)

// Restored is what Restore has done.
type Restored struct {
	Before            string // the name of what was there; "": nothing was
	relational.Redone        // what was done in it since the backup, and may not be undone by it
	Left              error  // why not all of that could be done anew
}

// Restore puts a backup in the place of the database, which nobody may have open. What was there stays beside it. A backup in which Check finds a
// problem is refused. Sessions and invitations do not come back, which backups of older programs have: some may have been ended since. Nor do machines
// that were erased since, or hours of machines that are a person's since: what was there says which those are, where it can be read.
func Restore(ctx context.Context, backup, name string) (done Restored, err error) {
	f, err := Check(ctx, backup, nil)
	if err != nil {
		return done, err
	}
	if len(f.Problems) > 0 {
		return done, fmt.Errorf("%s is damaged: %s; use another backup", backup, f.Problems[0])
	}
	part := name + ".part"
	if err := remove(part); err != nil { // of one that was cut short
		return done, err
	}
	err = copyWhole(ctx, backup, part)
	if err == nil && f.Version >= relational.VersionOfBooks {
		err = endEverySession(ctx, part)
	}
	if err != nil {
		return done, errors.Join(fmt.Errorf("copy the backup: %w", err), remove(part))
	}
	if err := unused(ctx, name); err != nil {
		return done, errors.Join(err, remove(part))
	}
	done.Redone, done.Left = redo(ctx, name, part)
	if ctx.Err() != nil {
		return done, errors.Join(context.Cause(ctx), remove(part))
	}
	if done.Before, err = setAside(name); err != nil {
		return done, errors.Join(err, remove(part))
	}
	if err := os.Rename(part, name); err != nil {
		return done, fmt.Errorf("put the backup in place: %w", err)
	}
	return done, syncFile(filepath.Dir(name))
}

// remove removes a database and its logs, as far as there are any.
func remove(name string) error {
	var errs []error
	for _, end := range []string{"-journal", "-wal", "-shm", ""} {
		if err := os.Remove(name + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// endEverySession ends all sessions of a database that nobody has open, and takes back all invitations. What they were is overwritten in the
// file, and is in no journal beside it: where this is cut short, the file is of no use.
func endEverySession(ctx context.Context, name string) error {
	db, err := sql.Open("sqlite", address(name)+"?_pragma=secure_delete(1)&_pragma=journal_mode(MEMORY)")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "DELETE FROM session; DELETE FROM invitation")
	if err := errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	return syncFile(name)
}

// unused is an error when another program has the database open: renamed under its hands, what it writes would be lost. The log of a
// database that nobody uses becomes part of it. One that is damaged is taken as it is.
func unused(ctx context.Context, name string) error {
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := sql.Open("sqlite", address(name)+"?_pragma=busy_timeout(1000)&_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, "PRAGMA journal_mode=DELETE")
	err = errors.Join(err, db.Close())
	if e, ok := errors.AsType[*driver.Error](err); ok && e.Code()&0xff == lib.SQLITE_BUSY {
		return fmt.Errorf("%s is used by another program: wait until it has ended, or end it", name)
	}
	return nil
}

// setAside renames a database and its logs, which belong to it. Where there is none, logs that one has left are set aside too: they
// would be taken for those of the next.
func setAside(name string) (before string, err error) {
	found := false
	for _, end := range []string{"", "-wal", "-shm"} {
		_, err := os.Stat(name + end)
		found = found || !errors.Is(err, fs.ErrNotExist)
	}
	if !found {
		return "", nil
	}
	for n := 1; ; n++ {
		before = fmt.Sprintf("%s.before-%d", name, n)
		if _, err := os.Stat(before); errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	for _, end := range []string{"-wal", "-shm", ""} { // the database last: until then it is where it was
		if err := os.Rename(name+end, before+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("set the database aside: %w", err)
		}
	}
	return before, nil
}

// copyWhole copies a database with what is in its log.
func copyWhole(ctx context.Context, from, to string) error {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return err
	}
	return copyTo(ctx, readOnly(from), to)
}

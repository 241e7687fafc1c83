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

// Restore puts a backup in the place of the database, which nobody may have open. What was there stays beside it, under the name that
// it answers; "" where there was nothing. A backup in which Check finds a problem is refused. Sessions and invitations do not come back,
// which backups of older programs have: some may have been ended since.
func Restore(ctx context.Context, backup, name string) (before string, err error) {
	f, err := Check(ctx, backup, nil)
	if err != nil {
		return "", err
	}
	if known, err := steps(); err != nil || f.Version < 1 || f.Version > len(known) {
		return "", errors.Join(err, fmt.Errorf("%s has version %d, this program knows 1 to %d: use the program that made it, or a newer one", backup, f.Version, len(known)))
	}
	if len(f.Problems) > 0 {
		return "", fmt.Errorf("%s is damaged: %s; use another backup", backup, f.Problems[0])
	}
	part := name + ".part"
	err = copyWhole(ctx, backup, part)
	if err == nil && f.Version >= relational.VersionOfBooks {
		err = endEverySession(ctx, part)
	}
	if err != nil {
		return "", errors.Join(fmt.Errorf("copy the backup: %w", err), os.Remove(part))
	}
	if err := unused(ctx, name); err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	if before, err = setAside(name); err != nil {
		return "", errors.Join(err, os.Remove(part))
	}
	if err := os.Rename(part, name); err != nil {
		return before, fmt.Errorf("put the backup in place: %w", err)
	}
	return before, syncFile(filepath.Dir(name))
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

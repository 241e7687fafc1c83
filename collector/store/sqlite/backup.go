package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a whole copy of the database to a new file while others read and write: what was on disk when it began. The copy is
// complete under its name, or not there at all. Keys are not in it: they are in files of their own. Nor are sessions and invitations: kept for
// years, backups would tell who had signed in on which days.
func (e *engine) Backup(ctx context.Context, name string) error {
	if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: choose another name, or take it away first", name)
	}
	part := name + ".part"
	if err := remove(part); err != nil { // of a backup that was cut short
		return err
	}
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // so that it is never readable by others
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	err = copyTo(ctx, source(e.name, ""), part)
	if err == nil {
		err = endEverySession(ctx, part)
	}
	if err == nil {
		err = os.Rename(part, name)
	}
	if err == nil {
		err = syncFile(filepath.Dir(name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", name, err), remove(part))
	}
	return nil
}

// copyTo copies a database, with what is in its log, to an empty file, and brings that to the disk. from is as source or readOnly say: a
// connection of its own, since those that read may write nothing.
func copyTo(ctx context.Context, from, name string) error {
	db, err := sql.Open("sqlite", from)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", name)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	return syncFile(name)
}

// syncFile brings a file, or the names in a folder, to the disk.
func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

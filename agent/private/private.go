// Package private keeps a small file from the other users of the machine.
package private

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrExposed says that a file or a folder is not private: what it holds may have been read or put there by others.
var ErrExposed = errors.New("other users of this machine may have read or changed it")

// ErrElsewhere says that a file can be read only where it was written: it comes from another machine or from before Windows
// was installed anew, or it is damaged.
var ErrElsewhere = errors.New("it was protected on another machine, before Windows was installed anew, or it is damaged")

// aside is how the name ends under which a careful writer writes before it renames; see WriteFile.
const aside = ".part"

// WriteFile has write put body into a file that only its owner can read: on Unix by the mode 0600; on Windows its owner, the
// system, the administrators and the service, by an access list that inherits nothing, and what is written can be read on this machine
// only. A writer that first writes to name.part, as spool.WriteFile does, finds that file there, empty and already private,
// so that others cannot read it at any time; another writer must see to that.
func WriteFile(name string, body []byte, write func(name string, body []byte) error) error {
	text, err := protect(body)
	if err == nil {
		err = create(name + aside)
	}
	if err == nil {
		err = write(name, text)
		_ = os.Remove(name + aside) // where the writer left it
	}
	if err == nil {
		err = restrict(name)
	}
	if err != nil {
		return fmt.Errorf("keep %s private: %w", name, err)
	}
	return nil
}

// ReadFile is the body of a file that WriteFile wrote, or of one that an older version wrote as it is. On Unix it answers
// ErrExposed when others can read or write the file, and everywhere when it belongs to somebody who is neither the user of
// this process nor an administrator. It answers ErrElsewhere when the file was written on another machine.
func ReadFile(name string) ([]byte, error) {
	text, err := read(name)
	if err != nil {
		return nil, err
	}
	b, sealed, err := parse(text)
	if sealed && err == nil {
		b, err = unprotect(b)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return b, nil
}

// read is the text of a file that inspect does not refuse.
func read(name string) (text []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file")
	}
	if err == nil {
		err = inspect(name, info)
	}
	if err == nil {
		text, err = io.ReadAll(f)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return text, nil
}

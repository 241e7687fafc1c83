//go:build !windows

package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

func protect(body []byte) ([]byte, error) {
	if strings.HasPrefix(string(body), header) {
		return nil, fmt.Errorf("it begins with %q, as a file protected by Windows does", header)
	}
	return body, nil
}

func unprotect([]byte) ([]byte, error) { return nil, ErrElsewhere }

// create makes an empty file, whatever the umask says, in place of one that a crash left.
func create(name string) error {
	_ = os.Remove(name) // if it cannot be removed, it is there below
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

func restrict(name string) error { return os.Chmod(name, 0o600) }

func inspect(name string, info fs.FileInfo) error { return judge(name, info, os.Geteuid()) }

// judge answers ErrExposed when others than the user self can read or write a file, or replace what it holds.
func judge(name string, info fs.FileInfo, self int) error {
	if err := owned(name, info, self); err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o066 != 0 {
		return fmt.Errorf("%w (mode %04o); run: chmod 600 %q, and replace the passwords in it where others use this machine", ErrExposed, mode, name)
	}
	return nil
}

// owned answers ErrExposed when a file or a folder belongs neither to the user self nor to root.
func owned(name string, info fs.FileInfo, self int) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("the system does not say to whom it belongs")
	}
	if owner := int(stat.Uid); owner != self && owner != 0 {
		return fmt.Errorf("%w (it belongs to user %d, this program runs as %d); if it is yours run: chown %d %q", ErrExposed, owner, self, self, name)
	}
	return nil
}

// Folder makes a folder where it is missing, and lets its owner alone into it, or everybody look into it when it is readable;
// then each file in it has its own mode. It answers ErrExposed when the folder is somebody else's. Folders above it are made
// readable.
func Folder(dir string, readable bool) error {
	mode := fs.FileMode(0o700)
	if readable {
		mode = 0o755
	}
	err := os.MkdirAll(filepath.Dir(dir), 0o755)
	if err == nil {
		err = os.Mkdir(dir, 0o700)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make the folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("it is no folder")
	}
	if err == nil {
		err = owned(dir, info, os.Geteuid())
	}
	if err == nil && info.Mode().Perm() != mode { // so that it needs no right where there is nothing to do
		err = os.Chmod(dir, mode)
	}
	if err != nil {
		return fmt.Errorf("prepare the folder %s: %w", dir, err)
	}
	return nil
}

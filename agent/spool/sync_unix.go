//go:build !windows

package spool

import (
	"errors"
	"io/fs"
	"os"
)

// syncDir makes a rename in dir last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// permit sets who may read a file or a folder. It leaves alone what is as it should be: an agent need not own it then.
func permit(name string, mode fs.FileMode) error {
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() == mode {
		return err
	}
	return os.Chmod(name, mode)
}

package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Who may read a file or a folder: its owner, or everybody on the machine.
const (
	ownersFile, ownersFolder fs.FileMode = 0o600, 0o700
	publicFile, publicFolder fs.FileMode = 0o644, 0o755
)

// WriteFile writes a small file, readable by its owner only, so that after a crash or a power cut either the old or the
// new content is there, whole.
func WriteFile(name string, body []byte) error {
	return writeAs(name, body, ownersFile)
}

// ReplaceFile writes a small file, readable by its owner only, so that after a crash the new content is there and after a
// power cut either the old or the new one, whole. It does not wait for the folder as WriteFile does: that is for what the
// next minute does not replace anyway, and it spares half of what the disk is asked.
func ReplaceFile(name string, body []byte) error {
	return replaceAs(name, body, ownersFile)
}

func writeAs(name string, body []byte, mode fs.FileMode) error {
	if err := replaceAs(name, body, mode); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

func replaceAs(name string, body []byte, mode fs.FileMode) error {
	aside := name + ".part"
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, ownersFile)
	if err != nil {
		return err
	}
	if mode != ownersFile {
		err = permit(aside, mode) // Open creates less than it is asked to, under a umask
	}
	if err == nil {
		_, err = f.Write(body)
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(aside, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	return nil
}

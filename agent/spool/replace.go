package spool

import (
	"errors"
	"os"
)

// ReplaceFile writes a small file, readable by its owner only, so that after a crash the new content is there and after a
// power cut either the old or the new one, whole. It does not wait for the folder as WriteFile does: that is for what the
// next minute does not replace anyway, and it spares half of what the disk is asked.
func ReplaceFile(name string, body []byte) error {
	aside := name + ".part"
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(aside, name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	return nil
}

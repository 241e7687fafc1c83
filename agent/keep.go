package agent

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"veille/agent/spool"
)

// Modes of what the agent keeps beside its password and its running record.
const (
	forAll   fs.FileMode = 0o644 // what everybody on the machine may read
	forOwner fs.FileMode = 0o600
)

// keepFile puts a small file on disk that does not tell when it was written: at some of these moments somebody was there.
func keepFile(name string, body []byte, mode fs.FileMode) error {
	if err := spool.WriteFile(name, body); err != nil {
		return err
	}
	never := time.Unix(0, 0)
	return errors.Join(os.Chmod(name, mode), os.Chtimes(name, never, never), os.Chtimes(filepath.Dir(name), never, never))
}

// noticeFolder holds the notice for the users of the machine.
const noticeFolder = "notice"

// Readable are the folders, in the agent's, that everybody on the machine may read: what was sent, the policies, the notice.
func Readable() []string { return []string{filepath.Join("spool", "sent"), policyFolder, noticeFolder} }

package agent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrRunning says that another agent keeps its files in the same folder.
var ErrRunning = errors.New("another agent runs in this folder; stop it first, or choose another folder with --data")

// Lock keeps the folder data for this process until unlock is called or the process ends, however it ends. It answers
// ErrRunning when another process has it.
func Lock(data string) (unlock func() error, err error) {
	f, err := os.OpenFile(filepath.Join(data, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the agent's folder: %w", err)
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}

//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// ErrLocked says that a program that must be alone with the database runs already.
var ErrLocked = errors.New("another program is at it")

// Lock keeps others that ask for it away from a database until it is released, or the program ends, however it ends: a collector that
// serves, a restore, a roll-up. Others may read and write meanwhile. It answers ErrLocked when somebody has it.
func Lock(name string) (release func() error, err error) {
	f, err := os.OpenFile(name+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the database: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f.Close, nil
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = ErrLocked
	}
	return nil, errors.Join(fmt.Errorf("lock the database %s: %w", name, err), f.Close())
}

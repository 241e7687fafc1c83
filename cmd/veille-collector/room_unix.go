//go:build linux || darwin

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// room is how many bytes may still be written where a folder is.
func room(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("ask how much room %s has: %w", dir, err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:unconvert // the types differ between systems
}

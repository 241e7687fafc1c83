//go:build !windows

package uptime

import "io/fs"

// ReadSleepAfter reads the sleep policy of the system whose root is given. macOS is not asked: there it is unknown.
func ReadSleepAfter(root fs.FS) (SleepAfter, error) { return LogindSleep(root) }

//go:build !windows

package uptime

import "io/fs"

// DisplayWatch knows the display signal. Its zero value says unknown. It is for one goroutine at a time.
type DisplayWatch struct{ sys fs.FS }

// WatchDisplay reads sys, the root of sysfs, each time it is asked. macOS has none: there the state is unknown.
func WatchDisplay(sys fs.FS) (*DisplayWatch, error) { return &DisplayWatch{sys: sys}, nil }

// State is the state of the display signal now.
func (w *DisplayWatch) State() Display { return DisplayOf(w.sys) }

// Close ends the watch: the state is unknown from then on.
func (w *DisplayWatch) Close() error {
	w.sys = nil
	return nil
}

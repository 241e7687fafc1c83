//go:build !windows

package uptime

import "io/fs"

// Clocks reads the clocks of the system, and tells hibernation from sleep where the system does. It is for one goroutine at
// a time.
type Clocks struct{ sys fs.FS }

// NewClocks reads the kernel's count of suspends below sys, the root of sysfs; it may be nil. macOS has no such count: there
// hibernation is sleep. The display is not asked.
func NewClocks(sys fs.FS, _ func() Display) (*Clocks, error) { return &Clocks{sys: sys}, nil }

// Read asks the clocks, and says what the time since last was, the reading before this one; the zero Reading when there is
// none.
func (c *Clocks) Read(last Reading) (Reading, error) {
	r, err := Read()
	if err != nil {
		return Reading{}, err
	}
	return r.after(last, c.sys), nil
}

// Problem is why hibernation could not be told from sleep at the last reading: never known here.
func (c *Clocks) Problem() error { return nil }

// Close does nothing here.
func (c *Clocks) Close() error { return nil }

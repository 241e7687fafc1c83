package uptime

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Read asks the clocks of Windows: the unbiased interrupt time stands still in sleep, GetTickCount64 does not. After a
// shut-down with Fast Startup both go on counting from the boot before; the tick count then holds the time switched off
// as if it were sleep. Clocks tells them apart.
func Read() (Reading, error) {
	kernel := windows.NewLazySystemDLL("kernel32.dll")
	var unbiased uint64 // in units of 100 ns
	ok, _, err := kernel.NewProc("QueryUnbiasedInterruptTime").Call(uintptr(unsafe.Pointer(&unbiased)))
	if ok == 0 {
		return Reading{}, errors.Join(errors.New("read the unbiased interrupt time"), err)
	}
	return Reading{
		Wall:      time.Now().Round(0),
		Awake:     time.Duration(unbiased) * 100,
		SinceBoot: windows.DurationSinceBoot(),
	}, nil
}

// Clocks reads the clocks of Windows and, when they jumped or Modern Standby began or ended, the numbers and times of the
// events in the System log that say why. It is for one goroutine at a time.
type Clocks struct {
	display func() Display
	bell    *doorbell // nil without one
	boot    string    // the name given to this boot, which Windows does not name
	problem error
}

// NewClocks watches for Modern Standby. Its first argument is not used. display says whether the console display is on,
// which ends a standby whose end was not logged; it may be nil. With an error the clocks may be used: they see standby that
// freezes the agent for longer than absent, and no other.
func NewClocks(_ fs.FS, display func() Display) (*Clocks, error) {
	bell, err := newDoorbell()
	return &Clocks{display: display, bell: bell, problem: err}, err
}

// Read asks the clocks, and says what the time since last was, the reading before this one; the zero Reading when there is
// none. Where the log cannot be read it is as the clocks say, and Problem says why.
func (c *Clocks) Read(last Reading) (Reading, error) {
	r, err := Read()
	if err != nil {
		return Reading{}, err
	}
	if c.boot == "" { // no process outlives its boot: it has one name as long as this one runs
		c.boot = nameOf(last, r)
	}
	r.Boot = c.boot
	rang := c.bell.rang()
	if last.Wall.IsZero() {
		return r, nil
	}
	from := r.origin(last)
	var events []Event
	if r.questionable(from, rang) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		events, c.problem = systemEvents(ctx, r.since(from))
	}
	return r.explained(from, events, c.display != nil && c.display() == DisplayOn), nil
}

// Problem is why the log could not be read when it was last needed; nil when it could.
func (c *Clocks) Problem() error { return c.problem }

// Close ends the watch for Modern Standby. A second Close does nothing.
func (c *Clocks) Close() error {
	bell := c.bell
	c.bell = nil
	return bell.close()
}

// nameOf is the name of the boot of a reading b whose system does not name it: that of the reading before, kept by another
// process, when both are of one boot; else a new one.
func nameOf(a, b Reading) string {
	if !a.Wall.IsZero() && a.Boot != "" && sameBoot(a, b) {
		return a.Boot
	}
	return rand.Text()
}

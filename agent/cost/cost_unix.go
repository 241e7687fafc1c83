//go:build !windows

package cost

import (
	"fmt"
	"runtime"
	"syscall"
	"time"
)

// Read asks the system what this process has taken. Wake-ups are known on Linux, where they are the voluntary context
// switches of getrusage(2). On macOS that number counts only waits inside the BSD half of the kernel (_sleep in XNU's
// kern_synch.c), which those of a Go program, on kqueue and on the locks of threads, do not seem to pass: it is left out.
func Read() (Usage, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return Usage{}, fmt.Errorf("ask what the agent itself takes: %w", err)
	}
	u := Usage{CPU: time.Duration(r.Utime.Nano() + r.Stime.Nano())}
	if runtime.GOOS == "linux" {
		u.Wakeups, u.KnowsWakeups = r.Nvcsw, true
	}
	return u, nil
}

package cost

import (
	"fmt"
	"time"

	"golang.org/x/sys/windows"
)

// Read asks Windows what this process has taken: GetProcessTimes, in steps of the system's clock, mostly 15.6 ms. Wake-ups
// are not known: Windows counts the context switches of a thread, voluntary or not, for tracing only.
func Read() (Usage, error) {
	var created, ended, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &ended, &kernel, &user); err != nil {
		return Usage{}, fmt.Errorf("ask what the agent itself takes: %w", err)
	}
	return Usage{CPU: length(kernel) + length(user)}, nil
}

// length is a FILETIME that holds a length of time, in units of 100 ns.
func length(t windows.Filetime) time.Duration {
	return time.Duration(uint64(t.HighDateTime)<<32|uint64(t.LowDateTime)) * 100
}

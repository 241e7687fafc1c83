package browser

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// private is the memory in bytes that a process shares with no other, and whether it can be read.
func private(pid int) (n int64, ok bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, false
	}
	fields := bytes.Fields(text) // pages: size, resident, shared, …
	if len(fields) < 3 {
		return 0, false
	}
	resident, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0, false
	}
	shared, err := strconv.ParseInt(string(fields[2]), 10, 64)
	if err != nil {
		return 0, false
	}
	return (resident - shared) * int64(os.Getpagesize()), true
}

// end ends a process of the browser.
func end(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) }

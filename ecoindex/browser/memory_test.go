//go:build linux || windows

package browser

import (
	"os"
	"testing"
)

func TestTheMemoryOfAProcessIsReadWhileItRuns(t *testing.T) {
	if bytes, ok := private(os.Getpid()); !ok || bytes < int64(os.Getpagesize()) {
		t.Errorf("this process has %d bytes of its own, %t; want some", bytes, ok)
	}
	for _, pid := range []int{-1, 0, 1<<30 + 1} { // no system gives such numbers
		if bytes, ok := private(pid); ok || bytes != 0 {
			t.Errorf("process %d, which is none, has %d bytes of its own, %t", pid, bytes, ok)
		}
	}
}

package main

import (
	"errors"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// slack is how late the kernel may end a wait of the service, to do it together with something else that wakes the
	// processor. Fifty microseconds are usual; of them comes most of what the service would cost at rest, because the
	// watchman of Go's scheduler, woken by each sample, looks around every twenty microseconds as long as that lasts.
	slack = 50 * time.Millisecond

	restarted = "VEILLE_SLACK" // in the environment of a service that has started itself again
)

// coalesce makes every wait of this process coarse. The slack belongs to a thread, which hands it to those it starts, and
// Go has started some already: so the program is started again, in the same process, and then goes on from here. Nothing
// may be open yet that the next one needs. On an error waits are as they were, which costs energy and nothing else.
func coalesce() error {
	runtime.LockOSThread() // the thread that starts the program again is the first one then
	defer runtime.UnlockOSThread()
	if os.Getenv(restarted) != "" || coarse() {
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0); err != nil {
		return err
	}
	if !coarse() {
		return errors.New("the kernel gives this process no slack")
	}
	return unix.Exec("/proc/self/exe", os.Args, append(os.Environ(), restarted+"=1"))
}

func coarse() bool {
	now, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	return err == nil && now >= int(slack)
}

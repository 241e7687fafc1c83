package uptime

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Read asks the clocks of macOS: CLOCK_UPTIME_RAW stands still in sleep, CLOCK_MONOTONIC_RAW does not. The name of the
// boot is the kernel's boot session, random at each boot.
func Read() (Reading, error) {
	var awake, sinceBoot unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_UPTIME_RAW, &awake); err != nil {
		return Reading{}, fmt.Errorf("read CLOCK_UPTIME_RAW: %w", err)
	}
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC_RAW, &sinceBoot); err != nil {
		return Reading{}, fmt.Errorf("read CLOCK_MONOTONIC_RAW: %w", err)
	}
	boot, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		boot = "" // the clocks alone then tell one boot from the next
	}
	return Reading{
		Wall:      time.Now().Round(0),
		Awake:     time.Duration(awake.Nano()),
		SinceBoot: time.Duration(sinceBoot.Nano()),
		Boot:      boot,
	}, nil
}

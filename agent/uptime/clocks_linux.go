package uptime

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Read asks the clocks of Linux: CLOCK_MONOTONIC stands still in suspend, CLOCK_BOOTTIME does not. The name of the boot
// is the kernel's own boot_id, random at each boot.
func Read() (Reading, error) {
	var awake, sinceBoot unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &awake); err != nil {
		return Reading{}, fmt.Errorf("read CLOCK_MONOTONIC: %w", err)
	}
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &sinceBoot); err != nil {
		return Reading{}, fmt.Errorf("read CLOCK_BOOTTIME: %w", err)
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		boot = nil // a container may hide it; the clocks alone then tell one boot from the next
	}
	return Reading{
		Wall:      time.Now().Round(0),
		Awake:     time.Duration(awake.Nano()),
		SinceBoot: time.Duration(sinceBoot.Nano()),
		Boot:      strings.TrimSpace(string(boot)),
	}, nil
}

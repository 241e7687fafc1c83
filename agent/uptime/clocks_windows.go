package uptime

import (
	"errors"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Read asks the clocks of Windows: the unbiased interrupt time stands still in sleep, GetTickCount64 does not. After a
// shut-down with Fast Startup both go on counting from the boot before; the tick count then holds the time switched off
// as if it were sleep.
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

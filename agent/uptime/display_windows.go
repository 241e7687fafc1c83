package uptime

import (
	"fmt"
	"io/fs"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// DisplayWatch knows the display signal. Its zero value says unknown. It is for one goroutine at a time.
type DisplayWatch struct {
	state  *atomic.Uint32 // a Display
	handle uintptr        // of the registration; 0 when there is none
}

// powerSetting begins like POWERBROADCAST_SETTING of winuser.h, and holds the data of one that has four bytes of it.
type powerSetting struct {
	setting windows.GUID
	length  uint32
	data    uint32
}

// WatchDisplay asks Windows to say when the console display is turned on or off; Windows says the present state at once.
// Its argument is not used. With an error the watch may be kept: it says unknown. Call it once in the life of a process,
// since what Windows calls back can never be freed.
func WatchDisplay(fs.FS) (*DisplayWatch, error) {
	w := &DisplayWatch{state: new(atomic.Uint32)}
	register := windows.NewLazySystemDLL("powrprof.dll").NewProc("PowerSettingRegisterNotification")
	if err := register.Find(); err != nil {
		return w, fmt.Errorf("watch the display: %w", err)
	}
	const deviceNotifyCallback = 2
	guid := displayState()
	recipient := struct{ callback, context uintptr }{callback: displayCallback(w.state)}
	status, _, _ := register.Call(uintptr(unsafe.Pointer(&guid)), deviceNotifyCallback,
		uintptr(unsafe.Pointer(&recipient)), uintptr(unsafe.Pointer(&w.handle)))
	if status != 0 {
		w.handle = 0
		return w, fmt.Errorf("watch the display: PowerSettingRegisterNotification: %w", syscall.Errno(status))
	}
	return w, nil
}

// State is the last state that Windows told.
func (w *DisplayWatch) State() Display {
	if w.state == nil {
		return DisplayUnknown
	}
	return Display(w.state.Load())
}

// Close ends the watch: the state is unknown from then on. A second Close does nothing.
func (w *DisplayWatch) Close() error {
	if w.handle == 0 {
		return nil
	}
	handle := w.handle
	w.handle, w.state = 0, nil // a call still on its way writes where nobody reads
	unregister := windows.NewLazySystemDLL("powrprof.dll").NewProc("PowerSettingUnregisterNotification")
	if err := unregister.Find(); err != nil {
		return fmt.Errorf("stop watching the display: %w", err)
	}
	if status, _, _ := unregister.Call(handle); status != 0 {
		return fmt.Errorf("stop watching the display: %w", syscall.Errno(status))
	}
	return nil
}

// displayCallback is the address of a function for Windows to call, on a thread of its own, that keeps the state. It holds
// on to state itself, so that Windows is given no pointer into Go's memory.
func displayCallback(state *atomic.Uint32) uintptr {
	return windows.NewCallback(func(_, kind uintptr, s *powerSetting) uintptr {
		const powerSettingChange = 0x8013 // PBT_POWERSETTINGCHANGE
		if uint32(kind) != powerSettingChange || s == nil || s.setting != displayState() || s.length < 4 {
			return 0
		}
		state.Store(uint32(consoleDisplay(s.data)))
		return 0
	})
}

// consoleDisplay is what the data of GUID_CONSOLE_DISPLAY_STATE means: a dimmed display is on.
func consoleDisplay(data uint32) Display {
	switch data {
	case 0:
		return DisplayOff
	case 1, 2:
		return DisplayOn
	}
	return DisplayUnknown
}

// displayState is GUID_CONSOLE_DISPLAY_STATE, which reaches services as well.
func displayState() windows.GUID {
	return windows.GUID{
		Data1: 0x6fe69556, Data2: 0x704a, Data3: 0x47a0,
		Data4: [8]byte{0x8f, 0x24, 0xc2, 0x8d, 0x93, 0x6f, 0xda, 0x47},
	}
}

package uptime

import (
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"
)

// tell has Windows call a function of three arguments, as it calls one that watches a power setting: InitOnceExecuteOnce
// passes its own argument second and the pointer third.
func tell(t *testing.T, callback, kind uintptr, s *powerSetting) {
	t.Helper()
	var once uintptr
	call := windows.NewLazySystemDLL("kernel32.dll").NewProc("InitOnceExecuteOnce")
	if err := call.Find(); err != nil {
		t.Skip(err)
	}
	_, _, _ = call.Call(uintptr(unsafe.Pointer(&once)), callback, kind, uintptr(unsafe.Pointer(s)))
}

func TestTheStateIsTheLastThatWindowsTold(t *testing.T) {
	const change = 0x8013
	var state atomic.Uint32
	callback := displayCallback(&state)
	for _, tt := range []struct {
		name string
		kind uintptr
		told *powerSetting
		want Display
	}{
		{"on", change, &powerSetting{displayState(), 4, 1}, DisplayOn},
		{"off", change, &powerSetting{displayState(), 4, 0}, DisplayOff},
		{"dimmed is on", change, &powerSetting{displayState(), 4, 2}, DisplayOn},
		{"another setting changes nothing", change, &powerSetting{standbyIdle(), 4, 0}, DisplayOn},
		{"another event changes nothing", 4, &powerSetting{displayState(), 4, 0}, DisplayOn},
		{"too little data changes nothing", change, &powerSetting{displayState(), 1, 0}, DisplayOn},
		{"no data changes nothing", change, nil, DisplayOn},
		{"a state nobody knows is unknown", change, &powerSetting{displayState(), 4, 7}, DisplayUnknown},
	} {
		tell(t, callback, tt.kind, tt.told)
		if got := Display(state.Load()); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestTheSettingsHaveTheNamesOfTheSDK(t *testing.T) {
	for got, want := range map[windows.GUID]string{
		displayState():  "{6FE69556-704A-47A0-8F24-C28D936FDA47}",
		sleepSubgroup(): "{238C9FA8-0AAD-41ED-83F4-97BE242C8F20}",
		standbyIdle():   "{29F6C1DB-86DA-48C5-9FDB-F2B67B1F44DA}",
		hibernateIdle(): "{9D7815A6-7EE4-497E-8888-515A05F02364}",
	} {
		if got.String() != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}

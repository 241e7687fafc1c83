package uptime

import (
	"fmt"
	"io/fs"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// ReadSleepAfter reads the sleep policy of Windows, on mains: what the organisation has imposed, or else the active power
// scheme. A machine that hibernates without sleeping first counts as one that sleeps. Its argument is not used.
func ReadSleepAfter(fs.FS) (SleepAfter, error) {
	sleep, err := acSeconds(standbyIdle())
	if err != nil || sleep != 0 {
		return seconds(sleep, err)
	}
	allowed := windows.NewLazySystemDLL("powrprof.dll").NewProc("IsPwrHibernateAllowed")
	if allowed.Find() != nil {
		return seconds(0, nil)
	}
	if yes, _, _ := allowed.Call(); byte(yes) == 0 { // a BOOLEAN: one byte of the register
		return seconds(0, nil)
	}
	hibernate, err := acSeconds(hibernateIdle())
	return seconds(hibernate, err)
}

func seconds(s uint32, err error) (SleepAfter, error) {
	if err != nil {
		return SleepAfter{}, fmt.Errorf("read the sleep policy: %w", err)
	}
	return SleepAfter{Known: true, After: time.Duration(s) * time.Second}, nil
}

// acSeconds is the value on mains of a setting of the sleep subgroup, in seconds; 0 means never.
func acSeconds(setting windows.GUID) (uint32, error) {
	if s, ok := imposed(setting); ok {
		return s, nil
	}
	powrprof := windows.NewLazySystemDLL("powrprof.dll")
	active, read := powrprof.NewProc("PowerGetActiveScheme"), powrprof.NewProc("PowerReadACValueIndex")
	for _, proc := range []*windows.LazyProc{active, read} {
		if err := proc.Find(); err != nil {
			return 0, err
		}
	}
	var scheme *windows.GUID
	if status, _, _ := active.Call(0, uintptr(unsafe.Pointer(&scheme))); status != 0 {
		return 0, fmt.Errorf("PowerGetActiveScheme: %w", syscall.Errno(status))
	}
	defer func() { _, _ = windows.LocalFree(windows.Handle(unsafe.Pointer(scheme))) }()
	group, value := sleepSubgroup(), uint32(0)
	status, _, _ := read.Call(0, uintptr(unsafe.Pointer(scheme)), uintptr(unsafe.Pointer(&group)),
		uintptr(unsafe.Pointer(&setting)), uintptr(unsafe.Pointer(&value)))
	if status != 0 {
		return 0, fmt.Errorf("PowerReadACValueIndex: %w", syscall.Errno(status))
	}
	return value, nil
}

// imposed is the value that a group policy sets in place of the scheme's (Power.admx, EnterACStandbyTimeOut).
func imposed(setting windows.GUID) (uint32, bool) {
	name := `SOFTWARE\Policies\Microsoft\Power\PowerSettings\` + setting.String()[1:37] // without its braces
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, name, registry.QUERY_VALUE)
	if err != nil {
		return 0, false
	}
	defer func() { _ = key.Close() }()
	s, _, err := key.GetIntegerValue("ACSettingIndex")
	return uint32(s), err == nil
}

// sleepSubgroup is GUID_SLEEP_SUBGROUP.
func sleepSubgroup() windows.GUID {
	return windows.GUID{
		Data1: 0x238c9fa8, Data2: 0x0aad, Data3: 0x41ed,
		Data4: [8]byte{0x83, 0xf4, 0x97, 0xbe, 0x24, 0x2c, 0x8f, 0x20},
	}
}

// standbyIdle is GUID_STANDBY_TIMEOUT, STANDBYIDLE of powercfg.
func standbyIdle() windows.GUID {
	return windows.GUID{
		Data1: 0x29f6c1db, Data2: 0x86da, Data3: 0x48c5,
		Data4: [8]byte{0x9f, 0xdb, 0xf2, 0xb6, 0x7b, 0x1f, 0x44, 0xda},
	}
}

// hibernateIdle is GUID_HIBERNATE_TIMEOUT, HIBERNATEIDLE of powercfg.
func hibernateIdle() windows.GUID {
	return windows.GUID{
		Data1: 0x9d7815a6, Data2: 0x7ee4, Data3: 0x497e,
		Data4: [8]byte{0x88, 0x88, 0x51, 0x5a, 0x05, 0xf0, 0x23, 0x64},
	}
}

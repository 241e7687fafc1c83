package power

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The control codes of poclass.h. All of them ask for read access only.
const (
	ioctlBatteryTag         = 0x294040
	ioctlBatteryInformation = 0x294044
	ioctlBatteryStatus      = 0x29404C
)

// ReadSystemBattery asks Windows for the state of all batteries together, and each battery whether it feeds the machine
// and in which unit. A machine without a battery has a state as well, in which none is present.
func ReadSystemBattery() (SystemBattery, error) {
	b, err := systemBatteryState()
	if err != nil {
		return SystemBattery{}, fmt.Errorf("read the state of the batteries: %w", err)
	}
	s, err := ParseSystemBattery(b)
	if err != nil || !s.Present {
		return s, err
	}
	list, err := batteries()
	if err != nil {
		return SystemBattery{}, fmt.Errorf("read the batteries: %w", err)
	}
	return s.Of(list), nil
}

func systemBatteryState() ([]byte, error) {
	const state = 5 // SystemBatteryState of POWER_INFORMATION_LEVEL
	call := windows.NewLazySystemDLL("powrprof.dll").NewProc("CallNtPowerInformation")
	if err := call.Find(); err != nil {
		return nil, err
	}
	b := make([]byte, sizeSystemBatteryState)
	status, _, _ := call.Call(state, 0, 0, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)))
	if uint32(status) != 0 {
		return nil, windows.NTStatus(status)
	}
	return b, nil
}

// batteries are the batteries in the slots of the machine. Wine shows none, although it knows their state.
func batteries() ([]WindowsBattery, error) {
	class := windows.GUID{ // GUID_DEVCLASS_BATTERY
		Data1: 0x72631E54, Data2: 0x78A4, Data3: 0x11D0,
		Data4: [8]byte{0xBC, 0xF7, 0x00, 0xAA, 0x00, 0xB7, 0xB3, 0x2A},
	}
	slots, err := openDevices(class)
	if err != nil {
		return nil, err
	}
	var list []WindowsBattery
	var errs []error
	for _, slot := range slots {
		b, err := readBattery(slot)
		if !errors.Is(err, windows.ERROR_FILE_NOT_FOUND) { // the slot is empty
			list, errs = append(list, b), append(errs, err)
		}
		errs = append(errs, slot.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return list, nil
}

// readBattery asks a slot for the tag of the battery in it, and then for the battery with that tag. The questions are
// BATTERY_QUERY_INFORMATION, at the level BatteryInformation, and BATTERY_WAIT_STATUS, without waiting.
func readBattery(slot device) (WindowsBattery, error) {
	tag, err := slot.ask(ioctlBatteryTag, make([]byte, 4), 4)
	if err != nil {
		return WindowsBattery{}, fmt.Errorf("find the battery in a slot: %w", err)
	}
	if binary.LittleEndian.Uint32(tag) == 0 {
		return WindowsBattery{}, fmt.Errorf("find the battery in a slot: %w", windows.ERROR_FILE_NOT_FOUND)
	}
	information, err := slot.ask(ioctlBatteryInformation, append(tag, make([]byte, 8)...), sizeBatteryInformation)
	if err != nil {
		return WindowsBattery{}, fmt.Errorf("ask a battery for its unit: %w", err)
	}
	status, err := slot.ask(ioctlBatteryStatus, append(tag, make([]byte, 16)...), sizeBatteryStatus)
	if err != nil {
		return WindowsBattery{}, fmt.Errorf("ask a battery for its charge: %w", err)
	}
	return ParseWindowsBattery(information, status)
}

package uptime

import (
	"io/fs"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// ReadScreens lists the screens that Windows has a device for, lit or not, from the EDIDs that it keeps in its registry;
// none when it cannot be asked. Its first argument is not used. QueryDisplayConfig would tell the panel from the others,
// but it refuses services, which have no desktop; so panel says what to take for one. Some screens leave with the signal:
// ask while the display is on. A virtual machine may show a screen of its host's making.
func ReadScreens(_ fs.FS, panel Panel) []Screen {
	monitors := windows.GUID{ // GUID_DEVINTERFACE_MONITOR of ntddvdeo.h
		Data1: 0xE6F07B5F, Data2: 0xEE97, Data3: 0x4A90,
		Data4: [8]byte{0xB0, 0x76, 0x33, 0xF5, 0x7B, 0xF4, 0xEA, 0xA7},
	}
	const present = windows.DIGCF_PRESENT | windows.DIGCF_DEVICEINTERFACE
	set, err := windows.SetupDiGetClassDevsEx(&monitors, "", 0, present, 0, "")
	if err != nil {
		return nil
	}
	defer func() { _ = set.Close() }()
	const most = 64 // no machine has as many
	var edids [][]byte
	for i := range most {
		device, err := set.EnumDeviceInfo(i)
		if err != nil { // there are no more
			break
		}
		edids = append(edids, readEDID(set, device))
	}
	return ScreensOf(edids, panel)
}

// readEDID is what a screen has said of itself; nil when Windows has not kept it.
func readEDID(set windows.DevInfo, device *windows.DevInfoData) []byte {
	handle, err := set.OpenDevRegKey(device, windows.DICS_FLAG_GLOBAL, 0, windows.DIREG_DEV, windows.KEY_QUERY_VALUE)
	if err != nil {
		return nil
	}
	key := registry.Key(handle)
	defer func() { _ = key.Close() }()
	edid, _, err := key.GetBinaryValue("EDID")
	if err != nil {
		return nil
	}
	return edid
}

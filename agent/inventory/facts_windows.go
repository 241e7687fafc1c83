package inventory

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// ReadFacts asks Windows and its registry. With an error, what could be read is still there.
func ReadFacts() (Facts, error) {
	f := Facts{Processors: runtime.NumCPU(), Hypervisor: hyperV()}
	firmware, err := readFirmware()
	f.Firmware = firmware
	processor, errCPU := values(`HARDWARE\DESCRIPTION\System\CentralProcessor\0`, "VendorIdentifier")
	f.Vendor = processor["VendorIdentifier"]
	system, errOS := values(`SOFTWARE\Microsoft\Windows NT\CurrentVersion`,
		"CurrentBuildNumber", "DisplayVersion", "ReleaseId", "InstallationType", "EditionID")
	f.Windows = Windows{
		Build: system["CurrentBuildNumber"], Display: system["DisplayVersion"],
		Installation: system["InstallationType"], Edition: system["EditionID"],
	}
	if f.Windows.Display == "" {
		f.Windows.Display = system["ReleaseId"] // it stays at 2009 where there is a DisplayVersion
	}
	return f, errors.Join(err, errCPU, errOS)
}

// hyperV tells whether the role or feature Hyper-V is installed: only then does its management service exist, and start
// with the system. Neither VBS nor WSL nor the virtual machine platform brings that service.
func hyperV() bool {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Services\vmms`, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	defer func() { _ = key.Close() }()
	start, _, err := key.GetIntegerValue("Start")
	return err == nil && start != windows.SERVICE_DISABLED
}

// readFirmware reads the SMBIOS table, and where there is none what the registry keeps of it.
func readFirmware() (Firmware, error) {
	table, err := firmwareTable()
	defer clear(table) // it holds the machine's serial number
	if err == nil {
		var f Firmware
		if f, err = ParseFirmware(table); err == nil {
			return f, nil
		}
	}
	bios, errBIOS := values(`HARDWARE\DESCRIPTION\System\BIOS`, "SystemManufacturer", "SystemProductName", "SystemVersion")
	f := Firmware{Maker: bios["SystemManufacturer"], Name: bios["SystemProductName"], Version: bios["SystemVersion"]}
	return f, errors.Join(err, errBIOS)
}

func firmwareTable() ([]byte, error) {
	const rsmb = 'R'<<24 | 'S'<<16 | 'M'<<8 | 'B'
	get := windows.NewLazySystemDLL("kernel32.dll").NewProc("GetSystemFirmwareTable")
	if err := get.Find(); err != nil {
		return nil, fmt.Errorf("read the SMBIOS table: %w", err)
	}
	size, _, err := get.Call(rsmb, 0, 0, 0)
	if size == 0 || size > 1<<20 {
		return nil, fmt.Errorf("read the SMBIOS table: a size of %d bytes: %w", size, err)
	}
	table := make([]byte, size)
	n, _, err := get.Call(rsmb, 0, uintptr(unsafe.Pointer(&table[0])), size)
	if n == 0 || n > size {
		return nil, fmt.Errorf("read the SMBIOS table: %d of %d bytes: %w", n, size, err)
	}
	return table[:n], nil
}

// values are those of a key's texts that are there.
func values(path string, names ...string) (map[string]string, error) {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return nil, fmt.Errorf("open %s of the registry: %w", path, err)
	}
	defer func() { _ = key.Close() }()
	found := map[string]string{}
	for _, name := range names {
		if text, _, err := key.GetStringValue(name); err == nil {
			found[name] = text
		}
	}
	return found, nil
}

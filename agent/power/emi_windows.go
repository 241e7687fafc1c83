package power

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// The control codes of emi.h. All of them ask for read access only.
const (
	ioctlEMIVersion      = 0x224000
	ioctlEMIMetadataSize = 0x224004
	ioctlEMIMetadata     = 0x224008
	ioctlEMIMeasurement  = 0x22400C
)

// maxEMIMetadata is more than the metadata of any device: a channel for each of 10,000 cores.
const maxEMIMetadata = 1 << 20

// EMIDevices opens all devices of the Energy Meter Interface. It answers ErrNoMeter when there are none, as before
// Windows 11 and in virtual machines.
func EMIDevices() ([]EMIDevice, error) {
	energyMeters := windows.GUID{ // GUID_DEVICE_ENERGY_METER
		Data1: 0x45BD8344, Data2: 0x7ED6, Data3: 0x49CF,
		Data4: [8]byte{0xA4, 0x40, 0xC2, 0x76, 0xC9, 0x33, 0xB0, 0x53},
	}
	opened, err := openDevices(energyMeters)
	if err != nil {
		return nil, fmt.Errorf("energy meter interface: %w", err)
	}
	if len(opened) == 0 {
		return nil, fmt.Errorf("energy meter interface: %w", ErrNoMeter)
	}
	var list []EMIDevice
	for _, d := range opened {
		list = append(list, emiDevice{d})
	}
	return list, nil
}

type emiDevice struct{ device }

// Metadata asks for the version, the size and the metadata.
func (d emiDevice) Metadata() ([]byte, uint16, error) {
	version, err := d.ask(ioctlEMIVersion, nil, 2)
	if err != nil {
		return nil, 0, fmt.Errorf("read the version of an energy meter: %w", err)
	}
	size, err := d.ask(ioctlEMIMetadataSize, nil, 4)
	if err != nil {
		return nil, 0, fmt.Errorf("read the size of an energy meter's metadata: %w", err)
	}
	n := binary.LittleEndian.Uint32(size)
	if n == 0 || n > maxEMIMetadata {
		return nil, 0, fmt.Errorf("read the metadata of an energy meter: a size of %d bytes makes no sense", n)
	}
	b, err := d.askUpTo(ioctlEMIMetadata, nil, int(n))
	if err != nil {
		return nil, 0, fmt.Errorf("read the metadata of an energy meter: %w", err)
	}
	return b, binary.LittleEndian.Uint16(version), nil
}

// Measure asks for all channels at once.
func (d emiDevice) Measure(channels int) ([]byte, error) {
	if channels == 0 {
		return nil, nil
	}
	b, err := d.ask(ioctlEMIMeasurement, nil, channels*emiReading)
	if err != nil {
		return nil, fmt.Errorf("read an energy meter: %w", err)
	}
	return b, nil
}

// device is a device of some class, opened to be asked.
type device struct{ handle windows.Handle }

// openDevices opens all devices of a class that are present, or none.
func openDevices(class windows.GUID) ([]device, error) {
	paths, err := devicePaths(class)
	if err != nil {
		return nil, err
	}
	var list []device
	for _, path := range paths {
		d, err := openDevice(path)
		if err != nil {
			for _, d := range list {
				err = errors.Join(err, d.Close())
			}
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

func openDevice(path string) (device, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return device{}, fmt.Errorf("open %s: %w", path, err)
	}
	handle, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE,
		nil, windows.OPEN_EXISTING, 0, 0)
	if err != nil {
		return device{}, fmt.Errorf("open %s: %w", path, err)
	}
	return device{handle}, nil
}

// Close gives the device back.
func (d device) Close() error { return windows.CloseHandle(d.handle) }

// ask sends a control code and returns the answer, which has size bytes.
func (d device) ask(code uint32, question []byte, size int) ([]byte, error) {
	b, err := d.askUpTo(code, question, size)
	if err == nil && len(b) != size {
		return nil, fmt.Errorf("an answer of %d bytes, and not of %d", len(b), size)
	}
	return b, err
}

// askUpTo sends a control code and returns the answer, which has at most limit bytes.
func (d device) askUpTo(code uint32, question []byte, limit int) ([]byte, error) {
	answer := make([]byte, limit)
	var n uint32
	err := windows.DeviceIoControl(d.handle, code, unsafe.SliceData(question), uint32(len(question)),
		&answer[0], uint32(limit), &n, nil)
	if err != nil {
		return nil, err
	}
	return answer[:min(int(n), limit)], nil
}

// interfaceData is SP_DEVICE_INTERFACE_DATA of setupapi.h.
type interfaceData struct {
	size     uint32
	class    windows.GUID
	flags    uint32
	reserved uintptr
}

// devicePaths are the paths to open the present devices of a class under. CM_Get_Device_Interface_List would need less
// code, but golang.org/x/sys panics with it where CfgMgr32 is incomplete, as in wine.
func devicePaths(class windows.GUID) ([]string, error) {
	const present = windows.DIGCF_PRESENT | windows.DIGCF_DEVICEINTERFACE
	set, err := windows.SetupDiGetClassDevsEx(&class, "", 0, present, 0, "")
	if err != nil {
		return nil, fmt.Errorf("list the devices of class %v: %w", class, err)
	}
	defer func() { _ = set.Close() }()
	enum := windows.NewLazySystemDLL("setupapi.dll").NewProc("SetupDiEnumDeviceInterfaces")
	if err := enum.Find(); err != nil {
		return nil, fmt.Errorf("list the devices of class %v: %w", class, err)
	}
	var paths []string
	for i := uintptr(0); ; i++ {
		data := interfaceData{size: uint32(unsafe.Sizeof(interfaceData{}))}
		ok, _, err := enum.Call(uintptr(set), 0, uintptr(unsafe.Pointer(&class)), i, uintptr(unsafe.Pointer(&data)))
		if ok == 0 && errors.Is(err, windows.ERROR_NO_MORE_ITEMS) {
			return paths, nil
		}
		if ok == 0 {
			return nil, fmt.Errorf("list the devices of class %v: %w", class, err)
		}
		path, err := devicePath(set, &data)
		if err != nil {
			return nil, fmt.Errorf("find the path of a device of class %v: %w", class, err)
		}
		paths = append(paths, path)
	}
}

// devicePath reads SP_DEVICE_INTERFACE_DETAIL_DATA_W: its own size without the path, then the path.
func devicePath(set windows.DevInfo, data *interfaceData) (string, error) {
	const pathAt = 4
	detail := windows.NewLazySystemDLL("setupapi.dll").NewProc("SetupDiGetDeviceInterfaceDetailW")
	if err := detail.Find(); err != nil {
		return "", err
	}
	var size uint32 // the first call only asks for it, and fails
	_, _, err := detail.Call(uintptr(set), uintptr(unsafe.Pointer(data)), 0, 0, uintptr(unsafe.Pointer(&size)), 0)
	if size < pathAt+2 || size > 1<<16 {
		return "", err
	}
	buffer := make([]uint32, (size+3)/4) // aligned as the structure is
	buffer[0] = 6
	if unsafe.Sizeof(uintptr(0)) == 8 {
		buffer[0] = 8 // setupapi.h packs the structure on 32 bits only
	}
	ok, _, err := detail.Call(uintptr(set), uintptr(unsafe.Pointer(data)), uintptr(unsafe.Pointer(&buffer[0])), uintptr(size), 0, 0)
	if ok == 0 {
		return "", err
	}
	path := unsafe.Slice((*uint16)(unsafe.Pointer(&buffer[1])), (size-pathAt)/2)
	return windows.UTF16ToString(path), nil
}

package browser

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryCounters is PROCESS_MEMORY_COUNTERS_EX of the Windows API.
type memoryCounters struct {
	size, pageFaults                                                                                      uint32
	peakWorkingSet, workingSet, peakPaged, paged, peakNonPaged, nonPaged, pagefile, peakPagefile, private uintptr
}

// private is the memory in bytes that a process shares with no other, and whether it can be read.
func private(pid int) (n int64, ok bool) {
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err != nil {
		return 0, false
	}
	defer func() { _ = windows.CloseHandle(process) }()
	var counters memoryCounters
	counters.size = uint32(unsafe.Sizeof(counters))
	read := windows.NewLazySystemDLL("kernel32.dll").NewProc("K32GetProcessMemoryInfo")
	if r, _, _ := read.Call(uintptr(process), uintptr(unsafe.Pointer(&counters)), uintptr(counters.size)); r == 0 {
		return 0, false
	}
	return int64(max(counters.private, counters.pagefile)), true // the same; one of them is zero in some versions
}

// end ends a process of the browser.
func end(pid int) {
	process, err := windows.OpenProcess(windows.PROCESS_TERMINATE, false, uint32(pid))
	if err != nil {
		return
	}
	_ = windows.TerminateProcess(process, 1)
	_ = windows.CloseHandle(process)
}

package link

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// namedProxy is WINHTTP_ACCESS_TYPE_NAMED_PROXY (winhttp.h): there is a list of servers.
const namedProxy = 3

// systemProxy is the proxy of the machine, which `netsh winhttp set proxy` sets, and the hosts that need none. A user's own
// setting is not read: a service has none, and it is the user's. Both are "" when there is none or Windows does not say.
func systemProxy() (servers, bypass string) {
	call := windows.NewLazySystemDLL("winhttp.dll").NewProc("WinHttpGetDefaultProxyConfiguration")
	if call.Find() != nil {
		return "", ""
	}
	var info struct { // WINHTTP_PROXY_INFO
		access          uint32
		servers, bypass *uint16
	}
	if ok, _, _ := call.Call(uintptr(unsafe.Pointer(&info))); ok == 0 {
		return "", ""
	}
	if info.access == namedProxy {
		servers, bypass = windows.UTF16PtrToString(info.servers), windows.UTF16PtrToString(info.bypass)
	}
	free := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalFree") // the strings are ours to free
	for _, p := range []*uint16{info.servers, info.bypass} {
		if p != nil {
			_, _, _ = free.Call(uintptr(unsafe.Pointer(p)))
		}
	}
	return servers, bypass
}

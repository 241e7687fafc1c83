package link

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"
)

// setMachineProxy does what `netsh winhttp set proxy` does. "" for servers is none.
func setMachineProxy(t *testing.T, servers, bypass string) {
	t.Helper()
	info := struct { // WINHTTP_PROXY_INFO
		access          uint32
		servers, bypass *uint16
	}{access: 1} // WINHTTP_ACCESS_TYPE_NO_PROXY
	if servers != "" {
		var err error
		if info.servers, err = windows.UTF16PtrFromString(servers); err != nil {
			t.Fatal(err)
		}
		if info.bypass, err = windows.UTF16PtrFromString(bypass); err != nil {
			t.Fatal(err)
		}
		info.access = namedProxy
	}
	call := windows.NewLazySystemDLL("winhttp.dll").NewProc("WinHttpSetDefaultProxyConfiguration")
	if ok, _, err := call.Call(uintptr(unsafe.Pointer(&info))); ok == 0 {
		t.Fatal(err)
	}
}

func TestTheProxyOfAWindowsMachineIsReadAsItIsSet(t *testing.T) {
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() != nil {
		servers, bypass := systemProxy()
		t.Skipf("the proxy of a real machine (%q, without %q) is not changed for a test", servers, bypass)
	}
	defer setMachineProxy(t, "", "")
	for _, tt := range []struct{ servers, bypass string }{
		{"http=a:1;https=b:2", "*.example.org;<local>"},
		{"proxy.example.org:3128", ""},
		{"", ""},
	} {
		setMachineProxy(t, tt.servers, tt.bypass)
		for range 100 { // what is freed twice shows
			if servers, bypass := systemProxy(); servers != tt.servers || bypass != tt.bypass {
				t.Fatalf("%q, without %q; want %q, without %q", servers, bypass, tt.servers, tt.bypass)
			}
		}
	}
}

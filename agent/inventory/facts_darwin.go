package inventory

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// ReadFacts asks the kernel of a macOS. With an error, what could be read is still there. It has not been tried on a Mac.
func ReadFacts() (Facts, error) {
	f := Facts{Vendor: runtime.GOARCH, Processors: runtime.NumCPU()}
	if runtime.GOARCH == "amd64" {
		f.Vendor = "GenuineIntel" // Apple never built with another
	}
	var model, version, guest error
	f.Mac.Model, model = unix.Sysctl("hw.model")
	f.Mac.Version, version = unix.Sysctl("kern.osproductversion")
	present, guest := unix.SysctlUint32("kern.hv_vmm_present")
	f.Mac.Guest = guest == nil && present == 1
	if err := errors.Join(model, version, guest); err != nil {
		return f, fmt.Errorf("ask the kernel for the machine's kind: %w", err)
	}
	return f, nil
}

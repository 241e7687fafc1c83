package inventory

import (
	"io/fs"
	"strings"
)

// processor is a kind of processor: four makers and five ranges are the 20 words there are.
type processor struct {
	maker      string // intel, amd, arm or other; "" when not known
	number     int    // logical processors in use
	hypervisor bool   // it says that a hypervisor is below: in a virtual machine, in Xen's dom0
}

// String is "intel-5-8"; "" when something is not known.
func (p processor) String() string {
	numbers := processorRange(p.number)
	if p.maker == "" || numbers == "" {
		return ""
	}
	return p.maker + "-" + numbers
}

// maker is whom a processor comes from: by the vendor that x86 and Windows tell, or by an architecture's name.
func maker(vendor string) string {
	vendor = strings.ToLower(strings.TrimSpace(vendor))
	switch vendor {
	case "":
		return ""
	case "genuineintel":
		return "intel"
	case "authenticamd":
		return "amd"
	}
	for _, arm := range []string{"arm", "qualcomm", "apple", "ampere", "microsoft", "nvidia"} {
		if strings.HasPrefix(vendor, arm) {
			return "arm"
		}
	}
	return "other"
}

// readCPU reads /proc/cpuinfo, whose keys depend on the architecture: x86 names a vendor, ARM an implementer's number, the
// others their instruction set or model. Its model name and serial number, if any, are not looked at.
func readCPU(proc fs.FS) processor {
	var p processor
	for line := range strings.Lines(read(proc, "cpuinfo")) {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		switch key = strings.TrimSpace(key); {
		case key == "processor" || strings.HasPrefix(key, "processor "): // "processor 0" on s390
			p.number++
		case key == "vendor_id":
			p.maker = maker(value)
		case key == "CPU implementer":
			p.maker = "arm"
		case key == "isa" || key == "cpu":
			p.maker = "other"
		case key == "flags" && !p.hypervisor:
			p.hypervisor = strings.Contains(" "+strings.TrimSpace(value)+" ", " hypervisor ")
		}
	}
	return p
}

// Package inventory says what kind of machine this is, in classes that identify nobody.
package inventory

import (
	"io/fs"
	"strconv"
	"strings"
)

// Class is the kind of chassis a machine has, as far as its power is concerned.
type Class string

// The classes.
const (
	Notebook   Class = "notebook"
	Desktop    Class = "desktop"
	Mini       Class = "mini"
	AllInOne   Class = "all-in-one"
	ThinClient Class = "thin-client"
	Server     Class = "server"
	Unknown    Class = "unknown"
)

// Machine is a kind of machine.
type Machine struct {
	Class   Class
	Virtual bool   // it runs on a hypervisor
	RAM     string // range of memory in GiB, "8-16"; "" when not known
}

// Read looks at sys and proc, the roots of sysfs and procfs, and at the bytes of memory the system has (0: not known).
// What is not there, or cannot be read, is unknown. It reads no serial number, no address and no name of the machine.
func Read(sys, proc fs.FS, memory uint64) Machine {
	return Machine{
		Class:   chassis(line(sys, "class/dmi/id/chassis_type")),
		Virtual: virtual(sys, proc),
		RAM:     ramRange(memory),
	}
}

// chassis is the class of an SMBIOS chassis type (DMTF DSP0134 3.7, table 17).
func chassis(kind string) Class {
	switch kind {
	case "8", "9", "10", "14", "30", "31", "32": // portable, laptop, notebook, sub notebook, tablet, convertible, detachable
		return Notebook
	case "3", "4", "5", "6", "7", "15", "16", "24": // desktop, low profile, pizza box, mini tower, tower, space-saving, lunch box, sealed-case
		return Desktop
	case "35", "36": // mini PC, stick PC
		return Mini
	case "13":
		return AllInOne
	case "17", "23", "25", "28", "29": // main server, rack mount, multi-system, blade, blade enclosure
		return Server
	}
	return Unknown
}

// virtual knows a hypervisor by the processor's own flag, or by the maker that the firmware names.
func virtual(sys, proc fs.FS) bool {
	maker := line(sys, "class/dmi/id/sys_vendor")
	for _, name := range []string{"QEMU", "VMware", "innotek", "Xen", "Parallels", "Amazon EC2", "Google"} {
		if strings.HasPrefix(maker, name) {
			return true
		}
	}
	if line(sys, "class/dmi/id/product_name") == "Virtual Machine" { // Hyper-V
		return true
	}
	cpus, err := fs.ReadFile(proc, "cpuinfo")
	if err != nil {
		return false
	}
	for cpu := range strings.Lines(string(cpus)) {
		if name, flags, _ := strings.Cut(cpu, ":"); strings.TrimSpace(name) == "flags" {
			return strings.Contains(" "+strings.TrimSpace(flags)+" ", " hypervisor ")
		}
	}
	return false
}

// ramRange is the range that the memory falls in. What firmware and graphics keep for themselves is not counted by the
// system, so a machine sold with 16 GiB shows as 8-16.
func ramRange(memory uint64) string {
	if memory == 0 {
		return ""
	}
	const gib = 1 << 30
	for low := uint64(2); low <= 64; low *= 2 {
		if memory <= low*gib {
			return strconv.FormatUint(low/2, 10) + "-" + strconv.FormatUint(low, 10)
		}
	}
	return "64+"
}

func line(sys fs.FS, name string) string {
	b, err := fs.ReadFile(sys, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

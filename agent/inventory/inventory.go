// Package inventory says what kind of machine this is, in classes that identify nobody.
package inventory

import (
	"cmp"
	"io/fs"
	"math/bits"
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

// Machine is a kind of machine. Each of its words is one that the wire takes: letters, digits and - + . _ only.
type Machine struct {
	Class      Class
	Virtual    bool   // it runs on a hypervisor
	Hypervisor bool   // it hosts virtual machines; one that is itself virtual may do so too
	CPU        string // maker of the processor and range of logical processors, "intel-5-8"; "" when not known
	RAM        string // range of memory in GiB, "8-16"; "" when not known
	OSVersion  string // family, major version and, for Windows, channel: "debian-12"; "" when not known
	OSEnd      string // date on which its regular security support ends, "2026-07-11"; "" when not known
	Product    string // maker and name, "dell-optiplex-7090", when it is one of Sources.Products; "" otherwise
}

// Sources are what a machine is known from. Each may be missing.
type Sources struct {
	Sys    fs.FS  // root of sysfs
	Proc   fs.FS  // root of procfs
	Root   fs.FS  // root of the file system
	Memory uint64 // bytes that the system has; 0 when not known
	Facts  Facts  // what the system tells only when it is called: Windows and macOS

	// Products are the products that so many machines are that naming one names nobody. Without the list, which the site
	// gives, a machine's product stays on the machine.
	Products []string
}

// Facts are what Windows and macOS tell when they are called. Each may be missing.
type Facts struct {
	Firmware   Firmware // Windows
	Vendor     string   // what the processor says of its maker, or its architecture: "GenuineIntel", "arm64"
	Processors int      // logical processors
	Hypervisor bool     // the service by which Hyper-V manages virtual machines is installed
	Windows    Windows
	Mac        Mac
}

// Look says what kind of machine this is. What is not there, or cannot be read, is unknown. It reads no serial number, no
// address and no name of the machine, its owner or its user.
func Look(s Sources) Machine {
	firmware := s.Firmware()
	cpu := readCPU(s.Proc)
	dom0 := strings.Contains(read(s.Proc, "xen/capabilities"), "control_d")
	m := Machine{
		Class:      cmp.Or(s.Facts.Mac.class(), chassis(firmware.Chassis)),
		Virtual:    firmware.virtual() || s.Facts.Mac.virtual() || s.guest() || cpu.hypervisor && !dom0,
		Hypervisor: dom0 || s.Facts.Hypervisor || hosts(s.Sys, s.Root),
		CPU:        cmp.Or(cpu.String(), processor{maker: maker(s.Facts.Vendor), number: s.Facts.Processors}.String()),
		RAM:        ramRange(s.Memory),
		Product:    Shared(Product(s), s.Products),
	}
	if m.Virtual {
		m.Class = Unknown // its firmware makes a chassis up: Hyper-V's is a desktop
	}
	own := ""
	if m.OSVersion = cmp.Or(s.Facts.Windows.version(), s.Facts.Mac.version()); m.OSVersion == "" {
		m.OSVersion, own = osRelease(s.Root)
	}
	if support, ok := EndOfSupport(m.OSVersion); ok {
		own = support.End
	}
	m.OSEnd = own
	return m
}

// chassis is the class of an SMBIOS chassis type (DMTF DSP0134 3.7, table 17).
func chassis(kind byte) Class {
	switch kind {
	case 8, 9, 10, 14, 30, 31, 32: // portable, laptop, notebook, sub notebook, tablet, convertible, detachable
		return Notebook
	case 3, 4, 5, 6, 7, 15, 16, 24: // desktop, low profile, pizza box, mini tower, tower, space-saving, lunch box, sealed-case
		return Desktop
	case 35, 36: // mini PC, stick PC
		return Mini
	case 13:
		return AllInOne
	case 17, 23, 25, 28, 29: // main server, rack mount, multi-system, blade, blade enclosure
		return Server
	}
	return Unknown
}

// guest knows virtual machines whose firmware says nothing by what their kernel shows of the hypervisor.
func (s Sources) guest() bool {
	return read(s.Proc, "device-tree/hypervisor/compatible") != ""
}

// hosts tells whether a Linux hosts virtual machines now: KVM counts those that run as users of its module, and Proxmox VE
// is made for them. KVM built into the kernel, as on arm64, is not seen, nor are VirtualBox and VMware.
func hosts(sys, root fs.FS) bool {
	for _, module := range []string{"kvm_intel", "kvm_amd"} {
		if n, err := strconv.Atoi(read(sys, "module/"+module+"/refcnt")); err == nil && n > 0 {
			return true
		}
	}
	if root == nil {
		return false
	}
	_, err := fs.Stat(root, "usr/bin/pveversion")
	return err == nil
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

// read is a file without the space around it; "" when there is none.
func read(fsys fs.FS, name string) string {
	if fsys == nil {
		return ""
	}
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// processorRange is the range that a number of logical processors falls in, five of them; "" for none.
func processorRange(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= 4:
		return "1-4"
	case n > 32:
		return "33+"
	}
	high := 1 << bits.Len(uint(n-1))
	return strconv.Itoa(high/2+1) + "-" + strconv.Itoa(high)
}

package inventory_test

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"veille/agent/inventory"
)

const (
	officePC = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vmx\n\nprocessor\t: 1\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vmx\n"
	guestPC  = "processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu hypervisor\n"
)

func TestALinuxIsKnownByItsFiles(t *testing.T) {
	const id = "class/dmi/id/"
	for _, tt := range []struct {
		name            string
		sys, proc, root map[string]string
		want            inventory.Machine
	}{
		{
			"an office PC",
			map[string]string{id + "chassis_type": "3", id + "sys_vendor": "Dell Inc.", id + "product_name": "OptiPlex 7090"},
			map[string]string{"cpuinfo": officePC},
			map[string]string{"etc/os-release": "ID=debian\nVERSION_ID=\"12\""},
			inventory.Machine{Class: inventory.Desktop, CPU: "intel-1-4", OSVersion: "debian-12", OSEnd: "2026-07-11", Product: "dell-optiplex-7090"},
		},
		{
			"a server that runs virtual machines",
			map[string]string{id + "chassis_type": "23", "module/kvm_amd/refcnt": "12"},
			map[string]string{"cpuinfo": strings.Repeat("processor\t: 0\nvendor_id\t: AuthenticAMD\n\n", 64)},
			nil,
			inventory.Machine{Class: inventory.Server, Hypervisor: true, CPU: "amd-33+"},
		},
		{
			"a server that could run virtual machines",
			map[string]string{id + "chassis_type": "23", "module/kvm_intel/refcnt": "0"},
			nil, nil,
			inventory.Machine{Class: inventory.Server},
		},
		{
			"Proxmox", nil, nil,
			map[string]string{"usr/bin/pveversion": "", "usr/lib/os-release": "ID=debian\nVERSION_ID=\"13\""},
			inventory.Machine{Class: inventory.Unknown, Hypervisor: true, OSVersion: "debian-13", OSEnd: "2028-08-09"},
		},
		{
			"Xen's own domain is a host and no guest, though its processor speaks of a hypervisor",
			map[string]string{id + "chassis_type": "17"},
			map[string]string{"cpuinfo": guestPC, "xen/capabilities": "control_d"},
			nil,
			inventory.Machine{Class: inventory.Server, Hypervisor: true, CPU: "amd-1-4"},
		},
		{
			"a guest of Xen",
			nil,
			map[string]string{"cpuinfo": guestPC, "xen/capabilities": ""},
			nil,
			inventory.Machine{Class: inventory.Unknown, Virtual: true, CPU: "amd-1-4"},
		},
		{
			"a host inside a virtual machine is both, and its chassis is made up",
			map[string]string{id + "chassis_type": "3", id + "sys_vendor": "Microsoft Corporation", id + "product_name": "Virtual Machine", "module/kvm_intel/refcnt": "1"},
			nil, nil,
			inventory.Machine{Class: inventory.Unknown, Virtual: true, Hypervisor: true},
		},
		{
			"a notebook of a maker of hypervisors",
			map[string]string{id + "chassis_type": "9", id + "sys_vendor": "Microsoft Corporation", id + "product_name": "Surface Laptop 4"},
			nil, nil,
			inventory.Machine{Class: inventory.Notebook},
		},
		{
			"a Chromebook of a maker of clouds",
			map[string]string{id + "chassis_type": "9", id + "sys_vendor": "Google", id + "product_name": "Eve"},
			nil, nil,
			inventory.Machine{Class: inventory.Notebook},
		},
		{
			"a virtual machine on ARM, which has no flags",
			nil,
			map[string]string{"cpuinfo": "processor\t: 0\nCPU implementer\t: 0x41\n", "device-tree/hypervisor/compatible": "linux,kvm\x00"},
			nil,
			inventory.Machine{Class: inventory.Unknown, Virtual: true, CPU: "arm-1-4"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := inventory.Look(inventory.Sources{
				Sys: files(tt.sys), Proc: files(tt.proc), Root: files(tt.root), Products: []string{"DELL OptiPlex 7090"},
			})
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestAWindowsIsKnownByWhatItTells(t *testing.T) {
	windows11 := inventory.Windows{Build: "26100", Display: "24H2", Installation: "Client", Edition: "Professional"}
	for _, tt := range []struct {
		name  string
		facts inventory.Facts
		want  inventory.Machine
	}{
		{
			"a notebook",
			inventory.Facts{
				Firmware: inventory.Firmware{Chassis: 10, Maker: "LENOVO", Name: "20XW0026FR", Version: "ThinkPad T14 Gen 2"},
				Vendor:   "GenuineIntel", Processors: 8, Windows: windows11,
			},
			inventory.Machine{
				Class: inventory.Notebook, CPU: "intel-5-8", OSVersion: "windows-11-24h2", OSEnd: "2026-10-13", Product: "lenovo-thinkpad-t14-gen-2",
			},
		},
		{
			"a host of Hyper-V",
			inventory.Facts{
				Firmware: inventory.Firmware{Chassis: 23, Maker: "HPE", Name: "ProLiant"}, Vendor: "AuthenticAMD", Processors: 48, Hypervisor: true,
				Windows: inventory.Windows{Build: "20348", Display: "21H2", Installation: "Server Core", Edition: "ServerDatacenter"},
			},
			inventory.Machine{Class: inventory.Server, Hypervisor: true, CPU: "amd-33+", OSVersion: "windows-server-2022", OSEnd: "2031-10-14"},
		},
		{
			"a guest of Hyper-V",
			inventory.Facts{Firmware: inventory.Firmware{Chassis: 3, Maker: "Microsoft Corporation", Name: "Virtual Machine"}, Windows: windows11},
			inventory.Machine{Class: inventory.Unknown, Virtual: true, OSVersion: "windows-11-24h2", OSEnd: "2026-10-13"},
		},
		{
			"a PC with ARM's processor",
			inventory.Facts{Firmware: inventory.Firmware{Chassis: 9}, Vendor: "Qualcomm Technologies Inc", Processors: 12},
			inventory.Machine{Class: inventory.Notebook, CPU: "arm-9-16"},
		},
		{"nothing readable", inventory.Facts{Processors: 4}, inventory.Machine{Class: inventory.Unknown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := inventory.Look(inventory.Sources{Facts: tt.facts, Products: []string{"lenovo-thinkpad-t14-gen-2"}})
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestAMacIsKnownByTheNameOfItsModel(t *testing.T) {
	for _, tt := range []struct {
		mac  inventory.Mac
		want inventory.Machine
	}{
		{inventory.Mac{Model: "MacBookPro18,3", Version: "14.5"}, inventory.Machine{Class: inventory.Notebook, OSVersion: "macos-14"}},
		{inventory.Mac{Model: "iMac21,1", Version: "26.0"}, inventory.Machine{Class: inventory.AllInOne, OSVersion: "macos-26"}},
		{inventory.Mac{Model: "Macmini9,1", Version: "15"}, inventory.Machine{Class: inventory.Mini, OSVersion: "macos-15"}},
		{inventory.Mac{Model: "MacPro7,1", Version: "10.15.7"}, inventory.Machine{Class: inventory.Desktop, OSVersion: "macos-10.15"}},
		{inventory.Mac{Model: "Mac14,2"}, inventory.Machine{Class: inventory.Unknown}},
		{inventory.Mac{Model: "VirtualMac2,1"}, inventory.Machine{Class: inventory.Unknown, Virtual: true}},
		{inventory.Mac{Model: "MacBookPro18,3", Guest: true}, inventory.Machine{Class: inventory.Unknown, Virtual: true}},
	} {
		want := tt.want
		want.CPU = "arm-5-8"
		got := inventory.Look(inventory.Sources{Facts: inventory.Facts{Vendor: "arm64", Processors: 8, Mac: tt.mac}})
		if got != want {
			t.Errorf("%+v is %+v, want %+v", tt.mac, got, want)
		}
	}
	if got := inventory.Product(inventory.Sources{Facts: inventory.Facts{Mac: inventory.Mac{Model: "Mac14,2"}}}); got != "Apple Mac14,2" {
		t.Errorf("the product is %q", got)
	}
}

func TestProcessorsAreOfTwentyKinds(t *testing.T) {
	kinds := map[string]bool{}
	for _, vendor := range []string{"GenuineIntel", "AuthenticAMD", "arm64", "ARM Limited", "HygonGenuine", "IBM/S390"} {
		for n := 1; n <= 1024; n++ {
			kinds[inventory.Look(inventory.Sources{Facts: inventory.Facts{Vendor: vendor, Processors: n}}).CPU] = true
		}
	}
	if len(kinds) != 20 || !kinds["other-17-32"] || !kinds["intel-33+"] {
		t.Errorf("%d kinds: %v", len(kinds), kinds)
	}
	for n, want := range map[int]string{1: "arm-1-4", 4: "arm-1-4", 5: "arm-5-8", 8: "arm-5-8", 9: "arm-9-16", 16: "arm-9-16", 17: "arm-17-32", 32: "arm-17-32", 33: "arm-33+", 0: "", -1: ""} {
		if got := inventory.Look(inventory.Sources{Facts: inventory.Facts{Vendor: "arm64", Processors: n}}).CPU; got != want {
			t.Errorf("%d processors are %q, want %q", n, got, want)
		}
	}
}

func TestEachArchitectureHasItsOwnCPUInfo(t *testing.T) {
	for _, tt := range []struct{ name, cpuinfo, want string }{
		{"x86", officePC, "intel-1-4"},
		{"arm64, without a vendor", "processor\t: 0\nBogoMIPS\t: 48.00\nCPU implementer\t: 0x61\nSerial\t: 00000000deadbeef\n", "arm-1-4"},
		{"s390", "vendor_id       : IBM/S390\n# processors    : 2\nprocessor 0: version = FF,  identification = 0133E8,  machine = 2964\n", "other-1-4"},
		{"POWER", "processor\t: 0\ncpu\t\t: POWER9, altivec supported\n", "other-1-4"},
		{"RISC-V", "processor\t: 0\nhart\t\t: 1\nisa\t\t: rv64imafdc\n", "other-1-4"},
		{"a maker without processors", "vendor_id : GenuineIntel\n", ""},
		{"processors without a maker", "processor\t: 0\n", ""},
		{"nothing", "", ""},
	} {
		if got := inventory.Look(inventory.Sources{Proc: files(map[string]string{"cpuinfo": tt.cpuinfo})}).CPU; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// words are what the wire takes.
func words(t *testing.T, m inventory.Machine) {
	t.Helper()
	word := regexp.MustCompile(`^[A-Za-z0-9+._-]{0,64}$`)
	for name, s := range map[string]string{
		"class": string(m.Class), "cpu": m.CPU, "ram": m.RAM, "os version": m.OSVersion, "os end": m.OSEnd, "product": m.Product,
	} {
		if !word.MatchString(s) {
			t.Errorf("the %s is %q, which the wire does not take", name, s)
		}
	}
}

func FuzzFilesOfALinux(f *testing.F) {
	f.Add(officePC, "ID=ubuntu\nVERSION_ID=\"24.04\"\nSUPPORT_END=2029-05-31\n", "Dell Inc.", "OptiPlex 7090")
	f.Add(guestPC, "ID='opensuse-leap'\nVERSION_ID=15.6", "LENOVO", "")
	f.Add("processor 0:", "ID=\"\nVERSION_ID=....", "\x00", "é")
	f.Fuzz(func(t *testing.T, cpuinfo, release, maker, name string) {
		m := inventory.Look(inventory.Sources{
			Sys:      files(map[string]string{"class/dmi/id/sys_vendor": maker, "class/dmi/id/product_name": name}),
			Proc:     files(map[string]string{"cpuinfo": cpuinfo}),
			Root:     fstest.MapFS{"etc/os-release": {Data: []byte(release)}},
			Products: []string{maker + " " + name},
		})
		words(t, m)
		if m.OSVersion == "" && m.OSEnd != "" && !strings.Contains(release, m.OSEnd) {
			t.Errorf("a system that is not known ends on %s", m.OSEnd)
		}
	})
}

func FuzzFactsOfAWindows(f *testing.F) {
	f.Add("GenuineIntel", "26100", "24H2", "Client", "EnterpriseS", "Dell Inc.", "OptiPlex 7090", 8)
	f.Add("Qualcomm Technologies Inc", "14393", "1607", "Server", "ServerStandard", "HP", "HP Z2", 1)
	f.Fuzz(func(t *testing.T, vendor, build, display, installation, edition, maker, name string, n int) {
		words(t, inventory.Look(inventory.Sources{
			Facts: inventory.Facts{
				Vendor: vendor, Processors: n, Firmware: inventory.Firmware{Maker: maker, Name: name},
				Windows: inventory.Windows{Build: build, Display: display, Installation: installation, Edition: edition},
			},
			Products: []string{maker + " " + name},
		}))
	})
}

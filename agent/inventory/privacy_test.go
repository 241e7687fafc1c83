package inventory_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"veille/agent/inventory"
)

// watched is a tree that remembers which of its files were opened, read or listed.
type watched struct {
	fs.FS
	mu    *sync.Mutex
	names *[]string
}

func watch(files fs.FS) watched { return watched{files, new(sync.Mutex), new([]string)} }

func (w watched) note(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*w.names = append(*w.names, name)
}

func (w watched) Open(name string) (fs.File, error) {
	w.note(name)
	return w.FS.Open(name)
}

func (w watched) ReadFile(name string) ([]byte, error) {
	w.note(name)
	return fs.ReadFile(w.FS, name)
}

func (w watched) ReadDir(name string) ([]fs.DirEntry, error) {
	w.note(name)
	return fs.ReadDir(w.FS, name)
}

func TestNoFileThatNamesAMachineOrAPersonIsOpened(t *testing.T) {
	const secret = "SECRET"
	const id = "class/dmi/id/"
	sys, proc, root := map[string]string{
		id + "chassis_type": "10", id + "sys_vendor": "Dell Inc.", id + "product_name": "Latitude 5520", id + "product_version": "A01",
		"module/kvm_intel/refcnt": "1",
	}, map[string]string{
		"cpuinfo":          officePC + "Serial\t\t: " + secret + "\nmodel name\t: " + secret + "\nHardware\t: " + secret + "\n",
		"xen/capabilities": "",
	}, map[string]string{
		"etc/os-release":     "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"" + secret + "\"\nDEFAULT_HOSTNAME=" + secret + "\nIMAGE_ID=" + secret + "\nBUILD_ID=" + secret,
		"usr/bin/pveversion": "",
	}
	allowed := map[string]bool{}
	for _, tree := range []map[string]string{sys, proc, root} {
		for name := range tree {
			allowed[name] = true
		}
	}
	for _, more := range []string{"usr/lib/os-release", "module/kvm_amd/refcnt", "device-tree/hypervisor/compatible"} { // not there
		allowed[more] = true
	}
	for _, name := range []string{
		"product_serial", "product_uuid", "product_sku", "product_family", "board_serial", "board_asset_tag", "chassis_serial", "chassis_asset_tag", "uevent", "modalias",
	} {
		sys[id+name] = secret
	}
	for _, name := range []string{
		"class/net/eth0/address", "firmware/dmi/tables/DMI", "firmware/dmi/entries/1-0/raw", "block/sda/device/serial", "class/power_supply/BAT0/serial_number", "hypervisor/uuid",
	} {
		sys[name] = secret
	}
	for _, name := range []string{"sys/kernel/hostname", "sys/kernel/domainname", "sys/kernel/random/boot_id", "device-tree/serial-number", "net/arp"} {
		proc[name] = secret
	}
	for _, name := range []string{"etc/hostname", "etc/machine-id", "etc/hosts", "etc/passwd", "etc/machine-info", "var/lib/dbus/machine-id", "var/run/utmp", "etc/pve/.members"} {
		root[name] = secret
	}
	s, p, r := watch(files(sys)), watch(files(proc)), watch(files(root))
	sources := inventory.Sources{Sys: s, Proc: p, Root: r, Memory: 1 << 34, Products: []string{"Dell Latitude 5520", secret}}
	machine := inventory.Look(sources)
	product := inventory.Product(sources)
	want := inventory.Machine{
		Class: inventory.Notebook, Hypervisor: true, CPU: "intel-1-4", RAM: "8-16",
		OSVersion: "debian-12", OSEnd: "2026-07-11", Product: "dell-latitude-5520",
	}
	if machine != want {
		t.Errorf("got %+v, want %+v", machine, want)
	}
	for _, w := range []watched{s, p, r} {
		if len(*w.names) == 0 {
			t.Error("a tree was not looked at: the test watches nothing")
		}
		for _, name := range *w.names {
			if !allowed[name] {
				t.Errorf("%s was opened", name)
			}
		}
	}
	all, err := json.Marshal(machine)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ToUpper(string(all)+product), secret) {
		t.Errorf("the secret is in %s or in %q", all, product)
	}
}

func TestNoSecretOfTheFirmwareTableIsInAnyField(t *testing.T) {
	firmware, err := inventory.ParseFirmware(notebook())
	if err != nil {
		t.Fatal(err)
	}
	sources := inventory.Sources{Facts: inventory.Facts{Firmware: firmware}, Products: []string{"Dell Latitude 5520"}}
	all, err := json.Marshal([]any{firmware, inventory.Look(sources), inventory.Product(sources)})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(all), "dell-latitude-5520") || strings.Contains(string(all), "SECRET") {
		t.Errorf("the machine is %s", all)
	}
}

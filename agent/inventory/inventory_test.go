package inventory_test

import (
	"testing"
	"testing/fstest"

	"veille/agent/inventory"
)

func files(names map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range names {
		fsys[name] = &fstest.MapFile{Data: []byte(text + "\n")}
	}
	return fsys
}

func TestRead(t *testing.T) {
	const id = "class/dmi/id/"
	for _, tt := range []struct {
		name   string
		sys    map[string]string
		proc   map[string]string
		memory uint64
		want   inventory.Machine
	}{
		{"nothing readable", nil, nil, 0, inventory.Machine{Class: inventory.Unknown}},
		{"notebook", map[string]string{id + "chassis_type": "10"}, nil, 16_600_000_000, inventory.Machine{Class: inventory.Notebook, RAM: "8-16"}},
		{"tower", map[string]string{id + "chassis_type": "7"}, nil, 8 << 30, inventory.Machine{Class: inventory.Desktop, RAM: "4-8"}},
		{"mini", map[string]string{id + "chassis_type": "35"}, nil, 1 << 30, inventory.Machine{Class: inventory.Mini, RAM: "1-2"}},
		{"all-in-one", map[string]string{id + "chassis_type": "13"}, nil, 1 << 40, inventory.Machine{Class: inventory.AllInOne, RAM: "64+"}},
		{"rack server", map[string]string{id + "chassis_type": "23"}, nil, 0, inventory.Machine{Class: inventory.Server}},
		{"chassis nobody knows", map[string]string{id + "chassis_type": "x99"}, nil, 0, inventory.Machine{Class: inventory.Unknown}},
		{
			"virtual machine by its firmware",
			map[string]string{id + "chassis_type": "1", id + "sys_vendor": "QEMU"},
			nil, 0,
			inventory.Machine{Class: inventory.Unknown, Virtual: true},
		},
		{
			"virtual machine by its processor", nil,
			map[string]string{"cpuinfo": "processor\t: 0\nflags\t\t: fpu sse hypervisor lahf_lm"},
			0,
			inventory.Machine{Class: inventory.Unknown, Virtual: true},
		},
		{
			"a processor that runs hypervisors is not one", nil,
			map[string]string{"cpuinfo": "flags\t\t: fpu hypervisors_guest vmx"},
			0,
			inventory.Machine{Class: inventory.Unknown},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := inventory.Look(inventory.Sources{Sys: files(tt.sys), Proc: files(tt.proc), Memory: tt.memory}); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

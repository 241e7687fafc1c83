package fleet

import "veille/agent/wire"

// The uses, as indices.
const (
	shared = iota
	individual
	server
)

func useName(use int) wire.Use { return [...]wire.Use{wire.Shared, wire.Individual, wire.Server}[use] }

// kind is a kind of machine, and how it is measured.
type kind struct {
	wire.Machine        // without what changes: sleep setting, version of the agent
	meter        string // what measures it; see the meters
	portable     bool
	external     []string // of its screens those that it does not see into
	modes        *modes   // powers of its class; nil: none are typical
	weight       [3]int   // of a thousand machines of each use: shared, individual, servers
}

// The meters.
const (
	noMeter       = ""         // nothing, and nothing typical: a virtual machine
	byClass       = "class"    // the powers of the class
	byDeclaration = "declared" // the powers that its maker declares
	byRAPL        = "rapl"     // the processors, by their own counter, and the machine around them
	byEMI         = "emi"      // the same on Windows
	byPsys        = "psys"     // the platform counter
	byBattery     = "battery"  // its battery while it runs on it, otherwise the powers of the class
	byPlug        = "plug"     // a plug between it and the wall
)

// modes are powers in milliwatts: low, middle and high. They are those of agent/power.ModesOf.
type modes struct {
	idle, dark, sleep, off, busy, processors [3]int64
}

func modesOf(class string) *modes {
	switch class {
	case "notebook":
		return &modes{
			idle: [3]int64{3000, 6000, 10_000}, dark: [3]int64{1500, 3500, 6000}, sleep: [3]int64{300, 800, 3000},
			off: [3]int64{100, 300, 500}, busy: [3]int64{15_000, 25_000, 45_000}, processors: [3]int64{500, 2000, 5000},
		}
	case "desktop":
		return &modes{
			idle: [3]int64{12_000, 22_000, 40_000}, dark: [3]int64{10_000, 20_000, 35_000}, sleep: [3]int64{700, 1500, 5000},
			off: [3]int64{200, 500, 1000}, busy: [3]int64{45_000, 65_000, 100_000}, processors: [3]int64{3000, 9000, 25_000},
		}
	case "mini":
		return &modes{
			idle: [3]int64{4000, 9000, 15_000}, dark: [3]int64{3500, 8000, 13_000}, sleep: [3]int64{500, 1200, 3000},
			off: [3]int64{200, 500, 1000}, busy: [3]int64{25_000, 35_000, 65_000}, processors: [3]int64{1000, 4000, 8000},
		}
	case "all-in-one":
		return &modes{
			idle: [3]int64{15_000, 28_000, 45_000}, dark: [3]int64{8000, 15_000, 25_000}, sleep: [3]int64{700, 1500, 5000},
			off: [3]int64{200, 500, 1000}, busy: [3]int64{45_000, 60_000, 100_000}, processors: [3]int64{2000, 6000, 15_000},
		}
	case "thin-client":
		return &modes{
			idle: [3]int64{3000, 7000, 12_000}, dark: [3]int64{2500, 6000, 10_000}, sleep: [3]int64{700, 1300, 5000},
			off: [3]int64{200, 300, 1000}, busy: [3]int64{10_000, 15_000, 25_000}, processors: [3]int64{500, 2000, 5000},
		}
	}
	return nil
}

// rack is the powers of a server, which no class has: so that its meters have something to show. A declared server takes
// 1528 kWh a year in the middle (facts/energy.md §2.2), 174 W.
func rack() *modes {
	w := [3]int64{90_000, 150_000, 260_000}
	return &modes{idle: w, dark: w, sleep: w, off: [3]int64{3000, 6000, 12_000}, busy: [3]int64{200_000, 320_000, 600_000}, processors: [3]int64{25_000, 60_000, 120_000}}
}

// The systems: their versions, and the ends of their support as the agent's table has them (agent/inventory/support.csv).
func onWindows10(m wire.Machine) wire.Machine {
	return system(m, "windows", "windows-10-22h2-enterprise", "2025-10-14")
}

func onWindows11(m wire.Machine) wire.Machine {
	return system(m, "windows", "windows-11-24h2-enterprise", "2027-10-12")
}

func onDebian(m wire.Machine) wire.Machine { return system(m, "linux", "debian-12", "2026-07-11") }

func system(m wire.Machine, os, version, end string) wire.Machine {
	m.OS, m.OSVersion, m.OSEnd = os, version, end
	return m
}

// kinds are what machines there are. The weights are guesses: old desktops in classrooms, notebooks on desks.
func kinds() []kind {
	of := func(class, cpu, ram string, screens ...string) wire.Machine {
		return wire.Machine{Class: class, CPU: cpu, RAM: ram, Screens: screens}
	}
	all := []kind{
		{Machine: onWindows10(of("desktop", "intel-1-4", "4-8", "<23")), meter: byClass, weight: [3]int{230, 60, 0}},
		{Machine: onWindows11(of("desktop", "intel-5-8", "4-8", "23-24")), meter: byEMI, weight: [3]int{250, 110, 0}},
		{Machine: onWindows11(of("desktop", "amd-9-16", "8-16", "23-24")), meter: byDeclaration, weight: [3]int{90, 50, 0}},
		{Machine: onWindows11(of("mini", "intel-5-8", "8-16", "23-24")), meter: byEMI, weight: [3]int{130, 70, 0}},
		{Machine: onDebian(of("desktop", "intel-1-4", "4-8", "<23")), meter: byRAPL, weight: [3]int{60, 10, 0}},
		{Machine: system(of("all-in-one", "intel-5-8", "4-8", "internal"), "windows", "windows-11-23h2-enterprise", "2026-11-10"), meter: byClass, weight: [3]int{90, 40, 0}},
		{Machine: system(of("thin-client", "amd-1-4", "2-4", "<23"), "linux", "ubuntu-22.04", "2027-06-01"), meter: byClass, weight: [3]int{40, 10, 0}},
		{Machine: onWindows11(of("desktop", "intel-5-8", "8-16", "25-27")), meter: byPlug, weight: [3]int{20, 5, 0}},
		{Machine: onWindows11(of("notebook", "intel-5-8", "4-8", "internal")), meter: byBattery, weight: [3]int{90, 180, 0}},
		{Machine: onWindows11(of("notebook", "intel-9-16", "8-16", "internal", "23-24")), meter: byBattery, weight: [3]int{0, 250, 0}},
		{Machine: onWindows11(of("notebook", "amd-9-16", "8-16", "internal", "25-27", "25-27")), meter: byEMI, weight: [3]int{0, 135, 0}},
		{Machine: onDebian(of("notebook", "intel-9-16", "16-32", "internal")), meter: byPsys, weight: [3]int{0, 40, 0}},
		{Machine: system(of("notebook", "arm-5-8", "8-16", "internal"), "darwin", "macos-15", ""), meter: byBattery, weight: [3]int{0, 40, 0}},
		{Machine: onDebian(of("server", "intel-17-32", "64+")), meter: byRAPL, weight: [3]int{0, 0, 270}},
		{Machine: onDebian(of("server", "amd-33+", "64+")), meter: byRAPL, weight: [3]int{0, 0, 180}},
		{Machine: system(of("server", "intel-9-16", "32-64"), "windows", "windows-server-2022", "2031-10-14"), meter: byPlug, weight: [3]int{0, 0, 250}},
		{Machine: onDebian(of("unknown", "intel-1-4", "4-8")), meter: noMeter, weight: [3]int{0, 0, 300}},
	}
	for i := range all {
		k := &all[i]
		k.portable = k.Class == "notebook"
		k.modes = modesOf(k.Class)
		switch {
		case k.Class == "server":
			k.modes, k.Hypervisor = rack(), k.CPU == "amd-33+"
		case k.meter == noMeter:
			k.Virtual = true
		}
		for _, s := range k.Screens {
			if s != "internal" {
				k.external = append(k.external, s)
			}
		}
	}
	return all
}

// screen is the power of an external screen that shows a picture, in milliwatts: agent/power.ScreensFigure has the same.
func screen(size string) int64 {
	switch size {
	case "<23":
		return 10_000
	case "23-24":
		return 12_000
	case "25-27":
		return 17_000
	}
	return 15_000
}

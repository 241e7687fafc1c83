package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"

	"veille/agent/inventory"
	"veille/agent/power"
	"veille/agent/uptime"
	"veille/agent/wire"
)

// System is what an agent asks of the machine it runs on.
type System struct {
	Clock func() (uptime.Reading, error)
	Host  Host
	Sys   fs.FS // root of sysfs; empty where there is none
	Proc  fs.FS // root of procfs; empty where there is none
	Root  fs.FS // root of the file system, for its settings; empty where there are none

	// Display says whether the machine sends a picture to a screen; nil when nobody knows.
	Display func() uptime.Display
}

// Meter is a way to know the machine's energy, and whether it is used.
type Meter struct {
	Name   string `json:"meter"`            // as in the method of a figure: battery, psys, rapl, emi, rapl+model or model-class
	Used   bool   `json:"used"`             // its figures are in the record
	Scope  string `json:"scope"`            // of its figures: cpu or machine
	Detail string `json:"detail,omitempty"` // what it counts
	Reason string `json:"reason,omitempty"` // why it is not used
}

// Survey is what was found on a machine: its kind, and how its energy can be known.
type Survey struct {
	Machine  wire.Machine
	Meters   []Meter
	counting []power.Meter // the best first
	modes    *power.Modes  // nil when nothing typical can be said of the class
}

// Look finds out what kind of machine this is and which meters it has. class, when not "", takes the place of the chassis
// class read from the firmware. version is that of the agent.
func (s System) Look(ctx context.Context, class, version string) (Survey, error) {
	memory, err := s.Host.Memory(ctx)
	if err != nil {
		memory = 0 // the range of memory is then not known; nothing else depends on it
	}
	found := inventory.Read(s.Sys, s.Proc, memory)
	if class != "" {
		found.Class = inventory.Class(class)
	}
	v := Survey{Machine: wire.Machine{
		Class: string(found.Class), Virtual: found.Virtual, OS: runtime.GOOS, RAM: found.RAM, Agent: version,
	}}
	v.lookForBattery(s.Sys)
	cpu := v.lookForProcessors(s.Sys)
	modes, meter, err := lookForModes(v.Machine, cpu)
	v.modes, v.Meters = modes, append(v.Meters, meter)
	return v, err
}

// SleepAfter is how long the system waits before it puts an unused machine to sleep, a time, never or unknown, with the
// reason where its settings cannot be read.
func (s System) SleepAfter() string {
	sleep, err := uptime.ReadSleepAfter(s.Root)
	if err != nil {
		return fmt.Sprintf("%v (%v)", sleep, err)
	}
	return sleep.String()
}

// use takes a meter that was found; the next are less good for the same scope.
func (v *Survey) use(meter power.Meter, m Meter) {
	m.Used = true
	v.counting, v.Meters = append(v.counting, meter), append(v.Meters, m)
}

// refuse keeps why a meter is not used.
func (v *Survey) refuse(m Meter, none string, err error) {
	switch m.Reason = err.Error(); {
	case errors.Is(err, power.ErrNoMeter):
		m.Reason = none
	case errors.Is(err, fs.ErrPermission):
		m.Reason = fmt.Sprintf("the counter is there, and only root may read it: run the agent as its service, which is allowed to (%v)", err)
	}
	v.Meters = append(v.Meters, m)
}

func (v *Survey) lookForBattery(sys fs.FS) {
	m := Meter{
		Name: string(power.MethodBattery), Scope: string(power.ScopeMachine),
		Detail: "what the batteries give, while nothing else feeds the machine",
	}
	battery, err := power.NewBattery(sys)
	if errors.Is(err, power.ErrNoMeter) {
		battery, err = power.NewSystemBattery(power.ReadSystemBattery)
	}
	switch {
	case err != nil:
		m.Detail = ""
		v.refuse(m, "this machine has no battery of its own", err)
		return
	case battery.Problem() != nil:
		m.Detail += fmt.Sprintf("; not now: %v", battery.Problem())
	}
	v.use(battery, m)
}

// lookForProcessors looks for the counters of the processor and of the platform, and says whether there are any.
func (v *Survey) lookForProcessors(sys fs.FS) bool {
	psys := Meter{Name: string(power.MethodPsys), Scope: string(power.ScopeMachine)}
	cpu := Meter{Name: string(power.MethodRAPL), Scope: string(power.ScopeCPU)}
	rapl, err := power.NewRAPL(sys)
	if err == nil {
		if rapl.Platform() {
			psys.Used, psys.Detail = true, "the platform's own energy counter, as long as it makes sense beside the processor's"
		} else {
			psys.Reason = "this system shows no energy counter of the platform"
		}
		v.Meters = append(v.Meters, psys)
		cpu.Detail = fmt.Sprintf("energy counters of the processor: %v%s", rapl.Zones(), listLeft(rapl.Left()))
		v.use(rapl, cpu)
		return true
	}
	if runtime.GOOS != "windows" {
		v.refuse(cpu, "this system shows no energy counter of the processor", err)
		return false
	}
	cpu.Name = string(power.MethodEMI)
	devices, err := power.EMIDevices()
	var emi *power.EMI
	if err == nil {
		emi, err = power.NewEMI(devices)
	}
	if err != nil {
		v.refuse(cpu, "this system shows no energy counter of the processor (Windows 11 does, on a real machine)", err)
		return false
	}
	cpu.Detail = fmt.Sprintf("energy meter interface: %v%s", emi.Zones(), listLeft(emi.Left()))
	v.use(emi, cpu)
	return true
}

// listLeft says which counters are not added, and why.
func listLeft(list []power.Left) string {
	var all []string
	for _, l := range list {
		all = append(all, l.Name+" ("+l.Why+")")
	}
	if len(all) == 0 {
		return ""
	}
	return "; not added: " + strings.Join(all, ", ")
}

// lookForModes looks for what is typical of the class; measured tells whether the processors are measured.
func lookForModes(machine wire.Machine, measured bool) (*power.Modes, Meter, error) {
	m := Meter{Name: string(power.MethodModelClass), Scope: string(power.ScopeMachine)}
	if measured {
		m.Name = string(power.MethodRAPLModel)
	}
	modes, ok := power.ModesOf(machine.Class)
	if !ok {
		if machine.Class != string(inventory.Server) {
			return nil, m, fmt.Errorf("class %q is none of %v, server, unknown; correct --class", machine.Class, power.Classes())
		}
		m.Reason = "nothing typical can be said of servers; their energy is measured or not known"
		return nil, m, nil
	}
	m.Used = true
	m.Detail = fmt.Sprintf("power of each state typical of class %q, times the measured time in that state", machine.Class)
	if measured {
		m.Detail += "; while on, with what the processor uses more or less than in an idle machine of the class"
	}
	if machine.Class == string(inventory.Unknown) {
		m.Detail += "; the firmware names no chassis, so the range spans all classes of office machines (set --class to narrow it)"
	}
	if machine.Virtual {
		m.Detail += "; this is a virtual machine: it cannot see its host's meters, and its host's energy must not be added to it"
	}
	return &modes, m, nil
}

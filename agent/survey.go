package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"

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
}

// Meter is a way to know the machine's energy, and whether it is used.
type Meter struct {
	Name   string `json:"meter"`            // rapl or model-class
	Used   bool   `json:"used"`             // its figures are in the record
	Scope  string `json:"scope"`            // of its figures: cpu or machine
	Detail string `json:"detail,omitempty"` // what it counts
	Reason string `json:"reason,omitempty"` // why it is not used
}

// Survey is what was found on a machine: its kind, and how its energy can be known.
type Survey struct {
	Machine wire.Machine
	Meters  []Meter
	rapl    *power.RAPL  // nil when there is none
	modes   *power.Modes // nil when nothing typical can be said of the class
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
	rapl, meter := lookForRAPL(s.Sys)
	v.rapl, v.Meters = rapl, append(v.Meters, meter)
	modes, meter, err := lookForModes(v.Machine)
	v.modes, v.Meters = modes, append(v.Meters, meter)
	return v, err
}

func lookForRAPL(sys fs.FS) (*power.RAPL, Meter) {
	m := Meter{Name: "rapl", Scope: string(power.ScopeCPU)}
	rapl, err := power.NewRAPL(sys)
	switch {
	case err == nil:
		m.Used, m.Detail = true, fmt.Sprintf("energy counters of the processor: %v", rapl.Zones())
	case errors.Is(err, power.ErrNoMeter):
		m.Reason = "this system shows no energy counter of the processor"
	case errors.Is(err, fs.ErrPermission):
		m.Reason = fmt.Sprintf("the counter is there, and only root may read it: run the agent as its service, which is allowed to (%v)", err)
	default:
		m.Reason = err.Error()
	}
	return rapl, m
}

func lookForModes(machine wire.Machine) (*power.Modes, Meter, error) {
	m := Meter{Name: string(power.MethodModelClass), Scope: string(power.ScopeMachine)}
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
	if machine.Class == string(inventory.Unknown) {
		m.Detail += "; the firmware names no chassis, so the range spans all classes of office machines (set --class to narrow it)"
	}
	if machine.Virtual {
		m.Detail += "; this is a virtual machine: it cannot see its host's meters, and its host's energy must not be added to it"
	}
	return &modes, m, nil
}

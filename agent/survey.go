package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"veille/agent/inventory"
	"veille/agent/power"
	"veille/agent/uptime"
	"veille/agent/wire"
)

// Meter is a way to know the machine's energy, and whether it is used.
type Meter struct {
	Name   string `json:"meter"`            // as in the method of a figure: plug, battery, psys, rapl, emi, rapl+model …
	Used   bool   `json:"used"`             // its figures are in the record
	Scope  string `json:"scope"`            // of its figures: cpu, machine or display
	Detail string `json:"detail,omitempty"` // what it counts
	Reason string `json:"reason,omitempty"` // why it is not used
}

// Survey is what was found on a machine: its kind, and how its energy can be known.
type Survey struct {
	Machine  wire.Machine
	Meters   []Meter
	counting []power.Meter // the best first
	known    known
	kind     inventory.Machine
	firmware inventory.Firmware
	product  string // maker and model; like the firmware it stays on the machine
	battery  bool   // it has one that tells its energy

	// describe says again what the meters of the processors count, which they may learn as they count.
	describe func() []Meter
}

// Told is what an agent was told of its machine by those who run it.
type Told struct {
	Class    string   // takes the place of the chassis class that the firmware gives; "": as the firmware says
	Version  string   // of the agent
	Products []string // those that many machines of the organisation are; only these may be named in a record

	// Fit is what this machine showed on battery until now, nil when nothing; it is asked of machines with a battery.
	Fit func() (*power.Fit, error)

	// Declared looks a product up by its maker and names, the best first, among those whose power somebody declared; nil when
	// none was imported.
	Declared func(maker string, names ...string) (power.Product, bool, error)
}

// Look finds out what kind of machine this is and which meters it has. Its error says that the class told is not known.
func (s System) Look(ctx context.Context, told Told) (Survey, error) {
	memory, err := s.Host.Memory(ctx)
	if err != nil {
		memory = 0 // the range of memory is then not known; nothing else depends on it
	}
	from := s.sources(memory, told.Products)
	kind := inventory.Look(from)
	if told.Class != "" {
		kind.Class = inventory.Class(told.Class)
	}
	v := Survey{kind: kind, firmware: from.Firmware(), product: inventory.Product(from)}
	v.lookForPlug(s.Sys)
	v.lookForBattery(s)
	cpu := v.lookForProcessors(s)
	if v.battery && kind.Class == inventory.Unknown && !kind.Virtual { // no other machine has a battery of its own
		v.kind.Class = inventory.Notebook
	}
	v.Machine = machineOf(v.kind, s.OS, told.Version)
	if err := v.lookForModes(told, cpu); err != nil {
		return v, err
	}
	v.Refresh(s)
	v.lookForScreens()
	return v, nil
}

// findBattery takes up a battery that was put into a machine that had none, and tells whether there is one. What it is to teach
// begins at the next start.
func (v *Survey) findBattery(s System) bool {
	if v.battery {
		return false
	}
	battery, err := s.battery()
	if err != nil {
		return false
	}
	before := 0
	if len(v.counting) > 0 {
		if _, plug := v.counting[0].(*power.Wattmeter); plug { // it measures more
			before = 1
		}
	}
	v.battery, v.counting = true, slices.Insert(slices.Clone(v.counting), before, power.Meter(battery))
	return true
}

// Refresh looks again at what changes while a machine runs: its screens, and its sleep setting. While the display is dark some
// screens do not answer: then those that were seen stay.
func (v *Survey) Refresh(s System) {
	screens := s.screens(v.kind)
	if screens = screens[:min(len(screens), wire.MaxScreens)]; len(screens) >= len(v.Machine.Screens) || s.display() != uptime.DisplayOff {
		v.Machine.Screens, v.known.screens = nil, nil
		for _, screen := range screens {
			v.Machine.Screens = append(v.Machine.Screens, sizeOf(screen))
			if !screen.Internal {
				v.known.screens = append(v.known.screens, screen.Size)
			}
		}
	}
	v.Machine.SleepAfter = ""
	sleep, err := s.sleepAfter()
	switch {
	case err != nil || !sleep.Known:
	case sleep.Never() || sleep.Minutes() > 999_999: // two years are never
		v.Machine.SleepAfter = "never"
	default:
		v.Machine.SleepAfter = strconv.Itoa(sleep.Minutes())
	}
}

// machineOf is the machine as the record describes it.
func machineOf(kind inventory.Machine, system, version string) wire.Machine {
	return wire.Machine{
		Class: string(kind.Class), Virtual: kind.Virtual, Hypervisor: kind.Hypervisor, OS: system, OSVersion: kind.OSVersion,
		OSEnd: kind.OSEnd, CPU: kind.CPU, RAM: kind.RAM, Product: kind.Product, Agent: version,
	}
}

// sizeOf is a screen as the record describes it.
func sizeOf(s uptime.Screen) string {
	switch {
	case s.Internal:
		return "internal"
	case s.Size == "":
		return "unknown"
	}
	return s.Size
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

func (v *Survey) lookForPlug(sys fs.FS) {
	m := Meter{Name: string(power.MethodPlug), Scope: string(power.ScopeMachine)}
	meter, err := power.NewPowerMeter(sys)
	if err != nil {
		v.refuse(m, "this system shows no wattmeter of the power supply (some servers do)"+listLeft(power.LeftSensors(sys)), err)
		return
	}
	m.Detail = "the wattmeter of the power supply" + listLeft(meter.Left()) + notNow(meter.Problem())
	v.use(meter, m)
}

// notNow says why a meter has nothing to say at the moment.
func notNow(problem error) string {
	if problem == nil {
		return ""
	}
	return fmt.Sprintf("; not now: %v", problem)
}

func (v *Survey) lookForBattery(s System) {
	m := Meter{
		Name: string(power.MethodBattery), Scope: string(power.ScopeMachine),
		Detail: "what the batteries give, while nothing else feeds the machine",
	}
	battery, err := s.battery()
	if err != nil {
		m.Detail = ""
		v.refuse(m, "this machine has no battery of its own", err)
		return
	}
	m.Detail += notNow(battery.Problem())
	v.battery = true
	v.use(battery, m)
}

// battery is the batteries of the machine, as its system shows them.
func (s System) battery() (*power.Battery, error) {
	switch {
	case s.Battery != nil:
		return power.NewSystemBattery(s.Battery)
	case s.IORegistry != nil:
		return power.NewAppleBattery(s.IORegistry)
	}
	return power.NewBattery(s.Sys)
}

// lookForProcessors looks for the counters of the processor and of the platform, and says whether there are any.
func (v *Survey) lookForProcessors(s System) bool {
	cpu := Meter{Name: string(power.MethodRAPL), Scope: string(power.ScopeCPU)}
	if s.EMI != nil {
		return v.lookForEMI(s.EMI)
	}
	rapl, err := power.NewRAPL(s.Sys)
	if err != nil {
		v.refuse(cpu, "this system shows no energy counter of the processor", err)
		return false
	}
	v.counting = append(v.counting, rapl)
	v.describe = func() []Meter {
		cpu.Used = true
		cpu.Detail = "energy counters of the processor: " + strings.Join(rapl.Zones(), ", ") + listLeft(rapl.Left())
		return []Meter{platformOf(rapl), cpu}
	}
	v.Meters = append(v.Meters, v.describe()...)
	return true
}

// platformOf is the platform's own counter as a meter.
func platformOf(rapl *power.RAPL) Meter {
	m := Meter{Name: string(power.MethodPsys), Scope: string(power.ScopeMachine), Used: rapl.Platform()}
	if m.Used {
		m.Detail = "the platform's own energy counter, as long as it makes sense beside the processor's"
		return m
	}
	m.Reason = "this system shows no energy counter of the platform"
	for _, left := range rapl.Left() {
		if left.Name == m.Name {
			m.Reason = left.Why
		}
	}
	return m
}

// now is the meters as they are now, after they have counted.
func (v *Survey) now() []Meter {
	all := slices.Clone(v.Meters)
	if v.describe == nil {
		return all
	}
	for _, m := range v.describe() {
		for i := range all {
			if all[i].Name == m.Name && all[i].Scope == m.Scope {
				all[i] = m
			}
		}
	}
	return all
}

func (v *Survey) lookForEMI(open func() ([]power.EMIDevice, error)) bool {
	cpu := Meter{Name: string(power.MethodEMI), Scope: string(power.ScopeCPU)}
	devices, err := open()
	var emi *power.EMI
	if err == nil {
		emi, err = power.NewEMI(devices)
	}
	if err != nil {
		none := "this system shows no energy counter of the processor (Windows 11 does, on a real machine)"
		if other, ok := errors.AsType[power.NoPackageError](err); ok {
			none += "; energy meters of something else: " + strings.Join(other.Channels, ", ")
		}
		v.refuse(cpu, none, err)
		return false
	}
	v.counting = append(v.counting, emi)
	v.describe = func() []Meter {
		cpu.Used, cpu.Detail = true, "energy meter interface: "+strings.Join(emi.Zones(), ", ")+listLeft(emi.Left())
		return []Meter{cpu}
	}
	v.Meters = append(v.Meters, v.describe()...)
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

// lookForModes looks for what is known of the power of the machine in each state: declared for its product, or typical of
// its class. measured tells whether the processors are measured.
func (v *Survey) lookForModes(told Told, measured bool) error {
	class := string(v.kind.Class)
	modes, ok := power.ModesOf(class)
	if !ok && class != string(inventory.Server) {
		return fmt.Errorf("class %q is none of %v, server, unknown; correct --class", class, power.Classes())
	}
	declared := v.lookForDeclared(told, &modes)
	calibrated := ""
	if !declared {
		calibrated = byPlugs(told, class, &modes)
	}
	m := Meter{Name: string(power.MethodModelClass), Scope: string(power.ScopeMachine)}
	switch {
	case measured:
		m.Name = string(power.MethodRAPLModel)
	case declared:
		m.Reason, v.known.modes = "the power of this product is declared", &modes
		v.Meters = append(v.Meters, m)
		return nil
	}
	if !ok && !declared {
		m.Reason = "nothing typical can be said of servers; their energy is measured or not known"
		v.Meters = append(v.Meters, m)
		return nil
	}
	m.Used, v.known.modes = true, &modes
	m.Detail = fmt.Sprintf("power of each state typical of class %q, times the measured time in that state", class) + calibrated
	if declared {
		m.Detail = "power of each state declared for this product, times the measured time in that state"
	}
	if measured {
		m.Detail += "; while on, with what the processor uses more or less than in an idle machine of the class" + v.calibrate(told.Fit, modes)
	}
	if class == string(inventory.Unknown) && !declared {
		m.Detail += "; the firmware names no chassis, so the range spans all classes of office machines (set --class to narrow it)"
	}
	if v.kind.Virtual {
		m.Detail += "; this is a virtual machine: it cannot see its host's meters, and its host's energy must not be added to it"
	}
	v.Meters = append(v.Meters, m)
	return nil
}

// lookForDeclared looks for the power that somebody declared for the machine's product. Where it is known, modes become it.
func (v *Survey) lookForDeclared(told Told, modes *power.Modes) bool {
	m := Meter{Name: string(power.MethodModelDeclared), Scope: string(power.ScopeMachine)}
	var own power.Modes
	var ok bool
	switch product, found, err := v.declared(told); {
	case told.Declared == nil:
		m.Reason = "no declared power of products was imported (veille-agent models import)"
	case err != nil:
		m.Reason = strings.Join(sentences(err), "; ")
	case !found:
		m.Reason = "none of the products imported is this machine"
	default:
		if own, ok = product.Modes(string(v.kind.Class)); !ok {
			m.Reason = fmt.Sprintf("what is declared for %v does not say what it draws while on, or nothing typical can be said beside it", product)
			break
		}
		*modes, m.Used = own, true
		m.Detail = fmt.Sprintf("power of each state declared for %v (%s, entries: %d), times the measured time in that state", product, product.Source, product.Fits)
	}
	v.Meters = append(v.Meters, m)
	return ok
}

func (v *Survey) declared(told Told) (power.Product, bool, error) {
	if told.Declared == nil {
		return power.Product{}, false, nil
	}
	names := []string{v.firmware.Name, v.firmware.Version}
	if strings.EqualFold(v.firmware.Maker, "LENOVO") { // its product name is the number of a configuration
		slices.Reverse(names)
	}
	return told.Declared(v.firmware.Maker, names...)
}

// lookForScreens says what is known of the external screens, which no meter inside the machine sees.
func (v *Survey) lookForScreens() {
	m := Meter{Name: string(power.MethodModelClass), Scope: string(power.ScopeDisplay)}
	if n := len(v.known.screens); n > 0 {
		m.Used, m.Detail = true, fmt.Sprintf("power typical of the size of each external screen (%d), while it is sent a picture, and in standby", n)
	} else {
		m.Reason = "no external screen is seen"
	}
	v.Meters = append(v.Meters, m)
}

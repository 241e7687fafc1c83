package agent

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"time"

	"veille/agent/inventory"
	"veille/agent/power"
	"veille/agent/recording"
	"veille/agent/uptime"
)

// Record reads twice, d apart, what the meters of this machine read, and keeps it: a machine that can be measured again
// elsewhere, by Recorded. Nothing in it names the machine or a person, and no moment. told is as in Look.
func (s System) Record(ctx context.Context, told Told, d time.Duration) (*recording.Recording, error) {
	keep := recording.NewKeeper()
	kept := s
	kept.Sys, kept.Proc, kept.Root = keep.Tree("sys", s.Sys), keep.Tree("proc", s.Proc), keep.Tree("root", s.Root)
	kept.displayByFiles()
	m := recording.Machine{OS: s.OS}
	answers := kept.keepAnswers(&m)
	survey, err := kept.Look(ctx, told)
	if err != nil {
		return nil, err
	}
	if m.Memory, err = s.Host.Memory(ctx); err != nil {
		m.Memory = 0 // as in Look
	}
	sampler := sampler{system: kept, meters: survey.counting}
	var last position
	for i := range m.Moments {
		if i > 0 {
			if err := s.wait(ctx, d); err != nil {
				return nil, err
			}
			keep.Next()
			answers.moment = 1
		}
		if _, last, err = sampler.next(ctx, last); err != nil {
			return nil, err
		}
		m.Moments[i] = momentOf(last, kept)
	}
	about := fmt.Sprintf("A %s machine (%s), as veille-agent %s read it twice, %v apart.\n"+
		"Serial numbers, addresses, names and the time of day are not in it.", s.OS, runtime.GOARCH, told.Version, d)
	if n := keep.LeftOut(); n > 0 {
		about += fmt.Sprintf("\nRead and left out, because they may name something: %d files.", n)
	}
	return keep.Recording(about, m), nil
}

// displayByFiles makes a Linux tell its display and screens by the files of its own tree, and leaves others as they are.
func (s *System) displayByFiles() {
	if s.OS != "linux" {
		return
	}
	sys := s.Sys
	s.Display = func() uptime.Display { return uptime.DisplayOf(sys) }
	s.Screens = func(uptime.Panel) []uptime.Screen { return uptime.Screens(sys) }
}

func momentOf(p position, s System) recording.Moment {
	m := recording.Moment{
		AwakeS: p.Clock.Awake.Seconds(), SinceBootS: p.Clock.SinceBoot.Seconds(), DownS: p.Clock.Down.Seconds(),
		StandbyS: p.Clock.Standby.Seconds(), BusyS: p.Processor.Busy, TotalS: p.Processor.Total,
	}
	if s.OS != "linux" {
		m.Display = s.display().String()
	}
	return m
}

// answers keeps what a system says elsewhere than in files.
type answers struct {
	into   *recording.Machine
	moment int
}

// keepAnswers makes s keep its answers in m.
func (s *System) keepAnswers(m *recording.Machine) *answers {
	a := &answers{into: m}
	if s.OS == "windows" {
		m.Windows = &recording.Windows{}
	}
	if devices := s.EMI; devices != nil {
		s.EMI = func() ([]power.EMIDevice, error) {
			list, err := devices()
			for i, d := range list {
				m.Windows.EMI = append(m.Windows.EMI, recording.EMIDevice{})
				list[i] = keptEMI{d, a, i}
			}
			return list, err
		}
	}
	if battery := s.Battery; battery != nil {
		s.Battery = func() (power.SystemBattery, error) {
			b, err := battery()
			if text, failed := json.Marshal(b); err == nil && failed == nil {
				m.Windows.Battery[a.moment] = text
			}
			return b, err
		}
	}
	if facts := s.Facts; facts != nil {
		s.Facts = func() (inventory.Facts, error) {
			f, err := facts()
			if text, failed := json.Marshal(f); failed == nil {
				m.Kind = text
			}
			return f, err
		}
	}
	if screens := s.Screens; screens != nil && s.OS != "linux" {
		s.Screens = func(p uptime.Panel) []uptime.Screen {
			list := screens(p)
			m.Screens = nil
			for _, x := range list {
				m.Screens = append(m.Screens, recording.Screen(x))
			}
			return list
		}
	}
	if registry := s.IORegistry; registry != nil {
		s.IORegistry = func() ([]byte, error) {
			b, err := registry()
			if plain, failed := power.PlainAppleBattery(b); err == nil && failed == nil {
				m.IOReg[a.moment] = string(plain)
			}
			return b, err
		}
	}
	return a
}

// keptEMI is a device whose answers are kept.
type keptEMI struct {
	power.EMIDevice
	answers *answers
	index   int
}

// Metadata asks the device, and keeps what it says.
func (d keptEMI) Metadata() ([]byte, uint16, error) {
	b, version, err := d.EMIDevice.Metadata()
	kept := &d.answers.into.Windows.EMI[d.index]
	kept.Version, kept.Metadata = version, hex.EncodeToString(b)
	return b, version, err
}

// Measure asks the device, and keeps what it counts.
func (d keptEMI) Measure(channels int) ([]byte, error) {
	b, err := d.EMIDevice.Measure(channels)
	d.answers.into.Windows.EMI[d.index].Measured[d.answers.moment] = hex.EncodeToString(b)
	return b, err
}

// Recorded is the machine of a recording: it is where it was at the first moment, and waiting brings it to the second.
func Recorded(r *recording.Recording) (System, error) {
	at := new(int)
	m := r.Machine
	s := System{
		OS:      m.OS,
		Clock:   func(uptime.Reading) (uptime.Reading, error) { return readingOf(m.Moments[*at]), nil },
		Host:    recordedHost{m, at},
		Display: func() uptime.Display { return displayOf(m.Moments[*at].Display) },
		Screens: func(uptime.Panel) []uptime.Screen { return screensOf(m.Screens) },
		Wait:    func(context.Context, time.Duration) error { *at = 1; return nil },
	}
	for root, tree := range map[string]*fs.FS{"sys": &s.Sys, "proc": &s.Proc, "root": &s.Root} {
		var moments [2]fs.FS
		for i := range moments {
			var err error
			if moments[i], err = r.Tree(root, i); err != nil {
				return System{}, err
			}
		}
		*tree = recordedTree{moments, at}
	}
	s.displayByFiles()
	if w := m.Windows; w != nil {
		s.EMI = func() ([]power.EMIDevice, error) { return recordedEMI(w.EMI, at) }
		s.Battery = func() (b power.SystemBattery, err error) {
			if len(w.Battery[*at]) == 0 {
				return b, nil
			}
			return b, json.Unmarshal(w.Battery[*at], &b)
		}
	}
	if m.OS == "darwin" {
		s.IORegistry = func() ([]byte, error) { return []byte(m.IOReg[*at]), nil }
	}
	if len(m.Kind) > 0 {
		s.Facts = func() (f inventory.Facts, err error) { return f, json.Unmarshal(m.Kind, &f) }
	}
	return s, nil
}

func readingOf(m recording.Moment) uptime.Reading {
	since := duration(m.SinceBootS)
	return uptime.Reading{
		Wall: time.Unix(0, 0).Add(since), Awake: duration(m.AwakeS), SinceBoot: since, Down: duration(m.DownS), Standby: duration(m.StandbyS), Boot: "recorded",
	}
}

// displayOf is the state of that name.
func displayOf(name string) uptime.Display {
	for _, d := range []uptime.Display{uptime.DisplayOn, uptime.DisplayOff} {
		if d.String() == name {
			return d
		}
	}
	return uptime.DisplayUnknown
}

func screensOf(list []recording.Screen) []uptime.Screen {
	var screens []uptime.Screen
	for _, s := range list {
		screens = append(screens, uptime.Screen(s))
	}
	return screens
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// recordedHost says what the system said.
type recordedHost struct {
	recording.Machine
	at *int
}

// Processor is the processor time of the moment.
func (h recordedHost) Processor(context.Context) (Processor, error) {
	m := h.Moments[*h.at]
	if m.TotalS == 0 {
		return Processor{}, errors.New("read the processor times: they are not in the recording")
	}
	return Processor{Busy: m.BusyS, Total: m.TotalS}, nil
}

// Memory is the size of the memory.
func (h recordedHost) Memory(context.Context) (uint64, error) { return h.Machine.Memory, nil }

// recordedTree is the files of the moment.
type recordedTree struct {
	moments [2]fs.FS
	at      *int
}

// Open opens a file, or a folder.
func (t recordedTree) Open(name string) (fs.File, error) { return t.moments[*t.at].Open(name) }

// ReadLink says where a symbolic link leads.
func (t recordedTree) ReadLink(name string) (string, error) {
	return fs.ReadLink(t.moments[*t.at], name)
}

// Lstat describes a file without following it.
func (t recordedTree) Lstat(name string) (fs.FileInfo, error) {
	return fs.Lstat(t.moments[*t.at], name)
}

func recordedEMI(list []recording.EMIDevice, at *int) ([]power.EMIDevice, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("energy meter interface: %w", power.ErrNoMeter)
	}
	var devices []power.EMIDevice
	for _, d := range list {
		devices = append(devices, recordedDevice{d, at})
	}
	return devices, nil
}

// recordedDevice answers as the device did.
type recordedDevice struct {
	recording.EMIDevice
	at *int
}

// Metadata is what the device said of itself.
func (d recordedDevice) Metadata() ([]byte, uint16, error) {
	b, err := hex.DecodeString(d.EMIDevice.Metadata)
	return b, d.Version, err
}

// Measure is what the device counted.
func (d recordedDevice) Measure(int) ([]byte, error) { return hex.DecodeString(d.Measured[*d.at]) }

// Close does nothing.
func (d recordedDevice) Close() error { return nil }

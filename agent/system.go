package agent

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"veille/agent/inventory"
	"veille/agent/power"
	"veille/agent/uptime"
)

// System is what an agent asks of the machine it runs on. A function that is nil is of another system.
type System struct {
	OS    string // linux, windows or darwin
	Clock func(last uptime.Reading) (uptime.Reading, error)
	Host  Host
	Sys   fs.FS // root of sysfs; empty where there is none
	Proc  fs.FS // root of procfs; empty where there is none
	Root  fs.FS // root of the file system, for its settings; empty where there are none

	// Facts is what the system tells of its kind when it is called; nil when its files tell.
	Facts func() (inventory.Facts, error)

	// Display says whether the machine sends a picture to a screen; nil when nobody knows.
	Display func() uptime.Display

	// Screens lists the screens connected, of a machine that has a panel of its own or not; nil when nobody knows.
	Screens func(uptime.Panel) []uptime.Screen

	Sleep      func() (uptime.SleepAfter, error)   // the sleep setting of Windows
	EMI        func() ([]power.EMIDevice, error)   // of Windows
	Battery    func() (power.SystemBattery, error) // of Windows
	IORegistry func() ([]byte, error)              // of macOS: what its registry says of the battery

	// History is what the system's own log tells of the time since a moment: on, asleep, off. nil when it keeps none.
	History func(ctx context.Context, since time.Time) ([]uptime.Stretch, error)

	// Trouble is what the system cannot be asked to tell, as far as it was asked; nil when nothing.
	Trouble func() error

	// Wait waits for d; nil: by the clock.
	Wait func(ctx context.Context, d time.Duration) error
}

// SleepAfter is how long the system waits before it puts an unused machine to sleep, a time, never or unknown, with the
// reason where its settings cannot be read.
func (s System) SleepAfter() string {
	sleep, err := s.sleepAfter()
	if err != nil {
		return fmt.Sprintf("%v (%v)", sleep, err)
	}
	return sleep.String()
}

func (s System) sleepAfter() (uptime.SleepAfter, error) {
	if s.Sleep != nil {
		return s.Sleep()
	}
	return uptime.LogindSleep(s.Root)
}

func (s System) trouble() error {
	if s.Trouble == nil {
		return nil
	}
	return s.Trouble()
}

// Problems are the sentences of what the system cannot be asked to tell.
func (s System) Problems() []string { return sentences(s.trouble()) }

// sentences are the parts of an error, each once.
func sentences(err error) []string {
	list := []string{}
	if err == nil {
		return list
	}
	for line := range strings.Lines(err.Error()) {
		if line = strings.TrimSpace(line); !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	return list
}

func (s System) display() uptime.Display {
	if s.Display == nil {
		return uptime.DisplayUnknown
	}
	return s.Display()
}

func (s System) wait(ctx context.Context, d time.Duration) error {
	if s.Wait != nil {
		return s.Wait(ctx, d)
	}
	select {
	case <-ctx.Done():
		return fmt.Errorf("measure for %v: %w", d, context.Cause(ctx))
	case <-time.After(d):
		return nil
	}
}

// screens are the screens connected. Those of a virtual machine are none.
func (s System) screens(kind inventory.Machine) []uptime.Screen {
	if s.Screens == nil || kind.Virtual {
		return nil
	}
	return s.Screens(uptime.PanelOf(string(kind.Class)))
}

// sources are what the kind of the machine is known from.
func (s System) sources(memory uint64, shared []string) inventory.Sources {
	from := inventory.Sources{Sys: s.Sys, Proc: s.Proc, Root: s.Root, Memory: memory, Products: shared}
	if s.Facts != nil {
		from.Facts, _ = s.Facts() // what could not be read is not known
	}
	return from
}

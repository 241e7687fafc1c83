package uptime

import (
	"io/fs"
	"path"
	"strings"
)

// Display is whether the machine sends a picture to a screen. It says nothing of the screen's own button.
type Display uint8

// The states of the display signal. The zero value is the unknown one, which is never counted as off.
const (
	DisplayUnknown Display = iota
	DisplayOn
	DisplayOff
)

// String is unknown, on or off.
func (d Display) String() string {
	switch d {
	case DisplayOn:
		return "on"
	case DisplayOff:
		return "off"
	}
	return "unknown"
}

// DisplayOf looks at the screens connected, in sys, the root of sysfs. One that is lit is enough for on. It is off when all
// are known to be dark, and unknown otherwise: no screen is connected, or what is connected does not say. It only reads, so
// that it wakes no link. On drivers older than atomic mode setting the kernel's answer is not certain.
func DisplayOf(sys fs.FS) Display {
	state, unsure := DisplayUnknown, false
	for _, connector := range connected(sys) {
		switch signal(sys, connector) {
		case DisplayOn:
			return DisplayOn
		case DisplayOff:
			state = DisplayOff
		default:
			unsure = true
		}
	}
	if unsure {
		return DisplayUnknown
	}
	return state
}

func signal(sys fs.FS, connector string) Display {
	enabled, dpms := word(sys, connector+"/enabled"), word(sys, connector+"/dpms")
	switch {
	case enabled == "enabled" && dpms == "On":
		return DisplayOn
	case madeByNVIDIA(sys, connector):
		// Its driver never fills the field that enabled is read from: a lit screen is "disabled" too
		// (NVIDIA/open-gpu-kernel-modules#889).
		return DisplayUnknown
	case enabled == "disabled" || dpms == "Off" || dpms == "Standby" || dpms == "Suspend":
		return DisplayOff
	}
	return DisplayUnknown
}

func madeByNVIDIA(sys fs.FS, connector string) bool {
	card, _, _ := strings.Cut(path.Base(connector), "-")
	driver, err := fs.ReadLink(sys, "class/drm/"+card+"/device/driver")
	return err == nil && path.Base(driver) == "nvidia"
}

// connected lists the directories of the connectors that have a screen. Those of virtual machines and of screen recording
// have none.
func connected(sys fs.FS) []string {
	if sys == nil {
		return nil
	}
	found, err := fs.Glob(sys, "class/drm/card*-*")
	if err != nil {
		return nil
	}
	var with []string
	for _, name := range found {
		kind := kindOf(name)
		if kind != "Writeback" && kind != "Virtual" && word(sys, name+"/status") == "connected" {
			with = append(with, name)
		}
	}
	return with
}

// kindOf is HDMI-A for class/drm/card0-HDMI-A-1.
func kindOf(connector string) string {
	_, kind, _ := strings.Cut(path.Base(connector), "-")
	if i := strings.LastIndexByte(kind, '-'); i > 0 {
		kind = kind[:i]
	}
	return kind
}

func word(sys fs.FS, name string) string {
	b, err := fs.ReadFile(sys, name)
	if err != nil {
		return "" // unplugged in between, or kept from us: not known
	}
	return strings.TrimSpace(string(b))
}

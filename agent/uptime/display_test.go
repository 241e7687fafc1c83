package uptime_test

import (
	"io/fs"
	"slices"
	"testing"
	"testing/fstest"

	"veille/agent/uptime"
)

// connector is status, enabled and dpms of a connector, in this order; "-" is a file that is not there.
type connector [3]string

func drm(connectors map[string]connector) fstest.MapFS {
	sys := fstest.MapFS{"class/drm/version": {Data: []byte("drm 1.1.0 20060810\n")}}
	for name, c := range connectors {
		for i, file := range []string{"status", "enabled", "dpms"} {
			if c[i] != "-" {
				sys["class/drm/"+name+"/"+file] = &fstest.MapFile{Data: []byte(c[i] + "\n")}
			}
		}
	}
	return sys
}

func TestDisplayOf(t *testing.T) {
	lit, dark, none := connector{"connected", "enabled", "On"}, connector{"connected", "disabled", "Off"}, connector{"disconnected", "disabled", "Off"}
	for _, tt := range []struct {
		name       string
		connectors map[string]connector
		want       uptime.Display
	}{
		{"a server without graphics is unknown", nil, uptime.DisplayUnknown},
		{"a server without a screen is unknown", map[string]connector{"card0-VGA-1": none}, uptime.DisplayUnknown},
		{"one lit screen is on", map[string]connector{"card0-HDMI-A-1": lit}, uptime.DisplayOn},
		{"one lit screen of two is on", map[string]connector{"card0-eDP-1": dark, "card1-DP-3": lit}, uptime.DisplayOn},
		{"a closed lid and nothing else is off", map[string]connector{"card0-eDP-1": dark, "card0-DP-1": none}, uptime.DisplayOff},
		{"a screen in standby is off", map[string]connector{"card0-DP-1": {"connected", "enabled", "Standby"}}, uptime.DisplayOff},
		{"a screen in suspend is off", map[string]connector{"card0-DP-1": {"connected", "enabled", "Suspend"}}, uptime.DisplayOff},
		{"a screen turned off is off", map[string]connector{"card0-DP-1": {"connected", "enabled", "Off"}}, uptime.DisplayOff},
		{"a connector left lit without a screen does not count", map[string]connector{"card0-DP-1": {"disconnected", "enabled", "On"}}, uptime.DisplayUnknown},
		{"a VGA socket that cannot tell does not count", map[string]connector{"card0-VGA-1": {"unknown", "enabled", "On"}}, uptime.DisplayUnknown},
		{"screen recording is no screen", map[string]connector{"card0-Writeback-1": lit}, uptime.DisplayUnknown},
		{"the screen of a virtual machine is none", map[string]connector{"card0-Virtual-1": lit}, uptime.DisplayUnknown},
		{"a driver that says Unknown is unknown", map[string]connector{"card0-DP-1": {"connected", "enabled", "Unknown"}}, uptime.DisplayUnknown},
		{"a screen that does not say leaves a dark one unknown", map[string]connector{"card0-DP-1": {"connected", "", ""}, "card0-eDP-1": dark}, uptime.DisplayUnknown},
		{"garbage is unknown", map[string]connector{"card0-DP-1": {"connected", "\x00\xff", "On On"}}, uptime.DisplayUnknown},
		{"files that vanish are unknown", map[string]connector{"card0-DP-1": {"connected", "-", "-"}}, uptime.DisplayUnknown},
		{"a status that vanishes is no screen", map[string]connector{"card0-DP-1": {"-", "enabled", "On"}}, uptime.DisplayUnknown},
		{"a name without a kind does no harm", map[string]connector{"card0-": dark, "card-": lit}, uptime.DisplayOn},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := uptime.DisplayOf(drm(tt.connectors)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestADarkScreenOfNVIDIAIsUnknown(t *testing.T) {
	sys := drm(map[string]connector{"card1-DP-1": {"connected", "disabled", "Off"}})
	sys["class/drm/card1/device/driver"] = &fstest.MapFile{Mode: fs.ModeSymlink, Data: []byte("../../../bus/pci/drivers/nvidia")}
	if got := uptime.DisplayOf(sys); got != uptime.DisplayUnknown {
		t.Errorf("its driver cannot tell a lit screen from a dark one; got %v", got)
	}
	sys["class/drm/card1/device/driver"].Data = []byte("../../../bus/pci/drivers/i915")
	if got := uptime.DisplayOf(sys); got != uptime.DisplayOff {
		t.Errorf("with another driver: got %v, want off", got)
	}
}

func TestTheZeroDisplayIsUnknown(t *testing.T) {
	var none uptime.Display
	if got := []string{none.String(), uptime.DisplayOn.String(), uptime.DisplayOff.String()}; !slices.Equal(got, []string{"unknown", "on", "off"}) {
		t.Errorf("got %q", got)
	}
	if got := new(uptime.DisplayWatch).State(); got != uptime.DisplayUnknown {
		t.Errorf("a watch that was never started says %v", got)
	}
}

func TestAWatchStartsAndEndsOnThisSystem(t *testing.T) {
	w, err := uptime.WatchDisplay(fstest.MapFS{})
	if w == nil {
		t.Fatalf("no watch; error %v", err)
	}
	t.Logf("display %v, error %v", w.State(), err)
	for range 2 {
		if err := w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if got := w.State(); got != uptime.DisplayUnknown {
		t.Errorf("a closed watch says %v", got)
	}
}

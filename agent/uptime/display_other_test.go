//go:build !windows

package uptime_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"veille/agent/uptime"
)

func TestAWatchFollowsSysfs(t *testing.T) {
	sys := drm(map[string]connector{"card0-DP-1": {"connected", "enabled", "On"}})
	w, err := uptime.WatchDisplay(sys)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.State(); got != uptime.DisplayOn {
		t.Errorf("got %v, want on", got)
	}
	sys["class/drm/card0-DP-1/dpms"].Data = []byte("Off\n")
	if got := w.State(); got != uptime.DisplayOff {
		t.Errorf("got %v, want off", got)
	}
}

// In the real sysfs, what is in class are links into devices, and only the disk of a system follows them all.
func TestSysfsIsReadThroughItsLinks(t *testing.T) {
	dir := t.TempDir()
	card := filepath.Join(dir, "devices/pci0/drm/card0")
	for name, text := range map[string]string{"status": "connected\n", "enabled": "disabled\n", "dpms": "Off\n", "edid": string(edid(60, 34))} {
		name = filepath.Join(card, "card0-DP-1", name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "class/drm"), 0o755); err != nil {
		t.Fatal(err)
	}
	link := func(target, name string) {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("../../devices/pci0/drm/card0", "class/drm/card0")
	link("../../devices/pci0/drm/card0/card0-DP-1", "class/drm/card0-DP-1")
	link("../..", "devices/pci0/drm/card0/device")

	sys := os.DirFS(dir)
	if got := uptime.DisplayOf(sys); got != uptime.DisplayOff {
		t.Errorf("got %v, want off", got)
	}
	if got, want := uptime.Screens(sys), []uptime.Screen{{Size: "25-27"}}; !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	link("../../bus/pci/drivers/nvidia", "devices/pci0/driver")
	if got := uptime.DisplayOf(sys); got != uptime.DisplayUnknown {
		t.Errorf("with the driver of NVIDIA: got %v, want unknown", got)
	}
}

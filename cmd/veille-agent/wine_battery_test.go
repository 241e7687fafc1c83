//go:build linux

package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// laptop runs a command of the shell on a machine with a battery: another /sys/class/power_supply is laid over the real one
// where nobody else sees it. Wine reads it once, when its server starts.
const laptop = `mount --make-rprivate /
test -d /sys/class/power_supply || { mount -t tmpfs none /sys/class && mkdir /sys/class/power_supply; }
mount --bind "$0" /sys/class/power_supply
wineserver -k
"$@"
status=$?
wineserver -k
exit $status`

func (w *wine) battery(t *testing.T) {
	if os.Getuid() != 0 && os.Getenv("REQUIRE") != "all" {
		t.Skip("only root may lay another folder over /sys/class/power_supply")
	}
	for _, tt := range []struct {
		name, status, mains string
		problems            int // of the one that discharges: its gauge stands still, so its energy is not known
	}{
		{"discharging", "Discharging", "0", 1},
		{"charging", "Charging", "1", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			on := func(args ...string) string {
				program := append([]string{"unshare", "-m", "sh", "-c", laptop, supplies(t, tt.status, tt.mains), "wine", w.file("veille-agent.exe")}, args...)
				stdout, stderr, status := w.program(t, program...)
				if status != 0 {
					t.Fatalf("%v: exit %d\n%s%s", args, status, stdout, stderr)
				}
				return stdout
			}
			found := false
			for _, m := range parse[explained](t, on("explain", "--json")).Meters {
				found = found || m.Name == "battery" && m.Used
			}
			if !found {
				t.Error("explain does not use the battery")
			}
			if m := parse[measured](t, on("once", "--json", "--for", "1s", "--class", "notebook")); m.Method != "model-class" || len(m.Problems) != tt.problems {
				t.Errorf("measured by %s, with problems %q; want an estimate, and %d", m.Method, m.Problems, tt.problems)
			}
		})
	}
}

// supplies is a folder with a battery and a mains adapter, as the kernel shows them and Wine reads them: charges in
// microampere-hours, for it knows no energies.
func supplies(t *testing.T, status, mains string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []struct{ name, text string }{
		{"AC/type", "Mains"},
		{"AC/online", mains},
		{"BAT0/type", "Battery"},
		{"BAT0/status", status},
		{"BAT0/present", "1"},
		{"BAT0/voltage_now", "11400000"},
		{"BAT0/charge_full", "4000000"},
		{"BAT0/charge_now", "2000000"},
		{"BAT0/current_now", "1000000"},
	} {
		name := filepath.Join(dir, file.name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(file.text+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

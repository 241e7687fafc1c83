package cmd_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// onSmallDisk starts an agent whose folder is a disk of its own, of 96 kB, in a mount namespace, after a shell command has
// done something to that disk, and another while it runs. It answers what the agent said until it was told to stop.
func onSmallDisk(t *testing.T, before, meanwhile string) string {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "unshare", "-m", "true").Run(); err != nil {
		if required("unshare") {
			t.Fatalf("unshare -m: %v", err)
		}
		t.Skip("no mount namespace may be made here")
	}
	data := t.TempDir()
	identity, err := json.Marshal(map[string]any{"collector": "https://127.0.0.1:9", "install_key": strings.Repeat("0", 32), "credential": "none", "use": "server"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "identity.json"), identity, 0o600); err != nil {
		t.Fatal(err)
	}
	script := `set -e; cp "$1/identity.json" "$1.id"; mount -t tmpfs -o size=96k tmpfs "$1"; cp "$1.id" "$1/identity.json"; cd "$1"
` + before + `
( sleep 2; ` + meanwhile + ` ) & exec "$2" run --data "$1" --period 1s --history 0`
	c := exec.CommandContext(t.Context(), "unshare", "-m", "sh", "-c", script, "sh", data, filepath.Join(bin, "veille-agent"))
	c.Env = environment()
	var said strings.Builder
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(6*time.Second, func() { _ = c.Process.Signal(syscall.SIGTERM) })
	err = c.Wait()
	t.Logf("ended with %v\n%s", err, said.String())
	return said.String()
}

func TestAFullDiskIsToldOfOnceAndTheAgentGoesOn(t *testing.T) {
	t.Parallel()
	said := onSmallDisk(t, "", "dd if=/dev/zero of=fill bs=4096 2>/dev/null || true")
	if n := strings.Count(said, "no space left on device"); n < 1 || n > 2 { // once while it runs, once as it stops
		t.Errorf("told of %d times", n)
	}
	if !strings.Contains(said, "agent stopped") || strings.Contains(said, "panic") {
		t.Error("it did not go on until it was told to stop")
	}
}

func TestADiskThatBecomesReadOnlyIsToldOfOnceAndTheAgentGoesOn(t *testing.T) {
	t.Parallel()
	said := onSmallDisk(t, "", `mount -t tmpfs -o ro tmpfs "$1"`)
	if n := strings.Count(said, "read-only file system"); n < 1 || n > 2 {
		t.Errorf("told of %d times", n)
	}
	if !strings.Contains(said, "agent stopped") || strings.Contains(said, "panic") {
		t.Error("it did not go on until it was told to stop")
	}
}

func TestADiskThatIsFullFromTheStartIsToldOfWithWhatToDo(t *testing.T) {
	t.Parallel()
	said := onSmallDisk(t, "dd if=/dev/zero of=fill bs=4096 2>/dev/null || true", "true")
	if strings.Contains(said, "panic") || !strings.Contains(said, "no space left on device") || !strings.Contains(said, "make room") {
		t.Error("it did not say what is wrong, and what to do")
	}
}

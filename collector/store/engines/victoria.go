package engines

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Victoria is a running single node of VictoriaMetrics.
type Victoria struct{ *Server }

// StartVictoria starts a single node on loopback, with flags after those that say where its files are, where it listens and how much memory
// its caches may take. The test ends it.
func StartVictoria(t testing.TB, flags ...string) Victoria {
	t.Helper()
	dir, address := t.TempDir(), FreeAddress(t)
	argv := append([]string{find(t, "victoria-metrics", "/usr/bin/victoria-metrics")}, victoriaFlags(filepath.Join(dir, "data"), address, flags)...)
	return Victoria{start(t, address, dir, healthy(address), argv...)}
}

func victoriaFlags(data, address string, flags []string) []string {
	return append([]string{"-storageDataPath=" + data, "-httpListenAddr=" + address, "-memory.allowedBytes=512MB", "-loggerLevel=WARN"}, flags...)
}

// URL is the address that the node is written to and read from.
func (v Victoria) URL() string { return "http://" + v.Address }

// Stop asks the node to end, and waits until all it has is on its disk.
func (v Victoria) Stop(t testing.TB) {
	t.Helper()
	if err := v.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = v.command.Wait()
	v.command = nil
}

// Restart starts a node that was killed or stopped again, on the same files and address, and with more flags: the last of a name counts.
func (v Victoria) Restart(more ...string) {
	v.argv = append(v.argv, more...)
	v.Start(healthy(v.Address))
}

// healthy asks a node whether it is ready.
func healthy(address string) func() error {
	return func() error {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+address+"/health", nil)
		if err != nil {
			return err
		}
		answer, err := (&http.Client{Timeout: time.Second}).Do(r)
		if err != nil {
			return err
		}
		defer func() { _ = answer.Body.Close() }()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("it answered %s", answer.Status)
		}
		return nil
	}
}

// SmallDisk is the disk of a node, of which a test says whether it is full.
type SmallDisk struct{ dir string }

// StartVictoriaOnSmallDisk starts a single node whose files are on a disk of its own, of so many MiB, in a mount namespace. Where none may be
// made the test is left out, unless REQUIRE says that it must be run.
func StartVictoriaOnSmallDisk(t testing.TB, mib int, flags ...string) (Victoria, SmallDisk) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "unshare", "-m", "true").Run(); err != nil { //nolint:gosec // no input
		if os.Getenv("REQUIRE") == "all" {
			t.Fatalf("unshare -m: %v", err)
		}
		t.Skip("no mount namespace may be made here")
	}
	program := find(t, "victoria-metrics", "/usr/bin/victoria-metrics")
	dir, address := t.TempDir(), FreeAddress(t)
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	// The shell fills the disk when the file full is there, and makes room when it is not, until its parent is gone.
	const script = `set -e
mount -t tmpfs -o size="$2"m tmpfs "$1/disk"
node=$$
( while kill -0 $node 2>/dev/null; do
	if [ -e "$1/full" ]; then [ -e "$1/disk/fill" ] || { dd if=/dev/zero of="$1/disk/fill" bs=65536 2>/dev/null || :; : >"$1/filled"; }
	else rm -f "$1/disk/fill" "$1/filled"; fi
	sleep 0.1
done ) </dev/null >/dev/null 2>&1 &
shift 2
exec "$@"`
	argv := append([]string{"unshare", "-m", "sh", "-c", script, "sh", dir, fmt.Sprint(mib), program},
		victoriaFlags(filepath.Join(disk, "data"), address, flags)...)
	return Victoria{start(t, address, dir, healthy(address), argv...)}, SmallDisk{dir}
}

// Fill leaves no room on the disk.
func (d SmallDisk) Fill(t testing.TB) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, "full"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(d.dir, "filled")); err == nil {
			return
		}
	}
	t.Fatal("the disk was not full within a minute")
}

// Empty makes room on the disk again, within a moment.
func (d SmallDisk) Empty(t testing.TB) {
	t.Helper()
	if err := os.Remove(filepath.Join(d.dir, "full")); err != nil {
		t.Fatal(err)
	}
}

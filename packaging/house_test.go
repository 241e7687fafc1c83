package main_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// debian is the tarball of a Debian that make tools makes.
const debian = "../.tools/debian-bookworm.tar"

// house is a Debian of its own that runs: a systemd that is the first of its processes, a network that reaches nobody.
type house struct {
	t    *testing.T
	root string // its folder, from outside
	init string // the process of its systemd, from outside
	log  *bytes.Buffer
}

// boot makes a Debian and starts it. It ends with the test.
func boot(t *testing.T) *house {
	t.Helper()
	if runtime.GOARCH != "amd64" || os.Getuid() != 0 {
		leave(t, "systemd-nspawn", fmt.Errorf("it wants root on amd64, this is user %d on %s", os.Getuid(), runtime.GOARCH))
	}
	needCommand(t, "systemd-nspawn")
	needCommand(t, "nsenter")
	needFile(t, "debootstrap", debian)
	h := &house{t: t, root: filepath.Join(t.TempDir(), "debian"), log: &bytes.Buffer{}}
	if err := os.Mkdir(h.root, 0o755); err != nil {
		t.Fatal(err)
	}
	output(t, "tar", "-C", h.root, "--numeric-owner", "-xf", debian)
	if err := os.RemoveAll(filepath.Join(h.root, "etc/machine-id")); err != nil {
		t.Fatal(err)
	}
	// There is no network to wait for, which would take two minutes.
	if err := os.Symlink("/dev/null", filepath.Join(h.root, "etc/systemd/system/systemd-networkd-wait-online.service")); err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("veille-%d-%d", os.Getpid(), time.Now().UnixNano()%1e9)
	group := ownGroup(t, name)
	// Two systemds in one group of processes would end each other's services.
	c := exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$@"`, group, "systemd-nspawn", "--register=no", "--keep-unit", "--quiet", "--private-network", "--machine="+name, "--directory="+h.root, "--boot", "--console=pipe")
	c.Stdout, c.Stderr = h.log, h.log
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} // a test that is killed leaves none behind
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = c.Wait(); close(ended) }()
	t.Cleanup(func() { h.end(c.Process, ended) })
	h.await(c.Process.Pid, ended)
	return h
}

// ownGroup makes a group of processes for systemd to keep its services in, below that of the test, whichever of the two kinds this machine has.
func ownGroup(t *testing.T, name string) string {
	t.Helper()
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		leave(t, "systemd-nspawn", err)
	}
	dir := "/sys/fs/cgroup"
	for line := range strings.Lines(string(groups)) {
		id, path, _ := strings.Cut(strings.TrimSpace(line), ":")
		kind, path, _ := strings.Cut(path, ":")
		if _, err := os.Stat(dir + "/systemd"); kind == "name=systemd" && err == nil {
			dir += "/systemd" + path
			break
		} else if id == "0" && err != nil {
			dir += path
			break
		}
	}
	group := filepath.Join(dir, name)
	if err := os.Mkdir(group, 0o755); err != nil {
		leave(t, "systemd-nspawn", err)
	}
	t.Cleanup(func() {
		_ = exec.CommandContext(context.Background(), "find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";").Run()
	})
	return group
}

// await waits until systemd is up. Where nspawn ends before, it may not make houses here.
func (h *house) await(nspawn int, ended <-chan struct{}) {
	h.t.Helper()
	h.until("systemd is up", 2*time.Minute, func() bool {
		select {
		case <-ended:
			leave(h.t, "systemd-nspawn", fmt.Errorf("it does not boot here: %s", h.log))
		default:
		}
		children, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", nspawn))
		for _, file := range children {
			if text, err := os.ReadFile(file); err == nil && h.init == "" {
				h.init, _, _ = strings.Cut(string(text), " ")
			}
		}
		if err != nil || h.init == "" {
			return false
		}
		state, _ := h.try("systemctl", "is-system-running")
		return state == "running\n" || state == "degraded\n"
	})
}

// end turns the house off, and kills what does not go.
func (h *house) end(nspawn *os.Process, ended <-chan struct{}) {
	_ = nspawn.Signal(syscall.SIGTERM) // which nspawn passes on as an orderly halt
	select {
	case <-ended:
		return
	case <-time.After(20 * time.Second):
	}
	if pid, err := strconv.Atoi(h.init); err == nil {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = nspawn.Kill()
	<-ended
}

// try runs a command in the house, and answers what it printed.
func (h *house) try(args ...string) (string, error) {
	enter := []string{"--target", h.init, "--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--root", "--wd", "--"}
	c := exec.CommandContext(h.t.Context(), "nsenter", append(enter, args...)...)
	c.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "HOME=/root"}
	text, err := c.CombinedOutput()
	return string(text), err
}

// do runs a command that must end well.
func (h *house) do(args ...string) string {
	h.t.Helper()
	text, err := h.try(args...)
	if err != nil {
		h.t.Fatalf("%v: %v\n%s\n%s", args, err, text, h.journal())
	}
	return text
}

func (h *house) journal() string {
	text, _ := h.try("journalctl", "--no-pager", "-n", "40", "-u", "veille-*")
	return text
}

// until asks four times a second.
func (h *house) until(what string, within time.Duration, done func() bool) {
	h.t.Helper()
	deadline := time.After(within)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			h.t.Fatalf("not within %v: %s\n%s", within, what, h.journal())
		}
	}
}

// active tells whether a service runs.
func (h *house) active(service string) bool {
	state, _ := h.try("systemctl", "is-active", service)
	return state == "active\n"
}

// bring copies a file into the house, and answers its name there.
func (h *house) bring(file string) string {
	h.t.Helper()
	name := "/root/" + filepath.Base(file)
	output(h.t, "cp", file, h.root+name)
	return name
}

// write puts a file into the house.
func (h *house) write(name, text string) {
	h.t.Helper()
	if err := os.WriteFile(h.root+name, []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

// left are the files in the house whose path has a word in it, but for those brought along.
func (h *house) left(word string) string {
	return h.do("find", "/", "-xdev", "(", "-path", "/proc", "-o", "-path", "/sys", "-o", "-path", "/run", "-o", "-path", "/root", "-o", "-path", "/var/log", "-o", "-path", "/tmp", "-o", "-path", "/var/tmp", ")", "-prune", "-o", "-path", "*"+word+"*", "-print")
}

package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What `make run` starts after the build: within half a minute the pages have an hour and a grade, and an interrupt ends it all.
func TestMakeRunShowsRealFiguresWithinThirtySecondsAndStopsCleanly(t *testing.T) {
	t.Parallel()
	begin, folder := time.Now(), filepath.Join(t.TempDir(), "var")
	run := runScript(t, "run.sh", folder)
	pages := run.enter(t)
	until(t, "an hour and a grade on the pages", func() bool {
		return read(t, pages+"sites/1/hours").Find("svg rect.bar").Length() > 0 && read(t, pages).Find(".grade").Text() == "A"
	})
	t.Logf("figures after %v", time.Since(begin).Round(100*time.Millisecond))
	run.stop(t)
	again := runScript(t, "run.sh", folder)
	if !strings.HasSuffix(again.address, "/sign-in") {
		t.Errorf("the second time it says to open %s", again.address)
	}
	again.stop(t)
}

// What `make demo` starts after the build, with fewer machines: a year of them is there, says that it is simulated, and stays.
func TestMakeDemoShowsASimulatedYear(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "var")
	demo := runScript(t, "demo.sh", folder, "VEILLE_DEMO_MACHINES=120", "VEILLE_DEMO_SITES=4")
	pages := demo.enter(t)
	for path, rows := range map[string]int{"": 12, "sites": 4, "levers": 1, "actions": 1, "equipment": 8, "public/sites": 2, "settings/prices": 2} {
		if d := read(t, pages+path+"?lang=en"); d.Find("tbody tr").Length() < rows {
			t.Errorf("/%s has %d rows; want %d or more: %s", path, d.Find("tbody tr").Length(), rows, d.Find("main").Text())
		}
	}
	if text := read(t, pages+"?lang=en").Find("main").Text(); !strings.Contains(text, "simulated") || !strings.Contains(text, "Sleep after 20 minutes") {
		t.Errorf("the overview says\n%s", text)
	}
	demo.stop(t)
	database, err := os.Stat(filepath.Join(folder, "collector", "ready"))
	if err != nil {
		t.Fatal(err)
	}
	demo = runScript(t, "demo.sh", folder)
	_ = demo.enter(t)
	demo.stop(t)
	if again, err := os.Stat(filepath.Join(folder, "collector", "ready")); err != nil || again.ModTime() != database.ModTime() {
		t.Errorf("the second time it was made anew: %v", err)
	}
}

// running is a script of ours that runs until it is told to stop.
type running struct {
	*exec.Cmd
	log     bytes.Buffer
	address string // that it says to open
	closed  chan struct{}
}

// runScript starts a script with its files in a folder, and waits until it says what to open.
func runScript(t *testing.T, name, folder string, more ...string) *running {
	t.Helper()
	r := &running{Cmd: exec.CommandContext(context.WithoutCancel(t.Context()), "bash", name), closed: make(chan struct{})}
	r.Env = append(environment(), append(more, "VEILLE_BIN="+bin, "VEILLE_VAR="+folder, "VEILLE_LISTEN=127.0.0.1:0")...)
	r.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt reaches the whole group, as from a terminal
	r.Stderr = &r.log
	out, err := r.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(-r.Process.Pid, syscall.SIGKILL) })
	lines := bufio.NewScanner(out)
	for r.address == "" && lines.Scan() {
		if after, ok := strings.CutPrefix(lines.Text(), "open "); ok {
			r.address, _, _ = strings.Cut(after, " ")
		}
	}
	go func() {
		defer close(r.closed)
		_, _ = io.Copy(io.Discard, out)
	}()
	if r.address == "" {
		t.Fatalf("no address was printed\n%s", &r.log)
	}
	return r
}

// enter follows the invitation that a script prints, and answers where the collector answers whoever was invited.
func (r *running) enter(t *testing.T) string {
	t.Helper()
	root, path, ok := strings.Cut(r.address, "/invite")
	if !ok {
		t.Fatalf("%s is no invitation", r.address)
	}
	return accept(t, root, "/invite"+path).at(t, root)
}

// stop interrupts a script, which must end well.
func (r *running) stop(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(-r.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-r.closed // all of its output is read
	if err := r.Wait(); err != nil || strings.Contains(r.log.String(), "level=ERROR") {
		t.Errorf("stopped with %v\n%s", err, &r.log)
	}
}

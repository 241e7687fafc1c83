//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The Windows program itself, under Wine: its kernel is Linux's, so no figure is a Windows machine's, but every call into
// the libraries of Windows is made, found or missing. One prefix serves all, because making it takes most of the time.
func TestTheWindowsProgramWorksUnderWine(t *testing.T) {
	if !required("wine") {
		t.Skip("REQUIRE does not name wine")
	}
	t.Parallel()
	w := newWine(t)
	t.Run("it says its version", w.version)
	t.Run("it measures itself with a range", w.once)
	t.Run("it explains every meter it refuses", w.explain)
	t.Run("it refuses wrong words with status 2", w.misuse)
	t.Run("it delivers, and goes on after it was killed", w.deliver)
	t.Run("it is installed on many machines, upgraded and removed", w.install)
	t.Run("it counts what its battery gives", w.battery)
	for _, part := range parts {
		t.Run("the tests of "+part+" hold", func(t *testing.T) { w.part(t, part) })
	}
}

// parts are the rooms of the agent that ask Windows.
var parts = []string{"power", "uptime", "inventory", "private", "cost", "calendar"}

// required tells whether a thing that a test needs must be there: REQUIRE names it, or says "all".
func required(what string) bool {
	return strings.Contains(","+os.Getenv("REQUIRE")+",", ","+what+",") || os.Getenv("REQUIRE") == "all"
}

// wine is a machine with Wine's Windows, and the programs to run on it.
type wine struct {
	dir  string   // of the programs
	disk string   // C:, from outside
	env  []string // of Wine: its own home, and no screen
}

// newWine makes the machine, and meanwhile what it runs. Both are gone when the test ends.
func newWine(t *testing.T) *wine {
	t.Helper()
	home := t.TempDir()
	w := &wine{dir: t.TempDir(), disk: filepath.Join(home, "prefix", "drive_c"), env: append(ours(), "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=", "WINEPREFIX="+filepath.Join(home, "prefix"))}
	for _, name := range []string{"HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"} {
		w.env = append(w.env, name+"="+home)
	}
	t.Cleanup(func() { // before the folders are removed
		for _, flag := range []string{"-k", "-w"} {
			if _, stderr, status := w.program(t, "wineserver", flag); status != 0 && flag == "-w" {
				t.Errorf("wineserver %s: exit %d, %s", flag, status, stderr)
			}
		}
	})
	var boot sync.WaitGroup
	var bootError string
	boot.Go(func() {
		if _, stderr, status := w.program(t, "wine", "wineboot", "-i"); status != 0 {
			bootError = stderr
		}
	})
	windows := append(os.Environ(), "CGO_ENABLED=0", "GOOS=windows", "GOARCH=amd64")
	built := build(t, nil, "go", "build", "-o", w.file("veille-collector"), "veille/cmd/veille-collector") &&
		build(t, windows, "go", "build", "-o", w.file("veille-agent.exe"), "veille/cmd/veille-agent") &&
		build(t, nil, "x86_64-w64-mingw32-gcc", "-shared", "-O2", "-s", "-o", w.file("bcryptprimitives.dll"), "testdata/wine/bcryptprimitives.c", "-ladvapi32")
	for _, part := range parts {
		built = built && build(t, windows, "go", "test", "-c", "-o", w.file(part+".test.exe"), "veille/agent/"+part)
	}
	boot.Wait()
	if bootError != "" || !built {
		t.Fatalf("Wine's Windows is not ready: %s", bootError)
	}
	shim, err := os.ReadFile(w.file("bcryptprimitives.dll"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.disk, "windows", "system32", "bcryptprimitives.dll"), shim, 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *wine) file(name string) string { return filepath.Join(w.dir, name) }

// ours is the environment of the test, without the settings of whoever runs it and without a screen.
func ours() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		return slices.ContainsFunc([]string{"VEILLE_", "WINE", "DISPLAY=", "WAYLAND_DISPLAY=", "XDG_"}, func(name string) bool { return strings.HasPrefix(v, name) })
	})
}

// build makes a file with a tool of this machine.
func build(t *testing.T, env []string, args ...string) bool {
	t.Helper()
	c := exec.CommandContext(t.Context(), args[0], args[1:]...)
	c.Env = env
	text, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", strings.Join(args, " "), err, text)
	}
	return err == nil
}

// program runs a program in Wine's environment, for two minutes at most, even when the test has ended: there is to clean up.
func (w *wine) program(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	defer cancel()
	var out, bad bytes.Buffer
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Env, c.Stdout, c.Stderr, c.WaitDelay = w.env, &out, &bad, time.Second // Wine's own services may keep the pipes
	err := c.Run()
	switch exit, ok := errors.AsType[*exec.ExitError](err); {
	case ok:
		return out.String(), bad.String(), exit.ExitCode()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return out.String(), err.Error(), -1
	}
	return out.String(), bad.String(), 0
}

// agent runs the agent to its end and answers what it printed, when its exit status is the one wanted.
func (w *wine) agent(t *testing.T, want int, args ...string) string {
	t.Helper()
	stdout, stderr, status := w.program(t, append([]string{"wine", w.file("veille-agent.exe")}, args...)...)
	if status != want {
		t.Fatalf("%v: exit %d, want %d\n%s%s", args, status, want, stdout, stderr)
	}
	if want != 0 && (strings.TrimSpace(stderr) == "" || strings.Contains(stderr, panicked)) {
		t.Errorf("%v: exit %d without a sentence: %s", args, status, stderr)
	}
	return stdout
}

// panicked is in what a Go program prints when it crashes; its exit status is then that of wrong words.
const panicked = "goroutine "

func (w *wine) version(t *testing.T) {
	if got := w.agent(t, 0, "version"); !strings.HasPrefix(got, "veille-agent ") {
		t.Errorf("printed %q", got)
	}
}

// measured is what is relied on of once --json.
type measured struct {
	Machine struct {
		OS string `json:"os"`
	} `json:"machine"`
	Method string   `json:"method"`
	OnS    float64  `json:"on_s"`
	Energy []figure `json:"energy"`

	Problems []string `json:"problems"`
}

type figure struct {
	Wh     float64 `json:"wh"`
	Low    float64 `json:"low_wh"`
	High   float64 `json:"high_wh"`
	Method string  `json:"method"`
	Scope  string  `json:"scope"`
}

// explained is what is relied on of explain --json.
type explained struct {
	Meters []struct {
		Name   string `json:"meter"`
		Used   bool   `json:"used"`
		Reason string `json:"reason"`
	} `json:"meters"`
}

func parse[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func (w *wine) once(t *testing.T) {
	m := parse[measured](t, w.agent(t, 0, "once", "--json", "--for", "1s", "--class", "desktop"))
	if m.Machine.OS != "windows" || m.OnS <= 0 || m.Method != "model-class" {
		t.Errorf("got %+v; want windows, some time on, and the estimate of the class", m)
	}
	i := slices.IndexFunc(m.Energy, func(f figure) bool { return f.Scope == "machine" })
	if i < 0 {
		t.Fatalf("got %+v; want a figure of the machine", m.Energy)
	}
	if f := m.Energy[i]; f.Low <= 0 || f.Low >= f.Wh || f.Wh >= f.High {
		t.Errorf("got %+v; want a figure inside its range", f)
	}
}

func (w *wine) explain(t *testing.T) {
	text := w.agent(t, 0, "explain")
	refused := map[string]string{}
	for _, m := range parse[explained](t, w.agent(t, 0, "explain", "--json")).Meters {
		if !m.Used {
			refused[m.Name] = m.Reason
		}
	}
	for _, name := range []string{"battery", "emi"} { // Wine has neither
		if reason := refused[name]; len(strings.Fields(reason)) < 4 || !strings.Contains(text, reason) {
			t.Errorf("%s is refused for %q; want a sentence, printed for people too:\n%s", name, reason, text)
		}
	}
}

func (w *wine) misuse(t *testing.T) {
	for _, line := range []string{"onec", "once --for 0s", "once --no-such-flag", "once word", "run --period 1h", "enrol", "show --lang xx"} {
		w.agent(t, 2, strings.Fields(line)...)
	}
}

// secondsOn are the seconds on in the records that show prints.
func (w *wine) secondsOn(t *testing.T, data string) int {
	t.Helper()
	text, stderr, status := w.program(t, "wine", w.file("veille-agent.exe"), "show", "--json", "--data", data)
	if status != 0 {
		t.Logf("nothing to show yet: %s", stderr) // the service makes its folders when it starts
		return 0
	}
	type record struct {
		Parts []struct {
			Seconds struct {
				On         int `json:"on"`
				DisplayOff int `json:"display_off"`
			} `json:"seconds"`
		} `json:"parts"`
	}
	on := 0
	for _, r := range parse[[]record](t, text) {
		for _, p := range r.Parts {
			on += p.Seconds.On + p.Seconds.DisplayOff
		}
	}
	return on
}

func (w *wine) deliver(t *testing.T) {
	address, token := w.collector(t)
	data := w.file("data")
	enrolled := w.agent(t, 0, "enrol", "--data", data, "--collector", address, "--token", token, "--use", "server")
	if !strings.Contains(enrolled, "Site") {
		t.Errorf("enrol printed %q", enrolled)
	}
	before := 0
	for range 2 {
		kill := w.start(t, data)
		want := before + 2
		until(t, "more seconds in the records sent", func() bool { before = w.secondsOn(t, data); return before >= want })
		if _, stderr, status := w.program(t, "wine", w.file("veille-agent.exe"), "run", "--data", data); status != 1 {
			t.Errorf("a second agent: exit %d, want 1\n%s", status, stderr)
		}
		if log := kill(); !strings.Contains(log, "level=INFO") || strings.Contains(log, "level=ERROR") || strings.Contains(log, panicked) {
			t.Errorf("the agent was not well:\n%s", log)
		}
	}
	if after := w.secondsOn(t, data); after < before {
		t.Errorf("%d s after the second kill, %d s before it", after, before)
	}
}

// collector is a collector of this machine that knows one site.
func (w *wine) collector(t *testing.T) (address, token string) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "collector")
	c := exec.CommandContext(t.Context(), w.file("veille-collector"), "serve", "--data", data, "--listen", "127.0.0.1:0")
	c.Env = ours()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the collector printed %q, %v", line, err)
	}
	for _, args := range [][]string{{"site", "add", "--time-zone", "Europe/Paris", "Site"}, {"token", "create", "--site", "Site"}} {
		stdout, stderr, status := w.program(t, append([]string{w.file("veille-collector"), args[0], args[1], "--data", data}, args[2:]...)...)
		if status != 0 {
			t.Fatalf("%v: exit %d\n%s", args, status, stderr)
		}
		token = strings.TrimSpace(stdout)
	}
	return strings.TrimSpace(line), token
}

// start starts the service, and answers what kills it and returns its log.
func (w *wine) start(t *testing.T, data string) (kill func() string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "wine", w.file("veille-agent.exe"), "run", "--data", data, "--period", "1s", "--post-every", "1s")
	var log bytes.Buffer
	c.Env, c.Stderr, c.WaitDelay = w.env, &log, time.Second
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceValue(func() string {
		_ = c.Process.Kill() // at once, as when the power goes
		_ = c.Wait()
		return log.String()
	})
	t.Cleanup(func() { _ = kill() })
	return kill
}

// until asks four times a second, for half a minute at most.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	within(t, 30*time.Second, what, done)
}

// within asks four times a second, for so long at most.
func within(t *testing.T, most time.Duration, what string, done func() bool) {
	t.Helper()
	deadline := time.After(most)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within %v: %s", most, what)
		}
	}
}

// part runs the tests of a room of the agent, made for Windows, in that room, where their files are.
func (w *wine) part(t *testing.T, part string) {
	in := []string{"env", "--chdir=../../agent/" + part}
	stdout, stderr, status := w.program(t, append(in, "wine", w.file(part+".test.exe"))...)
	if status != 0 || strings.Contains(stderr, "no tests to run") {
		t.Errorf("exit %d\n%s%s", status, stdout, stderr)
	}
}

package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

var bin string // folder of the programs

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "veille-bin-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	bin = dir
	build := exec.CommandContext(context.Background(), "go", "build", "-o", dir, "veille/cmd/veille-agent", "veille/cmd/veille-collector", "veille/cmd/veille-ecoindex", "veille/cmd/veille-fleet")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		panic(err)
	}
	return m.Run()
}

// required tells whether a thing that a test needs must be there: REQUIRE names it, or says "all".
func required(what string) bool {
	return strings.Contains(","+os.Getenv("REQUIRE")+",", ","+what+",") || os.Getenv("REQUIRE") == "all"
}

// do runs a program to its end and answers what it printed.
func do(t *testing.T, env []string, args ...string) string {
	t.Helper()
	stdout, stderr, status := try(t, env, args...)
	if status != 0 {
		t.Fatalf("%v: exit %d\n%s%s", args, status, stdout, stderr)
	}
	return stdout
}

func try(t *testing.T, env []string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, bad bytes.Buffer
	c := exec.CommandContext(t.Context(), filepath.Join(bin, args[0]), args[1:]...)
	c.Env = append(environment(), env...)
	c.Stdout, c.Stderr = &out, &bad
	err := c.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), bad.String(), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.String(), bad.String(), 0
}

// environment is that of the test, without the settings of whoever runs it.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "VEILLE_") })
}

// diary is what a program has written so far.
type diary struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.b.Write(p)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.b.String()
}

// process is a program that runs until it is told to stop.
type process struct {
	*exec.Cmd
	first string // line of its standard output
	log   *diary
	out   io.Reader // its standard output
}

// start starts one of our programs, and waits until it has printed a line if it is to print one.
func start(t *testing.T, wantsLine bool, args ...string) *process {
	t.Helper()
	p := launch(t, command(t, args...))
	if wantsLine {
		p.line(t)
	}
	return p
}

// command is one of our programs.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(bin, args[0]), args[1:]...)
}

// launch starts a command, which ends with the test at the latest.
func launch(t *testing.T, c *exec.Cmd) *process {
	t.Helper()
	p := &process{Cmd: c, log: &diary{}}
	p.Stderr = p.log
	if p.Env == nil {
		p.Env = environment()
	}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
	})
	return p
}

// line waits until the program has printed a line.
func (p *process) line(t *testing.T) {
	t.Helper()
	line, err := bufio.NewReader(p.out).ReadString('\n')
	if err != nil {
		_ = p.Wait()
		t.Fatalf("%v printed %q, %v\n%s", p.Args, line, err, p.log)
	}
	p.first = strings.TrimSpace(line)
}

// rest is what the program prints until it ends.
func (p *process) rest() string {
	text, err := io.ReadAll(p.out)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// end sends a signal and answers the exit status.
func (p *process) end(t *testing.T, signal os.Signal) int {
	t.Helper()
	if err := p.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	err := p.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

func read(t *testing.T, address string) *goquery.Document {
	t.Helper()
	_, _, text := get(t, plain(), address)
	document, err := goquery.NewDocumentFromReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// until asks ten times a second, for half a minute at most.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

// site is a collector that runs, with one site, and a token for some machines.
func site(t *testing.T, data, machines string) (collector *process, address, token string) {
	t.Helper()
	collector = start(t, true, "veille-collector", "serve", "--data", data, "--listen", "127.0.0.1:0", "--allow-private")
	return collector, collector.first, newSite(t, data, "", "Lycée", machines)
}

// newSite adds a site, and makes a token for some machines. No day of its time zone is longer than another.
func newSite(t *testing.T, data, organisation, name, machines string) (token string) {
	t.Helper()
	args := []string{"veille-collector", "site", "add", "--data", data, "--time-zone", "Indian/Reunion", name}
	if organisation != "" {
		args = append(args, "--organisation", organisation)
	}
	do(t, nil, args...)
	return strings.TrimSpace(do(t, nil, "veille-collector", "token", "create", "--data", data, "--site", name, "--machines", machines))
}

//go:build !windows

package main

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A program in Go that falls ends with 2, as one whose settings are wrong does, which is not started again: so the unit makes it end by a signal.
func TestAnAgentThatFallsIsStartedAgainByItsUnit(t *testing.T) {
	if os.Getenv("FALLS") != "" {
		panic("it falls")
	}
	unit, err := os.ReadFile("../../agent/packaging/veille-agent.service")
	if err != nil {
		t.Fatal(err)
	}
	given := regexp.MustCompile(`(?m)^RestartPreventExitStatus=(.*)$`).FindStringSubmatch(string(unit))
	if given == nil || given[1] != "2" || !strings.Contains(string(unit), "\nRestart=on-failure\n") {
		t.Fatalf("the unit gives up after %q", given)
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	c.Dir, c.Env = t.TempDir(), append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GOTRACEBACK=") }), "FALLS=1")
	for _, m := range regexp.MustCompile(`(?m)^Environment=(.*)$`).FindAllStringSubmatch(string(unit), -1) {
		c.Env = append(c.Env, strings.Fields(m[1])...)
	}
	out, err := c.CombinedOutput()
	failed, is := errors.AsType[*exec.ExitError](err)
	if !is || !strings.Contains(string(out), "panic: it falls") {
		t.Fatalf("%v\n%s", err, out)
	}
	if how := failed.Sys().(syscall.WaitStatus); !how.Signaled() {
		t.Errorf("it ended with %d, as if its settings were wrong", how.ExitStatus())
	}
}

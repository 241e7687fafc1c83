package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"veille/agent"
	"veille/agent/wire"
)

func TestTheServiceStartsItselfOnceAgainWithCoarseWaitsAndStillStopsAtOnce(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	id, err := json.Marshal(agent.Identity{
		Collector: "http://127.0.0.1:1", InstallKey: strings.Repeat("0", 32), Credential: "x", Site: "Site", Use: wire.Individual,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "identity.json"), id, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "veille-agent", "run", "--data", data, "--period", "5m")
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	log, lines := "", bufio.NewScanner(stderr)
	for lines.Scan() {
		if log += lines.Text() + "\n"; strings.Contains(log, "agent started") {
			break
		}
	}
	proc := fmt.Sprintf("/proc/%d/", c.Process.Pid)
	environment, err := os.ReadFile(proc + "environ")
	if err != nil || strings.Count(string(environment), "\x00"+restarted+"=1\x00") != 1 {
		t.Errorf("it was not started again once: %v, %q\n%s", err, environment, log)
	}
	threads, err := filepath.Glob(proc + "task/*")
	if err != nil || len(threads) < 2 {
		t.Errorf("threads %q, %v", threads, err)
	}
	for _, thread := range threads {
		text, err := os.ReadFile("/proc/" + filepath.Base(thread) + "/timerslack_ns")
		if os.IsPermission(err) {
			t.Log("only root may see another process' slack")
			break
		}
		if got := strings.TrimSpace(string(text)); err != nil || got != fmt.Sprint(int64(slack)) {
			t.Errorf("thread %s may be %s ns late, %v; want %d", filepath.Base(thread), got, err, slack)
		}
	}
	told := time.Now()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		log += lines.Text() + "\n"
	}
	if err := c.Wait(); err != nil || !strings.Contains(log, "agent stopped") || time.Since(told) > 2*time.Second {
		t.Errorf("it stopped after %v: %v\n%s", time.Since(told), err, log)
	}
	if text, err := os.ReadFile(filepath.Join(data, "running.json")); err != nil || !strings.Contains(string(text), `"stopped":true`) {
		t.Errorf("it left %s, %v", text, err)
	}
}

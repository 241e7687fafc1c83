package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// do runs one of our programs to its end, and answers what it printed.
func (b *bench) do(ctx context.Context, env, program string, args ...string) ([]byte, error) {
	var out bytes.Buffer
	c := exec.CommandContext(ctx, filepath.Join(b.bin, program), args...)
	c.Env = append(os.Environ(), env)
	c.Stdout, c.Stderr = &out, b.stderr
	if err := c.Run(); err != nil {
		return out.Bytes(), fmt.Errorf("%s %s: %w", program, args[0], err)
	}
	return out.Bytes(), nil
}

// prepare makes a site and a token for all machines.
func (b *bench) prepare(ctx context.Context) (token string, err error) {
	if _, err := b.do(ctx, "", "veille-collector", "site", "add", "--data", b.data(), "Lycée"); err != nil {
		return "", err
	}
	out, err := b.do(ctx, "", "veille-collector", "token", "create", "--data", b.data(), "--site", "Lycée", "--machines", strconv.Itoa(b.machines))
	return strings.TrimSpace(string(out)), err
}

// collector is a running one.
type collector struct {
	*exec.Cmd
	address string
}

func (b *bench) start(ctx context.Context) (*collector, error) {
	c := &collector{Cmd: exec.CommandContext(ctx, filepath.Join(b.bin, "veille-collector"), "serve", "--data", b.data(), "--listen", "127.0.0.1:0")}
	c.Stderr = b.stderr
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the collector: %w", err)
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start the collector: %w", err)
	}
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the collector did not start: %w", err), c.Wait())
	}
	c.address = strings.TrimSpace(first)
	return c, nil
}

func (c *collector) stop() error {
	return errors.Join(c.Process.Signal(syscall.SIGTERM), c.Wait())
}

// usage is what a process has taken.
type usage struct{ peakMB float64 }

func (c *collector) usage() (usage, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.Process.Pid))
	if err != nil {
		return usage{}, fmt.Errorf("ask what the collector takes: %w", err)
	}
	for l := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(l, "VmHWM:"); found {
			kB, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return usage{kB * 1024 / 1e6}, err
		}
	}
	return usage{}, errors.New("the system does not say what the collector takes")
}

// result is what veille-fleet load says.
type result struct {
	PostsPerS   float64 `json:"posts_per_s"`
	RecordsPerS float64 `json:"records_per_s"`
	P50MS       float64 `json:"p50_ms"`
	P99MS       float64 `json:"p99_ms"`
	Acked       int     `json:"acked"`
	Missing     int     `json:"missing"`
	Duplicates  int     `json:"duplicates"`
	Verified    int     `json:"verified"`
	Seconds     float64 `json:"seconds"`
	CPUPerPost  float64 `json:"cpu_us_per_post"`
}

func (b *bench) load(ctx context.Context, c *collector, token string, args ...string) (result, error) {
	args = append([]string{
		"load", "--machines", strconv.Itoa(b.machines), "--collector", c.address, "--identities", filepath.Join(b.dir, "identities"), "--keep-alive", "--json",
	}, args...)
	out, err := b.do(ctx, "VEILLE_TOKEN="+token, "veille-fleet", args...)
	var r result
	if bad := json.Unmarshal(out, &r); bad != nil {
		return r, errors.Join(err, bad)
	}
	return r, err
}

// sizes are what veille-collector size says.
type sizes struct {
	Bytes       int64   `json:"bytes"`
	MachineDays int64   `json:"machine_days"`
	PerYear     float64 `json:"bytes_per_machine_year"`
}

func (b *bench) size(ctx context.Context, data string) (sizes, error) {
	out, err := b.do(ctx, "", "veille-collector", "size", "--data", data, "--json")
	var s sizes
	if err == nil {
		err = json.Unmarshal(out, &s)
	}
	return s, err
}

// simulate lets machines live a year, retention included, and says how large they are.
func (b *bench) simulate(ctx context.Context) ([]line, error) {
	data := filepath.Join(b.dir, "year")
	_, err := b.do(ctx, "", "veille-fleet", "simulate", "--machines", strconv.Itoa(b.year), "--days", "365", "--seed", "1", "--data", data, "--through", "store")
	if err != nil {
		return nil, err
	}
	s, err := b.size(ctx, data)
	return []line{
		{what: fmt.Sprintf("a year of %d machines with default retention, MB", b.year), found: float64(s.Bytes) / 1e6},
		{what: "bytes per machine-year", found: s.PerYear},
		{what: "so a year of 50,000 machines, GB", found: s.PerYear * 50_000 / 1e9, most: 10},
	}, err
}

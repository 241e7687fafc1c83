package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// program is one of those compared.
type program struct {
	name   string
	args   []string
	files  []string // that make it up
	scrape string   // address that a server of metrics would ask once in a period; "": it works by itself
	proof  string   // pattern of the files that it has written when it does its work; "": it writes none
}

const ours = "veille-agent"

// peers are the programs compared with ours. The first does what ours does, and keeps the figures; the second waits to be
// asked for them, for all it knows by default and for what concerns energy only.
func (b *bench) peers() ([]program, error) {
	exporter, err := filepath.Abs(filepath.Join(b.tools, "prometheus-node-exporter/usr/bin/prometheus-node-exporter"))
	if err != nil {
		return nil, err
	}
	collectd, err := b.collectd()
	if err != nil {
		return nil, err
	}
	all := []program{collectd}
	for _, variant := range []struct {
		name  string
		flags []string
	}{
		{"node_exporter, defaults", nil},
		{"node_exporter, rapl cpu powersupply time", []string{
			"--collector.disable-defaults", "--collector.rapl", "--collector.cpu", "--collector.powersupplyclass", "--collector.time",
		}},
	} {
		address, err := unused()
		if err != nil {
			return nil, err
		}
		all = append(all, program{
			name: variant.name, args: append([]string{exporter, "--web.listen-address=" + address}, variant.flags...),
			files: []string{exporter}, scrape: "http://" + address + "/metrics",
		})
	}
	return all, nil
}

// unused is an address of this machine on which nothing listens now.
func unused() (string, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

// collectd is Debian's, with the plug-ins nearest to what we read, and all figures in files.
func (b *bench) collectd() (program, error) {
	root, err := filepath.Abs(filepath.Join(b.tools, "collectd-core"))
	if err != nil {
		return program{}, err
	}
	home := filepath.Join(b.dir, "collectd")
	plugins := []string{"csv", "cpu", "memory", "uptime", "battery"} // the one that writes before those that read
	p := program{
		name: "collectd", files: []string{filepath.Join(root, "usr/sbin/collectd")}, proof: filepath.Join(home, "csv/bench/*/*"),
	}
	var settings strings.Builder
	fmt.Fprintf(&settings, "Hostname \"bench\"\nFQDNLookup false\nInterval %d\nBaseDir %q\nPIDFile %q\nPluginDir %q\nTypesDB %q\n",
		period/time.Second, home, filepath.Join(home, "pid"), filepath.Join(root, "usr/lib/collectd"), filepath.Join(root, "usr/share/collectd/types.db"))
	for _, name := range plugins {
		fmt.Fprintf(&settings, "LoadPlugin %s\n", name)
		p.files = append(p.files, filepath.Join(root, "usr/lib/collectd", name+".so"))
	}
	fmt.Fprintf(&settings, "<Plugin csv>\n  DataDir %q\n</Plugin>\n", filepath.Join(home, "csv"))
	file := filepath.Join(home, "collectd.conf")
	p.args = []string{p.files[0], "-f", "-C", file}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return p, err
	}
	return p, os.WriteFile(file, []byte(settings.String()), 0o600)
}

// agent is ours, enrolled at a collector of ours that listens until the bench ends.
func (b *bench) agent(ctx context.Context, collector string) (program, error) {
	command, data := filepath.Join(b.bin, ours), filepath.Join(b.dir, "agent")
	kept := filepath.Join(b.dir, "collector")
	admin := filepath.Join(b.bin, "veille-collector")
	if _, err := ask(ctx, admin, "site", "add", "--data", kept, "--time-zone", "Europe/Paris", "Bench"); err != nil {
		return program{}, err
	}
	token, err := ask(ctx, admin, "token", "create", "--data", kept, "--site", "Bench")
	if err != nil {
		return program{}, err
	}
	if _, err := ask(ctx, command, "enrol", "--data", data, "--collector", collector, "--token", strings.TrimSpace(token)); err != nil {
		return program{}, err
	}
	return program{
		name: ours, args: []string{command, "run", "--data", data, "--period", period.String()}, files: []string{command},
		proof: filepath.Join(data, "running.json"),
	}, nil
}

// ask runs a program of ours to its end, and answers what it printed.
func ask(ctx context.Context, args ...string) (string, error) {
	var out, bad bytes.Buffer
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Stdout, c.Stderr = &out, &bad
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(args[:2], " "), err, strings.TrimSpace(bad.String()))
	}
	return out.String(), nil
}

// process is a program that runs.
type process struct {
	*exec.Cmd
	first string // line it printed, where that was waited for
	log   *bytes.Buffer
	done  chan struct{} // closed when it has ended
}

// start starts a program, and waits for the first line it prints when line is set.
func start(args []string, line bool) (*process, error) {
	p := &process{Cmd: exec.CommandContext(context.Background(), args[0], args[1:]...), log: &bytes.Buffer{}, done: make(chan struct{})}
	p.Stderr = p.log
	var out io.ReadCloser
	if line {
		var err error
		if out, err = p.StdoutPipe(); err != nil {
			return nil, err
		}
	}
	if err := p.Start(); err != nil {
		return nil, err
	}
	if line {
		text, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			_ = p.Process.Kill()
			_ = p.Wait()
			return nil, fmt.Errorf("%s did not start: %s", args[0], strings.TrimSpace(p.log.String()))
		}
		p.first = strings.TrimSpace(text)
	}
	go func() {
		_ = p.Wait() // how it ends is asked of its log
		close(p.done)
	}()
	return p, nil
}

// ended says why a process is no longer there, if that is so.
func (p *process) ended() error {
	select {
	case <-p.done:
		return fmt.Errorf("it ended, %v: %s", p.ProcessState, lastLine(p.log.String()))
	default:
		return nil
	}
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// stop asks a process to end, and ends it when it does not. It returns when it is gone.
func (p *process) stop() {
	_ = p.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		_ = p.Process.Kill()
		<-p.done
	}
}

// scraper asks a program for its metrics, as a server of metrics does, over one connection.
func scraper(ctx context.Context, address string) error {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(period)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := scrape(ctx, client, address); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func scrape(ctx context.Context, client *http.Client, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, answer.Body)
	err = errors.Join(err, answer.Body.Close())
	if err == nil && (answer.StatusCode != http.StatusOK || n == 0) {
		err = fmt.Errorf("ask %s: %s, %d bytes", address, answer.Status, n)
	}
	return err
}

// Command pages measures how long our dashboards take at the server, and the report of a year, with a region's machines and a year of their
// figures, and prints as Markdown what it found beside the numbers that we hold ourselves to. Its exit status is 1 when that is not held.
//
// It runs in the top folder of the repository, on Linux, after make build. The collector that it starts is on loopback, and has ended when it
// ends. The year is simulated first, which takes long: --data keeps it for the next time.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

// most is how long a page may take, of 95 among 100.
const most = 50 * time.Millisecond

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench/pages: "+err.Error())
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	bin, data string
	machines  int
	times     int
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	fs := pflag.NewFlagSet("pages", pflag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.bin, "bin", "bin", "`folder` of our programs")
	fs.StringVar(&o.data, "data", "var/bench-pages", "`folder` of a collector with the machines; it is filled where it has none, and kept")
	fs.IntVar(&o.machines, "machines", 50_000, "`number` of machines that are simulated")
	fs.IntVar(&o.times, "times", 200, "how often each page is asked for")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if err := o.fill(ctx, stderr); err != nil {
		return err
	}
	c, end, err := o.serve(ctx, stderr)
	if err != nil {
		return err
	}
	return errors.Join(c.measure(ctx, stdout, o.times), end(), o.report(ctx, stdout, stderr))
}

// fill simulates the machines where there are none.
func (o options) fill(ctx context.Context, stderr io.Writer) error {
	if _, err := os.Stat(filepath.Join(o.data, "veille.db")); err == nil {
		return nil
	}
	_, err := o.ours(ctx, stderr, "veille-fleet", "simulate", "--machines", fmt.Sprint(o.machines), "--days", "400", "--through", "store",
		"--sleep-policy", time.Now().AddDate(0, -8, 0).Format(time.DateOnly)+":0.8", "--data", o.data)
	return err
}

// ours runs one of our programs to its end.
func (o options) ours(ctx context.Context, stderr io.Writer, name string, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, filepath.Join(o.bin, name), args...)
	c.Stderr = stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return out, nil
}

// caller is somebody who has signed in.
type caller struct {
	*http.Client
	address string
}

// serve starts a collector and signs in.
func (o options) serve(ctx context.Context, stderr io.Writer) (c caller, end func() error, err error) {
	admin := func(args ...string) ([]byte, error) {
		return o.ours(ctx, stderr, "veille-collector", append(args, "--data", o.data)...)
	}
	if known, err := admin("user", "list", "--json"); err != nil {
		return c, nil, err
	} else if !strings.Contains(string(known), `"bench"`) { // from the last time
		if err := begin(admin); err != nil {
			return c, nil, err
		}
	}
	invited, err := admin("user", "invite", "bench", "--json")
	if err != nil {
		return c, nil, err
	}
	var invitation struct{ Path string }
	if err := json.Unmarshal(invited, &invitation); err != nil {
		return c, nil, fmt.Errorf("read the invitation: %w", err)
	}
	server := exec.CommandContext(ctx, filepath.Join(o.bin, "veille-collector"), "serve", "--data", o.data, "--listen", "127.0.0.1:0", "--browser", "none")
	server.Stderr = io.Discard
	server.Cancel = func() error { return server.Process.Signal(syscall.SIGTERM) }
	out, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		return c, nil, fmt.Errorf("start the collector: %w", err)
	}
	end = func() error { return errors.Join(server.Process.Signal(syscall.SIGTERM), server.Wait()) }
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return c, nil, errors.Join(fmt.Errorf("read the address of the collector: %w", err), end())
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return c, nil, errors.Join(err, end())
	}
	c = caller{&http.Client{Jar: jar}, strings.TrimRight(strings.TrimSpace(address), "/")}
	if err := c.accept(ctx, invitation.Path); err != nil {
		return c, nil, errors.Join(err, end())
	}
	return c, end, nil
}

// begin makes a user, a price, and an action with a baseline of six months.
func begin(admin func(...string) ([]byte, error)) error {
	now := time.Now()
	month := func(back int) string { return now.AddDate(0, -back, 1-now.Day()).Format("2006-01") }
	for _, args := range [][]string{
		{"user", "add", "bench", "--role", "it,officer,web,reader"},
		{"price", "set", "--from", month(13), "--euro", "0.21", "--tax", "included", "--source", "example"},
		{"action", "add", "Sleep policy", "--measure", "sleep-policy", "--on", now.AddDate(0, -6, 1-now.Day()).Format(time.DateOnly), "--baseline", month(12) + ":" + month(7)},
	} {
		if _, err := admin(args...); err != nil {
			return err
		}
	}
	return nil
}

// accept takes an invitation: its page gives a cookie, and its form takes a password.
func (c caller) accept(ctx context.Context, path string) error {
	if _, err := c.get(ctx, path); err != nil {
		return fmt.Errorf("open the invitation: %w", err)
	}
	const password = "measured on loopback only"
	form := url.Values{"name": {"bench"}, "password": {password}, "again": {password}}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address+"/invite", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := c.Do(r)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK || answer.Request.URL.Path != "/" {
		return fmt.Errorf("sign in: %s at %s", answer.Status, answer.Request.URL.Path)
	}
	return nil
}

// measure asks for each page so many times, one request after the other.
func (c caller) measure(ctx context.Context, stdout io.Writer, times int) error {
	_, _ = fmt.Fprintf(stdout, "| page | kB | first, ms | median, ms | p95, ms | of %d |\n|---|---|---|---|---|---|\n", most.Milliseconds())
	var slow []string
	for _, path := range []string{
		"/", "/sites", "/sites/1", "/sites/1/groups/1", "/sites/1/hours", "/levers", "/what-if", "/actions", "/equipment", "/reports", "/reports/draft", "/machines", "/machines/1", "/web", "/settings",
		"/settings/users", "/method", "/data", "/api/v1/overview", "/api/v1/sites", "/public/sites",
	} {
		var all []time.Duration
		size := 0
		for range times {
			begun := time.Now()
			n, err := c.get(ctx, path)
			if err != nil {
				return err
			}
			all, size = append(all, time.Since(begun)), n
		}
		first := all[0]
		slices.Sort(all)
		p95 := all[len(all)*95/100]
		_, _ = fmt.Fprintf(stdout, "| %s | %.1f | %.1f | %.1f | %.1f | %.2f |\n", path, float64(size)/1000, ms(first), ms(all[len(all)/2]), ms(p95), float64(p95)/float64(most))
		if p95 > most {
			slow = append(slow, path)
		}
	}
	if len(slow) > 0 {
		return fmt.Errorf("slower than %v: %s", most, strings.Join(slow, " "))
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// get asks for a page and answers its size.
func (c caller) get(ctx context.Context, path string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address+path, nil)
	if err != nil {
		return 0, err
	}
	answer, err := c.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	n, err := io.Copy(io.Discard, answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, answer.Status)
	}
	return int(n), err
}

// Command collector measures what our collector takes in, with the generator beside it on the same machine, and prints as Markdown what
// it found beside the numbers that we hold ourselves to: durable posts and records per second, latencies, memory, bytes on disk. Its
// exit status is 1 when one of these is not held, or when a record that was acknowledged is not there once.
//
// It runs in the top folder of the repository, on Linux, after make build. Everything it starts is on loopback, and has ended when it
// ends.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench/collector: "+err.Error())
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	bin      string // folder of our programs
	files    string // where the collector writes
	machines int
	days     int           // of backlog
	steady   time.Duration // how long single records are posted
	verify   string
	year     int // machines of the simulated year; 0: none
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := pflag.NewFlagSet("collector", pflag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.bin, "bin", "bin", "`folder` of our programs")
	fs.StringVar(&o.files, "files", "var", "a `folder` for what the collector writes, gone at the end")
	fs.IntVar(&o.machines, "machines", 50_000, "`number` of machines that report")
	fs.IntVar(&o.days, "days", 21, "`number` of days that each has to tell of")
	fs.DurationVar(&o.steady, "steady", 20*time.Second, "how `long` single records are posted")
	fs.StringVar(&o.verify, "verify", "all", "how many records are looked for afterwards: `all`, sample or none")
	fs.IntVar(&o.year, "year", 5_000, "`number` of machines of which a year is simulated, for the size of the database; 0: none")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if o.machines < 1 || o.days < 1 || o.days > 40 {
		return o, errors.New("give at least one machine, and 1 to 40 days")
	}
	return o, nil
}

// run is the program without the process.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.files, 0o700); err != nil {
		return fmt.Errorf("make %s: %w", o.files, err)
	}
	dir, err := os.MkdirTemp(o.files, "bench-collector-")
	if err != nil {
		return fmt.Errorf("make a folder to write to: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{options: o, dir: dir, stderr: stderr}
	lines, err := b.measure(ctx)
	if err != nil {
		return err
	}
	return report(stdout, lines)
}

// bench is one run.
type bench struct {
	options
	dir    string
	stderr io.Writer
}

func (b *bench) data() string { return filepath.Join(b.dir, "collector") }

// measure goes through the loads one after the other.
func (b *bench) measure(ctx context.Context) ([]line, error) {
	token, err := b.prepare(ctx)
	if err != nil {
		return nil, err
	}
	c, err := b.start(ctx)
	if err != nil {
		return nil, err
	}
	lines, err := b.loads(ctx, c, token)
	if err := errors.Join(err, c.stop()); err != nil {
		return nil, err
	}
	size, err := b.size(ctx, b.data())
	if err != nil {
		return nil, err
	}
	lines = append(lines, line{what: fmt.Sprintf("database after it, MB (%d machine-days)", size.MachineDays), found: float64(size.Bytes) / 1e6})
	if b.year == 0 {
		return lines, nil
	}
	year, err := b.simulate(ctx)
	return append(lines, year...), err
}

// loads puts the load on the collector: the Monday after the holidays, then single records.
func (b *bench) loads(ctx context.Context, c *collector, token string) ([]line, error) {
	burst, err := b.load(ctx, c, token, "--mode", "burst", "--days", fmt.Sprint(b.days), "--connections", "64", "--verify", "none")
	if err != nil {
		return nil, err
	}
	after, err := c.usage()
	if err != nil {
		return nil, err
	}
	steady, err := b.load(ctx, c, token, "--mode", "steady", "--for", b.steady.String(), "--connections", "128", "--verify", b.verify)
	if err != nil {
		return nil, err
	}
	last, err := c.usage()
	if err != nil {
		return nil, err
	}
	return []line{
		{what: fmt.Sprintf("backlog of %d machines × %d days, s", b.machines, b.days), found: burst.Seconds, most: 60},
		{what: "backlog, durable records/s", found: burst.RecordsPerS, least: 20_000},
		{what: "backlog, p99 of a post, ms", found: burst.P99MS},
		{what: "single records, durable posts/s", found: steady.PostsPerS, least: 5_000},
		{what: "single records, p50, ms", found: steady.P50MS},
		{what: "single records, p99, ms", found: steady.P99MS, most: 250},
		{what: "collector, most memory (RSS) in the backlog, MB", found: after.peakMB},
		{what: "collector, most memory (RSS) in all, MB", found: last.peakMB, most: 150},
		{what: "generator, CPU per single post, µs", found: steady.CPUPerPost},
		{what: fmt.Sprintf("records looked for: %d of %d; missing", steady.Verified, burst.Acked+steady.Acked), found: float64(steady.Missing), most: 0, exact: true},
		{what: "counted twice", found: float64(steady.Duplicates), most: 0, exact: true},
	}, nil
}

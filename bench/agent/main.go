// Command agent compares what our agent costs at rest with what its peers cost, side by side in one run on one machine,
// and prints as Markdown what it found: memory, processor time, wake-ups, bytes written and size, beside the numbers that
// we hold ourselves to. Its exit status is 1 when one of these is not held.
//
// It runs in the top folder of the repository, on Linux, after make build cross and bench/agent/install.sh. A peer that is
// not there is said and left out. Everything it starts is on loopback, and has ended when it ends.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench/agent: "+err.Error())
		os.Exit(1)
	}
}

// Every program does its work once in a period. The first of them, and what a start costs, are over when it has settled;
// the time between two periods' work is where the measurement begins and ends.
const (
	period = time.Minute
	settle = 90 * time.Second
)

// options are what the flags say.
type options struct {
	bin   string        // folder of our programs, and of those for other systems
	tools string        // where install.sh put the peers
	files string        // where the programs write
	long  time.Duration // of the measurement
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.bin, "bin", "bin", "`folder` of our programs")
	fs.StringVar(&o.tools, "tools", ".tools/bench/agent", "the `folder` that install.sh fills")
	fs.StringVar(&o.files, "files", "var", "a `folder` for what the programs write, gone at the end: on a disk, none of its path beginning with a dot")
	fs.DurationVar(&o.long, "for", 10*time.Minute, "how `long` to measure, 1m to 24h, in whole minutes, after 90 s to settle")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if o.long < period || o.long > 24*time.Hour || o.long%period != 0 {
		return o, fmt.Errorf("--for %v is not a number of whole minutes between 1m and 24h", o.long)
	}
	return o, nil
}

// run is the program without the process.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	dir, err := scratch(o.files)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{options: o, dir: dir, proc: os.DirFS("/proc"), progress: progress{stderr, terminal(stderr)}}
	found, err := b.measure(ctx)
	if err != nil {
		return err
	}
	var text strings.Builder
	held := write(&text, o.long, found, sizes(filepath.Join(o.bin, "cross")))
	if _, err := io.WriteString(stdout, text.String()); err != nil {
		return err
	}
	if !held {
		return errors.New("a number is not held")
	}
	return nil
}

// scratch makes a folder for what the programs write: not in memory, for a sample that is on disk for good has its cost;
// and below no folder whose name begins with a dot, because collectd writes nothing there.
func scratch(files string) (string, error) {
	files, err := filepath.Abs(files)
	if err != nil {
		return "", err
	}
	if strings.Contains(files, "/.") {
		return "", fmt.Errorf("--files %s has a name that begins with a dot; choose another folder", files)
	}
	if err := os.MkdirAll(files, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(files, "bench-agent-")
}

// bench is one run of this program.
type bench struct {
	options

	dir      string // of what the programs write, gone at the end
	proc     fs.FS  // the processes of this machine
	progress progress
}

// progress is where a person reads how far the run is.
type progress struct {
	w    io.Writer
	here bool // somebody looks
}

// at says how far the run is, in place of what it said before.
func (p progress) at(what string, done, of time.Duration) {
	if p.here {
		_, _ = fmt.Fprintf(p.w, "\r%s: %v of %v  ", what, done.Round(time.Second), of)
		if done >= of {
			_, _ = fmt.Fprintln(p.w)
		}
	}
}

// terminal tells whether a person looks at w.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// sizes are the bytes of our agent for each system it is made for, by the name of the file.
func sizes(dir string) map[string]int64 {
	all := map[string]int64{}
	files, _ := filepath.Glob(filepath.Join(dir, "veille-agent-*")) // the pattern is good
	for _, name := range files {
		if info, err := os.Stat(name); err == nil {
			all[strings.TrimPrefix(filepath.Base(name), "veille-agent-")] = info.Size()
		}
	}
	return all
}

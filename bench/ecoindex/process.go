package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// sampling is how often the memory of a measurer is read.
const sampling = 200 * time.Millisecond

// cost is what a measurer took.
type cost struct {
	wall time.Duration
	cpu  time.Duration
	peak int64 // bytes, of it and its children, as often as it was read
	rss  int64 // bytes: the peak of the program alone as the kernel kept it; 0 where that is not known
}

// job is a program to run and to watch.
type job struct {
	args []string
	dir  string
	env  []string                       // beside our own
	line func(text []byte, peak *peaks) // called for each line it prints
	into *os.File                       // takes what it prints in place of line; nil for line
	end  os.Signal                      // that stops it; nil for an interrupt
}

// watch runs a program to its end and says what it and its children took. An error that is an *exec.ExitError has the
// first line of what the program wrote on its standard error.
func watch(ctx context.Context, proc fs.FS, j job) (cost, error) {
	command := exec.CommandContext(ctx, j.args[0], j.args[1:]...)
	command.Dir, command.Env = j.dir, append(os.Environ(), j.env...)
	command.Cancel = func() error { return command.Process.Signal(cmp.Or(j.end, os.Interrupt)) } // it has browsers to end
	command.WaitDelay = 10 * time.Second
	var complaints bytes.Buffer
	command.Stderr = &complaints
	var out io.Reader
	if j.into != nil {
		command.Stdout = j.into
	} else if pipe, err := command.StdoutPipe(); err != nil {
		return cost{}, err
	} else {
		out = pipe
	}
	begun := time.Now()
	if err := command.Start(); err != nil {
		return cost{}, err
	}
	seen := &peaks{cpu: map[string]time.Duration{}}
	stop := make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() { seen.follow(proc, command.Process.Pid, stop) })
	var readErr error
	if out != nil {
		readErr = readLines(out, func(text []byte) { j.line(text, seen) })
	}
	err := command.Wait()
	close(stop)
	sampler.Wait()
	c := cost{wall: time.Since(begun), peak: seen.highest()}
	c.cpu = max(seen.used(), command.ProcessState.UserTime()+command.ProcessState.SystemTime())
	if own := ownResident(); resident(command.ProcessState) > own {
		c.rss = resident(command.ProcessState)
	}
	if err != nil {
		return c, fmt.Errorf("%s: %w: %s", j.args[0], err, firstLine(complaints.String()))
	}
	return c, readErr
}

func readLines(out io.Reader, each func([]byte)) error {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20) // a page with all its requests is one line
	for lines.Scan() {
		each(lines.Bytes())
	}
	if err := lines.Err(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return fmt.Errorf("read what was printed: %w", err)
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// peaks follows the memory and the processor time of a measurer.
type peaks struct {
	mu    sync.Mutex
	peak  int64
	since int64 // the peak since the last mark
	cpu   map[string]time.Duration
}

func (p *peaks) follow(proc fs.FS, root int, stop <-chan struct{}) {
	tick := time.NewTicker(sampling)
	defer tick.Stop()
	for {
		p.add(tree(proc, root))
		select {
		case <-tick.C:
		case <-stop:
			return
		}
	}
}

func (p *peaks) add(s spent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.peak, p.since = max(p.peak, s.memory), max(p.since, s.memory)
	maps.Copy(p.cpu, s.cpu)
}

func (p *peaks) highest() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.peak
}

// mark answers the peak since the last mark.
func (p *peaks) mark() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	since := p.since
	p.since = 0
	return since
}

// used is the processor time of all processes that were seen, those that have ended included.
func (p *peaks) used() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var sum time.Duration
	for _, used := range p.cpu {
		sum += used
	}
	return sum
}

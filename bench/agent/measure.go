package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// found is what one program took.
type found struct {
	program

	err      error // why there is nothing
	refused  error // why it gave no metrics when asked
	over     time.Duration
	rss      int64 // bytes, the most that was seen
	pss      int64 // bytes, at the end
	ran      time.Duration
	wakeups  int64
	written  int64 // bytes sent to storage
	size     int64 // bytes of its files
	threads  int   // at the end
	process  *process
	slept    total
	worked   total
	before   reading
	measured bool // before has been read
}

// measure runs all programs side by side, ours first.
func (b *bench) measure(ctx context.Context) ([]*found, error) {
	kept := filepath.Join(b.dir, "collector")
	collector, err := start([]string{filepath.Join(b.bin, "veille-collector"), "serve", "--data", kept, "--listen", "127.0.0.1:0"}, true)
	if err != nil {
		return nil, fmt.Errorf("start our collector: %w", err)
	}
	defer collector.stop()
	agent, err := b.agent(ctx, strings.TrimSuffix(collector.first, "/"))
	if err != nil {
		return nil, err
	}
	peers, err := b.peers()
	if err != nil {
		return nil, err
	}
	var all []*found
	for _, p := range append([]program{agent}, peers...) {
		all = append(all, &found{program: p})
	}
	defer func() {
		for _, f := range all {
			if f.process != nil {
				f.process.stop()
			}
		}
	}()
	asked, stop := context.WithCancel(ctx)
	var scrapers sync.WaitGroup
	defer scrapers.Wait()
	defer stop()
	for _, f := range all {
		f.begin()
		if f.err == nil && f.scrape != "" {
			scrapers.Go(func() { f.refused = scraper(asked, f.scrape) })
		}
	}
	if all[0].err == nil {
		err = b.watch(ctx, all)
	}
	stop()
	scrapers.Wait()
	for _, f := range all {
		f.err = errors.Join(f.err, f.refused)
	}
	if err == nil && all[0].err != nil {
		err = fmt.Errorf("our agent: %w", all[0].err)
	}
	return all, err
}

// begin starts the program, if it is there.
func (f *found) begin() {
	if f.size, f.err = size(f.files); f.err == nil {
		f.process, f.err = start(f.args, false)
	}
}

// size is the bytes of the files that make up a program.
func size(files []string) (int64, error) {
	var sum int64
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			return 0, fmt.Errorf("not there: %w", err)
		}
		sum += info.Size()
	}
	return sum, nil
}

// watch lets the programs settle, then reads each once a second, so that a thread that ends is counted too.
func (b *bench) watch(ctx context.Context, all []*found) error {
	if err := b.wait(ctx, "settling", settle, nil); err != nil {
		return err
	}
	begun := time.Now()
	look := func() {
		for _, f := range all {
			if f.err == nil {
				f.err = b.look(f)
			}
		}
	}
	look()
	if err := b.wait(ctx, "measuring", b.long, look); err != nil {
		return err
	}
	for _, f := range all {
		f.over, f.wakeups, f.ran = time.Since(begun), f.slept.sum(), time.Duration(f.worked.sum())
		if f.err == nil {
			f.pss, f.err = proportional(b.proc, f.process.Process.Pid)
		}
		if f.err == nil {
			f.err = f.worksAsAsked()
		}
	}
	return nil
}

// worksAsAsked tells whether a program has written what it is there to write: one that does nothing costs nothing.
func (f *found) worksAsAsked() error {
	if f.proof == "" {
		return nil
	}
	written, err := filepath.Glob(f.proof)
	if err == nil && len(written) == 0 {
		err = fmt.Errorf("it has written nothing at %s", f.proof)
	}
	return err
}

func (b *bench) look(f *found) error {
	if err := f.process.ended(); err != nil {
		return err
	}
	r, err := read(b.proc, f.process.Process.Pid)
	if err != nil {
		return err
	}
	if !f.measured {
		f.before, f.measured = r, true
	}
	f.slept.see(r.slept)
	f.worked.see(r.ran)
	f.rss, f.written, f.threads = max(f.rss, r.rss), r.written-f.before.written, len(r.slept)
	return nil
}

// wait lets a time go by, and calls each once a second.
func (b *bench) wait(ctx context.Context, what string, d time.Duration, each func()) error {
	begun := time.Now()
	end := time.NewTimer(d)
	defer end.Stop()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("stopped while %s: %w", what, context.Cause(ctx))
		case <-end.C:
			b.progress.at(what, d, d)
			if each != nil {
				each()
			}
			return nil
		case <-tick.C:
			b.progress.at(what, min(time.Since(begun), d-1), d)
			if each != nil {
				each()
			}
		}
	}
}

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// field is the whole number that follows a key at the beginning of a line, as in status, io and smaps_rollup of proc(5):
// "VmRSS:	  123 kB". It is false where there is none.
func field(text []byte, key string) (int64, bool) {
	for line := range bytes.Lines(text) {
		rest, ok := bytes.CutPrefix(line, []byte(key+":"))
		if !ok {
			continue
		}
		words := strings.Fields(string(rest))
		if len(words) == 0 {
			return 0, false
		}
		n, err := strconv.ParseInt(words[0], 10, 64)
		return n, err == nil
	}
	return 0, false
}

// ran is the time a thread has spent on a processor: the first number of its schedstat, in nanoseconds. That of stat is
// counted in hundredths of a second, which is too coarse for what works a millisecond in a minute.
func ran(schedstat []byte) (time.Duration, bool) {
	words := strings.Fields(string(schedstat))
	if len(words) == 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(words[0], 10, 64)
	return time.Duration(n), err == nil && n >= 0
}

// reading is what the kernel says of a process at a moment.
type reading struct {
	slept   map[string]int64 // by thread: how often it gave up its processor of itself, each of which ends with a wake-up
	ran     map[string]int64 // by thread: nanoseconds on a processor
	rss     int64            // bytes
	written int64            // bytes sent to storage since the start
}

// read asks for a process and all its threads. A thread that ends meanwhile is left out.
func read(proc fs.FS, pid int) (reading, error) {
	r := reading{slept: map[string]int64{}, ran: map[string]int64{}}
	home := strconv.Itoa(pid)
	threads, err := fs.ReadDir(proc, home+"/task")
	if err != nil {
		return r, fmt.Errorf("list the threads of process %d: %w", pid, err)
	}
	for _, t := range threads {
		status, err := fs.ReadFile(proc, home+"/task/"+t.Name()+"/status")
		if err != nil {
			continue
		}
		schedstat, err := fs.ReadFile(proc, home+"/task/"+t.Name()+"/schedstat")
		if err != nil {
			continue
		}
		slept, ok := field(status, "voluntary_ctxt_switches")
		on, counted := ran(schedstat)
		if !ok || !counted {
			return r, fmt.Errorf("thread %s of process %d: the kernel does not count its wake-ups, or its time", t.Name(), pid)
		}
		r.slept[t.Name()], r.ran[t.Name()] = slept, int64(on)
	}
	for _, want := range []struct {
		file, key string
		unit      int64
		into      *int64
	}{{"status", "VmRSS", 1024, &r.rss}, {"io", "write_bytes", 1, &r.written}} {
		if *want.into, err = number(proc, home+"/"+want.file, want.key); err != nil {
			return r, err
		}
		*want.into *= want.unit
	}
	return r, nil
}

// proportional is the proportional set size of a process in bytes: what it shares with others counts in part.
func proportional(proc fs.FS, pid int) (int64, error) {
	kb, err := number(proc, strconv.Itoa(pid)+"/smaps_rollup", "Pss")
	return kb * 1024, err
}

func number(proc fs.FS, name, key string) (int64, error) {
	text, err := fs.ReadFile(proc, name)
	if err != nil {
		return 0, err
	}
	n, ok := field(text, key)
	if !ok {
		return 0, fmt.Errorf("read %s: it has no number %s", name, key)
	}
	return n, nil
}

// total adds up a count that each thread of a process has, from the first time it is told one on, with the threads that
// came and those that ended.
type total struct {
	begun   bool
	threads map[string]span
	ended   int64 // by threads whose number another one has now
}

type span struct{ first, last int64 }

// see takes over the counts of the threads that are there now.
func (t *total) see(now map[string]int64) {
	if t.threads == nil {
		t.threads = map[string]span{}
	}
	for id, n := range now {
		s, known := t.threads[id]
		switch {
		case !known && !t.begun:
			s.first = n
		case known && n < s.last: // another thread, with the number of one that ended
			t.ended += s.last - s.first
			s.first = 0
		}
		s.last = n
		t.threads[id] = s
	}
	t.begun = true
}

func (t *total) sum() int64 {
	sum := t.ended
	for _, s := range t.threads {
		sum += s.last - s.first
	}
	return sum
}

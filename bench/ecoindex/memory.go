package main

import (
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// spent is what the processes of a measurer take at a moment.
type spent struct {
	memory int64 // bytes: the proportional set sizes added up, so that what processes share counts once
	cpu    map[string]time.Duration
}

// tree reads what a process and all its descendants take, from /proc. Processes that end meanwhile are left out, and
// where there is no /proc nothing is found. The time of each process is under its number and its time of birth.
func tree(proc fs.FS, root int) spent {
	parents, times := processes(proc)
	s := spent{cpu: map[string]time.Duration{}}
	for pid := range parents {
		if !descends(parents, pid, root) {
			continue
		}
		s.memory += proportional(proc, pid)
		t := times[pid]
		s.cpu[strconv.Itoa(pid)+"@"+t.born] = t.used
	}
	return s
}

func descends(parents map[int]int, pid, root int) bool {
	for range len(parents) + 1 { // a chain is never longer, even where a number is reused while we read
		if pid == root {
			return true
		}
		parent, ok := parents[pid]
		if !ok {
			return false
		}
		pid = parent
	}
	return false
}

type clock struct {
	born string // in ticks since boot, as the kernel writes it
	used time.Duration
}

// processes reads who is whose child, and the processor time of each.
func processes(proc fs.FS) (parents map[int]int, clocks map[int]clock) {
	parents, clocks = map[int]int{}, map[int]clock{}
	entries, _ := fs.ReadDir(proc, ".") // none where there is no /proc
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		text, err := fs.ReadFile(proc, e.Name()+"/stat")
		if err != nil {
			continue
		}
		// The name of the program is in parentheses and may hold anything; the fields of proc(5) from the third on follow.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) < 20 {
			continue
		}
		parents[pid], _ = strconv.Atoi(fields[1])
		clocks[pid] = clock{born: fields[19], used: ticks(fields[11]) + ticks(fields[12])}
	}
	return parents, clocks
}

// ticks are hundredths of a second in /proc, whatever the kernel counts in.
func ticks(s string) time.Duration {
	n, _ := strconv.ParseInt(s, 10, 64)
	return time.Duration(n) * 10 * time.Millisecond
}

// proportional is the proportional set size of a process, in bytes.
func proportional(proc fs.FS, pid int) int64 {
	text, err := fs.ReadFile(proc, strconv.Itoa(pid)+"/smaps_rollup")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Pss:"); ok {
			kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb * 1024
		}
	}
	return 0
}

package cost_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ticks is the processor time that /proc tells, which counts in hundredths of a second (USER_HZ, the same on all that we
// build for).
func ticks(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		t.Fatal(err)
	}
	// proc_pid_stat(5): after the name, which is in parentheses, utime and stime are the 12th and 13th.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		t.Fatal(err)
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// switches is the voluntary context switches of the threads that there are.
func switches(t *testing.T) int64 {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the thread ended meanwhile
		}
		_, after, ok := strings.Cut(string(text), "\nvoluntary_ctxt_switches:")
		var n int64
		if _, err := fmt.Sscan(after, &n); !ok || err != nil {
			t.Fatalf("%s tells no switches: %v", name, err)
		}
		sum += n
	}
	return sum
}

func TestProcTellsTheSameProcessorTime(t *testing.T) {
	burn(t, 200*time.Millisecond)
	low := read(t).CPU - 30*time.Millisecond // two counts, each rounded down
	told := ticks(t)
	if high := read(t).CPU + 10*time.Millisecond; told < low || told > high {
		t.Errorf("/proc tells %v; want between %v and %v", told, low, high)
	}
}

func TestProcTellsTheSameWakeups(t *testing.T) {
	before := read(t)
	if !before.KnowsWakeups {
		t.Fatal("Linux counts wake-ups")
	}
	const naps = 50
	for range naps {
		<-time.After(time.Millisecond)
	}
	low := read(t).Wakeups
	told := switches(t)
	high := read(t).Wakeups
	if low-before.Wakeups < naps/2 {
		t.Errorf("%d naps are %d wake-ups", naps, low-before.Wakeups)
	}
	// Threads that ended are in the count, and no longer in /proc; of a young process there are none or few.
	if told > high || told < low-low/10-10 {
		t.Errorf("/proc tells %d; want about %d, at most %d", told, low, high)
	}
}

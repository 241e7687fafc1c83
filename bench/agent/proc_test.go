package main

import (
	"maps"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestANumberIsThatOfItsOwnLine(t *testing.T) {
	const status = "Name:\tVmRSS: 5\nVmHWM:\t  999 kB\nVmRSS:\t  123 kB\nnonvoluntary_ctxt_switches:\t7\nvoluntary_ctxt_switches:\t42\nEmpty:\nWord:\tx\n"
	for _, tt := range []struct {
		key  string
		want int64
		ok   bool
	}{
		{"VmRSS", 123, true},
		{"voluntary_ctxt_switches", 42, true},
		{"nonvoluntary_ctxt_switches", 7, true},
		{"Pss", 0, false},
		{"Empty", 0, false},
		{"Word", 0, false},
	} {
		if got, ok := field([]byte(status), tt.key); got != tt.want || ok != tt.ok {
			t.Errorf("field(%q) = %d, %t; want %d, %t", tt.key, got, ok, tt.want, tt.ok)
		}
	}
}

func TestTimeOnAProcessorIsTheFirstNumber(t *testing.T) {
	for _, tt := range []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"1500000 99 3\n", 1500 * time.Microsecond, true}, {"", 0, false}, {"x 1 2", 0, false}, {"-1 0 0", -1, false},
	} {
		if got, ok := ran([]byte(tt.text)); got != tt.want || ok != tt.ok {
			t.Errorf("ran(%q) = %v, %t; want %v, %t", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

func FuzzField(f *testing.F) {
	f.Add([]byte("VmRSS:\t  123 kB\n"), "VmRSS")
	f.Fuzz(func(t *testing.T, text []byte, key string) {
		if n, ok := field(text, key); ok && !strings.Contains(string(text), key+":") {
			t.Errorf("%d found without its key", n)
		}
	})
}

func TestThreadsThatCameAndThreadsThatEndedAreCounted(t *testing.T) {
	for _, tt := range []struct {
		name string
		seen []map[string]int64
		want int64
	}{
		{"what was before the beginning is not counted", []map[string]int64{{"1": 100}}, 0},
		{"one thread", []map[string]int64{{"1": 100}, {"1": 103}}, 3},
		{"a thread that came is counted whole", []map[string]int64{{"1": 100}, {"1": 101, "2": 5}}, 6},
		{"a thread that ended keeps what it had", []map[string]int64{{"1": 100, "2": 7}, {"1": 101, "2": 9}, {"1": 104}}, 6},
		{"a number used again is another thread", []map[string]int64{{"1": 100}, {"1": 110}, {"1": 2}, {"1": 3}}, 13},
		{"nothing at the beginning", []map[string]int64{{}, {"1": 4}}, 4},
	} {
		var sum total
		for _, now := range tt.seen {
			sum.see(maps.Clone(now))
		}
		if got := sum.sum(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// machine is a /proc with one process of two threads.
func machine(changes map[string]string) fstest.MapFS {
	files := map[string]string{
		"10/status": "VmRSS:\t 2048 kB\nvoluntary_ctxt_switches:\t1\n", "10/io": "wchar: 5\nwrite_bytes: 4096\ncancelled_write_bytes: 1\n",
		"10/smaps_rollup":   "Rss: 9 kB\nPss:   7 kB\nPss_Dirty: 1 kB\n",
		"10/task/10/status": "voluntary_ctxt_switches:\t1\n", "10/task/10/schedstat": "1000 0 1\n",
		"10/task/11/status": "voluntary_ctxt_switches:\t8\n", "10/task/11/schedstat": "500 0 1\n",
	}
	maps.Copy(files, changes)
	proc := fstest.MapFS{}
	for name, text := range files {
		if text != "" {
			proc[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return proc
}

func TestAProcessIsAllItsThreads(t *testing.T) {
	proc := machine(nil)
	r, err := read(proc, 10)
	if err != nil {
		t.Fatal(err)
	}
	if r.rss != 2048*1024 || r.written != 4096 || r.slept["10"] != 1 || r.slept["11"] != 8 || r.ran["10"] != 1000 || r.ran["11"] != 500 {
		t.Errorf("got %+v", r)
	}
	if pss, err := proportional(proc, 10); err != nil || pss != 7*1024 {
		t.Errorf("proportional: %d, %v", pss, err)
	}
}

func TestWhatTheKernelDoesNotSayIsAnErrorAndNotZero(t *testing.T) {
	for name, text := range map[string]string{
		"10/task/11/schedstat": "none\n", "10/task/11/status": "Name: x\n", "10/io": "", "10/status": "VmRSS:\n",
	} {
		if r, err := read(machine(map[string]string{name: text}), 10); err == nil {
			t.Errorf("%s says %q, and the answer is %+v", name, text, r)
		}
	}
	if r, err := read(machine(map[string]string{"10/task/11/status": ""}), 10); err != nil || len(r.slept) != 1 {
		t.Errorf("a thread that ended meanwhile: %+v, %v", r, err)
	}
	for _, pid := range []int{11, -1} {
		if r, err := read(machine(nil), pid); err == nil {
			t.Errorf("process %s is not there, and the answer is %+v", strconv.Itoa(pid), r)
		}
	}
}

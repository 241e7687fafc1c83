package crawl_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"veille/collector/crawl"
)

func TestAFullDiskIsNoProblemOfTheWebsiteAndLosesNothing(t *testing.T) {
	s := newSchool(t)
	l := newLedger(s.website())
	p := parts(t, l, real)
	journal := filepath.Join(p.Folder, "1", "this.ndjson")
	s.on = func(n int) {
		if n == 12 {
			fill(t, journal)
		}
	}
	if err := crawl.New(p).Measure(context.WithoutCancel(t.Context()), 1); !errors.Is(err, syscall.ENOSPC) || len(l.plans) != 0 {
		t.Fatalf("%v, %+v", err, l.plans)
	}
	s.on = nil
	if err := crawl.New(p).Measure(t.Context(), 1); err != nil || len(l.runs) != 1 || l.runs[0].Pages != schoolPages {
		t.Fatalf("%v, %+v", err, l.runs)
	}
	if s.asked["/"] != 1 {
		t.Errorf("begun anew: %v", s.asked)
	}
}

// fill makes the file that this program has open one of a disk that is full.
func fill(t *testing.T, name string) {
	t.Helper()
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	defer func() { _ = full.Close() }()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	for _, e := range all {
		fd, err := strconv.Atoi(e.Name())
		if to, _ := os.Readlink("/proc/self/fd/" + e.Name()); err == nil && to == name {
			if err := syscall.Dup3(int(full.Fd()), fd, syscall.O_CLOEXEC); err != nil {
				t.Error(err)
			}
		}
	}
}

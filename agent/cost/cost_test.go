package cost_test

import (
	"testing"
	"time"

	"veille/agent/cost"
)

func read(t *testing.T) cost.Usage {
	t.Helper()
	u, err := cost.Read()
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// burn keeps one processor busy until the process took so much more of it, and answers how long that was.
func burn(t *testing.T, more time.Duration) time.Duration {
	t.Helper()
	begin, before := time.Now(), read(t).CPU
	for read(t).CPU-before < more {
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("%v of processor time in %v of work; want %v", read(t).CPU-before, time.Since(begin), more)
		}
	}
	return time.Since(begin)
}

func TestWorkTakesTheProcessorTimeThatItLasts(t *testing.T) {
	const work = 300 * time.Millisecond
	if took := burn(t, work); took < work/4 { // a few threads of the garbage collector may work beside it
		t.Errorf("%v of processor time within %v", work, took)
	}
}

func TestWhatWasTakenNeverShrinks(t *testing.T) {
	last := read(t)
	for range 1000 {
		u := read(t)
		if u.CPU < last.CPU || u.Wakeups < last.Wakeups || !u.KnowsWakeups && u.Wakeups != 0 {
			t.Fatalf("%+v after %+v", u, last)
		}
		last = u
	}
}

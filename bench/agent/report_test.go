package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// atRest is what a program took in ten minutes.
func atRest(name string) *found {
	return &found{
		program: program{name: name}, over: 10 * time.Minute, rss: 7 << 20, pss: 4 << 20, ran: 20 * time.Millisecond, wakeups: 90, written: 5000, size: 7_300_000,
	}
}

// built are the sizes of our agent for every system.
func built() map[string]int64 {
	all := map[string]int64{}
	for _, target := range targets() {
		all[target] = 7_900_000
	}
	return all
}

func TestANumberIsHeldUpToItsLimitOnly(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*found, map[string]int64)
		held   bool
	}{
		{"everything is small", func(*found, map[string]int64) {}, true},
		{"memory at its limit", func(f *found, _ map[string]int64) { f.rss = mostRSS }, true},
		{"memory above it", func(f *found, _ map[string]int64) { f.rss = mostRSS + 1 }, false},
		{"processor above it", func(f *found, _ map[string]int64) { f.ran = 34 * time.Millisecond }, false},
		{"wake-ups at their limit", func(f *found, _ map[string]int64) { f.wakeups = 120 }, true},
		{"wake-ups above it", func(f *found, _ map[string]int64) { f.wakeups = 121 }, false},
		{"a binary too large", func(_ *found, s map[string]int64) { s["darwin-arm64"] = 8_000_001 }, false},
		{"a binary not built", func(_ *found, s map[string]int64) { delete(s, "windows-amd64") }, false},
		{"a binary for Windows by its usual name", func(_ *found, s map[string]int64) {
			s["windows-amd64.exe"] = s["windows-amd64"]
			delete(s, "windows-amd64")
		}, true},
		{"nothing was counted", func(f *found, _ map[string]int64) { f.rss, f.ran, f.wakeups = 0, 0, 0 }, false},
	} {
		us, sizes := atRest(ours), built()
		tt.change(us, sizes)
		var text strings.Builder
		held := write(&text, 10*time.Minute, []*found{us, atRest("peer")}, maps.Clone(sizes))
		if held != tt.held || strings.Contains(text.String(), "NOT HELD") == tt.held {
			t.Errorf("%s: held %t, want %t\n%s", tt.name, held, tt.held, &text)
		}
	}
}

func TestAPeerThatIsNotThereIsSaidAndComparedWithNothing(t *testing.T) {
	gone := &found{program: program{name: "collectd"}, err: errors.New("not there")}
	idle := atRest("idle")
	idle.wakeups = 0
	var text strings.Builder
	if !write(&text, 10*time.Minute, []*found{atRest(ours), gone, idle}, built()) {
		t.Errorf("our numbers depend on a peer\n%s", &text)
	}
	_, ratios, _ := strings.Cut(text.String(), "### Ours to each peer")
	if !strings.Contains(text.String(), "not measured: not there") || strings.Contains(ratios, "collectd") || !strings.Contains(ratios, "–") || strings.Contains(ratios, "Inf") {
		t.Errorf("got\n%s", &text)
	}
}

func TestAProgramThatWroteNothingIsNotCompared(t *testing.T) {
	dir := t.TempDir()
	f := &found{program: program{proof: filepath.Join(dir, "*.csv")}}
	if err := f.worksAsAsked(); err == nil {
		t.Error("a program without a file works as asked")
	}
	if err := os.WriteFile(filepath.Join(dir, "cpu.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.worksAsAsked(); err != nil {
		t.Error(err)
	}
	if made, err := scratch(filepath.Join(dir, ".hidden")); err == nil {
		t.Errorf("%s would be taken, where collectd writes nothing", made)
	}
}

func TestOnlyWholeMinutesAreMeasured(t *testing.T) {
	for _, tt := range []struct {
		args string
		ok   bool
	}{{"", true}, {"--for=1m", true}, {"--for=24h", true}, {"--for=90s", false}, {"--for=0", false}, {"--for=25h", false}, {"--of=1m", false}} {
		if _, err := parse(strings.Fields(tt.args), new(strings.Builder)); (err == nil) != tt.ok {
			t.Errorf("%q: %v", tt.args, err)
		}
	}
}

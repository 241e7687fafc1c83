package main

import (
	"os/exec"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestATreeIsAProcessAndItsDescendants(t *testing.T) {
	stat := func(name, parent string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("1 (" + name + ") S " + parent + " 0 0 0 0 0 0 0 0 0 150 50 0 0 20 0 1 0 777 0")}
	}
	pss := func(kb string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("55 rollup\nRss:  99 kB\nPss:   " + kb + " kB\nPss_Dirty: 1 kB\n")}
	}
	proc := fstest.MapFS{
		"10/stat": stat("veille", "1"), "10/smaps_rollup": pss("100"),
		"20/stat": stat("a) S 1 (b", "10"), "20/smaps_rollup": pss("30"),
		"30/stat": stat("zygote", "20"), // its memory may not be read
		"40/stat": stat("else", "1"), "40/smaps_rollup": pss("5000"),
		"version": &fstest.MapFile{},
	}
	got := tree(proc, 10)
	if got.memory != 130*1024 || len(got.cpu) != 3 || got.cpu["20@777"] != 2*time.Second {
		t.Errorf("got %+v", got)
	}
	if none := tree(fstest.MapFS{}, 10); none.memory != 0 || len(none.cpu) != 0 {
		t.Errorf("without /proc: %+v", none)
	}
}

func TestAProgramIsWatchedLineByLineAndItsFailureHasItsWords(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell")
	}
	var lines []string
	c, err := watch(t.Context(), fstest.MapFS{}, job{
		args: []string{sh, "-c", "echo one; echo $WORD; echo no such page >&2; echo see help >&2; exit 3"}, env: []string{"WORD=two"},
		line: func(text []byte, _ *peaks) { lines = append(lines, string(text)) },
	})
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 3: no such page") {
		t.Errorf("the error is %v", err)
	}
	if strings.Join(lines, ",") != "one,two" || c.wall <= 0 {
		t.Errorf("lines %q, cost %+v", lines, c)
	}
}

func TestAMarkIsThePeakSinceTheOneBefore(t *testing.T) {
	p := &peaks{cpu: map[string]time.Duration{}}
	for _, memory := range []int64{5, 9, 7} {
		p.add(spent{memory: memory})
	}
	if got := p.mark(); got != 9 {
		t.Errorf("the first mark is %d", got)
	}
	p.add(spent{memory: 6})
	if got, all := p.mark(), p.highest(); got != 6 || all != 9 {
		t.Errorf("the second mark is %d, the peak %d", got, all)
	}
}

package cmd_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the database, as others open it
)

// direct is a collector's database, opened by somebody with another program.
func direct(t *testing.T, data string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// killedAfter starts a command and kills it after some time, if it has not ended by then. It answers whether it was.
func killedAfter(t *testing.T, after time.Duration, args ...string) bool {
	t.Helper()
	c := command(t, args...)
	var said bytes.Buffer
	c.Stderr, c.Env = &said, environment()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	err := c.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && !exit.Exited() {
		return true
	}
	if err != nil {
		t.Errorf("%v: %v %s", args, err, &said)
	}
	return false
}

// TestACommandThatIsKilledHasDoneAllOrNothing kills what writes into the database at random moments.
func TestACommandThatIsKilledHasDoneAllOrNothing(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	h := begun(t, "young", young)
	folder := t.TempDir()
	table := func(name string, line func(i int) string, head string, n int) string {
		var text strings.Builder
		text.WriteString(head + "\n")
		for i := range n {
			text.WriteString(line(i) + "\n")
		}
		return fileOf(t, folder, name, []byte(text.String()))
	}
	devices := func(name string, count int) string {
		return table(name, func(i int) string {
			return fmt.Sprintf("Site %d;desktop;%d-%02d;new;%d", 1+i%2, 2010+i%12, 1+i/12%12, count)
		}, "site;class;bought;as;count", 20_000)
	}
	readings := func(name string, kwh int) string {
		return table(name, func(i int) string {
			return fmt.Sprintf("Site %d;M%d;%d-%02d-01;%d-%02d-27;%d", 1+i%2, i/240, 2016+i/2%10, 1+i/20%12, 2016+i/2%10, 1+i/20%12, kwh)
		},
			"site;meter;from;to;kwh", 2400)
	}
	for _, tt := range []struct {
		name  string
		list  []string
		ways  [2][]string // each undoes the other
		adds  bool        // each time there is one more
		times int
	}{
		{"inventory", []string{"inventory", "list", "--json"}, [2][]string{{"inventory", "import", devices("a.csv", 1)}, {"inventory", "import", devices("b.csv", 2)}}, false, 20},
		{"meters", []string{"meter", "list", "--json"}, [2][]string{{"meter", "import", readings("c.csv", 5)}, {"meter", "import", readings("d.csv", 6)}}, false, 20},
		{"kept reports", []string{"report", "list", "--json"}, [2][]string{
			{"report", "keep", "--template", "reen", "--from", past(4), "--to", past(3)}, {"report", "keep", "--template", "lnr-2019", "--from", past(4), "--to", past(3)},
		}, true, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 9))
			data := copied(t, h.data)
			run := func(way int) []string {
				return slices.Concat([]string{"veille-collector"}, tt.ways[way], []string{"--data", data})
			}
			start := time.Now()
			do(t, nil, run(0)...)
			took := time.Since(start)
			states := []string{manage(t, data, tt.list...), ""}
			do(t, nil, run(1)...)
			states[1] = manage(t, data, tt.list...)
			if states[0] == states[1] {
				t.Fatal("both do the same")
			}
			dead, done := 0, 1
			for i := range tt.times {
				if tt.adds { // what it says is another each time
					manage(t, data, "remark", "set", "U1", "--text", fmt.Sprint("Remark ", i))
				}
				way := i % 2
				was := manage(t, data, tt.list...)
				start := time.Now()
				cut := killedAfter(t, took/3+time.Duration(dice.Int64N(int64(took))), run(way)...)
				if cut {
					dead++
				} else {
					took = min(took, time.Since(start)) // others may have slowed it down before
				}
				is := manage(t, data, tt.list...)
				switch {
				case is == was && (cut || is == states[way]):
				case tt.adds && strings.Count(is, `"sha256"`) == strings.Count(was, `"sha256"`)+1:
					done++
				case !tt.adds && is == states[way]:
					done++
				default:
					t.Fatalf("killed, it has left\n%.3000s\nbefore it was\n%.3000s", is, was)
				}
			}
			manage(t, data, "check")
			if dead == 0 {
				t.Error("it was never killed: this test says nothing")
			}
			t.Logf("killed %d times of %d, done %d times", dead, tt.times, done)
			do(t, nil, run(0)...)
		})
	}
}

// TestNoHalfFileIsWrittenOnAFullDiskOrNowhere writes reports where there is no room for them, and where there is no folder.
func TestNoHalfFileIsWrittenOnAFullDiskOrNowhere(t *testing.T) {
	t.Parallel()
	h := begun(t, "young", young)
	manage(t, h.data, "org", "set", "--siren", "123456782")
	of := func(out string) []string {
		return []string{"veille-collector", "report", "--data", h.data, "--template", "lnr-2019", "--from", past(4), "--to", past(3), "-o", out}
	}
	for _, out := range []string{filepath.Join(t.TempDir(), "none", "report.html"), filepath.Join(h.data, "veille.db", "report.html"), t.TempDir() + "/"} {
		if stdout, stderr, status := try(t, nil, append(of(out), "--format", "html")...); status == 0 || stdout != "" || stderr == "" {
			t.Errorf("%s: exit %d, printed %q, said %s", out, status, stdout, stderr)
		}
		absent(t, out)
	}
	disk := newChamber(t, "64k")
	disk.sh(t, "echo before > report.html; echo before > report.json; dd if=/dev/zero of=fill bs=4096 count=10 2>/dev/null || true")
	before := disk.sh(t, "ls -A; cat report.html report.json")
	for _, format := range []string{"html", "json", "xlsx"} {
		text, err := disk.program(t, of(filepath.Join(disk.dir, "report."+format))...).CombinedOutput()
		if err == nil || !strings.Contains(string(text), "no space left on device") {
			t.Errorf("as %s: %v, %s", format, err, text)
		}
	}
	text, err := disk.program(t, "veille-collector", "opendata", "--data", h.data, "-o", disk.dir+"/open").CombinedOutput()
	if err == nil || !strings.Contains(string(text), "no space left on device") {
		t.Errorf("open data: %v, %s", err, text)
	}
	if left := disk.sh(t, "ls -A open"); left != "" {
		t.Errorf("in the folder of open data is %s", left)
	}
	if after := disk.sh(t, "rmdir open; ls -A; cat report.html report.json"); after != before {
		t.Errorf("on the disk is\n%s\nbefore it was\n%s", after, before)
	}
}

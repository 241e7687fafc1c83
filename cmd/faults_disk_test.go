package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// chamber is a mount namespace in which a folder is a disk of its own.
type chamber struct {
	*process
	dir string
}

func newChamber(t *testing.T, size string) chamber {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "unshare", "-m", "true").Run(); err != nil {
		if required("unshare") {
			t.Fatalf("unshare -m: %v", err)
		}
		t.Skip("no mount namespace may be made here")
	}
	dir := t.TempDir()
	p := launch(t, exec.CommandContext(context.WithoutCancel(t.Context()), "unshare", "-m", "sh", "-c", `mount -t tmpfs -o size="$2" tmpfs "$1" && echo ready && exec sleep 600`, "sh", dir, size))
	p.line(t)
	return chamber{p, dir}
}

// program is one of our programs that sees the disk.
func (c chamber) program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	args[0] = filepath.Join(bin, args[0])
	return exec.CommandContext(context.WithoutCancel(t.Context()), "nsenter", append([]string{"-m", "-t", fmt.Sprint(c.Process.Pid)}, args...)...)
}

// sh runs a script in the folder, and answers what it printed.
func (c chamber) sh(t *testing.T, script string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "nsenter", "-m", "-t", fmt.Sprint(c.Process.Pid), "sh", "-c", `cd "$1"; `+script, "sh", c.dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// site adds a site to the collector on the disk, and makes a token for some machines.
func (c chamber) site(t *testing.T, machines string) (token string) {
	t.Helper()
	if out, err := c.program(t, "veille-collector", "site", "add", "--data", c.dir, "--time-zone", "Indian/Reunion", "Lycée").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out, err := c.program(t, "veille-collector", "token", "create", "--data", c.dir, "--site", "Lycée", "--machines", machines).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// inLedger compares what is on the disk with what the machines were told.
func (c chamber) inLedger(t *testing.T, posters []*poster) {
	t.Helper()
	out := t.TempDir()
	c.sh(t, "cp -a . "+out)
	inLedger(t, out, posters)
}

// wellAgain waits until a collector is well, and has taken more than it had.
func (c *crowd) wellAgain(t *testing.T, address string) {
	t.Helper()
	n := c.replies()
	until(t, "posts that are taken again", func() bool { return c.replies() > n+20 })
	until(t, "a collector that is well", func() bool { status, _ := health(t, c.client, address); return status == http.StatusOK })
}

// toldOnce looks for one line in a log that says that posts are declined, and one that they are not any more. A small post may find its
// place on a disk that is full for others.
func toldOnce(t *testing.T, log, why string, declines int64) {
	t.Helper()
	from, to := strings.Count(log, "requests not served"), strings.Count(log, "requests served again")
	if from < 1 || from > 3 || from != to || !strings.Contains(log, why) {
		t.Errorf("%d posts were declined, of which the log tells %d times, and %d times of the end\n%s", declines, from, to, log)
	}
}

func TestOnAFullDiskACollectorKeepsWhatItAcknowledgedAndGoesOnWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	c := newChamber(t, "1g")
	collector := launch(t, c.program(t, "veille-collector", "serve", "--data", c.dir, "--listen", "127.0.0.1:0"))
	collector.line(t)
	crowd := posting(t, collector.first, c.site(t, "9"), 9)
	if status, text := health(t, crowd.client, collector.first); status != http.StatusOK {
		t.Errorf("before, it is not well: %d %s", status, text)
	}
	c.sh(t, `mount -o remount,size=$(( $(df -k --output=used . | tail -1) + 256 ))k "$1"`)
	until(t, "a disk that is full", func() bool { return crowd.declines() > 50 })
	until(t, "that it says so", func() bool {
		status, text := health(t, crowd.client, collector.first)
		return status == http.StatusServiceUnavailable && strings.Contains(text, "disk: not well")
	})
	if out, err := c.program(t, "veille-collector", "backup", "--data", c.dir, filepath.Join(c.dir, "copy.db")).CombinedOutput(); err == nil || !strings.Contains(string(out), "full") {
		t.Errorf("a backup onto a full disk: %v, %s", err, out)
	}
	if files := c.sh(t, "ls"); strings.Contains(files, "copy.db") {
		t.Errorf("half a backup is left: %s", files)
	}
	pause(t, 500*time.Millisecond)
	c.sh(t, `mount -o remount,size=1g "$1"`)
	crowd.wellAgain(t, collector.first)
	crowd.stop()
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d", status)
	}
	t.Logf("%d posts declined", crowd.declines())
	toldOnce(t, collector.log.String(), "database or disk is full", crowd.declines())
	c.inLedger(t, crowd.posters)
}

func TestACollectorDoesNotStartOnAReadOnlyDiskAndSaysSo(t *testing.T) {
	t.Parallel()
	c := newChamber(t, "1g")
	serve := func() *process {
		return launch(t, c.program(t, "veille-collector", "serve", "--data", c.dir, "--listen", "127.0.0.1:0"))
	}
	collector := serve()
	collector.line(t)
	crowd := posting(t, collector.first, c.site(t, "3"), 3)
	crowd.stop()
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d", status)
	}
	c.sh(t, `mount -o remount,ro "$1"`)
	refused := serve()
	if err := refused.Wait(); err == nil || !strings.Contains(refused.log.String(), "read-only file system") || !strings.Contains(refused.log.String(), "--data") {
		t.Errorf("on a read-only disk: %v, %s", err, refused.log)
	}
	if out, err := c.program(t, "veille-collector", "check", "--data", c.dir).CombinedOutput(); err != nil || !strings.Contains(string(out), "3 machines") {
		t.Errorf("check, on a read-only disk: %v, %s", err, out)
	}
	c.sh(t, `mount -o remount,rw "$1"`)
	collector = serve()
	collector.line(t)
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, collector.log)
	}
	c.inLedger(t, crowd.posters)
}

// tracer is strace, or the test is skipped.
func tracer(t *testing.T) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "strace", "-qq", "-e", "trace=none", "true").Run(); err != nil {
		if required("strace") {
			t.Fatalf("strace: %v; make test installs it", err)
		}
		t.Skipf("no system call can be made to fail here: strace: %v", err)
	}
}

// A disk that a failing controller makes read-only fails each write of a file that is open already. A mount cannot do that, so the answers
// of the system are changed.
func TestACollectorWhoseDiskBecomesReadOnlyGoesOnWhenItIsNot(t *testing.T) {
	t.Parallel()
	tracer(t)
	data := t.TempDir()
	collector, address, token := site(t, data, "9")
	crowd := posting(t, address, token, 9)
	broken := launch(t, exec.CommandContext(t.Context(), "strace", "-qq", "-f", "-o", "/dev/null", "-p", fmt.Sprint(collector.Process.Pid),
		"-e", "trace=pwrite64,ftruncate", "-e", "inject=pwrite64,ftruncate:error=EROFS"))
	until(t, "a disk that is read-only", func() bool { return crowd.declines() > 50 })
	until(t, "that it says so", func() bool {
		status, text := health(t, crowd.client, address)
		return status == http.StatusServiceUnavailable && strings.Contains(text, "database: not well")
	})
	_ = broken.end(t, syscall.SIGINT) // lets go of it
	crowd.wellAgain(t, address)
	crowd.stop()
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d", status)
	}
	t.Logf("%d posts declined", crowd.declines())
	toldOnce(t, collector.log.String(), "disk I/O error", crowd.declines())
	inLedger(t, data, crowd.posters)
}

// Each flush of a slow disk takes a tenth of a second. Whoever flushed for each post would take ten a second.
// It is run by itself: what a post took must be the disk's, not that of other tests.
func TestOnASlowDiskManyPostsShareOneFlush(t *testing.T) {
	tracer(t)
	const machines, flush = 120, 100 * time.Millisecond
	data, address, trace := t.TempDir(), ownAddress(t), filepath.Join(t.TempDir(), "trace")
	serve := []string{"veille-collector", "serve", "--data", data, "--listen", address}
	collector := start(t, true, serve...)
	crowd := newCrowd(t, plain(), collector.first, newSite(t, data, "", "Lycée", fmt.Sprint(machines)), machines)
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, collector.log)
	}
	collector = launch(t, exec.CommandContext(context.WithoutCancel(t.Context()), "strace", append([]string{
		"-D", "-qq", "-f", "--seccomp-bpf", "-o", trace,
		"-e", "trace=fdatasync,fsync", "-e", fmt.Sprintf("inject=fdatasync,fsync:delay_enter=%d", flush.Microseconds()),
	}, command(t, serve...).Args...)...))
	collector.line(t)
	crowd.post(t)
	until(t, "posts", func() bool { return crowd.replies() > 50 })
	taken := func() (int64, int64) {
		text, err := os.ReadFile(trace)
		if err != nil {
			t.Fatal(err)
		}
		return crowd.replies(), int64(bytes.Count(text, []byte("sync(")))
	}
	posts, flushes := taken()
	begin := time.Now()
	pause(t, 4*time.Second)
	posts2, flushes2 := taken()
	posts, flushes = posts2-posts, flushes2-flushes
	seconds := time.Since(begin).Seconds()
	crowd.stop()
	var took []time.Duration
	for _, p := range crowd.posters {
		took = append(took, p.took...)
	}
	slices.Sort(took)
	rss := peak(t, collector.Process.Pid)
	t.Logf("%.0f posts/s, %.0f flushes/s of at least %v; latency %v in the middle, %v at most; %d MB", float64(posts)/seconds, float64(flushes)/seconds, flush,
		took[len(took)/2], took[len(took)-1], rss>>20)
	if flushes == 0 || posts < 10*flushes {
		t.Errorf("%d posts in %d flushes", posts, flushes)
	}
	if took[0] < flush {
		t.Errorf("a post was acknowledged after %v, before it was flushed", took[0])
	}
	if longest := took[len(took)-1]; longest > 3*time.Second {
		t.Errorf("a post took %v", longest)
	}
	if rss > 150<<20 {
		t.Errorf("it took %d MB", rss>>20)
	}
	if status := collector.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, collector.log)
	}
	inLedger(t, data, crowd.posters)
}

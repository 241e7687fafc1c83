package engines

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Influx is a running InfluxDB 1.8 that asks for a password.
type Influx struct {
	*Server
	URL   string // http://host:port
	Token string // user:password of its administrator
}

// Influxd starts InfluxDB 1.8 in an empty folder.
func Influxd(t testing.TB) *Influx { return InfluxdIn(t, t.TempDir()) }

// InfluxdIn starts InfluxDB 1.8 on the files of a folder, which is made; before holds words that the program is started by, for instance within a
// namespace of its own. Without them it is started as it is.
func InfluxdIn(t testing.TB, dir string, before ...string) *Influx {
	t.Helper()
	program, address := find(t, "influxd"), FreeAddress(t)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(t.TempDir(), "influxd.toml")
	if err := os.WriteFile(settings, fmt.Appendf(nil, `reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = %[1]q
[data]
  dir = %[2]q
  wal-dir = %[3]q
  index-version = "tsi1"
  max-series-per-database = 0
  max-values-per-tag = 0
[monitor]
  store-enabled = false
[http]
  bind-address = %[4]q
  auth-enabled = true
  flux-enabled = true
  log-enabled = false
`, filepath.Join(dir, "meta"), filepath.Join(dir, "data"), filepath.Join(dir, "wal"), address), 0o600); err != nil {
		t.Fatal(err)
	}
	i := &Influx{URL: "http://" + address, Token: "admin:secret"}
	i.Server = start(t, address, filepath.Dir(settings), i.Ready, append(before, program, "run", "-config", settings)...)
	i.Ask("", "", "CREATE USER admin WITH PASSWORD 'secret' WITH ALL PRIVILEGES")
	return i
}

// Ready tells, by an error, whether the server answers.
func (i *Influx) Ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, i.URL+"/ping", nil)
	if err != nil {
		return err
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		return err
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s: %w", res.Status, err)
	}
	return nil
}

// Again starts the server again, on the same files and address.
func (i *Influx) Again() {
	i.t.Helper()
	i.Start(i.Ready)
}

// Ask gives statements of InfluxQL by the token of the administrator, or, where there is none yet, without, and answers the JSON of what it says.
// A database and a policy may be named. The test ends where it is not answered with 200.
func (i *Influx) Ask(database, policy, statements string) string {
	i.t.Helper()
	form := url.Values{"q": {statements}, "epoch": {"ns"}, "db": {database}, "rp": {policy}}
	req, err := http.NewRequestWithContext(i.t.Context(), http.MethodPost, i.URL+"/query", strings.NewReader(form.Encode()))
	if err != nil {
		i.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Token "+i.Token)
	res, err := new(http.Client).Do(req)
	if err != nil {
		i.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := res.Body.Close(); err != nil {
		i.t.Fatal(err)
	}
	if err != nil || res.StatusCode != http.StatusOK {
		i.t.Fatalf("%s: %s %s %v", statements, res.Status, body, err)
	}
	return string(body)
}

// OnSmallDisk mounts a disk of its own, of so many kilobytes, at a folder, in a mount namespace that the test ends. It answers the words that a program
// is started by within, and where the folder is from outside. A test that may make no mount namespace is left out, unless REQUIRE says that it must be
// run.
func OnSmallDisk(t testing.TB, dir string, kilobytes int) (before []string, outside string) {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "unshare", "-m", "true").Run(); err != nil {
		if required := os.Getenv("REQUIRE"); required == "all" || strings.Contains(required, "unshare") {
			t.Fatalf("unshare -m: %v", err)
		}
		t.Skip("no mount namespace may be made here")
	}
	script := fmt.Sprintf(`mount -t tmpfs -o size=%dk tmpfs "$0" && echo mounted && exec sleep infinity`, kilobytes)
	holder := exec.Command("unshare", "-m", "sh", "-c", script, dir) //nolint:gosec,noctx // the end of the test ends it
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = holder.Process.Kill()
		_ = holder.Wait()
	})
	if _, err := io.ReadFull(out, make([]byte, len("mounted\n"))); err != nil {
		t.Fatalf("mount a disk of %d kB: %v", kilobytes, err)
	}
	pid := strconv.Itoa(holder.Process.Pid)
	return []string{"nsenter", "-t", pid, "-m", "--"}, filepath.Join("/proc", pid, "root", dir)
}

// Write writes lines of line protocol into a bucket, DATABASE or DATABASE/POLICY, by the token of the administrator.
func (i *Influx) Write(bucket, lines string) {
	i.t.Helper()
	req, err := http.NewRequestWithContext(i.t.Context(), http.MethodPost, i.URL+"/api/v2/write?"+url.Values{"bucket": {bucket}, "org": {""}}.Encode(), strings.NewReader(lines))
	if err != nil {
		i.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Token "+i.Token)
	res, err := new(http.Client).Do(req)
	if err != nil {
		i.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusNoContent {
		i.t.Fatalf("write: %s %s %v", res.Status, body, err)
	}
	if err != nil {
		i.t.Fatal(err)
	}
}

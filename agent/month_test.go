package agent

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"veille/agent/spool"
	"veille/agent/uptime"
	"veille/agent/wire"
)

// What a machine has that must never leave it. The words stand where a real machine keeps them.
var secrets = map[string]string{
	"sys/class/dmi/id/product_serial":     "SERIAL-5CG1234XYZ",
	"sys/class/dmi/id/board_serial":       "BOARD-77AF12",
	"sys/class/dmi/id/product_uuid":       "4c4c4544-0051-3010-8057-b7c04f4a4e32",
	"sys/class/dmi/id/chassis_asset_tag":  "ASSET-0042",
	"sys/class/net/eth0/address":          "52:54:00:ab:cd:ef",
	"sys/class/power_supply/BAT0/type":    "Battery",
	"proc/sys/kernel/hostname":            "pc-secretariat-07",
	"proc/sys/kernel/random/boot_id":      "0b7e4a1c-5d0e-4e0f-9f57-3a2b1c0d9e8f",
	"root/etc/hostname":                   "pc-secretariat-07",
	"root/etc/machine-id":                 "f0e1d2c3b4a5968778695a4b3c2d1e0f",
	"root/etc/passwd":                     "marie.dupont:x:1000:1000::/home/marie.dupont:/bin/bash",
	"root/var/run/utmp":                   "marie.dupont tty7 :0",
	"root/home/marie.dupont/.bash_logout": "marie.dupont",
}

func folderOf(root string) fstest.MapFS {
	files := fstest.MapFS{}
	for name, text := range secrets {
		if inside, ok := strings.CutPrefix(name, root+"/"); ok {
			files[inside] = &fstest.MapFile{Data: []byte(text + "\n")}
		}
	}
	if root == "sys" {
		files["class/dmi/id/chassis_type"] = &fstest.MapFile{Data: []byte("10\n")}
		files["class/dmi/id/sys_vendor"] = &fstest.MapFile{Data: []byte("Dell Inc.\n")}
		files["class/dmi/id/product_name"] = &fstest.MapFile{Data: []byte("Latitude 5440\n")}
	}
	return files
}

// wiretap is a collector at the end of a wire, of which every byte that a machine sends is kept.
type wiretap struct {
	t       *testing.T
	mu      sync.Mutex
	said    []string // requests as they were on the wire, bodies unpacked
	bytes   int
	moments []time.Time
	records []wire.Record
}

func (w *wiretap) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go w.serve(there)
		return here, nil
	}}}
}

func (w *wiretap) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	var raw bytes.Buffer
	request, err := http.ReadRequest(bufio.NewReader(io.TeeReader(c, &raw)))
	if err != nil {
		w.t.Error(err)
		return
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bytes += raw.Len()
	head, _, _ := strings.Cut(raw.String(), "\r\n\r\n")
	status, text := "304 Not Modified", ""
	if request.Method == http.MethodPost {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			w.t.Error(err)
			return
		}
		if body, err = io.ReadAll(z); err != nil {
			w.t.Error(err)
		}
		var batch wire.Batch
		if err := json.Unmarshal(body, &batch); err != nil {
			w.t.Error(err)
		}
		w.records, w.moments = append(w.records, batch.Records...), append(w.moments, time.Now())
		_, text = verdicts(wire.Stored)(len(batch.Records))
		status = "200 OK"
	}
	w.said = append(w.said, head+"\r\n\r\n"+string(body))
	_, _ = fmt.Fprintf(c, "HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", status, len(text), text)
}

// laptop is a machine with a schedule: its clocks, and its agent at each start.
type laptop struct {
	t         *testing.T
	data      string
	w         *wiretap
	random    *rand.Rand
	boot      int
	started   time.Time
	slept     time.Duration
	agent     *Agent
	stopPosts context.CancelFunc
	posting   sync.WaitGroup
}

func (l *laptop) clock(uptime.Reading) (uptime.Reading, error) {
	up := time.Since(l.started)
	return uptime.Reading{Wall: time.Now().Round(0), Awake: up - l.slept, SinceBoot: up, Boot: fmt.Sprintf("boot %d", l.boot)}, nil
}

func (l *laptop) on() {
	l.boot, l.started, l.slept = l.boot+1, time.Now(), 0
	system := System{
		OS: "linux", Clock: l.clock, Host: NewHost("testdata/proc"), Sys: folderOf("sys"), Proc: folderOf("proc"), Root: folderOf("root"),
		Display: func() uptime.Display { return uptime.DisplayOn },
	}
	survey, err := system.Look(l.t.Context(), Told{Version: "v1"})
	if err != nil {
		l.t.Fatal(err)
	}
	s, err := spool.Open(filepath.Join(l.data, "spool"), 1)
	if err != nil {
		l.t.Fatal(err)
	}
	limits := Limits{Use: wire.Individual, Period: 5 * time.Minute}
	id := Identity{Collector: "http://127.0.0.1", Credential: "password", Use: wire.Individual}
	courier := NewCourier(l.w.client(), id, s, slog.New(slog.DiscardHandler), DelayOf(limits))
	courier.Data = l.data
	l.agent, err = New(Config{
		Data: l.data, Limits: limits, Policies: []wire.Policy{{TimeZone: "Europe/Paris"}}, Survey: survey, System: system, Identity: id, Spool: s,
		Courier: courier, Log: slog.New(slog.DiscardHandler), Spent: func() (Spent, error) {
			return Spent{CPU: time.Since(l.started) / 36_000, Wakeups: int64(time.Since(l.started) / (10 * time.Second))}, nil
		},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(l.t.Context())
	l.stopPosts = stop
	l.posting.Go(func() { courier.Run(ctx) })
	courier.Wake()
	l.tick(false)
}

func (l *laptop) tick(stopping bool) {
	if err := l.agent.tick(l.t.Context(), stopping); err != nil {
		l.t.Error(err)
	}
}

func (l *laptop) use(d time.Duration) {
	for ; d > 0; d -= 5 * time.Minute {
		time.Sleep(min(d, 5*time.Minute)) //nolint:forbidigo // time is synctest's own here, nothing waits
		l.tick(false)
	}
}

func (l *laptop) sleep(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // the same
	l.slept += d
	l.tick(false)
}

func (l *laptop) off(d time.Duration) {
	l.tick(true)
	l.stopPosts()
	l.posting.Wait()
	time.Sleep(d) //nolint:forbidigo // the same
}

// A month of a notebook that is somebody's, with forty boots and as many sleeps: everything that leaves it is looked at.
func TestWhatAPersonalMachineSendsInAMonthTellsNoTimeAndNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &laptop{t: t, data: t.TempDir(), w: &wiretap{t: t}, random: rand.New(rand.NewPCG(5, 5))}
		some := func(most time.Duration) time.Duration {
			return time.Duration(1+l.random.Int64N(int64(most/time.Second))) * time.Second
		}
		start, ons := time.Now(), 0
		for time.Since(start) < 31*24*time.Hour {
			l.on()
			ons++
			for range 1 + l.random.IntN(2) {
				l.use(some(4 * time.Hour))
				l.sleep(some(5 * time.Hour))
			}
			l.use(some(3 * time.Hour))
			l.off(some(18 * time.Hour))
		}
		if ons < 40 {
			t.Fatalf("%d boots; want forty at least", ons)
		}
		t.Logf("%d boots, %d requests, %d records, %d bytes on the wire: %d a day", ons, len(l.w.said), len(l.w.records), l.w.bytes, l.w.bytes/31)
		l.look()
	})
}

// moment finds what could be finer than a date: a time of day, a moment in ISO 8601, a count of seconds since 1970.
var moment = regexp.MustCompile(`\d:[0-5]\d|\dT\d\d|\b(9[45]\d{7}|1[0-9]\d{8})(\d{3}|\d{6}|\d{9})?\b`)

func (l *laptop) look() {
	t := l.t
	words := slices.Sorted(func(yield func(string) bool) {
		for name, text := range secrets {
			if name != "sys/class/power_supply/BAT0/type" && !yield(text) {
				return
			}
		}
	})
	words = append(words, "dupont", "secretariat", "52-54-00", "Latitude", "Dell", os.TempDir())
	if host, err := os.Hostname(); err == nil && len(host) > 3 {
		words = append(words, host)
	}
	if u, err := user.Current(); err == nil && len(u.Username) > 2 {
		words = append(words, u.Username, u.HomeDir)
	}
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		if len(i.HardwareAddr) > 0 {
			words = append(words, i.HardwareAddr.String())
		}
	}
	headers := []string{"Host", "User-Agent", "Authorization", "Content-Type", "Content-Encoding", "Content-Length", "Accept-Encoding", "If-None-Match", "Connection"}
	for _, said := range l.w.said {
		if found := moment.FindString(said); found != "" {
			t.Errorf("%q may tell a time: %s", found, said)
		}
		for _, word := range words {
			if strings.Contains(strings.ToLower(said), strings.ToLower(word)) {
				t.Errorf("%q names the machine or its user: %s", word, said)
			}
		}
		head, _, _ := strings.Cut(said, "\r\n\r\n")
		for _, line := range strings.Split(head, "\r\n")[1:] {
			if name, _, _ := strings.Cut(line, ":"); !slices.Contains(headers, name) {
				t.Errorf("the header %q is sent", line)
			}
		}
	}
	if a := l.w.bytes / 31; a > 2000 {
		t.Errorf("%d bytes a day; want 2000 at most", a)
	}
	days := map[string]bool{}
	for _, r := range l.w.records {
		if err := r.Validate(); err != nil || r.Hour != nil || days[r.Date] {
			t.Errorf("%+v: %v", r, err)
		}
		days[r.Date] = true
	}
	if len(days) < 29 {
		t.Errorf("%d days arrived", len(days))
	}
	uploads := map[string]int{}
	for _, at := range l.w.moments {
		uploads[at.Format(time.DateOnly)]++
	}
	for date, n := range uploads {
		if n > 2 { // a day that is over, and the one that ended while the machine was on
			t.Errorf("%d uploads on %s", n, date)
		}
	}
	l.lookAtTheDisk()
}

// lookAtTheDisk looks at what is kept of the days that are closed: their records, which hold no moment, in files that do not
// tell when they were written.
func (l *laptop) lookAtTheDisk() {
	closed := 0
	err := filepath.WalkDir(filepath.Join(l.data, "spool"), func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		closed++
		if at := info.ModTime().UTC(); at != at.Truncate(24*time.Hour) {
			l.t.Errorf("%s was written at %v, it says", name, at)
		}
		text, err := os.ReadFile(name)
		if found := moment.Find(text); found != nil {
			l.t.Errorf("%s holds %q", name, found)
		}
		return err
	})
	if err != nil || closed < 25 {
		l.t.Errorf("%d files of closed days, %v", closed, err)
	}
}

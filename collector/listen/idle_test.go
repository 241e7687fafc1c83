//go:build linux

package listen_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"veille/collector/listen"
)

// resident is the memory of this process, in bytes: VmRSS of /proc/self/status.
func resident(t testing.TB) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	var kB int64
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		t.Fatal(err)
	}
	return kB << 10
}

// Both ends are in this process, so its memory and its files count both.
func TestTenThousandIdleConnectionsLockNobodyOut(t *testing.T) {
	const crowd, places = 10_000, 4096
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Cur < crowd+places+500 {
		t.Skipf("this process may open %d files (%v); both ends of the connections need %d: ulimit -n", limit.Cur, err, crowd+places+500)
	}
	files, roots := encrypted(t)
	m := listen.NewMetrics()
	r := run(t, listen.Options{TLS: files, Connections: places, Metrics: m})
	before := resident(t)
	start := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	var idle []net.Conn
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range crowd / 20 {
				c, err := new(net.Dialer).DialContext(ctx, "tcp", r.addr)
				if err != nil {
					return
				}
				mu.Lock()
				idle = append(idle, c)
				mu.Unlock()
			}
		})
	}
	defer func() {
		cancel()
		all.Wait()
		for _, c := range idle {
			_ = c.Close()
		}
	}()
	var slowest time.Duration
	for visit := 0; visit < 5 || figures(t, m)["veille_connections_closed_for_room_total"] < crowd-places; visit++ {
		began := time.Now()
		c := client(t, roots)
		if got := get(t, c, "https://"+r.addr+"/"); got.status != http.StatusOK || got.text != "hello\n" {
			t.Fatalf("visit %d: status %d, %q", visit, got.status, got.text)
		}
		c.CloseIdleConnections()
		slowest = max(slowest, time.Since(began))
		if time.Since(start) > 30*time.Second {
			t.Fatalf("after %v the crowd has not come in: %v", time.Since(start), figures(t, m)["veille_connections_closed_for_room_total"])
		}
	}
	if slowest > 10*time.Second {
		t.Errorf("a visitor waited %v among %d idle connections; want seconds", slowest, crowd)
	}
	open := figures(t, m)["veille_connections_open"]
	if open > places {
		t.Errorf("%g connections are open; want %d at most", open, places)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	grown := resident(t) - before
	t.Logf("%d connections in %v: %g open, %g closed for room, slowest visitor %v, heap %d MB, stacks %d MB, resident +%d MB",
		crowd, time.Since(start), open, figures(t, m)["veille_connections_closed_for_room_total"], slowest, memory.HeapInuse>>20, memory.StackInuse>>20, grown>>20)
	if used := memory.HeapInuse + memory.StackInuse; used > 200<<20 { // what is resident has the race detector's own share in it
		t.Errorf("%d MB in use; want less than 200", used>>20)
	}
}

// BenchmarkIdleConnection says what an idle connection costs the server, its other end included: bytes of heap and of stacks.
func BenchmarkIdleConnection(b *testing.B) {
	for _, protocol := range []string{"http/1.1", "h2"} {
		b.Run(protocol, func(b *testing.B) {
			files, roots := encrypted(b)
			r := run(b, listen.Options{TLS: files, Log: (&diary{}).logger()})
			const n = 500
			for b.Loop() {
				var before, after runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				var open []net.Conn
				for range n {
					open = append(open, idleConnection(b, r.addr, protocol, &tls.Config{RootCAs: roots, ServerName: host, NextProtos: []string{protocol}}))
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				b.ReportMetric(float64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse)/n, "B/connection")
				for _, c := range open {
					_ = c.Close()
				}
			}
		})
	}
}

// idleConnection has been answered once.
func idleConnection(b *testing.B, addr, protocol string, c *tls.Config) net.Conn {
	b.Helper()
	conn := dialTLS(b, addr, c)
	say, enough := "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 100
	if protocol == "h2" { // preface, empty settings, and the head of a request: GET https / with the authority "x", by RFC 7541's static table
		say, enough = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x06\x01\x05\x00\x00\x00\x01\x82\x87\x84\x41\x01x", 60
	}
	if _, err := io.WriteString(conn, say); err != nil {
		b.Fatal(err)
	}
	if _, err := io.ReadAtLeast(conn, make([]byte, 4096), enough); err != nil {
		b.Fatal(err)
	}
	return conn
}

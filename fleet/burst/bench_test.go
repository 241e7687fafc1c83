//go:build unix

package burst_test

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"veille/fleet/burst"
)

// asServer makes the program of the tests be the server of the benchmark instead: a process of its own, so that the processor time of
// the generator can be told from that of the server.
const asServer = "VEILLE_BURST_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		trivial()
		return
	}
	os.Exit(m.Run())
}

// trivial answers every post with one record stored, reading as little of it as it can.
func trivial() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString(listener.Addr().String() + "\n")
	go func() { // ends with the one who started it
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			in := bufio.NewReader(conn)
			for {
				length := 0
				for {
					line, err := in.ReadSlice('\n')
					if err != nil {
						return
					}
					if text, ok := strings.CutPrefix(string(line), "Content-Length: "); ok {
						length, _ = strconv.Atoi(strings.TrimSpace(text))
					}
					if len(line) <= 2 {
						break
					}
				}
				if _, err := in.Discard(length); err != nil {
					return
				}
				const text = `{"verdicts":[{"index":0,"status":"stored"}],"before":0}` + "\n"
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 16 Nov 2026 10:00:00 GMT\r\nContent-Length: "+strconv.Itoa(len(text))+"\r\n\r\n"+text)
			}
		}()
	}
}

func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// The processor time that the generator takes for a post of one record, in µs, with a server that does nothing in another process.
func BenchmarkPost(b *testing.B) {
	for _, pack := range []burst.Pack{burst.Fastest, burst.Stored, burst.Plain} {
		for _, alive := range []bool{true, false} {
			b.Run(string(pack)+map[bool]string{true: "/keep-alive", false: "/each-its-connection"}[alive], func(b *testing.B) {
				server := exec.CommandContext(b.Context(), os.Args[0])
				server.Env = append(os.Environ(), asServer+"=1")
				stdin, err := server.StdinPipe()
				if err != nil {
					b.Fatal(err)
				}
				out, err := server.StdoutPipe()
				if err != nil {
					b.Fatal(err)
				}
				if err := server.Start(); err != nil {
					b.Fatal(err)
				}
				address, err := bufio.NewReader(out).ReadString('\n')
				if err != nil {
					b.Fatal(err)
				}
				w := burst.Way{Collector: "http://" + strings.TrimSpace(address), Connections: 64, KeepAlive: alive}
				ids := &burst.Identities{Collector: w.Collector, Zone: zone, Since: time.Now().Format(time.DateOnly), Machines: make([]burst.Machine, b.N/20+64)}
				for i := range ids.Machines {
					ids.Machines[i].Credential = "io3hKyl7snoyzdm-XF-Joil6728RozFMO4Ba4pG3fTQ"
				}
				plan := burst.Plan{Machines: len(ids.Machines), Posts: int64(b.N), Pack: pack, Check: burst.None, CPU: processorTime}
				l, err := burst.New(w, plan, ids, daily(ids), nil)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				b.ResetTimer()
				report, err := l.Run(b.Context())
				b.StopTimer()
				if err != nil || report.Posts != int64(b.N) {
					b.Fatalf("%+v, %v", report, err)
				}
				b.ReportMetric(report.PostsPerS, "posts/s")
				b.ReportMetric(report.CPUus, "cpu-µs/post")
				_ = stdin.Close()
				_ = server.Wait()
			})
		}
	}
}

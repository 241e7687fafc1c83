//go:build linux

package listen_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"veille/collector/listen"
)

// systemd is a socket that hears what a service says.
func systemd(t *testing.T) *net.UnixConn {
	t.Helper()
	name := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	return socket
}

// hear is the next message, "" for none within the time.
func hear(t *testing.T, socket *net.UnixConn, within time.Duration) string {
	t.Helper()
	_ = socket.SetReadDeadline(time.Now().Add(within))
	buffer := make([]byte, 1000)
	n, _ := socket.Read(buffer)
	return string(buffer[:n])
}

func TestSystemdIsToldAndTheWatchdogFedWhileAllIsWell(t *testing.T) {
	socket := systemd(t)
	t.Setenv("WATCHDOG_USEC", "100000")
	var sick atomic.Bool
	var log diary
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		listen.Notify(ctx, func(context.Context) error {
			if sick.Load() {
				return errors.New("not well")
			}
			return nil
		}, log.logger())
	})
	for _, want := range []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"} {
		if got := hear(t, socket, 5*time.Second); got != want {
			t.Fatalf("systemd heard %q; want %q", got, want)
		}
	}
	sick.Store(true)
	for hear(t, socket, 200*time.Millisecond) != "" { // one may be on its way
	}
	if got := hear(t, socket, 300*time.Millisecond); got != "" {
		t.Errorf("systemd heard %q while the program was not well; want nothing", got)
	}
	cancel()
	running.Wait()
	if got := hear(t, socket, 5*time.Second); got != "STOPPING=1" || log.String() != "" {
		t.Errorf("systemd heard %q, log %q; want STOPPING=1 and no line", got, log.String())
	}
}

func TestWithoutSystemdNobodyIsTold(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	var log diary
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	listen.Notify(ctx, func(context.Context) error { t.Error("asked for health"); return nil }, log.logger())
	if log.String() != "" {
		t.Errorf("log %q; want no line", log.String())
	}
}

func TestASocketThatIsNotThereIsLogged(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "nobody"))
	var log diary
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	listen.Notify(ctx, func(context.Context) error { return nil }, log.logger())
	if !strings.Contains(log.String(), "systemd not told") {
		t.Errorf("log %q; want a line on it", log.String())
	}
}

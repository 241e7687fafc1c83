// Package engines starts real database servers on loopback, for tests.
package engines

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Server is a running server of a test.
type Server struct {
	Address string // host:port
	Dir     string // its files
	t       testing.TB
	argv    []string
	command *exec.Cmd
}

// start starts a program and waits until ready, which is asked every tenth of a second for a minute. The test ends it.
func start(t testing.TB, address, dir string, ready func() error, argv ...string) *Server {
	t.Helper()
	s := &Server{Address: address, Dir: dir, t: t, argv: argv}
	s.Start(ready)
	t.Cleanup(s.Kill)
	return s
}

// Start starts the server again, on the same files and address.
func (s *Server) Start(ready func() error) {
	s.t.Helper()
	log, err := os.OpenFile(filepath.Join(s.Dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	s.command = exec.Command(s.argv[0], s.argv[1:]...) //nolint:gosec,noctx // a program of this test, which ends it
	s.command.Stdout, s.command.Stderr, s.command.Dir = log, log, s.Dir
	if err := errors.Join(s.command.Start(), log.Close()); err != nil {
		s.t.Fatalf("start %s: %v", s.argv[0], err)
	}
	wrong := errors.New("it was not asked")
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(100 * time.Millisecond) {
		if wrong = ready(); wrong == nil {
			return
		}
	}
	text, _ := os.ReadFile(filepath.Join(s.Dir, "server.log"))
	s.Kill()
	s.t.Fatalf("%s was not ready within a minute: %v\n%s", filepath.Base(s.argv[0]), wrong, text)
}

// Kill ends the server as a power cut does: at once.
func (s *Server) Kill() {
	if s.command != nil {
		_ = s.command.Process.Kill()
		_ = s.command.Wait()
		s.command = nil
	}
}

// find is where a program of a test is: in .tools of this repository, or at a place that its package has. Where it is not, the test is left out,
// unless REQUIRE says that it must be run.
func find(t testing.TB, name string, places ...string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			places = append([]string{filepath.Join(dir, ".tools", name)}, places...)
			break
		}
	}
	for _, place := range places {
		if _, err := os.Stat(place); err == nil {
			return place
		}
	}
	if required := os.Getenv("REQUIRE"); required == "all" || strings.Contains(required, name) {
		t.Fatalf("%s is not here: make tools gets it", name)
	}
	t.Skipf("%s is not here: make tools gets it", name)
	return ""
}

// FreeAddress is an address on loopback, HOST:PORT, that nobody listens on now.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

package cmd_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"veille/agent/wire"
)

// Two collectors, so that there are a thousand kills in less than a minute.
func TestACollectorKilledWhileItWritesHasEveryAcknowledgedRecordOnce(t *testing.T) {
	t.Parallel()
	kills := 15
	if required("kills") && !testing.Short() {
		kills = 500
	}
	for _, name := range []string{"one", "two"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			killed(t, kills)
		})
	}
}

// killed kills a collector at random moments, while machines post, and looks at what it kept.
func killed(t *testing.T, kills int) {
	t.Helper()
	const machines = 12
	data, address := filepath.Join(t.TempDir(), "collector"), ownAddress(t)
	serve := []string{"veille-collector", "serve", "--data", data, "--listen", address}
	running := start(t, true, serve...)
	token := newSite(t, data, "", "Lycée", fmt.Sprint(machines))
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: machines}}
	posters := make([]*poster, machines)
	for i := range posters {
		use := []wire.Use{wire.Server, wire.Shared, wire.Individual}[i%3]
		posters[i] = enrolled(t, client, "http://"+address, token, uint64(i), use)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var posting sync.WaitGroup
	for _, p := range posters {
		posting.Go(func() { p.run(ctx) })
	}
	begin, early := time.Now(), 0
	for n := range kills {
		pause(t, rand.N(40*time.Millisecond))
		running.kill(t)
		if n%4 == 3 { // and once while it is starting
			early++
			running = start(t, false, serve...)
			pause(t, rand.N(15*time.Millisecond))
			running.kill(t)
		}
		running = start(t, true, serve...)
	}
	t.Logf("%d kills of a collector that served, and %d of one that started, in %v", kills, early, time.Since(begin).Round(time.Second/10))
	pause(t, 100*time.Millisecond)
	stop()
	posting.Wait()
	if status := running.end(t, syscall.SIGTERM); status != 0 {
		t.Errorf("exit %d\n%s", status, running.log)
	}
	inLedger(t, data, posters)
	t.Log(do(t, nil, "veille-collector", "check", "--data", data))
}

// kill ends a process in the way that it cannot prevent. One that had ended by itself is a failure.
func (p *process) kill(t *testing.T) {
	t.Helper()
	_ = p.end(t, syscall.SIGKILL)
	if s, ok := p.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		t.Fatalf("it had ended by itself: %v\n%s", p.ProcessState, p.log)
	}
}

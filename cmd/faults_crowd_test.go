package cmd_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/agent/wire"
)

// crowd is some machines that post.
type crowd struct {
	posters []*poster
	client  *http.Client
	stop    func() // lets no post begin, and waits for those under way
}

// newCrowd enrols machines at a collector that has no others yet.
func newCrowd(t *testing.T, client *http.Client, address, token string, n int) *crowd {
	t.Helper()
	c := &crowd{client: client, stop: func() {}}
	for i := range n {
		use := []wire.Use{wire.Server, wire.Shared, wire.Individual}[i%3]
		c.posters = append(c.posters, enrolled(t, c.client, address, token, uint64(i), use))
	}
	return c
}

// plain is a client for a collector without TLS.
func plain() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
}

// post lets the machines post, without a pause but after a failure, until they are told to stop.
func (c *crowd) post(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, p := range c.posters {
		running.Go(func() { p.run(ctx) })
	}
	c.stop = func() {
		stop()
		running.Wait()
	}
	t.Cleanup(func() { c.stop() })
}

// posting is a crowd that posts already.
func posting(t *testing.T, address, token string, n int) *crowd {
	t.Helper()
	c := newCrowd(t, plain(), address, token, n)
	c.post(t)
	until(t, "posts", func() bool { return c.replies() > 50 })
	return c
}

// replies is how many batches were acknowledged.
func (c *crowd) replies() (n int64) {
	for _, p := range c.posters {
		n += p.replies.Load()
	}
	return n
}

// declines is how many were not, with the word to come back later.
func (c *crowd) declines() (n int64) {
	for _, p := range c.posters {
		n += p.declines.Load()
	}
	return n
}

// pause waits.
func pause(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// ownAddress is an address that no other test has: one of its own in 127.0.0.0/8. A collector that is started anew finds it free; the
// port of one on 127.0.0.1 could meanwhile be that of somebody's connection.
func ownAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.%d.%d.%d:%d", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250), 10_000+rand.IntN(20_000))
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", address)
		if err == nil {
			_ = l.Close()
			return address
		}
	}
	t.Fatal("no address of 127.0.0.0/8 can be listened on")
	return ""
}

// health is what /healthz answers.
func health(t *testing.T, client *http.Client, address string) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(address, "/")+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

// peak is the most memory that a process had, in bytes.
func peak(t *testing.T, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if after, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(after), "kB")), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatalf("no VmHWM in %s", text)
	return 0
}

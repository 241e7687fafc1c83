package burst

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"veille/agent/wire"
)

// enroller gives machines their identities.
type enroller struct {
	way    Way
	to     *target
	token  string
	kind   func(machine int) (wire.Use, *wire.Machine)
	ids    *Identities
	done   atomic.Int64
	mu     sync.Mutex // of the zone and the date in ids, and of first
	first  error
	cancel context.CancelFunc
}

// Enrol gives identities to the machines below n that have none, with the token of a site, over w.Connections connections at a
// time, and answers how many it gave and how long that took. kind says what a machine is. Those that were enrolled are in ids, whatever
// the error. A collector that refuses is an ErrUnreachable.
func Enrol(ctx context.Context, w Way, token string, ids *Identities, n int, kind func(machine int) (wire.Use, *wire.Machine), tell func(done, all int64)) (int, time.Duration, error) {
	w = w.complete()
	to, err := newTarget(w)
	if err != nil {
		return 0, 0, err
	}
	for len(ids.Machines) < n {
		ids.Machines = append(ids.Machines, Machine{})
	}
	ids.Collector = w.Collector
	var missing []int
	for i := range n {
		if ids.Machines[i].Credential == "" {
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return 0, 0, nil
	}
	if err := reach(ctx, to); err != nil {
		return 0, 0, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	e := &enroller{way: w, to: to, token: token, kind: kind, ids: ids, cancel: cancel}
	defer watch(&e.done, int64(len(missing)), tell)()
	start := time.Now()
	var workers sync.WaitGroup
	for first := range min(w.Connections, len(missing)) {
		workers.Go(func() {
			c := newClient(to)
			defer c.close()
			for i := first; i < len(missing) && ctx.Err() == nil; i += w.Connections {
				e.one(ctx, c, missing[i])
			}
		})
	}
	workers.Wait()
	if err := e.first; err != nil {
		return int(e.done.Load()), time.Since(start), fmt.Errorf("%d of %d machines enrolled: %w", n-len(missing)+int(e.done.Load()), n, err)
	}
	if err := ctx.Err(); err != nil {
		return int(e.done.Load()), time.Since(start), fmt.Errorf("%d of %d machines enrolled, then interrupted: %w", n-len(missing)+int(e.done.Load()), n, err)
	}
	return int(e.done.Load()), time.Since(start), nil
}

// one enrols a machine. After a failure that will not end, all workers stop.
func (e *enroller) one(ctx context.Context, c *client, machine int) {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails: crypto/rand ends the program instead
	use, kind := e.kind(machine)
	body, err := json.Marshal(wire.Enrolment{Version: wire.Version, InstallKey: hex.EncodeToString(key), Use: use, Machine: kind})
	if err != nil {
		e.fail(err)
		return
	}
	for failures := 0; ; {
		c.request("/api/v1/enrol", e.token, "", body)
		r, err := c.send(ctx)
		if !e.way.KeepAlive {
			c.close()
		}
		if err == nil && r.status == http.StatusOK {
			err = e.take(machine, r.text)
			if err == nil {
				e.done.Add(1)
				return
			}
		} else if err == nil {
			err = answerError{status: r.status, after: r.after, text: brief(r.text)}
		}
		failures++
		if ctx.Err() != nil {
			return
		}
		if final(err) || failures > e.way.Retries {
			e.fail(fmt.Errorf("%w: %w", ErrUnreachable, err))
			return
		}
		if !wait(ctx, pause(err, failures, e.way.FirstPause)) {
			return
		}
	}
}

// take reads what an enrolment was answered.
func (e *enroller) take(machine int, text []byte) error {
	var c struct {
		Credential string `json:"credential"`
		Policy     struct {
			Document struct {
				Zone string `json:"time_zone"`
			} `json:"document"`
		} `json:"policy"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return fmt.Errorf("the answer to the enrolment is not a collector's: %w", err)
	}
	if c.Credential == "" {
		return errors.New("the answer to the enrolment is not a collector's: it has no credential")
	}
	zone, err := time.LoadLocation(c.Policy.Document.Zone)
	if err != nil {
		return fmt.Errorf("the time zone of the site: %w", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ids.Zone == "" {
		e.ids.Zone, e.ids.Since = c.Policy.Document.Zone, time.Now().In(zone).Format(time.DateOnly)
	}
	if e.ids.Zone != c.Policy.Document.Zone {
		return answerError{status: http.StatusForbidden, text: fmt.Sprintf("the token is of a site in %s, the other machines are in %s; use other identities", c.Policy.Document.Zone, e.ids.Zone)}
	}
	e.ids.Machines[machine] = Machine{Credential: c.Credential}
	return nil
}

// fail keeps the first error, and stops all workers.
func (e *enroller) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.first == nil {
		e.first = err
	}
	e.cancel()
}

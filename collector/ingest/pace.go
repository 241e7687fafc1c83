package ingest

import (
	"sync"
	"time"
)

// A machine may post once a second for ever, and so many times at once: an agent speaks a few times a day, and sends a backlog in some
// tens of batches. What is faster is a loop somewhere, and is told to wait before it costs anything.
const (
	every  = time.Second
	atOnce = 600
)

// pace bounds how often each machine may post, by the generic cell rate algorithm: of each machine that posted within the last
// minutes it knows the moment at which its allowance is whole again, in memory, and nothing of the others.
type pace struct {
	mu    sync.Mutex
	whole map[int64]time.Time
	tidy  time.Time // when those that are whole were forgotten last
}

func newPace() *pace { return &pace{whole: map[int64]time.Time{}} }

// take counts one post, or answers how long the machine has to wait. It goes by the clock that nobody sets.
func (p *pace) take(machine int64) (wait time.Duration) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.tidy) > time.Minute {
		p.tidy = now
		for m, t := range p.whole {
			if !t.After(now) {
				delete(p.whole, m)
			}
		}
	}
	whole := p.whole[machine]
	if whole.Before(now) {
		whole = now
	}
	if wait = whole.Sub(now) - (atOnce-1)*every; wait > 0 {
		return wait
	}
	p.whole[machine] = whole.Add(every)
	return 0
}

package browser

import (
	"context"
	"sync"
	"time"
)

// watch keeps the browser within its memory: when all its processes together take more than the limit, the largest of
// those that show pages is ended, and with it the page that took most.
type watch struct {
	limit int64
	done  sync.WaitGroup

	mu     sync.Mutex
	killed time.Time // when a process was last ended
	peak   int64
}

// watchEvery is how often the processes are looked at: a page can take some hundred megabytes in between.
const watchEvery = 250 * time.Millisecond

// part is a process of the browser.
type part struct {
	Type string `json:"type"`
	PID  int    `json:"id"`
}

// guardMemory watches a browser until it ends. Where the memory of a process cannot be read, nothing is watched and the
// browser's own limit for scripts remains.
func (p *process) guardMemory(limit int64) {
	p.memory = &watch{limit: limit}
	if _, ok := private(p.program.Process.Pid); !ok {
		return
	}
	p.memory.done.Go(func() {
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-p.ended:
				return
			case <-tick.C:
				p.weigh()
			}
		}
	})
}

// weigh looks at the processes once.
func (p *process) weigh() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var answer struct {
		Parts []part `json:"processInfo"`
	}
	if p.call(ctx, "", "SystemInfo.getProcessInfo", values{}, &answer) != nil {
		return
	}
	var sum, most int64
	largest := 0
	for _, one := range answer.Parts {
		bytes, _ := private(one.PID)
		sum += bytes
		if one.Type == "renderer" && bytes > most {
			most, largest = bytes, one.PID
		}
	}
	p.memory.mu.Lock()
	defer p.memory.mu.Unlock()
	p.memory.peak = max(p.memory.peak, sum)
	if sum > p.memory.limit && largest > 1 {
		p.memory.killed = time.Now()
		end(largest)
	}
}

// overfed says whether a tab that has just crashed was ended for its memory.
func (p *process) overfed() bool {
	p.memory.mu.Lock()
	defer p.memory.mu.Unlock()
	return time.Since(p.memory.killed) < 5*time.Second
}

package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"veille/cmd/internal/command"
)

// patience is how long a person waits before being told what is happening.
const patience = 2 * time.Second

// progress tells a person who waits, at a terminal, which page is being measured.
type progress struct {
	out     io.Writer // nil when nobody looks
	total   int
	done    int
	started time.Time
	finish  chan struct{}
	writing sync.WaitGroup
}

func startProgress(stderr io.Writer, total int) *progress {
	p := &progress{total: total, started: time.Now()}
	if command.Terminal(stderr) {
		p.out = stderr
	}
	return p
}

// begin says that a page is being measured, once the whole work has lasted longer than patience.
func (p *progress) begin(url string) {
	p.done++
	if p.out == nil {
		return
	}
	line := fmt.Sprintf("measuring %d of %d: %.60s", p.done, p.total, url)
	p.finish = make(chan struct{})
	p.writing.Go(func() {
		select {
		case <-p.finish:
			return
		case <-time.After(patience - time.Since(p.started)):
		}
		_, _ = io.WriteString(p.out, line)
		<-p.finish
		_, _ = io.WriteString(p.out, "\r\x1b[K") // the result comes on a clean line
	})
}

// end takes the line away.
func (p *progress) end() {
	if p.out == nil {
		return
	}
	close(p.finish)
	p.writing.Wait()
}

package main

import (
	"io"
	"sync"
	"time"

	"veille/cmd/internal/command"
	"veille/ecoindex/report"
)

// patience is how long a person waits before being told what is happening.
const patience = 2 * time.Second

// progress tells a person who waits, at a terminal, how many of the pages are measured.
type progress struct {
	out   io.Writer // nil when nobody looks
	total int
	in    report.Language

	mu    sync.Mutex
	done  int
	shown bool // the line is on the screen
	late  bool // patience is over
	timer *time.Timer
}

func startProgress(stderr io.Writer, total int, in report.Language) *progress {
	p := &progress{total: total, in: in}
	if command.Terminal(stderr) {
		p.out = stderr
		p.begin()
	}
	return p
}

// begin shows the line once the work has lasted longer than patience.
func (p *progress) begin() {
	p.timer = time.AfterFunc(patience, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.late = true
		p.show()
	})
}

// show writes the line; the caller holds mu.
func (p *progress) show() {
	if p.late && p.done < p.total {
		_, _ = io.WriteString(p.out, p.in.Say("measured %d of %d", p.done, p.total))
		p.shown = true
	}
}

// clear takes the line away: a result comes on a clean line.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		_, _ = io.WriteString(p.out, "\r\x1b[K")
		p.shown = false
	}
}

// advance counts a result, and shows the line again.
func (p *progress) advance() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.show()
}

// end takes the line away for good.
func (p *progress) end() {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.clear()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.late = false
}

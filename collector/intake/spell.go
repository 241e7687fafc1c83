package intake

import (
	"sync"
	"sync/atomic"
	"time"
)

// Spell is a time in which requests cannot be served. The log tells when one begins and when it ends, unless it told of the same within
// the last hour: one machine whose records cannot be put on disk, among others that are well, would else be seen each time that it comes.
type Spell struct {
	on   atomic.Bool
	mu   sync.Mutex
	said bool // that it began
	last string
	at   time.Time
}

// Begins tells whether the log is to say that requests cannot be served, and why.
func (s *Spell) Begins(why string, now time.Time) bool {
	if s.on.Load() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on.Swap(true) || why == s.last && now.Sub(s.at) < time.Hour {
		return false
	}
	s.said, s.last, s.at = true, why, now
	return true
}

// Ends tells whether the log is to say that requests are served again.
func (s *Spell) Ends() bool {
	if !s.on.Load() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	said := s.on.Swap(false) && s.said
	s.said = false
	return said
}

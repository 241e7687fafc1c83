// Package intake is what the doors of the collector have in common: the memory that messages take together, the reading of their bodies, and when the
// log is to say that nothing works.
package intake

import (
	"errors"
	"sync/atomic"
)

// ErrBusy is said when there is no memory left for another message.
var ErrBusy = errors.New("the collector is busy")

// Memory is what messages may take together, in bytes.
type Memory struct{ left atomic.Int64 }

// NewMemory is a memory of so many bytes, all of them free.
func NewMemory(bytes int64) *Memory {
	m := &Memory{}
	m.left.Store(bytes)
	return m
}

// Share is what a message has of it: nothing yet.
func (m *Memory) Share() *Share { return &Share{of: m} }

// Share is what one message has of a memory.
type Share struct {
	of    *Memory
	bytes int64
}

// Grow makes the share large enough for so many bytes, and tells whether there were as many; otherwise it stays as it is.
func (s *Share) Grow(bytes int) bool {
	more := int64(bytes) - s.bytes
	if more <= 0 {
		return true
	}
	if s.of.left.Add(-more) < 0 {
		s.of.left.Add(more)
		return false
	}
	s.bytes += more
	return true
}

// Release gives the share back. A share that has nothing can be released, and grow again.
func (s *Share) Release() {
	s.of.left.Add(s.bytes)
	s.bytes = 0
}

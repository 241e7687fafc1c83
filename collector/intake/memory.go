// Package intake is what the doors of the collector have in common: the memory that messages take together, the reading of their bodies, and when the
// log is to say that nothing works.
package intake

import (
	"errors"
	"sync"
)

// ErrBusy is said when there is no memory left for another message.
var ErrBusy = errors.New("the collector is busy")

// Memory is what messages may take together, in bytes.
type Memory struct {
	mu   sync.Mutex
	left int64
	most int64           // that several messages of one owner may have
	held map[int64]int64 // by owner
}

// NewMemory is a memory of so many bytes, all of them free.
func NewMemory(bytes int64) *Memory {
	return &Memory{left: bytes, most: bytes / 4, held: map[int64]int64{}}
}

// Share is what a message has of it: nothing yet.
func (m *Memory) Share() *Share { return &Share{of: m} }

// ShareOf is what a message of an owner has of it. Several messages of one owner have no more than a quarter together, so that none keeps others out by
// sending slowly; one alone may have more, as the largest takes more.
func (m *Memory) ShareOf(owner int64) *Share { return &Share{of: m, owner: owner, owned: true} }

// Share is what one message has of a memory.
type Share struct {
	of    *Memory
	owner int64
	owned bool // it counts for its owner
	bytes int64
}

// Grow makes the share large enough for so many bytes, and tells whether there were as many; otherwise it stays as it is.
func (s *Share) Grow(bytes int) bool {
	more := int64(bytes) - s.bytes
	if more <= 0 {
		return true
	}
	m := s.of
	m.mu.Lock()
	defer m.mu.Unlock()
	if others := m.held[s.owner] - s.bytes; m.left < more || s.owned && others > 0 && others+int64(bytes) > m.most {
		return false
	}
	s.take(more)
	return true
}

// Release gives the share back. A share that has nothing can be released, and grow again.
func (s *Share) Release() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.take(-s.bytes)
}

// take takes so many bytes more, of which it is known that they are there. The caller holds the lock of the memory.
func (s *Share) take(more int64) {
	s.bytes, s.of.left = s.bytes+more, s.of.left-more
	if !s.owned {
		return
	}
	if s.of.held[s.owner] += more; s.of.held[s.owner] == 0 {
		delete(s.of.held, s.owner)
	}
}

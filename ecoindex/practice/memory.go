package practice

import (
	"hash/maphash"
	"sync"
)

// Memory remembers what was found in texts that many pages of a site share, such as their style sheets: to read one takes longer than
// the page. It holds what was found, and nothing of the texts. It is safe for concurrent use.
type Memory struct {
	seed maphash.Seed
	mu   sync.Mutex
	now  map[finding]any
	last map[finding]any // those of before: what is not asked for again while now fills goes
}

// finding is something that was found in a text.
type finding struct {
	what string
	hash uint64
	long int
}

// mostRemembered is how many findings are in each half.
const mostRemembered = 400

// NewMemory is one that knows nothing yet.
func NewMemory() *Memory {
	return &Memory{seed: maphash.MakeSeed(), now: map[finding]any{}}
}

// remember is what of gives for a text, which depends on nothing else. A nil memory asks each time.
func remember[T any](m *Memory, what string, text []byte, of func([]byte) T) T {
	if m == nil {
		return of(text)
	}
	key := finding{what, maphash.Bytes(m.seed, text), len(text)}
	if found, ok := m.find(key).(T); ok {
		return found
	}
	found := of(text)
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.now) >= mostRemembered {
		m.last, m.now = m.now, map[finding]any{}
	}
	m.now[key] = found
	return found
}

func (m *Memory) find(key finding) any {
	m.mu.Lock()
	defer m.mu.Unlock()
	if found, ok := m.now[key]; ok {
		return found
	}
	found, ok := m.last[key]
	if ok && len(m.now) < mostRemembered {
		m.now[key] = found
	}
	return found
}

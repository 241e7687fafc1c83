package browser

import "sync"

// maxQueued is how many bytes of events may wait for their reader before a page is given up.
const maxQueued = 64 << 20

// queue keeps the events of a page in order until they are read. Its writer never waits: the one connection serves
// all pages.
type queue struct {
	mu     sync.Mutex
	list   []message
	bytes  int
	closed bool
	over   bool          // events were dropped
	wake   chan struct{} // has room for one
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

func (q *queue) push(m message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if q.bytes+len(m.Params) > maxQueued {
		q.over = true
		return
	}
	q.bytes += len(m.Params)
	q.list = append(q.list, m)
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take answers what waits, whether some was dropped, and whether more may come.
func (q *queue) take() (list []message, over, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	list, q.list, q.bytes = q.list, nil, 0
	return list, q.over, !q.closed
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.signal()
}

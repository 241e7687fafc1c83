package privacy

import (
	"maps"
	"sync"

	"veille/collector"
)

// memory is what was told of whole organisations, by month: the first page of each reader asks for it. A month that is fixed never changes, so
// neither does what is told of it; when a ledger has it no more, nobody looks it up.
type memory struct {
	mu   sync.Mutex
	told map[subject]*asking
}

// subject is what was told: to whom it was makes no difference but for the public.
type subject struct {
	organisation      int64
	month             collector.Month
	simulated, public bool
}

// mostTold is how many months are kept in mind; of a region each takes about half a megabyte. Beyond that all are forgotten.
const mostTold = 120

// whole is what may be seen of an organisation in a month, told once and kept in mind. It is shared: nobody may change it.
func (m *memory) whole(s subject, tell func() *asking) *asking {
	m.mu.Lock()
	a := m.told[s]
	m.mu.Unlock()
	if a != nil {
		return a
	}
	a = tell() // two may do so at once, and come to the same
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.told == nil || len(m.told) >= mostTold {
		m.told = make(map[subject]*asking)
	}
	m.told[s] = a
	return a
}

// monthOf is the answer to a question about one month, whose rows are given.
func (d *Door) monthOf(q Question, public bool, known map[Node]bool, rows []*collector.PlaceMonth) Answer {
	a := newAsking(q, public, known)
	if q.Node.Level == WholeOrganisation {
		kept := d.memory.whole(subject{q.Organisation, q.From, q.Simulated, public}, func() *asking {
			fresh := newAsking(q, public, nil)
			fresh.month(rows, d.without)
			return fresh
		})
		a.Self = kept.Self
		maps.Copy(a.children, kept.children)
	} else {
		a.month(rows, d.without)
	}
	a.Months = []collector.Month{q.From}
	return a.done()
}

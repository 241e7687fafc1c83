package label

import (
	"fmt"
	"slices"
	"sync"

	"veille/collector/balance"
	"veille/collector/privacy"
)

// memory keeps in mind what the machines of organisations did in the months of a report: pages ask for the same one again and again, and months
// that are fixed do not change. Prices and factors may, so they are part of what it is found by. Who shares it only reads it.
type memory struct {
	mu  sync.Mutex
	all map[string]remembered
}

// remembered is what the machines of an organisation did.
type remembered struct {
	months []month
	told   balance.Told
}

// mostRemembered is how many reports' months are kept in mind. Beyond that all are forgotten.
const mostRemembered = 16

// tell is what answers about the organisation of facts come to.
func (m *memory) tell(f *facts, answers []privacy.Answer) remembered {
	months := make([]string, len(answers))
	for i := range answers {
		months[i] = fmt.Sprint(answers[i].From, answers[i].Simulated)
	}
	key := fmt.Sprintf("%d %v %v %v %v", f.organisation.ID, f.now, f.before, f.book, months)
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.all[key]; ok {
		return known
	}
	f.tell(answers)
	told := remembered{slices.Clip(f.months), f.book.TellOf(answers)}
	if m.all == nil || len(m.all) >= mostRemembered {
		m.all = map[string]remembered{}
	}
	m.all[key] = told
	return told
}

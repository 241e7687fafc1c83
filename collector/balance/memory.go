package balance

import (
	"fmt"
	"sync"

	"veille/collector"
	"veille/collector/privacy"
)

// Comparison is what an action saved at a node.
type Comparison struct {
	Effect Effect
	Why    string    // as Since says it
	Base   Baseline  // that was kept, or as it is told today
	Self   []Account // of the node, those months that were given. Whoever gets them shares them
}

// Memory reckons comparisons, and keeps them in mind: one of a large organisation takes as long as a page may take, and is asked for with each page.
// Months that are fixed do not change, so neither does what is reckoned of them with the same prices and factors. The zero value has none.
type Memory struct {
	mu  sync.Mutex
	all map[string]Comparison
}

// mostRemembered is how many comparisons are kept in mind. Beyond that all are forgotten.
const mostRemembered = 256

// Compare is the effect of an action at its node or at one below it, until a month, by answers about that node, one of each month: compared with its
// baseline as it was kept, at its own node or right below it, or else as it is told today.
func (m *Memory) Compare(b Book, a collector.Action, kept []collector.Baseline, n privacy.Node, answers []privacy.Answer, to collector.Month) (Comparison, error) {
	var by []string
	for _, k := range kept {
		if k.Action == a.ID {
			by = append(by, k.SHA256, string(k.KeptOn))
		}
	}
	for i := range answers {
		by = append(by, fmt.Sprint(answers[i].From, answers[i].Simulated))
	}
	key := fmt.Sprintf("%+v %+v %s %v %v %q", a, n, to, b.prices, b.factors, by)
	m.mu.Lock()
	c, known := m.all[key]
	m.mu.Unlock()
	if known {
		return c, nil
	}
	told := b.TellOf(answers)
	base, err := baseAt(kept, a, n, told)
	if err != nil {
		return Comparison{}, err
	}
	c = Comparison{Base: base, Self: told.Self}
	c.Effect, c.Why = b.Since(a, base, told, a.On.Month(), to)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil || len(m.all) >= mostRemembered {
		m.all = map[string]Comparison{}
	}
	m.all[key] = c
	return c, nil
}

// baseAt is the baseline of an action at its node, or at one right below it: as it was kept, or else as it is told today.
func baseAt(kept []collector.Baseline, a collector.Action, n privacy.Node, told Told) (Baseline, error) {
	for _, k := range kept {
		if k.Action != a.ID {
			continue
		}
		b, err := DecodeBaseline(k.JSON, k.KeptOn)
		if err != nil {
			return Baseline{}, fmt.Errorf("action %d: %w", a.ID, err)
		}
		below, isBelow := b.Children[n]
		switch {
		case b.Simulated != told.Simulated && len(told.Self) > 0: // it is of other machines
		case n == NodeOf(a):
			return b, nil
		case isBelow:
			return Baseline{Kept: k.KeptOn, Told: Told{Simulated: b.Simulated, Self: below}}, nil
		}
	}
	b, _ := BaselineOf(a, told)
	return b, nil
}

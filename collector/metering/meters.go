package metering

import (
	"context"
	"sync"

	"veille/collector"
)

// numbers finds the numbers of the meters of a site. Posts of a site make meters one after the other.
type numbers struct {
	making sync.Mutex
	mu     sync.RWMutex
	until  int64                        // the site is taken to be full until then, in milliseconds since 1970
	all    map[collector.MeterKey]int64 // that a full site has
}

// shut tells whether a site is full, so that a meter that it does not have is not made; number is that of the meter, 0 where there is none.
func (n *numbers) shut(k collector.MeterKey, now int64) (number int64, shut bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if now >= n.until {
		return 0, false
	}
	number = n.all[k]
	return number, number == 0
}

// find gives targets the numbers of their meters, as far as these can be made.
func (n *numbers) find(ctx context.Context, ledger Ledger, site int64, targets []*target, now int64) error {
	n.making.Lock()
	defer n.making.Unlock()
	var keys []collector.MeterKey
	var of []*target
	for _, t := range targets {
		number, shut := n.shut(t.key, now)
		if number != 0 {
			t.meter.Store(number)
		} else if !shut {
			keys, of = append(keys, t.key), append(of, t)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	found, err := ledger.MetersOf(ctx, keys)
	if err != nil {
		return err
	}
	missing := false
	for i, t := range of {
		t.meter.Store(found[i].ID)
		missing = missing || found[i].ID == 0
	}
	if !missing {
		return nil
	}
	all, err := ledger.MetersAt(ctx, site)
	if err != nil || len(all) < collector.MostMeters {
		return err // a rule was just removed
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all, n.until = all, now+freshFor.Milliseconds()
	return nil
}

package metering

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"veille/collector"
)

// paces bound how much the meters of a site say: of one second each, and of one day in UTC together. What is bounded is what is kept, by the time of
// what is said: whoever was away for weeks may bring all of it at once.
type paces struct {
	mu     sync.Mutex
	meters map[int64]*pace
	days   map[int64]*account
}

// pace is what a meter said last.
type pace struct {
	last    int64 // its moment, in milliseconds since 1970
	second  int64
	moments [collector.MostASecond]int64 // of that second, that were taken
	taken   int                          // of them; 0: it has said nothing yet
}

// had tells whether a moment was taken: what comes again is in the place of what was there.
func (m *pace) had(at int64) bool { return slices.Contains(m.moments[:m.taken], at) }

// spoke keeps that a moment is taken.
func (m *pace) spoke(at int64) {
	if second := at / 1000; second != m.second {
		m.second, m.taken = second, 0
	}
	m.moments[m.taken] = at
	m.taken++
	m.last = at
}

// account is how much a site has said of a day.
type account struct {
	samples int64
	asked   int64 // when the ledger was asked, in milliseconds since 1970
}

// daysKnown is how many accounts are remembered of a site.
const daysKnown = 200

// take says why a sample is not taken, or nothing. The caller holds mu.
func (p *paces) take(ctx context.Context, o *post, x collector.MeterSample) (refused, failed error) {
	m := p.meters[x.Meter]
	if m == nil {
		if p.meters == nil {
			p.meters = map[int64]*pace{}
		}
		m = &pace{}
		p.meters[x.Meter] = m
	}
	if m.had(x.At) {
		return nil, nil
	}
	if m.taken == len(m.moments) && m.second == x.At/1000 {
		return hastyError(x.Meter), nil
	}
	day, err := p.day(ctx, o, x.At/millisecondsOfDay)
	if err != nil {
		return nil, err
	}
	if since := x.At - m.last; day.samples >= o.mostADay && m.taken > 0 && max(since, -since) < collector.MeterHold.Milliseconds() {
		return fullDayError(o.mostADay), nil
	}
	m.spoke(x.At)
	day.samples++
	return nil, nil
}

const millisecondsOfDay = 86_400_000

// day is the account of a day in UTC. The ledger is asked the first time, and again, once a minute at most, when the day is full: some of what was
// counted may have come twice.
func (p *paces) day(ctx context.Context, o *post, day int64) (*account, error) {
	d := p.days[day]
	if d != nil && (d.samples < o.mostADay || o.now-d.asked < freshFor.Milliseconds()) {
		return d, nil
	}
	n, err := o.ledger.MeterSamplesOn(ctx, o.site, day)
	if err != nil {
		return nil, err
	}
	if d == nil {
		if p.days == nil || len(p.days) >= daysKnown {
			p.days = map[int64]*account{}
		}
		d = &account{}
		p.days[day] = d
	}
	d.samples, d.asked = n, o.now
	return d, nil
}

// hastyError says that a meter speaks too often.
type hastyError int64

func (e hastyError) Error() string {
	return fmt.Sprintf("meter %d speaks of more than %d moments of one second: let its sender ask it less often (Telegraf: interval = \"10s\")", int64(e), collector.MostASecond)
}

// fullDayError says that a site has said more than enough of a day.
type fullDayError int64

func (e fullDayError) Error() string {
	return fmt.Sprintf("the meters of this site have said %d things of one day, so that each is taken once in five minutes of it only: let their senders ask less often (Telegraf: interval = \"10s\")", int64(e))
}

package outbox

import (
	"context"
	"time"
)

// say writes how the destination is doing to the ledger: not more often than every five seconds unless something has changed.
func (o *Outbox) say(ctx context.Context, changed bool) {
	if !changed && !o.written.IsZero() && time.Since(o.written) < sayEvery {
		return
	}
	behind := int64(0)
	for _, s := range streams() {
		n, err := o.Mirror.Behind(ctx, s, o.positions[s].Acked)
		if err != nil {
			n = 0
		}
		behind += n
	}
	o.state.Behind, o.state.LagS = rounded(behind), 0
	if !o.waiting.IsZero() {
		o.state.LagS = max(10, int64(time.Since(o.waiting)/(10*time.Second))*10)
	}
	o.state.Said = o.Now().Unix()
	if !changed && o.said.Load() != nil && o.quiet() {
		return
	}
	if err := o.Ledger.KeepDelivery(ctx, o.state); err != nil {
		if ctx.Err() == nil {
			o.Log.WarnContext(ctx, "how a destination is doing could not be kept", "destination", o.Name, "err", err)
		}
		return
	}
	o.written = time.Now()
	said := o.state
	o.said.Store(&said)
}

// quiet tells whether nothing has changed since it was said last that people would look for.
func (o *Outbox) quiet() bool {
	last, now := *o.said.Load(), o.state
	last.Said, now.Said = 0, 0
	return last == now
}

// rounded is a number to two digits, rounded up: nobody is told when a single record came.
func rounded(n int64) int64 {
	if n <= 0 {
		return 0
	}
	unit := int64(10)
	for n > 100*unit {
		unit *= 10
	}
	return (n + unit - 1) / unit * unit
}

package outbox

import (
	"context"
	"reflect"
	"time"

	"veille/collector"
)

// say writes how the destination is doing to the ledger: not more often than every five seconds unless something has changed, and not at all for
// an hour where nothing has.
func (o *Outbox) say(ctx context.Context, changed bool) {
	if !o.loaded || !changed && !o.written.IsZero() && time.Since(o.written) < sayEvery {
		return
	}
	o.count(ctx)
	o.advise(ctx)
	o.state.Said = o.Now().Unix()
	if !changed && o.said != nil && o.quiet() && time.Since(o.written) < sayOften {
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
	o.said = &said
}

// count counts what waits for the destination, and says for how long something has.
func (o *Outbox) count(ctx context.Context) {
	behind := int64(0)
	for _, s := range streams() {
		n, err := o.Mirror.Behind(ctx, s, o.positions[s].Acked)
		if err != nil {
			return // as it was
		}
		behind += n
	}
	switch {
	case behind == 0:
		o.waiting = time.Time{}
	case o.failures > 0 && o.waiting.IsZero():
		o.waiting = time.Now()
	}
	o.state.Behind, o.state.LagS = collector.Rounded(behind), 0
	if !o.waiting.IsZero() {
		o.state.LagS = max(10, int64(time.Since(o.waiting)/(10*time.Second))*10)
	}
}

// advise asks the destination what should be set up otherwise there. While it is not open that is as it was.
func (o *Outbox) advise(ctx context.Context) {
	if o.to == nil {
		return
	}
	var all []string
	if a, ok := o.to.(collector.Advised); ok {
		for _, sentence := range a.Advice() {
			all = append(all, o.unnamed(plain(sentence)))
		}
	}
	if before := len(o.state.Advice); len(all) > before {
		for _, sentence := range all {
			o.Log.WarnContext(ctx, "a destination should be set up otherwise", "destination", o.Name, "advice", sentence)
		}
	}
	o.state.Advice = all
}

// quiet tells whether nothing has changed since it was said last that people would look for.
func (o *Outbox) quiet() bool {
	last, now := *o.said, o.state
	last.Said, now.Said = 0, 0
	return reflect.DeepEqual(last, now)
}

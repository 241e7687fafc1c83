package outbox

import (
	"context"
	"errors"

	"veille/collector"
)

// open opens the destination where it is not open.
func (o *Outbox) open(ctx context.Context) error {
	if o.to != nil {
		return nil
	}
	to, err := o.Open(ctx)
	if err == nil {
		o.to = to
		return nil
	}
	if _, known := errors.AsType[*collector.DeliveryError](err); known || ctx.Err() != nil {
		return err
	}
	return needsHelp(err.Error())
}

// shut lets go of the destination: the next delivery opens it as it is then.
func (o *Outbox) shut() {
	if o.to != nil {
		_ = o.to.Close()
		o.to = nil
	}
}

// there is the destination, for those who do not hold mu.
func (o *Outbox) there() (collector.Destination, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.to != nil:
		return o.to, nil
	case o.state.Stopped:
		return nil, errStopped
	}
	return nil, errPaused
}

// Delete deletes there what no stream says is to be deleted: what has served, and what meters said that are gone. It fails while the destination
// cannot be used.
func (o *Outbox) Delete(ctx context.Context, q collector.Query) error {
	to, err := o.there()
	if err != nil {
		return err
	}
	return to.Delete(ctx, q)
}

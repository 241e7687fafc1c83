package outbox

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"syscall"
	"time"

	"veille/collector"
)

// mark says up to which number the destination had acknowledged a stream at a moment of this program's clock, which no one sets.
type mark struct {
	stream collector.Stream
	upTo   int64
	at     time.Time
}

// settle asks the destination whether its process is the same as before. If it is, what it acknowledged a minute ago is on its disk; if it is
// not, what lies between is sent again. So it is after a connection failed, whatever the process says, but not more often than once a minute:
// what is sent again must not take all the time there is.
func (o *Outbox) settle(ctx context.Context) error {
	if o.known && len(o.marks) == 0 && !o.broken && o.failures == 0 && !o.state.Stopped {
		return nil
	}
	started, err := o.to.Started(ctx)
	if err != nil {
		return err
	}
	if o.known && started != o.started {
		o.state.Restarts++
		o.state.RestartedOn = collector.DateOf(o.Now())
		o.marks = nil
		o.unsure = o.unsure || !o.resent.IsZero() && time.Since(o.resent) < hold+settleTurn
		o.Log.InfoContext(ctx, "the destination was started anew, its last points are sent again", "destination", o.Name)
		if err := o.rewind(ctx); err != nil {
			return err
		}
	}
	o.known, o.started = true, started
	if o.broken && (o.rewound.IsZero() || time.Since(o.rewound) >= hold) {
		if err := o.rewind(ctx); err != nil {
			return err
		}
	}
	return o.age(ctx)
}

// rewind takes the streams back to what is settled.
func (o *Outbox) rewind(ctx context.Context) error {
	if err := o.Ledger.Rewind(ctx, o.Name); err != nil {
		return err
	}
	o.broken, o.rewound = false, time.Now()
	return o.reload(ctx)
}

// age settles what was acknowledged a minute ago.
func (o *Outbox) age(ctx context.Context) error {
	settled := map[collector.Stream]int64{}
	kept := o.marks[:0]
	for _, m := range o.marks {
		if time.Since(m.at) < hold {
			kept = append(kept, m)
			continue
		}
		settled[m.stream] = max(settled[m.stream], min(m.upTo, o.positions[m.stream].Acked))
	}
	o.marks = kept
	for stream, upTo := range settled {
		p := o.positions[stream]
		if upTo <= p.Settled {
			continue
		}
		if err := o.Ledger.SettleTo(ctx, o.Name, stream, upTo); err != nil {
			return err
		}
		p.Settled = upTo
		o.positions[stream] = p
	}
	return nil
}

// connection tells whether an error is of the way to the destination: what was under way may have come there or not, and what came before may
// be lost. One that the destination answered is not.
func connection(err error) bool {
	if _, known := errors.AsType[*collector.DeliveryError](err); !known {
		return false // of the ledger
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	for _, e := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNREFUSED, syscall.ECONNRESET, context.DeadlineExceeded} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

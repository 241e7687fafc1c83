package outbox

import (
	"context"
	"errors"
	"time"

	"veille/collector"
)

// batches is how many batches of one stream are sent before the others have their turn.
const batches = 20

// batch is what was read of a stream.
type batch struct {
	points  []collector.Point
	deletes []collector.Query
	ready   func(context.Context) error // brings all points; nil: it is not known that the destination can keep them
	upTo    int64
	err     error
}

// readier is a destination that can make its request of points while another is under way.
type readier interface {
	// Ready makes what Append would send of points, and sends it when it is called. The error is that of a point that cannot be kept.
	Ready(points []collector.Point) (send func(context.Context) error, err error)
}

// following is one stream while it is followed: the next batch is read and made ready, and the position of the one before is kept, while a batch is sent.
type following struct {
	*Outbox
	stream  collector.Stream
	sent    int64      // up to which number the destination has acknowledged it
	kept    int64      // up to which number the ledger says so
	next    chan batch // that is being read
	keeping int64      // up to which number it is being told so
	told    chan error // by this; nil: nothing is being told
}

// errAsked says that a position is not where it was: a person has asked for all of it again.
var errAsked = errors.New("it is to begin again")

// follow brings some batches of a stream to the destination, one after the other; more says that there are others.
func (o *Outbox) follow(ctx context.Context, stream collector.Stream) (more bool, err error) {
	at := o.positions[stream].Acked
	f := &following{Outbox: o, stream: stream, sent: at, kept: at}
	more, err = f.follow(ctx)
	if err = errors.Join(err, f.keep()); errors.Is(err, errAsked) {
		return true, o.reload(ctx)
	}
	if f.kept > at {
		o.marks = append(o.marks, mark{stream, f.kept, time.Now()})
	}
	return more, err
}

func (f *following) follow(ctx context.Context) (more bool, err error) {
	reading, leave := context.WithCancel(ctx)
	f.read(reading)
	defer func() {
		leave()
		<-f.next
	}()
	for left := batches - 1; left >= 0; left-- {
		b := <-f.next
		before := f.sent
		if b.err != nil || b.upTo == before || left == 0 {
			f.next <- batch{} // for the end
		}
		if b.err != nil || b.upTo == before {
			return false, b.err
		}
		if f.sent = b.upTo; left > 0 {
			f.read(reading)
		}
		if err := f.send(ctx, b); err != nil {
			f.sent = before
			return false, err
		}
		if err := f.keep(); err != nil {
			return false, err
		}
		f.advance(ctx)
	}
	return true, nil
}

// read begins to read the batch after what was sent.
func (f *following) read(ctx context.Context) {
	f.next = make(chan batch, 1)
	to, _ := f.to.(readier)
	go func(next chan<- batch, after int64) {
		var b batch
		b.points, b.deletes, b.upTo, b.err = f.Mirror.Next(ctx, f.stream, after)
		if n := len(b.points); b.err == nil && to != nil && n > 0 && n <= together {
			if ready, err := to.Ready(b.points); err == nil {
				b.ready = ready
			}
		}
		next <- b
	}(f.next, f.sent)
}

// advance begins to keep how far the destination has come.
func (f *following) advance(ctx context.Context) {
	f.keeping, f.told = f.sent, make(chan error, 1)
	go func(told chan<- error, from, to int64) {
		moved, err := f.Ledger.Advance(ctx, f.Name, f.stream, from, to)
		if err == nil && !moved {
			err = errAsked
		}
		told <- err
	}(f.told, f.kept, f.keeping)
}

// keep waits until that is kept.
func (f *following) keep() error {
	if f.told == nil {
		return nil
	}
	err := <-f.told
	f.told = nil
	if err != nil {
		return err
	}
	f.kept = f.keeping
	p := f.positions[f.stream]
	p.Acked = f.kept
	f.positions[f.stream] = p
	return nil
}

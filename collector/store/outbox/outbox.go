// Package outbox delivers points to a destination until it has them.
package outbox

import (
	"context"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"veille/collector"
	"veille/collector/store/wire"
)

// Ledger keeps how far each destination has followed the streams, how it is doing, and what it never takes.
type Ledger interface {
	// Positions are how far a destination has come, by stream; one that it has not begun is absent.
	Positions(ctx context.Context, destination string) (map[collector.Stream]collector.Position, error)
	// Advance moves Acked from one number to a higher one; false where it is not at the first.
	Advance(ctx context.Context, destination string, stream collector.Stream, from, to int64) (bool, error)
	// SettleTo raises Settled, to Acked at most.
	SettleTo(ctx context.Context, destination string, stream collector.Stream, settled int64) error
	// Rewind takes Acked back to Settled, of all streams.
	Rewind(ctx context.Context, destination string) error
	// Delivery is how a destination is doing; collector.ErrNotFound where nothing was ever said of it.
	Delivery(ctx context.Context, destination string) (collector.Delivery, error)
	// KeepDelivery keeps that, but for Refused and Asked.
	KeepDelivery(ctx context.Context, d collector.Delivery) error
	// Refuse keeps points that a destination never takes; RefusedPoints are those that are kept.
	Refuse(ctx context.Context, destination string, points []collector.RefusedPoint) error
	RefusedPoints(ctx context.Context, destination string) ([]collector.RefusedPoint, error)
}

// Mirror says which points a destination is to have.
type Mirror interface {
	// Next is what comes after a number of a stream, and up to which number that is; the same number where there is nothing.
	Next(ctx context.Context, stream collector.Stream, after int64) (points []collector.Point, deletes []collector.Query, upTo int64, err error)
	// Behind is how many changes of a stream come after a number.
	Behind(ctx context.Context, stream collector.Stream, after int64) (int64, error)
	// Oldest is the first date that hours can be read of still; "": there are none.
	Oldest(ctx context.Context) (collector.Date, error)
	// Points gives the points of a measurement that lie on a day in UTC.
	Points(ctx context.Context, m collector.Measurement, day collector.Date, yield func(collector.Point) error) error
	// Tallies count them from one day on and before another; days without a point are absent.
	Tallies(ctx context.Context, m collector.Measurement, from, to collector.Date) ([]collector.Tally, error)
}

// Parts are what an outbox is made of.
type Parts struct {
	Name   string // of the destination, without a secret: positions are kept under it
	Ledger Ledger
	Mirror Mirror
	// Open opens the destination, with its secret as it is at that moment. It is called at first, and again when a person had to do something there.
	// What is no collector.DeliveryError of its errors is for a person too.
	Open func(ctx context.Context) (collector.Destination, error)
	Now  func() time.Time // for dates; default time.Now
	Log  *slog.Logger
}

// Outbox follows the streams of a ledger, and brings their points to one destination. A position moves after the points are there, so a crash in
// between repeats some and loses none. Only one program at a time may run the outbox of a destination: see collector.Lease.
//
// No log line of it names a machine, and what it tells of how it is doing is of shared machines, servers, websites and meters only.
type Outbox struct {
	Parts
	named *regexp.Regexp

	comparing sync.Mutex // held by the comparison under way
	// mu is held while something is read from the ledger and brought to the destination because a day differs, and while streams are followed:
	// else an older value could come there after a newer one.
	mu sync.Mutex
	delivering
}

// delivering is what an outbox knows while it runs. All of it can be had from the ledger again.
type delivering struct {
	to        collector.Destination // nil: it is not open
	loaded    bool
	state     collector.Delivery
	said      *collector.Delivery // as it was written last; nil: it was not yet
	positions map[collector.Stream]collector.Position
	refused   quarantine
	refusals  []refusal        // within the last hour
	witness   *collector.Point // what the destination took last, as it is there still; nil: that is not known

	known   bool   // started is that of the destination
	started string // which run of its process it is
	marks   []mark // what is not settled yet
	broken  bool   // a connection failed since streams were taken back last
	rewound time.Time

	failures int       // one after another
	notYet   time.Time // nothing is sent before
	waiting  time.Time // since when something has been waiting; zero: nothing is
	written  time.Time // when the state was
	resent   time.Time // when a day was sent again last
	tried    time.Time // when Run began a comparison last
	pulled   time.Time // when a comparison deleted whole series last
	unsure   bool      // days that a comparison sent again may be lost
	uneven   bool      // a comparison ended before its end, and not for something that a person has to see to
}

const (
	firstPause = time.Second     // after a failure; it doubles
	longPause  = 5 * time.Minute // the longest
	probeEvery = time.Hour       // of a destination that waits for a person
	idle       = 10 * time.Second
	soon       = time.Minute     // after which days are compared again that may be lost
	hold       = time.Minute     // what was acknowledged is on the destination's disk after that, if its process is the same
	settleTurn = 5 * time.Second // from one look at a destination to the next, while something is not settled
	sayEvery   = 5 * time.Second // at least, from one writing of the state to the next
	sayOften   = time.Hour       // and at most: who sees an older one knows that nobody delivers any more
)

// New makes the outbox of a destination. Run begins.
func New(p Parts) *Outbox {
	if p.Now == nil {
		p.Now = time.Now
	}
	return &Outbox{Parts: p, named: regexp.MustCompile(named)}
}

// Run delivers what the last run left, then what is new, which is looked for every ten seconds, until ctx ends. A destination that was never
// compared is compared once it has all streams.
func (o *Outbox) Run(ctx context.Context) {
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.shut()
	}()
	var first sync.WaitGroup
	defer first.Wait()
	for ctx.Err() == nil {
		even, pause := o.turn(ctx)
		if even && o.toCompare() {
			first.Go(func() { _ = o.Compare(ctx, collector.DateOf(o.Now())) }) // it has said why
		}
		_ = wire.Wait(ctx, pause)
	}
}

// toCompare tells whether a comparison is to be begun now that no night asks for: the first one, one after days were sent again that may be
// lost, and one after the destination was away at night.
func (o *Outbox) toCompare() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	pause := probeEvery
	if o.unsure {
		pause = soon
	}
	if !o.loaded || o.state.ComparedOn != "" && !o.unsure && !o.uneven || !o.tried.IsZero() && time.Since(o.tried) < pause {
		return false
	}
	o.tried, o.unsure = time.Now(), false
	return true
}

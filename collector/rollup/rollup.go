// Package rollup turns machine days into group days and months, and deletes what has served. Nothing is ever added to an old roll-up: a
// record that comes late or takes the place of another makes its date stale, and all that the date is in is made anew from machine days.
// Only what groups came to in a month is made once, some time after it is over, and stays as it is: those are the figures that are shown.
package rollup

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"

	"veille/collector"
)

// ErrRunning is the answer of a Roller that is at it already.
var ErrRunning = errors.New("a roll-up is running")

// Rows are the machine-days, and the marks of the dates that changed.
type Rows interface {
	// BeginRollUp begins a run, and answers the context that it is to write with: from when another run has begun, such a write changes
	// nothing and answers collector.ErrOvertaken.
	BeginRollUp(ctx context.Context) (context.Context, error)
	Extent(ctx context.Context) (collector.Extent, error)
	// Stale marks the dates that changed since they were rolled up as being rolled up now, and answers them, oldest first. A change
	// takes that mark away again, and the date stays stale.
	Stale(ctx context.Context) ([]collector.Date, error)
	// Rolled says that all that these dates are in was made anew: those that are marked still are not stale any more.
	Rolled(ctx context.Context, dates []collector.Date) error
	// Days gives each row of a date of the machines that now have the numbers from..to, both included, in order of that number, and
	// those of one machine in the order of the numbers that the rows were kept under. yield may keep what it is given.
	Days(ctx context.Context, date collector.Date, from, to int64, yield func(collector.MachineDay) error) error
}

// Books are the roll-ups.
type Books interface {
	// PutDay keeps the cells of a date in place of those before.
	PutDay(ctx context.Context, date collector.Date, cells []collector.Cell) error
	// Cells gives the cells of a date, in any order.
	Cells(ctx context.Context, date collector.Date, yield func(collector.Cell) error) error
	// PutMonths keeps the machine-months of the machines numbered from..to, both included, of a month in place of those before: a
	// machine that is not among them loses its own.
	PutMonths(ctx context.Context, month collector.Month, from, to int64, months []collector.MachineMonth) error
}

// Fixing is the months that are shown to people, each fixed once and for good.
type Fixing interface {
	// OpenMonths are the months of which an organisation has cells and that are not fixed, the oldest first.
	OpenMonths(ctx context.Context) ([]collector.OpenMonth, error)
	// Heard is how many machines of persons an organisation had in a month or in the one before, and how many of them were heard of in a
	// later month.
	Heard(ctx context.Context, organisation int64, month collector.Month) (machines, heard int, err error)
	// Fix keeps what may be told of an organisation in a month, all of it or none. One that is fixed already stays as it is, and
	// the answer is collector.ErrExists.
	Fix(ctx context.Context, organisation int64, month collector.Month, on collector.Date, rows []collector.PlaceMonth) error
}

// Retention is the end of things.
type Retention interface {
	// CloseBooks says that the cells of dates up to one, and the machine-months of months that have one of those, are not made anew. It
	// never goes back.
	CloseBooks(ctx context.Context, upTo collector.Date) error
	// Finish deletes what is before the horizon and keeps the run with how many of each went: whatever crashes, nothing goes uncounted.
	Finish(ctx context.Context, run collector.Run, horizon collector.Horizon) (collector.Run, error)
	// LastRun is the run that was finished last; the zero value when there was none.
	LastRun(ctx context.Context) (collector.Run, error)
}

// Ledger is where all of it is.
type Ledger interface {
	Rows
	Books
	Fixing
	Retention
}

// chunk is how many numbers of machines are asked for at once: it bounds the memory that machine-months take.
const chunk = 5_000

// Closes tells whether the figures of a month that is over are to be fixed today: of an organisation that had machines in the month or
// in the one before, of which heard were heard of in a later month. See privacy.Closes.
type Closes func(month collector.Month, today collector.Date, machines, heard int) (bool, error)

// Coarsen makes of what the places of an organisation came to in a month the rows that are kept of it, at least one: what machines of
// persons did is no more in them than may be told. See privacy.Coarsen.
type Coarsen func(rows []collector.PlaceMonth) []collector.PlaceMonth

// Rules say when months are fixed and what is kept of them. Both are needed.
type Rules struct {
	Closes  Closes
	Coarsen Coarsen
}

// Roller rolls up one ledger.
type Roller struct {
	ledger Ledger
	rules  Rules
	log    *slog.Logger
	busy   sync.Mutex
	chunk  int64
}

// New makes a Roller. There is to be one for a ledger at a time: where two are at it, the one that began last does the work, and the other
// ends with collector.ErrOvertaken.
func New(ledger Ledger, rules Rules, log *slog.Logger) *Roller {
	return &Roller{ledger: ledger, rules: rules, log: log, chunk: chunk}
}

// Progress says how far a run is with one of its steps.
type Progress struct {
	Step     string // what of it, in English
	Done, Of int
}

// Options are what a run may be told. The zero value is right for every night.
type Options struct {
	Confirmed bool           // a person says that today is right: delete, however long ago the last run was
	Progress  func(Progress) // told of each step; nil: nobody is
}

// Run rolls up what changed, fixes the months that are to be by today, and deletes what has served. What cannot be fixed and deleted is
// no error: Refused says why. A run that was cut short is made up for by the next one; one that is not needed changes nothing.
func (r *Roller) Run(ctx context.Context, today collector.Date, o Options) (collector.Run, error) {
	if !r.busy.TryLock() {
		return collector.Run{}, ErrRunning
	}
	defer r.busy.Unlock()
	if _, err := parse(today); err != nil {
		return collector.Run{}, fmt.Errorf("roll up: %w", err)
	}
	n := night{Ledger: r.ledger, rules: r.rules, chunk: r.chunk, tell: o.Progress, run: collector.Run{On: today}}
	if n.tell == nil {
		n.tell = func(Progress) {}
	}
	ctx, err := r.ledger.BeginRollUp(ctx)
	if err != nil {
		return collector.Run{}, fmt.Errorf("roll up: %w", err)
	}
	last, err := r.ledger.LastRun(ctx)
	if err != nil {
		return collector.Run{}, fmt.Errorf("roll up: find the last run: %w", err)
	}
	if err := n.roll(ctx); err != nil {
		return collector.Run{}, fmt.Errorf("roll up: %w", err)
	}
	horizon, err := n.age(ctx, last, o.Confirmed)
	if err != nil {
		return collector.Run{}, err
	}
	run, err := r.ledger.Finish(ctx, n.run, horizon)
	if err != nil {
		return collector.Run{}, fmt.Errorf("finish the roll-up: %w", err)
	}
	return run, nil
}

// night is one run.
type night struct {
	Ledger
	rules  Rules
	chunk  int64
	tell   func(Progress)
	extent collector.Extent
	run    collector.Run
}

// roll makes anew what stale dates are in, month by month. The marks of a month's dates go last: a crash leaves them.
func (n *night) roll(ctx context.Context) error {
	stale, err := n.Stale(ctx)
	if err != nil {
		return fmt.Errorf("find what changed: %w", err)
	}
	if n.extent, err = n.Extent(ctx); err != nil {
		return fmt.Errorf("find which machine-days there are: %w", err)
	}
	for done := 0; done < len(stale); {
		month := stale[done].Month()
		end := done + 1
		for end < len(stale) && stale[end].Month() == month {
			end++
		}
		if err := n.month(ctx, month, stale[done:end]); err != nil {
			return fmt.Errorf("%s: %w", month, err)
		}
		done = end
		n.tell(Progress{"dates that changed", done, len(stale)})
	}
	return nil
}

// month makes anew the roll-ups of some dates of a month, and its own. Where machine-days of the month may be gone it is left as it is, and
// so is a date that may have lost its own.
func (n *night) month(ctx context.Context, month collector.Month, stale []collector.Date) error {
	first, last, err := month.Dates()
	if err != nil {
		return err
	}
	all, err := dates(first, last)
	if err != nil {
		return err
	}
	open := stale
	for len(open) > 0 && open[0] <= n.extent.Closed {
		open = open[1:]
	}
	days := newSheets(open)
	if first > n.extent.Closed {
		err = n.machineMonths(ctx, month, all, days)
		n.run.Months++
	} else {
		err = n.alone(ctx, open, days)
		n.run.ClosedMonths++
	}
	if err != nil {
		return err
	}
	for _, date := range open {
		if err := n.PutDay(ctx, date, inOrder(days[date])); err != nil {
			return fmt.Errorf("keep the cells of %s: %w", date, err)
		}
	}
	n.run.Dates += len(open)
	n.run.ClosedDates += len(stale) - len(open)
	return n.Rolled(ctx, stale)
}

// chunks calls f with one range of numbers after the other. The last one has no end: machines may be enrolled meanwhile.
func (n *night) chunks(ctx context.Context, f func(from, to int64) error) error {
	for from := int64(1); ; from += n.chunk {
		to := from + n.chunk - 1
		end := to >= n.extent.LastMachine
		if end {
			to = math.MaxInt64
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := f(from, to); err != nil || end {
			return err
		}
	}
}

// Package privacy decides which figures may be shown to whom. Pages, reports, exports and the API get figures of machines from its Door,
// and from nowhere else.
//
// Machines of use individual are protected; a machine whose use is not known is one of them. Shared machines and servers are not.
//
// What is protected is given by whole months, for the nodes of a fixed tree: organisation, site, group, class. Each month decides by
// itself which nodes are shown: those of enough machines, none of which has most of it, and from which nothing smaller can be had by
// subtraction. Whoever may ask gets the same figures as anybody else, or fewer of them. So all that all questions tell is: for each
// shown node, what is left of it without its shown children, and sums of those. Each of these rests is of enough machines, and that is
// the whole proof; see tree.decide.
//
// A month is given once. It is fixed some time after it is over, see Closes, and what comes later does not change it: two looks at it
// would else differ by what came in between, and that can be one machine's. Only what may be told of it is kept, see Coarsen.
package privacy

import (
	"context"
	"errors"
	"iter"

	"veille/collector"
)

// How many machines of persons a figure must be of at least, and the most that one of them may have of it, in percent. Eleven households,
// and no contributor above 85 %, is what the French statistical office asks for; five inside is ours (facts/label.md §5.4).
const (
	Inside   = 5
	Public   = 11
	Dominant = 85
)

// ErrRole says that a role does not see such figures at all.
var ErrRole = errors.New("this role does not see such figures")

// ErrReason says that single machines are shown to those only who say why they look.
var ErrReason = errors.New("single machines are shown with a reason only; say why you look at them")

// Ledger has the figures of organisations.
type Ledger interface {
	// Tree is the sites of an organisation and their groups. It is empty where there is no such organisation.
	Tree(ctx context.Context, organisation int64) ([]collector.Site, []collector.Group, error)
	// Months are the rows of the months that were fixed, as Coarsen made them, in any order. The same question gets the same answer for
	// ever, whatever records come, are replaced, moved or erased: all that this package promises rests on it. Both ends are in it.
	Months(ctx context.Context, organisation int64, from, to collector.Month) ([]collector.PlaceMonth, error)
	// Cells are the figures of days as they are now, of shared machines and servers at least. Both ends are in it.
	Cells(ctx context.Context, organisation int64, from, to collector.Date) iter.Seq2[collector.Cell, error]
}

// Register has the figures of single machines, and the audit log.
type Register interface {
	// MachineMonths is what each machine of a site did in a month.
	MachineMonths(ctx context.Context, site int64, month collector.Month) ([]collector.MachineMonth, error)
	// Log writes an entry to disk before it returns.
	Log(ctx context.Context, e collector.Entry) error
}

// Door is the only way to figures of machines.
type Door struct {
	ledger   Ledger
	register Register
	today    func() collector.Date
	without  omissions
	memory   memory
}

// omissions are what tests leave out, to see that they notice. Nothing else sets them.
type omissions struct{ complement, mixing bool }

// New is a door to what the two have. today is the date in the zone of the collector.
func New(ledger Ledger, register Register, today func() collector.Date) *Door {
	return &Door{ledger: ledger, register: register, today: today}
}

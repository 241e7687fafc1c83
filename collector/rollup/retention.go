package rollup

import (
	"context"
	"fmt"
	"time"

	"veille/collector"
)

// How long things are kept: design §4.7 for roll-ups and what they are made of; the audit log by facts/label.md §5.4, rule 18.
const (
	keepMachineDays   = 90 // days
	keepMachineMonths = 13 // months
	keepGroups        = 6  // years
	keepQuarantine    = 30 // days
	keepEntries       = 12 // months
)

// horizonAt is the horizon on a date.
func horizonAt(on time.Time) collector.Horizon {
	month := time.Date(on.Year(), on.Month(), 1, 0, 0, 0, 0, time.UTC) // a month less than the 31st may be no date
	groups := collector.DateOf(on.AddDate(-keepGroups, 0, 0))
	return collector.Horizon{
		MachineDays:   collector.DateOf(on.AddDate(0, 0, -keepMachineDays)),
		MachineMonths: collector.DateOf(month.AddDate(0, -keepMachineMonths, 0)).Month(),
		GroupDays:     groups,
		GroupMonths:   groups.Month(),
		Quarantine:    collector.DateOf(on.AddDate(0, 0, -keepQuarantine)),
		Entries:       collector.DateOf(on.AddDate(0, -keepEntries, 0)),
	}
}

const (
	// most is how far ages may move on from one run to the next, in days.
	most = 35
	// ahead is how long after its newest machine-day a ledger is, at least: a fleet that speaks tells of yesterday.
	ahead = 2 * 24 * time.Hour
)

// reckoning is what a run fixes and deletes by.
type reckoning struct {
	until   collector.Date // from which ages are counted; "": not known yet
	refused string         // why nothing is fixed or deleted
}

// reckon finds the date from which ages are counted, which is not always what the clock says: a clock that is wrong must neither delete
// everything nor fix a month of which half is still to come. It is today, but no later than both two days after the newest machine-day and the day after that of the last run: a fleet that
// speaks shows the true date, and while it is silent each run moves it on by a day. A ledger that never had a machine-day has nothing to
// delete. Where it would go back, or further than 35 days on, nothing is deleted and it stays where it was. A person who confirms today
// is believed.
func reckon(today, newest collector.Date, last collector.Run, confirmed bool) (reckoning, error) {
	now, err := parse(today)
	if err != nil || confirmed {
		return reckoning{until: today}, err
	}
	var until, before time.Time
	if newest != "" {
		if until, err = parse(newest); err != nil {
			return reckoning{}, err
		}
		until = until.Add(ahead)
	}
	if last.Until != "" {
		if before, err = parse(last.Until); err != nil {
			return reckoning{}, err
		}
		next := before
		if last.On != today { // however often it is run on one day
			next = before.AddDate(0, 0, 1)
		}
		until = later(until, next)
	}
	if now.Before(until) {
		until = now
	}
	switch {
	case newest == "" && last.Until == "":
		return reckoning{refused: "there never was a machine-day: there is nothing to delete, and nothing that shows the date"}, nil
	case last.Until == "":
	case until.Before(before):
		return reckoning{last.Until, fmt.Sprintf("the clock says %s, and things were deleted by the date %s: set the clock right", today, last.Until)}, nil
	case until.After(before.AddDate(0, 0, most)):
		return reckoning{last.Until, fmt.Sprintf("%s is more than %d days after %s, by which things were deleted last: set the clock right, or confirm that it is",
			collector.DateOf(until), most, last.Until)}, nil
	}
	return reckoning{until: collector.DateOf(until)}, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// age does what comes with time, where the date is known: it fixes months, and closes the dates whose machine-days are to go. It answers
// what else goes. The order is what a crash needs: months are fixed from cells that are there; then dates are closed; and
// machine-days, with the cells of what machines of persons did on those days, go last.
func (n *night) age(ctx context.Context, last collector.Run, confirmed bool) (collector.Horizon, error) {
	r, err := reckon(n.run.On, n.extent.Newest, last, confirmed)
	if err != nil {
		return collector.Horizon{}, fmt.Errorf("find the date: %w", err)
	}
	n.run.Until, n.run.Refused = r.until, r.refused
	if r.refused != "" {
		return collector.Horizon{}, nil
	}
	until, err := parse(r.until)
	if err != nil {
		return collector.Horizon{}, err
	}
	horizon := horizonAt(until)
	if err := n.fix(ctx, horizon.MachineDays); err != nil {
		return collector.Horizon{}, fmt.Errorf("fix the months that are over: %w", err)
	}
	if err := n.close(ctx, collector.DateOf(until.AddDate(0, 0, -keepMachineDays-1))); err != nil {
		return collector.Horizon{}, fmt.Errorf("close what has served: %w", err)
	}
	return horizon, nil
}

// close closes the dates up to one.
func (n *night) close(ctx context.Context, end collector.Date) error {
	end = min(n.extent.Newest, end)
	if n.extent.Oldest == "" || n.extent.Oldest > end {
		return nil
	}
	if err := n.CloseBooks(ctx, end); err != nil {
		return fmt.Errorf("close the books up to %s: %w", end, err)
	}
	return nil
}

// parse is the date at 00:00 UTC, which stands for it in sums of days.
func parse(d collector.Date) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a date like 2006-01-02", d)
	}
	return t, nil
}

// dates are the dates from one to another, both included.
func dates(first, last collector.Date) (all []collector.Date, err error) {
	t, err := parse(first)
	if err != nil {
		return nil, err
	}
	for d := first; d <= last; d = collector.DateOf(t) {
		all = append(all, d)
		t = t.AddDate(0, 0, 1)
	}
	return all, nil
}

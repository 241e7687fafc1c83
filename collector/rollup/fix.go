package rollup

import (
	"context"
	"fmt"
	"slices"

	"veille/collector"
)

// fix fixes the months of organisations that are to be: what may be told of their cells now is what is told of them for ever, and all
// that is kept. The cells of dates before served go tonight.
func (n *night) fix(ctx context.Context, served collector.Date) error {
	open, err := n.OpenMonths(ctx)
	if err != nil {
		return fmt.Errorf("find them: %w", err)
	}
	for done := 0; done < len(open); {
		month := open[done].Month
		var due []collector.OpenMonth
		for ; done < len(open) && open[done].Month == month; done++ {
			is, err := n.due(ctx, open[done], served)
			if err != nil {
				return fmt.Errorf("%s of organisation %d: %w", month, open[done].Organisation, err)
			}
			if is {
				due = append(due, open[done])
			}
		}
		if err := n.fixMonth(ctx, month, due); err != nil {
			return fmt.Errorf("%s: %w", month, err)
		}
		n.tell(Progress{"months to fix", done, len(open)})
	}
	return nil
}

// due tells whether a month of an organisation is to be fixed now: when it closes, and at the latest just before a cell of it goes
// and so not what it was. The date is the one by which things are deleted; a collector whose clock is ahead of its machines may so
// fix a month one day early, and no more.
func (n *night) due(ctx context.Context, m collector.OpenMonth, served collector.Date) (bool, error) {
	first, last, err := m.Month.Dates()
	if err != nil || n.run.Until <= last {
		return false, err
	}
	if first < served {
		return true, nil
	}
	machines, heard, err := n.Heard(ctx, m.Organisation, m.Month)
	if err != nil {
		return false, err
	}
	return n.rules.Closes(m.Month, n.run.Until, machines, heard)
}

// fixMonth fixes a month of some organisations.
func (n *night) fixMonth(ctx context.Context, month collector.Month, due []collector.OpenMonth) error {
	if len(due) == 0 {
		return nil
	}
	first, last, err := month.Dates()
	if err != nil {
		return err
	}
	all, err := dates(first, last)
	if err != nil {
		return err
	}
	places := map[collector.Place]*collector.PlaceMonth{}
	for _, date := range all {
		if err := n.Cells(ctx, date, func(c collector.Cell) error { return addTo(places, month, c) }); err != nil {
			return fmt.Errorf("read the cells of %s: %w", date, err)
		}
	}
	rows := inOrder(places)
	for _, m := range due {
		var own []collector.PlaceMonth
		for _, r := range rows {
			if slices.Contains(m.Sites, r.Site) {
				own = append(own, r)
			}
		}
		if err := n.Fix(ctx, m.Organisation, month, n.run.Until, n.rules.Coarsen(own)); err != nil {
			return err
		}
		n.run.Fixed++
	}
	return nil
}

// addTo adds a cell to the month of its place.
func addTo(places map[collector.Place]*collector.PlaceMonth, month collector.Month, c collector.Cell) error {
	m := places[c.Place]
	if m == nil {
		m = &collector.PlaceMonth{Place: c.Place, Month: month}
		places[c.Place] = m
	}
	return m.Add(c)
}

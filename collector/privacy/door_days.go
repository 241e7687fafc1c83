package privacy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"veille/collector"
)

// DayQuestion asks for a node by day, of shared machines and servers only.
type DayQuestion struct {
	Organisation int64
	Node         Node
	From, To     collector.Date // both in it
	Simulated    bool
}

// Day is what shared machines or servers of a node did on one day.
type Day struct {
	Date     collector.Date
	Use      collector.Use
	Machines int
	Sum      collector.Sum
}

// Days answers by day and use, in their order, as the figures are today. It is for those who are signed in; Ask says who gets which
// error.
func (d *Door) Days(ctx context.Context, who *collector.User, q DayQuestion) ([]Day, error) {
	if who == nil {
		return nil, ErrRole
	}
	if err := admit(who, q.Organisation, q.Node); err != nil {
		return nil, err
	}
	if _, err := d.known(ctx, q.Organisation, q.Node); err != nil {
		return nil, err
	}
	var days []Day
	for c, err := range d.ledger.Cells(ctx, q.Organisation, q.From, q.To) {
		if err != nil {
			return nil, fmt.Errorf("days of organisation %d from %s to %s: %w", q.Organisation, q.From, q.To, err)
		}
		if protected(c.Use) || c.Simulated != q.Simulated || c.Date < q.From || c.Date > q.To || !q.Node.has(leaf(c.Place)) {
			continue
		}
		i, found := slices.BinarySearchFunc(days, c, func(day Day, c collector.Cell) int {
			return cmp.Or(strings.Compare(string(day.Date), string(c.Date)), strings.Compare(string(day.Use), string(c.Use)))
		})
		if !found {
			days = slices.Insert(days, i, Day{Date: c.Date, Use: c.Use})
		}
		days[i].Machines += c.Machines
		days[i].Sum.Add(c.Sum)
	}
	return days, nil
}

// Machines is what each machine of a site did in a month. It is for the role it alone, and with a reason, which is in the audit log
// before anything is shown: where it cannot be written there, nothing is. ErrReason says that it is missing; Ask says who gets which
// other error.
func (d *Door) Machines(ctx context.Context, who *collector.User, organisation, site int64, month collector.Month, reason string) ([]collector.MachineMonth, error) {
	if _, _, err := month.Dates(); err != nil {
		return nil, err
	}
	if who == nil {
		return nil, ErrRole
	}
	if err := admit(who, organisation, Site(site)); err != nil {
		return nil, err
	}
	if !who.Has(collector.RoleIT) {
		return nil, ErrRole
	}
	if _, err := d.known(ctx, organisation, Site(site)); err != nil {
		return nil, err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return nil, ErrReason
	}
	err := d.register.Log(ctx, collector.Entry{
		On: d.today(), Organisation: organisation, Who: who.Name, What: "machines read",
		Subject: fmt.Sprintf("site %d, %s", site, month), Reason: reason,
	})
	if err != nil {
		return nil, fmt.Errorf("nothing is shown, since the audit log could not be written: %w", err)
	}
	machines, err := d.register.MachineMonths(ctx, site, month)
	if err != nil {
		return nil, fmt.Errorf("machines of site %d in %s: %w", site, month, err)
	}
	return machines, nil
}

package mirror_test

import (
	"context"
	"iter"
	"time"

	"veille/collector"
	"veille/collector/mirror"
)

// ledger has what it is given.
type ledger struct {
	changes []collector.Change
	posts   []collector.MeterPost
	gone    []collector.Tombstone
	meters  []collector.Point
	sites   []collector.Site
	groups  []collector.Group
	rows    []collector.PlaceMonth
	cells   []collector.Cell
}

func (l *ledger) Changes(_ context.Context, after int64, n int) (all []collector.Change, err error) {
	for _, c := range l.changes {
		if c.Revision > after && len(all) < n {
			all = append(all, c)
		}
	}
	return all, nil
}

func (l *ledger) RunsAfter(context.Context, int64, int) ([]collector.RunPoints, error) {
	return nil, nil
}

func (l *ledger) MeterPosts(_ context.Context, after int64, n int) (all []collector.MeterPost, err error) {
	for _, p := range l.posts {
		if p.ID > after && len(all) < n {
			all = append(all, p)
		}
	}
	return all, nil
}

func (l *ledger) Tombstones(_ context.Context, after int64, n int) (all []collector.Tombstone, err error) {
	for _, x := range l.gone {
		if x.ID > after && len(all) < n {
			all = append(all, x)
		}
	}
	return all, nil
}

func (l *ledger) HoursOf(_ context.Context, machine int64) (all []collector.Change, err error) {
	for _, c := range l.changes {
		if c.Machine == machine {
			all = append(all, c)
		}
	}
	return all, nil
}

func (l *ledger) Behind(context.Context, collector.Stream, int64) (int64, error) { return 0, nil }

func (l *ledger) Hours(_ context.Context, from, to collector.Date, yield func(collector.Change) error) error {
	for _, c := range l.changes {
		if c.Record.Date >= from && c.Record.Date <= to {
			if err := yield(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *ledger) MeterPoints(_ context.Context, of collector.Measurement, from, to collector.Date, yield func(collector.Point) error) error {
	for _, p := range l.meters {
		if day := collector.DateOf(p.Time); p.Measurement == of && day >= from && day < to {
			if err := yield(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *ledger) Extent(context.Context) (collector.Extent, error) { return collector.Extent{}, nil }

func (l *ledger) Organisations(context.Context) ([]collector.Responsible, error) {
	return []collector.Responsible{{Organisation: collector.Organisation{ID: 7}}}, nil
}

func (l *ledger) Range(context.Context, collector.Query) ([]collector.Point, error) { return nil, nil }

func (l *ledger) Tree(context.Context, int64) ([]collector.Site, []collector.Group, error) {
	return l.sites, l.groups, nil
}

func (l *ledger) Months(_ context.Context, _ int64, from, to collector.Month) (rows []collector.PlaceMonth, err error) {
	for _, r := range l.rows {
		if r.Month >= from && r.Month <= to {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// Cells gives all cells, whatever is asked for, as a ledger that is wrong does.
func (l *ledger) Cells(context.Context, int64, collector.Date, collector.Date) iter.Seq2[collector.Cell, error] {
	return func(yield func(collector.Cell, error) bool) {
		for _, c := range l.cells {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func now() time.Time { return time.Date(2026, 5, 20, 3, 0, 0, 0, time.UTC) }

func mirrorOf(l *ledger) *mirror.Mirror {
	return mirror.New(mirror.Parts{Ledger: l, Websites: l, Figures: l, Today: func() collector.Date { return collector.DateOf(now()) }, Now: now})
}

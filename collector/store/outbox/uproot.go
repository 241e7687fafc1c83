package outbox

import (
	"context"
	"maps"
	"slices"
	"time"

	"veille/collector"
)

// seldom is after which time a comparison may delete whole series again: where something else writes there, that would have no end.
const seldom = 12 * time.Hour

// rooted is a destination that deletes whole series only.
type rooted interface {
	// DeleteSeries deletes all points of a measurement, over all time, that have exactly one of some tags.
	DeleteSeries(ctx context.Context, of collector.Measurement, tags []collector.Tags) error
}

// uproot deletes, over all time, the series of a measurement that is kept for years which have a point on one of some days that the ledger does not
// have. done says that there were such: what they had besides is to be sent again, of all days that the ledger has.
//
// Before that the ledger is told that the destination was never compared, and so it stays until a comparison a minute later finds everything there.
// Whoever dies in between, here or there, is followed by a comparison of all that the ledger has.
func (c *comparison) uproot(ctx context.Context, s subject, days tallies) (done bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	to, ok := c.to.(rooted)
	if !ok || !c.mayUproot || c.uprooted == s.of || s.of.Keeping() != collector.KeepYears {
		return false, nil
	}
	foreign := map[string]collector.Tags{}
	for day := range days {
		if err := c.foreign(ctx, s.of, day, foreign); err != nil {
			return false, err
		}
	}
	if len(foreign) == 0 {
		return false, nil
	}
	c.state.ComparedOn = ""
	if err := c.Ledger.KeepDelivery(ctx, c.state); err != nil {
		return false, err
	}
	d, err := c.Ledger.Delivery(ctx, c.Name)
	if err == nil && d.ComparedOn != "" {
		err = errAsked // a person has, meanwhile: it is tried again
	}
	if err != nil {
		return false, err
	}
	c.Log.WarnContext(ctx, "a destination that deletes whole series only has points that the ledger does not have: their series are deleted, and what the ledger has of them is sent again",
		"destination", c.Name, "measurement", s.of, "series", len(foreign))
	c.witness = nil
	if err := to.DeleteSeries(ctx, s.of, slices.Collect(maps.Values(foreign))); err != nil {
		return false, err
	}
	c.uprooted, c.pulled = s.of, time.Now()
	return true, nil
}

// foreign finds the tags of points that the destination has on a day and the ledger does not, or has with other numbers.
func (c *comparison) foreign(ctx context.Context, of collector.Measurement, day collector.Date, found map[string]collector.Tags) error {
	begin, err := day.Midnight(time.UTC)
	if err != nil {
		return err
	}
	ours := map[string]bool{}
	err = c.Mirror.Points(ctx, of, day, func(p collector.Point) error {
		if !c.refused.has(p) {
			ours[line(p)] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	there, err := c.to.Range(ctx, collector.Query{Measurement: of, From: begin, To: begin.AddDate(0, 0, 1)})
	for _, p := range there {
		if !ours[line(p)] {
			found[line(collector.Point{Measurement: of, Tags: p.Tags, Time: time.Unix(0, 0)})] = p.Tags
		}
	}
	return err
}

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"veille/collector"
)

// plugLine is what the plug behind a shared machine or a server said. Its keys are relied on by scripts.
type plugLine struct {
	Meter    int64         `json:"meter"` // as meter status numbers it
	Machine  int64         `json:"machine"`
	Name     string        `json:"name"`
	EndedOn  string        `json:"ended_on"` // "": its lines are taken still
	Days     []plugDay     `json:"days"`     // kept six years
	Readings []plugReading `json:"readings"` // single ones, kept 90 days
}

// plugDay is what a plug counted on a date of its site.
type plugDay struct {
	Date     collector.Date `json:"date"`
	Wh       float64        `json:"wh"`        // over covered_s only
	CoveredS int            `json:"covered_s"` // that are known
	Readings int64          `json:"readings"`
	Resets   int            `json:"resets"` // how often its counter began anew
}

// plugReading is what a plug said at a moment: one of the two.
type plugReading struct {
	At time.Time `json:"at"`
	Wh *float64  `json:"wh,omitempty"` // that it has counted since it began
	W  *float64  `json:"w,omitempty"`  // that are drawn
}

// plugsOf are the plugs behind machines, which are the numbers that one has and had, and what they said. A person's machine has none: see
// collector.MeterRule.
func (l ledger) plugsOf(ctx context.Context, machines []collector.Machine) ([]plugLine, error) {
	meters, err := l.store.Meters(ctx, today())
	if err != nil {
		return nil, err
	}
	lines := []plugLine{}
	for _, m := range meters {
		if m.Machine == 0 || !slices.ContainsFunc(machines, func(x collector.Machine) bool { return x.ID == m.Machine }) {
			continue
		}
		line := plugLine{Meter: m.ID, Machine: m.Machine, Name: m.Name, EndedOn: string(m.RemovedOn), Days: []plugDay{}}
		days, err := l.store.MeterDays(ctx, m.Site, "0001-01-01", "9999-12-31")
		if err != nil {
			return nil, err
		}
		for _, d := range days {
			if d.Meter == m.ID {
				line.Days = append(line.Days, plugDay{d.Date, d.Wh, d.CoveredS, d.Samples, d.Resets})
			}
		}
		if line.Readings, err = l.readingsOf(ctx, m.Meter); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// readingsOf are the single readings of a meter that are kept still, in their order.
func (l ledger) readingsOf(ctx context.Context, m collector.Meter) ([]plugReading, error) {
	q := collector.Query{
		Measurement: collector.MeterPower, Tags: collector.NewTags(collector.Tag{Name: "meter", Value: strconv.FormatInt(m.ID, 10)}),
		From: time.Unix(0, 0), To: time.Now().AddDate(1, 0, 0), // a meter's clock may be ahead
	}
	if m.Counts() {
		q.Measurement = collector.MeterEnergy
	}
	points, err := l.store.Embedded().Range(ctx, q)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(points, func(a, b collector.Point) int { return a.Time.Compare(b.Time) })
	all := make([]plugReading, len(points))
	for i, p := range points {
		all[i].At = p.Time.UTC()
		if wh, ok := p.Fields["wh"]; ok {
			all[i].Wh = &wh
		} else {
			all[i].W = new(p.Fields["w"])
		}
	}
	return all, nil
}

// printPlugs prints what plugs said, a line for each date.
func printPlugs(w io.Writer, plugs []plugLine) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, p := range plugs {
		_, _ = fmt.Fprintf(t, "plug %d\t%s\t%s, see --json\n", p.Meter, p.Name, count(len(p.Readings), "single reading"))
		for _, d := range p.Days {
			_, _ = fmt.Fprintf(t, "%s\tplug %d\t%.3f Wh in %d s, %s\n", d.Date, p.Meter, d.Wh, d.CoveredS, count(int(d.Readings), "reading"))
		}
	}
	return t.Flush()
}

package outbox

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"veille/collector"
)

// subject is a measurement that is compared.
type subject struct {
	of     collector.Measurement
	stream collector.Stream // that brings it; "": the comparison does
	days   int              // that are compared each night, before today
	first  int              // that are compared the first time, and where the destination lacks something of the first of those days
}

// How far back is compared. Hours: records come 45 days late at most, and are rarely that late. Days of groups are made anew as long as there are
// days of machines, which an erasure changes. The first time all is compared that the ledger has still.
const (
	window = 35
	daily  = 91
	single = 88 // a day or two less than the ledger keeps hours and readings
	// A destination that was not compared for so long is compared as if it never had been: the ledger may have forgotten meanwhile what its
	// streams would bring.
	renewed = 28
	years   = 2192 // collector.KeepYears, in days
)

// subjects are all that is compared. What no stream brings comes first: it is what a new destination has nothing of.
func subjects() []subject {
	return []subject{
		{collector.MonthEnergy, "", years, years},
		{collector.MonthSeconds, "", years, years},
		{collector.DayEnergy, "", daily, years},
		{collector.DaySeconds, "", daily, years},
		{collector.DayMeter, "", daily, years},
		{collector.SiteScore, collector.StreamWebsites, window, years},
		{collector.PageScore, collector.StreamWebsites, window, years},
		{collector.MeterEnergy, collector.StreamMeters, window, single},
		{collector.MeterPower, collector.StreamMeters, window, single},
		{collector.HourEnergy, collector.StreamHours, window, single},
		{collector.HourSeconds, collector.StreamHours, window, single},
	}
}

// Compare compares what the destination has of each measurement on each day in UTC before today with what it is to have, and sends those days
// again that differ: their counts of points, or the sums of their fields by more than a billionth. Days that differ still are deleted there and
// sent once more, or, where the engine deletes whole series only, all of the series that have what the ledger has not. What differs after that is said in
// the state and in the log. today is the date in the zone of the collector. One comparison at a time is under way; streams go on meanwhile, between
// two days.
//
// It ends with an error where the destination cannot be reached, waits for a person, or does not get what streams have: then days that are on
// their way would be taken for missing.
func (o *Outbox) Compare(ctx context.Context, today collector.Date) error {
	o.comparing.Lock()
	defer o.comparing.Unlock()
	c := comparison{Outbox: o, end: min(today, collector.DateOf(o.Now().UTC()))}
	err := c.even(ctx)
	if err == nil {
		o.mu.Lock()
		c.first = o.state.ComparedOn < plus(today, -renewed)
		c.mayUproot = o.pulled.IsZero() || time.Since(o.pulled) >= seldom
		o.mu.Unlock()
		for _, s := range subjects() {
			if err = c.subject(ctx, s); err != nil {
				err = fmt.Errorf("compare %s: %w", s.of, err)
				break
			}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.tell(ctx, today, err)
	if err != nil {
		return fmt.Errorf("compare what %s has with the ledger: %w", o.Name, err)
	}
	return nil
}

// comparison is one night's.
type comparison struct {
	*Outbox
	end   collector.Date // the first day that is not compared: it is not over everywhere
	first bool           // the destination was never compared, or not for long

	differences int
	still       int    // days that differ after all
	example     string // one of them

	mayUproot bool
	uprooted  collector.Measurement // of which whole series were deleted last; "": none were
}

// tell writes down what came of it.
func (c *comparison) tell(ctx context.Context, today collector.Date, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.loaded {
		return
	}
	c.state.Comparison, c.state.Differences, c.state.Still = "", c.differences, c.still
	if c.still > 0 {
		c.state.Comparison = fmt.Sprintf("%d days differ still after they were sent again; one is %s: see outbox refused; where something else writes there, give Veille a database of its own; "+
			"the next night tries again", c.still, c.example)
	}
	if c.uneven = err != nil && collector.TroubleOf(err) == collector.TryLater; err != nil {
		c.state.Comparison = c.unnamed(err.Error())
		c.Log.WarnContext(ctx, "what a destination has could not be compared with the ledger", "destination", c.Name, "err", c.state.Comparison)
	} else {
		c.state.ComparedOn = today
		if c.uprooted != "" { // what was sent again may be lost until it is on the disk there
			c.state.ComparedOn, c.unsure, c.tried = "", true, time.Now()
		}
		c.Log.InfoContext(ctx, "what a destination has was compared with the ledger", "destination", c.Name, "days_that_differed", c.differences, "days_that_still_do", c.still)
	}
	c.say(ctx, true)
}

// even follows the streams until the destination has all of them.
func (c *comparison) even(ctx context.Context) error {
	for {
		c.mu.Lock()
		even, _, err := c.deliver(ctx)
		c.mu.Unlock()
		if even || err != nil {
			return err
		}
	}
}

// tallies are by day.
type tallies map[collector.Date]collector.Tally

func byDay(all []collector.Tally) tallies {
	t := make(tallies, len(all))
	for _, x := range all {
		t[x.Day] = x
	}
	return t
}

// theirs are the tallies that the destination has from one day on and before another.
func (c *comparison) theirs(ctx context.Context, of collector.Measurement, from, before collector.Date) (tallies, error) {
	begin, err := from.Midnight(time.UTC)
	if err != nil {
		return nil, err
	}
	last, err := before.Midnight(time.UTC)
	if err != nil {
		return nil, err
	}
	to, err := c.there()
	if err != nil {
		return nil, err
	}
	all, err := to.Tally(ctx, collector.Query{Measurement: of, From: begin, To: last})
	return byDay(all), err
}

// subject compares one measurement: first all days at once, then those that seem to differ, one by one.
func (c *comparison) subject(ctx context.Context, s subject) error {
	from, mine, theirs, err := c.count(ctx, s)
	if err != nil {
		return err
	}
	sent := tallies{}
	for day := from; day < c.end; day = plus(day, 1) {
		if mine[day].Same(theirs[day]) {
			continue
		}
		real, err := c.differs(ctx, s, day)
		if err != nil {
			return err
		}
		if !real {
			continue
		}
		if sent[day], err = c.resend(ctx, s.of, day, false); err != nil {
			return err
		}
	}
	uprooted, err := c.check(ctx, s, from, sent)
	if err != nil || !uprooted {
		return err
	}
	if s.stream != "" { // which brings no day again that is not compared yet
		for _, day := range []collector.Date{c.end, plus(c.end, 1)} {
			if _, err := c.resend(ctx, s.of, day, false); err != nil {
				return err
			}
		}
	}
	s.days = s.first
	return c.subject(ctx, s)
}

// count counts the days of a measurement that are to be compared, here and there, from the first one on.
func (c *comparison) count(ctx context.Context, s subject) (from collector.Date, mine, theirs tallies, err error) {
	back := func(days int) error {
		if from = max(plus(c.end, -days), c.keepsFrom()); from >= c.end {
			return nil
		}
		all, err := c.Mirror.Tallies(ctx, s.of, from, c.end)
		if err != nil {
			return err
		}
		mine = byDay(all)
		theirs, err = c.theirs(ctx, s.of, from, c.end)
		return err
	}
	if c.first || s.first == s.days {
		err = back(s.first)
		return from, mine, theirs, err
	}
	if err = back(s.days); err != nil {
		return from, mine, theirs, err
	}
	lacks, err := c.lacks(ctx, s.of, mine, theirs)
	if err == nil && lacks {
		c.Log.WarnContext(ctx, "a destination lacks points of the first day that is compared, so all that the ledger has is compared", "destination", c.Name, "measurement", s.of)
		err = back(s.first)
	}
	return from, mine, theirs, err
}

// lacks tells whether the destination has less of the first day than it is to have: then it may have lost all before as well, as one does that is
// thrown away.
func (c *comparison) lacks(ctx context.Context, of collector.Measurement, mine, theirs tallies) (bool, error) {
	if len(mine) == 0 {
		return false, nil
	}
	day := slices.Min(slices.Collect(maps.Keys(mine)))
	if theirs[day].Points >= mine[day].Points {
		return false, nil
	}
	ours, err := c.ours(ctx, of, day) // without what is in quarantine
	return theirs[day].Points < ours.Points, err
}

// keepsFrom is the first day of which the destination keeps everything; "" where it forgets nothing by itself.
func (c *comparison) keepsFrom() collector.Date {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.to.(collector.Forgetful); ok {
		return f.KeepsFrom()
	}
	return ""
}

// differs tells whether a day differs, and is not only on its way: what is to be there is the same before and after the destination has followed
// its stream and was asked. Of what no stream brings nothing is on its way.
func (c *comparison) differs(ctx context.Context, s subject, day collector.Date) (bool, error) {
	if s.stream == "" {
		return true, nil
	}
	before, its, moving, err := c.asIs(ctx, s, day)
	if err != nil || moving || before.Same(its) {
		return false, err
	}
	c.differences++
	if c.differences <= mostSaid {
		c.Log.WarnContext(ctx, "a destination had something else than the ledger on a day, which is sent again",
			"destination", c.Name, "measurement", s.of, "day", day, "points", before.Points, "points_there", its.Points)
	}
	return true, nil
}

// mostSaid is how many days are named in the log at most.
const mostSaid = 50

// asIs is what is to be there of a day, points in quarantine aside, and what is there. moving says that it changed while the destination was asked,
// three times: then the next night sees to it.
func (c *comparison) asIs(ctx context.Context, s subject, day collector.Date) (ours, theirs collector.Tally, moving bool, err error) {
	for range 3 {
		if ours, err = c.ours(ctx, s.of, day); err != nil {
			return ours, theirs, false, err
		}
		if s.stream != "" {
			if err = c.even(ctx); err != nil {
				return ours, theirs, false, err
			}
		}
		all, err := c.theirs(ctx, s.of, day, plus(day, 1))
		theirs = all[day]
		if err != nil || ours.Same(theirs) {
			return ours, theirs, false, err
		}
		again, err := c.ours(ctx, s.of, day)
		if err != nil || again.Same(ours) {
			return ours, theirs, false, err
		}
	}
	return ours, theirs, true, nil
}

// ours is what is to be there of a day, points in quarantine aside.
func (c *comparison) ours(ctx context.Context, of collector.Measurement, day collector.Date) (collector.Tally, error) {
	c.mu.Lock()
	refused := c.refused.clone()
	c.mu.Unlock()
	var n collector.Counter
	err := c.Mirror.Points(ctx, of, day, func(p collector.Point) error {
		if !refused.has(p) {
			n.Add(p)
		}
		return nil
	})
	return n.Tally(day), err
}

// resend sends a day again, which is deleted there before where that is asked for, and answers what was sent. Nothing else is sent meanwhile: an
// older value of a point would take the place of a newer one.
func (c *comparison) resend(ctx context.Context, of collector.Measurement, day collector.Date, deleted bool) (collector.Tally, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var n collector.Counter
	if c.to == nil {
		return n.Tally(day), errPaused
	}
	if deleted {
		c.witness = nil
		begin, err := day.Midnight(time.UTC)
		if err == nil {
			err = c.to.Delete(ctx, collector.Query{Measurement: of, From: begin, To: begin.AddDate(0, 0, 1)})
		}
		if err != nil {
			c.unsure = true // it may have deleted some
			return n.Tally(day), err
		}
	}
	c.resent = time.Now()
	chunk := make([]collector.Point, 0, together)
	give := func() error {
		err := c.give(ctx, chunk, nil)
		for _, p := range chunk {
			if !c.refused.has(p) {
				n.Add(p)
			}
		}
		chunk = chunk[:0]
		return err
	}
	err := c.Mirror.Points(ctx, of, day, func(p collector.Point) error {
		chunk = append(chunk, p)
		if len(chunk) < together {
			return nil
		}
		return give()
	})
	if err == nil {
		err = give()
	}
	c.unsure = c.unsure || err != nil && deleted
	c.resent = time.Now()
	return n.Tally(day), err
}

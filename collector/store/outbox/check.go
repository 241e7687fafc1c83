package outbox

import (
	"context"
	"fmt"
	"time"

	"veille/collector"
	"veille/collector/store/wire"
)

// looks are how often, and after how long each time, a destination is asked for what was just sent: some show it after seconds.
func looks() []time.Duration {
	return []time.Duration{0, 2 * time.Second, 10 * time.Second, 30 * time.Second}
}

// check asks for the days that were sent again. Those that differ still are deleted and sent once more, where the destination has more than it
// should; it is said of the others. uprooted says that whole series were deleted, so that the measurement is to be compared anew, all of it.
func (c *comparison) check(ctx context.Context, s subject, from collector.Date, sent tallies) (uprooted bool, err error) {
	differ, err := c.left(ctx, s, from, sent)
	if err != nil {
		return false, err
	}
	for day := range differ {
		ours, its, moving, err := c.asIs(ctx, s, day)
		if err != nil {
			return false, err
		}
		if moving || ours.Same(its) {
			continue
		}
		if its.Points >= ours.Points {
			again, err := c.resend(ctx, s.of, day, true)
			if err != nil {
				return false, err
			}
			left, err := c.left(ctx, s, day, tallies{day: again})
			if err != nil {
				return false, err
			}
			if len(left) == 0 {
				continue
			}
			if uprooted, err := c.uproot(ctx, s, differ); err != nil || uprooted {
				return uprooted, err
			}
			ours, its = again, left[day]
		}
		c.still++
		c.example = fmt.Sprintf("%s of %s: it should have %d points and has %d", s.of, day, ours.Points, its.Points)
		if c.still <= mostSaid {
			c.Log.WarnContext(ctx, "a day differs still after it was sent again", "destination", c.Name, "measurement", s.of, "day", day, "points", ours.Points, "points_there", its.Points)
		}
	}
	return false, nil
}

// left is what the destination has of those days on which it has something else than what was sent.
func (c *comparison) left(ctx context.Context, s subject, from collector.Date, sent tallies) (left tallies, err error) {
	if len(sent) == 0 {
		return nil, nil
	}
	to := from
	for day := range sent {
		to = max(to, plus(day, 1))
	}
	for _, pause := range looks() {
		if err := wire.Wait(ctx, pause); err != nil {
			return nil, err
		}
		theirs, err := c.theirs(ctx, s.of, from, to)
		if err != nil {
			return nil, err
		}
		left = tallies{}
		wait := false // where it has more than it should it shows nothing else later
		for day, t := range sent {
			if !t.Same(theirs[day]) {
				left[day] = theirs[day]
				wait = wait || theirs[day].Points <= t.Points
			}
		}
		if !wait {
			break
		}
	}
	return left, nil
}

package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Probe tells whether the series can be used: the server answers, its clock is right, what points are kept in is there, and the token may write and
// read there. Its errors are sentences that end with what to do.
func (s *Store) Probe(ctx context.Context) error {
	s.forget()
	skew, err := s.Clock(ctx)
	if err != nil {
		return err
	}
	for _, k := range keepings() {
		at, err := s.place(ctx, k)
		if err != nil {
			return err
		}
		if at.major == 1 { // an empty request is looked at as any other: right, database, policy
			if err := s.write(ctx, at, "\n"); err != nil {
				return s.trouble("write nothing into "+at.provided+" of", err)
			}
		}
		if err := s.influxQL(ctx, at, "SHOW MEASUREMENTS LIMIT 1", nil); err != nil && !unmapped(at, err) {
			return s.trouble("read "+at.provided+" of", err)
		}
	}
	if tooFar(skew) {
		return s.wrongClock(skew)
	}
	return nil
}

// Clock is how far the clock of the server is ahead of ours, to a second or so; below 0: behind.
func (s *Store) Clock(ctx context.Context) (time.Duration, error) {
	asked := s.now()
	header, err := s.call(ctx, http.MethodGet, "ping", nil, nil, nil)
	if err != nil {
		return 0, s.trouble("ask for the time of", err)
	}
	took := s.now().Sub(asked)
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0, s.trouble("ask for the time of", errors.New("it tells no date"))
	}
	return date.Sub(asked.Add(took / 2)).Round(time.Second), nil
}

// tooFar tells whether clocks differ by more than what does no harm.
func tooFar(skew time.Duration) bool { return skew.Abs() > 5*time.Minute }

// wrongClock says what a wrong clock does, and what to do.
func (s *Store) wrongClock(skew time.Duration) error {
	where, what := "ahead of", "it refuses, and deletes, points before their time"
	if skew < 0 {
		where, what = "behind", "it keeps points for too long"
	}
	return s.help("the clock of the server is %s %s that of this collector, so %s: let both be set by NTP; nothing is lost meanwhile", fmt.Sprint(skew.Abs()), where, what)
}

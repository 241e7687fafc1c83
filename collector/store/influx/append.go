package influx

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"veille/collector"
)

// writeTimeout is how long one request may take: InfluxDB gives up after 10 s by itself.
const writeTimeout = time.Minute

// Append writes points, each request of 5,000 at most; after an error some may have been written. A point that InfluxDB cannot keep makes an
// Unusable DeliveryError before anything is sent.
func (s *Store) Append(ctx context.Context, points []collector.Point) error {
	all, err := batches(points)
	if err != nil {
		return err
	}
	for _, b := range all {
		if err := s.send(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// send sends one batch. Where the policy or the bucket is not there any more it is made again, once.
func (s *Store) send(ctx context.Context, b batch) error {
	for again := true; ; again = false {
		at, err := s.place(ctx, b.keeping)
		if err != nil {
			return err
		}
		err = s.write(ctx, at, b.text)
		if err == nil {
			return nil
		}
		doing := fmt.Sprintf("write %d points into %s of", len(b.moments), at.provided)
		if a, ok := errors.AsType[*answer](err); ok {
			if dropped, old := tooOld(a); old {
				return s.old(ctx, b, at, a, dropped)
			}
			if a.missing() {
				s.forget()
				if again {
					continue
				}
			}
		}
		return s.trouble(doing, err)
	}
}

func (s *Store) write(ctx context.Context, at place, text string) error {
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	return s.client.WriteAPIBlocking(s.org, at.bucket).WriteRecord(ctx, text)
}

// tooOld tells whether points were refused because they are older than what is kept, and how many; 0: it does not say. InfluxDB 1.8 and 2.0 say
// "points beyond retention policy dropped=3", 2.7 "dropped 3 points outside retention policy of duration …".
func tooOld(a *answer) (dropped int, old bool) {
	m := regexp.MustCompile(`partial write: (?:.*beyond retention policy.*dropped=(\d+)|dropped (\d+) points outside retention policy)`).FindStringSubmatch(a.said)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1] + m[2])
	if err != nil {
		return 0, true
	}
	return n, true
}

// old says what it means that points were refused for being too old. Where our clock agrees they never will be taken. Where it does not, the clock of
// the server is wrong or its policy too short, and a person has to mend that.
func (s *Store) old(ctx context.Context, b batch, at place, a *answer, dropped int) error {
	const edge = 10 * time.Minute // by which clocks may differ
	first := s.now().Add(-b.keeping.For())
	ours := 0
	for _, moment := range b.moments {
		if moment.Before(first.Add(edge)) {
			ours++
		}
	}
	doing := fmt.Sprintf("write %d points into %s of InfluxDB at %s: ", len(b.moments), at.provided, s.at())
	if ours > 0 && dropped <= ours {
		return &collector.DeliveryError{Trouble: collector.Unusable, Reason: doing + fmt.Sprintf(
			"%d of them are of before %s, and it keeps them for %s: they are older than what is kept, and it has taken the others (%s)",
			ours, first.UTC().Format(time.DateOnly), days(b.keeping.For()), a.said)}
	}
	s.forget()
	if skew, err := s.Clock(ctx); err == nil && tooFar(skew) {
		return s.wrongClock(skew)
	}
	if _, err := s.prepared(ctx); err != nil {
		return err
	}
	return s.help("it refused points for being too old (%s) that are younger than %s: look at the clock of the server, and at how long %s is kept",
		a.said, days(b.keeping.For()), at.provided)
}

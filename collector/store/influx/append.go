package influx

import (
	"context"
	"errors"
	"fmt"
	"time"

	"veille/collector"
)

// writeTimeout is how long one request may take: InfluxDB gives up after 10 s by itself.
const writeTimeout = time.Minute

// Append writes points, each request of 5,000 at most; after an error some may have been written. A point that InfluxDB cannot keep makes an
// Unusable DeliveryError before anything is sent.
func (s *Store) Append(ctx context.Context, points []collector.Point) error {
	send, err := s.Ready(points)
	if err != nil {
		return err
	}
	return send(ctx)
}

// Ready makes the requests of [Store.Append], which are sent when send is called. Another Append may be under way meanwhile.
func (s *Store) Ready(points []collector.Point) (send func(context.Context) error, err error) {
	all, err := batches(points)
	return func(ctx context.Context) error {
		for _, b := range all {
			if err := s.send(ctx, b); err != nil {
				return err
			}
		}
		return nil
	}, err
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
		doing := fmt.Sprintf("write %s into %s of", count(len(b.moments)), at.provided)
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

func count(points int) string {
	if points == 1 {
		return "a point"
	}
	return fmt.Sprintf("%d points", points)
}

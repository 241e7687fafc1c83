package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"veille/collector"
	"veille/collector/mirror"
	"veille/collector/store/outbox"
)

// The time at which what destinations have is compared with the ledger at night: the roll-up has changed days and fixed months by then.
const (
	compareHour   = 4
	compareMinute = 15
)

// deliverAll brings points to every destination that was named, each by an outbox of its own.
func (s *server) deliverAll(ctx context.Context, background *sync.WaitGroup) {
	points := mirror.New(mirror.Parts{Ledger: s.store, Websites: s.store.Embedded(), Figures: s.store.FiguresOnce(), Today: s.today})
	for _, d := range s.destinations {
		s.once(ctx, background, "outbox "+d.name, func(ctx context.Context) { s.deliver(ctx, d, points) })
	}
	s.once(ctx, background, "forget", s.forget)
}

// deliver brings points to one destination until ctx ends.
func (s *server) deliver(ctx context.Context, d destination, points *mirror.Mirror) {
	o := outbox.New(outbox.Parts{
		Name: d.name, Ledger: s.store, Mirror: points, Log: s.log,
		Open: func(ctx context.Context) (collector.Destination, error) { return d.open(ctx, s.log) },
	})
	var compared sync.WaitGroup
	defer compared.Wait()
	compared.Go(func() { s.compare(ctx, o) })
	o.Run(ctx)
}

// compare compares a destination with the ledger every night. The outbox itself says what came of it. What has served, and what meters said that
// are gone, is deleted there too.
func (s *server) compare(ctx context.Context, o *outbox.Outbox) {
	for ctx.Err() == nil {
		timer := time.NewTimer(untilTime(time.Now(), compareHour, compareMinute))
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
			if today := s.today(); today != "" {
				_ = o.Compare(ctx, today)
				if err := errors.Join(deleteServed(ctx, o, time.Now()), s.deleteGoneMeters(ctx, o)); err != nil && ctx.Err() == nil {
					s.log.ErrorContext(ctx, "points that have served, or whose meters are gone, were not deleted, that is made up for next night", "destination", o.Name, "err", err)
				}
			}
		}
	}
}

// deleteServed deletes what a destination has for longer than it is kept, whatever it deletes itself by then.
func deleteServed(ctx context.Context, to *outbox.Outbox, now time.Time) error {
	for _, m := range collector.Measurements() {
		served := now.UTC().Truncate(24 * time.Hour).Add(-m.Keeping().For())
		if err := to.Delete(ctx, collector.Query{Measurement: m, From: time.Unix(0, 0), To: served}); err != nil {
			return err
		}
	}
	return nil
}

// deleteGoneMeters deletes what a destination has of meters that are gone.
func (s *server) deleteGoneMeters(ctx context.Context, to *outbox.Outbox) error {
	gone, err := s.store.GoneMeters(ctx)
	if err != nil {
		return err
	}
	for _, meter := range gone {
		for _, q := range everythingOfMeter(meter) {
			if err := to.Delete(ctx, q); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetting is how often it is looked for what every destination has.
const forgetting = 15 * time.Minute

// forget deletes what was kept for destinations only and what all of them have, until ctx ends: posts of meters, which are in the ledger's blocks
// too, and once a day what was kept for long enough.
func (s *server) forget(ctx context.Context) {
	begun, last := time.Now(), collector.Date("")
	for ctx.Err() == nil {
		upTo, err := s.store.FollowedTo(ctx, collector.StreamMeters)
		if err == nil && upTo > 0 {
			err = s.store.ForgetMeterPosts(ctx, upTo)
		}
		if today := s.today(); today != "" && today != last {
			daily := s.forgetOld(ctx, time.Since(begun))
			if err = errors.Join(err, daily); daily == nil {
				last = today
			}
		}
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "what every destination has was not deleted, that is made up for later", "err", err)
		}
		timer := time.NewTimer(forgetting)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

// forgetOld deletes what was kept for destinations for long enough, and forgets destinations that nobody delivers to. up is for how long this has
// been looked at: a collector that was off for months has had no time yet to deliver.
func (s *server) forgetOld(ctx context.Context, up time.Duration) error {
	err := s.store.ForgetTombstones(ctx, collector.DateOf(time.Now().Add(-collector.ForgottenAfter)))
	if up < 24*time.Hour {
		return err
	}
	all, wrong := s.store.Deliveries(ctx)
	for _, d := range all {
		if d.Silent(time.Now()) < collector.ForgottenAfter {
			continue
		}
		if gone := s.store.RemoveDestination(ctx, d.Destination); gone != nil {
			wrong = errors.Join(wrong, gone)
			continue
		}
		s.log.WarnContext(ctx, "a destination is forgotten, no collector has delivered to it for a hundred days; what it has stays there", "destination", d.Destination)
	}
	return errors.Join(err, wrong)
}

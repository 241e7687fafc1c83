package main

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"veille/collector"
	"veille/collector/mirror"
	"veille/collector/store/outbox"
)

// The time at which what others have is compared with the ledger at night: the roll-up has changed days and fixed months by then.
const (
	compareHour   = 4
	compareMinute = 15
)

// reopening is how long a series rests that could not be opened: a person has to set it up, or its server to start.
const reopening = time.Minute

// deliverAll brings points to every series that was named, each by an outbox of its own.
func (s *server) deliverAll(ctx context.Context, background *sync.WaitGroup) {
	points := mirror.New(mirror.Parts{Ledger: s.store, Websites: s.store.Embedded(), Figures: s.store.FiguresOnce(), Today: s.today})
	for _, d := range s.elsewhere {
		s.once(ctx, background, "outbox "+d.name, func(ctx context.Context) { s.deliver(ctx, d, points) })
	}
	s.once(ctx, background, "forget", s.forget)
}

// deliver brings points to one series until ctx ends.
func (s *server) deliver(ctx context.Context, d destination, points *mirror.Mirror) {
	to := s.reach(ctx, d)
	if to == nil {
		return
	}
	defer func() { _ = to.Close() }()
	o := outbox.New(outbox.Parts{Name: d.name, Ledger: s.store, Mirror: points, To: to, Log: s.log})
	var compared sync.WaitGroup
	defer compared.Wait()
	compared.Go(func() { s.compare(ctx, o, to) })
	o.Run(ctx)
}

// reach opens a series, however long that takes; nil when ctx has ended. What keeps it from it is said to people as the outbox says it.
func (s *server) reach(ctx context.Context, d destination) collector.Destination {
	for said := ""; ctx.Err() == nil; {
		to, err := d.open(ctx, s.log)
		if err == nil {
			return to
		}
		if text := err.Error(); text != said && ctx.Err() == nil {
			said = text
			s.log.ErrorContext(ctx, "a series cannot be used, what is for it is kept", "destination", d.name, "err", err)
			if err := s.sayUnopened(ctx, d.name, err); err != nil {
				s.log.ErrorContext(ctx, "that a series cannot be used was not kept", "destination", d.name, "err", err)
			}
		}
		timer := time.NewTimer(reopening)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
	return nil
}

// sayUnopened keeps for the pages why a series is not delivered to.
func (s *server) sayUnopened(ctx context.Context, name string, why error) error {
	state, err := s.store.Delivery(ctx, name)
	if err != nil && !errors.Is(err, collector.ErrNotFound) {
		return err
	}
	state.Destination, state.Error, state.Said = name, why.Error(), time.Now().Unix()
	state.Stopped = collector.TroubleOf(why) == collector.NeedsHelp
	return s.store.KeepDelivery(ctx, state)
}

// compare compares a series with the ledger every night. The outbox itself says what came of it. What meters said that are gone goes there too.
func (s *server) compare(ctx context.Context, o *outbox.Outbox, to collector.Destination) {
	for ctx.Err() == nil {
		timer := time.NewTimer(untilTime(time.Now(), compareHour, compareMinute))
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
			if today := s.today(); today != "" {
				_ = o.Compare(ctx, today)
				if err := errors.Join(deleteServed(ctx, to, time.Now()), s.deleteGoneMeters(ctx, to)); err != nil && ctx.Err() == nil {
					s.log.ErrorContext(ctx, "points that have served, or whose meters are gone, were not deleted, that is made up for next night", "destination", o.Name, "err", err)
				}
			}
		}
	}
}

// deleteServed deletes what a series has for longer than it is kept, whatever the series itself deletes by then.
func deleteServed(ctx context.Context, to collector.Destination, now time.Time) error {
	for _, m := range collector.Measurements() {
		served := now.UTC().Truncate(24 * time.Hour).Add(-m.Keeping().For())
		if err := to.Delete(ctx, collector.Query{Measurement: m, From: time.Unix(0, 0), To: served}); err != nil {
			return err
		}
	}
	return nil
}

// deleteGoneMeters deletes what a series has of meters that are gone.
func (s *server) deleteGoneMeters(ctx context.Context, to collector.Destination) error {
	gone, err := s.store.GoneMeters(ctx)
	if err != nil {
		return err
	}
	for _, meter := range gone {
		tags := collector.NewTags(collector.Tag{Name: "meter", Value: strconv.FormatInt(meter, 10)})
		for _, m := range []collector.Measurement{collector.MeterEnergy, collector.MeterPower} {
			if err := to.Delete(ctx, collector.Query{Measurement: m, Tags: tags, From: time.Unix(0, 0), To: time.Now().AddDate(1, 0, 0)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetting is how often it is looked for what every series has.
const forgetting = 15 * time.Minute

// tombstones is for how many days the number of an erased machine is kept for series that may have hours of it: longer than those are kept.
const tombstones = 100

// forget deletes what was kept for series only and what all of them have, until ctx ends: posts of meters, which are in the ledger's blocks too,
// and once a day the numbers of machines that were erased.
func (s *server) forget(ctx context.Context) {
	for last := collector.Date(""); ctx.Err() == nil; {
		upTo, err := s.store.FollowedTo(ctx, collector.StreamMeters)
		if err == nil && upTo > 0 {
			err = s.store.ForgetMeterPosts(ctx, upTo)
		}
		if today := s.today(); err == nil && today != "" && today != last {
			err = s.store.ForgetTombstones(ctx, collector.DateOf(time.Now().AddDate(0, 0, -tombstones)))
			last = today
		}
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "what every series has was not deleted, that is made up for later", "err", err)
		}
		timer := time.NewTimer(forgetting)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
}

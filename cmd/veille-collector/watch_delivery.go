package main

import (
	"context"
	"sync"
	"time"

	"veille/collector"
	"veille/collector/listen"
)

// quarter is what the lag of a destination is rounded up to, in seconds: finer, it would say when a machine has sent something.
const quarter = 15 * 60

// deliveryFigures are those about the destinations that points are delivered to. Depth grows with each message, and stays as it is for as long as
// figures of messages do. All others are shown at once, so that an alert on them is not a day late: they change when a server fails or a person
// acts, once a night, or, as the lag, by quarters of an hour.
func deliveryFigures(m *listen.Metrics, read func(context.Context) ([]collector.Delivery, error)) {
	last := deliveries{read: read}
	m.Each("destination_behind", "changes that a destination does not have yet, to two digits", "destination", func() map[string]float64 {
		values := map[string]float64{}
		for _, d := range last.now() {
			values[d.Destination] = float64(d.Behind)
		}
		return values
	})
	for _, g := range []struct {
		name, help string
		of         func(collector.Delivery) float64
	}{
		{"destination_lag_seconds", "how long something has been waiting for a destination, in quarters of an hour, rounded up", func(d collector.Delivery) float64 {
			return float64((d.LagS + quarter - 1) / quarter * quarter)
		}},
		{"destination_refused_points", "points that a destination never takes, to two digits", func(d collector.Delivery) float64 { return float64(collector.Rounded(d.Refused)) }},
		{"destination_compared_timestamp_seconds", "the date of the last night in which a destination was compared with the ledger, at 00:00 UTC; 0 for never", comparedAt},
		{"destination_differences", "days, of each measurement, on which hours, websites or readings of meters differed when a destination was compared last, and were sent again", func(d collector.Delivery) float64 { return float64(d.Differences) }},
		{"destination_differences_left", "days, of each measurement, that differed still after that; days and months of groups are among them", func(d collector.Delivery) float64 { return float64(d.Still) }},
		{"destination_restarts", "how often a destination was found to have been started anew", func(d collector.Delivery) float64 { return float64(d.Restarts) }},
		{"destination_advice", "how many things should be set up otherwise at a destination: outbox list says which", func(d collector.Delivery) float64 { return float64(len(d.Advice)) }},
	} {
		m.Prompt(g.name, g.help, []string{"destination"}, func() (all []listen.Sample) {
			for _, d := range last.now() {
				all = append(all, listen.Sample{Labels: []string{d.Destination}, Value: g.of(d)})
			}
			return all
		})
	}
	m.Prompt("destination_state", "1 for the word of how a destination is doing, 0 for the others", []string{"destination", "state"}, func() (all []listen.Sample) {
		for _, d := range last.now() {
			is := d.State(time.Now())
			for _, state := range collector.DeliveryStates() {
				all = append(all, listen.Sample{Labels: []string{d.Destination, string(state)}, Value: truth(is == state)})
			}
		}
		return all
	})
	m.Prompt("destination_trouble", "1 for what keeps points from a destination, 0 for the others", []string{"destination", "cause"}, func() (all []listen.Sample) {
		for _, d := range last.now() {
			for _, cause := range collector.Causes() {
				all = append(all, listen.Sample{Labels: []string{d.Destination, string(cause)}, Value: truth(d.Cause == cause)})
			}
		}
		return all
	})
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// comparedAt is the date of the last comparison, in seconds since 1970.
func comparedAt(d collector.Delivery) float64 {
	at, err := d.ComparedOn.Midnight(time.UTC)
	if err != nil {
		return 0
	}
	return float64(at.Unix())
}

// deliveries are how destinations are doing, read once for all figures that are asked for together.
type deliveries struct {
	read func(context.Context) ([]collector.Delivery, error)

	mu   sync.Mutex
	last []collector.Delivery
	at   time.Time
}

func (x *deliveries) now() []collector.Delivery {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.at.IsZero() || time.Since(x.at) > time.Second {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		all, err := x.read(ctx)
		if err != nil {
			all = nil // what is not known is absent
		}
		x.last, x.at = all, time.Now()
	}
	return x.last
}

package main

import (
	"context"
	"time"

	"veille/collector/listen"
	"veille/collector/metering"
)

// meterFigures are those about the line-protocol door.
func (s *server) meterFigures(m *listen.Metrics, c *metering.Counts) {
	for _, x := range []counter{
		{"meter_posts_total", "posts of meters that were answered: what could be kept of them is on disk", &c.Posts},
		{"meter_lines_total", "lines of meters that are on disk", &c.Lines},
		{"meter_samples_total", "samples of meters that are on disk", &c.Samples},
		{"meter_lines_refused_total", "lines of meters that can never be accepted, or not whole (400, 422)", &c.Dropped},
		{"meter_posts_strangers_total", "posts of meters with a token that opens nothing, or in the address (400, 401)", &c.Strangers},
		{"meter_posts_unusable_total", "posts of meters that nothing could be read of (400, 413)", &c.Unusable},
		{"meter_posts_busy_total", "posts of meters that are to come again, as there was no room (429, 503)", &c.Busy},
		{"meter_posts_failed_total", "posts of meters that are to come again, as they could not be put on disk or judged by a clock in doubt (503)", &c.Failed},
	} {
		m.CounterFunc(x.name, x.help, func() float64 { return float64(x.of.Load()) })
	}
	m.Gauge("meters", "meters that lines came of", func() (float64, bool) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		n, err := s.store.CountMeters(ctx)
		return float64(n), err == nil
	})
}

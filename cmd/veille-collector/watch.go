package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"veille/collector"
	"veille/collector/ingest"
	"veille/collector/listen"
	"veille/collector/store/relational"
)

// scarce is how much room the disk of the collector's folder has at least, in bytes: a day of fifty thousand machines takes a tenth.
const scarce = 512 << 20

// checks are what must be well for the collector to do its work.
func (s *server) checks() []listen.Check {
	return []listen.Check{
		{Name: "database", Ask: s.store.Healthy},
		{Name: "integrity", Ask: s.store.Intact},
		{Name: "rollup", Ask: s.rolledUp},
		{Name: "clock", Ask: func(context.Context) error {
			_, err := s.clock.Now()
			return err
		}},
		{Name: "disk", Ask: func(context.Context) error {
			free, err := room(s.dir)
			if errors.Is(err, errors.ErrUnsupported) {
				return nil
			}
			if err == nil && free < scarce {
				err = fmt.Errorf("%d MB are left where %s is; make room", free>>20, s.dir)
			}
			return err
		}},
	}
}

// answers is nil when the database has answered, whatever it said: a new start cures one that hangs, and no disk that is full or read-only.
func (s *server) answers(ctx context.Context) error {
	_ = s.store.Healthy(ctx)
	return nil
}

// late is how many days ago the last roll-up may be.
const late = 3

// rolledUp is an error when the nights do not roll up any more, or delete nothing.
func (s *server) rolledUp(ctx context.Context) error {
	run, err := s.store.LastRun(ctx)
	if err != nil || run.On == "" { // the first one is under way
		return err
	}
	if run.Refused != "" && run.Until != "" {
		return fmt.Errorf("nothing was deleted: %s", run.Refused)
	}
	if oldest := collector.DateOf(time.Now().AddDate(0, 0, -late)); run.On < oldest {
		return fmt.Errorf("the last roll-up was on %s; the log says why none came after it", run.On)
	}
	return nil
}

// figures are those about the collector itself. None tells of a machine: see crowd.
func (s *server) figures(counts *ingest.Counts, health *listen.Health) *listen.Metrics {
	m := listen.NewMetrics()
	m.Health(health)
	for _, c := range counted(counts) {
		m.CounterFunc(c.name, c.help, func() float64 { return float64(c.of.Load()) })
	}
	sizes := &sizes{read: s.store.Size}
	for _, g := range []struct {
		name, help string
		of         func(relational.Size) int64
	}{
		{"database_bytes", "bytes of the database; of the file and its write-ahead log, or of the database in PostgreSQL without the log that all databases of a server share", func(z relational.Size) int64 { return z.Bytes }},
		{"machines", "machines that are enrolled", func(z relational.Size) int64 { return z.Machines }},
		{"machine_days", "machine-days in the ledger", func(z relational.Size) int64 { return z.MachineDays }},
		{"machine_months", "machine-months in the ledger", func(z relational.Size) int64 { return z.MachineMonths }},
		{"group_days", "days of groups in the ledger", func(z relational.Size) int64 { return z.GroupDays }},
		{"quarantine_records", "records in quarantine", func(z relational.Size) int64 { return z.Quarantine }},
		{"stale_dates", "dates to be rolled up the coming night", func(z relational.Size) int64 { return z.Stale }},
	} {
		m.Gauge(g.name, g.help, func() (float64, bool) {
			z, known := sizes.now()
			return float64(g.of(z)), known
		})
	}
	deliveryFigures(m, s.store.Deliveries)
	m.Calm((&calm{counts: counts}).due)
	return m
}

// counter is a figure that only grows.
type counter struct {
	name, help string
	of         *atomic.Int64
}

func counted(c *ingest.Counts) []counter {
	return []counter{
		{"records_stored_total", "records put on disk, the first of their date and hour", &c.Stored},
		{"records_replaced_total", "records put on disk in the place of one that covers less", &c.Replaced},
		{"records_kept_total", "records that cover no more than the one on disk", &c.Kept},
		{"records_refused_total", "records that can never be accepted, now in quarantine", &c.Refused},
		{"batches_answered_total", "batches, each record of which got a verdict", &c.Answered},
		{"batches_restored_total", "batches of machines that were told of more records than there are: the ledger was restored", &c.Restored},
		{"messages_unreadable_total", "messages that cannot be understood (400)", &c.Unreadable},
		{"messages_too_large_total", "messages that are too large (413)", &c.TooLarge},
		{"messages_newer_total", "messages of a later version (415)", &c.Newer},
		{"messages_late_total", "messages that did not arrive in time (408)", &c.Late},
		{"messages_strangers_total", "messages with a password or token that is not good (401, 403)", &c.Strangers},
		{"messages_hasty_total", "messages of machines that post too often (429)", &c.Hasty},
		{"messages_busy_total", "messages for which there was no memory (503)", &c.Busy},
		{"messages_failed_total", "messages that could not be put on disk, or judged by a clock in doubt (503)", &c.Failed},
		{"machines_enrolled_total", "machines that were given a password", &c.Enrolled},
	}
}

// Whoever reads a counter of messages every few seconds sees when each one came, and where few machines are, whose it was: when somebody
// has switched his machine on. So the figures stay as they are until at least crowd messages more have come, or a day has gone. What fails
// is told at once by veille_well.
const (
	crowd  = 50
	atMost = 24 * time.Hour
)

// calm says when the figures may be shown as they are. One at a time asks it.
type calm struct {
	counts   *ingest.Counts
	messages int64 // when they were shown last
	at       time.Time
}

func (c *calm) due() bool {
	messages, now := c.counts.Answered.Load()+c.counts.Restored.Load(), time.Now() // of machines: strangers could send as many as they like
	if messages-c.messages < crowd && now.Sub(c.at) < atMost {
		return false
	}
	c.messages, c.at = messages, now
	return true
}

// sizes are how much there is of everything, counted when somebody asks, once a minute at most.
type sizes struct {
	read func(context.Context) (relational.Size, error)

	mu   sync.Mutex
	last relational.Size
	err  error
	at   time.Time
}

func (s *sizes) now() (relational.Size, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at.IsZero() || time.Since(s.at) > time.Minute {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		s.last, s.err = s.read(ctx)
		s.at = time.Now()
	}
	return s.last, s.err == nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"text/tabwriter"
	"time"

	"veille/cmd/internal/command"
	"veille/collector"
)

// simulated is what a simulation did, and what it left.
type simulated struct {
	Machines  int    `json:"machines"`
	Sites     int    `json:"sites"`
	Days      int    `json:"days"`
	From      string `json:"from"`
	To        string `json:"to"`
	Seed      uint64 `json:"seed"`
	Through   string `json:"through"`
	WholeDays bool   `json:"whole_days"`

	Enrolled int `json:"enrolled"` // identities
	Reimaged int `json:"reimaged"` // machines that were enrolled again, installed anew
	Replaced int `json:"replaced"` // those of which the administrator said which one they were

	MachineDays struct {
		Delivered int     `json:"delivered"`
		Waiting   int     `json:"waiting"` // at the end, on machines that were out of reach
		PerS      float64 `json:"per_s"`   // delivered, in the time of deliveries
	} `json:"machine_days"`
	Records struct {
		Delivered int    `json:"delivered"` // and on disk
		Late      int    `json:"late"`      // of those: not on the day after the one that they are of
		Refused   int    `json:"refused"`
		Reason    string `json:"reason,omitempty"` // of the first one that was refused
	} `json:"records"`
	RollUps struct {
		Runs    int               `json:"runs"`
		Dates   int               `json:"dates"`
		Fixed   int               `json:"fixed"` // months
		Deleted collector.Deleted `json:"deleted"`
	} `json:"roll_ups"`
	Rows struct {
		MachineDays   int64 `json:"machine_days"`
		MachineMonths int64 `json:"machine_months"`
		GroupDays     int64 `json:"group_days"`
		GroupMonths   int64 `json:"group_months"`
	} `json:"rows"`
	DatabaseMB          float64 `json:"database_mb"` // the file, 10⁶ bytes
	BytesPerMachineYear float64 `json:"bytes_per_machine_year"`
	Seconds             struct {
		All        float64 `json:"all"`
		Enrolments float64 `json:"enrolments"`
		Deliveries float64 `json:"deliveries"`
		RollUps    float64 `json:"roll_ups"`
	} `json:"seconds"`

	mu    sync.Mutex
	until collector.Date // last day that was lived
	lives int            // days
}

// enrolled counts a machine that was given an identity.
func (r *simulated) enrolled(again bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Enrolled++
	if again {
		r.Reimaged++
	}
}

// delivered counts what one machine delivered.
func (r *simulated) delivered(days, kept, late int, refused []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.MachineDays.Delivered += days
	r.Records.Delivered += kept
	r.Records.Late += late
	if r.Records.Refused == 0 && len(refused) > 0 {
		r.Records.Reason = refused[0]
	}
	r.Records.Refused += len(refused)
}

// rolled counts a roll-up.
func (r *simulated) rolled(run collector.Run) {
	r.RollUps.Runs++
	r.RollUps.Dates += run.Dates
	r.RollUps.Fixed += run.Fixed
	d := &r.RollUps.Deleted
	d.MachineDays += run.Deleted.MachineDays
	d.MachineMonths += run.Deleted.MachineMonths
	d.GroupDays += run.Deleted.GroupDays
	d.GroupMonths += run.Deleted.GroupMonths
	d.Quarantine += run.Deleted.Quarantine
	d.Entries += run.Deleted.Entries
}

// lived says that days are over, up to one.
func (r *simulated) lived(until collector.Date, days int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until, r.lives = until, r.lives+days
}

// count counts what is in the folder.
func (s *simulation) count(ctx context.Context) error {
	size, err := s.store.Size(ctx)
	if err != nil {
		return err
	}
	r := &s.report
	r.Rows.MachineDays, r.Rows.MachineMonths, r.Rows.GroupDays, r.Rows.GroupMonths = size.MachineDays, size.MachineMonths, size.GroupDays, size.GroupMonths
	r.Seconds.Deliveries -= r.Seconds.Enrolments
	if r.Seconds.Deliveries > 0 {
		r.MachineDays.PerS = float64(r.MachineDays.Delivered) / r.Seconds.Deliveries
	}
	return nil
}

// size says how large the file is.
func (r *simulated) size(bytes int64) {
	r.DatabaseMB = float64(bytes) / 1e6
	r.BytesPerMachineYear = float64(bytes) / float64(r.Machines) / (float64(r.Days) / 365)
}

// err is what is wrong with what was simulated.
func (r *simulated) err() error {
	if r.Records.Refused > 0 {
		return fmt.Errorf("%d records were refused; the first: %s", r.Records.Refused, r.Records.Reason)
	}
	return nil
}

// explained says, of an error, how far the simulation came.
func (s *simulation) explained(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	far := "before the first day was over"
	if s.report.lives > 0 {
		far = fmt.Sprintf("after %s, day %d of %d", s.report.until, s.report.lives, len(s.dates))
	}
	return fmt.Errorf("%w %s, with %d machine-days. What is in %s is whole, though its roll-ups may lack the last days; a simulation does not go on: remove the folder and begin again",
		err, far, s.sent.Load(), s.dir)
}

// print writes the report.
func (r *simulated) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) { _, _ = fmt.Fprintf(t, name+"\t"+format+"\n", args...) }
	how := "by the hour"
	if r.WholeDays {
		how = "whole days"
	}
	line("fleet", "%d machines at %d sites, %d days from %s to %s, seed %d, simulated", r.Machines, r.Sites, r.Days, r.From, r.To, r.Seed)
	line("enrolled", "%d; %d machines again, installed anew, and of %d the administrator said which they were", r.Enrolled, r.Reimaged, r.Replaced)
	line("delivered", "%d machine-days through %s, %.0f/s, shared machines and servers %s; %d are still on machines out of reach",
		r.MachineDays.Delivered, r.Through, r.MachineDays.PerS, how, r.MachineDays.Waiting)
	line("records", "%d on disk, of which %d late; %d refused", r.Records.Delivered, r.Records.Late, r.Records.Refused)
	line("roll-ups", "%d, of %d dates; %d months fixed, %d machine-days and %d machine-months deleted", r.RollUps.Runs, r.RollUps.Dates, r.RollUps.Fixed, r.RollUps.Deleted.MachineDays, r.RollUps.Deleted.MachineMonths)
	line("in the folder", "%d machine-days, %d machine-months, %d group-days, %d group-months", r.Rows.MachineDays, r.Rows.MachineMonths, r.Rows.GroupDays, r.Rows.GroupMonths)
	line("database", "%.1f MB, %.0f bytes per machine-year", r.DatabaseMB, r.BytesPerMachineYear)
	line("seconds", "%.1f: %.1f enrolments, %.1f deliveries, %.1f roll-ups", r.Seconds.All, r.Seconds.Enrolments, r.Seconds.Deliveries, r.Seconds.RollUps)
	return t.Flush()
}

// watch shows a person who waits how far it is, twice a second, until stop.
func (s *simulation) watch(ctx context.Context, start time.Time) (stop func()) {
	if !command.Terminal(s.stderr) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				_, _ = io.WriteString(s.stderr, "\r\x1b[K")
				return
			case <-tick.C:
				_, _ = fmt.Fprintf(s.stderr, "\r\x1b[K%s", s.progress(time.Since(start)))
			}
		}
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// progress is one line: day, machines, records, rate, time left.
func (s *simulation) progress(took time.Duration) string {
	r := &s.report
	r.mu.Lock()
	defer r.mu.Unlock()
	line := fmt.Sprintf("day %d of %d: %d machines enrolled, %d records, %.0f machine-days/s", r.lives, r.Days+1, r.Enrolled, r.Records.Delivered,
		float64(r.MachineDays.Delivered)/took.Seconds())
	if r.lives > 0 {
		line = string(r.until) + ", " + line
		left := time.Duration(float64(took) / float64(r.lives) * float64(r.Days+1-r.lives))
		line += ", " + left.Round(time.Second).String() + " left"
	}
	return line
}

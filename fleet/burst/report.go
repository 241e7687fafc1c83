package burst

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Report is what a run did. Its numbers of posts and records are of this run.
type Report struct {
	Posts      int64   `json:"posts"`       // answered 200
	PostsPerS  float64 `json:"posts_per_s"` // from the first to the last answer
	P50        float64 `json:"p50_ms"`      // from before the request is written, or its connection opened, to the end of its answer; of those answered 200
	P99        float64 `json:"p99_ms"`
	Acked      int64   `json:"acked"`      // records that are on disk, as the collector said, each once
	Stored     int64   `json:"stored"`     // of these, looked for and found in the store
	Duplicates int64   `json:"duplicates"` // records that the collector has counted beside those, of the machines looked at
	Missing    int64   `json:"missing"`    // acknowledged, looked for and not found

	Machines       int     `json:"machines"`
	Records        int64   `json:"records"` // in the posts answered 200
	RecordsPerS    float64 `json:"records_per_s"`
	MaxMs          float64 `json:"max_ms"`
	BehindMs       float64 `json:"behind_ms"` // the longest that a post came after its turn, where there is a rate
	Refused        int64   `json:"refused"`   // records that the collector will never take
	Busy           int64   `json:"busy"`      // answers 429 and 503
	Errors         int64   `json:"errors"`    // other answers than 200, and posts without any
	GaveUp         int64   `json:"gave_up"`   // machines
	Unsent         int64   `json:"unsent"`    // records of the days to be sent that were not acknowledged
	Connections    int64   `json:"connections"`
	SentBytes      int64   `json:"sent_bytes"` // requests, without TLS
	Seconds        float64 `json:"seconds"`    // until the last answer
	Verified       int64   `json:"verified"`   // machines
	Unverified     int64   `json:"unverified"` // acknowledged records that could not be looked for
	VerifySeconds  float64 `json:"verify_seconds"`
	Exhausted      bool    `json:"exhausted"` // every machine has sent all days that a collector takes
	Enrolments     int     `json:"enrolments"`
	EnrolmentsPerS float64 `json:"enrolments_per_s"`
	CPUus          float64 `json:"cpu_us_per_post"` // processor time of this program while it posted
	Problem        string  `json:"problem,omitempty"`

	checking Check
	stopped  error // why it ended early
	first    error // why something was not taken, the first time
}

// report adds up what the workers did.
func (l *Load) report(workers []*worker) *Report {
	r := &Report{Machines: len(l.states), checking: l.plan.Check}
	var latency histogram
	end := l.start
	reason := ""
	for _, w := range workers {
		latency.merge(&w.latency)
		r.Posts += w.posts
		r.Records += w.records
		r.Refused += w.refused
		r.Busy += w.busy
		r.Errors += w.errors
		r.GaveUp += w.lost
		r.Connections += w.c.opened
		r.SentBytes += w.c.sent
		r.BehindMs = max(r.BehindMs, milliseconds(w.late))
		if w.last.After(end) {
			end = w.last
		}
		if r.first == nil {
			r.first = w.first
		}
		if reason == "" {
			reason = w.reason
		}
	}
	r.Exhausted = l.plan.Days == 0
	for i, s := range l.states {
		m := l.ids.Machines[i]
		r.Acked += m.Acked - s.acked
		if l.plan.Days > 0 {
			r.Unsent += int64(s.goal - m.Place)
		}
		r.Exhausted = r.Exhausted && m.Place >= s.goal
	}
	r.Seconds = end.Sub(l.start).Seconds()
	if r.Seconds > 0 {
		r.PostsPerS, r.RecordsPerS = float64(r.Posts)/r.Seconds, float64(r.Records)/r.Seconds
	}
	r.P50, r.P99, r.MaxMs = milliseconds(latency.quantile(.5)), milliseconds(latency.quantile(.99)), milliseconds(latency.longest)
	switch {
	case r.first != nil:
		r.Problem = r.first.Error()
	case reason != "":
		r.Problem = "refused: " + reason
	}
	return r
}

// settle counts as missing what a collector has said that it no longer has, of machines that were not looked at.
func (r *Report) settle(l *Load) {
	for i, s := range l.states {
		if s.short > 0 && !s.seen && l.ids.Machines[i].Acked > s.acked {
			r.Missing += min(s.short, l.ids.Machines[i].Acked-s.acked)
		}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Err says what is wrong with what the run found, or nothing.
func (r *Report) Err() error {
	var errs []error
	if r.Missing > 0 || r.Duplicates > 0 {
		errs = append(errs, fmt.Errorf("of %d acknowledged records %d are missing, and %d more are counted than were acknowledged: the collector does not keep what it says",
			r.Acked, r.Missing, r.Duplicates))
	}
	if r.Unverified > 0 {
		errs = append(errs, fmt.Errorf("%d acknowledged records could not be looked for: the collector did not answer, or does not count", r.Unverified))
	}
	switch {
	case errors.Is(r.stopped, context.Canceled) || errors.Is(r.stopped, context.DeadlineExceeded):
		errs = append(errs, errors.New("interrupted; not all that was acknowledged was looked for"))
	case r.stopped != nil:
		errs = append(errs, fmt.Errorf("%w; what was acknowledged was not looked for", r.stopped))
	}
	if r.GaveUp > 0 {
		errs = append(errs, fmt.Errorf("%d machines gave up: %s", r.GaveUp, r.Problem))
	}
	return errors.Join(errs...)
}

// Print writes the report for a person.
func (r *Report) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, format string, values ...any) { _, _ = fmt.Fprintf(w, name+"\t"+format+"\n", values...) } // Flush tells
	if r.Enrolments > 0 {
		line("enrolled", "%d machines, %.0f/s", r.Enrolments, r.EnrolmentsPerS)
	}
	line("posts", "%d in %.1f s, %.0f/s, over %d connections, %.1f MB", r.Posts, r.Seconds, r.PostsPerS, r.Connections, float64(r.SentBytes)/1e6)
	line("records", "%d, %.0f/s, of %d machines", r.Records, r.RecordsPerS, r.Machines)
	line("latency", "median %.1f ms, 99 %% within %.1f ms, longest %.1f ms", r.P50, r.P99, r.MaxMs)
	if r.BehindMs > 0 {
		line("pace", "up to %.1f ms behind", r.BehindMs)
	}
	if r.CPUus > 0 {
		line("processor", "%.1f µs of this program per post", r.CPUus)
	}
	if r.Busy+r.Errors+r.Refused+r.Unsent > 0 {
		line("trouble", "%d times busy, %d errors, %d records refused, %d not sent", r.Busy, r.Errors, r.Refused, r.Unsent)
	}
	if r.Problem != "" {
		line("", "%s", r.Problem)
	}
	if r.Exhausted {
		line("", "every machine has sent all days that a collector takes; enrol others for more")
	}
	line("acknowledged", "%d records", r.Acked)
	switch {
	case r.Verified > 0:
		line("looked for", "%d machines in %.1f s: %d records found, %d missing, %d counted twice", r.Verified, r.VerifySeconds, r.Stored, r.Missing, r.Duplicates)
	default:
		line("looked for", "none")
	}
	return w.Flush()
}

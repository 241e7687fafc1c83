package crawl

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"veille/collector"
)

// every is how often it looks whether something is to do. Outside the night that is one question to the ledger.
const every = time.Minute

// Run measures the websites whose night has come, and at any time those that somebody asked for, until ctx ends. It returns when all
// measures have ended.
func (c *Crawler) Run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	c.settleAll(ctx)
	r := &round{Crawler: c, workers: &workers}
	for ctx.Err() == nil {
		r.look(ctx)
		timer := time.NewTimer(every)
		select {
		case <-ctx.Done():
		case <-c.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// round is what Run knows from one look to the next.
type round struct {
	*Crawler
	workers *sync.WaitGroup
	swept   collector.Date // the night that began with sweeping
	deaf    bool           // the ledger does not answer, and it was said
}

// Why a measure is interrupted, beside the end of the program. It goes on later, if the website is still there.
var (
	errNight   = errors.New("the night is over: it goes on the next night")
	errGone    = errors.New("the website was removed")
	errChanged = errors.New("the rules of the website were changed: it begins anew")
)

// isStop tells whether an error is an interruption, and no trouble.
func isStop(err error) bool {
	for _, stop := range []error{errNight, errGone, errChanged, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, stop) {
			return true
		}
	}
	return false
}

// look begins and interrupts what is to be begun and interrupted now.
func (r *round) look(ctx context.Context) {
	now := r.Now()
	n := nightOf(now)
	r.interrupt(ctx, n.on(now))
	err := r.beginAsked(ctx)
	if n.on(now) {
		err = errors.Join(err, r.beginDue(ctx, n, now))
	}
	if err != nil && !r.deaf && ctx.Err() == nil {
		r.Log.ErrorContext(ctx, "the ledger says not which websites are to be measured, it is asked again every minute", "err", err)
	}
	r.deaf = err != nil
}

// interrupt ends the measures of websites that are gone or others now, and at the end of the night those that nobody asked for.
func (r *round) interrupt(ctx context.Context, night bool) {
	r.mu.Lock()
	under := []*job{}
	for _, j := range r.under {
		under = append(under, j)
	}
	r.mu.Unlock()
	for _, j := range under {
		w, err := r.Ledger.Website(ctx, j.website.ID)
		switch {
		case errors.Is(err, collector.ErrNotFound):
			j.stop(errGone)
		case err == nil && !sameRules(w, j.website):
			j.stop(errChanged)
		case !night && !j.asked:
			j.stop(errNight)
		}
	}
}

// beginAsked begins what somebody asked for.
func (r *round) beginAsked(ctx context.Context) error {
	asked, err := r.Ledger.AskedWebsites(ctx)
	if err != nil {
		return err
	}
	for _, id := range asked {
		if r.full() {
			return nil
		}
		if !r.rested(id, true) {
			continue
		}
		w, err := r.Ledger.Website(ctx, id)
		if errors.Is(err, collector.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		r.begin(ctx, w, true)
	}
	return nil
}

func (c *Crawler) full() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.under) >= c.Workers
}

// beginDue begins the websites whose time has come.
func (r *round) beginDue(ctx context.Context, n night, now time.Time) error {
	all, err := r.Ledger.Websites(ctx)
	if err != nil {
		return err
	}
	today := collector.DateOf(now)
	if r.swept != today {
		r.swept = today
		r.sweep(ctx, all)
	}
	type turn struct {
		w      collector.Website
		length time.Duration
	}
	var turns []turn
	for _, w := range all {
		if !r.rested(w.ID, false) {
			continue
		}
		if w.NextOn > today {
			if err := r.mend(ctx, w, now); err != nil {
				return err
			}
			continue
		}
		f := r.filesOf(w.ID)
		length := lengthOf(w, f)
		if f.has(journalNow) || now.Before(n.close) && !now.Before(n.turn(w.ID, length)) {
			turns = append(turns, turn{w, length})
		}
	}
	slices.SortFunc(turns, func(a, b turn) int { return cmp.Or(cmp.Compare(b.length, a.length), cmp.Compare(a.w.ID, b.w.ID)) })
	for _, t := range turns {
		if r.full() {
			break
		}
		r.begin(ctx, t.w, false)
	}
	return nil
}

// mend plans a website anew that is planned later than it can be: a clock was wrong, or it is to be measured more often now.
func (r *round) mend(ctx context.Context, w collector.Website, now time.Time) error {
	if w.Asked || w.NextOn <= collector.DateOf(now.AddDate(0, 0, daysOf(w)+2)) {
		return nil
	}
	r.Log.WarnContext(ctx, "website planned too far away, it is planned anew", "website", w.ID, "next_on", w.NextOn)
	next := collector.DateOf(now.AddDate(0, 0, 1+int(w.ID%int64(daysOf(w)))))
	err := r.Ledger.PlanWebsite(ctx, w.ID, collector.WebPlan{NextOn: next, Tries: w.Tries, Problem: w.Problem})
	if errors.Is(err, collector.ErrNotFound) {
		return nil
	}
	return err
}

// begin measures a website beside the others, unless it must wait.
func (r *round) begin(ctx context.Context, w collector.Website, asked bool) {
	ctx, stop := context.WithCancelCause(ctx)
	j, err := r.claim(w, asked, stop)
	if err != nil {
		stop(nil)
		return
	}
	r.workers.Go(func() {
		defer stop(nil)
		err := r.measure(ctx, j)
		r.release(j, err)
		switch {
		case err == nil:
		case errors.Is(err, errNight):
			r.Log.InfoContext(ctx, "website not measured to its end, it goes on the next night", "website", w.ID, "looked", j.state.Looked)
		case !isStop(err):
			r.Log.ErrorContext(ctx, "website not measured, it is tried again in an hour or the next night", "website", w.ID, "err", err)
		}
		r.awake()
	})
}

// settleAll keeps the runs that had come to their end when the program did.
func (c *Crawler) settleAll(ctx context.Context) {
	for _, id := range c.folders(ctx) {
		if u, err := c.filesOf(id).underWay(); err != nil || u.Run == nil {
			continue
		}
		if err := c.Measure(ctx, id); err != nil && !errors.Is(err, collector.ErrNotFound) && ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "the result of a website was not kept, it is tried again the next night", "website", strconv.FormatInt(id, 10), "err", err)
		}
	}
}

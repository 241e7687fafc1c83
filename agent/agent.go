// Package agent samples the machine, books its seconds and joules, and delivers what is closed.
package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"veille/agent/spool"
	"veille/agent/wire"
)

// Config says what an agent runs with.
type Config struct {
	Data      string        // folder of its files
	Period    time.Duration // between samples, 1 s to 5 min
	History   time.Duration // how far back the system's log is read when the agent first starts; 0: not at all
	PostEvery time.Duration // how often the running hour is posted as it grows; 0: only when it is over
	Survey    Survey
	System    System
	Identity  Identity
	Spool     *spool.Spool
	Courier   *Courier
	Log       *slog.Logger
}

// Agent counts one machine's seconds and joules. See Run.
type Agent struct {
	Config
	sampler sampler
	book    book
	last    position
	closed  []slot        // not in the spool yet
	dropped int           // records, as last logged
	posted  time.Duration // awake clock at the last post of the running hour
	looked  time.Duration // awake clock when screens and sleep setting were looked at
	wanted  string        // the date on which the agent first started, as long as the days before it are to be made
	broken  string        // the problem of the last sample, logged when it appeared
	deaf    string        // what the system could not be asked to tell, logged when it appeared
	silent  string        // why there is no history, logged once
	mute    string        // why the meter gave no figure in the last sample, logged when it appeared
}

// New makes an agent that goes on where the one before it in the same folder stopped.
func New(c Config) (*Agent, error) {
	if c.Period < time.Second || c.Period > 5*time.Minute {
		return nil, fmt.Errorf("a sampling period of %v is not between 1s and 5m", c.Period)
	}
	if c.PostEvery > 0 && !c.Identity.Use.Hourly() {
		return nil, errors.New("a machine of use individual posts once a day, at a random minute; remove --post-every")
	}
	calendar, err := CalendarOf(c.Identity.Policy)
	if err != nil {
		return nil, err
	}
	a := &Agent{
		Config: c, sampler: sampler{system: c.System, meters: c.Survey.counting, quiet: true}, looked: -time.Hour,
		book: book{calendar: calendar, Hourly: c.Identity.Use.Hourly(), known: c.Survey.known},
	}
	if !c.Identity.Use.Hourly() {
		if _, err := c.Spool.DropHours(); err != nil {
			return nil, err
		}
	}
	return a, a.load()
}

// Run samples until ctx ends, then once more, and leaves everything on disk.
func (a *Agent) Run(ctx context.Context) error {
	a.Log.InfoContext(ctx, "agent started", "collector", a.Identity.Collector, "use", a.Identity.Use, "period_s", a.Period.Seconds())
	var courier sync.WaitGroup
	courier.Go(func() { a.Courier.Run(ctx) })
	defer courier.Wait()
	a.Courier.Wake() // for what the last run left
	tick := time.NewTicker(a.Period)
	defer tick.Stop()
	for {
		a.once(ctx, &a.broken, "a sample was not taken or not kept", a.sample(ctx, false))
		select {
		case <-tick.C:
		case <-ctx.Done():
			err := a.sample(context.WithoutCancel(ctx), true)
			a.Log.InfoContext(ctx, "agent stopped")
			return err
		}
	}
}

// once logs a problem when it appears, not at every sample.
func (a *Agent) once(ctx context.Context, last *string, message string, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != *last && text != "" {
		a.Log.WarnContext(ctx, message, "err", err) //nolint:sloglint // both callers give a constant
	}
	*last = text
}

// sample books what happened since the last one, spools what is closed, and keeps the position. stopping tells that it is
// the agent's last.
func (a *Agent) sample(ctx context.Context, stopping bool) error {
	x, now, err := a.sampler.next(ctx, a.last)
	if err != nil {
		return err
	}
	now.Stopped = stopping
	if a.book.Booked == 0 { // the very first: of the time before, only the system's log knows
		a.book.Booked = now.Clock.Wall.Unix()
	} else {
		a.closed = append(a.closed, a.book.advance(x, now.Clock.Wall, a.Period)...)
	}
	if a.hourly(now.Clock.Awake) {
		a.Survey.Refresh(a.System)
		a.book.known.screens = a.Survey.known.screens // a screen counts from now on
		if a.Survey.findBattery(a.System) {
			a.sampler.meters = a.Survey.counting
		}
		a.once(ctx, &a.silent, "days before this one stay unknown", a.history(ctx, now.Clock.Wall))
	}
	a.last = now
	a.once(ctx, &a.deaf, "the system does not tell everything, display or standby may count as on", a.System.trouble())
	a.once(ctx, &a.mute, "meter not read, its part of the energy is absent or less sure", x.refused)
	var errs []error
	for len(a.closed) > 0 && len(errs) == 0 { // what cannot be spooled now is kept, and tried again at the next sample
		if err := a.spool(a.closed[0]); err != nil {
			errs = append(errs, err)
			continue
		}
		a.closed = a.closed[1:]
	}
	if n := a.Spool.Dropped(); n > a.dropped {
		a.Log.WarnContext(ctx, "records dropped, too many wait for the collector", "records", n-a.dropped)
		a.dropped = n
	}
	if a.due(now) {
		a.posted = now.Clock.Awake
		errs = append(errs, a.spool(*a.book.Slot))
	}
	return errors.Join(append(errs, a.learn(x), a.save())...)
}

// hourly tells whether an hour has gone since it said so, at first at once.
func (a *Agent) hourly(awake time.Duration) bool {
	if since := awake - a.looked; since >= 0 && since < time.Hour {
		return false
	}
	a.looked = awake
	return true
}

// due tells whether the running hour is to be posted as it stands.
func (a *Agent) due(now position) bool {
	return a.PostEvery > 0 && a.book.Slot != nil && (now.Stopped || now.Clock.Awake-a.posted >= a.PostEvery-a.Period/2)
}

// spool makes a slot wait for its upload. One that waits already and covers more, because a clock was wrong in between, is
// left in its place.
func (a *Agent) spool(s slot) error {
	r := s.record(a.Identity.Use, a.Survey.Machine)
	if e, ok := a.Spool.Find(s.key()); ok {
		var waiting wire.Record
		if err := json.Unmarshal(e.Body, &waiting); err == nil && waiting.CoveredS() > r.CoveredS() {
			return nil
		}
	}
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write the record of %s: %w", s.key(), err)
	}
	if err := a.Spool.Put(s.key(), body); err != nil {
		return err
	}
	a.Courier.Wake()
	return nil
}

// Delay is how long a closed record waits for its upload, at random: some hours for an individual machine, so that the
// time of the upload says nothing of who came or went, but minutes after a start, because a machine may be used for less
// than an hour a day; a few minutes for the others, so that a fleet does not come all at once; nothing to speak of when
// the running hour is posted all the time.
func Delay(use wire.Use, postEvery time.Duration) func() time.Duration {
	most, first := 5*time.Minute, 10*time.Minute
	switch {
	case !use.Hourly():
		most = 4 * time.Hour
	case postEvery > 0:
		most, first = postEvery/10, postEvery/10
	}
	return func() time.Duration {
		d := rand.N(first + 1)
		first = most
		return d
	}
}

// kept is the agent's memory, on disk: where the counters stood, and the running day or hour. It is of the current day,
// and overwritten by each sample.
type kept struct {
	Last   position `json:"last"`
	Book   book     `json:"book"`
	Closed []slot   `json:"closed,omitempty"`
	Wanted string   `json:"wanted,omitempty"` // see Agent
}

const keptFile = "running.json"

func (a *Agent) save() error {
	text, err := json.Marshal(kept{a.last, a.book, a.closed, a.wanted})
	if err != nil {
		return fmt.Errorf("keep the running record: %w", err)
	}
	if err := spool.ReplaceFile(filepath.Join(a.Data, keptFile), text); err != nil {
		return fmt.Errorf("keep the running record: %w; it grows on in memory, and is lost when the agent ends: make room on the disk, or let the agent write there", err)
	}
	return nil
}

// load takes up what the last run left. A file that cannot be understood is left aside: its hour stays unknown.
func (a *Agent) load() error {
	name := filepath.Join(a.Data, keptFile)
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return a.begin()
	case err != nil:
		return fmt.Errorf("read the running record: %w", err)
	}
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		a.Log.Warn("the running record is damaged, and its time stays unknown", "file", name, "err", err)
		return nil
	}
	a.last, a.wanted = k.Last, k.Wanted
	if a.book.take(k.Book) {
		a.closed = k.Closed
	}
	return nil
}

// take goes on with what another run booked. When the calendar has changed since, the running slot no longer fits: it is
// left as it was booked, and the rest of it stays unknown. When the use class has changed between hours and days, nothing is
// taken over but the place in time: hours of a machine that became personal are not to be sent, and a day and hours of one
// date would count twice. It tells whether the slots were taken over.
func (b *book) take(before book) bool {
	if b.Booked = before.Booked; before.Hourly != b.Hourly {
		return false
	}
	b.Slot, b.Aside, b.Carry = before.Slot, before.Aside, before.Carry
	if a := b.Aside; a != nil && !b.slotAt(a.Slot.Start).fits(a.Slot) {
		a.Booked = a.Slot.End
	}
	if b.Slot == nil {
		return true
	}
	if now := b.slotAt(b.Slot.Start); !now.fits(*b.Slot) {
		b.Booked = max(b.Booked, b.Slot.End)
	}
	return true
}

func (s slot) fits(other slot) bool {
	if s.key() != other.key() || s.Start != other.Start || s.End != other.End || len(s.Parts) != len(other.Parts) {
		return false
	}
	for i, p := range s.Parts {
		if p.Part != other.Parts[i].Part || p.LengthS != other.Parts[i].LengthS {
			return false
		}
	}
	return true
}

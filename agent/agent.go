// Package agent samples the machine, books its seconds and joules, and delivers what is closed.
package agent

import (
	"bytes"
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

	"veille/agent/power"
	"veille/agent/spool"
	"veille/agent/uptime"
	"veille/agent/wire"
)

// Config says what an agent runs with.
type Config struct {
	Data     string        // folder of its files
	Limits   Limits        // under the policy
	Policies []wire.Policy // of the collector, the newest first: see LoadPolicies
	Floor    int64         // number of the newest policy, whether or not it can be read
	Survey   Survey
	System   System
	Identity Identity
	Spool    *spool.Spool
	Courier  *Courier
	Log      *slog.Logger
	Spent    func() (Spent, error) // what this process has taken since it started; nil: not counted
}

// Agent counts one machine's seconds and joules. See Run.
type Agent struct {
	Config
	sampler sampler
	book    book
	last    position      // zero: counting begins with the next sample
	closed  []slot        // not in the spool yet
	trial   *trial        // the clock has not settled since the boot
	resting bool          // paused, and what was before is on disk
	spent   Spent         // as last booked
	dropped int           // records, as last logged
	posted  time.Duration // awake clock at the last post of the running hour
	looked  time.Duration // awake clock when screens and sleep setting were looked at
	wanted  string        // the date on which the agent first started, as long as the days before it are to be made
	greets  bool          // it has never told of this machine, whose hours may be told
	broken  string        // the problem of the last sample, logged when it appeared
	deaf    string        // what the system could not be asked to tell, logged when it appeared
	silent  string        // why there is no history, logged once
	mute    string        // why the meter gave no figure in the last sample, logged when it appeared
}

// ErrPolicy ends a Run: a newer policy has come, and the agent is to be made again under it.
var ErrPolicy = errors.New("a newer policy is in force")

// New makes an agent that goes on where the one before it in the same folder stopped.
func New(c Config) (*Agent, error) {
	if err := c.Limits.Check(); err != nil {
		return nil, err
	}
	a := &Agent{
		Config: c, sampler: sampler{system: c.System, meters: c.Survey.counting, quiet: true}, looked: -time.Hour,
		book: book{Hourly: c.Limits.Use.Hourly(), known: c.Survey.known},
	}
	a.Survey.Machine = c.Limits.reduce(wire.Record{Machine: c.Survey.Machine}).Machine
	if err := a.book.follow(c.Policies); err != nil {
		return nil, err
	}
	if !c.Limits.Use.Hourly() {
		if _, err := c.Spool.DropHours(); err != nil { // they count as dropped
			return nil, err
		}
	}
	if err := a.omitWaiting(); err != nil {
		return nil, err
	}
	if err := a.load(); err != nil {
		return nil, err
	}
	return a, a.forget()
}

// forget removes from disk the policies that are over: all but the one in force and that of the running day.
func (a *Agent) forget() error {
	keep := []int64{a.book.Serial, a.Floor}
	if len(a.Policies) > 0 {
		keep = append(keep, a.Policies[0].Serial)
	}
	if err := forgetPolicies(a.Data, a.Identity, keep...); err != nil {
		return fmt.Errorf("remove the policies that are over: %w", err)
	}
	return nil
}

// omitWaiting takes out of the records that wait what a policy that came since does not want said.
func (a *Agent) omitWaiting() error {
	if len(a.Limits.Omit) == 0 {
		return nil
	}
	entries, err := a.Spool.Waiting(0)
	if err != nil {
		return err
	}
	for _, e := range entries {
		var r wire.Record
		if json.Unmarshal(e.Body, &r) != nil {
			continue // for the collector to judge
		}
		body, err := json.Marshal(a.Limits.reduce(r))
		if err == nil && !bytes.Equal(body, e.Body) {
			err = a.Spool.Put(e.Key, body)
		}
		if err != nil {
			return fmt.Errorf("omit from the record of %s: %w", e.Key, err)
		}
	}
	return nil
}

// Run samples until ctx ends, then once more, and leaves everything on disk. It ends with ErrPolicy when a newer policy has
// come.
func (a *Agent) Run(ctx context.Context) error {
	var courier sync.WaitGroup
	within, stop := context.WithCancel(ctx)
	courier.Go(func() { a.Courier.Run(within) })
	defer courier.Wait()
	defer stop()
	a.Courier.Wake() // for what the last run left
	tick := time.NewTicker(a.Limits.Period)
	defer tick.Stop()
	var greeting <-chan time.Time
	if a.greets {
		greeting = time.After(greetAfter)
	}
	a.greets = false
	for {
		a.once(ctx, &a.broken, "a sample was not taken or not kept", a.tick(ctx, false))
		select {
		case <-tick.C:
		case <-greeting:
			a.greets = true
		case <-a.Courier.News():
			a.once(ctx, &a.broken, "a sample was not taken or not kept", a.tick(ctx, false))
			return ErrPolicy
		case <-ctx.Done():
			return a.tick(context.WithoutCancel(ctx), true)
		}
	}
}

// greetAfter is when a new machine of which hours are told posts the hour that runs, once: who installs agents sees that it has come. One that
// was booted just before does when its clock has settled.
const greetAfter = 20 * time.Second

// tick takes a sample, unless the agent is paused.
func (a *Agent) tick(ctx context.Context, stopping bool) error {
	if a.Limits.Paused || Paused(a.Data) {
		return a.rest(ctx)
	}
	if a.resting {
		a.resting = false
		a.Courier.Wake() // for what waited meanwhile
		a.Log.InfoContext(ctx, "counting again")
	}
	return a.sample(ctx, stopping)
}

// rest counts nothing and reads nothing but the clock on the wall: the time is unknown. What was counted before is closed when
// its day is over.
func (a *Agent) rest(ctx context.Context) error {
	if a.trial != nil { // the clock had not settled: what is not known stays unknown
		if err := a.goBack(); err != nil {
			return err
		}
		a.trial = nil
	}
	if a.last = (position{}); !a.resting {
		a.resting, a.sampler.primed = true, false
		a.Log.InfoContext(ctx, "paused, nothing is counted")
	} else if left := a.over() - time.Now().Unix(); left > 0 && left <= longestDay {
		return nil
	}
	a.closed = append(a.closed, a.book.skip(time.Now())...)
	err := a.deliver()
	a.Courier.Wake() // once a day: the policy may have changed
	return errors.Join(err, a.save())
}

// longestDay is in seconds. A book that is further ahead was moved by a clock that was wrong.
const longestDay = 26 * 3600

// over is the second at which the running day of the site is over.
func (a *Agent) over() int64 {
	_, _, end := a.book.calendar.Day(time.Unix(a.book.Booked, 0))
	return end.Unix()
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
	begins := a.last.Clock.Wall.IsZero() // counting begins, after a pause
	back, err := a.try(now, x.span.Boot && !begins || begins && a.book.Booked != 0 && now.Clock.SinceBoot < settling)
	if err != nil {
		return err
	}
	if back { // what was measured since the boot is not known by time any more
		x = sample{span: uptime.Between(a.last.Clock, now.Clock, a.last.Stopped), load: power.UnknownLoad()}
	}
	if a.last.Clock.Wall.IsZero() { // of the time before, only the system's log knows
		x = sample{}
		a.closed = append(a.closed, a.book.skip(now.Clock.Wall)...)
	} else {
		x.between = a.between(ctx, now, x.span)
		a.closed = append(a.closed, a.book.advance(x, now.Clock.Wall, a.Limits.Period)...)
	}
	a.spend()
	if a.hourly(now.Clock.Awake) {
		a.look(ctx, now)
	}
	a.last = now
	a.once(ctx, &a.deaf, "the system does not tell everything, display or standby may count as on", a.System.trouble())
	a.once(ctx, &a.mute, "meter not read, its part of the energy is absent or less sure", x.refused)
	errs := []error{a.deliver()}
	if n := a.Spool.Dropped(); n > a.dropped {
		a.Log.WarnContext(ctx, "records dropped, too many wait for the collector or they are too old", "records", n-a.dropped)
		a.dropped = n
	}
	if a.trial == nil && a.due(now) {
		a.posted = now.Clock.Awake
		errs = append(errs, a.spool(*a.book.Slot, a.book.Cost))
		if a.greets {
			a.Courier.Hurry()
		}
		a.greets = false
	}
	return errors.Join(append(errs, a.learn(x), a.save())...)
}

// look looks again at what changes while a machine runs, and at the days before the first start.
func (a *Agent) look(ctx context.Context, now position) {
	a.Survey.Refresh(a.System)
	a.Survey.Machine = a.Limits.reduce(wire.Record{Machine: a.Survey.Machine}).Machine
	a.book.known.screens = a.Survey.known.screens // a screen counts from now on
	if a.Survey.findBattery(a.System) {
		a.sampler.meters = a.Survey.counting
	}
	a.once(ctx, &a.silent, "days before this one stay unknown", a.history(ctx, now.Clock.Wall))
}

// deliver brings what is closed to the spool. It is on disk as it will be sent before it goes there: a crash in between cannot
// make a closed day again with other figures. What cannot be spooled now is kept, and tried again at the next sample.
func (a *Agent) deliver() error {
	settled := len(a.closed)
	if a.trial != nil { // what was closed since the boot may be booked once more
		settled = min(settled, a.trial.Closed)
	}
	if settled == 0 {
		return nil
	}
	if err := a.price(); err != nil {
		return err
	}
	for i := range a.closed {
		if a.closed[i].Draw == 0 {
			a.closed[i].Draw = rand.Uint64()
		}
	}
	if err := a.save(); err != nil {
		return err
	}
	for range settled {
		s := a.closed[0]
		if err := a.spool(s, s.Cost); err != nil {
			return err
		}
		if day, err := time.Parse(time.DateOnly, s.Date); err == nil { // not the clock's date, which may be years ahead
			if err := a.Spool.Expire(day); err != nil {
				return err
			}
		}
		a.closed = a.closed[1:]
		if a.trial != nil {
			a.trial.Closed--
		}
	}
	return nil
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
	if a.book.Slot == nil {
		return false
	}
	return a.greets || a.Limits.PostEvery > 0 && (now.Stopped || now.Clock.Awake-a.posted >= a.Limits.PostEvery-a.Limits.Period/2)
}

// spool makes a slot wait for its upload. A day is closed once: one that was made already, before a clock was set back, is left
// as it is. Of an hour, which may have been posted as it grew, what waits and covers more is left in its place.
func (a *Agent) spool(s slot, cost *wire.Cost) error {
	r := a.Limits.reduce(s.record(a.Limits.Use, a.Survey.Machine, cost))
	if !a.Limits.Use.Hourly() {
		r = blur(r, s.Draw)
	}
	if s.Hour < 0 && a.Spool.Has(s.key()) {
		return nil
	}
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

// Delay is how long a visit to the collector waits, at random. waits tells whether a record does.
type Delay func(waits bool) time.Duration

// DelayOf is some hours for an individual machine, so that the time of the upload says nothing of who came or went, but minutes
// after a start when a record waits, because a machine may be used for less than an hour a day; a few minutes for the others, so
// that a fleet does not come all at once; nothing to speak of when the running hour is posted all the time. A policy may ask for
// more.
func DelayOf(l Limits) Delay {
	most := l.usual()
	first := min(most, max(l.Spread/24, 10*time.Minute))
	return func(waits bool) time.Duration {
		if !waits {
			return rand.N(most + 1)
		}
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
	Trial  *trial   `json:"trial,omitempty"`
}

const keptFile = "running.json"

func (a *Agent) save() error {
	text, err := json.Marshal(kept{a.last, a.book, a.closed, a.wanted, a.trial})
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
	taken, err := a.book.take(k.Book, a.Policies)
	if taken {
		a.closed, a.trial = k.Closed, k.Trial
	}
	return err
}

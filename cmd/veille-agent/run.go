package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/cost"
	"veille/agent/link"
	"veille/agent/spool"
	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/cmd/internal/settings"
)

func runCommand(stderr io.Writer) command.Command {
	s := service{later: agent.Later}
	var history int
	return command.Command{
		Name: "run", Summary: "count until told to stop: the service; enrols the machine where its settings name a collector and a token",
		Example: "run\nrun --settings /etc/veille/agent.conf\nrun --data ./var/agent --period 10s --post-every 10s",
		Sources: registered, Refuse: s.refuse,
		Flags: func(fs *pflag.FlagSet) {
			dataFlag(fs, &s.data)
			fs.DurationVar(&s.limits.Period, "period", usualPeriod, "`time` between samples, 1s to 5m")
			fs.DurationVar(&s.limits.PostEvery, "post-every", 0, "post the running hour as it grows, this `often`; 0: only when it is over (shared and server)")
			fs.IntVar(&history, "history", spool.Days, "when the agent first starts, read in the system's log when the machine was on in this many `days` before; 0: not at all")
			s.ask.flags(fs)
			serviceFlag(fs, &s.managed)
			fs.String(settings.File, "", "settings `file` with lines \"name = value\"")
			s.way.flags(fs)
			s.where.flags(fs)
			s.where.knowledgeFlags(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if err := s.check(history); err != nil {
				return s.refuse(err)
			}
			s.limits.History = time.Duration(history) * 24 * time.Hour
			rest(ctx)
			if s.managed {
				return manage(s.runs)
			}
			s.log = slog.New(slog.NewTextHandler(stderr, nil))
			return s.run(ctx)
		},
	}
}

// check says what is wrong with the settings, as far as it goes. history is in days.
func (s *service) check(history int) error {
	switch err := s.ask.check(); {
	case err != nil:
		return err
	case s.limits.Period < time.Second || s.limits.Period > 5*time.Minute:
		return command.Usage("--period %v is not between 1s and 5m", s.limits.Period)
	case s.limits.PostEvery < 0 || s.limits.PostEvery > time.Hour:
		return command.Usage("--post-every %v is not between 0 and 1h", s.limits.PostEvery)
	case history < 0 || history > spool.Days:
		return command.Usage("--history %d is not between 0 and %d days", history, spool.Days)
	}
	return nil
}

// refuse says that the settings are wrong: a service to the manager of services and its log, since nobody sees what it prints.
func (s *service) refuse(err error) error {
	if !s.managed {
		return err
	}
	return manage(func(context.Context, *slog.Logger) error { return err })
}

// runs is run, with a log.
func (s *service) runs(ctx context.Context, log *slog.Logger) error {
	s.log = log
	return s.run(ctx)
}

// service is the agent as it was told to run.
type service struct {
	where   machine
	way     way
	ask     invitation // for an identity, where the machine has none
	data    string
	limits  agent.Limits // of the settings, before a policy lowers them
	managed bool         // the system's manager of services has started it: Windows only
	log     *slog.Logger
	system  agent.System
	booked  agent.Spent // by the agents that this process ran before

	// Of a machine that is not enrolled as its settings say.
	again    time.Duration                  // until that is tried again; 0: it is
	failures int                            // in a row
	later    func(error, int) time.Duration // what again is after a failure, and how many there were
}

// run counts until ctx ends.
func (s service) run(ctx context.Context) error {
	if err := usable(s.data); err != nil {
		return err
	}
	unlock, err := agent.Lock(s.data)
	if err != nil {
		return err
	}
	id, err := s.identity(ctx)
	if ctx.Err() != nil { // it was told to stop while it waited for its collector
		return unlock()
	}
	if err == nil {
		s.system, err = s.where.system()
	}
	if err != nil {
		return errors.Join(err, unlock())
	}
	for err = s.enrolled(ctx, id); err == nil && s.again > 0 && ctx.Err() == nil; err = s.enrolled(ctx, id) {
		id = s.moved(ctx, id)
	}
	s.log.InfoContext(ctx, "agent stopped")
	return errors.Join(err, unlock())
}

// enrolled counts for an identity until ctx ends, or it is time to try again to get the one that the settings want. When a newer policy
// has come, the agent is made again under it and goes on where it was.
func (s *service) enrolled(ctx context.Context, id agent.Identity) error {
	way := s.wayTo(id)
	road, err := way.open(id)
	if err != nil {
		return err
	}
	id = s.lowered(ctx, id)
	if s.managed && agent.SameCollector(id.Collector, s.ask.collector) && s.again == 0 {
		if err := forgetToken(); err != nil {
			s.log.WarnContext(ctx, "the token stays where it is", "err", err)
		}
	}
	if s.again > 0 {
		var done context.CancelFunc
		ctx, done = context.WithTimeout(ctx, s.again)
		defer done()
	}
	if s.failures <= 1 {
		s.log.InfoContext(ctx, "agent started", "collector", id.Collector, "use", id.Use)
	}
	s.booked.Sent, s.booked.Received = 0, 0 // the road counts from its beginning
	for err = agent.ErrPolicy; errors.Is(err, agent.ErrPolicy) && ctx.Err() == nil; {
		err = s.under(ctx, id, road)
		s.booked, _ = spent(road) // an error is met again by the next, which counts nothing
	}
	if errors.Is(err, agent.ErrPolicy) {
		err = nil
	}
	return err
}

// under counts under the policy that is on disk, until ctx ends or a newer one has come. What this process has taken before is
// booked already.
func (s *service) under(ctx context.Context, id agent.Identity, road *link.Link) error {
	policies, floor, err := agent.LoadPolicies(s.data, id)
	if err != nil { // those that could be read are in the list
		s.log.WarnContext(ctx, "a policy on disk cannot be read; where it is the newest, nothing is counted until the collector has given it again", "err", err)
	}
	var policy wire.Policy
	if len(policies) > 0 {
		policy = policies[0]
	}
	serial := policy.Serial
	if floor > serial {
		policy.Pause = true // until it has been given again
		if err := agent.ForgetAsked(s.data); err != nil {
			return err
		}
	}
	if policy.Pause || policy.Serial > 0 && s.booked != (agent.Spent{}) {
		s.log.InfoContext(ctx, "policy in force", "serial", policy.Serial, "paused", policy.Pause)
	}
	limits := s.limits
	limits.Use, limits.Products = id.Use, s.where.products
	limits = limits.Under(policy)
	told := limits
	told.Paused = limits.Paused || agent.Paused(s.data)
	if err := agent.WriteNotices(s.data, policy, told); err != nil {
		s.log.WarnContext(ctx, "the notice for the users of this machine was not written", "err", err)
	}
	survey, err := s.where.lookAs(ctx, s.system, s.data, limits.Products)
	if err != nil {
		return err
	}
	box, err := spool.Open(filepath.Join(s.data, "spool"), perDay(limits.Use))
	if err != nil {
		return err
	}
	courier := agent.NewCourier(road.Client, id, box, s.log, agent.DelayOf(limits))
	courier.Data, courier.Serial, courier.Floor = s.data, serial, floor
	a, err := agent.New(agent.Config{
		Data: s.data, Limits: limits, Policies: policies, Floor: floor, Survey: survey, System: s.system, Identity: id, Spool: box,
		Courier: courier, Log: s.log, Spent: func() (agent.Spent, error) {
			now, err := spent(road)
			return now.Since(s.booked), err
		},
	})
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

// spent is what this process has taken since it started.
func spent(road *link.Link) (agent.Spent, error) {
	u, err := cost.Read()
	if err != nil {
		return agent.Spent{}, err
	}
	out, in := road.Bytes()
	return agent.Spent{CPU: u.CPU, Wakeups: u.Wakeups, Sent: out, Received: in}, nil
}

// perDay is how many records a day of a machine has.
func perDay(use wire.Use) int {
	if use.Hourly() {
		return 25
	}
	return 1
}

package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/wire"
	"veille/cmd/internal/command"
)

// invitation is what a machine is told to enrol with.
type invitation struct {
	collector, token, use string
	personal              bool
	said                  func() bool // the use was said, and is not what counts where nobody says anything
}

func (a *invitation) flags(fs *pflag.FlagSet) {
	fs.StringVar(&a.collector, "collector", "", "`address` of the collector; https, or http on this machine")
	fs.StringVar(&a.token, "token", "", "the site's `token`; better set as VEILLE_TOKEN or in a file of settings, which other users cannot list")
	fs.StringVar(&a.use, "use", string(wire.Individual), "use `class`: individual (one record a day, no hour), shared or server (one an hour)")
	command.Values(fs, "use", string(wire.Individual), string(wire.Shared), string(wire.Server))
	a.said = func() bool { return fs.Changed("use") }
	fs.BoolVar(&a.personal, "personal", false, "this machine belongs to a person: it is not enrolled and not measured")
}

// check says what is wrong with what was told, as far as it goes.
func (a *invitation) check() error {
	use := wire.Use(a.use)
	switch {
	case a.personal:
		return command.Usage("%w", agent.ErrPersonal)
	case use != wire.Individual && !use.Hourly():
		return command.Usage("--use %s is none of individual, shared, server", a.use)
	case a.collector == "":
		return nil
	}
	if err := agent.CheckCollector(a.collector); err != nil {
		return command.Usage("%w", err)
	}
	return nil
}

// complete says what is wrong or missing.
func (a *invitation) complete() error {
	switch err := a.check(); {
	case err != nil:
		return err
	case a.collector == "":
		return command.Usage("no collector given; add --collector https://…")
	case a.token == "":
		return command.Usage("no token given; ask the collector's administrator for one, and set VEILLE_TOKEN")
	}
	return nil
}

// request is what the machine asks its collector, and the client that reaches it.
func (a *invitation) request(ctx context.Context, where *machine, road *way, data string) (agent.Request, *http.Client, error) {
	system, err := where.system()
	if err != nil {
		return agent.Request{}, nil, err
	}
	survey, err := where.lookAs(ctx, system, data, nil)
	if err != nil {
		return agent.Request{}, nil, err
	}
	l, err := road.open(agent.Identity{Collector: a.collector})
	if err != nil {
		return agent.Request{}, nil, err
	}
	return agent.Request{
		Collector: a.collector, Token: a.token, Use: wire.Use(a.use), Machine: survey.Machine,
		Proxy: road.proxy, CAFile: road.ca, Pin: road.pin,
	}, l.Client, nil
}

// enrol gives the machine an identity. silent is what agent.Enrol answers.
func (a *invitation) enrol(ctx context.Context, where *machine, road *way, data string) (id agent.Identity, silent int, err error) {
	ask, client, err := a.request(ctx, where, road, data)
	if err != nil {
		return agent.Identity{}, 0, err
	}
	return agent.Enrol(ctx, client, data, ask)
}

// errNothing says that neither the machine has an identity nor its settings what it takes to get one.
var errNothing = command.Usage("this machine is not enrolled, and its settings name no collector and token; set both and start the service again, or run veille-agent enrol")

// wants tells whether the settings name another collector or another use than a machine is enrolled with, and what it takes to enrol anew.
func (a *invitation) wants(id agent.Identity) bool {
	return a.complete() == nil && (!agent.SameCollector(id.Collector, a.collector) || a.said() && wire.Use(a.use) != id.Use)
}

// identity is the one that the machine has. One that has none gets it from the collector of its settings, for which it waits.
func (s *service) identity(ctx context.Context) (agent.Identity, error) {
	id, err := agent.LoadIdentity(s.data)
	switch none := errors.Is(err, agent.ErrNotEnrolled); {
	case none && s.ask.complete() != nil:
		return id, errNothing
	case none:
		ask, client, err := s.ask.request(ctx, &s.where, &s.way, s.data)
		if err != nil {
			return id, err
		}
		return agent.Join(ctx, client, s.data, ask, s.log)
	case err != nil:
		return id, err
	}
	return s.moved(ctx, id), nil
}

// moved is the identity of an enrolled machine where its settings want it: at another collector, or of another use. While it does not get
// it there it goes on with the one that it has, and s.again is when to try anew: who starts before his network does would else never move.
func (s *service) moved(ctx context.Context, id agent.Identity) agent.Identity {
	s.again = 0
	if s.ask.wants(id) {
		ask, client, err := s.ask.request(ctx, &s.where, &s.way, s.data)
		if err == nil {
			var there agent.Identity
			if there, _, err = agent.Enrol(ctx, client, s.data, ask); err == nil {
				s.failures = 0
				return there
			}
		}
		if s.failures++; s.failures == 1 {
			s.log.WarnContext(ctx, "not enrolled as the settings say, goes on as before and tries again", "collector", id.Collector, "use", id.Use, "err", err)
		}
		s.again = s.later(err, s.failures)
	}
	return id
}

// lowered is an identity of which no more is told than the settings allow, whatever the machine was enrolled as.
func (s *service) lowered(ctx context.Context, id agent.Identity) agent.Identity {
	if s.ask.said() && !wire.Use(s.ask.use).Hourly() && id.Use.Hourly() {
		if s.failures <= 1 {
			s.log.WarnContext(ctx, "the settings say individual: only whole days are told; enrol this machine again, for the collector to take it for a person's too",
				"collector", id.Collector, "enrolled", id.Use)
		}
		id.Use = wire.Individual
	}
	return id
}

// wayTo is the way to the collector of an identity. Authority and pin of the settings are those of the collector that they name, which has
// not answered yet where it is another one.
func (s *service) wayTo(id agent.Identity) way {
	if s.again > 0 && !agent.SameCollector(id.Collector, s.ask.collector) {
		return way{proxy: s.way.proxy}
	}
	return s.way
}

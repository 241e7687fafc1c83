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
}

func (a *invitation) flags(fs *pflag.FlagSet) {
	fs.StringVar(&a.collector, "collector", "", "`address` of the collector; https, or http on this machine")
	fs.StringVar(&a.token, "token", "", "the site's `token`; better set as VEILLE_TOKEN or in a file of settings, which other users cannot list")
	fs.StringVar(&a.use, "use", string(wire.Individual), "use `class`: individual (one record a day, no hour), shared or server (one an hour)")
	command.Values(fs, "use", string(wire.Individual), string(wire.Shared), string(wire.Server))
	fs.BoolVar(&a.personal, "personal", false, "this machine belongs to a person: it is not enrolled and not measured")
}

// check says what is wrong with what was told, as far as it goes.
func (a *invitation) check() error {
	use := wire.Use(a.use)
	switch {
	case a.personal:
		return agent.ErrPersonal
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

// identity is the one that the machine has. Where its settings name another collector and a token, or it has none, it gets one there: a
// machine that has none waits for the collector, and one that is enrolled elsewhere goes on there while the new one does not answer.
func (s *service) identity(ctx context.Context) (agent.Identity, error) {
	id, err := agent.LoadIdentity(s.data)
	none, told := errors.Is(err, agent.ErrNotEnrolled), s.ask.complete() == nil
	switch {
	case none && !told:
		return id, errNothing
	case err != nil && !none:
		return id, err
	case !none && (!told || agent.SameCollector(id.Collector, s.ask.collector)):
		return id, nil
	}
	ask, client, err := s.ask.request(ctx, &s.where, &s.way, s.data)
	if err != nil {
		return id, err
	}
	if none {
		return agent.Join(ctx, client, s.data, ask, s.log)
	}
	if moved, _, err := agent.Enrol(ctx, client, s.data, ask); err == nil {
		id = moved
	} else {
		s.log.WarnContext(ctx, "not enrolled at the collector of the settings, goes on with the one before", "collector", id.Collector, "err", err)
	}
	return id, nil
}

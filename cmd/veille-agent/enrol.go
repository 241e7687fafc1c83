package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/cmd/internal/settings"
)

const personalHelp = "this machine belongs to a person: it is not enrolled and not measured"

func enrolCommand(stdout io.Writer) command.Command {
	var data, use string
	var where machine
	var road way
	var ask agent.Request
	return command.Command{
		Name: "enrol", Summary: "give this machine an identity at a collector",
		Example: "enrol --collector https://veille.example.org --token TOKEN\nenrol --collector https://veille.example.org --token TOKEN --use shared\n" +
			"enrol --collector https://veille.example.org --token TOKEN --ca /etc/veille/authority.pem --proxy http://proxy:3128",
		Flags: func(fs *pflag.FlagSet) {
			dataFlag(fs, &data)
			fs.StringVar(&ask.Collector, "collector", "", "`address` of the collector; https, or http on this machine")
			fs.StringVar(&ask.Token, "token", "", "the site's `token`; better set as VEILLE_TOKEN, which other users cannot list")
			fs.StringVar(&use, "use", string(wire.Individual), "use `class`: individual (one record a day, no hour), shared or server (one an hour)")
			fs.BoolVar(&ask.Personal, "personal", false, personalHelp)
			fs.String(settings.File, "", "settings `file` with lines \"name = value\"")
			road.flags(fs)
			where.flags(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			ask.Use = wire.Use(use)
			if err := errors.Join(command.NoArgs(args), checkRequest(ask)); err != nil {
				return err
			}
			if err := usable(data); err != nil {
				return err
			}
			unlock, err := agent.Lock(data) // a running agent would go on with the password it had
			if err != nil {
				return err
			}
			id, silent, err := enrol(ctx, &where, &road, data, ask)
			if err := errors.Join(err, unlock()); err != nil {
				return err
			}
			return printEnrolled(stdout, id, silent)
		},
	}
}

func checkRequest(ask agent.Request) error {
	switch {
	case ask.Personal:
		return agent.ErrPersonal
	case ask.Collector == "":
		return command.Usage("no collector given; add --collector https://…")
	case ask.Token == "":
		return command.Usage("no token given; ask the collector's administrator for one, and set VEILLE_TOKEN")
	case ask.Use != wire.Individual && !ask.Use.Hourly():
		return command.Usage("--use %s is none of individual, shared, server", ask.Use)
	}
	if err := agent.CheckCollector(ask.Collector); err != nil {
		return command.Usage("%w", err)
	}
	return nil
}

func enrol(ctx context.Context, where *machine, road *way, data string, ask agent.Request) (agent.Identity, int, error) {
	system, err := where.system()
	if err != nil {
		return agent.Identity{}, 0, err
	}
	survey, err := where.lookAs(ctx, system, data, nil)
	if err != nil {
		return agent.Identity{}, 0, err
	}
	ask.Machine = survey.Machine
	ask.Proxy, ask.CAFile, ask.Pin = road.proxy, road.ca, road.pin
	l, err := road.open(agent.Identity{Collector: ask.Collector})
	if err != nil {
		return agent.Identity{}, 0, err
	}
	return agent.Enrol(ctx, l.Client, data, ask)
}

func printEnrolled(w io.Writer, id agent.Identity, silent int) error {
	_, err := fmt.Fprintf(w, "enrolled at %s, site %q, use %s\n", id.Collector, id.Site, id.Use)
	if silent > 0 {
		_, err = fmt.Fprintf(w, "%d machines of this kind at the site have been silent since before today; if this is one of them, installed anew, say so at the collector: veille-collector machine list --doubtful\n", silent)
	}
	return err
}

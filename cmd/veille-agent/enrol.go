package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/cmd/internal/command"
	"veille/cmd/internal/settings"
)

func enrolCommand(stdout io.Writer) command.Command {
	var data string
	var where machine
	var road way
	var ask invitation
	return command.Command{
		Name: "enrol", Summary: "give this machine an identity at a collector",
		Example: "enrol --collector https://veille.example.org --token TOKEN\nenrol --collector https://veille.example.org --token TOKEN --use shared\n" +
			"enrol --collector https://veille.example.org --token TOKEN --ca /etc/veille/authority.pem --proxy http://proxy:3128",
		Flags: func(fs *pflag.FlagSet) {
			dataFlag(fs, &data)
			ask.flags(fs)
			fs.String(settings.File, "", "settings `file` with lines \"name = value\"")
			road.flags(fs)
			where.flags(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := errors.Join(command.NoArgs(args), ask.complete()); err != nil {
				return err
			}
			if err := usable(data); err != nil {
				return err
			}
			unlock, err := agent.Lock(data) // a running agent would go on with the password it had
			if err != nil {
				return err
			}
			id, silent, err := ask.enrol(ctx, &where, &road, data)
			if err := errors.Join(err, unlock()); err != nil {
				return err
			}
			return printEnrolled(stdout, id, silent)
		},
	}
}

func printEnrolled(w io.Writer, id agent.Identity, silent int) error {
	_, err := fmt.Fprintf(w, "enrolled at %s, site %q, use %s\n", id.Collector, id.Site, id.Use)
	if silent > 0 {
		_, err = fmt.Fprintf(w, "%d machines of this kind at the site have been silent since before today; if this is one of them, installed anew, say so at the collector: veille-collector machine list --doubtful\n", silent)
	}
	return err
}

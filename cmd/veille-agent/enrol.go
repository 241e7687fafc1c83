package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/wire"
	"veille/cmd/internal/command"
)

func enrolCommand(stdout io.Writer) command.Command {
	var data, collector, token, use string
	return command.Command{
		Name: "enrol", Summary: "give this machine an identity at a collector",
		Example: "enrol --collector https://veille.example.org --token TOKEN\nenrol --collector https://veille.example.org --token TOKEN --use shared",
		Flags: func(fs *pflag.FlagSet) {
			dataFlag(fs, &data)
			fs.StringVar(&collector, "collector", "", "`address` of the collector; https, or http on this machine")
			fs.StringVar(&token, "token", "", "the site's `token`; better set as VEILLE_TOKEN, which other users cannot list")
			fs.StringVar(&use, "use", string(wire.Individual), "use `class`: individual (one record a day, no hour), shared or server (one an hour)")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			switch {
			case collector == "":
				return command.Usage("no collector given; add --collector https://…")
			case token == "":
				return command.Usage("no token given; ask the collector's administrator for one, and set VEILLE_TOKEN")
			case wire.Use(use) != wire.Individual && !wire.Use(use).Hourly():
				return command.Usage("--use %s is none of individual, shared, server", use)
			}
			if err := agent.CheckCollector(collector); err != nil {
				return command.Usage("%w", err)
			}
			if err := usable(data); err != nil {
				return err
			}
			unlock, err := agent.Lock(data) // a running agent would go on with the password it had
			if err != nil {
				return err
			}
			id, err := agent.Enrol(ctx, httpClient(), data, collector, token, wire.Use(use))
			if err := errors.Join(err, unlock()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(stdout, "enrolled at %s, site %q, use %s\n", id.Collector, id.Site, id.Use)
			return err
		},
	}
}

// httpClient speaks to the collector. It follows no redirect: the machine's password is for the address given.
func httpClient() *http.Client {
	return &http.Client{
		Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

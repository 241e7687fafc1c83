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
	"veille/agent/spool"
	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/cmd/internal/settings"
)

func runCommand(stderr io.Writer) command.Command {
	var where machine
	var data string
	var period, postEvery time.Duration
	var history int
	return command.Command{
		Name: "run", Summary: "count until told to stop: the service",
		Example: "run\nrun --settings /etc/veille/agent.conf\nrun --data ./var/agent --period 10s --post-every 10s",
		Flags: func(fs *pflag.FlagSet) {
			dataFlag(fs, &data)
			fs.DurationVar(&period, "period", usualPeriod, "`time` between samples, 1s to 5m")
			fs.DurationVar(&postEvery, "post-every", 0, "post the running hour as it grows, this `often`; 0: only when it is over (shared and server)")
			fs.IntVar(&history, "history", spool.Days, "when the agent first starts, read in the system's log when the machine was on in this many `days` before; 0: not at all")
			fs.String(settings.File, "", "settings `file` with lines \"name = value\"")
			where.flags(fs)
			where.knowledgeFlags(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			switch {
			case period < time.Second || period > 5*time.Minute:
				return command.Usage("--period %v is not between 1s and 5m", period)
			case postEvery < 0 || postEvery > time.Hour:
				return command.Usage("--post-every %v is not between 0 and 1h", postEvery)
			case history < 0 || history > spool.Days:
				return command.Usage("--history %d is not between 0 and %d days", history, spool.Days)
			}
			rest(ctx)
			if err := usable(data); err != nil {
				return err
			}
			unlock, err := agent.Lock(data)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(stderr, nil))
			id, err := agent.LoadIdentity(data)
			if err != nil {
				return err
			}
			system, survey, err := where.lookAs(ctx, data, id)
			if err != nil {
				return err
			}
			s, err := spool.Open(filepath.Join(data, "spool"), perDay(id.Use))
			if err != nil {
				return err
			}
			a, err := agent.New(agent.Config{
				Data: data, Period: period, PostEvery: postEvery, History: time.Duration(history) * 24 * time.Hour, Survey: survey, System: system, Identity: id, Spool: s,
				Courier: agent.NewCourier(httpClient(), id, s, log, agent.Delay(id.Use, postEvery)), Log: log,
			})
			if err != nil {
				return err
			}
			return errors.Join(a.Run(ctx), unlock())
		},
	}
}

// perDay is how many records a day of a machine has.
func perDay(use wire.Use) int {
	if use.Hourly() {
		return 25
	}
	return 1
}

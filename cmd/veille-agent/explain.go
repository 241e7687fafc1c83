package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/agent/uptime"
	"veille/cmd/internal/command"
)

func explainCommand(stdout io.Writer) command.Command {
	var where trees
	var asJSON bool
	return command.Command{
		Name: "explain", Summary: "say which meters this machine has, which are used, and why the others are not",
		Example: "explain\nexplain --json --class desktop",
		Flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&asJSON, "json", false, "print one JSON object")
			where.flags(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			system, survey, err := look(ctx, where)
			if err != nil {
				return err
			}
			sleep, screens := system.SleepAfter(), len(uptime.Screens(system.Sys))
			if asJSON {
				return json.NewEncoder(stdout).Encode(map[string]any{
					"machine": survey.Machine, "meters": survey.Meters, "sleep_after": sleep, "screens": screens,
				})
			}
			t := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
			printMeters(t, survey.Meters)
			_, _ = fmt.Fprintf(t, "\nunused, it sleeps after\t%s\nscreens\t%d\n", sleep, screens)
			return t.Flush()
		},
	}
}

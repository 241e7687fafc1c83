package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/cmd/internal/command"
)

func onceCommand(stdout, stderr io.Writer) command.Command {
	var where trees
	var asJSON bool
	var long time.Duration
	return command.Command{
		Name: "once", Summary: "measure this machine now, and print; nothing is sent or kept",
		Example: "once\nonce --json --for 30s\nonce --sysfs ./recorded/sys --procfs ./recorded/proc --for 1s",
		Flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&asJSON, "json", false, "print one JSON object")
			fs.DurationVar(&long, "for", 10*time.Second, "how `long` to measure, 1s to 1h")
			where.flags(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if long < time.Second || long > time.Hour {
				return command.Usage("--for %v is not between 1s and 1h", long)
			}
			system, survey, err := look(ctx, where)
			if err != nil {
				return err
			}
			if long > 2*time.Second && command.Terminal(stderr) {
				_, _ = fmt.Fprintf(stderr, "measuring for %v\n", long)
			}
			m, err := system.Once(ctx, survey, long)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(stdout).Encode(m)
			}
			return printMeasurement(stdout, m)
		},
	}
}

func look(ctx context.Context, where trees) (agent.System, agent.Survey, error) {
	system, err := where.system()
	if err != nil {
		return agent.System{}, agent.Survey{}, err
	}
	survey, err := system.Look(ctx, where.class, command.Version())
	if err != nil {
		return agent.System{}, agent.Survey{}, command.Usage("%w", err)
	}
	return system, survey, nil
}

func printMeasurement(w io.Writer, m agent.Measurement) error {
	kind := m.Machine.Class
	if m.Machine.Virtual {
		kind += ", virtual"
	}
	kind += ", " + m.Machine.OS
	if m.Machine.RAM != "" {
		kind += ", " + m.Machine.RAM + " GiB of memory"
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "machine\t%s\n", kind)
	_, _ = fmt.Fprintf(t, "since the boot\t%v on, %v asleep\n", duration(m.OnS), duration(m.SleepS))
	if m.CPULoad != nil {
		_, _ = fmt.Fprintf(t, "processors\t%.1f %% busy over %.1f s\n", 100**m.CPULoad, m.ForS)
	}
	for i, e := range m.Energy {
		p := m.MeanW[i]
		_, _ = fmt.Fprintf(t, "%s\t%.1f W (%.1f to %.1f), %.4f Wh in %d s, by %s\n", e.Scope, p.W, p.Low, p.High, e.Wh, e.CoveredS, e.Method)
	}
	if len(m.Energy) == 0 {
		_, _ = fmt.Fprintln(t, "energy\tnot known")
	}
	for _, p := range m.Problems {
		_, _ = fmt.Fprintf(t, "problem\t%s\n", p)
	}
	printMeters(t, m.Meters)
	return t.Flush()
}

func duration(seconds float64) time.Duration { return time.Duration(seconds) * time.Second }

func printMeters(w io.Writer, meters []agent.Meter) {
	_, _ = fmt.Fprintln(w)
	for _, m := range meters {
		if m.Used {
			_, _ = fmt.Fprintf(w, "%s\tused for the %s: %s\n", m.Name, m.Scope, m.Detail)
		} else {
			_, _ = fmt.Fprintf(w, "%s\tnot used: %s\n", m.Name, m.Reason)
		}
	}
}

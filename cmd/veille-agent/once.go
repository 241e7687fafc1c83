package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
)

func onceCommand(stdout, stderr io.Writer) command.Command {
	var where machine
	var data string
	var asJSON bool
	var lang string
	var long time.Duration
	return command.Command{
		Name: "once", Summary: "measure this machine now, and print; nothing is sent or kept",
		Example: "once\nonce --json --for 30s\nonce --recorded machine.txtar\nonce --sysfs ./copy/sys --procfs ./copy/proc --for 1s",
		Flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&asJSON, "json", false, "print one JSON object")
			fs.DurationVar(&long, "for", 10*time.Second, "how `long` to measure, 1s to 1h")
			langFlag(fs, &lang)
			dataFlag(fs, &data)
			where.flags(fs)
			where.knowledgeFlags(fs)
			where.recordedFlag(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := errors.Join(command.NoArgs(args), language.Check(lang)); err != nil {
				return err
			}
			if long < time.Second || long > time.Hour {
				return command.Usage("--for %v is not between 1s and 1h", long)
			}
			system, survey, err := where.look(ctx, data)
			if err != nil {
				return err
			}
			if long > 2*time.Second && where.recorded == "" && command.Terminal(stderr) {
				_, _ = fmt.Fprintf(stderr, "measuring for %v\n", long)
			}
			m, err := system.Once(ctx, survey, long)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(stdout, m)
			}
			return printMeasurement(stdout, wordsIn(lang), m)
		},
	}
}

// printJSON writes one line. The signs < and > of a range stay what they are.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func printMeasurement(out io.Writer, w words, m agent.Measurement) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "%s\t%s\n", w.Machine, w.kind(m.Machine))
	_, _ = fmt.Fprintf(t, w.SinceBoot+"\n", duration(m.OnS), duration(m.SleepS))
	if m.CPULoad != nil {
		_, _ = fmt.Fprintf(t, w.Processors+"\n", w.number(100**m.CPULoad, 1), w.number(m.ForS, 1))
	}
	for i, e := range m.Energy {
		p := m.MeanW[i]
		_, _ = fmt.Fprintf(t, w.Energy+"\n", e.Scope, w.number(p.W, 1), w.number(p.Low, 1), w.number(p.High, 1), w.number(e.Wh, 4), e.CoveredS, e.Method)
	}
	if len(m.Energy) == 0 {
		_, _ = fmt.Fprintln(t, w.NotKnown)
	}
	for _, p := range m.Problems {
		_, _ = fmt.Fprintf(t, "%s\t%s\n", w.Problem, w.translate(p))
	}
	_, _ = fmt.Fprintln(t)
	printMeters(t, w, m.Meters)
	return t.Flush()
}

func duration(seconds float64) time.Duration { return time.Duration(seconds) * time.Second }

func printMeters(out io.Writer, w words, meters []agent.Meter) {
	for _, m := range meters {
		if m.Used {
			_, _ = fmt.Fprintf(out, "%s\t"+w.UsedFor+"\n", m.Name, w.Scopes[m.Scope], w.translate(m.Detail))
		} else {
			_, _ = fmt.Fprintf(out, "%s\t"+w.NotUsed+"\n", m.Name, w.translate(m.Reason))
		}
	}
}

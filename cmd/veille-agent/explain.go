package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
)

// explanation is what explain prints.
type explanation struct {
	Machine    wire.Machine  `json:"machine"`
	Meters     []agent.Meter `json:"meters"`      // in order of preference for each scope, used or not, and why
	SleepAfter string        `json:"sleep_after"` // a time, never or unknown: what the system does with an unused machine
	Problems   []string      `json:"problems"`    // what the system could not be asked to tell
}

func explainCommand(stdout io.Writer) command.Command {
	var where machine
	var data string
	var asJSON bool
	var lang string
	return command.Command{
		Name: "explain", Summary: "say what kind of machine this is, which meters it has, which are used, and why the others are not",
		Example: "explain\nexplain --lang fr\nexplain --json --class desktop\nexplain --recorded machine.txtar",
		Flags: func(fs *pflag.FlagSet) {
			fs.BoolVar(&asJSON, "json", false, "print one JSON object, in English")
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
			system, survey, err := where.look(ctx, data)
			if err != nil {
				return err
			}
			x := explanation{survey.Machine, survey.Meters, system.SleepAfter(), system.Problems()}
			if asJSON {
				return printJSON(stdout, x)
			}
			return printExplanation(stdout, wordsIn(lang), x)
		},
	}
}

func printExplanation(out io.Writer, w words, x explanation) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	screens := w.NoScreens
	for i, s := range x.Machine.Screens {
		if i == 0 {
			screens = ""
		} else {
			screens += ", "
		}
		screens += cmp.Or(w.Screen[s], s+"″")
	}
	_, _ = fmt.Fprintf(t, "%s\t%s\n%s\t%s\n%s\t%s\n\n", w.Machine, w.kind(x.Machine), w.Screens, screens, w.Sleeps, w.translate(x.SleepAfter))
	printMeters(t, w, x.Meters)
	for _, p := range x.Problems {
		_, _ = fmt.Fprintf(t, "%s\t%s\n", w.Problem, w.translate(p))
	}
	return t.Flush()
}

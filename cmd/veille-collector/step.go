package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

func stepAddCommand(d *desk) command.Command {
	var x collector.Step
	var on string
	c := ofOrganisation(d, command.Command{
		Name: "step add", Summary: "say that a step of governance was taken: a charter signed, somebody named to lead, staff consulted",
		Example: "step add --data /var/lib/veille-collector \"Charter signed\" --kind charter --on 2026-01-15 --owner \"general management\"",
	}, func(fs *pflag.FlagSet) {
		fs.StringVar(&x.Kind, "kind", "", "`what` it is: one of "+strings.Join(collector.StepKinds(), ", "))
		fs.StringVar(&on, "on", "", "`date` on which it was taken")
		fs.StringVar(&x.Owner, "owner", "", "the `function` that answers for it, like \"general management\": not a person's name")
		fs.StringVar(&x.Note, "note", "", "a `line` beside it")
	}, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		if x.Kind == "" || on == "" || args[0] == "" {
			return command.Usage("give a title, --kind and --on")
		}
		x.Organisation, x.Title, x.On = r.ID, args[0], collector.Date(on)
		if err := errors.Join(misuse(x.Validate()), notYet(x.On)); err != nil {
			return err
		}
		kept, err := l.store.AddStep(l.noting(ctx, r.ID, "step %q of %s, %s", x.Title, x.On, x.Kind), x)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "%s: step %d: %s, %q of %s\n", r.Name, kept.ID, kept.Kind, kept.Title, kept.On)
		return err
	})
	c.Args = "TITLE"
	return c
}

// stepLine is one step as step list says it.
type stepLine struct {
	ID           int64          `json:"id"`
	Organisation string         `json:"organisation"`
	Kind         string         `json:"kind"`
	On           collector.Date `json:"on"`
	Title        string         `json:"title"`
	Owner        string         `json:"owner"`
	Note         string         `json:"note"`
}

func stepListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "step list", Summary: "list the steps of governance, the last first", Example: "step list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]stepLine, error) {
		all, err := l.store.Steps(ctx, r.ID)
		var lines []stepLine
		for _, x := range all {
			lines = append(lines, stepLine{x.ID, r.Name, x.Kind, x.On, x.Title, x.Owner, x.Note})
		}
		return lines, err
	}, "NUMBER\tORGANISATION\tDATE\tKIND\tTITLE\tOWNER", func(x stepLine) []any {
		return []any{x.ID, x.Organisation, x.On, x.Kind, x.Title, cmp.Or(x.Owner, "-")}
	})
}

func stepRemoveCommand(d *desk) command.Command {
	return removing(d, command.Command{
		Name: "step remove", Summary: "remove a step, and the evidence of it", Example: "step remove --data /var/lib/veille-collector 2",
	}, "step", func(ctx context.Context, l ledger, organisation int64) ([]collector.Step, error) {
		return l.store.Steps(ctx, organisation)
	}, func(_ ledger, x collector.Step) (int64, bool) {
		return x.ID, true
	}, func(ctx context.Context, l ledger, x collector.Step) error {
		return l.store.RemoveStep(l.noting(ctx, x.Organisation, "step %d: %q of %s", x.ID, x.Title, x.On), x.Organisation, x.ID)
	})
}

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

func remarkSetCommand(d *desk) command.Command {
	var x collector.Remark
	var on string
	c := ofOrganisation(d, command.Command{
		Name: "remark set", Summary: "say something beside a line or an item of a report, or why it does not concern the organisation; the one before is replaced",
		Example: "remark set --data /var/lib/veille-collector U1 --text \"The computers of two workshops must stay on.\" --by \"sustainability officer\" --on 2026-09-30\n" +
			"remark set --data ./var S4.pue --not-applicable --text \"The organisation has no data centre.\"",
	}, func(fs *pflag.FlagSet) {
		fs.StringVar(&x.Text, "text", "", fmt.Sprintf("the `text`, up to %d bytes, of several lines or one", collector.MaxRemark))
		fs.BoolVar(&x.NotApplicable, "not-applicable", false, "it does not concern the organisation; --text says why")
		fs.StringVar(&x.By, "by", "", "the `function` that has validated it, like \"sustainability officer\": not a person's name")
		fs.StringVar(&on, "on", "", "`date` on which it was validated; goes with --by")
	}, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		x.Organisation, x.Of, x.On, x.Text = r.ID, args[0], collector.Date(on), strings.ReplaceAll(x.Text, "\r\n", "\n") // as forms send it
		if err := errors.Join(misuse(x.Validate()), notYet(x.On)); err != nil {
			return err
		}
		if err := l.checkSubject(ctx, r, x.Of); err != nil {
			return err
		}
		what := "remark on " + x.Of
		if x.NotApplicable {
			what += ", not applicable"
		}
		if err := l.store.SetRemark(l.noting(ctx, r.ID, "%s", what), x); err != nil {
			return err
		}
		_, err := fmt.Fprintf(d.stdout, "%s: %s\n", r.Name, what)
		return err
	})
	c.Args = "OF"
	return c
}

// remarkLine is one remark as remark list says it.
type remarkLine struct {
	Organisation  string         `json:"organisation"`
	Of            string         `json:"of"`
	Text          string         `json:"text"`
	NotApplicable bool           `json:"not_applicable"`
	By            string         `json:"by"` // "": nobody has validated it
	On            collector.Date `json:"on"`
}

func remarkListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "remark list", Summary: "list the remarks, by what they are of", Example: "remark list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]remarkLine, error) {
		all, err := l.store.Remarks(ctx, r.ID)
		var lines []remarkLine
		for _, x := range all {
			lines = append(lines, remarkLine{r.Name, x.Of, x.Text, x.NotApplicable, x.By, x.On})
		}
		return lines, err
	}, "ORGANISATION\tOF\tAPPLIES\tVALIDATED BY\tON\tTEXT", func(x remarkLine) []any {
		applies := map[bool]string{true: "no", false: "yes"}
		return []any{x.Organisation, x.Of, applies[x.NotApplicable], cmp.Or(x.By, "-"), cmp.Or(x.On, "-"), strings.Join(strings.Fields(x.Text), " ")}
	})
}

func remarkRemoveCommand(d *desk) command.Command {
	c := ofOrganisation(d, command.Command{
		Name: "remark remove", Summary: "remove the remark on a line or an item", Example: "remark remove --data /var/lib/veille-collector U1",
	}, noFlags, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		if err := l.store.RemoveRemark(l.noting(ctx, r.ID, "remark on %.60s", args[0]), r.ID, args[0]); err != nil {
			return absent(err, fmt.Sprintf("remark on %.60q", args[0]), "remark list")
		}
		_, err := fmt.Fprintf(d.stdout, "%s: remark on %s removed\n", r.Name, args[0])
		return err
	})
	c.Args = "OF"
	return c
}

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

func evidenceAddCommand(d *desk) command.Command {
	var e collector.Evidence
	var on string
	c := ofOrganisation(d, command.Command{
		Name: "evidence add", Summary: "say where something that a report says can be looked up; the document itself stays where it is",
		Example: "evidence add --data /var/lib/veille-collector \"Power policy\" --of U1 --where https://intranet.example.org/policy.pdf --on 2026-02-02\n" +
			"evidence add --data ./var \"Minutes of the committee\" --of \"step 2\" --where \"archive 2026-014\" --sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}, func(fs *pflag.FlagSet) {
		fs.StringVar(&e.Of, "of", "", "`what` it is for: a line of a report (U1), an item of a template (PA10), \"action 3\" or \"step 2\"")
		fs.StringVar(&e.Where, "where", "", "`where` it is: an address of the web, or the reference of a document")
		fs.StringVar(&on, "on", "", "`date` of the document")
		fs.StringVar(&e.SHA256, "sha256", "", "SHA-256 of the file, 64 hexadecimal `digits`: what sha256sum prints")
		fs.StringVar(&e.Note, "note", "", "a `line` beside it")
	}, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		if e.Of == "" || e.Where == "" || args[0] == "" {
			return command.Usage("give a title, --of and --where")
		}
		e.Organisation, e.Title, e.On, e.SHA256 = r.ID, args[0], collector.Date(on), strings.ToLower(e.SHA256)
		if err := errors.Join(misuse(e.Validate()), notYet(e.On)); err != nil {
			return err
		}
		if err := l.checkSubject(ctx, r, e.Of); err != nil {
			return err
		}
		kept, err := l.store.AddEvidence(l.noting(ctx, r.ID, "evidence %q of %s", e.Title, e.Of), e)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "%s: evidence %d of %s: %q, %s\n", r.Name, kept.ID, kept.Of, kept.Title, kept.Where)
		return err
	})
	c.Args = "TITLE"
	return c
}

// evidenceLine is one piece of evidence as evidence list says it.
type evidenceLine struct {
	ID           int64          `json:"id"`
	Organisation string         `json:"organisation"`
	Of           string         `json:"of"`
	Title        string         `json:"title"`
	Where        string         `json:"where"`
	On           collector.Date `json:"on"`     // "": nobody has said
	SHA256       string         `json:"sha256"` // of the file; "": nobody has said
	Note         string         `json:"note"`
}

func evidenceListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "evidence list", Summary: "list the evidence, in the order in which it was added", Example: "evidence list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]evidenceLine, error) {
		all, err := l.store.Evidence(ctx, r.ID)
		var lines []evidenceLine
		for _, e := range all {
			lines = append(lines, evidenceLine{e.ID, r.Name, e.Of, e.Title, e.Where, e.On, e.SHA256, e.Note})
		}
		return lines, err
	}, "NUMBER\tORGANISATION\tOF\tDATE\tTITLE\tWHERE", func(e evidenceLine) []any {
		return []any{e.ID, e.Organisation, e.Of, cmp.Or(e.On, "-"), e.Title, e.Where}
	})
}

func evidenceRemoveCommand(d *desk) command.Command {
	return removing(d, command.Command{
		Name: "evidence remove", Summary: "remove evidence", Example: "evidence remove --data /var/lib/veille-collector 4",
	}, "evidence", func(ctx context.Context, l ledger, organisation int64) ([]collector.Evidence, error) {
		return l.store.Evidence(ctx, organisation)
	}, func(_ ledger, e collector.Evidence) (int64, bool) {
		return e.ID, true
	}, func(ctx context.Context, l ledger, e collector.Evidence) error {
		return l.store.RemoveEvidence(l.noting(ctx, e.Organisation, "evidence %d of %s: %q", e.ID, e.Of, e.Title), e.Organisation, e.ID)
	})
}

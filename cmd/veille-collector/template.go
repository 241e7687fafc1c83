package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
	"veille/collector"
	"veille/collector/label"
)

// template is one that reports of an organisation can be made by.
type template struct {
	label.Template
	text []byte
	own  bool // the organisation has typed it in
}

// has tells whether the template has an item of that id.
func (t template) has(item string) bool {
	return slices.ContainsFunc(t.Themes, func(theme label.TemplateTheme) bool {
		return slices.ContainsFunc(theme.Items, func(i label.TemplateItem) bool { return i.ID == item })
	})
}

// templates are those that reports of an organisation can be made by, by id: those that come with the program, and its own in their place.
func (l ledger) templates(ctx context.Context, r collector.Responsible) ([]template, error) {
	texts, err := label.Shipped()
	if err != nil {
		return nil, err
	}
	own, err := l.store.Templates(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	shipped, err := l.shipped()
	if err != nil {
		return nil, err
	}
	texts = maps.Clone(texts)
	typed := map[string]bool{}
	for _, t := range own {
		texts[t.ID], typed[t.ID] = []byte(t.Text), true
	}
	var all []template
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		t := shipped[id]
		if typed[id] {
			t, err = label.ReadTemplate(texts[id])
		}
		if err != nil { // of an earlier version of this program: it is shown, so that it can be mended
			t = label.Template{}
		}
		t.ID = id
		all = append(all, template{t, texts[id], typed[id]})
	}
	return all, nil
}

// template is that of an id.
func (l ledger) template(ctx context.Context, r collector.Responsible, id string) (template, error) {
	all, err := l.templates(ctx, r)
	for _, t := range all {
		if t.ID == id {
			return t, err
		}
	}
	return template{}, cmp.Or(err, fmt.Errorf("template %.60q: %w; see veille-collector template list", id, collector.ErrNotFound))
}

// templateLine is one template as template list says it.
type templateLine struct {
	Organisation string      `json:"organisation"`
	ID           string      `json:"id"`
	Version      string      `json:"version"`
	Title        label.Words `json:"title"`
	Own          bool        `json:"own"` // the organisation has typed it in
	Text         string      `json:"text,omitempty"`
}

func templateListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "template list", Summary: "list the templates that reports can be made by: those that come with the program, and your own", Example: "template list --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, r collector.Responsible) ([]templateLine, error) {
		all, err := l.templates(ctx, r)
		var lines []templateLine
		for _, t := range all {
			lines = append(lines, templateLine{Organisation: r.Name, ID: t.ID, Version: t.Version, Title: t.Title, Own: t.own})
		}
		return lines, err
	}, "TEMPLATE\tORGANISATION\tVERSION\tOWN\tTITLE", func(t templateLine) []any {
		own := map[bool]string{true: "yes", false: "no"}
		return []any{t.ID, t.Organisation, cmp.Or(t.Version, "-"), own[t.Own], cmp.Or(t.Title.In(language.Default(os.LookupEnv)), "-")}
	})
}

func templateShowCommand(d *desk) command.Command {
	c := ofOrganisation(d, command.Command{
		Name: "template show", Summary: "print the text of a template (YAML): change it, and give it to template add", Example: "template show --data /var/lib/veille-collector lnr-2022",
	}, d.showJSON, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		t, err := l.template(ctx, r, args[0])
		if err != nil {
			return err
		}
		return d.put(templateLine{r.Name, t.ID, t.Version, t.Title, t.own, string(t.text)}, func(w io.Writer) error {
			_, err := w.Write(t.text)
			return err
		})
	})
	c.Args = "ID"
	return c
}

// showJSON declares --json for what shows one thing.
func (d *desk) showJSON(fs *pflag.FlagSet) { d.jsonFlag(fs, "object") }

func templateAddCommand(d *desk) command.Command {
	return ofFile(d, command.Command{
		Name: "template add", Summary: "have reports made by a template of your own (YAML); one of the same id is replaced, one that comes with the program is set aside",
		Example: "template add --data /var/lib/veille-collector lnr-2022.yaml --dry-run",
	}, "template", noFlags, func(ctx context.Context, l ledger, r collector.Responsible, f imported) error {
		t, err := readTemplate(f.bytes)
		if err != nil {
			return err
		}
		if !f.dryRun {
			kept := collector.Template{Organisation: r.ID, ID: t.ID, Version: t.Version, Text: string(f.bytes), AddedOn: today()}
			if err := l.store.PutTemplate(l.noting(ctx, r.ID, "template %s, version %s", t.ID, t.Version), kept); err != nil {
				return err
			}
		}
		return d.keptFrom(r, f, fmt.Sprintf("template %s, version %s, %s", t.ID, t.Version, count(len(t.Themes), "theme")))
	})
}

// readTemplate reads a template that somebody has typed in.
func readTemplate(text []byte) (label.Template, error) {
	if len(text) > collector.MaxTemplate {
		return label.Template{}, fmt.Errorf("the template has more than the %d bytes that one may have", collector.MaxTemplate)
	}
	return label.ReadTemplate(text)
}

func templateRemoveCommand(d *desk) command.Command {
	c := ofOrganisation(d, command.Command{
		Name: "template remove", Summary: "remove a template of your own; the one that comes with the program, if any, then holds again", Example: "template remove --data /var/lib/veille-collector lnr-2022",
	}, noFlags, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		err := l.store.RemoveTemplate(l.noting(ctx, r.ID, "template %.60s", args[0]), r.ID, args[0])
		if err != nil {
			return absent(err, fmt.Sprintf("template %.60q of your own", args[0]), "template list")
		}
		_, err = fmt.Fprintf(d.stdout, "%s: template %s removed\n", r.Name, args[0])
		return err
	})
	c.Args = "ID"
	return c
}

// unknownTemplate is the error of a report by a template that is not there, with a word on where to look.
func unknownTemplate(err error, id string) error {
	if errors.Is(err, label.ErrTemplate) {
		return fmt.Errorf("template %.60q: %w; see veille-collector template list", id, collector.ErrNotFound)
	}
	return err
}

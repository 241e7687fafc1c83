package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
	"veille/collector"
	"veille/collector/label"
	"veille/collector/privacy"
	"veille/collector/store/relational"
)

// Exit statuses of reports.
const (
	nothingKnown = 3 // nothing is known of the period
	notSealed    = 3 // a file is not the report that was sealed
)

// reporting is the flags of a report.
type reporting struct {
	months   period
	template string
	format   string
	out      string
	lang     string
	keep     bool
	snapshot int64
}

func (f *reporting) flags(fs *pflag.FlagSet) {
	fs.StringVar(&f.template, "template", "", "`id` of the template, see template list; or a file (.yaml), used for this report only")
	f.months.flags(fs, "of the report")
	fs.StringVar(&f.format, "format", "", "`format`: "+strings.Join(formats(), ", ")+" (default: that of the ending of -o; html without -o)")
	fs.StringVarP(&f.out, "output", "o", "", "`file` to write; without it html, json and csv are printed")
	fs.StringVar(&f.lang, "lang", language.Default(os.LookupEnv), "`language` of the report: en or fr")
	command.Values(fs, "lang", language.English, language.French)
	fs.BoolVar(&f.keep, "keep", false, "keep the report as well, as report keep does")
	fs.Int64Var(&f.snapshot, "snapshot", 0, "`number` of a report that was kept, which is written again as it was; see report list")
}

func reportCommand(d *desk) command.Command {
	var f reporting
	return ofOrganisation(d, command.Command{
		Name: "report", Summary: "write the report of a period by the themes of a template: a page, a document, a workbook or a table",
		Example: "report --data /var/lib/veille-collector --template lnr-2019 --from 2025-09 --to 2026-08 -o report.pdf\n" +
			"report --data ./var --template reen --from 2026-01-01 --to 2026-06-30 --format csv --lang fr\n" +
			"report --data ./var --snapshot 3 -o report.xlsx",
		Exits: fmt.Sprintf(", %d nothing is known of the period, or a kept report is not as it was", nothingKnown),
	}, func(fs *pflag.FlagSet) {
		f.flags(fs)
		fs.StringVar(&d.browser, "browser", "", "the `path` of Chromium or Chrome, by which a PDF is printed (default: the one that is installed)")
	}, 0, func(ctx context.Context, l ledger, r collector.Responsible, _ []string) error {
		if err := f.check(); err != nil {
			return err
		}
		whole, sealed, err := f.sealed(ctx, d, l, r)
		if err != nil {
			return err
		}
		text, err := f.write(ctx, d, whole, sealed)
		if err != nil {
			return err
		}
		said := d.stderr // where the report itself is printed
		if f.out != "" {
			said = d.stdout
		}
		if f.keep {
			kept, err := l.keepReport(ctx, r, whole, sealed)
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintln(said, keptText(kept)); err != nil {
				return err
			}
		}
		if f.out == "" {
			_, err := d.stdout.Write(text)
			return err
		}
		if err := replaceFile(f.out, text); err != nil {
			return err
		}
		_, err = fmt.Fprintf(said, "%s: %s of %s, %s to %s\n", f.out, whole.Template, whole.Organisation, whole.Period.From, whole.Period.To)
		return err
	})
}

// check refuses flags that do not go together, before anything is read.
func (f *reporting) check() error {
	if err := language.Check(f.lang); err != nil {
		return err
	}
	if err := f.chooseFormat(); err != nil {
		return err
	}
	if f.out != "" {
		if err := writable(f.out); err != nil {
			return err
		}
	}
	if f.snapshot != 0 {
		if f.template != "" || f.months != (period{}) || f.keep {
			return command.Usage("--snapshot is a report that was kept: it goes without --template, --from, --to and --keep")
		}
		return nil
	}
	if f.template == "" {
		return command.Usage("give --template, --from and --to; see veille-collector template list")
	}
	_, _, err := f.months.ofReport()
	return err
}

// sealed is the report that was asked for, and its canonical JSON.
func (f *reporting) sealed(ctx context.Context, d *desk, l ledger, r collector.Responsible) (label.Report, []byte, error) {
	if f.snapshot != 0 {
		kept, err := l.store.Snapshot(ctx, r.ID, f.snapshot)
		if err != nil {
			return label.Report{}, nil, absent(err, fmt.Sprintf("report %d of %s", f.snapshot, r.Name), "report list")
		}
		whole, err := label.Open(kept.JSON)
		if err != nil {
			return label.Report{}, nil, command.WithStatus(notSealed, fmt.Errorf("report %d is kept, and not as it was: %w", f.snapshot, err))
		}
		return whole, kept.JSON, nil
	}
	defer d.patience("reading the figures of the period")()
	var own *collector.Template
	id := f.template
	if isFile(f.template) {
		t, err := d.templateFile(r, f.template)
		if err != nil {
			return label.Report{}, nil, err
		}
		own, id = &t, t.ID
	}
	from, to, err := f.months.ofReport()
	if err != nil {
		return label.Report{}, nil, err
	}
	return l.makeReport(ctx, r, label.Request{Organisation: r.ID, Template: id, From: from, To: to}, own)
}

// isFile tells whether a template is named by its file.
func isFile(template string) bool {
	return strings.ContainsAny(template, `/\`) || strings.HasSuffix(template, ".yaml") || strings.HasSuffix(template, ".yml")
}

// templateFile is a template of a file, as if the organisation had typed it in.
func (d *desk) templateFile(r collector.Responsible, name string) (collector.Template, error) {
	text, err := d.file(name, "template", collector.MaxTemplate)
	if err != nil {
		return collector.Template{}, err
	}
	t, err := readTemplate(text)
	if err != nil {
		return collector.Template{}, fmt.Errorf("%s: %w", name, err)
	}
	return collector.Template{Organisation: r.ID, ID: t.ID, Version: t.Version, Text: string(text), AddedOn: today()}, nil
}

// withTemplate is a store with one more template of an organisation, which nobody keeps.
type withTemplate struct {
	*relational.Store
	one collector.Template
}

// Templates are those of the organisation, with the one more in the place of that of the same id.
func (w withTemplate) Templates(ctx context.Context, organisation int64) ([]collector.Template, error) {
	all, err := w.Store.Templates(ctx, organisation)
	if organisation != w.one.Organisation {
		return all, err
	}
	all = slices.DeleteFunc(all, func(t collector.Template) bool { return t.ID == w.one.ID })
	return append(all, w.one), err
}

// maker makes reports of what a store has, by a template of the caller's beside those that it has; nil for none.
func maker(store *relational.Store, own *collector.Template) *label.Maker {
	door := privacy.New(store.FiguresOnce(), store.FiguresOnce(), today)
	if own != nil {
		return label.New(withTemplate{store, *own}, door, today)
	}
	return label.New(store, door, today)
}

// makeReport makes and seals a report of an organisation: with figures that the caller may see, on the server those for any reader.
func (l ledger) makeReport(ctx context.Context, r collector.Responsible, q label.Request, own *collector.Template) (label.Report, []byte, error) {
	who := l.user
	if l.onServer() {
		who = collector.User{Organisation: r.ID, Roles: []collector.Role{collector.RoleReader}}
	}
	made, err := maker(l.store, own).Make(ctx, &who, q)
	if errors.Is(err, label.ErrNothing) {
		return made, nil, command.WithStatus(nothingKnown, fmt.Errorf("%s, %s to %s: %w", r.Name, q.From, q.To, err))
	}
	if err != nil {
		return made, nil, unknownTemplate(err, q.Template)
	}
	return label.Seal(made)
}

// keepReport keeps a sealed report. The same one that was kept already is answered as it was.
func (l ledger) keepReport(ctx context.Context, r collector.Responsible, whole label.Report, sealed []byte) (collector.Snapshot, error) {
	x := collector.Snapshot{
		Organisation: r.ID, Template: whole.Template, From: whole.Period.From, To: whole.Period.To, MadeOn: whole.MadeOn, Method: whole.MethodVersion,
		Simulated: whole.Simulated, SHA256: whole.SHA256, JSON: bytes.Clone(sealed),
	}
	kept, err := l.store.AddSnapshot(l.noting(ctx, r.ID, "report %s, %s to %s, sha256 %s", x.Template, x.From, x.To, x.SHA256), x)
	if !errors.Is(err, collector.ErrExists) {
		return kept, err
	}
	all, err := l.store.Snapshots(ctx, r.ID)
	for _, s := range all {
		if s.SHA256 == x.SHA256 {
			return s, err
		}
	}
	return kept, cmp.Or(err, fmt.Errorf("keep the report: %w", collector.ErrExists))
}

// keptText says that a report is kept.
func keptText(x collector.Snapshot) string {
	return fmt.Sprintf("report %d is kept: %s, %s to %s, sha256 %s", x.ID, x.Template, x.From, x.To, x.SHA256)
}

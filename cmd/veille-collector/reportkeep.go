package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/label"
)

func reportKeepCommand(d *desk) command.Command {
	var months period
	var template string
	return ofOrganisation(d, command.Command{
		Name: "report keep", Summary: "make the report of a period, and keep it for ever as it is now, with its SHA-256",
		Example: "report keep --data /var/lib/veille-collector --template lnr-2019 --from 2025-09 --to 2026-08",
		Exits:   fmt.Sprintf(", %d nothing is known of the period", nothingKnown),
	}, func(fs *pflag.FlagSet) {
		fs.StringVar(&template, "template", "", "`id` of the template, see template list")
		months.flags(fs, "of the report")
		d.jsonFlag(fs, "object")
	}, 0, func(ctx context.Context, l ledger, r collector.Responsible, _ []string) error {
		if template == "" {
			return command.Usage("give --template, --from and --to; see veille-collector template list")
		}
		from, to, err := months.ofReport()
		if err != nil {
			return err
		}
		defer d.patience("reading the figures of the period")()
		whole, sealed, err := l.makeReport(ctx, r, label.Request{Organisation: r.ID, Template: template, From: from, To: to}, nil)
		if err != nil {
			return err
		}
		kept, err := l.keepReport(ctx, r, whole, sealed)
		if err != nil {
			return err
		}
		answer := struct {
			ID     int64  `json:"id"`
			SHA256 string `json:"sha256"`
		}{kept.ID, kept.SHA256}
		return d.put(answer, func(w io.Writer) error {
			_, err := fmt.Fprintln(w, keptText(kept))
			return err
		})
	})
}

// reportLine is one report that was kept as report list says it.
type reportLine struct {
	ID            int64           `json:"id"`
	Organisation  string          `json:"organisation"`
	Template      string          `json:"template"`
	From          collector.Month `json:"from"`
	To            collector.Month `json:"to"` // in it
	MadeOn        collector.Date  `json:"made_on"`
	MethodVersion string          `json:"method_version"`
	Simulated     bool            `json:"simulated"`
	SHA256        string          `json:"sha256"`
}

func reportListCommand(d *desk) command.Command {
	return listing(d, command.Command{
		Name: "report list", Summary: "list the reports that were kept, the last first", Example: "report list --data /var/lib/veille-collector",
	}, reportLines, "NUMBER\tORGANISATION\tTEMPLATE\tFROM\tTO\tMADE\tMETHOD\tFIGURES\tSHA256", func(x reportLine) []any {
		figures := map[bool]string{true: "simulated", false: "real"}
		return []any{x.ID, x.Organisation, x.Template, x.From, x.To, x.MadeOn, x.MethodVersion, figures[x.Simulated], x.SHA256}
	})
}

func reportLines(ctx context.Context, l ledger, r collector.Responsible) ([]reportLine, error) {
	all, err := l.store.Snapshots(ctx, r.ID)
	var lines []reportLine
	for _, x := range all {
		lines = append(lines, reportLine{x.ID, r.Name, x.Template, x.From, x.To, x.MadeOn, x.Method, x.Simulated, x.SHA256})
	}
	return lines, err
}

// verified is what report verify says of a file.
type verified struct {
	Template        string          `json:"template"`
	TemplateVersion string          `json:"template_version"`
	Organisation    string          `json:"organisation"`
	From            collector.Month `json:"from"`
	To              collector.Month `json:"to"` // in it
	MadeOn          collector.Date  `json:"made_on"`
	MethodVersion   string          `json:"method_version"`
	Simulated       bool            `json:"simulated"`
	SHA256          string          `json:"sha256"`
	Kept            *int64          `json:"kept,omitempty"` // number under which this collector keeps it, 0 for not; absent where no collector was asked
}

func reportVerifyCommand(d *desk) command.Command {
	return command.Command{
		Name: "report verify", Args: "FILE.json", Summary: "tell whether a report is as it was sealed; with --data also whether this collector keeps it",
		Example: "report verify report.json\nreport verify report.json --data /var/lib/veille-collector",
		Exits:   fmt.Sprintf(", %d it is not a report that was sealed, or was changed since", notSealed),
		Flags: func(fs *pflag.FlagSet) {
			if d.call == nil {
				fs.StringVar(&d.folder.dir, "data", "", "`folder` of the collector's files, to see whether it keeps the report")
				d.folder.ledgerFlag(fs)
			}
			d.jsonFlag(fs, "object")
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 {
				return command.Usage("give one file, a report as JSON")
			}
			file, err := d.file(args[0], "report", collector.MaxFrozen)
			if err != nil {
				return err
			}
			whole, err := label.Open(file)
			if _, tampered := errors.AsType[label.TamperedError](err); tampered {
				return command.WithStatus(notSealed, fmt.Errorf("%s is not as it was sealed: %w", args[0], err))
			}
			if err != nil {
				return command.WithStatus(notSealed, fmt.Errorf("%s is not a report: %w", args[0], err))
			}
			v := verified{
				whole.Template, whole.TemplateVersion, whole.Organisation, whole.Period.From, whole.Period.To, whole.MadeOn, whole.MethodVersion, whole.Simulated, whole.SHA256, nil,
			}
			if d.call != nil || d.folder.given() {
				err = d.with(ctx, func(l ledger) error {
					v.Kept, err = l.keptAs(ctx, whole.SHA256)
					return err
				})
			}
			if err != nil {
				return err
			}
			return d.put(v, v.print)
		},
	}
}

// keptAs is the number of the kept report of that hash, of an organisation that the caller sees; 0 where there is none.
func (l ledger) keptAs(ctx context.Context, hash string) (*int64, error) {
	all, err := l.organisations(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		lines, err := reportLines(ctx, l, r)
		if err != nil {
			return nil, err
		}
		for _, x := range lines {
			if x.SHA256 == hash {
				return &x.ID, nil
			}
		}
	}
	return new(int64), nil
}

func (v verified) print(w io.Writer) error {
	figures := map[bool]string{true: "of simulated machines", false: "of real machines"}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "template\t%s %s\norganisation\t%s\nperiod\t%s to %s\nmade on\t%s\nmethod\t%s\nfigures\t%s\nsha256\t%s, as it was sealed\n",
		v.Template, v.TemplateVersion, v.Organisation, v.From, v.To, cmp.Or(v.MadeOn, "-"), v.MethodVersion, figures[v.Simulated], v.SHA256)
	switch {
	case v.Kept == nil:
	case *v.Kept == 0:
		_, _ = fmt.Fprintln(t, "kept\tnot by this collector")
	default:
		_, _ = fmt.Fprintf(t, "kept\tby this collector, as report %d\n", *v.Kept)
	}
	return t.Flush()
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/crawl"
	"veille/collector/store/sqlite"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// notMeasured is the exit status of a page that was added and could not be measured.
const notMeasured = 3

func pageAddCommand(stdout, stderr io.Writer) command.Command {
	var f folder
	var private bool
	return command.Command{
		Name: "page add", Args: "URL", Summary: "measure a web page now, and once a week from now on",
		Example: "page add --data /var/lib/veille-collector https://www.example.org/",
		Exits:   ", 3 added but not measured: it is tried again tomorrow",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			privateFlag(fs, &private)
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 {
				return command.Usage("give one address of a page")
			}
			address, err := web.ParseAddress(args[0])
			if err != nil {
				return command.Usage("%w", err)
			}
			return f.with(ctx, func(store *sqlite.Store) error {
				measurer := newMeasurer(private)
				defer measurer.Close()
				crawler := crawl.New(store, store, measurer, slog.New(slog.NewTextHandler(stderr, nil)))
				page, result, err := crawler.Visit(ctx, collector.Page{URL: address.String()})
				if err != nil {
					return err
				}
				if page.Problem != "" {
					return command.WithStatus(notMeasured, errors.New(page.Problem))
				}
				_, err = fmt.Fprintf(stdout, "%s: grade %s, score %d, %s mode; next visit on %s\n", page.URL, result.Grade, result.Score, crawl.Mode, page.NextOn)
				return err
			})
		},
	}
}

func pageListCommand(stdout io.Writer) command.Command {
	var f folder
	return command.Command{
		Name: "page list", Summary: "list the pages that are measured", Example: "page list --data /var/lib/veille-collector", Flags: f.flags,
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			return f.with(ctx, func(store *sqlite.Store) error {
				pages, err := store.Pages(ctx)
				if err != nil {
					return err
				}
				t := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
				for _, p := range pages {
					_, _ = fmt.Fprintf(t, "%s\tnext visit %s\t%s\n", p.URL, p.NextOn, p.Problem)
				}
				return t.Flush()
			})
		},
	}
}

func privateFlag(fs *pflag.FlagSet, private *bool) {
	fs.BoolVar(private, "allow-private", false, "measure pages at private addresses too; only where everybody who may add a page may see them")
}

// userAgent says who visits, and that it is a machine.
const userAgent = "Mozilla/5.0 (compatible; VeilleCollector/1.0; EcoIndex of declared pages, once a week)"

// maxParsed keeps the memory of the worst page below what the collector may take; pages larger than this, decompressed,
// are not measured.
const maxParsed = 1 << 20

func newMeasurer(private bool) *static.Measurer {
	return static.New(static.Options{AllowPrivate: private, UserAgent: userAgent, MaxParsed: maxParsed})
}

package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/ecoindex/web"
)

// ofOrganisation is a command about one organisation.
func ofOrganisation(d *desk, c command.Command, flags func(*pflag.FlagSet), names int, do func(context.Context, ledger, collector.Responsible, []string) error) command.Command {
	var organisation string
	c.Flags = func(fs *pflag.FlagSet) {
		d.flags(fs)
		flags(fs)
		fs.StringVar(&organisation, "organisation", "", "`name` of the organisation; without it the only one there is")
	}
	c.Run = func(ctx context.Context, args []string) error {
		if len(args) != names {
			return command.Usage("give %d words, not %d: see --help", names, len(args))
		}
		return d.with(ctx, func(l ledger) error {
			r, err := l.organisation(ctx, organisation)
			if err != nil {
				return err
			}
			return do(ctx, l, r, args)
		})
	}
	return c
}

func websiteAllowCommand(d *desk) command.Command {
	return ofOrganisation(d, command.Command{
		Name: "website allow", Args: "HOST", Summary: "let a host of the intranet be measured: without it only the public internet is reached",
		Example: "website allow --data /var/lib/veille-collector intranet.example.org",
	}, noFlags, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		host, err := web.ParseHost(args[0])
		if err != nil {
			return command.Usage("%w", err)
		}
		if err := l.store.AllowHost(l.noting(ctx, r.ID, "host %s", host), r.ID, host); err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "%s: pages of %s may lead to private addresses under that name; never to loopback, link-local or metadata addresses\n", r.Name, host)
		return err
	})
}

func websiteForbidCommand(d *desk) command.Command {
	return ofOrganisation(d, command.Command{
		Name: "website forbid", Args: "HOST", Summary: "take back that a host of the intranet may be measured",
		Example: "website forbid --data /var/lib/veille-collector intranet.example.org",
	}, noFlags, 1, func(ctx context.Context, l ledger, r collector.Responsible, args []string) error {
		host, err := web.ParseHost(args[0])
		if err != nil {
			return command.Usage("%w", err)
		}
		if err := l.store.ForbidHost(l.noting(ctx, r.ID, "host %s", host), r.ID, host); err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "%s: %s is reached no more where it leads to a private address\n", r.Name, host)
		return err
	})
}

func websiteHostsCommand(d *desk) command.Command {
	return ofOrganisation(d, command.Command{
		Name: "website hosts", Summary: "list the hosts of the intranet that may be measured", Example: "website hosts --data /var/lib/veille-collector",
	}, func(fs *pflag.FlagSet) { d.jsonFlag(fs, "array") }, 0, func(ctx context.Context, l ledger, r collector.Responsible, _ []string) error {
		hosts, err := l.store.AllowedHosts(ctx, r.ID)
		if err != nil {
			return err
		}
		return d.put(append([]string{}, hosts...), func(w io.Writer) error {
			for _, h := range hosts {
				_, _ = fmt.Fprintln(w, h)
			}
			return nil
		})
	})
}

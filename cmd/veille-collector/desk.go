package main

import (
	"context"
	"encoding/json"
	"io"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/label"
	"veille/collector/store/relational"
)

// desk is where one command is given: on the server's command line, or over the API.
type desk struct {
	stdout, stderr io.Writer
	what           string // name of the command
	folder         folder // of the command line
	call           *call  // of the API; nil on the command line
	reason         string // --reason
	asJSON         bool   // --json
	private        bool   // --allow-private
	browser        string // --browser
}

// call is a command that came over the API.
type call struct {
	store *relational.Store // open already
	user  collector.User    // who gives it
	file  []byte            // what a command reads in the place of a file, nil for nothing
	ask   func(ctx context.Context, website int64) error

	shipped func() (map[string]label.Template, error)
}

// flags declares the folder, which the API has open already.
func (d *desk) flags(fs *pflag.FlagSet) {
	if d.call == nil {
		d.folder.flags(fs)
	}
}

// jsonFlag declares --json for a list.
func (d *desk) jsonFlag(fs *pflag.FlagSet, what string) {
	fs.BoolVar(&d.asJSON, "json", false, "print a JSON "+what)
}

// reasonFlag declares --reason for what is done with single machines.
func (d *desk) reasonFlag(fs *pflag.FlagSet) {
	fs.StringVar(&d.reason, "reason", "", "`why`, for the audit log; over the API a list of machines is given for a reason only")
}

// flagsWithJSON is the flags of a command that has no others.
func (d *desk) flagsWithJSON(fs *pflag.FlagSet) {
	d.flags(fs)
	d.jsonFlag(fs, "array")
}

// showFlags is the flags of a command that shows one thing.
func (d *desk) showFlags(fs *pflag.FlagSet) { d.jsonFlag(fs, "object") }

// with gives the ledger to do, as the caller may use it. On the command line the folder must have one: see create.
func (d *desk) with(ctx context.Context, do func(ledger) error) error {
	return d.open(ctx, d.folder.with, do)
}

// create is with, and makes folder and database where they are missing.
func (d *desk) create(ctx context.Context, do func(ledger) error) error {
	return d.open(ctx, d.folder.create, do)
}

func (d *desk) open(ctx context.Context, opened func(context.Context, func(*relational.Store) error) error, do func(ledger) error) error {
	if !oneLine(d.reason) {
		return command.Usage("--reason is not one line of up to %d characters", longest)
	}
	if d.call != nil {
		return do(ledger{
			store: d.call.store, user: d.call.user, within: d.call.user.Organisation, what: d.what, reason: d.reason, shipped: d.call.shipped,
		})
	}
	return opened(ctx, func(store *relational.Store) error {
		return do(ledger{store: store, what: d.what, reason: d.reason, shipped: label.ShippedTemplates})
	})
}

// put prints value as JSON where --json asks for it, and as text does otherwise.
func (d *desk) put(value any, text func(io.Writer) error) error {
	if d.asJSON {
		return json.NewEncoder(d.stdout).Encode(value)
	}
	return text(d.stdout)
}

// about completes a command that is about one thing, which find finds by the name that is given. Without one the command says what to give.
func about[T any](d *desk, c command.Command, give string, flags func(*pflag.FlagSet), find func(ledger, context.Context, string) (T, error),
	do func(context.Context, ledger, T) error,
) command.Command {
	c.Args = "NAME"
	c.Flags = func(fs *pflag.FlagSet) {
		d.flags(fs)
		flags(fs)
	}
	c.Run = func(ctx context.Context, args []string) error {
		if len(args) != 1 {
			return command.Usage("%s", give)
		}
		return d.with(ctx, func(l ledger) error {
			one, err := find(l, ctx, args[0])
			if err != nil {
				return err
			}
			return do(ctx, l, one)
		})
	}
	return c
}

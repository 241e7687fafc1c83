package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/fleet/burst"
)

// unreachable is the exit status when the collector took nothing.
const unreachable = 3

// load is what the flags of a load say.
type load struct {
	machines              int
	token, ca, identities string
	mode, pack, check     string
	use                   string
	days                  int
	asked                 bool // for JSON
	way                   burst.Way
	plan                  burst.Plan
	stdout, stderr        io.Writer
}

func loadCommand(stdout, stderr io.Writer) command.Command {
	l := load{stdout: stdout, stderr: stderr}
	return command.Command{
		Name: "load", Summary: "post like many agents, and check that the collector has what it acknowledged",
		Example: "load --machines 1000 --collector https://veille.example.org --token TOKEN --days 21\n" +
			"load --machines 1000 --collector http://127.0.0.1:8765 --identities fleet.json --token TOKEN --mode steady --for 10s --keep-alive",
		Exits: "\n  1 also when an acknowledged record is missing or counted twice, or could not be looked for, or machines gave up, or it was interrupted;" +
			"\n  3 the collector could not be reached or took nothing",
		Flags: l.flags,
		Run: func(ctx context.Context, args []string) error {
			if err := errors.Join(command.NoArgs(args), l.complete()); err != nil {
				return err
			}
			return l.run(ctx)
		},
	}
}

func (l *load) flags(fs *pflag.FlagSet) {
	fs.IntVar(&l.machines, "machines", 0, "how many `machines`; all of --identities if left out")
	fs.StringVar(&l.way.Collector, "collector", "", "`address` of the collector: https://host[:port], or http")
	fs.StringVar(&l.token, "token", "", "`token` of a site, for as many machines as are yet to be enrolled")
	fs.StringVar(&l.identities, "identities", "", "`file` for the enrolled machines, whose passwords it holds: the next load goes on with them")
	fs.StringVar(&l.use, "use", "individual", "what the machines are: `individual`, with a record a day, shared or server, with a record an hour; for all loads with the same --identities")
	command.Values(fs, "use", "individual", "shared", "server")
	fs.StringVar(&l.mode, "mode", "burst", "`burst`: each machine posts its days at once, as fast as possible; steady: one record a post")
	fs.IntVar(&l.days, "days", 21, "`days` of each machine in a burst")
	fs.Int64Var(&l.plan.Posts, "posts", 0, "`posts` of steady, at most")
	fs.DurationVar(&l.plan.For, "for", 0, "`time` after which steady ends")
	fs.Float64Var(&l.plan.Rate, "rate", 0, "posts per `second` of steady; 0: as fast as possible")
	fs.IntVar(&l.way.Connections, "connections", 64, "`connections` at a time")
	fs.BoolVar(&l.way.KeepAlive, "keep-alive", false, "a connection serves many machines, as behind a proxy; else each machine opens its own for each post of steady, and for all its posts of a burst")
	fs.BoolVar(&l.way.NewSessions, "new-sessions", false, "no connection over TLS resumes the session of another")
	fs.StringVar(&l.ca, "ca", "", "PEM `file` of authorities that vouch for the collector, in place of those of the system")
	fs.StringVar(&l.pack, "gzip", "fastest", "how bodies are packed: `fastest`, stored (as gzip, not compressed) or none")
	command.Values(fs, "gzip", "fastest", "stored", "none")
	fs.StringVar(&l.check, "verify", "all", "machines whose acknowledged records are looked for at the end: `all`, sample (1000 machines) or none")
	command.Values(fs, "verify", "all", "sample", "none")
	fs.DurationVar(&l.way.Timeout, "timeout", 30*time.Second, "`time` for one post and its answer")
	fs.IntVar(&l.way.Retries, "retries", 10, "`tries` of a post after the first, with growing pauses")
	fs.DurationVar(&l.way.FirstPause, "pause", 5*time.Second, "first `pause` after a failure, of which a random part is taken; an agent's is 5s")
	fs.DurationVar(&l.way.Patience, "patience", 3*time.Minute, "`time` without any answer after which it ends")
	fs.BoolVar(&l.asked, "json", false, "print the report as JSON")
}

// complete refuses what cannot be meant.
func (l *load) complete() error {
	l.way.Collector = strings.TrimRight(l.way.Collector, "/")
	switch {
	case l.way.Collector == "":
		return command.Usage("no collector given; add --collector URL")
	case l.machines < 0 || l.machines == 0 && l.identities == "":
		return command.Usage("say with --machines how many machines there are, 1 or more")
	case l.mode != "burst" && l.mode != "steady":
		return command.Usage("--mode %q is none of burst, steady", l.mode)
	case !slices.Contains([]wire.Use{wire.Individual, wire.Shared, wire.Server}, wire.Use(l.use)):
		return command.Usage("--use %q is none of individual, shared, server", l.use)
	case l.mode == "burst" && (l.days < 1 || l.days > 44):
		return command.Usage("--days %d is not from 1 to 44: a collector takes no older records", l.days)
	case l.mode == "burst" && (l.plan.Posts != 0 || l.plan.For != 0 || l.plan.Rate != 0):
		return command.Usage("--posts, --for and --rate are of --mode steady; a burst has --days")
	case l.mode == "steady" && (l.plan.Posts < 0 || l.plan.For < 0 || l.plan.Rate < 0 || l.plan.Posts == 0 && l.plan.For == 0):
		return command.Usage("say with --posts or --for when a steady load ends")
	case l.way.Connections < 1 || l.way.Connections > 60_000:
		return command.Usage("--connections %d is not from 1 to 60000", l.way.Connections)
	case l.way.Retries < 0 || l.way.Timeout <= 0 || l.way.FirstPause <= 0 || l.way.Patience <= 0:
		return command.Usage("--retries, --timeout, --pause and --patience are not less than nothing")
	case !slices.Contains([]burst.Pack{burst.Fastest, burst.Stored, burst.Plain}, burst.Pack(l.pack)):
		return command.Usage("--gzip %q is none of fastest, stored, none", l.pack)
	case !slices.Contains([]burst.Check{burst.All, burst.Sample, burst.None}, burst.Check(l.check)):
		return command.Usage("--verify %q is none of all, sample, none", l.check)
	}
	if err := l.way.Valid(); err != nil {
		return command.Usage("%w", err)
	}
	l.plan.Pack, l.plan.Check, l.plan.CPU = burst.Pack(l.pack), burst.Check(l.check), processorTime
	if l.mode == "burst" {
		l.plan.Days = l.days
	}
	return nil
}

// run does it, and prints the report.
func (l *load) run(ctx context.Context) error {
	if err := l.trust(); err != nil {
		return err
	}
	ids, err := l.known()
	if err != nil {
		return err
	}
	if l.machines == 0 {
		l.machines = len(ids.Machines)
	}
	l.plan.Machines = l.machines
	progress := command.Terminal(l.stderr)
	enrolled, took, err := burst.Enrol(ctx, l.way, l.token, ids, l.machines, l.kindOf, l.teller(progress, "enrolled"))
	l.clear(progress)
	if err != nil {
		return status(errors.Join(err, l.save(ids, enrolled > 0, false)))
	}
	running, err := burst.New(l.way, l.plan, ids, l.records(ids), l.teller(progress, "done"))
	if err != nil {
		return errors.Join(err, l.save(ids, enrolled > 0, false))
	}
	if err := l.save(ids, true, true); err != nil {
		return err
	}
	report, err := running.Run(ctx)
	l.clear(progress)
	err = errors.Join(err, l.save(ids, true, false))
	if report == nil {
		return status(err)
	}
	if report.Enrolments = enrolled; enrolled > 0 {
		report.EnrolmentsPerS = float64(enrolled) / took.Seconds()
	}
	if printed := l.print(report); printed != nil {
		return printed
	}
	if err != nil {
		return status(err)
	}
	return report.Err()
}

// status gives an error its exit status.
func status(err error) error {
	if errors.Is(err, burst.ErrUnreachable) {
		return command.WithStatus(unreachable, err)
	}
	return err
}

// kindOf is what a machine says of itself when it is enrolled.
func (l *load) kindOf(machine int) (wire.Use, *wire.Machine) {
	return wire.Use(l.use), new(model(machine % burst.Kinds))
}

// records are what machines of that use have to tell.
func (l *load) records(ids *burst.Identities) burst.Records {
	if use := wire.Use(l.use); use != wire.Individual {
		return hoursAt(ids, use)
	}
	return recordsAt(ids)
}

// trust reads the authorities of --ca.
func (l *load) trust() error {
	if l.ca == "" {
		return nil
	}
	text, err := os.ReadFile(l.ca)
	if err != nil {
		return fmt.Errorf("read the authorities of --ca: %w", err)
	}
	l.way.Roots = x509.NewCertPool()
	if !l.way.Roots.AppendCertsFromPEM(text) {
		return fmt.Errorf("%s, the file of --ca, has no certificate in PEM form", l.ca)
	}
	return nil
}

// known are the machines that were enrolled before.
func (l *load) known() (*burst.Identities, error) {
	ids := &burst.Identities{}
	if l.identities != "" {
		read, err := burst.ReadIdentities(l.identities)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err == nil {
			ids = read
		}
	}
	switch {
	case len(ids.Machines) > 0 && ids.Collector != l.way.Collector:
		return nil, command.Usage("the machines in %s are enrolled at %s, not at %s", l.identities, ids.Collector, l.way.Collector)
	case len(ids.Machines) == 0 && l.machines == 0:
		return nil, command.Usage("%s holds no machines yet; say with --machines how many to enrol", l.identities)
	case len(ids.Machines) < l.machines && l.token == "":
		return nil, command.Usage("no token given to enrol the machines; add --token, which veille-collector token create makes")
	}
	return ids, nil
}

// save keeps the machines for the next load.
func (l *load) save(ids *burst.Identities, changed, running bool) error {
	if l.identities == "" || !changed {
		return nil
	}
	ids.Running = running
	return ids.Save(l.identities)
}

// teller shows a person who waits how far it is.
func (l *load) teller(person bool, what string) func(done, all int64) {
	if !person {
		return nil
	}
	return func(done, all int64) {
		of := ""
		if all > 0 {
			of = fmt.Sprintf(" of %d", all)
		}
		_, _ = fmt.Fprintf(l.stderr, "\r\x1b[K%s %d%s", what, done, of)
	}
}

// clear takes the progress away.
func (l *load) clear(person bool) {
	if person {
		_, _ = io.WriteString(l.stderr, "\r\x1b[K")
	}
}

// print writes the report.
func (l *load) print(report *burst.Report) error {
	if !l.asked {
		return report.Print(l.stdout)
	}
	e := json.NewEncoder(l.stdout)
	e.SetIndent("", "  ")
	return e.Encode(report)
}

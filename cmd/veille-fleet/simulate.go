package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/pflag"

	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/collector/store/sqlite"
	"veille/fleet"
)

// The ways into the collector.
const (
	throughIngest = "ingest"
	throughStore  = "store"
)

// simulate is what the flags of a simulation say.
type simulate struct {
	dir, organisation, zone string
	through, to             string
	machines, sites, days   int
	every                   int // days from one roll-up to the next; 0: by the way
	seed                    uint64
	whole                   bool
	policies                []string
	asked                   bool // for JSON
	given                   *pflag.FlagSet
	now                     func() time.Time
	stdout, stderr          io.Writer

	plan fleet.Plan // as the flags say, when they are complete
}

func simulateCommand(stdout, stderr io.Writer) command.Command {
	s := simulate{stdout: stdout, stderr: stderr, now: time.Now}
	return command.Command{
		Name: "simulate", Summary: "fill a collector's folder with the history of a fleet that does not exist",
		Example: "simulate --machines 300 --days 60 --data ./demo\n" +
			"simulate --machines 50000 --days 365 --seed 7 --through store --sleep-policy 2026-03-02:0.8 --data ./region",
		Exits: "\n  1 also when a record was refused, or it was interrupted: the folder is whole then, and what was delivered is in it",
		Flags: s.flags,
		Run: func(ctx context.Context, args []string) error {
			if err := errors.Join(command.NoArgs(args), s.complete()); err != nil {
				return err
			}
			return s.run(ctx)
		},
	}
}

func (s *simulate) flags(fs *pflag.FlagSet) {
	s.given = fs
	fs.StringVar(&s.dir, "data", "", "`folder` for the collector's files, made where it is missing; one that has a database already is refused")
	fs.IntVar(&s.machines, "machines", 0, "how many `machines`")
	fs.IntVar(&s.days, "days", 365, "`days` that they live")
	fs.StringVar(&s.to, "to", "", "last `date` that they live; yesterday if left out")
	fs.Uint64Var(&s.seed, "seed", 1, "`number` that all is drawn from: the same one makes the same fleet, whatever the way")
	fs.IntVar(&s.sites, "sites", 0, "how many `sites`; if left out, one for each 435 machines")
	fs.StringVar(&s.organisation, "organisation", "Simulated region", "`name` of the organisation that the sites are of")
	fs.StringVar(&s.zone, "time-zone", "Europe/Paris", "IANA `name` of the time zone of the sites")
	fs.StringSliceVar(&s.policies, "sleep-policy", nil, "`date:share[:minutes]` from which that share of the machines, but for servers, sleep after 30 minutes without use, or as many "+
		"as it says; 0: never. May be given again, in order of time")
	fs.StringVar(&s.through, "through", throughIngest, "`way` of the records: ingest posts each delivery to the real ingest, packed as by an agent; store gives them to the database itself, many times as fast")
	fs.BoolVar(&s.whole, "whole-days", false, "shared machines and servers too send one record a day, as with --through store if left out (a year of hours of 50000 machines is 270 million records); "+
		"--whole-days=false: one an hour")
	fs.IntVar(&s.every, "roll-up-every", 0, "`days` from one roll-up to the next, 1 to 28; if left out, 1 as in real work, and 7 with --through store, which then also keeps the "+
		"deliveries of those days at once. There is one more whenever a month is to be fixed, so what the folder says at the end is the same, but for the list of runs")
	fs.BoolVar(&s.asked, "json", false, "print the report as JSON")
}

// complete refuses what cannot be meant, and makes the plan.
func (s *simulate) complete() error {
	store := s.through == throughStore
	if store && !s.given.Changed("whole-days") {
		s.whole = true
	}
	if s.every == 0 && !s.given.Changed("roll-up-every") {
		s.every = map[bool]int{false: 1, true: 7}[store]
	}
	if s.sites == 0 {
		s.sites = max(1, (s.machines+217)/435)
	}
	switch {
	case s.dir == "":
		return command.Usage("no folder given; add --data DIR")
	case s.machines < 1:
		return command.Usage("say with --machines how many machines there are, 1 or more")
	case s.days < 1 || s.days > fleet.MaxDays:
		return command.Usage("--days %d is not from 1 to %d", s.days, fleet.MaxDays)
	case !store && s.through != throughIngest:
		return command.Usage("--through %q is none of ingest, store", s.through)
	case s.every < 1 || s.every > 28:
		return command.Usage("--roll-up-every %d is not from 1 to 28", s.every)
	case s.organisation != strings.TrimSpace(s.organisation) || s.organisation == "" || strings.ContainsFunc(s.organisation, unicode.IsControl):
		return command.Usage("--organisation %q is not one line", s.organisation)
	}
	actions, err := actionsOf(s.policies)
	if err != nil {
		return err
	}
	last, err := s.last()
	if err != nil {
		return err
	}
	s.plan = fleet.Plan{
		Seed: s.seed, Machines: s.machines, Sites: s.sites, TimeZone: s.zone, WholeDays: s.whole, Actions: actions,
		From: last.AddDate(0, 0, 1-s.days).Format(time.DateOnly), To: last.Format(time.DateOnly),
	}
	return nil
}

// last is the last day that is lived.
func (s *simulate) last() (time.Time, error) {
	zone, err := time.LoadLocation(s.zone)
	if err != nil || s.zone == "" || s.zone == "Local" {
		return time.Time{}, command.Usage("--time-zone %q is no IANA name of a time zone, like Europe/Paris", s.zone)
	}
	y, m, d := s.now().In(zone).Date()
	yesterday := time.Date(y, m, d-1, 0, 0, 0, 0, time.UTC)
	if s.to == "" {
		return yesterday, nil
	}
	last, err := time.Parse(time.DateOnly, s.to)
	switch {
	case err != nil:
		return last, command.Usage("--to %q is not a date like 2006-01-02", s.to)
	case last.After(yesterday):
		return last, command.Usage("--to %s is not over yet; it may be %s at the latest", s.to, yesterday.Format(time.DateOnly))
	}
	return last, nil
}

// actionsOf reads sleep policies.
func actionsOf(policies []string) ([]fleet.Action, error) {
	actions := make([]fleet.Action, 0, len(policies))
	for _, text := range policies {
		words := strings.Split(text, ":")
		if len(words) == 2 {
			words = append(words, "30")
		}
		if len(words) != 3 {
			return nil, command.Usage("--sleep-policy %q is not like 2026-03-02:0.8 or 2026-03-02:0.8:30", text)
		}
		share, err := strconv.ParseFloat(words[1], 64)
		if err != nil {
			return nil, command.Usage("the share of --sleep-policy %q is not from 0 to 1", text)
		}
		minutes, err := strconv.Atoi(words[2])
		if err != nil {
			return nil, command.Usage("the minutes of --sleep-policy %q are not from 0 to 999", text)
		}
		actions = append(actions, fleet.Action{From: words[0], Share: share, SleepAfter: minutes})
	}
	return actions, nil
}

// run does it, and prints the report.
func (s *simulate) run(ctx context.Context) error {
	f, err := fleet.New(s.plan)
	if err != nil {
		return command.Usage("%w", err)
	}
	report, err := s.fill(ctx, f)
	if err != nil {
		return err
	}
	if err := report.print(s.stdout, s.asked); err != nil {
		return err
	}
	return report.err()
}

// fill makes the folder, and lives the fleet in it.
func (s *simulate) fill(ctx context.Context, f *fleet.Fleet) (*simulated, error) {
	database := filepath.Join(s.dir, "veille.db")
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the collector's folder: %w; choose another with --data", err)
	}
	if _, err := os.Stat(database); err == nil {
		return nil, fmt.Errorf("there is a collector's database in %s already. A simulation is mixed with nothing, least of all with real machines, and goes on with no other: "+
			"give --data a new folder, or remove this one if nobody needs what is in it", s.dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for a database: %w; choose another folder with --data", err)
	}
	release, err := sqlite.Lock(database)
	if err != nil {
		return nil, fmt.Errorf("%w: choose another folder with --data", err)
	}
	report, err := s.live(ctx, f, database)
	return report, errors.Join(err, release())
}

// live lives the fleet in a new database.
func (s *simulate) live(ctx context.Context, f *fleet.Fleet, database string) (*simulated, error) {
	sim := newSimulation(f, s)
	store, err := sqlite.Open(ctx, database)
	if err != nil {
		return nil, sim.explained(ctx, err)
	}
	sim.store = store
	err = sim.run(ctx)
	if err == nil {
		err = sim.count(ctx)
	}
	if err = errors.Join(err, store.Close()); err != nil {
		return nil, sim.explained(ctx, err)
	}
	info, err := os.Stat(database) // once more: the log is in it now
	if err != nil {
		return nil, fmt.Errorf("look at the database: %w", err)
	}
	sim.report.size(info.Size())
	return &sim.report, nil
}

// planned is what the plan says of a machine, in numbers of the plan's days.
type planned struct {
	site, group  int
	born, reborn int // days; reborn 0: never installed anew
	use          wire.Use
	key, second  [16]byte
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/mirror"
	"veille/collector/store/relational"
	"veille/collector/transfer"
)

// moving is the flags of migrate series.
type moving struct {
	from, to     seriesFlags
	since, until string
	lost         bool // the ledger is
}

func migrateSeriesCommand(d *desk) command.Command {
	var m moving
	return command.Command{
		Name: "migrate series", Summary: "bring all points of one series to another, but for those of what the ledger says is gone, day by day, and compare counts and sums; what was interrupted goes on where it was",
		Example: "migrate series --data /var/lib/veille-collector --from-series influx+http://127.0.0.1:8086/veille --from-token-file /etc/veille/influx.token --to-series victoria+http://127.0.0.1:8428",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.BoolVar(&m.lost, "no-ledger", false, "the ledger that the points came from is lost: hours of machines and what plugs said are left out, since nobody knows which of them may still be told")
			m.from.flags(fs, "from-", "that the points are in")
			m.to.flags(fs, "to-", "that the points are brought to")
			fs.StringVar(&m.since, "since", "", "first `date`, in UTC, like 2026-01-31 (default: six years ago); of hours and of readings of meters, which are kept for 90 days, the last 89 are brought at most")
			fs.StringVar(&m.until, "until", "", "last `date`, in it (default: yesterday, since today's points are still being written)")
			d.jsonFlag(fs, "array")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			o, err := daysBetween(m.since, m.until, time.Now())
			if err != nil {
				return err
			}
			if command.Terminal(d.stderr) {
				o.Progress = func(m collector.Measurement, day collector.Date) {
					_, _ = fmt.Fprintf(d.stderr, "\r%-14s %s   ", m, day)
				}
				defer func() { _, _ = fmt.Fprintln(d.stderr) }()
			}
			all, err := m.move(ctx, d, o)
			if err != nil {
				return err
			}
			return d.put(all, func(w io.Writer) error { return m.print(w, all, o) })
		},
	}
}

// daysBetween reads the dates of a transfer. Without a last one it is yesterday: points of today may come while it is compared.
func daysBetween(since, until string, now time.Time) (o transfer.Options, err error) {
	today := now.UTC().Truncate(24 * time.Hour)
	o.Today = today
	o.From, o.To = today.Add(-collector.KeepYears.For()), today
	if since != "" {
		if o.From, err = time.Parse(time.DateOnly, since); err != nil {
			return o, command.Usage("--since %.20q is not a date like 2026-01-31", since)
		}
	}
	if until != "" {
		last, err := time.Parse(time.DateOnly, until)
		if err != nil {
			return o, command.Usage("--until %.20q is not a date like 2026-01-31", until)
		}
		o.To = last.AddDate(0, 0, 1)
	}
	if !o.From.Before(o.To) {
		return o, command.Usage("--since %s is after --until %s", o.From.Format(time.DateOnly), o.To.AddDate(0, 0, -1).Format(time.DateOnly))
	}
	return o, nil
}

// move brings the points, and asks the ledger that they came from what is gone.
func (m *moving) move(ctx context.Context, d *desk, o transfer.Options) (all []transfer.Result, err error) {
	switch {
	case m.lost && d.folder.given():
		return nil, command.Usage("--no-ledger is for a ledger that is lost, and %s names one: give one of the two", d.folder.flag())
	case m.lost:
		o.Without = untold()
		return m.bring(ctx, o)
	case !d.folder.given():
		return nil, command.Usage("say which ledger the points came from, with --data or --ledger: what was erased there since must not come back; or, where it is lost, --no-ledger")
	}
	err = d.with(ctx, func(l ledger) error {
		if err := m.notDelivered(ctx, l.store, d.folder.where()); err != nil {
			return err
		}
		o.Gone = func(ctx context.Context) ([]collector.Query, error) { return everythingGone(ctx, l.store) }
		all, err = m.bring(ctx, o)
		return err
	})
	return all, err
}

// notDelivered is an error where a collector delivers to the destination: it has settled there already what is to be deleted, and would not delete it again.
func (m *moving) notDelivered(ctx context.Context, store *relational.Store, where string) error {
	to, err := m.to.only()
	if err != nil {
		return err
	}
	positions, err := store.Positions(ctx, to.name)
	if err != nil {
		return err
	}
	_, err = store.Delivery(ctx, to.name)
	if known := err == nil; !known && !errors.Is(err, collector.ErrNotFound) {
		return err
	} else if !known && len(positions) == 0 {
		return nil
	}
	return fmt.Errorf("%s is a destination of %s: its collector brings everything that the ledger has there by itself, and deletes what is erased. Leave that to it, or bring the points to "+
		"another database; or take it out of --series, give veille-collector outbox remove %q, then this command again, and name it in --series after that", to.name, where, to.name)
}

// bring opens both series and brings the points of one to the other.
func (m *moving) bring(ctx context.Context, o transfer.Options) (all []transfer.Result, err error) {
	from, err := m.from.only()
	if err != nil {
		return nil, err
	}
	to, err := m.to.only()
	if err != nil {
		return nil, err
	}
	if from.name == to.name {
		return nil, command.Usage("%s cannot be brought to itself", from.name)
	}
	source, err := from.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	destination, err := to.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, destination.Close()) }()
	return transfer.Run(ctx, source, destination, o)
}

// untold is what is not brought where no ledger says what may still be told: what is known of single machines.
func untold() []collector.Query {
	all := []collector.Query{{Measurement: collector.HourEnergy}, {Measurement: collector.HourSeconds}}
	for _, of := range ofMeters() {
		all = append(all, collector.Query{Measurement: of, Tags: collector.Tags{{Name: "kind", Value: "plug"}}})
	}
	return all
}

func ofMeters() []collector.Measurement {
	return []collector.Measurement{collector.DayMeter, collector.MeterEnergy, collector.MeterPower}
}

// everythingGone asks for everything of machines and websites that are gone, and of meters of which nothing may be told.
func everythingGone(ctx context.Context, store *relational.Store) (all []collector.Query, err error) {
	points := mirror.New(mirror.Parts{Ledger: store})
	for after := int64(0); ; {
		_, deletes, upTo, err := points.Next(ctx, collector.StreamErased, after)
		if err != nil {
			return nil, err
		}
		if upTo == after {
			break
		}
		all, after = append(all, deletes...), upTo
	}
	meters, err := untoldMeters(ctx, store)
	if err != nil {
		return nil, err
	}
	for _, n := range meters {
		all = append(all, everythingOfMeter(n)...)
	}
	return once(all), nil
}

// everythingOfMeter asks for everything that a destination has of a meter.
func everythingOfMeter(n int64) (all []collector.Query) {
	for _, of := range ofMeters() {
		all = append(all, collector.Query{
			Measurement: of, Tags: collector.Tags{{Name: "meter", Value: strconv.FormatInt(n, 10)}}, From: time.Unix(0, 0), To: time.Now().AddDate(1, 0, 0),
		})
	}
	return all
}

// once are queries without those that were there before: a machine may have gone twice.
func once(all []collector.Query) (some []collector.Query) {
	type key struct {
		of  collector.Measurement
		tag collector.Tag
	}
	seen := map[key]bool{}
	for _, q := range all {
		if k := (key{q.Measurement, q.Tags[0]}); !seen[k] {
			seen[k] = true
			some = append(some, q)
		}
	}
	return some
}

// untoldMeters are the numbers of meters that are gone, and of those that go the coming night.
func untoldMeters(ctx context.Context, store *relational.Store) ([]int64, error) {
	all, err := store.GoneMeters(ctx)
	if err != nil {
		return nil, err
	}
	told, err := store.Meters(ctx, today())
	if err != nil {
		return nil, err
	}
	known := map[int64]bool{}
	for _, m := range told {
		known[m.ID] = true
	}
	sites, err := store.Sites(ctx)
	if err != nil {
		return nil, err
	}
	for _, site := range sites {
		there, err := store.MetersAt(ctx, site.ID)
		if err != nil {
			return nil, err
		}
		for _, n := range there {
			if !known[n] {
				all = append(all, n)
			}
		}
	}
	return all, nil
}

func (m *moving) print(w io.Writer, all []transfer.Result, o transfer.Options) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "MEASUREMENT\tDAYS\tSENT\tPOINTS\tGONE\tDELETED")
	for _, r := range all {
		_, _ = fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\n", r.Measurement, r.Days, r.Sent, r.Points, r.Gone, r.Deleted)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "Counts and sums of every day up to %s, in UTC, are the same in both", o.To.AddDate(0, 0, -1).Format(time.DateOnly))
	if err != nil {
		return err
	}
	if m.lost {
		_, err = fmt.Fprintln(w, ". Hours of machines and what plugs said were left out.")
		return err
	}
	_, err = fmt.Fprintln(w, ", but for machines, websites and meters that the ledger says are gone: nothing of them was brought, and the destination was asked and has nothing of them.")
	return err
}

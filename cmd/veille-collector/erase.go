package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// ownLine is everything that is kept of one machine. Its keys are relied on by scripts.
type ownLine struct {
	Machines   []machineLine            `json:"machines"`   // under each of the numbers that it has and had
	Records    []collector.Record       `json:"records"`    // by number and date
	Months     []collector.MachineMonth `json:"months"`     // sums
	Quarantine []refusedLine            `json:"quarantine"` // records that could not be accepted
	Plugs      []plugLine               `json:"plugs"`      // what plugs behind it said: of a shared machine or a server, never of a person's
}

func machineShowCommand(d *desk) command.Command {
	c := d.onMachines(command.Command{
		Name: "machine show", Args: "NUMBER", Summary: "print everything that is kept of a machine by itself, for who has a right to see it",
		Example: "machine show --data /var/lib/veille-collector --reason \"request of 12 November\" 87",
	}, 1, func(ctx context.Context, l ledger, n []int64) error {
		m, err := l.machine(ctx, n[0])
		if err == nil {
			err = l.note(ctx, m.Site.Organisation, "machine %d", m.ID)
		}
		if err != nil {
			return err
		}
		own, err := l.store.Own(ctx, n[0])
		if err != nil {
			return err
		}
		line := ownLine{Machines: machineLines(own.Machines, false), Months: append([]collector.MachineMonth{}, own.Months...), Quarantine: refusedLines(own.Refused)}
		line.Records = make([]collector.Record, len(own.Days))
		for i, c := range own.Days {
			line.Records[i] = c.Record
		}
		if line.Plugs, err = l.plugsOf(ctx, own.Machines); err != nil {
			return err
		}
		return d.put(line, func(w io.Writer) error { return printOwn(w, line) })
	})
	flags := c.Flags
	c.Flags = func(fs *pflag.FlagSet) {
		flags(fs)
		d.jsonFlag(fs, "object, to the last digit")
	}
	return c
}

// printOwn prints what is kept of a machine, a line for each record and month.
func printOwn(w io.Writer, own ownLine) error {
	if err := printMachines(w, own.Machines); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range own.Records {
		s := collector.Sum{}
		s.AddRecord(r)
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\n", r.Date, hourText(r.Hour), sumText(s))
	}
	for _, m := range own.Months {
		_, _ = fmt.Fprintf(t, "%s\t%s\t%s\n", m.Month, count(int(m.Sum.Days), "day"), sumText(m.Sum))
	}
	for _, q := range own.Quarantine {
		_, _ = fmt.Fprintf(t, "%q\tin quarantine\t%s\n", q.Date, q.Reason)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	return printPlugs(w, own.Plugs)
}

func hourText(hour int) string {
	if hour == collector.WholeDay {
		return "the day"
	}
	return fmt.Sprintf("hour %d", hour)
}

// sumText is what a machine did, all parts of the day together.
func sumText(s collector.Sum) string {
	var all collector.PartSum
	for _, p := range s.Seconds {
		all.On, all.DisplayOff, all.Sleep, all.Off, all.Unknown = all.On+p.On, all.DisplayOff+p.DisplayOff, all.Sleep+p.Sleep, all.Off+p.Off, all.Unknown+p.Unknown
	}
	words := []string{fmt.Sprintf("on %d s, display off %d s, asleep %d s, off %d s, unknown %d s", all.On, all.DisplayOff, all.Sleep, all.Off, all.Unknown)}
	for _, scope := range collector.Scopes() {
		var e collector.EnergySum
		for _, x := range s.Energy {
			if x.Scope == scope {
				e.MWh, e.LowMWh, e.HighMWh = e.MWh+x.MWh, e.LowMWh+x.LowMWh, e.HighMWh+x.HighMWh
			}
		}
		if e != (collector.EnergySum{}) {
			words = append(words, fmt.Sprintf("%s %.3f Wh (%.3f to %.3f)", scope, e.MWh.Wh(), e.LowMWh.Wh(), e.HighMWh.Wh()))
		}
	}
	return strings.Join(words, "; ")
}

func eraseCommand(d *desk) command.Command {
	return d.onMachines(command.Command{
		Name: "erase", Args: "MACHINE", Summary: "delete a machine and everything that is kept of it by itself (right to erasure); this cannot be undone",
		Example: "erase --data /var/lib/veille-collector 87",
	}, 1, func(ctx context.Context, l ledger, n []int64) error {
		e, err := l.store.Erase(ctx, n[0])
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(d.stdout, "erased: machine %s, %s, %s, %s in quarantine\n", numbers(e.Machines), count(int(e.Days), "machine-day"),
			count(int(e.Months), "machine-month"), count(int(e.Quarantine), "record"))
		if err == nil && e.StaleDates > 0 {
			_, err = fmt.Fprintf(d.stdout, "groups are added up again without it the coming night, %s\n", count(e.StaleDates, "date"))
		}
		if err == nil && e.ClosedThrough != "" {
			_, err = fmt.Fprintf(d.stdout, "sums of groups up to %s are final and have it in them, where it cannot be told from the others\n", e.ClosedThrough)
		}
		if err == nil {
			_, err = fmt.Fprintln(d.stdout, "Remove the agent from the machine: enrolled again, it would send the last thirty days of its own journal. Backups still have what was erased.")
		}
		return err
	})
}

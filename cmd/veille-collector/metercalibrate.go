package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/calibrate"
)

func meterCalibrateCommand(d *desk) command.Command {
	var name string
	var days int
	return command.Command{
		Name: "meter calibrate", Summary: "say what shared machines and servers draw in each state by their plugs, and whether the models of their classes hold",
		Example: "meter calibrate --data /var/lib/veille-collector --days 60\nmeter calibrate --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" --json",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&name, "site", "", "`name` or number of one site; without it, all")
			fs.IntVar(&days, "days", 60, "`number` of days to look back, 90 at most")
			d.jsonFlag(fs, "object")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if days < 1 || days > 90 {
				return command.Usage("--days %d is not from 1 to 90", days)
			}
			return d.with(ctx, func(l ledger) error {
				sites, err := l.sitesNamed(ctx, name)
				if err != nil {
					return err
				}
				machines, err := plugged(ctx, l, sites, days)
				if err != nil {
					return err
				}
				r := calibrate.Calibrate(machines)
				return d.put(r, func(w io.Writer) error { return printCalibrated(w, r) })
			})
		},
	}
}

// plugged are the machines of sites that have a plug behind them, with the hours that both tell of.
func plugged(ctx context.Context, l ledger, sites map[int64]collector.Site, days int) ([]calibrate.Machine, error) {
	meters, err := l.store.Meters(ctx, today())
	if err != nil {
		return nil, err
	}
	behind := map[int64][]collector.MeterStatus{} // by machine
	for _, m := range meters {
		if _, seen := sites[m.Site]; seen && m.Machine != 0 {
			behind[m.Machine] = append(behind[m.Machine], m)
		}
	}
	var all []calibrate.Machine
	for id, plugs := range behind {
		m, err := l.store.MachineNumbered(ctx, id)
		if err != nil {
			return nil, err
		}
		hours, err := hoursOf(ctx, l, id, plugs, days)
		if err != nil {
			return nil, err
		}
		all = append(all, calibrate.Machine{ID: id, Class: m.Kind.Class, Hours: hours})
	}
	slices.SortFunc(all, func(a, b calibrate.Machine) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// hoursOf are the hours that a machine and its plugs tell of.
func hoursOf(ctx context.Context, l ledger, machine int64, plugs []collector.MeterStatus, days int) ([]calibrate.Hour, error) {
	series := l.store.Embedded()
	ask := func(m collector.Measurement, tag string, number int64) ([]collector.Point, error) {
		now := time.Now()
		return series.Range(ctx, collector.Query{
			Measurement: m, Tags: collector.NewTags(collector.Tag{Name: tag, Value: strconv.FormatInt(number, 10)}), From: now.AddDate(0, 0, -days), To: now,
		})
	}
	seconds, err := ask(collector.HourSeconds, "machine", machine)
	if err != nil {
		return nil, err
	}
	energy, err := ask(collector.HourEnergy, "machine", machine)
	if err != nil {
		return nil, err
	}
	var said []collector.Point
	for _, p := range plugs {
		measurement := collector.MeterPower
		if p.Counts() {
			measurement = collector.MeterEnergy
		}
		some, err := ask(measurement, "meter", p.ID)
		if err != nil {
			return nil, err
		}
		said = append(said, some...)
	}
	return calibrate.Hours(seconds, energy, said), nil
}

func printCalibrated(w io.Writer, r calibrate.Result) error {
	if len(r.Classes) == 0 {
		_, err := fmt.Fprintln(w, "no plug has said anything of a shared machine or server; see veille-collector meter add --kind plug --machine NUMBER")
		return err
	}
	type line struct {
		of string
		calibrate.Draw
	}
	var lines []line
	for _, c := range r.Classes {
		for _, d := range c.Draws {
			lines = append(lines, line{c.Class, d})
		}
	}
	err := columns(w, "CLASS\tSTATE\tWATTS\tFROM\tTO\tPLUGS\tHOURS", lines, func(x line) []any {
		if x.Missing != "" {
			return []any{x.of, x.State, x.Missing, "-", "-", x.Plugs, fmt.Sprintf("%.0f", x.Hours)}
		}
		return []any{x.of, x.State, fmt.Sprintf("%.1f", x.Watts.Value), fmt.Sprintf("%.1f", x.Watts.Low), fmt.Sprintf("%.1f", x.Watts.High), x.Plugs, fmt.Sprintf("%.0f", x.Hours)}
	})
	for _, c := range r.Classes {
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(w, comparedText(c))
	}
	return err
}

// comparedText holds the model of a class against its plugs.
func comparedText(c calibrate.OfClass) string {
	if c.Compared == nil {
		return fmt.Sprintf("%s: not compared with a model: %s", c.Class, c.Missing)
	}
	x, holds := c.Compared, "the plugs are inside the range of the model"
	if !x.Inside {
		holds = "the plugs are OUTSIDE the range of the model: say what these machines draw, see docs/method.md"
	}
	return fmt.Sprintf("%s: the model says %.1f Wh an hour (%.1f to %.1f), plugs say %.1f (%.1f to %.1f), %s, %s: %s", c.Class,
		x.Model.Value, x.Model.Low, x.Model.High, x.Plugs.Value, x.Plugs.Low, x.Plugs.High, count(x.Count, "plug"), count(x.Hours, "hour"), holds)
}

package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"veille/agent/power"
	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/calibrate"
)

// calibrationLine is what meter calibrate says. Its keys, and those of what it holds, are relied on by scripts.
type calibrationLine struct {
	From collector.Date `json:"from"`
	To   collector.Date `json:"to"` // in it
	calibrate.Result
}

func meterCalibrateCommand(d *desk) command.Command {
	var name string
	var days int
	var asCSV bool
	return command.Command{
		Name: "meter calibrate", Summary: "say what shared machines and servers draw in each state by their plugs, and whether the models of their classes hold",
		Example: "meter calibrate --data /var/lib/veille-collector --days 60\nmeter calibrate --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" --json\n" +
			"meter calibrate --data /var/lib/veille-collector --csv >plugs.csv    # for veille-agent models import --from readings plugs.csv",
		Flags: func(fs *pflag.FlagSet) {
			d.flags(fs)
			fs.StringVar(&name, "site", "", "`name` or number of one site; without it, all")
			fs.IntVar(&days, "days", 60, "`number` of days to look back, 90 at most")
			fs.BoolVar(&asCSV, "csv", false, "print what the classes draw as CSV, which veille-agent models import --from readings takes")
			d.jsonFlag(fs, "object")
			d.reasonFlag(fs)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			switch {
			case days < 1 || days > 90:
				return command.Usage("--days %d is not from 1 to 90", days)
			case asCSV && d.asJSON:
				return command.Usage("--csv and --json are both given; choose one")
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
				now := time.Now()
				line := calibrationLine{collector.DateOf(now.AddDate(0, 0, -days)), collector.DateOf(now), calibrate.Calibrate(machines)}
				if asCSV {
					return writeReadings(d.stdout, d.stderr, line)
				}
				return d.put(line, func(w io.Writer) error { return printCalibrated(w, line.Result) })
			})
		},
	}
}

// plugged are the machines of sites that have a plug behind them, with the hours that both tell of. It tells of single machines: the audit log says so of
// each site, before.
func plugged(ctx context.Context, l ledger, sites map[int64]collector.Site, days int) ([]calibrate.Machine, error) {
	meters, err := l.store.Meters(ctx, today())
	if err != nil {
		return nil, err
	}
	behind, looked := map[int64][]collector.MeterStatus{}, map[int64]bool{} // by machine, and by site
	for _, m := range meters {
		site, seen := sites[m.Site]
		if !seen || m.Machine == 0 {
			continue
		}
		behind[m.Machine] = append(behind[m.Machine], m)
		if !looked[site.ID] {
			looked[site.ID] = true
			if err := l.looking(ctx, site); err != nil {
				return nil, err
			}
		}
	}
	var all []calibrate.Machine
	for id, plugs := range behind {
		m, err := l.store.MachineNumbered(ctx, id)
		if err != nil {
			return nil, err
		}
		hours, err := hoursOf(ctx, l, id, lasting(plugs), days)
		if err != nil {
			return nil, err
		}
		all = append(all, calibrate.Machine{ID: id, Class: m.Kind.Class, Hours: hours})
	}
	slices.SortFunc(all, func(a, b calibrate.Machine) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// lasting are the plugs of a machine that were not ended, or all where all were: one that took the place of another is the whole machine from then on, and
// an hour that only the other tells of is known no more.
func lasting(plugs []collector.MeterStatus) []collector.MeterStatus {
	still := slices.DeleteFunc(slices.Clone(plugs), func(m collector.MeterStatus) bool { return m.RemovedOn != "" })
	if len(still) == 0 {
		return plugs
	}
	return still
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

// writeReadings writes what classes draw as the readings that the agents' models import takes, and says on rest what it leaves out.
func writeReadings(w, rest io.Writer, line calibrationLine) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"maker", "product", "state", "watts", "low_watts", "high_watts", "plugs", "minutes", "note"}) // Flush tells
	watts := func(x float64) string { return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64) }
	for _, c := range line.Classes {
		if !slices.Contains(power.Classes(), c.Class) {
			_, _ = fmt.Fprintf(rest, "%s: left out: machines of that class have no model that could be calibrated\n", cmp.Or(c.Class, "class not known"))
			continue
		}
		for _, x := range c.Draws {
			if x.Power == nil {
				_, _ = fmt.Fprintf(rest, "%s, %s: left out: %s\n", c.Class, x.State, x.Missing)
				continue
			}
			_ = out.Write([]string{
				power.AnyMaker, c.Class, x.State, watts(x.Power.Value), watts(x.Power.Low), watts(x.Power.High), strconv.Itoa(x.Plugs),
				strconv.FormatFloat(math.Round(60*x.Hours), 'f', -1, 64),
				fmt.Sprintf("mean of %s from %s to %s; nine of ten other machines are expected from low_watts to high_watts", count(x.Plugs, "plug"), line.From, line.To),
			})
		}
	}
	out.Flush()
	return out.Error()
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
		if x.Power == nil {
			return []any{x.of, x.State, x.Missing, "-", "-", x.Plugs, fmt.Sprintf("%.0f", x.Hours)}
		}
		return []any{x.of, x.State, fmt.Sprintf("%.1f", x.Power.Value), fmt.Sprintf("%.1f", x.Power.Low), fmt.Sprintf("%.1f", x.Power.High), x.Plugs, fmt.Sprintf("%.0f", x.Hours)}
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
		holds = "the plugs are OUTSIDE the range of the model: give the agents what plugs say, see meter calibrate --csv"
	}
	return fmt.Sprintf("%s: the model says %.1f W on average (%.1f to %.1f), plugs say %.1f (%.1f to %.1f), %s, %s: %s", c.Class,
		x.Model.Value, x.Model.Low, x.Model.High, x.Plugs.Value, x.Plugs.Low, x.Plugs.High, count(x.Count, "plug"), count(x.Hours, "hour"), holds)
}

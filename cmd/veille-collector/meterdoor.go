package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/metering"
)

func meterAddCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	var r collector.MeterRule
	var tags, by []string
	return command.Command{
		Name: "meter add", Args: "NAME", Summary: "say which lines that come by the line-protocol door are a meter of a site, and what they count",
		Example: "meter add --data /var/lib/veille-collector \"main meter\" --site \"Lycée Marie-Curie\" --kind building --measurement linky --field east --unit Wh\n" +
			"meter add --data /var/lib/veille-collector rack --site 2 --kind pdu --measurement snmp --tag role=pdu --by agent_host,outlet --field power --unit W\n" +
			"meter add --data /var/lib/veille-collector \"room 12, PC 3\" --site 2 --kind plug --measurement shelly --tag device=plug7 --field apower --unit W --machine 41",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.StringVar(&r.Kind, "kind", "", "`what` it measures: one of "+strings.Join(collector.MeterKinds(), ", "))
			fs.StringVar(&r.Measurement, "measurement", "", "`name` that its lines begin with")
			fs.StringVar(&r.Field, "field", "", "`name` of the field that is counted")
			fs.StringVar(&r.Unit, "unit", "", "`unit` of that field: Wh, kWh, MWh or J counted since the meter began, or W or kW drawn now")
			fs.StringArrayVar(&tags, "tag", nil, "`name=value` of a tag that a line must have; may be given several times, or several with commas between. One that holds a comma stands in double quotes")
			fs.StringArrayVar(&by, "by", nil, "`names` of tags, with commas between: each combination of their values is a meter of its own")
			fs.Int64Var(&r.Machine, "machine", 0, "`number` of the shared machine or server that is plugged in, for a plug; never one of a person")
		},
		Run: func(ctx context.Context, args []string) error {
			if len(args) != 1 || f.name == "" {
				return command.Usage("give the name of one meter, and --site")
			}
			r.Name = args[0]
			if err := tagsGiven(&r, tags, by); err != nil {
				return err
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				r.Site, r.AddedOn, r.Since = site.ID, today(), time.Now().UnixMilli()
				if err := misuse(r.Validate()); err != nil {
					return err
				}
				if r.Machine != 0 {
					if _, err := l.machine(ctx, r.Machine); err != nil {
						return err
					}
				}
				kept, err := l.store.AddMeterRule(l.noting(ctx, site.Organisation, "meter %q of site %q, %s", r.Name, site.Name, r.Kind), r)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.stdout, "%s: meter rule %d: %s\n", site.Name, kept.ID, ruleText(kept))
				return err
			})
		},
	}
}

// tagsGiven puts the tags that a line must have, and those that name meters, into a rule.
func tagsGiven(r *collector.MeterRule, tags, by []string) error {
	must, err := betweenCommas("--tag", tags)
	if err != nil {
		return err
	}
	for _, tag := range must {
		name, value, ok := strings.Cut(tag, "=")
		if !ok || name == "" || value == "" {
			return command.Usage("--tag %.60q is not name=value; one whose value holds a comma stands in double quotes: '\"name=a,b\"'", tag)
		}
		if slices.ContainsFunc(r.Tags, func(t collector.Tag) bool { return t.Name == name }) {
			return command.Usage("--tag %.60q: tag %.60q is given twice, and a line has each tag once", tag, name)
		}
		r.Tags = append(r.Tags, collector.Tag{Name: name, Value: value})
	}
	names, err := betweenCommas("--by", by)
	r.Tags, r.By = collector.NewTags(r.Tags...), slices.Compact(slices.Sorted(slices.Values(names)))
	return err
}

// betweenCommas are the texts of a flag, however often it was given, without the spaces around them. What stands in double quotes is one text.
func betweenCommas(flag string, given []string) (all []string, err error) {
	for _, text := range given {
		r := csv.NewReader(strings.NewReader(text))
		r.TrimLeadingSpace, r.FieldsPerRecord = true, -1
		lines, err := r.ReadAll()
		if err != nil {
			return nil, command.Usage("%s %.60q: double quotes stand around a whole text, and one inside them is written twice", flag, text)
		}
		for _, one := range slices.Concat(lines...) {
			all = append(all, strings.TrimSpace(one))
		}
	}
	return all, nil
}

// ruleText is a rule in a line.
func ruleText(r collector.MeterRule) string {
	words := []string{fmt.Sprintf("%s (%s) is field %s of %s in %s", r.Name, r.Kind, r.Field, r.Measurement, r.Unit)}
	for _, tag := range r.Tags {
		words = append(words, tag.Name+"="+tag.Value)
	}
	if len(r.By) > 0 {
		words = append(words, "one meter for each "+strings.Join(r.By, " and "))
	}
	if r.Machine != 0 {
		words = append(words, fmt.Sprintf("of machine %d", r.Machine))
	}
	return strings.Join(words, ", ")
}

// ruleLine is one rule as meter rules says it.
type ruleLine struct {
	ID          int64             `json:"id"`
	Site        string            `json:"site"`
	Name        string            `json:"name"`
	Kind        string            `json:"kind"`
	Measurement string            `json:"measurement"`
	Tags        map[string]string `json:"tags"`
	By          []string          `json:"by"`
	Field       string            `json:"field"`
	Unit        string            `json:"unit"`
	Machine     int64             `json:"machine"` // 0: none
	AddedOn     collector.Date    `json:"added_on"`
	RemovedOn   collector.Date    `json:"removed_on"`
}

func meterRulesCommand(d *desk) command.Command {
	return siteListing(d, command.Command{
		Name: "meter rules", Summary: "list which lines that come by the line-protocol door are meters, and those that were ended", Example: "meter rules --data /var/lib/veille-collector --site \"Lycée Marie-Curie\"",
	}, func(ctx context.Context, l ledger, sites map[int64]collector.Site) ([]ruleLine, error) {
		all, err := l.store.MeterRules(ctx)
		var lines []ruleLine
		for _, r := range all {
			site, seen := sites[r.Site]
			if !seen {
				continue
			}
			line := ruleLine{
				ID: r.ID, Site: site.Name, Name: r.Name, Kind: r.Kind, Measurement: r.Measurement, Tags: map[string]string{}, By: append([]string{}, r.By...),
				Field: r.Field, Unit: r.Unit, Machine: r.Machine, AddedOn: r.AddedOn, RemovedOn: r.RemovedOn,
			}
			for _, tag := range r.Tags {
				line.Tags[tag.Name] = tag.Value
			}
			lines = append(lines, line)
		}
		return lines, err
	}, "NUMBER\tSITE\tNAME\tKIND\tMEASUREMENT\tFIELD\tUNIT\tENDED", func(r ruleLine) []any {
		return []any{r.ID, r.Site, r.Name, r.Kind, r.Measurement, r.Field, r.Unit, cmp.Or(r.RemovedOn, "-")}
	})
}

// siteListing is a command that lists what is of sites.
func siteListing[T any](d *desk, c command.Command, read func(context.Context, ledger, map[int64]collector.Site) ([]T, error), heads string, write func(T) []any) command.Command {
	var name string
	c.Flags = func(fs *pflag.FlagSet) {
		d.flags(fs)
		fs.StringVar(&name, "site", "", "`name` or number of one site; without it, all")
		d.jsonFlag(fs, "array")
	}
	c.Run = func(ctx context.Context, args []string) error {
		if err := command.NoArgs(args); err != nil {
			return err
		}
		return d.with(ctx, func(l ledger) error {
			sites, err := l.sitesNamed(ctx, name)
			if err != nil {
				return err
			}
			lines, err := read(ctx, l, sites)
			if err != nil {
				return err
			}
			return d.put(append([]T{}, lines...), func(w io.Writer) error { return columns(w, heads, lines, write) })
		})
	}
	return c
}

// columns writes lines in columns below heads.
func columns[T any](w io.Writer, heads string, lines []T, write func(T) []any) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, heads)
	for _, line := range lines {
		cells := write(line)
		_, _ = fmt.Fprintf(t, strings.Repeat("%v\t", len(cells)-1)+"%v\n", cells...)
	}
	return t.Flush()
}

// numberAtSite completes a command that is given one number of what a site has. read reads it, list is the command that lists them.
func numberAtSite[T any](d *desk, c command.Command, list string, read func(string) (T, error), do func(context.Context, ledger, collector.Site, T) error) command.Command {
	f := oneSite{desk: d}
	c.Args = "NUMBER"
	c.Flags = func(fs *pflag.FlagSet) { f.flags(fs) }
	c.Run = func(ctx context.Context, args []string) error {
		if len(args) != 1 || f.name == "" {
			return command.Usage("give one number, see veille-collector %s, and --site", list)
		}
		number, err := read(args[0])
		if err != nil {
			return err
		}
		return f.at(ctx, func(l ledger, site collector.Site) error { return do(ctx, l, site, number) })
	}
	return c
}

func meterEndCommand(d *desk) command.Command {
	return numberAtSite(d, command.Command{
		Name: "meter end", Summary: "end a meter of the line-protocol door: its lines are dropped from now on, what it counted stays",
		Example: "meter end --data /var/lib/veille-collector 4 --site \"Lycée Marie-Curie\"",
	}, "meter rules", func(arg string) (int64, error) {
		number, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return 0, command.Usage("%.20q is not the number of a meter, see veille-collector meter rules", arg)
		}
		return number, nil
	}, func(ctx context.Context, l ledger, site collector.Site, number int64) error {
		what := fmt.Sprintf("meter rule %d of site %q", number, site.Name)
		if err := l.store.RemoveMeterRule(l.noting(ctx, site.Organisation, "%s", what), site.ID, number, today()); err != nil {
			return absent(err, what, "meter rules")
		}
		_, err := fmt.Fprintf(d.stdout, "%s: meter rule %d ended\n", site.Name, number)
		return err
	})
}

func meterTokenCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	var days int
	var note string
	return command.Command{
		Name: "meter token", Summary: "make a token with which the meters of a site post in line protocol; it is shown once",
		Example: "meter token --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" --days 730 --note \"Telegraf in the boiler room\"",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			fs.IntVar(&days, "days", 365, "`number` of days it is good for, up to ten years")
			fs.StringVar(&note, "note", "", "`words` that say what it is for, shown by meter tokens")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := f.given(args); err != nil {
				return err
			}
			if days < 1 || days > 3650 {
				return command.Usage("--days %d is not from 1 to 3650", days)
			}
			if !oneLine(note) {
				return command.Usage("--note is not one line of up to %d characters", longest)
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				now := time.Now()
				secret, hash, t := metering.NewToken(site.ID, note, collector.DateOf(now), collector.DateOf(now.AddDate(0, 0, days)))
				if err := l.store.CreateMeterToken(l.noting(ctx, site.Organisation, "token %s for meters of site %q", t.Number, site.Name), hash, t); err != nil {
					return err
				}
				_, err := fmt.Fprintln(d.stdout, secret)
				return err
			})
		},
	}
}

// meterTokenLine is one token as meter tokens says it.
type meterTokenLine struct {
	Number    string         `json:"number"`
	Site      string         `json:"site"`
	CreatedOn collector.Date `json:"created_on"`
	ExpiresOn collector.Date `json:"expires_on"`
	RevokedOn collector.Date `json:"revoked_on"`
	State     string         `json:"state"` // good, expired, revoked on a date
	Note      string         `json:"note"`
}

func meterTokensCommand(d *desk) command.Command {
	return siteListing(d, command.Command{
		Name: "meter tokens", Summary: "list the tokens of meters: number, site, last day; never the token itself", Example: "meter tokens --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, sites map[int64]collector.Site) ([]meterTokenLine, error) {
		all, err := l.store.MeterTokens(ctx)
		var lines []meterTokenLine
		for _, t := range all {
			if site, seen := sites[t.Site]; seen {
				lines = append(lines, meterTokenLine{
					Number: t.Number, Site: site.Name, CreatedOn: t.CreatedOn, ExpiresOn: t.ExpiresOn, RevokedOn: t.RevokedOn, Note: t.Note,
					State: state(collector.Token{Quota: 1, ExpiresOn: t.ExpiresOn, RevokedOn: t.RevokedOn}, today()),
				})
			}
		}
		return lines, err
	}, "NUMBER\tSITE\tEXPIRES\tSTATE\tNOTE", func(t meterTokenLine) []any {
		return []any{t.Number, t.Site, t.ExpiresOn, t.State, cmp.Or(t.Note, "-")}
	})
}

func meterRevokeTokenCommand(d *desk) command.Command {
	return numberAtSite(d, command.Command{
		Name: "meter revoke-token", Summary: "make a token of meters useless",
		Example: "meter revoke-token --data /var/lib/veille-collector 3f9c01ab --site \"Lycée Marie-Curie\"",
	}, "meter tokens", func(arg string) (string, error) {
		return shortNumber(arg, "token", "meter tokens")
	}, func(ctx context.Context, l ledger, site collector.Site, number string) error {
		noting := l.noting(ctx, site.Organisation, "token %s for meters of site %q", number, site.Name)
		if err := l.store.RevokeMeterToken(noting, site.ID, number, today()); err != nil {
			return absent(err, fmt.Sprintf("token %s of site %q", number, site.Name), "meter tokens")
		}
		_, err := fmt.Fprintf(d.stdout, "token %s revoked\n", number)
		return err
	})
}

// meterStatusLine is one meter as meter status says it.
type meterStatusLine struct {
	ID         int64           `json:"id"`
	Site       string          `json:"site"`
	Name       string          `json:"name"`
	Kind       string          `json:"kind"`
	LastOn     collector.Date  `json:"last_on"`  // of which it has said something; "": it has, and no day is counted yet
	LastKWh    *float64        `json:"last_kwh"` // of that day, as far as it is known; null where it is more than a week ago
	Month      collector.Month `json:"month"`    // the last that is over
	KWh        float64         `json:"kwh"`      // of that month, over covered_pct of it only
	CoveredPct float64         `json:"covered_pct"`
	EndedOn    collector.Date  `json:"ended_on"`
}

func meterStatusCommand(d *desk) command.Command {
	return siteListing(d, command.Command{
		Name: "meter status", Summary: "list the meters that lines came of: the last day of each with data, and what it counted last month; days are counted once an hour", Example: "meter status --data /var/lib/veille-collector",
	}, func(ctx context.Context, l ledger, sites map[int64]collector.Site) ([]meterStatusLine, error) {
		all, err := l.store.Meters(ctx, today())
		if err != nil {
			return nil, err
		}
		days, err := l.lastDays(ctx, sites)
		var lines []meterStatusLine
		for _, m := range all {
			site, seen := sites[m.Site]
			if !seen {
				continue
			}
			line := meterStatusLine{ID: m.ID, Site: site.Name, Name: m.Name, Kind: m.Kind, LastOn: m.LastOn, Month: m.Month, KWh: m.KWh, EndedOn: m.RemovedOn}
			if m.LengthS > 0 {
				line.CoveredPct = 100 * float64(m.CoveredS) / float64(m.LengthS)
			}
			if d, ok := days[m.ID]; ok && d.Date == m.LastOn && d.CoveredS > 0 {
				line.LastKWh = new(d.Wh / 1000)
			}
			lines = append(lines, line)
		}
		return lines, err
	}, "NUMBER\tSITE\tNAME\tKIND\tLAST\tKWH\tMONTH\tKWH\tCOVERED\tENDED", func(m meterStatusLine) []any {
		last, kwh := "-", "-" // nothing is known of it
		if m.LastKWh != nil {
			last = fmt.Sprintf("%.3f", *m.LastKWh)
		}
		if m.CoveredPct > 0 {
			kwh = plainNumber(m.KWh)
		}
		return []any{m.ID, m.Site, m.Name, m.Kind, cmp.Or(m.LastOn, "not yet"), last, m.Month, kwh, fmt.Sprintf("%.0f %%", m.CoveredPct), cmp.Or(m.EndedOn, "-")}
	})
}

// lastDays is what the meters of sites counted on the last date of the last week that they said something of, by meter.
func (l ledger) lastDays(ctx context.Context, sites map[int64]collector.Site) (map[int64]collector.MeterDay, error) {
	last := map[int64]collector.MeterDay{}
	now := time.Now()
	for site := range sites {
		days, err := l.store.MeterDays(ctx, site, collector.DateOf(now.AddDate(0, 0, -7)), collector.DateOf(now.AddDate(0, 0, 1)))
		if err != nil {
			return nil, err
		}
		for _, d := range days { // by date
			if d.Samples > 0 {
				last[d.Meter] = d
			}
		}
	}
	return last, nil
}

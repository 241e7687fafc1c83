package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/calendar"
	"veille/collector/store/relational"
)

// policies gives sites their policies, from what the ledger says of them.
type policies struct{ store *relational.Store }

// Policy is the policy of a site on a day, with its number, for an agent that has the one with the number after.
func (p policies) Policy(ctx context.Context, site collector.Site, today collector.Date, after int64) (collector.Policy, error) {
	policy, err := p.draft(ctx, site, today)
	if err != nil {
		return policy, err
	}
	body, err := json.Marshal(policy)
	if err != nil {
		return policy, fmt.Errorf("write the policy of site %q: %w", site.Name, err)
	}
	policy.Serial, err = p.store.IssuePolicy(ctx, site.ID, body, time.Now().Unix(), after)
	return policy, err
}

// draft is the policy of a site on a day, without a number.
func (p policies) draft(ctx context.Context, site collector.Site, today collector.Date) (collector.Policy, error) {
	organisations, err := p.store.Organisations(ctx)
	if err != nil {
		return collector.Policy{}, err
	}
	i := slices.IndexFunc(organisations, func(r collector.Responsible) bool { return r.ID == site.Organisation })
	if i < 0 {
		return collector.Policy{}, fmt.Errorf("organisation %d of site %q: %w", site.Organisation, site.Name, collector.ErrNotFound)
	}
	c, err := p.store.Calendar(ctx, site.ID)
	if err != nil {
		return collector.Policy{}, err
	}
	limits, err := p.store.Limits(ctx, site.ID)
	if err != nil {
		return collector.Policy{}, err
	}
	return calendar.Policy(site, organisations[i], c, limits, today)
}

// asked is what policy set was given. Flags that were not set change nothing.
type asked struct {
	flags                     *pflag.FlagSet
	pause, resume             bool
	sampleEvery, uploadWithin time.Duration
	use                       string
	omit, products            []string
}

func policySetCommand(d *desk) command.Command {
	c := chosen{oneSite: oneSite{desk: d}}
	var a asked
	return command.Command{
		Name: "policy set", Summary: "ask the agents of a site to collect less, or less often",
		Example: "policy set --data /var/lib/veille-collector --site \"Lycée Marie-Curie\" --pause\n" +
			"policy set --data /var/lib/veille-collector --all --sample-every 2m --upload-within 6h --use individual --omit cpu,screens\n" +
			"policy set --data /var/lib/veille-collector --all --products dell-latitude-5440,hp-elitebook-840-g8",
		Flags: func(fs *pflag.FlagSet) {
			c.flags(fs)
			a.flags = fs
			fs.BoolVar(&a.pause, "pause", false, "count nothing")
			fs.BoolVar(&a.resume, "resume", false, "count again")
			fs.DurationVar(&a.sampleEvery, "sample-every", 0, "shortest `time` between samples, up to 5m; 0: the agent's own")
			fs.DurationVar(&a.uploadWithin, "upload-within", 0, "least `time` over which uploads are spread, up to 12h; 0: the agent's own")
			fs.StringVar(&a.use, "use", "", "finest `use` that machines may have: individual, shared or server; own: their own; individual also ends the plugs of its machines, for good, with what they said")
			command.Values(fs, "use", "individual", "shared", "server", "own")
			fs.StringSliceVar(&a.omit, "omit", nil, "`what` records are not to say, of "+strings.Join(collector.Omittable(), ", ")+"; none: say everything")
			fs.StringSliceVar(&a.products, "products", nil, "`names` (maker and model), spelled as in the agents' own --products: takes all others away from those that their "+
				"machines may say; \"\" takes none away")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if _, err := a.apply(collector.Limits{}); err != nil {
				return command.Usage("%w", err)
			}
			return c.each(ctx, func(l ledger, site collector.Site) error {
				var after collector.Limits
				err := l.store.EditLimits(l.noting(ctx, site.Organisation, "site %q", site.Name), site.ID, func(before collector.Limits) (collector.Limits, error) {
					var err error
					after, err = a.apply(before)
					return after, err
				})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(d.stdout, "%s: %s; agents hear of it within a day\n", site.Name, strings.Join(limitsText(after), "; "))
				return err
			})
		},
	}
}

// apply is limits with what was asked.
func (a asked) apply(l collector.Limits) (collector.Limits, error) {
	set := false
	for _, name := range []string{"pause", "resume", "sample-every", "upload-within", "use", "omit", "products"} {
		set = set || a.flags.Changed(name)
	}
	switch {
	case !set:
		return l, fmt.Errorf("nothing to set; add --pause, --resume, --sample-every, --upload-within, --use, --omit or --products")
	case a.pause && a.resume:
		return l, fmt.Errorf("--pause or --resume, not both")
	case a.sampleEvery%time.Second != 0 || a.uploadWithin%time.Second != 0:
		return l, fmt.Errorf("whole seconds only")
	}
	l.Pause = (l.Pause || a.pause) && !a.resume
	if a.flags.Changed("sample-every") {
		l.SampleEveryS = int(a.sampleEvery / time.Second)
	}
	if a.flags.Changed("upload-within") {
		l.UploadWithinS = int(a.uploadWithin / time.Second)
	}
	if a.flags.Changed("use") {
		l.Use = collector.Use(a.use)
		if a.use == "own" {
			l.Use = ""
		}
	}
	if a.flags.Changed("omit") {
		l.Omit = slices.DeleteFunc(slices.Clone(a.omit), func(word string) bool { return word == "none" || word == "" })
		slices.Sort(l.Omit)
		l.Omit = slices.Compact(l.Omit)
	}
	if a.flags.Changed("products") {
		l.Products = nil // which is none taken away
		for _, name := range a.products {
			l.Products = append(l.Products, strings.TrimSpace(name))
		}
		slices.Sort(l.Products)
		l.Products = slices.Compact(l.Products)
	}
	return l, l.Validate()
}

// limitsText is what a site asks of its agents, one thing after another.
func limitsText(l collector.Limits) []string {
	var lines []string
	if l.Pause {
		lines = append(lines, "paused: nothing is counted")
	}
	if l.Use != "" {
		lines = append(lines, "machines are described no finer than "+string(l.Use))
	}
	if l.SampleEveryS > 0 {
		lines = append(lines, "a sample every "+seconds(l.SampleEveryS)+" at most")
	}
	if l.UploadWithinS > 0 {
		lines = append(lines, "uploads spread over "+seconds(l.UploadWithinS)+" at least")
	}
	if len(l.Omit) > 0 {
		lines = append(lines, "records do not say "+strings.Join(l.Omit, ", "))
	}
	if l.Products != nil {
		lines = append(lines, "records name no product but: "+cmp.Or(strings.Join(l.Products, ", "), "none"))
	}
	if lines == nil {
		return []string{"nothing beyond the calendar"}
	}
	return lines
}

// seconds is a number of seconds as 90s, 2m or 6h.
func seconds(n int) string {
	text := (time.Duration(n) * time.Second).String()
	if rest, found := strings.CutSuffix(text, "m0s"); found {
		text = rest + "m"
	}
	if rest, found := strings.CutSuffix(text, "h0m"); found {
		text = rest + "h"
	}
	return text
}

// policyText is a site's policy as policy show --json prints it.
type policyText struct {
	Site         string                `json:"site"`
	TimeZone     string                `json:"time_zone"`
	Organisation string                `json:"organisation"`
	Contact      string                `json:"contact"` // "" where nobody has said
	DPO          string                `json:"dpo"`
	Address      string                `json:"address"`
	Open         []collector.OpenHours `json:"open"`
	Holidays     []collector.Date      `json:"holidays"` // dates on which the site is closed
	Limits       collector.Limits      `json:"limits"`
}

func policyShowCommand(d *desk) command.Command {
	f := oneSite{desk: d}
	return command.Command{
		Name: "policy show", Summary: "show what a site asks of its agents",
		Example: "policy show --data /var/lib/veille-collector --site \"Lycée Marie-Curie\"",
		Flags: func(fs *pflag.FlagSet) {
			f.flags(fs)
			d.jsonFlag(fs, "object")
		},
		Run: func(ctx context.Context, args []string) error {
			if err := f.given(args); err != nil {
				return err
			}
			return f.at(ctx, func(l ledger, site collector.Site) error {
				zone, err := site.Zone()
				if err != nil {
					return err
				}
				p, err := policies{l.store}.draft(ctx, site, collector.DateOf(time.Now().In(zone)))
				if err != nil {
					return err
				}
				text := policyText{p.Site, p.TimeZone, p.Organisation, p.Contact, p.DPO, p.Address, p.Open, p.Holidays, p.Limits}
				return d.put(text, func(w io.Writer) error { return printPolicy(w, p) })
			})
		},
	}
}

func printPolicy(w io.Writer, p collector.Policy) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "site\t%s, %s\n", p.Site, p.TimeZone)
	_, _ = fmt.Fprintf(t, "organisation\t%s\n", p.Organisation)
	_, _ = fmt.Fprintf(t, "contact\t%s\n", cmp.Or(p.Contact, "not set; see veille-collector org set"))
	_, _ = fmt.Fprintf(t, "open\t%s\n", calendar.FormatHours(p.Open))
	_, _ = fmt.Fprintf(t, "closed\t%s; see veille-collector calendar show\n", count(len(p.Holidays), "date"))
	for _, line := range limitsText(p.Limits) {
		_, _ = fmt.Fprintf(t, "asks\t%s\n", line)
	}
	return t.Flush()
}

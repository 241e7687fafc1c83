package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/ecoindex"
)

// websiteLine is one website as website list and page list say it.
type websiteLine struct {
	Number    int64                          `json:"number"`
	Kind      string                         `json:"kind"` // site or page
	Site      int64                          `json:"site"` // number of the site whose own it is; 0: of the whole organisation
	Name      string                         `json:"name"`
	URL       string                         `json:"url"`
	AddedOn   collector.Date                 `json:"added_on"`
	NextOn    collector.Date                 `json:"next_on"` // the night that begins on it measures it again
	Asked     bool                           `json:"asked"`   // somebody asked for it to be measured as soon as may be
	Problem   string                         `json:"problem"` // why it could not be measured the last time
	EveryDays int                            `json:"every_days"`
	Open      bool                           `json:"open"`
	Contact   string                         `json:"contact"`
	Rules     webRules                       `json:"rules"`
	On        collector.Date                 `json:"measured_on"` // "" for never, as in the next
	Mode      string                         `json:"mode"`
	Protocol  string                         `json:"protocol"`
	Version   string                         `json:"version"`
	Pages     int                            `json:"pages"`
	Failed    int                            `json:"failed"`
	Mean      *collector.WebFigure           `json:"mean"`
	Median    *collector.WebFigure           `json:"median"`
	Grade     string                         `json:"grade"`            // of the mean
	Grades    map[string]collector.WebFigure `json:"grades,omitempty"` // pages
}

// webRules are the rules, with the delay in words.
type webRules struct {
	collector.WebsiteRules
	Delay string `json:"delay"` // as 1s
}

// lineOf is a website with what its last run gave; nil for none.
func lineOf(w collector.Website, r *collector.WebRun) websiteLine {
	x := websiteLine{
		Number: w.ID, Site: w.Site, Kind: string(w.Kind), Name: w.Name, URL: w.Rules.URL, AddedOn: w.AddedOn, NextOn: w.NextOn, Asked: w.Asked, Problem: w.Problem,
		EveryDays: w.EveryDays, Open: w.Open, Contact: w.Contact, Rules: webRules{w.Rules, w.Rules.Delay.String()},
	}
	if r != nil {
		x.On, x.Mode, x.Protocol, x.Version, x.Pages, x.Failed = collector.DateOf(r.At.UTC()), r.Mode, r.Protocol, r.Version, r.Pages, r.Failed
		x.Mean, x.Median, x.Grade, x.Grades = &r.Mean, &r.Median, string(ecoindex.GradeOfRounded(r.Mean.Value)), r.Grades
	}
	return x
}

// scored is the mean of a line in words.
func (x websiteLine) scored() string {
	switch {
	case x.Mean == nil:
		return "not measured yet"
	case x.Mean.Low == nil || x.Mean.High == nil:
		return fmt.Sprintf("%s %.1f (range not known)", x.Grade, x.Mean.Value)
	case *x.Mean.Low == *x.Mean.High:
		return fmt.Sprintf("%s %.1f", x.Grade, x.Mean.Value)
	}
	return fmt.Sprintf("%s %.1f (%.1f to %.1f)", x.Grade, x.Mean.Value, *x.Mean.Low, *x.Mean.High)
}

func websiteListCommand(d *desk) command.Command {
	return listCommand(d, command.Command{
		Name: "website list", Summary: "list the websites and pages that are measured, and what they scored", Example: "website list --data /var/lib/veille-collector",
	}, func(collector.Website) bool { return true })
}

func pageListCommand(d *desk) command.Command {
	return listCommand(d, command.Command{
		Name: "page list", Summary: "list the single pages that are measured, and what they scored", Example: "page list --data /var/lib/veille-collector",
	}, func(w collector.Website) bool { return w.Kind == collector.KindPage })
}

func listCommand(d *desk, c command.Command, wanted func(collector.Website) bool) command.Command {
	c.Flags = d.flagsWithJSON
	c.Run = func(ctx context.Context, args []string) error {
		if err := command.NoArgs(args); err != nil {
			return err
		}
		return d.with(ctx, func(l ledger) error {
			all, err := l.websites(ctx)
			if err != nil {
				return err
			}
			runs, err := l.store.LastRuns(ctx)
			if err != nil {
				return err
			}
			lines := []websiteLine{}
			for _, w := range all {
				if !wanted(w) {
					continue
				}
				var last *collector.WebRun
				if of := runs[w.ID]; len(of) > 0 {
					last = &of[0]
				}
				lines = append(lines, lineOf(w, last))
			}
			return d.put(lines, func(out io.Writer) error {
				t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
				_, _ = fmt.Fprintln(t, "NUMBER\tNAME\tSCORE\tPAGES\tNEXT\tPROBLEM")
				for _, x := range lines {
					problem := ""
					if x.Problem != "" {
						problem = "\t" + x.Problem
					}
					_, _ = fmt.Fprintf(t, "%d\t%s\t%s\t%d\t%s%s\n", x.Number, x.Name, x.scored(), x.Pages, x.NextOn, problem)
				}
				return t.Flush()
			})
		})
	}
	return c
}

// websiteJSON is what website show --json prints: the line, and what the last run found.
type websiteJSON struct {
	websiteLine
	Templates []collector.WebTemplate `json:"templates"`
	Notes     []string                `json:"notes"`
	Audit     json.RawMessage         `json:"audit"` // practices, rules of the site, proposals for the RGESN, what it says of accessibility
	Worst     []webPageLine           `json:"worst"` // five pages
}

// webPageLine is one page of a website.
type webPageLine struct {
	URL     string              `json:"url"`
	Score   float64             `json:"score"`
	Grade   string              `json:"grade"`
	Static  collector.WebSizes  `json:"static"`
	Browser *collector.WebSizes `json:"browser"`
	On      collector.Date      `json:"measured_on"`
	Problem string              `json:"problem"`
}

const worstShown = 5

func websiteShowCommand(d *desk) command.Command {
	return onWebsite(d, command.Command{
		Name: "website show", Summary: "show what a website scored the last time, its worst pages and its templates; --json tells everything",
		Example: "website show --data /var/lib/veille-collector www.example.org",
	}, d.showFlags, func(ctx context.Context, l ledger, w collector.Website) error {
		out, err := l.showWebsite(ctx, w)
		if err != nil {
			return err
		}
		return d.put(out, out.text)
	})
}

// worstOf are the pages with the lowest scores, those that could not be looked at left out.
func worstOf(pages []collector.WebPage, most int) []collector.WebPage {
	seen := slices.DeleteFunc(slices.Clone(pages), func(p collector.WebPage) bool { return p.Code != "" })
	slices.SortStableFunc(seen, func(a, b collector.WebPage) int { return cmp.Compare(a.Score, b.Score) })
	return seen[:min(len(seen), most)]
}

// showWebsite is what is known of a website.
func (l ledger) showWebsite(ctx context.Context, w collector.Website) (websiteJSON, error) {
	run, err := l.store.LastWebRun(ctx, w.ID)
	if errors.Is(err, collector.ErrNotFound) {
		return showOf(w, nil, nil), nil
	}
	if err != nil {
		return websiteJSON{}, err
	}
	pages, err := l.store.WebPages(ctx, w.ID)
	if err != nil {
		return websiteJSON{}, err
	}
	return showOf(w, &run, pages), nil
}

// showOf is a website with its last run, nil for none, and its pages.
func showOf(w collector.Website, r *collector.WebRun, pages []collector.WebPage) websiteJSON {
	out := websiteJSON{websiteLine: lineOf(w, r), Templates: []collector.WebTemplate{}, Notes: []string{}, Worst: []webPageLine{}}
	if r != nil {
		out.Templates, out.Notes, out.Audit = append(out.Templates, r.Templates...), append(out.Notes, r.Notes...), r.Audit
	}
	for _, p := range worstOf(pages, worstShown) {
		out.Worst = append(out.Worst, pageLine(p))
	}
	return out
}

func pageLine(p collector.WebPage) webPageLine {
	return webPageLine{p.URL, p.Score, string(ecoindex.GradeOfRounded(p.Score)), p.Static, p.Browser, collector.DateOf(p.At.UTC()), p.Problem}
}

func (s websiteJSON) text(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "%s\t%s\n  address\t%s\n  next\t%s, every %d days\n", s.Name, s.scored(), s.URL, s.NextOn, s.EveryDays)
	if s.Problem != "" {
		_, _ = fmt.Fprintf(t, "  problem\t%s\n", s.Problem)
	}
	if s.Mean != nil {
		_, _ = fmt.Fprintf(t, "  measured\t%s, %s, %s, %s\n  pages\t%d, %d could not be looked at\n", s.On, s.Mode, s.Protocol, s.Version, s.Pages, s.Failed)
	}
	for _, p := range s.Worst {
		_, _ = fmt.Fprintf(t, "  %s %.0f\t%s\n", p.Grade, p.Score, p.URL)
	}
	for _, note := range s.Notes {
		_, _ = fmt.Fprintf(t, "  note\t%s\n", note)
	}
	return t.Flush()
}

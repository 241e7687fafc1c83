package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"veille/ecoindex/practice"
	"veille/ecoindex/report"
)

// How many of each a text shows.
const (
	worstShown     = 5
	practicesShown = 10
	templatesShown = 8
	offendersShown = 3
)

// sheet is the text of a survey in a language, being written.
type sheet struct {
	strings.Builder

	in report.Language
}

// line adds a line. What the site says in it cannot command a terminal.
func (b *sheet) line(text string) { b.WriteString(report.Clean(text) + "\n") }

// entry adds a line that begins with a word, or with room for one.
func (b *sheet) entry(word, text string) { b.line(fmt.Sprintf("%-10s %s", word, text)) }

// number is a number in a column so wide.
func (b *sheet) number(x float64, decimals, wide int) string {
	return fmt.Sprintf("%*s", wide, b.in.Number(x, decimals))
}

// things are a number of things in a column: the number so wide, and room for the plural.
func (b *sheet) things(x float64, decimals, wide int, thing string) string {
	return fmt.Sprintf("%s %-*s", b.number(x, decimals, wide), len([]rune(b.in.Name(report.Plural(thing)))), b.in.Noun(x, decimals, thing))
}

// text writes the survey for people, in a language.
func (s *siteJSON) text(w io.Writer, in report.Language) error {
	b := &sheet{in: in}
	b.line(in.Say("%s: %s looked at, %s by a browser", s.Site, in.Count(s.Score.Pages, "page"), in.Number(float64(s.Score.Measured), 0)))
	b.entry("EcoIndex", in.Say("mean %s, median %s", b.figure(s.Score.Mean), b.figure(s.Score.Median)))
	var grades []string
	for _, g := range slices.Sorted(maps.Keys(s.Score.Grades)) {
		grades = append(grades, in.Say("%s %s", g, in.Number(s.Score.Grades[g].Value, 0)))
	}
	b.entry(in.Say("grades"), in.Say("%s pages", strings.Join(grades, ", ")))
	switch {
	case s.Score.Measured == 0:
		b.entry("", in.Say("without scripts: what they add is not counted"))
	case s.Score.Measured < s.Score.Pages:
		b.entry("", in.Say("as a browser would find them; a range is that of 95 sites in 100"))
	}
	s.crawled(b)
	s.mend(b)
	s.ruled(b)
	s.stated(b)
	s.templates(b)
	s.worst(b)
	_, err := io.WriteString(w, b.String())
	return err
}

// crawled writes what the crawl found, and what it left alone.
func (s *siteJSON) crawled(b *sheet) {
	c, in := s.Crawl, b.in
	b.entry(in.Say("crawl"), in.Say("%s found, %d failed, %d lead to another, %d unchanged since the last time; %s between pages",
		in.Count(c.Found, "address"), c.Failed, c.Aliases, c.Unchanged, b.duration(c.Delay)))
	for _, r := range slices.Sorted(maps.Keys(c.Left)) {
		b.entry("", in.Say("%s not followed: %s", in.Count(c.Left[r], "link"), in.Name(string(r))))
	}
	for _, r := range c.Robots {
		b.entry("", in.Say("left alone: %s", in.Quote(r)))
	}
	for _, m := range c.Sitemaps {
		text := in.Say("%s: %s", m.URL, in.Count(m.URLs, "page"))
		if m.Failed != "" {
			text = in.Say("%s, not read to its end: %s", text, in.Quote(m.Failed))
		}
		b.entry(in.Say("sitemap"), text)
		for _, p := range m.Problems {
			text := in.Say("%s, %s", in.Name(string(p.Code)), in.Count(p.Count, "time"))
			if p.First != "" {
				text = in.Say("%s: %s", text, in.Quote(p.First))
			}
			b.entry("", text)
		}
	}
}

// mend writes the practices that pages fail, those with most to gain first, and where the advice is.
func (s *siteJSON) mend(b *sheet) {
	b.line("")
	b.line(b.in.Say("What to mend first"))
	for _, p := range s.Practices[:min(len(s.Practices), practicesShown)] {
		b.line(fmt.Sprintf("  %-24s %s  %s  %s %s  %s", p.ID, b.things(float64(p.Pages), 0, 5, "page"), b.things(p.Points, 1, 8, "point"),
			b.number(p.SizeKB, 0, 9), b.in.Name("kB"), p.Title))
	}
	if len(s.Practices) > 0 {
		b.line("  " + b.in.Say("what to do: %s, and so for the name of each", report.AdviceAt(s.Practices[0].ID)))
	}
}

// ruled writes which rules of the whole site are broken.
func (s *siteJSON) ruled(b *sheet) {
	b.line("")
	b.line(b.in.Say("Rules of the whole site"))
	held := 0
	for _, r := range s.Rules {
		switch r.Status {
		case practice.Passed:
			held++
		case practice.Failed:
			b.line(fmt.Sprintf("  %-24s %12s %s  %s", r.ID, b.in.Amount(r.Measured, r.Unit), b.in.Say("(at most %s)", b.in.Amount(r.Most, r.Unit)), r.Title))
			for _, o := range r.Offenders[:min(len(r.Offenders), offendersShown)] {
				b.line(strings.TrimRight("      "+cmp.Or(o.URL, o.Where)+" "+b.in.Quote(o.Detail), " "))
			}
		}
	}
	b.line("  " + b.in.Say("%d of %d are held", held, len(s.Rules)))
}

// stated writes what the site says of its accessibility.
func (s *siteJSON) stated(b *sheet) {
	a := s.Access
	if a == nil {
		return
	}
	mention := map[string]string{"": "none found", "total": "fully conformant", "partial": "partly conformant", "none": "not conformant"}[a.Mention]
	b.line("")
	b.line(b.in.Say("Accessibility, as the site states it: mention %s, declaration %s", b.in.Name(mention), b.in.Name(cmp.Or(a.URL, "none found"))))
	if a.Rate > 0 || a.Date != "" {
		rate := b.in.Name("none found")
		if a.Rate > 0 {
			rate = b.in.Amount(a.Rate, "%")
		}
		b.line("  " + b.in.Say("stated rate %s, of %s", rate, b.in.Name(cmp.Or(b.in.Day(a.Date), "no date"))))
	}
}

// templates writes the groups of pages that cost most.
func (s *siteJSON) templates(b *sheet) {
	b.line("")
	b.line(b.in.Say("Templates, those that cost most first"))
	for _, t := range s.Templates[:min(len(s.Templates), templatesShown)] {
		b.line(fmt.Sprintf("  %s  %s %s  %s  %s  %s %s  %s  %s", b.things(float64(t.Pages), 0, 5, "page"), b.in.Say("score"), b.number(t.Score, 1, 5),
			b.things(t.DOM, 0, 6, "element"), b.things(t.Requests, 0, 4, "request"), b.number(t.SizeKB, 0, 7), b.in.Name("kB"),
			b.in.Say("%s of what is lost", fmt.Sprintf("%5s", b.in.Percent(100*t.Share, 0))), t.Example))
	}
}

// worst writes the pages of the lowest scores.
func (s *siteJSON) worst(b *sheet) {
	b.line("")
	b.line(b.in.Say("The worst pages"))
	pages := slices.Clone(s.Pages)
	slices.SortStableFunc(pages, func(a, b pageJSON) int { return cmp.Compare(a.Score, b.Score) })
	for _, p := range pages[:min(len(pages), worstShown)] {
		b.line(fmt.Sprintf("  %s %s  %s", b.number(p.Score, 1, 5), p.Grade, p.URL))
	}
}

// figure is a figure with its range.
func (b *sheet) figure(f figureJSON) string {
	value := b.in.Number(f.Value, 1)
	if f.Low == nil || *f.High-*f.Low < 0.1 {
		return value
	}
	return b.in.Say("%s (%s to %s)", value, b.in.Number(*f.Low, 1), b.in.Number(*f.High, 1))
}

// duration is a time: 1m30s, or 90 s in French.
func (b *sheet) duration(d time.Duration) string {
	if b.in.French() {
		return b.in.Amount(d.Seconds(), "s")
	}
	return d.String()
}

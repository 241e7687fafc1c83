// Package crawl decides which page to visit when, politely, and records the result.
package crawl

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"veille/collector"
	"veille/ecoindex"
	"veille/ecoindex/static"
	"veille/ecoindex/web"
)

// Ledger has the pages that are measured.
type Ledger interface {
	Pages(ctx context.Context) ([]collector.Page, error)
	PutPage(ctx context.Context, p collector.Page) error
}

// Series keeps the scores.
type Series interface {
	Append(ctx context.Context, points []collector.Point) error
}

// Measurer measures one page.
type Measurer interface {
	Measure(ctx context.Context, address string) (web.Page, error)
}

// How often a page is visited, in days, and how long the crawler rests between two pages.
const (
	everyDays = 7
	retryDays = 1
	rest      = time.Second
)

// Mode names how pages are measured, in every result.
const Mode = "static"

// Crawler visits one page at a time.
type Crawler struct {
	ledger   Ledger
	series   Series
	measurer Measurer
	log      *slog.Logger
}

// New makes a crawler.
func New(ledger Ledger, series Series, measurer Measurer, log *slog.Logger) *Crawler {
	return &Crawler{ledger, series, measurer, log}
}

// Visit measures the page at url now, records the score, and plans the next visit: in a week, or tomorrow when the page
// could not be measured, which is then the page's problem and not an error. A page that is not known yet is added.
func (c *Crawler) Visit(ctx context.Context, page collector.Page) (collector.Page, ecoindex.Result, error) {
	now := time.Now()
	today := collector.DateOf(now)
	if page.AddedOn == "" {
		page.AddedOn = today
	}
	var result ecoindex.Result
	measured, err := c.measurer.Measure(ctx, page.URL)
	if err == nil {
		result, err = ecoindex.Compute(measured.Measure())
	}
	if ctx.Err() != nil {
		return page, result, fmt.Errorf("visit %s: %w", page.URL, context.Cause(ctx))
	}
	page.Problem, page.NextOn = "", collector.DateOf(now.AddDate(0, 0, everyDays))
	if err != nil {
		page.Problem, page.NextOn = err.Error(), collector.DateOf(now.AddDate(0, 0, retryDays))
		return page, result, c.ledger.PutPage(ctx, page)
	}
	if err := c.series.Append(ctx, []collector.Point{point(page.URL, now, measured, result)}); err != nil {
		return page, result, err
	}
	return page, result, c.ledger.PutPage(ctx, page)
}

func point(url string, at time.Time, page web.Page, result ecoindex.Result) collector.Point {
	return collector.Point{
		Measurement: collector.PageScore, Time: at.UTC().Truncate(time.Second),
		Tags: collector.NewTags(
			collector.Tag{Name: "url", Value: url}, collector.Tag{Name: "mode", Value: Mode}, collector.Tag{Name: "protocol", Value: static.Protocol},
		),
		Fields: collector.Fields{
			"dom": float64(page.DOM), "requests": float64(page.Requests), "size_kb": page.SizeKB,
			"score": float64(result.Score), "score_raw": result.Raw,
		},
	}
}

// Run visits the pages that are due, then sleeps until the next night, until ctx ends.
func (c *Crawler) Run(ctx context.Context) {
	for {
		if err := c.due(ctx); err != nil && ctx.Err() == nil {
			c.log.ErrorContext(ctx, "pages not visited, they are tried again tomorrow", "err", err)
		}
		timer := time.NewTimer(untilNight(time.Now()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// untilNight is the time to some moment between one and five in the morning, when few people visit a site.
func untilNight(now time.Time) time.Duration {
	y, m, d := now.Date()
	night := time.Date(y, m, d+1, 1, 0, 0, 0, now.Location())
	return night.Sub(now) + rand.N(4*time.Hour)
}

func (c *Crawler) due(ctx context.Context) error {
	pages, err := c.ledger.Pages(ctx)
	if err != nil {
		return err
	}
	today := collector.DateOf(time.Now())
	for _, p := range pages {
		if p.NextOn > today {
			continue
		}
		visited, _, err := c.Visit(ctx, p)
		if err != nil {
			return err
		}
		if visited.Problem != "" {
			c.log.WarnContext(ctx, "page not measured", "url", p.URL, "problem", visited.Problem)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(rest):
		}
	}
	return nil
}

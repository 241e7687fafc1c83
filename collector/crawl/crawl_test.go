package crawl_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/crawl"
	"veille/ecoindex"
	"veille/ecoindex/web"
)

// world is a ledger, a series and a web of pages in one; those called "broken" cannot be measured.
type world struct {
	pages  map[string]collector.Page
	points []collector.Point
	visits []string
	times  []time.Time
}

func (w *world) Pages(context.Context) ([]collector.Page, error) {
	var pages []collector.Page
	for _, url := range []string{"https://a.example/", "https://b.example/", "https://broken.example/"} {
		if p, ok := w.pages[url]; ok {
			pages = append(pages, p)
		}
	}
	return pages, nil
}

func (w *world) PutPage(_ context.Context, p collector.Page) error {
	w.pages[p.URL] = p
	return nil
}

func (w *world) Append(_ context.Context, points []collector.Point) error {
	w.points = append(w.points, points...)
	return points[0].Validate()
}

func (w *world) Measure(_ context.Context, address string) (web.Page, error) {
	w.visits, w.times = append(w.visits, address), append(w.times, time.Now())
	if address == "https://broken.example/" {
		return web.Page{}, errors.New("measure https://broken.example/: nobody answers")
	}
	return web.Page{URL: address, DOM: 47, Requests: 25, SizeKB: 0}, nil
}

func TestAVisitRecordsTheScoreAndPlansTheNextOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{pages: map[string]collector.Page{}}
		c := crawl.New(w, w, w, slog.New(slog.DiscardHandler))
		page, result, err := c.Visit(t.Context(), collector.Page{URL: "https://a.example/"})
		today := collector.DateOf(time.Now())
		if err != nil || result.Score != 92 || result.Grade != ecoindex.A || page.AddedOn != today || page.Problem != "" {
			t.Errorf("%+v, %+v, %v", page, result, err)
		}
		if want := collector.DateOf(time.Now().AddDate(0, 0, 7)); w.pages[page.URL].NextOn != want {
			t.Errorf("next visit on %s, want %s", w.pages[page.URL].NextOn, want)
		}
		p := w.points[0]
		if p.Fields["score_raw"] != 92.5 || p.Fields["dom"] != 47 || p.Tags.Get("mode") != "static" || p.Tags.Get("url") != page.URL {
			t.Errorf("%+v", p)
		}
	})
}

func TestAPageThatCannotBeMeasuredHasAProblemAndNoScore(t *testing.T) {
	w := &world{pages: map[string]collector.Page{}}
	c := crawl.New(w, w, w, slog.New(slog.DiscardHandler))
	page, _, err := c.Visit(t.Context(), collector.Page{URL: "https://broken.example/"})
	if err != nil || page.Problem == "" || len(w.points) != 0 || w.pages[page.URL] != page {
		t.Errorf("%+v, %v, %d points", page, err, len(w.points))
	}
}

func TestEachPageIsVisitedOnceAWeekOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		today := collector.DateOf(time.Now())
		w := &world{pages: map[string]collector.Page{}}
		for _, url := range []string{"https://a.example/", "https://b.example/", "https://broken.example/"} {
			w.pages[url] = collector.Page{URL: url, AddedOn: today, NextOn: today}
		}
		ctx, stop := context.WithTimeout(t.Context(), 15*24*time.Hour)
		defer stop()
		crawl.New(w, w, w, slog.New(slog.DiscardHandler)).Run(ctx)
		count := map[string]int{}
		for i, url := range w.visits {
			count[url]++
			if i > 0 && w.times[i].Sub(w.times[i-1]) < time.Second {
				t.Errorf("%s was visited %v after the page before", url, w.times[i].Sub(w.times[i-1]))
			}
		}
		if count["https://a.example/"] != 3 || count["https://b.example/"] != 3 || count["https://broken.example/"] < 14 {
			t.Errorf("in fifteen days: %v", count)
		}
	})
}

func TestAStoppedCrawlRecordsNothingItDidNotMeasure(t *testing.T) {
	w := &world{pages: map[string]collector.Page{}}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(fmt.Errorf("the collector stops"))
	if _, _, err := crawl.New(w, w, w, slog.New(slog.DiscardHandler)).Visit(ctx, collector.Page{URL: "https://a.example/"}); err == nil {
		t.Error("no error")
	}
	if len(w.points) != 0 || len(w.pages) != 0 {
		t.Errorf("recorded %v, %v", w.points, w.pages)
	}
}

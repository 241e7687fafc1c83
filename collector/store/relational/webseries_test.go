package relational_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"veille/collector"
)

func TestTheSeriesOfPagesAreTheirHistory(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.added(aWebsite(1, "a", pageA)), c.added(aWebsite(c.sites[2].Organisation, "a", pageA))
		for n := range 3 {
			c.keep(a.ID, n, pageA, pageB)
			c.keep(b.ID, n, pageA)
		}
		all := collector.Query{Measurement: collector.PageScore, From: week(0), To: week(3)}
		ask := func(q collector.Query, tags ...collector.Tag) []collector.Point {
			t.Helper()
			q.Tags = collector.NewTags(tags...)
			points, err := c.Embedded().Range(t.Context(), q)
			c.must(err)
			for i, p := range points {
				c.must(p.Validate())
				if i > 0 && p.Time.Before(points[i-1].Time) {
					t.Errorf("%v comes after %v", p.Time, points[i-1].Time)
				}
			}
			return points
		}
		url, website := collector.Tag{Name: "url", Value: pageA}, collector.Tag{Name: "website", Value: fmt.Sprint(a.ID)}
		for i, p := range ask(all, url, website) {
			x := c.history(a.ID, pageA)[i]
			want := collector.Point{
				Measurement: collector.PageScore, Time: x.At,
				Tags:   collector.NewTags(collector.Tag{Name: "mode", Value: "browser"}, collector.Tag{Name: "protocol", Value: "chromium-148"}, collector.Tag{Name: "version", Value: "v0.7.0"}, url, website),
				Fields: collector.Fields{"dom": float64(x.DOM), "requests": 40, "size_kb": 812.0625, "score": 61, "score_raw": x.Raw},
			}
			if !reflect.DeepEqual(p, want) {
				t.Errorf("%+v, want %+v", p, want)
			}
		}
		short := all
		short.From, short.To = week(0).Add(1), week(2)
		for name, x := range map[string]struct{ got, want int }{
			"all": {len(ask(all)), 9}, "of a website": {len(ask(all, website)), 6}, "of an address": {len(ask(all, url)), 6}, "of both": {len(ask(all, url, website)), 3},
			"after the first, before the last": {len(ask(short, url, website)), 1}, "of another mode": {len(ask(all, website, collector.Tag{Name: "mode", Value: "static"})), 0},
			"of no website": {len(ask(all, collector.Tag{Name: "website", Value: "x"})), 0}, "of no such tag": {len(ask(all, collector.Tag{Name: "site", Value: "1"})), 0},
		} {
			if x.got != x.want {
				t.Errorf("%s: %d points; want %d", name, x.got, x.want)
			}
		}
	})
}

func TestTheSeriesOfSitesAreTheirRuns(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.added(aWebsite(1, "a", pageA)), c.added(aWebsite(c.sites[2].Organisation, "b", pageB))
		c.keep(a.ID, 0)
		c.keep(b.ID, 0)
		bare := collector.WebRun{Website: a.ID, At: week(1), Mode: "static", Mean: collector.WebFigure{Value: 50}}
		c.must(c.KeepRun(t.Context(), bare, collector.WebPlan{}, nil, nil))
		q := collector.Query{Measurement: collector.SiteScore, From: week(0), To: week(9), Tags: collector.Tags{{Name: "website", Value: fmt.Sprint(a.ID)}}}
		points, err := c.Embedded().Range(t.Context(), q)
		if c.must(err); len(points) != 2 {
			t.Fatalf("%+v; want two", points)
		}
		want := collector.Fields{
			"mean": 61.25, "mean_low": 55, "mean_high": 66.5, "median": 60, "pages": 12, "measured": 4, "failed": 1, "size_kb": 1234.5678,
			"grade_a": 0, "grade_b": 1, "grade_c": 2, "grade_d": 3, "grade_e": 4, "grade_f": 5, "grade_g": 6,
		}
		if p := points[0]; !reflect.DeepEqual(p.Fields, want) || p.Tags.Get("url") != pageA || p.Tags.Get("mode") != "two-speed" || p.Tags.Get("version") != "v0.7.0" {
			t.Errorf("%+v", p)
		}
		if _, low := points[1].Fields["mean_low"]; low || points[1].Fields["mean"] != 50 || len(points[1].Tags) != 3 {
			t.Errorf("what is not known is told: %+v", points[1])
		}
		for _, p := range points {
			c.must(p.Validate())
		}
		q.Tags = collector.Tags{{Name: "url", Value: pageB}}
		if points, err := c.Embedded().Range(t.Context(), q); err != nil || len(points) != 1 {
			t.Errorf("%+v, %v", points, err)
		}
		for _, p := range points {
			if err := c.Embedded().Append(t.Context(), []collector.Point{p}); err == nil {
				t.Error("a point of a website was written")
			}
		}
	})
}

func TestWhatIsDamagedIsSaidAndNotShown(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		for name, damage := range map[string]struct {
			text string
			read func(town) error
			says string
		}{
			"an audit":          {"UPDATE web_audit SET body = " + at.bytes(1, 0xff) + " || substr(body, 3)", func(c town) error { return second(c.WebPage(t.Context(), 1, pageA)) }, "page https://a.example/ of website 1"},
			"the site's audit":  {"UPDATE web_run SET audit = substr(audit, 1, 20)", func(c town) error { return second(c.LastWebRun(t.Context(), 1)) }, "website 1"},
			"a run":             {"UPDATE web_run SET body = substr(body, 1, 9) || " + at.bytes(0) + " || substr(body, 11)", func(c town) error { return second(c.LastRuns(t.Context())) }, "the run of website 1 at 2026-11-02"},
			"of another moment": {"UPDATE web_run SET at = at + 1", func(c town) error { return second(c.WebRuns(t.Context(), 1, time.Time{})) }, "the run of website 1"},
			"of another page":   {"UPDATE web_address SET url = url || 'x'", func(c town) error { return second(c.WebPage(t.Context(), 1, pageA+"x")) }, "page https://a.example/x of website 1"},
		} {
			t.Run(name, func(t *testing.T) {
				c := newTown(t, at.another(t))
				w := c.added(aWebsite(1, "a", pageA))
				c.keep(w.ID, 0, pageA)
				if f := c.at.found(t); f.Problems != nil {
					t.Errorf("before: %+v", f)
				}
				c.must(c.raw(damage.text))
				if err := damage.read(c); err == nil || !strings.Contains(err.Error(), "restore the newest backup") || !strings.Contains(err.Error(), damage.says) {
					t.Errorf("read: %v", err)
				}
				if err := c.Intact(t.Context()); err == nil {
					t.Error("it is not remembered")
				}
				if _, err := c.WebPages(t.Context(), w.ID); err != nil {
					t.Errorf("the other pages: %v", err)
				}
				if f := c.at.found(t); len(f.Problems) != 1 || !strings.Contains(f.Problems[0], damage.says) {
					t.Errorf("%+v", f)
				}
			})
		}
	})
}

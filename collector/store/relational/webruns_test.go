package relational_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"veille/collector"
)

// week is the end of the measure of a week.
func week(n int) time.Time { return time.Date(2026, 11, 2, 2, 30, 15, 0, time.UTC).AddDate(0, 0, 7*n) }

func aRun(website int64, n int) collector.WebRun {
	r := collector.WebRun{
		Website: website, At: week(n), Mode: "two-speed", Protocol: "chromium-148", Version: "v0.7.0", Pages: 12, Measured: 4, Failed: 1, Unchanged: 2, SizeKB: 1234.5678,
		Mean: collector.WebFigure{Value: 61.25 + float64(n), Low: new(55.0), High: new(66.5)}, Median: collector.WebFigure{Value: 60},
		Grades:    map[string]collector.WebFigure{},
		Templates: []collector.WebTemplate{{Group: 3, Example: "https://a.example/x", Pages: 7, Measured: 2, Score: 50.5, DOM: 900, Requests: 30.25, SizeKB: 1000, Share: .75}},
		Notes:     []string{"the sitemap could not be read"}, Audit: fmt.Appendf(nil, `{"practices":[],"week":%d}`, n),
	}
	for i, grade := range []string{"A", "B", "C", "D", "E", "F", "G"} {
		r.Grades[grade] = collector.WebFigure{Value: float64(i)}
	}
	return r
}

func aPage(website int64, url string, n int) collector.WebPage {
	p := collector.WebPage{
		Website: website, URL: url, Group: 3, Score: 61.5, Static: collector.WebSizes{DOM: 100 + n, Requests: 9, SizeKB: 99.9}, At: week(n), SeenAt: week(n),
		Audit: []byte(`{"failed":[{"id":"RWEB_0007","offenders":[{"url":"` + url + `/a.png"}]}],"passed":31}`),
	}
	if len(url)%2 == 0 {
		p.Browser = &collector.WebSizes{DOM: 300, Requests: 40, SizeKB: 812.0625}
	}
	return p
}

func aScore(n int) collector.WebScore {
	return collector.WebScore{At: week(n), Mode: "browser", Protocol: "chromium-148", Version: "v0.7.0", WebSizes: collector.WebSizes{DOM: 300 + n, Requests: 40, SizeKB: 812.0625}, Raw: 61.1 + float64(n)/7}
}

// keep keeps the run of a week, in which these pages were found and measured.
func (c town) keep(website int64, n int, urls ...string) {
	c.t.Helper()
	var pages []collector.WebPage
	scores := map[string]collector.WebScore{}
	for _, url := range urls {
		pages, scores[url] = append(pages, aPage(website, url, n)), aScore(n)
	}
	c.must(c.KeepRun(c.t.Context(), aRun(website, n), collector.WebPlan{NextOn: collector.DateOf(week(n + 1))}, pages, scores))
}

func (c town) history(website int64, url string) []collector.WebScore {
	c.t.Helper()
	all, err := c.WebScores(c.t.Context(), website, url, time.Time{})
	c.must(err)
	return all
}

const (
	pageA = "https://a.example/"
	pageB = "https://a.example/b"
)

func TestARunIsReadAsItWasKept(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		c.keep(w.ID, 0, pageA)
		c.keep(w.ID, 1, pageB, pageA)
		first, last := aRun(w.ID, 0), aRun(w.ID, 1)
		if got, err := c.LastWebRun(t.Context(), w.ID); err != nil || !reflect.DeepEqual(got, last) {
			t.Errorf("%+v, %v;\nwant %+v", got, err, last)
		}
		first.Audit, last.Audit = nil, nil
		if got, err := c.WebRuns(t.Context(), w.ID, time.Time{}); err != nil || !reflect.DeepEqual(got, []collector.WebRun{first, last}) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.WebRuns(t.Context(), w.ID, week(0).Add(time.Nanosecond)); err != nil || !reflect.DeepEqual(got, []collector.WebRun{last}) {
			t.Errorf("%+v, %v", got, err)
		}
		a, b := aPage(w.ID, pageA, 1), aPage(w.ID, pageB, 1)
		for _, want := range []collector.WebPage{a, b} {
			if got, err := c.WebPage(t.Context(), w.ID, want.URL); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %v;\nwant %+v", got, err, want)
			}
		}
		a.Audit, b.Audit = nil, nil
		if got, err := c.WebPages(t.Context(), w.ID); err != nil || !reflect.DeepEqual(got, []collector.WebPage{a, b}) || (a.Browser == nil) == (b.Browser == nil) {
			t.Errorf("%+v, %v", got, err)
		}
		if got := c.history(w.ID, pageA); !reflect.DeepEqual(got, []collector.WebScore{aScore(0), aScore(1)}) {
			t.Errorf("%+v", got)
		}
		if got, err := c.WebScores(t.Context(), w.ID, pageA, week(1)); err != nil || !reflect.DeepEqual(got, []collector.WebScore{aScore(1)}) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.Website(t.Context(), w.ID); err != nil || got.NextOn != collector.DateOf(week(2)) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestEachWebsiteHasItsLastTwoRuns(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		var ids []int64
		for i, name := range []string{"none", "one", "three"} {
			w := c.added(aWebsite(1, name, "https://"+name+".example/"))
			ids = append(ids, w.ID)
			for n := range []int{0, 1, 3}[i] {
				c.keep(w.ID, n, pageA)
			}
		}
		got, err := c.LastRuns(t.Context())
		if c.must(err); len(got) != 2 || len(got[ids[1]]) != 1 || len(got[ids[2]]) != 2 || !got[ids[2]][0].At.Equal(week(2)) || !got[ids[2]][1].At.Equal(week(1)) || got[ids[2]][0].Audit != nil {
			t.Errorf("%+v", got)
		}
	})
}

func TestTheSameRunIsKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		c.keep(w.ID, 0, pageA)
		c.must(c.AskWebsite(t.Context(), w.ID))
		again := aRun(w.ID, 0)
		again.At, again.Pages = again.At.Add(time.Millisecond), 99
		c.must(c.KeepRun(t.Context(), again, collector.WebPlan{NextOn: "2030-01-01"}, nil, map[string]collector.WebScore{pageA: aScore(5)}))
		runs, err := c.WebRuns(t.Context(), w.ID, time.Time{})
		if c.must(err); len(runs) != 1 || runs[0].Pages != 12 {
			t.Errorf("%+v", runs)
		}
		got, err := c.Website(t.Context(), w.ID)
		if c.must(err); !got.Asked || got.NextOn != collector.DateOf(week(1)) {
			t.Errorf("%+v", got)
		}
		if pages, err := c.WebPages(t.Context(), w.ID); err != nil || len(pages) != 1 || len(c.history(w.ID, pageA)) != 1 {
			t.Errorf("%+v, %v", pages, err)
		}
	})
}

func TestAPageThatGoesAndComesBackKeepsItsHistory(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		c.keep(w.ID, 0, pageA, pageB)
		c.keep(w.ID, 1, pageA)
		if _, err := c.WebPage(t.Context(), w.ID, pageB); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("a page that is gone: %v", err)
		}
		if got := c.history(w.ID, pageB); len(got) != 1 {
			t.Errorf("its history: %+v", got)
		}
		c.keep(w.ID, 2, pageA, pageB)
		if got := c.history(w.ID, pageB); !reflect.DeepEqual(got, []collector.WebScore{aScore(0), aScore(2)}) {
			t.Errorf("its history: %+v", got)
		}
	})
}

func TestAPageThatWasNeverMeasuredLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		failed := collector.WebPage{Website: w.ID, URL: pageB, Code: "unreachable", Problem: "nobody answers", SeenAt: week(0)}
		c.must(c.KeepRun(t.Context(), aRun(w.ID, 0), collector.WebPlan{}, []collector.WebPage{failed}, nil))
		if got, err := c.WebPage(t.Context(), w.ID, pageB); err != nil || !reflect.DeepEqual(got, failed) {
			t.Errorf("%+v, %v", got, err)
		}
		c.keep(w.ID, 1, pageA)
		var urls []string
		c.rows("SELECT url FROM web_address", &urls)
		if !slices.Equal(urls, []string{pageA}) {
			t.Errorf("%q", urls)
		}
	})
}

// rows reads a column of the file.
func (c town) rows(query string, into *[]string) {
	c.t.Helper()
	db := c.at.past(c.t)
	rows, err := db.QueryContext(c.t.Context(), query)
	c.must(err)
	defer func() { c.must(rows.Close()) }()
	for rows.Next() {
		var x string
		c.must(rows.Scan(&x))
		*into = append(*into, x)
	}
	c.must(rows.Err())
}

func TestARemovedWebsiteLeavesNothingAndOthersStay(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.added(aWebsite(1, "a", pageA)), c.added(aWebsite(c.sites[2].Organisation, "a", pageA))
		for _, w := range []collector.Website{a, b} {
			c.keep(w.ID, 0, pageA, pageB)
			c.keep(w.ID, 1, pageA)
		}
		c.must(c.RemoveWebsite(t.Context(), a.ID))
		var left []string
		c.rows(`SELECT count(*) FROM website UNION ALL SELECT count(*) FROM web_run UNION ALL SELECT count(*) FROM web_address UNION ALL SELECT count(*) FROM web_page
		UNION ALL SELECT count(*) FROM web_audit UNION ALL SELECT count(*) FROM web_score`, &left)
		if !slices.Equal(left, []string{"1", "2", "2", "1", "1", "3"}) {
			t.Errorf("%v are left", left)
		}
		if got := c.history(a.ID, pageA); got != nil {
			t.Errorf("%+v", got)
		}
		if got := c.history(b.ID, pageA); len(got) != 2 {
			t.Errorf("%+v", got)
		}
		if err := c.KeepRun(t.Context(), aRun(a.ID, 2), collector.WebPlan{}, nil, nil); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("a run of a removed one: %v", err)
		}
	})
}

func TestARunThatCannotBeKeptChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		c.keep(w.ID, 0, pageA)
		for name, change := range map[string]func(*collector.WebRun, *collector.WebPage, *collector.WebScore){
			"a control character": func(_ *collector.WebRun, p *collector.WebPage, _ *collector.WebScore) {
				p.URL = "https://a.example/\x1f"
			},
			"a page without address": func(_ *collector.WebRun, p *collector.WebPage, _ *collector.WebScore) { p.URL = "" },
			"a score above 100":      func(_ *collector.WebRun, p *collector.WebPage, _ *collector.WebScore) { p.Score = 100.5 },
			"no number":              func(_ *collector.WebRun, p *collector.WebPage, _ *collector.WebScore) { p.Score = math.NaN() },
			"fewer than nothing":     func(_ *collector.WebRun, p *collector.WebPage, _ *collector.WebScore) { p.Static.DOM = -1 },
			"a page's huge audit":    func(_ *collector.WebRun, p *collector.WebPage, _ *collector.WebScore) { p.Audit = make([]byte, 5<<20) },
			"a huge audit":           func(r *collector.WebRun, _ *collector.WebPage, _ *collector.WebScore) { r.Audit = make([]byte, 5<<20) },
			"no mean":                func(r *collector.WebRun, _ *collector.WebPage, _ *collector.WebScore) { r.Mean.Value = math.Inf(1) },
			"no moment":              func(r *collector.WebRun, _ *collector.WebPage, _ *collector.WebScore) { r.At = time.Time{} },
			"no such mode":           func(r *collector.WebRun, _ *collector.WebPage, _ *collector.WebScore) { r.Mode = "fast" },
			"a version of two lines": func(_ *collector.WebRun, _ *collector.WebPage, x *collector.WebScore) { x.Version = "a\nb" },
			"a score without moment": func(_ *collector.WebRun, _ *collector.WebPage, x *collector.WebScore) { x.At = time.Time{} },
			"a score below 0":        func(_ *collector.WebRun, _ *collector.WebPage, x *collector.WebScore) { x.Raw = -1 },
		} {
			r, p, x := aRun(w.ID, 1), aPage(w.ID, pageB, 1), aScore(1)
			change(&r, &p, &x)
			err := c.KeepRun(t.Context(), r, collector.WebPlan{NextOn: "2030-01-01"}, []collector.WebPage{aPage(w.ID, "https://a.example/c", 1), p}, map[string]collector.WebScore{pageB: x})
			if err == nil || c.Trouble(err) {
				t.Errorf("%s: %v; want an answer that is no trouble of the file", name, err)
			}
		}
		want := aRun(w.ID, 0)
		if got, err := c.LastWebRun(t.Context(), w.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
		if pages, err := c.WebPages(t.Context(), w.ID); err != nil || len(pages) != 1 {
			t.Errorf("%+v, %v", pages, err)
		}
		if got, err := c.Website(t.Context(), w.ID); err != nil || got.NextOn == "2030-01-01" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestWhatAServerSaysIsKeptAsItIs(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		hostile := "a\x00b\x1f\r\n\xff'; DROP TABLE website; --\u202e"
		p := aPage(w.ID, "https://a.example/'%00\u202e?a=b\\", 0)
		p.Problem, p.Code, p.Audit = hostile, hostile, []byte(hostile)
		c.must(c.KeepRun(t.Context(), aRun(w.ID, 0), collector.WebPlan{Problem: hostile}, []collector.WebPage{p}, nil))
		if got, err := c.WebPage(t.Context(), w.ID, p.URL); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%+v, %v;\nwant %+v", got, err, p)
		}
		if got, err := c.Website(t.Context(), w.ID); err != nil || got.Problem != hostile {
			t.Errorf("%q, %v", got.Problem, err)
		}
	})
}

func TestAnAuditThatIsNoMoreIsNotShown(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		c.keep(w.ID, 0, pageA)
		r, p := aRun(w.ID, 1), aPage(w.ID, pageA, 1)
		r.Audit, p.Audit = nil, nil
		c.must(c.KeepRun(t.Context(), r, collector.WebPlan{}, []collector.WebPage{p}, nil))
		if got, err := c.WebPage(t.Context(), w.ID, pageA); err != nil || got.Audit != nil {
			t.Errorf("%s, %v", got.Audit, err)
		}
		if got, err := c.LastWebRun(t.Context(), w.ID); err != nil || got.Audit != nil {
			t.Errorf("%s, %v", got.Audit, err)
		}
	})
}

func TestHistoryThatHasServedGoesAndPagesStay(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		c.keep(w.ID, 0, pageA, pageB)
		c.keep(w.ID, 1, pageA)
		c.keep(w.ID, 2, pageA)
		for _, step := range []struct {
			before       collector.Date
			deleted      int
			scores, runs int
			addresses    int
		}{
			{"2026-11-02", 0, 3, 3, 2}, {"2026-11-03", 3, 2, 2, 1}, {"2026-11-03", 0, 2, 2, 1}, {"2030-01-01", 3, 0, 1, 1}, // the last run stays, and its page
		} {
			n, err := c.DeleteWebScores(t.Context(), step.before)
			if err != nil || n != step.deleted {
				t.Errorf("before %s: %d, %v; want %d", step.before, n, err, step.deleted)
			}
			runs, err := c.WebRuns(t.Context(), w.ID, time.Time{})
			if c.must(err); len(runs) != step.runs || len(c.history(w.ID, pageA)) != step.scores {
				t.Errorf("before %s: %d runs and %d scores are left", step.before, len(runs), len(c.history(w.ID, pageA)))
			}
			var urls []string
			if c.rows("SELECT url FROM web_address", &urls); len(urls) != step.addresses {
				t.Errorf("before %s: %q", step.before, urls)
			}
		}
		c.keep(w.ID, 3, pageA)
		if got := c.history(w.ID, pageA); len(got) != 1 {
			t.Errorf("after that: %+v", got)
		}
		if _, err := c.DeleteWebScores(t.Context(), "soon"); err == nil {
			t.Error("no date was taken for one")
		}
	})
}

func TestTheHistoryOfMorePagesThanOneWriteTakesGoesToo(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		var urls []string
		for i := range 501 {
			urls = append(urls, fmt.Sprintf("https://a.example/%d", i))
		}
		c.keep(w.ID, 0, urls...)
		if n, err := c.DeleteWebScores(t.Context(), "2030-01-01"); err != nil || n != 501 {
			t.Errorf("%d, %v", n, err)
		}
	})
}

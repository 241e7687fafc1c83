package relational_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/relational"
)

// weeksKept is a store of so many websites of 500 pages each, measured for so many weeks.
func weeksKept(b *testing.B, at place, websites, weeks int) *relational.Store {
	b.Helper()
	s := at.open(b)
	random := rand.New(rand.NewPCG(1, 1))
	organisation, err := s.AddOrganisation(b.Context(), "Région")
	if err != nil {
		b.Fatal(err)
	}
	for i := range websites {
		if _, err := s.AddWebsite(b.Context(), aWebsite(organisation, fmt.Sprint(i), fmt.Sprintf("https://%d.example/", i))); err != nil {
			b.Fatal(err)
		}
	}
	for n := range weeks {
		for website := 1; website <= websites; website++ {
			var pages []collector.WebPage
			scores := map[string]collector.WebScore{}
			for i := range 500 {
				url := fmt.Sprintf("https://%d.example/rubrique/%d/article-%d", website, i%20, i)
				x := collector.WebScore{At: week(n), Mode: "browser", Protocol: "chromium-148", Version: "v0.7.0", Raw: 100 * random.Float64()}
				x.WebSizes = collector.WebSizes{DOM: random.IntN(5000), Requests: random.IntN(200), SizeKB: 5000 * random.Float64()}
				pages, scores[url] = append(pages, collector.WebPage{URL: url, Static: x.WebSizes, Browser: &x.WebSizes, Score: x.Raw, At: x.At, SeenAt: x.At}), x
			}
			if err := s.KeepRun(b.Context(), aRun(int64(website), n), collector.WebPlan{NextOn: "2026-11-30"}, pages, scores); err != nil {
				b.Fatal(err)
			}
		}
	}
	return s
}

func BenchmarkAYearOfWebsites(b *testing.B) {
	eachBench(b, func(b *testing.B, at place) {
		const websites, weeks = 20, 52 // a tenth of 200, by their rows
		for b.Loop() {
			start := time.Now()
			s := weeksKept(b, at.another(b), websites, weeks)
			b.ReportMetric(float64(time.Since(start).Milliseconds())/websites/weeks, "ms/run")
			size, err := s.Size(b.Context())
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(size.Bytes)/(websites*weeks*500), "B/score")
		}
	})
}

func BenchmarkWebsitesAreRead(b *testing.B) {
	eachBench(b, func(b *testing.B, at place) {
		s := weeksKept(b, at, 200, 2)
		const url = "https://7.example/rubrique/7/article-207"
		for name, read := range map[string]func() (int, error){
			"LastRuns": func() (int, error) { x, err := s.LastRuns(b.Context()); return len(x), err },
			"Websites": func() (int, error) { x, err := s.Websites(b.Context()); return len(x), err },
			"WebPages": func() (int, error) { x, err := s.WebPages(b.Context(), 7); return len(x), err },
			"WebScores": func() (int, error) {
				x, err := s.WebScores(b.Context(), 7, url, time.Time{})
				return len(x), err
			},
			"AskedWebsites": func() (int, error) { x, err := s.AskedWebsites(b.Context()); return 1 + len(x), err },
			"RangeOfAPage": func() (int, error) {
				x, err := s.Embedded().Range(b.Context(), collector.Query{Measurement: collector.PageScore, Tags: collector.Tags{{Name: "url", Value: url}}, From: week(0), To: week(9)})
				return len(x), err
			},
			"RangeOfAll": func() (int, error) {
				x, err := s.Embedded().Range(b.Context(), collector.Query{Measurement: collector.PageScore, From: week(0), To: week(9)})
				return len(x), err
			},
			"DeleteNothing": func() (int, error) { n, err := s.DeleteWebScores(b.Context(), "2020-11-22"); return 1 + n, err },
		} {
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					if n, err := read(); err != nil || n == 0 {
						b.Fatal(n, err)
					}
				}
			})
		}
	})
}

package relational_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"veille/collector"
)

func TestFiveThousandPagesAreKeptAndReadInNoTime(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		var urls []string
		for i := range 5000 {
			urls = append(urls, fmt.Sprintf("https://a.example/rubrique/%d/article-%d", i%20, i))
		}
		for n := range 2 {
			start := time.Now()
			c.keep(w.ID, n, urls...)
			t.Logf("run %d was kept in %v", n, time.Since(start))
		}
		start := time.Now()
		pages, err := c.WebPages(t.Context(), w.ID)
		took := time.Since(start)
		if t.Logf("its pages were read in %v", took); err != nil || len(pages) != 5000 || took > 10*time.Second {
			t.Errorf("%d pages, %v, in %v", len(pages), err, took)
		}
		start = time.Now()
		c.must(c.RemoveWebsite(t.Context(), w.ID))
		t.Logf("it was removed in %v", time.Since(start))
	})
}

func TestAnAuditTakesLittleRoom(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		w := c.added(aWebsite(1, "a", pageA))
		var audit struct{ Failed []map[string]any }
		for i := range 40 {
			audit.Failed = append(audit.Failed, map[string]any{"id": fmt.Sprintf("RWEB_%04d", i), "measured": i, "points": .25, "offenders": []map[string]string{{"url": pageA + "assets/app.css"}}})
		}
		p := aPage(w.ID, pageA, 0)
		var err error
		p.Audit, err = json.Marshal(audit)
		c.must(err)
		c.must(c.KeepRun(t.Context(), aRun(w.ID, 0), collector.WebPlan{}, []collector.WebPage{p}, nil))
		var size []string
		c.rows("SELECT length(body) FROM web_audit", &size)
		if t.Logf("%d bytes of JSON take %s", len(p.Audit), size[0]); len(size[0]) > 3 {
			t.Errorf("%d bytes of JSON take %s", len(p.Audit), size[0])
		}
	})
}

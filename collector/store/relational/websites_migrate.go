package relational

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"veille/collector"
)

// versionOfWebsites is the version from which on pages are websites.
const versionOfWebsites = 7

// movePages makes websites of the pages of versions up to 6, one for each organisation that had a page measured, and their history of the points
// of before; and drops their tables. Points of an address that is no page any more go with them.
func movePages(ctx context.Context, tx *sql.Tx) error {
	sites, err := list(ctx, tx, func(rows *sql.Rows) (collector.Website, error) {
		w := collector.Website{Kind: collector.KindPage, EveryDays: 7, Rules: collector.WebsiteRules{Mode: "static", MaxPages: 1, Depth: 1, Delay: time.Second}}
		err := rows.Scan(&w.Rules.URL, &w.AddedOn, &w.NextOn, &w.Problem, &w.Organisation)
		if w.Problem != "" {
			w.Tries = 1
		}
		return w, err
	}, "SELECT p.url, p.added_on, p.next_on, p.problem, coalesce(o.organisation, 0) FROM page p LEFT JOIN organisation_page o ON o.url = p.url WHERE p.url <> '' ORDER BY p.url, o.organisation")
	if err != nil {
		return err
	}
	type owned struct {
		organisation int64
		name         string
	}
	taken := map[owned]bool{}
	addresses := map[string][]*webAddress{}
	for _, w := range sites {
		plain := withoutScheme(w.Rules.URL)
		w.Name = plain
		for n := 2; taken[owned{w.Organisation, w.Name}]; n++ {
			w.Name = fmt.Sprintf("%s (%d)", plain, n)
		}
		taken[owned{w.Organisation, w.Name}] = true
		a, err := movePage(ctx, tx, w)
		if err != nil {
			return fmt.Errorf("page %s: %w", w.Rules.URL, err)
		}
		addresses[w.Rules.URL] = append(addresses[w.Rules.URL], a)
	}
	if err := moveScores(ctx, tx, addresses); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "DELETE FROM point WHERE measurement = 'page_score'; DROP TABLE organisation_page; DROP TABLE page")
	return err
}

// withoutScheme is an address as people call a page.
func withoutScheme(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok && rest != "" {
		return rest
	}
	return url
}

func movePage(ctx context.Context, tx *sql.Tx, w collector.Website) (*webAddress, error) {
	rules, err := json.Marshal(w.Rules) // and no more is asked of it: what was kept stays
	if err != nil {
		return nil, err
	}
	id, err := addWebsite(ctx, tx, w, string(rules))
	if err != nil {
		return nil, err
	}
	a := new(webAddress)
	return a, tx.QueryRowContext(ctx, "INSERT INTO web_address (website, url) VALUES (?, ?) RETURNING id", id, w.Rules.URL).Scan(&a.id)
}

// moveScores brings the points of pages into their history.
func moveScores(ctx context.Context, tx *sql.Tx, addresses map[string][]*webAddress) error {
	h, err := newHistory(ctx, tx, map[method]int64{})
	if err != nil {
		return err
	}
	defer h.close()
	points, err := list(ctx, tx, func(rows *sql.Rows) (collector.Point, error) {
		var at int64
		var tags string
		var dom, requests, size, raw, score sql.NullFloat64
		err := rows.Scan(&at, &tags, &dom, &requests, &size, &raw, &score)
		if !raw.Valid {
			raw = score
		}
		return collector.Point{
			Time: time.Unix(0, at).UTC(), Tags: splitTags(tags),
			Fields: collector.Fields{"dom": dom.Float64, "requests": requests.Float64, "size_kb": size.Float64, "score_raw": raw.Float64},
		}, err
	}, `SELECT time, tags, max(value) FILTER (WHERE field = 'dom'), max(value) FILTER (WHERE field = 'requests'), max(value) FILTER (WHERE field = 'size_kb'),
		max(value) FILTER (WHERE field = 'score_raw'), max(value) FILTER (WHERE field = 'score') FROM point WHERE measurement = 'page_score' GROUP BY time, tags`)
	if err != nil {
		return err
	}
	for _, p := range points {
		x := collector.WebScore{
			At: p.Time, Mode: p.Tags.Get("mode"), Protocol: p.Tags.Get("protocol"), Raw: min(max(0, p.Fields["score_raw"]), 100),
			WebSizes: collector.WebSizes{DOM: countIn(p.Fields["dom"]), Requests: countIn(p.Fields["requests"]), SizeKB: max(0, p.Fields["size_kb"])},
		}
		if x.Mode != "static" && x.Mode != "browser" { // no program wrote another
			continue
		}
		for _, a := range addresses[p.Tags.Get("url")] {
			if err := h.put(ctx, a, x); err != nil {
				return fmt.Errorf("the score of %s at %s: %w", p.Tags.Get("url"), p.Time, err)
			}
		}
	}
	return nil
}

// countIn is the number of things that a field tells of.
func countIn(x float64) int { return int(min(max(0, x), 1<<40)) }

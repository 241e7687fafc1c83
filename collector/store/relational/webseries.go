package relational

import (
	"context"
	"database/sql"
	"math"
	"strconv"
	"strings"

	"veille/collector"
)

// webPoints are the points of websites that a query asks for, read from what is kept of them.
func (s *Store) webPoints(ctx context.Context, q collector.Query) ([]collector.Point, error) {
	where, args := "at >= ? AND at < ?", []any{notBefore(q.From), notBefore(q.To)}
	if q.Measurement == collector.SiteScore {
		return s.sitePoints(ctx, q, where, args)
	}
	where = "s." + strings.ReplaceAll(where, " at ", " s.at ")
	website, url := q.Tags.Get("website"), q.Tags.Get("url")
	switch {
	case website != "":
		where, args = where+" AND a.website = ?", append(args, number(website))
	case url != "":
		where += " AND a.website IN (SELECT id FROM website)" // so that the index by website and address serves
	}
	if url != "" {
		where, args = where+" AND a.url = ?", append(args, url)
	}
	points, err := list(ctx, s.read, func(rows *sql.Rows) (collector.Point, error) {
		var website int64
		var url string
		x, err := scanScore(rows, &website, &url)
		return pagePoint(website, url, x), err
	}, "SELECT a.website, a.url, "+scoreColumns+" FROM web_address a JOIN web_score s ON s.address = a.id JOIN web_method m ON m.id = s.method WHERE "+where, args...)
	return chosen(points, q), err
}

// chosen are the points that have all tags of a query.
func chosen(points []collector.Point, q collector.Query) (all []collector.Point) {
	for _, p := range points {
		if matches(p.Tags, q.Tags) {
			all = append(all, p)
		}
	}
	return all
}

// webTags are the tags that are not empty: no engine keeps others.
func webTags(website int64, url, mode, protocol, version string) collector.Tags {
	var tags collector.Tags
	for _, tag := range collector.NewTags(
		collector.Tag{Name: "mode", Value: mode}, collector.Tag{Name: "protocol", Value: protocol}, collector.Tag{Name: "url", Value: url},
		collector.Tag{Name: "version", Value: version}, collector.Tag{Name: "website", Value: strconv.FormatInt(website, 10)},
	) {
		if tag.Value != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}

func pagePoint(website int64, url string, x collector.WebScore) collector.Point {
	return collector.Point{
		Measurement: collector.PageScore, Time: x.At, Tags: webTags(website, url, x.Mode, x.Protocol, x.Version),
		Fields: collector.Fields{
			"dom": float64(x.DOM), "requests": float64(x.Requests), "size_kb": x.SizeKB,
			"score": math.RoundToEven(x.Raw), "score_raw": x.Raw, // rounded as ecoindex.Result.Score is
		},
	}
}

func (s *Store) sitePoints(ctx context.Context, q collector.Query, where string, args []any) ([]collector.Point, error) {
	if website := q.Tags.Get("website"); website != "" {
		where, args = where+" AND r.website = ?", append(args, number(website))
	}
	if url := q.Tags.Get("url"); url != "" {
		where, args = where+" AND w.url = ?", append(args, url)
	}
	points, err := list(ctx, s.read, func(rows *sql.Rows) (collector.Point, error) {
		var url string
		r, err := s.scanRun(rows, &url)
		return sitePoint(r, url), err
	}, "SELECT "+runColumns+", w.url FROM website w JOIN web_run r ON r.website = w.id JOIN web_method m ON m.id = r.method WHERE "+where, args...)
	return chosen(points, q), err
}

func sitePoint(r collector.WebRun, url string) collector.Point {
	fields := collector.Fields{
		"mean": r.Mean.Value, "median": r.Median.Value, "size_kb": r.SizeKB,
		"pages": float64(r.Pages), "measured": float64(r.Measured), "failed": float64(r.Failed),
	}
	for name, x := range map[string]*float64{"mean_low": r.Mean.Low, "mean_high": r.Mean.High} {
		if x != nil {
			fields[name] = *x
		}
	}
	for _, grade := range "ABCDEFG" {
		fields["grade_"+strings.ToLower(string(grade))] = r.Grades[string(grade)].Value
	}
	return collector.Point{Measurement: collector.SiteScore, Time: r.At, Tags: webTags(r.Website, url, r.Mode, r.Protocol, r.Version), Fields: fields}
}

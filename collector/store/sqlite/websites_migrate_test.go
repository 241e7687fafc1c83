package sqlite_test

import (
	"database/sql"
	"errors"
	"reflect"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
)

// migrated is a page of before as a website.
func migrated(id, organisation int64, name, url string, added, next collector.Date, problem string) collector.Website {
	w := collector.Website{
		ID: id, Organisation: organisation, Kind: collector.KindPage, Name: name, EveryDays: 7, AddedOn: added, NextOn: next, Problem: problem,
		Rules: collector.WebsiteRules{URL: url, Mode: "static", MaxPages: 1, Depth: 1, Delay: time.Second},
	}
	if problem != "" {
		w.Tries = 1
	}
	return w
}

// pagesMoved checks that the pages of atVersion are websites, with their history.
func pagesMoved(t *testing.T, s *relational.Store, version int) {
	t.Helper()
	want := []collector.Website{
		migrated(1, 1, "www.example.org/", "http://www.example.org/", "2026-11-02", "2026-11-23", ""),
		migrated(2, 1, "www.example.org/ (2)", "https://www.example.org/", "2026-11-03", "2026-11-17", "nobody answers"),
	}
	if all, err := s.Websites(t.Context()); err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("from version %d: %+v, %v;\nwant %+v", version, all, err, want)
	}
	var history []collector.WebScore
	if version >= 2 { // there were no series before
		history = []collector.WebScore{{At: oldScore, Mode: "static", Protocol: "static", WebSizes: collector.WebSizes{DOM: 120, Requests: 9, SizeKB: 123.4375}, Raw: 80.625}}
	}
	if all, err := s.WebScores(t.Context(), 1, "http://www.example.org/", time.Time{}); err != nil || !reflect.DeepEqual(all, history) {
		t.Errorf("from version %d: %+v, %v; want %+v", version, all, err, history)
	}
	q := collector.Query{Measurement: collector.PageScore, From: oldScore.AddDate(-1, 0, 0), To: oldScore.AddDate(1, 0, 0)}
	if points, err := s.Range(t.Context(), q); err != nil || len(points) > 0 {
		t.Errorf("from version %d: %+v, %v are left where points are kept", version, points, err)
	}
	if points, err := s.Embedded().Range(t.Context(), q); err != nil || len(points) != len(history) {
		t.Errorf("from version %d: %+v, %v; want %d", version, points, err, len(history))
	}
}

func TestAPageOfTwoOrganisationsBecomesTwoWebsitesAndOneOfNobodyStaysNobodys(t *testing.T) {
	name := ledgertest.Unzipped(t, "testdata/version-6.db.gz")
	s := open(t, name)
	const both, town = "https://both.example/a?b=c", 2
	want := []collector.Website{
		migrated(4, 0, "nobody.example/é", "https://nobody.example/é", "2026-11-03", "2026-11-24", ""),
		migrated(2, 1, "both.example/a?b=c", both, "2026-11-03", "2026-11-24", ""),
		migrated(1, 1, "www.example.org/", "http://www.example.org/", "2026-11-02", "2026-11-23", ""),
		migrated(5, 1, "www.example.org/ (2)", "https://www.example.org/", "2026-11-02", "2026-11-17", "visit https://www.example.org/: nobody answers"),
		migrated(3, town, "both.example/a?b=c", both, "2026-11-03", "2026-11-24", ""),
	}
	if all, err := s.Websites(t.Context()); err != nil || !reflect.DeepEqual(all, want) {
		t.Errorf("%+v, %v;\nwant %+v", all, err, want)
	}
	for _, w := range want {
		scores, err := s.WebScores(t.Context(), w.ID, w.Rules.URL, time.Time{})
		if n := map[bool]int{true: 3}[w.Problem == ""]; err != nil || len(scores) != n {
			t.Errorf("%s: %+v, %v; want %d", w.Name, scores, err, n)
		}
		for week, x := range scores {
			if !x.At.Equal(time.Date(2026, 11, 2+7*week, 2, 30, 0, 0, time.UTC)) || x.Raw != 80.75+float64(week)/8 || x.Protocol != "static-2" || x.Requests != 7 || x.SizeKB != 123.4375 {
				t.Errorf("%s, week %d: %+v", w.Name, week, x)
			}
		}
	}
	points, err := s.Embedded().Range(t.Context(), collector.Query{Measurement: collector.PageScore, From: time.Unix(0, 0), To: time.Now()})
	if err != nil || len(points) != 12 {
		t.Errorf("%d points, %v; want three of each of four websites: the address that is no page is forgotten", len(points), err)
	}
	if f, err := sqlite.Check(t.Context(), name, nil); err != nil || f.Problems != nil {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestPagesAndPointsThatNoProgramWroteDoNotKeepADatabaseFromBeingOpened(t *testing.T) {
	name := atVersion(t, 5)
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `INSERT INTO page VALUES (char(7, 31, 10) || 'x', '', 'never', char(0)), ('://', '', '', ''), ('', '', '', '');
		INSERT INTO page SELECT 'http://' || url, '', '', '' FROM page WHERE url LIKE 'http%'`)
	for i, tags := range []string{"", "url=://", "mode=static\x1furl=://", "mode=worse\x1furl=://", "mode=static\x1furl", "mode=browser\x1furl=\a\x1f\nx"} {
		for _, field := range []string{"dom", "requests", "score_raw", "what"} {
			if _, wrong := db.ExecContext(t.Context(), "INSERT INTO point VALUES ('page_score', ?, ?, ?, ?)", -i, tags, field, 1e300*float64(1-2*(i%2))); wrong != nil {
				t.Fatal(wrong)
			}
		}
	}
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s := open(t, name)
	all, err := s.Websites(t.Context())
	if err != nil || len(all) != 6 {
		t.Errorf("%+v, %v; want the two, two that begin twice, and two that are none", all, err)
	}
	for _, w := range all {
		n := 0
		if w.Rules.URL == "://" || w.Rules.URL == "http://www.example.org/" {
			n = 1
		}
		if scores, err := s.WebScores(t.Context(), w.ID, w.Rules.URL, time.Unix(-100, 0)); err != nil || len(scores) != n {
			t.Errorf("%q: %+v, %v; want %d", w.Rules.URL, scores, err, n)
		}
	}
}

func TestManyPagesAreMigratedInNoTime(t *testing.T) {
	name := atVersion(t, 5)
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO page SELECT 'https://' || i || '.example/', '', '', '' FROM n;
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300), w(j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM w WHERE j < 9)
		INSERT INTO point SELECT 'page_score', j * 604800 * 1000000000, 'mode=static' || char(31) || 'protocol=static' || char(31) || 'url=https://' || i || '.example/', field, 50.5
		FROM n, w, (SELECT value AS field FROM json_each('["dom", "requests", "size_kb", "score", "score_raw"]'))`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	s := open(t, name)
	took := time.Since(start)
	t.Logf("300 pages of 10 scores took %v", took)
	if took > 30*time.Second {
		t.Errorf("the migration took %v", took)
	}
	if scores, err := s.WebScores(t.Context(), 1, "https://1.example/", time.Time{}); err != nil || len(scores) != 0 {
		t.Errorf("%+v, %v", scores, err) // of another number
	}
	points, err := s.Embedded().Range(t.Context(), collector.Query{Measurement: collector.PageScore, Tags: collector.NewTags(collector.Tag{Name: "url", Value: "https://299.example/"}), From: time.Unix(0, 0), To: time.Now()})
	if err != nil || len(points) != 10 {
		t.Errorf("%d points, %v", len(points), err)
	}
}

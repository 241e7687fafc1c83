package sqlite_test

import (
	"database/sql"
	"fmt"
	"slices"
	"testing"

	"veille/collector"
	"veille/collector/store/sqlite"
)

func TestHoursThatAnEarlierReleaseKeptOfAPersonsMachineAreAddedUpToDays(t *testing.T) {
	name := atVersion(t, 5)
	db, err := sql.Open("sqlite", name)
	if err != nil {
		t.Fatal(err)
	}
	for i, hour := range []int{9, 10} {
		body := fmt.Sprintf(`{"date":"2026-11-07","hour":%d,"length_s":3600,"use":"shared","class":"mini","os":"linux","agent":"v0.4","parts":[
			{"part":"open","length_s":3600,"seconds":{"on":1000,"unknown":2600},"energy":[]}]}`, hour)
		if _, err := db.ExecContext(t.Context(), "INSERT INTO record (machine, date, hour, site, covered_s, revision, body) VALUES (2, '2026-11-07', ?, 1, 1000, ?, ?)", hour, 10+i, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var got []string
	err = s.Records(t.Context(), "2026-11-06", "2026-11-08", func(c collector.Change) error {
		got = append(got, fmt.Sprint(c.Record.Date, " ", c.Record.Hour, " ", c.Record.Use, " ", c.Record.CoveredS(), " ", c.Record.Class))
		return nil
	})
	if want := []string{"2026-11-06 -1 individual 86400 mini", "2026-11-07 -1 individual 2000 mini"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("the ledger has %q, %v; want %q", got, err, want)
	}
	if stale, err := s.Stale(t.Context()); err != nil || !slices.Contains(stale, "2026-11-07") {
		t.Errorf("%v is rolled up again, %v", stale, err)
	}
}

package sqlite_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/sqlite/ledgertest"
	"veille/collector/store/storetest"
)

// Databases that the real programs of earlier versions left (commits 2955b31, 491ec9e, 05ab01c, 4415395 and d8f35a9, the last three of them from what the
// one before had left; the last one was told a meter, a reading, a quantity, a step, a remark, evidence and a host besides): two sites, three machines, one of each use, three days; of the shared machine and the server the hours from 8 to 10.
func TestADatabaseThatAnEarlierProgramLeftIsTheSameAfterwards(t *testing.T) {
	files, err := filepath.Glob("testdata/version-*.db.gz")
	if err != nil || len(files) != 5 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			name := ledgertest.Unzipped(t, file)
			s := open(t, name)
			whole, hours := 0, 0
			for _, c := range ledgertest.Everything(t, s) {
				r := c.Record
				if c.Site.Name != "Lycée Marie-Curie" || r.Class != "notebook" || r.CPU != "intel-5-8" || r.Agent != "v0.1.0" || r.CoveredS() != r.LengthS {
					t.Errorf("%+v", c)
				}
				if r.Hour == collector.WholeDay {
					whole++
					if e := r.Parts[1].Energy[0]; e.Wh != 50.125 || e.LowWh != 25.063 || e.HighWh != 100.25 || r.Use != "individual" || c.Revision != 0 { // 25.0625, rounded
						t.Errorf("%+v", r)
					}
				} else {
					hours++
					if r.Parts[0].Energy[0].Wh != 3.25 || c.Revision < 1 {
						t.Errorf("%+v", r)
					}
				}
			}
			if whole != 3 || hours != 18 {
				t.Errorf("%d days and %d hours; want 3 and 18", whole, hours)
			}
			asBefore(t, s)
			if f, err := sqlite.Check(t.Context(), name, nil); err != nil || f.Problems != nil || f.Records != 21 {
				t.Errorf("%+v, %v", f, err)
			}
			if dates := stale(t, s); len(dates) != 3 {
				t.Errorf("%v are to be rolled up; want the three", dates)
			}
		})
	}
}

// asBefore checks that the series of hours have the points that the earlier program wrote.
func asBefore(t *testing.T, s *relational.Store) {
	t.Helper()
	for m, want := range map[collector.Measurement]int{collector.HourEnergy: 36, collector.HourSeconds: 18} {
		points, err := s.Embedded().Range(t.Context(), collector.Query{
			Measurement: m, From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		})
		if err != nil || len(points) != want {
			t.Errorf("%d points of %s, %v; want %d", len(points), m, err, want)
		}
		for _, p := range points {
			if h := p.Time.In(time.UTC).Hour(); h < 7 || h > 9 || p.Tags.Get("site") != "1" { // 8 to 10 in Paris, in winter
				t.Errorf("%+v", p)
			}
		}
	}
}

// What persons had said to the program of version 8 is there afterwards, each row once, and nobody has said what could not be said then.
func TestWhatPersonsSaidToAnEarlierProgramIsThereAfterwards(t *testing.T) {
	name := ledgertest.Unzipped(t, "testdata/version-8.db.gz")
	if f, err := sqlite.Check(t.Context(), name, nil); err != nil || f.Problems != nil || f.Version != 8 {
		t.Errorf("before: %+v, %v", f, err)
	}
	before := counts(t, name)
	s := open(t, name)
	after := counts(t, name)
	delete(before, "outbox") // how far the series of before were filled: they are read from the records now
	for table, n := range before {
		if after[table] != n {
			t.Errorf("%s has %d rows; want %d", table, after[table], n)
		}
	}
	for _, table := range storetest.LabelTables() {
		if n, there := after[table]; n != 0 || !there {
			t.Errorf("%s has %d rows, and is there: %t", table, n, there)
		}
	}
	actions, err := s.Actions(t.Context(), 1)
	want := collector.Action{
		ID: 1, Organisation: 1, Site: 1, Group: 1, Name: "Veille à 20 minutes", Measure: "sleep-policy", On: "2026-03-02", BaseFrom: "2025-09", Base: "2026-02", Owner: "DSI", Note: "par GPO",
	}
	if err != nil || len(actions) != 1 || actions[0] != want {
		t.Errorf("%+v, %v; want %+v", actions, err, want)
	}
	lines := []collector.Equipment{
		{Class: "notebook", As: "new", Count: 30, Source: "glpi.csv"},
		{Class: "notebook", Bought: "2022-09", As: "new", Count: 4, Source: "glpi.csv"},
		{Class: "notebook", Bought: "2022-09", As: "refurbished", Count: 5, Source: "glpi.csv"},
		{Class: "tablet", Bought: "2024-09", As: "reused", Count: 2},
	}
	for i := range lines {
		lines[i].Organisation, lines[i].Site = 1, 1
	}
	if all, err := s.Equipment(t.Context(), 1); err != nil || !slices.Equal(all, lines) {
		t.Errorf("%+v, %v; want %+v", all, err, lines)
	}
	if r, err := s.Organisation(t.Context(), "Organisation"); err != nil || r.DPO != "Délégué" || r.SIREN != "" || r.OpenData || r.Licence != "" {
		t.Errorf("%+v, %v", r, err)
	}
	site := collector.Site{ID: 1, Organisation: 1, Name: "Lycée Marie-Curie", TimeZone: "Europe/Paris", Open: true}
	if sites, err := s.Sites(t.Context()); err != nil || len(sites) != 2 || sites[0] != site {
		t.Errorf("%+v, %v", sites, err)
	}
	if f, err := sqlite.Check(t.Context(), name, nil); err != nil || f.Problems != nil || f.Version < 9 {
		t.Errorf("after: %+v, %v", f, err)
	}
}

// stale are the dates to be rolled up, which are then rolled up.
func stale(t *testing.T, s *relational.Store) []collector.Date {
	t.Helper()
	dates, err := s.Stale(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Rolled(t.Context(), dates); err != nil {
		t.Fatal(err)
	}
	return dates
}

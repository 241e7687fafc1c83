package sqlite_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/sqlite"
)

// Databases that the real programs of earlier versions left (commits 2955b31, 491ec9e and 05ab01c, the last of them from what the second had
// left): two sites, three machines, one of each use, three days; of the shared machine and the server the hours from 8 to 10.
func TestADatabaseThatAnEarlierProgramLeftIsTheSameAfterwards(t *testing.T) {
	files, err := filepath.Glob("testdata/version-*.db.gz")
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "veille.db")
			unzip(t, file, name)
			s := open(t, name)
			whole, hours := 0, 0
			for _, c := range everything(t, s) {
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
func asBefore(t *testing.T, s *sqlite.Store) {
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

func unzip(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

package postgres_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/postgres"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// Posts of one record each per second that are on disk, from 64 machines of many at once, as after each password is looked up: SQLite and
// PostgreSQL side by side, and two collectors with one PostgreSQL.
func BenchmarkPosts(b *testing.B) {
	for _, x := range []struct {
		name string
		open func(*testing.B) []*relational.Store
	}{
		{"sqlite", func(b *testing.B) []*relational.Store {
			s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "veille.db"))
			if err != nil {
				b.Fatal(err)
			}
			return []*relational.Store{s}
		}},
		{"postgres", func(b *testing.B) []*relational.Store { return onServer(b, 1) }},
		{"postgres, two collectors", func(b *testing.B) []*relational.Store { return onServer(b, 2) }},
	} {
		b.Run(x.name, func(b *testing.B) {
			stores := x.open(b)
			for _, s := range stores {
				b.Cleanup(func() { _ = s.Close() })
			}
			const machines = 2_000
			crowd(b, stores[0], machines)
			var next atomic.Int64
			b.SetParallelism(32)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := int(next.Add(1))
					s := stores[n%len(stores)]
					m, err := s.Machine(b.Context(), key(1+n*7%machines))
					if err != nil {
						b.Error(err)
						return
					}
					if _, err := s.Keep(b.Context(), m, "2026-11-30", 0, []collector.Record{hour(24*(n/machines), 60, "desktop")}); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
		})
	}
}

// onServer is some stores of one new database.
func onServer(b *testing.B, n int) (all []*relational.Store) {
	b.Helper()
	url := engines.Postgres(b).Database(b)
	for range n {
		s, err := postgres.Open(b.Context(), url)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// crowd enrols machines of persons.
func crowd(b *testing.B, s *relational.Store, n int) {
	b.Helper()
	site, err := s.CreateSite(b.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		b.Fatal(err)
	}
	if err := s.CreateToken(b.Context(), collector.Token{Hash: key(0), Site: site.ID, Quota: n, ExpiresOn: "2027-12-01"}); err != nil {
		b.Fatal(err)
	}
	var running sync.WaitGroup
	for worker := range 32 {
		running.Go(func() {
			for i := worker; i < n; i += 32 {
				if _, err := s.Enrol(b.Context(), collector.Enrolment{Token: key(0), Pseudonym: key(i + 1), Credential: key(i + 1), Use: "individual", On: "2026-11-01"}); err != nil {
					b.Error(fmt.Errorf("machine %d: %w", i, err))
					return
				}
			}
		})
	}
	running.Wait()
}

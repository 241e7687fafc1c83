package relational_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/relational"
)

// manyMachines are enrolled machines of one site.
func manyMachines(b *testing.B, s *relational.Store, n int) []collector.Machine {
	b.Helper()
	site, err := s.CreateSite(b.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		b.Fatal(err)
	}
	if err := s.CreateToken(b.Context(), collector.Token{Hash: key(1), Site: site.ID, Quota: n, ExpiresOn: "2027-12-01"}); err != nil {
		b.Fatal(err)
	}
	machines := make([]collector.Machine, n)
	var running sync.WaitGroup
	var next atomic.Int64
	for range 64 {
		running.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				var k [32]byte
				binary.BigEndian.PutUint64(k[:], uint64(i)+100)
				m, err := s.Enrol(b.Context(), collector.Enrolment{Token: key(1), Pseudonym: k, Credential: k, Use: "individual", On: "2026-11-16"})
				if err != nil {
					b.Error(err)
					return
				}
				machines[i] = m.Machine
			}
		})
	}
	running.Wait()
	return machines
}

// wholeDay is a day of a personal machine as most are: two parts, two energies in each.
func wholeDay(date collector.Date, n int) collector.Record {
	part := func(name string, length int) collector.Part {
		return collector.Part{
			Part: name, LengthS: length, Seconds: collector.Seconds{On: length/2 + n%900, Off: length - length/2 - n%900},
			Energy: []collector.Energy{
				{Wh: float64(50 + n%7), LowWh: 20, HighWh: 90, Method: "model-class", Scope: "machine", CoveredS: length},
				{Wh: 20, LowWh: 10, HighWh: 40, Method: "model-class", Scope: "display", CoveredS: length},
			},
		}
	}
	return collector.Record{
		Date: date, Hour: collector.WholeDay, LengthS: 86_400, Class: "notebook", OS: "windows", OSVersion: "windows-11-24h2", CPU: "intel-5-8", RAM: "8-16",
		Agent: "v1", Parts: []collector.Part{part("night", 50_400), part("open", 36_000)}, Cost: &collector.Cost{CPUS: 1.7, SentBytes: 3900, ReceivedBytes: 4600},
	}
}

// Records per second that are on disk, from many machines at once: one day in each post, as in a year of work, and three weeks in
// each, as after the holidays.
func BenchmarkKeep(b *testing.B) {
	eachBench(b, func(b *testing.B, at place) {
		for _, days := range []int{1, 21} {
			b.Run(fmt.Sprintf("%d_days_a_post", days), func(b *testing.B) {
				s := at.another(b).open(b)
				machines := manyMachines(b, s, 5_000)
				var next atomic.Int64
				b.SetParallelism(32)
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						n := int(next.Add(1) - 1)
						records := make([]collector.Record, days)
						for i := range records {
							records[i] = wholeDay(collector.Date(fmt.Sprintf("2026-%02d-%02d", 1+n/len(machines)%12, 1+i)), n)
						}
						if _, err := s.Keep(b.Context(), machines[n%len(machines)], "2026-11-17", 0, records); err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(b.N*days)/b.Elapsed().Seconds(), "records/s")
			})
		}
	})
}

// What a post takes does not grow with the number of machines: each of so many has told of the day before, and random ones of them find
// their names and tell of the next day.
func BenchmarkKeepAmong(b *testing.B) {
	eachBench(b, func(b *testing.B, at place) {
		for _, machines := range []int{5_000, 50_000, 500_000} {
			b.Run(fmt.Sprintf("%d_machines", machines), func(b *testing.B) {
				s := crowded(b, at.another(b), machines)
				var next atomic.Int64
				order := rand.New(rand.NewPCG(1, 1)).Perm(machines)
				b.SetParallelism(32)
				b.ResetTimer()
				before := used(b)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						n := int(next.Add(1) - 1)
						m, err := s.Machine(b.Context(), numbered(order[n%machines]+1))
						if err != nil {
							b.Error(err)
							return
						}
						date := collector.Date(fmt.Sprintf("2026-11-%02d", 2+n/machines%20))
						if _, err := s.Keep(b.Context(), m, "2026-11-30", 0, []collector.Record{wholeDay(date, n)}); err != nil {
							b.Error(err)
							return
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
				b.ReportMetric(float64((used(b)-before).Microseconds())/float64(b.N), "cpu-us/record")
			})
		}
	})
}

// numbered is the password's hash of machine n, made up.
func numbered(n int) (c [32]byte) {
	copy(c[:], fmt.Sprintf("%032d", n))
	return c
}

// crowded is a store with so many machines, each of which has one day.
func crowded(b *testing.B, at place, machines int) *relational.Store {
	b.Helper()
	s := at.open(b)
	m := manyMachines(b, s, 1)[0]
	if _, err := s.Keep(b.Context(), m, "2026-11-17", 0, []collector.Record{wholeDay("2026-11-01", 1)}); err != nil {
		b.Fatal(err)
	}
	text := func(first string) string { // 32 bytes, of which 31 are the digits of a number
		return map[string]string{"sqlite": "CAST(printf('" + first + "%031d', i) AS BLOB)", "postgres": "convert_to('" + first + "' || lpad(i::text, 31, '0'), 'UTF8')"}[at.engine.name]
	}
	first := numbered(1)
	for _, text := range []string{
		"UPDATE machine SET credential = " + at.bytes(first[:]...),
		fmt.Sprintf(`WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			INSERT INTO machine (id, site, pseudonym, credential, use, enrolled_on, seen_on, class, os, cpu, ram, agent, kind_on)
			SELECT i, 1, %s, %s, 'individual', '2026-11-01', '2026-11-01', 'notebook', 'windows', 'intel-5-8', '8-16', 'v1', '2026-11-01' FROM n`, machines, text("p"), text("0")),
		`INSERT INTO day SELECT d.day, m.id, d.place, d.kind, d.revision, d.body FROM day d, machine m WHERE d.machine = 1 AND m.id > 1`,
	} {
		if err := at.raw(b, text); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

// used is the processor time that the test has taken.
func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

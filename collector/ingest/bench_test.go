package ingest_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/ingest"
)

// The whole way of a post from its bytes to the disk and back, without the network, of many machines at once: a day in each, as in a year
// of work, and three weeks in each, as after the holidays.
func BenchmarkRecords(b *testing.B) {
	for _, days := range []int{1, 21} {
		b.Run(fmt.Sprintf("%d_days_a_post", days), func(b *testing.B) {
			const machines = 5_000
			store, registry, token := newLedger(b, machines)
			h := ingest.New(ingest.Parts{Registry: registry, Ledger: store, Policies: &policies{}, Key: key(), Now: now, Log: slog.New(slog.DiscardHandler)})
			passwords := make([]string, machines)
			for i := range passwords {
				var err error
				if passwords[i], _, err = registry.Enrol(b.Context(), token, fmt.Appendf(nil, "%016d", i), "individual", collector.Kind{}); err != nil {
					b.Fatal(err)
				}
			}
			bodies := make([][]byte, 44/days)
			for i := range bodies {
				records := make([]wire.Record, days)
				for n := range records {
					records[n] = usual(1 + i*days + n)
				}
				bodies[i] = zip(b, batch(b, records...))
			}
			var next atomic.Int64
			b.SetParallelism(32)
			b.ReportAllocs()
			b.ResetTimer()
			before := used(b)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := int(next.Add(1) - 1)
					r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/api/v1/records", bytes.NewReader(bodies[n/machines%len(bodies)]))
					r.Header.Set("Authorization", "Bearer "+passwords[n%machines])
					r.Header.Set("Content-Encoding", "gzip")
					w := httptest.NewRecorder()
					if h.ServeHTTP(w, r); w.Code != http.StatusOK {
						b.Errorf("%d %s", w.Code, w.Body)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N*days)/b.Elapsed().Seconds(), "records/s")
			b.ReportMetric(float64((used(b)-before).Microseconds())/float64(b.N*days), "cpu-us/record")
		})
	}
}

// usual is a day of a personal machine as most are: two parts, two energies in each.
func usual(days int) wire.Record {
	r := day(days)
	r.Machine = wire.Machine{Class: "notebook", OS: "windows", OSVersion: "windows-11-24h2", OSEnd: "2026-10-13", CPU: "intel-5-8", RAM: "8-16", Screens: []string{"internal", "23-24"}, SleepAfter: "20", Agent: "v0.3.0"}
	part := func(name string, length int) wire.Part {
		return wire.Part{Part: name, LengthS: length, Seconds: wire.Seconds{On: length / 2, Off: length - length/2}, Energy: []wire.Energy{
			{Wh: 50, LowWh: 23.4, HighWh: 87.2, Method: "model-class", Scope: "machine", CoveredS: length},
			{Wh: 20, LowWh: 10.4, HighWh: 40.2, Method: "model-class", Scope: "display", CoveredS: length},
		}}
	}
	r.Parts, r.RoundedS = []wire.Part{part("night", 50_400), part("open", 36_000)}, 900
	r.Cost = &wire.Cost{CPUS: 1.7, Wakeups: 12_500, SentBytes: 3_900, ReceivedBytes: 4_600}
	return r
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

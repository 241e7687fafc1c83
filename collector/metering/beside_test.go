package metering_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/collector"
)

// ofATimeStamp is how many lines the hostile Telegraf sends, each with another value of the tag that names the meter, and how many at once.
const (
	ofATimeStamp = 1_000_000
	atATime      = 5_000
)

// BenchmarkRecord says how long a record of a machine waits for the disk: alone, and beside a Telegraf whose tag "device" is a time stamp. b.N counts
// records. The second also says how long that Telegraf's million lines take.
func BenchmarkRecord(b *testing.B) {
	b.Run("alone", func(b *testing.B) { postRecords(b, newDoor(b)) })
	b.Run("beside a million tag values", func(b *testing.B) {
		d := newDoor(b)
		ctx, cancel := context.WithCancel(b.Context())
		var background sync.WaitGroup
		background.Go(func() { d.handler.Run(ctx) })
		begun := make(chan struct{})
		var took time.Duration
		var sent, slowest int
		background.Go(func() {
			start := time.Now()
			for ; sent < ofATimeStamp && ctx.Err() == nil; sent += atATime {
				var text strings.Builder
				for i := range atATime {
					fmt.Fprintf(&text, "power,device=%d w=42\n", sent+i)
				}
				one := time.Now()
				if a := d.post("/api/v2/write", text.String()); a.status != http.StatusNoContent && a.status != http.StatusUnprocessableEntity {
					b.Errorf("%d %s", a.status, a.text)
				}
				slowest = max(slowest, int(time.Since(one).Milliseconds()))
				if sent == 0 {
					close(begun)
				}
			}
			took = time.Since(start)
		})
		<-begun
		postRecords(b, d)
		cancel()
		background.Wait()
		b.ReportMetric(float64(sent), "hostile-lines")
		b.ReportMetric(took.Seconds(), "hostile-s")
		b.ReportMetric(float64(slowest), "slowest-post-ms")
	})
}

// postRecords keeps b.N records of a hundred machines, one after the other.
func postRecords(b *testing.B, d *door) {
	b.Helper()
	token := [32]byte{7}
	if err := d.store.CreateToken(b.Context(), collector.Token{Hash: token, Site: d.site.ID, Quota: 100, ExpiresOn: "2030-01-01"}); err != nil {
		b.Fatal(err)
	}
	var machines []collector.Machine
	for n := range byte(100) {
		m, err := d.store.Enrol(b.Context(), collector.Enrolment{Token: token, Pseudonym: [32]byte{n}, Credential: [32]byte{n}, Use: "shared", On: "2026-11-20"})
		if err != nil {
			b.Fatal(err)
		}
		machines = append(machines, m.Machine)
	}
	took := make([]time.Duration, 0, b.N)
	b.ResetTimer()
	for n := range b.N {
		hour := n / len(machines)
		r := collector.Record{
			Date: collector.DateOf(now().AddDate(0, 0, -hour/24)), Hour: hour % 24, LengthS: 3600, Class: "desktop", OS: "windows", Agent: "v1",
			Parts: []collector.Part{{
				Part: "open", LengthS: 3600, Seconds: collector.Seconds{On: 3600},
				Energy: []collector.Energy{{Wh: 42, LowWh: 21, HighWh: 84, Method: "model-class", Scope: "machine", CoveredS: 3600}},
			}},
		}
		start := time.Now()
		if _, err := d.store.Keep(b.Context(), machines[n%len(machines)], "2026-11-20", 0, []collector.Record{r}); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "worst-ms")
	b.ReportMetric(0, "ns/op")
}

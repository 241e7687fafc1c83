package ingest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/ingest"
)

// The whole way of a single-record post over HTTP, to the disk and back, with many machines at once.
func BenchmarkRecords(b *testing.B) {
	store, registry, token := newLedger(b, 1000)
	server := httptest.NewServer(ingest.New(registry, store, &policies{}, key(), func() {}, slog.New(slog.DiscardHandler)))
	client := server.Client()
	client.Transport.(*http.Transport).MaxIdleConnsPerHost = 128
	var machines atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		password, _, err := registry.Enrol(b.Context(), token, fmt.Appendf(nil, "%016d", machines.Add(1)), "server", collector.Kind{})
		if err != nil {
			b.Error(err)
			return
		}
		for n := 0; pb.Next(); n++ {
			body, err := json.Marshal(wire.Batch{Version: 1, Records: []wire.Record{hour(1+n/24%88, n%24, 1+n%3600)}})
			if err != nil {
				b.Error(err)
				return
			}
			request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, server.URL+"/api/v1/records", bytes.NewReader(body))
			if err != nil {
				b.Error(err)
				return
			}
			request.Header.Set("Authorization", "Bearer "+password)
			response, err := client.Do(request)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if response.StatusCode != http.StatusOK {
				b.Errorf("%s", response.Status)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "posts/s")
	server.Close()
}

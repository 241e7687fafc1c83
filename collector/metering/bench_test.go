package metering_test

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"veille/collector"
	"veille/collector/store/engines"
)

// batchOf is a batch of a thousand lines: a hundred meters of the connection, ten moments each, with four tags and ten numbers, of which two are wanted.
func batchOf(connection, number int, b []byte) []byte {
	for line := range 1000 {
		meter := line % 100
		step := int64(number*10 + line/100)
		b = append(b, "power,host=pdu-"...)
		b = strconv.AppendInt(b, int64(connection), 10)
		b = append(b, ",rack=r17,room=s2,device="...)
		b = strconv.AppendInt(b, int64(connection*100+meter), 10)
		b = append(b, " w="...)
		b = strconv.AppendFloat(b, 40+float64((step*7+int64(meter))%300)/10, 'f', 1, 64)
		b = append(b, ",kwh="...)
		b = strconv.AppendFloat(b, 1000+float64(step)/1000, 'f', 3, 64)
		b = append(b, ",voltage=231.4,current=0.271,frequency=50.01,factor=0.98,apparent=63.2,reactive=4.1,rssi=-61i,uptime=123456i "...)
		b = strconv.AppendInt(b, now().Add(-80*24*time.Hour).Add(time.Duration(step)*10*time.Second).UnixNano(), 10)
		b = append(b, '\n')
	}
	return b
}

// connections is how many send at once.
const connections = 4

// BenchmarkDoor says how many lines a second are durable when four connections post batches of a thousand, gzip as Telegraf sends them, while posts are
// folded behind them. b.N counts batches. The generator runs beside it, in the same process.
func BenchmarkDoor(b *testing.B) {
	d := newDoor(b)
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	wg.Go(func() { d.handler.Run(ctx) })
	sendAll(b, d.server.URL+"/api/v2/write", d.secret)
	cancel()
	wg.Wait()
	finish(b, d.store)
	n := 0
	for meter := range 2 * 100 * connections {
		points, err := d.store.Embedded().Range(b.Context(), collector.Query{
			Measurement: collector.MeterPower, Tags: collector.Tags{{Name: "meter", Value: strconv.Itoa(meter + 1)}}, From: now().AddDate(0, 0, -90), To: now().AddDate(1, 0, 0),
		})
		if err != nil {
			b.Fatal(err)
		}
		n += len(points)
	}
	if n != b.N*1000 {
		b.Errorf("%d samples of power are there, want %d", n, b.N*1000)
	}
}

// BenchmarkInfluxd sends the same to InfluxDB 1.8, which keeps all ten numbers of a line.
func BenchmarkInfluxd(b *testing.B) {
	i := engines.Influxd(b)
	i.Ask("", "", "CREATE DATABASE energy")
	sendAll(b, i.URL+"/api/v2/write?bucket=energy", i.Token)
}

// sendAll posts all batches to an address, and says how long they took.
func sendAll(b *testing.B, address, token string) {
	b.Helper()
	var next atomic.Int64
	took := make([][]time.Duration, connections)
	b.ResetTimer()
	var senders sync.WaitGroup
	for c := range connections {
		senders.Go(func() { took[c] = sendBatches(b, address, token, c, &next) })
	}
	senders.Wait()
	elapsed := b.Elapsed()
	b.StopTimer()
	all := slices.Concat(took...)
	if len(all) != b.N {
		b.Fatalf("%d of %d batches were answered", len(all), b.N)
	}
	slices.Sort(all)
	b.ReportMetric(float64(b.N*1000)/elapsed.Seconds(), "lines/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

func sendBatches(b *testing.B, address, token string, c int, next *atomic.Int64) (took []time.Duration) {
	var text []byte
	var packed bytes.Buffer
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	z, err := gzip.NewWriterLevel(&packed, 1)
	if err != nil {
		b.Error(err)
		return nil
	}
	for number := 0; next.Add(1) <= int64(b.N); number++ {
		text = batchOf(c, number, text[:0])
		packed.Reset()
		z.Reset(&packed)
		_, _ = z.Write(text)
		_ = z.Close()
		r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, address, bytes.NewReader(packed.Bytes()))
		if err != nil {
			b.Error(err)
			return nil
		}
		r.Header.Set("Authorization", "Token "+token)
		r.Header.Set("Content-Encoding", "gzip")
		start := time.Now()
		response, err := client.Do(r)
		if err != nil {
			b.Error(err)
			return nil
		}
		_ = response.Body.Close()
		took = append(took, time.Since(start))
		if response.StatusCode != http.StatusNoContent {
			b.Errorf("status %d", response.StatusCode)
			return took
		}
	}
	return took
}

// BenchmarkLine says what reading a line costs, without a disk.
func BenchmarkLine(b *testing.B) {
	_, h := newMemory()
	text := string(batchOf(0, 0, nil))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if w := send(b, h, text); w.Code != http.StatusNoContent {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/line")
}

// BenchmarkOpenQuotes says what a post costs that opens a quotation mark in each line: see pairsOfQuotes.
func BenchmarkOpenQuotes(b *testing.B) {
	_, h := newMemory()
	text := pairsOfQuotes(maxPost / 9)
	for b.Loop() {
		if w := send(b, h, text); w.Code != http.StatusBadRequest {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

// maxPost is how many bytes a post may have.
const maxPost = 16 << 20

package metering_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/intake/intaketest"
	"veille/collector/metering"
)

// memory is a ledger that keeps samples in memory.
type memory struct {
	mu      sync.Mutex
	rules   []collector.MeterRule
	meters  map[collector.MeterKey]int64
	samples []collector.MeterSample
	posts   int
	debt    collector.MeterDebt // that stays whatever is folded
	most    int                 // meters; 0: as many as there are
	site    int64               // that tokens open; 0: the first
}

func (m *memory) MeterEntrance(context.Context, [32]byte, collector.Date) (collector.MeterEntrance, error) {
	return collector.MeterEntrance{Site: cmp.Or(m.site, 1)}, nil
}

func (m *memory) MeterRulesOf(context.Context, int64) ([]collector.MeterRule, error) {
	return slices.Clone(m.rules), nil
}

func (m *memory) MetersOf(_ context.Context, keys []collector.MeterKey) (all []collector.Meter, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, k := range keys {
		if m.meters[k] == 0 && (m.most == 0 || len(m.meters) < m.most) {
			m.meters[k] = int64(len(m.meters) + 1)
		}
		all = append(all, collector.Meter{ID: m.meters[k], Rule: k.Rule})
	}
	return all, nil
}

func (m *memory) MetersAt(context.Context, int64) (map[collector.MeterKey]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.meters), nil
}

func (m *memory) MeterSamplesOn(_ context.Context, _, day int64) (n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.samples {
		if x.At/86_400_000 == day {
			n++
		}
	}
	return n, nil
}

func (m *memory) KeepMeterPost(_ context.Context, samples []collector.MeterSample) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.samples, m.posts = append(m.samples, samples...), m.posts+1
	return nil
}

func (m *memory) FoldMeters(context.Context) (collector.MeterDebt, error) { return m.debt, nil }
func (m *memory) MeterDebt(context.Context) (collector.MeterDebt, error)  { return m.debt, nil }
func (m *memory) AccountMeters(context.Context) (int, error)              { return 0, nil }
func (m *memory) TidyMeters(context.Context, collector.Date) error        { return nil }

func newMemory() (*memory, *metering.Handler) {
	m := &memory{meters: map[collector.MeterKey]int64{}, rules: []collector.MeterRule{
		{ID: 1, Site: 1, Name: "W", Kind: "pdu", Measurement: "power", By: []string{"device"}, Field: "w", Unit: "W"},
		{ID: 2, Site: 1, Name: "J", Kind: "pdu", Measurement: "power", By: []string{"device"}, Field: "j", Unit: "J"},
		{ID: 3, Site: 1, Name: "R", Kind: "pdu", Measurement: "power", Tags: collector.Tags{{Name: "rack", Value: "a b"}}, Field: "w", Unit: "kW"},
	}}
	return m, metering.New(metering.Parts{Ledger: m, Now: func() (time.Time, error) { return now(), nil }, Log: slog.New(slog.DiscardHandler)})
}

func send(t testing.TB, h http.Handler, text string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v2/write", strings.NewReader(text))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Whatever bytes come: they are answered, what is kept can be, and lines before them are kept; so are those after, unless a quotation mark was opened.
func FuzzPost(f *testing.F) {
	for _, text := range []string{
		"power,device=a w=1,j=3.6e3i 1", "power,rack=a\\ b w=1\r\n\r\n#x\n", `power w=1,s="a\"` + "\n" + `b"`, `power w=1,s="a`, "power,a=b,a=c w=1", "power w=1i,w=2u",
		"power,device=a w=-0,j=1e-400 1763640000000000000", "\x00\xff", "power w=1e999999999999", "power,device=\\,\\=\\ \\\\ w=1", `power,x="a w=1`, "power w=.", "power w=-",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		m, h := newMemory()
		w := send(t, h, "power,device=before w=42\n"+string(text)+"\npower,device=after w=43")
		if w.Code != 204 && w.Code != 400 && w.Code != 422 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if (w.Code == 204) != (w.Body.Len() == 0) || h.Counts().Dropped.Load() > 0 != (w.Code != 204) {
			t.Fatalf("%d %s, %d dropped", w.Code, w.Body, h.Counts().Dropped.Load())
		}
		has := func(device string, value float64) bool {
			return slices.Contains(m.samples, collector.MeterSample{Meter: m.meters[collector.MeterKey{Rule: 1, Values: device}], At: now().UnixMilli(), Value: value})
		}
		if !has("before", 42) || !strings.Contains(string(text), `"`) && !has("after", 43) {
			t.Fatalf("%q: kept are %+v; %s", text, m.samples, w.Body)
		}
		for _, s := range m.samples {
			unit := "W"
			for key, id := range m.meters {
				if id == s.Meter && key.Rule == 2 {
					unit = "Wh"
				}
			}
			if err := (collector.Meter{Unit: unit}).Possible(s.Value); err != nil || s.Meter <= 0 || s.At > now().Add(time.Hour).UnixMilli() {
				t.Fatalf("%+v: %v", s, err)
			}
		}
	})
}

// A plug behind a machine that is a person's now is not measured by a wider rule either.
func TestLinesOfABarredPlugAreDroppedThoughAWiderRuleWouldTakeThem(t *testing.T) {
	for name, plug := range map[string]collector.MeterRule{"barred": {Barred: true}, "ended": {RemovedOn: "2026-11-01"}} {
		m, h := newMemory()
		plug.ID, plug.Site, plug.Name, plug.Kind, plug.Measurement, plug.Machine, plug.Field, plug.Unit = 9, 1, "P", "plug", "power", 41, "w", "W"
		plug.Tags = collector.Tags{{Name: "device", Value: "plug7"}}
		m.rules = append(m.rules, plug)
		if w := send(t, h, "power,device=plug7 w=1\npower,device=other w=2"); w.Code != 422 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if len(m.samples) != 1 || m.samples[0].Value != 2 {
			t.Errorf("%s: kept are %+v", name, m.samples)
		}
	}
}

// took is how long an answer takes.
func took(t *testing.T, text string) time.Duration {
	t.Helper()
	_, h := newMemory()
	start := time.Now()
	send(t, h, text)
	return time.Since(start)
}

// Bytes that are nothing take no longer than three times as many bytes of good lines.
func TestAHostilePostTakesLittleTime(t *testing.T) {
	good := strings.Repeat("power,device=a w=1 1763640000000000000\n", 1<<20/39)
	most := 3 * 16 * max(took(t, good), took(t, good)) // a post has sixteen times as many bytes
	for name, text := range map[string]string{
		"one line":            "power,x=" + strings.Repeat("y", 15<<20) + " w=1",
		"one quoted string":   `power w=1,x="` + strings.Repeat("y", 15<<20),
		"quotes never closed": strings.Repeat("power x=\"\n", 1<<20),
		"three quotes a line": strings.Repeat("power x=\"\"\"\n", 1<<20),
		"commas":              strings.Repeat(",", 15<<20),
		"backslashes":         strings.Repeat(`\`, 15<<20),
		"line ends":           strings.Repeat("\n", 15<<20),
		"returns":             strings.Repeat("\r", 15<<20),
		"zeros":               strings.Repeat("\x00\n", 7<<20),
		"100,000 tags":        "power," + tags(100_000) + " w=1",
		"100,000 fields":      "power " + strings.Repeat("w=1,", 100_000) + "w=1",
		"a tag a line":        strings.Repeat("power,", 2<<20),
		"no time":             strings.Repeat("power w=1 "+strings.Repeat("x", 60_000)+"\n", 200),
		"escapes":             strings.Repeat(`power,x=`+strings.Repeat(`\ `, 3000)+" w=1\n", 2000),
	} {
		t.Run(name, func(t *testing.T) {
			_, h := newMemory()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			w := send(t, h, text)
			spent := time.Since(start)
			runtime.ReadMemStats(&after)
			if w.Code != 400 && w.Code != 422 && name != "line ends" && name != "escapes" || w.Body.Len() > 1500 {
				t.Errorf("%d %.300s", w.Code, w.Body)
			}
			t.Logf("%v, %d MB allocated", spent, (after.TotalAlloc-before.TotalAlloc)>>20)
			if spent > most {
				t.Errorf("it took %v, and as many good lines a third of %v", spent, most)
			}
		})
	}
}

// pairsOfQuotes are lines each of which closes the quotation mark of the one before and opens another one: the end of none of them is ever found.
func pairsOfQuotes(n int) string { return strings.Repeat("a\" bb=\"\n", n) }

// The end of such a line is looked for through 64 KiB, and that of the next one through the same: 632 bytes of gzip took four seconds.
func TestTheEndsOfLinesAreNotLookedForAgainAndAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text    string
		dropped int64
		all     bool
	}{
		"some": {pairsOfQuotes(300), 300, true},
		"many": {pairsOfQuotes(50_000), 257, false}, // 16 MiB, 64 KiB for each
	} {
		m, h := newMemory()
		w := send(t, h, "power,device=a w=1\n"+test.text+"power,device=a w=2")
		if n := h.Counts().Dropped.Load(); w.Code != 400 || n != test.dropped || strings.Contains(w.Body.String(), "the others were not looked at") == test.all {
			t.Errorf("%s: %d %s, %d lines were dropped, want %d", name, w.Code, w.Body, n, test.dropped)
		}
		if want := map[bool]int{true: 2, false: 1}[test.all]; len(m.samples) != want {
			t.Errorf("%s: kept are %+v, want %d", name, m.samples, want)
		}
	}
}

// Whoever has a token of one site opens many posts, and ends none of them.
func TestPostsOfOneSiteThatNeverEndDoNotKeepThoseOfAnotherOut(t *testing.T) {
	t.Parallel()
	m, h := newMemory()
	m.site = 1
	h = metering.New(metering.Parts{Ledger: m, Now: h.Now, Log: h.Log, Memory: 8 << 20})
	gone := make(chan struct{})
	var senders sync.WaitGroup
	defer senders.Wait()
	defer close(gone)
	stall := func(text, encoding string) {
		s := intaketest.Stalling{Reader: strings.NewReader(text), Sent: make(chan struct{}), Gone: gone}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v2/write", s)
		r.Header.Set("Content-Encoding", encoding)
		w := httptest.NewRecorder()
		senders.Go(func() {
			h.ServeHTTP(w, r)
			if w.Code == http.StatusServiceUnavailable {
				close(s.Sent)
			}
		})
		<-s.Sent
	}
	whole := pack(strings.Repeat("# nothing\n", 1<<20))
	for range 13 {
		stall(whole[:len(whole)-1], "gzip") // it would be ten megabytes
	}
	if w := send(t, h, "power,device=a w=1"); w.Code != 204 {
		t.Errorf("of the same site: %d %s", w.Code, w.Body)
	}
	for range 9 {
		stall(strings.Repeat("# nothing\n", 100_000), "identity")
	}
	m.site = 2
	if w := send(t, h, strings.Repeat("power,device=a w=1\n", 100_000)); w.Code != 204 {
		t.Errorf("of another site: %d %s", w.Code, w.Body)
	}
}

// A tag with another value in each line is no name of a meter, and does not fill the memory.
func TestSeriesThatNeverComeAgainAreForgotten(t *testing.T) {
	m, h := newMemory()
	var peak uint64
	for n := range 40 {
		var b strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&b, "power,id=%d-%d w=1\n", n, i)
		}
		if w := send(t, h, b.String()); w.Code != 204 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		m.samples = nil
		if n%10 == 9 {
			var stats runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapAlloc)
		}
	}
	t.Logf("%d MB are in use after 800,000 series", peak>>20)
	if peak > 96<<20 {
		t.Errorf("%d MB are in use after 800,000 series", peak>>20)
	}
}

func TestALargePostIsKeptInPieces(t *testing.T) {
	m, h := newMemory()
	if w := send(t, h, strings.Repeat("power,device=a w=1\n", 20_001)); w.Code != 204 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if len(m.samples) != 20_001 || m.posts != 3 || len(m.meters) != 1 {
		t.Errorf("%d samples in %d posts of %d meters", len(m.samples), m.posts, len(m.meters))
	}
}

func TestASenderIsToldToWaitWhileTheDiskDoesNotFollow(t *testing.T) {
	m, h := newMemory()
	m.debt = collector.MeterDebt{Posts: 1000, Bytes: 600 << 20}
	h.Fold(t.Context())
	if w := send(t, h, "power w=1"); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || len(m.samples) != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	_, other := newMemory() // another collector has folded them
	other.Ledger = m
	m.debt = collector.MeterDebt{Posts: 1000, Bytes: 600 << 20}
	other.Fold(t.Context())
	m.debt = collector.MeterDebt{}
	if w := send(t, other, "power w=1"); w.Code != http.StatusNoContent {
		t.Errorf("folded by another: %d %s", w.Code, w.Body)
	}
	h.Fold(t.Context())
	if w := send(t, h, "power w=1"); w.Code != http.StatusNoContent {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

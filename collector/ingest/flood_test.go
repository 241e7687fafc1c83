package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/ingest"
)

// bomb is a gzip of so many zeros: a thousandth of them in size.
func bomb(t *testing.T, megabytes int) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	zeros := bytes.Repeat([]byte(" "), 1<<20)
	for range megabytes {
		if _, err := z.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// slow is a body that waits until it is let go, and says that it does.
type slow struct {
	io.Reader
	waits chan<- struct{}
	open  <-chan struct{}
}

func (s slow) Read(p []byte) (int, error) {
	select {
	case s.waits <- struct{}{}:
	case <-s.open:
	}
	<-s.open
	return s.Reader.Read(p)
}

func (r *rig) handler(parts func(*ingest.Parts)) *ingest.Handler {
	p := ingest.Parts{Registry: r.registry, Ledger: r.store, Policies: &policies{}, Key: key(), Now: now, Log: slog.New(slog.DiscardHandler)}
	parts(&p)
	return ingest.New(p)
}

func request(t *testing.T, password, encoding string, body io.Reader) *http.Request {
	t.Helper()
	q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/records", body)
	q.Header.Set("Authorization", "Bearer "+password)
	q.Header.Set("Content-Encoding", encoding)
	return q
}

func answered(h http.Handler, q *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, q)
	return w
}

func TestBombsTakeNoMoreMemoryThanTheirBudget(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	const budget = 20 << 20
	h := r.handler(func(p *ingest.Parts) { p.Memory = budget })
	body := bomb(t, 512)
	if len(body) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(body))
	}
	var peak uint64
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapInuse)
			}
		}
	})
	var running sync.WaitGroup
	statuses := make(chan int, 24)
	for range cap(statuses) {
		running.Go(func() { statuses <- answered(h, request(t, password, "gzip", bytes.NewReader(body))).Code })
	}
	running.Wait()
	close(done)
	watching.Wait()
	close(statuses)
	count := map[int]int{}
	for s := range statuses {
		count[s]++
	}
	t.Logf("24 bombs of 512 MB: answers %v, at most %d MB in use", count, peak>>20)
	if count[413]+count[503] != 24 || count[413] == 0 {
		t.Errorf("answers %v; want 413, and 503 while others are at it", count)
	}
	if peak > 200<<20 {
		t.Errorf("%d MB were in use", peak>>20)
	}
	if w := answered(h, request(t, password, "", bytes.NewReader(batch(t, hour(1, 9, 60))))); w.Code != 200 {
		t.Errorf("afterwards: %d %s", w.Code, w.Body)
	}
}

func TestACollectorWithoutMemoryAsksToComeBackAndTakesTheRecordThen(t *testing.T) {
	r := newRig(t)
	machines := known{}
	for i := range int64(8) {
		machines[fmt.Sprint(i)] = i
	}
	body := batch(t, hour(1, 9, 60))
	budget := 7 * (512 + len(body))
	h := r.handler(func(p *ingest.Parts) { p.Memory, p.Registry, p.Ledger = int64(budget), machines, calm{} })
	waits, release := make(chan struct{}), make(chan struct{})
	var waiting sync.WaitGroup
	for i := range 7 {
		waiting.Go(func() {
			q := request(t, fmt.Sprint(i), "", slow{bytes.NewReader(body), waits, release})
			q.ContentLength = int64(len(body))
			answered(h, q)
		})
		<-waits
	}
	w := answered(h, request(t, "7", "", bytes.NewReader(body)))
	seconds, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if w.Code != 503 || err != nil || seconds < 60 || seconds > 180 || !strings.Contains(w.Body.String(), "busy") || w.Header().Get(wire.RefusedHeader) != "" {
		t.Errorf("%d %v %s; want 503 and one to three minutes", w.Code, w.Header(), w.Body)
	}
	close(release)
	waiting.Wait()
	if w := answered(h, request(t, "0", "", bytes.NewReader(body))); w.Code != 200 {
		t.Errorf("afterwards: %d %s", w.Code, w.Body)
	}
	if h.Counts().Busy.Load() == 0 {
		t.Error("not counted")
	}
}

func TestAMachineThatPostsInALoopIsToldToWaitAndOthersAreNot(t *testing.T) {
	r := newRig(t)
	one, other := r.enrol(t, 1, wire.Server), r.enrol(t, 2, wire.Server)
	synctest.Test(t, func(t *testing.T) {
		h := r.handler(func(p *ingest.Parts) { p.Ledger, p.Registry = calm{}, known{one: 1, other: 2} })
		post := func(password string) int {
			w := answered(h, request(t, password, "", bytes.NewReader(batch(t, hour(1, 9, 60)))))
			if seconds, err := strconv.Atoi(w.Header().Get("Retry-After")); w.Code == 429 && (err != nil || seconds < 1) {
				t.Errorf("a 429 with Retry-After %q", w.Header().Get("Retry-After"))
			}
			return w.Code
		}
		for i := range 600 {
			if got := post(one); got != 200 {
				t.Fatalf("post %d: %d", i, got)
			}
		}
		if got := post(one); got != 429 {
			t.Errorf("the 601st at once: %d, want 429", got)
		}
		if got := post(other); got != 200 {
			t.Errorf("another machine: %d", got)
		}
		time.Sleep(1100 * time.Millisecond) //nolint:forbidigo // in a bubble
		if first, second := post(one), post(one); first != 200 || second != 429 {
			t.Errorf("a second later: %d, %d; want one", first, second)
		}
		time.Sleep(time.Hour) //nolint:forbidigo // in a bubble
		if got := post(one); got != 200 {
			t.Errorf("an hour later: %d", got)
		}
	})
}

func TestNothingIsJudgedByAClockInDoubt(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	doubt := errors.New("the clock of this server was set by 8760h0m0s")
	h := r.handler(func(p *ingest.Parts) { p.Now = func() (time.Time, error) { return time.Time{}, doubt } })
	w := answered(h, request(t, password, "", bytes.NewReader(batch(t, hour(1, 9, 60)))))
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get(wire.RefusedHeader) != "" {
		t.Errorf("%d %s; want 503: the agent keeps the record", w.Code, w.Body)
	}
	if r.kept(t) != 0 {
		t.Error("kept")
	}
}

func TestWhatIsRefusedIsInQuarantineWithItsReason(t *testing.T) {
	r := newRig(t)
	password := r.enrol(t, 1, wire.Server)
	long := hour(3, 9, 60)
	for range 200 {
		long.Parts = append(long.Parts, long.Parts[0])
	}
	future := hour(-3, 9, 60)
	bad := hour(2, 9, 60)
	bad.Parts[0].Seconds.On = 3601
	for range 2 { // sent twice, kept once
		r.verdicts(t, password, hour(1, 9, 60), bad, future, long)
	}
	got, err := r.store.Quarantined(t.Context(), 1)
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v; want 3", got, err)
	}
	for _, want := range []struct{ date, reason, record string }{
		{long.Date, "appears twice", ""}, {bad.Date, "more than the 3600 s", `"on":3601`}, {future.Date, "lies in the future", `"hour":9`},
	} {
		found := false
		for _, q := range got {
			if q.Date == want.date {
				found = strings.Contains(q.Reason, want.reason) && strings.Contains(q.Record, want.record) && (want.record != "" || q.Record == "") &&
					q.Hour == 9 && q.Agent == "v1" && q.On != "" && q.Machine == 1
			}
		}
		if !found {
			t.Errorf("%+v is not in\n%+v", want, got)
		}
	}
	for i := range 150 {
		x := hour(1, 9, 60)
		x.Date = fmt.Sprintf("no date %d", i)
		r.verdicts(t, password, x)
	}
	if got, err := r.store.Quarantined(t.Context(), 1); err != nil || len(got) != 100 {
		t.Errorf("%d of one machine, %v; want 100", len(got), err)
	}
}

// What was heard once can be said again by whoever heard it: it changes nothing, and a password that was replaced opens nothing.
func TestReplayedMessagesAndPasswordsChangeNothing(t *testing.T) {
	r := newRig(t)
	old := r.enrol(t, 1, wire.Server)
	body := batch(t, hour(1, 9, 60))
	for i := range 3 {
		status, text := r.post(t, "/api/v1/records", old, "", body)
		if want := map[bool]string{true: "stored", false: "kept"}[i == 0]; status != 200 || !strings.Contains(text, want) {
			t.Errorf("time %d: %d %s, want %s", i+1, status, text, want)
		}
	}
	r.enrol(t, 1, wire.Server) // the same machine, with a new password
	if status, _ := r.post(t, "/api/v1/records", old, "", batch(t, hour(1, 10, 60))); status != 401 {
		t.Errorf("the password of before: %d, want 401", status)
	}
	if n := r.kept(t); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

// known is a registry of machines by their passwords.
type known map[string]int64

func (known) Enrol(c context.Context, _ string, _ []byte, _ collector.Use, _ collector.Kind) (string, collector.Enrolled, error) {
	return "", collector.Enrolled{}, c.Err()
}

func (k known) Machine(_ context.Context, password string) (collector.Machine, error) {
	return collector.Machine{ID: k[password], Use: "server", Site: collector.Site{ID: 1, TimeZone: zone}}, nil
}

// calm is a ledger that keeps nothing.
type calm struct{}

func (calm) Keep(_ context.Context, _ collector.Machine, _ collector.Date, _ int64, r []collector.Record) (collector.Receipt, error) {
	return collector.Receipt{Outcomes: make([]collector.Outcome, len(r))}, nil
}

func (calm) Quarantine(context.Context, []collector.Refused) error { return nil }

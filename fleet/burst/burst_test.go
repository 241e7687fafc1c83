package burst_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"veille/agent/wire"
	"veille/fleet/burst"
)

func TestWhatWasAcknowledgedIsInTheStoreOnce(t *testing.T) {
	for _, tt := range []struct {
		name        string
		plan        burst.Plan
		alone       bool // each machine opens its own connection
		posts, want int64
	}{
		{"a burst", burst.Plan{Days: 21}, false, 12, 12 * 21},
		{"a burst, each machine by itself, nothing compressed", burst.Plan{Days: 3, Pack: burst.Stored}, true, 12, 36},
		{"single records", burst.Plan{Posts: 100}, false, 100, 100},
		{"single records, each machine by itself, as they are", burst.Plan{Posts: 50, Pack: burst.Plain}, true, 50, 50},
		{"single records at a pace", burst.Plan{Posts: 20, Rate: 400}, false, 20, 20},
		{"more than there are", burst.Plan{Posts: 1e6}, false, 12 * 44, 12 * 44},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newReal(t, 12)
			w := way(serve(t, c))
			w.KeepAlive = !tt.alone
			report := run(t, w, tt.plan, enrolled(t, w, c.token, 12))
			if report.Posts != tt.posts || report.Records != tt.want || report.Acked != tt.want || report.Stored != tt.want || report.Missing+report.Duplicates+report.Unverified+report.Refused != 0 {
				t.Errorf("%+v", report)
			}
			if n := c.kept(t); n != tt.want || report.Err() != nil {
				t.Errorf("%d records on disk, want %d; %v", n, tt.want, report.Err())
			}
			if tt.alone && report.Connections != tt.posts || !tt.alone && report.Connections > 8 {
				t.Errorf("%d connections for %d posts", report.Connections, tt.posts)
			}
			if report.P50 <= 0 || report.P99 < report.P50 || report.MaxMs < report.P99 || report.PostsPerS <= 0 || report.SentBytes < 300*tt.posts {
				t.Errorf("latencies and rates %+v", report)
			}
			if tt.plan.Rate > 0 && report.Seconds < 19/tt.plan.Rate {
				t.Errorf("%d posts in %v s", report.Posts, report.Seconds)
			}
			if report.Exhausted != (tt.plan.Posts == 1e6) {
				t.Errorf("exhausted: %t", report.Exhausted)
			}
		})
	}
}

func TestTheNextLoadGoesOnWhereTheLastEnded(t *testing.T) {
	c := newReal(t, 5)
	w := way(serve(t, c))
	ids := enrolled(t, w, c.token, 5)
	name := filepath.Join(t.TempDir(), "fleet.json")
	total := int64(0)
	for _, plan := range []burst.Plan{{Days: 21}, {Posts: 7}, {Days: 21}, {Days: 21}, {Days: 21}} {
		report := run(t, w, plan, ids)
		if report.Err() != nil || report.Stored != report.Acked {
			t.Errorf("%+v: %v", report, report.Err())
		}
		total += report.Acked
		if err := ids.Save(name); err != nil {
			t.Fatal(err)
		}
		read, err := burst.ReadIdentities(name)
		if err != nil {
			t.Fatal(err)
		}
		ids = read
	}
	if n := c.kept(t); n != 5*44 || total != n {
		t.Errorf("%d acknowledged, %d on disk; want %d of each", total, n, 5*44)
	}
}

// trouble gives a handler faults: answers that are lost after it has done its work, requests that never reach it, refusals to serve.
type trouble struct {
	http.Handler
	mu  sync.Mutex
	rng *rand.Rand
}

func (f *trouble) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fate := f.rng.IntN(16)
	f.mu.Unlock()
	switch fate {
	case 0: // nothing was done
		panic(http.ErrAbortHandler)
	case 1: // it was done, and nobody hears of it
		f.Handler.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case 2:
		w.Header().Set("Retry-After", "0")
		http.Error(w, "later", http.StatusServiceUnavailable)
	case 3:
		http.Error(w, "slower", http.StatusTooManyRequests)
	case 4: // it was done, and half of the answer arrives
		f.Handler.ServeHTTP(httptest.NewRecorder(), r)
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte(`{"verdicts":[{"ind`))
	case 5: // something in between answers in its place
		f.Handler.ServeHTTP(httptest.NewRecorder(), r)
		http.Error(w, "<html>bad gateway", http.StatusBadGateway)
	default:
		f.Handler.ServeHTTP(w, r)
	}
}

func TestARecordWhoseAnswerWasLostIsCountedOnce(t *testing.T) {
	for seed := range uint64(2) {
		for _, plan := range []burst.Plan{{Days: 5}, {Posts: 60}} {
			t.Run(fmt.Sprintf("seed %d, %d days", seed, plan.Days), func(t *testing.T) {
				c := newReal(t, 1000) // an enrolment whose answer is lost is of another machine the next time
				w := way(serve(t, &trouble{Handler: c, rng: rand.New(rand.NewPCG(seed, 1))}))
				w.KeepAlive = seed%2 == 0
				report := run(t, w, plan, enrolled(t, w, c.token, 12))
				if report.Err() != nil || report.Acked != 60 || report.Stored != 60 || report.Busy+report.Errors == 0 {
					t.Errorf("%+v: %v", report, report.Err())
				}
				if n := c.kept(t); n != 60 {
					t.Errorf("%d records on disk", n)
				}
			})
		}
	}
}

func TestNoMoreIsAcknowledgedThanTheCollectorHas(t *testing.T) {
	for seed := range uint64(3) {
		c := newReal(t, 1000)
		ctx, stop := context.WithCancel(t.Context())
		faulty := &trouble{Handler: c, rng: rand.New(rand.NewPCG(seed, 2))}
		var n atomic.Int64
		w := way(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "records") && n.Add(1) == 40 {
				stop() // in the middle of all
			}
			faulty.ServeHTTP(w, r)
		})))
		ids := enrolled(t, w, c.token, 12)
		l, err := burst.New(w, burst.Plan{Machines: 12, Posts: 400, Check: burst.All}, ids, daily(ids), nil)
		if err != nil {
			t.Fatal(err)
		}
		report, err := l.Run(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if kept := c.kept(t); report.Acked > kept || kept > report.Acked+8 || report.Acked == 0 || report.Acked > 60 {
			t.Errorf("seed %d: %d acknowledged, %d on disk, at most 8 under way", seed, report.Acked, kept)
		}
		if err := report.Err(); err == nil || !strings.Contains(err.Error(), "interrupted") || report.Missing != 0 || report.Duplicates != 0 {
			t.Errorf("seed %d: %v, %+v", seed, err, report)
		}
		again := run(t, w, burst.Plan{Days: 44}, ids) // what was under way is acknowledged now
		if kept := c.kept(t); report.Acked+again.Acked != kept || kept != 12*44 || again.Err() != nil {
			t.Errorf("seed %d: %d and %d acknowledged, %d on disk, %v", seed, report.Acked, again.Acked, kept, again.Err())
		}
	}
}

func TestACollectorThatLosesOrCountsTwiceIsFound(t *testing.T) {
	third := func(name string, n int64) bool { return name == "3" && n == 1 }
	for _, tt := range []struct {
		name           string
		spoil          func(*fake)
		plan           burst.Plan
		missing, twice int64
	}{
		{"honest", func(*fake) {}, burst.Plan{Days: 5}, 0, 0},
		{"the last record of one machine is lost", func(f *fake) { f.lose = func(name string, n int64) bool { return name == "3" && n == 5 } }, burst.Plan{Days: 5}, 1, 0},
		{"all records of one machine are lost", func(f *fake) { f.lose = func(name string, _ int64) bool { return name == "3" } }, burst.Plan{Days: 5}, 5, 0},
		{"one record is lost among single ones", func(f *fake) { f.lose = third }, burst.Plan{Posts: 12}, 1, 0},
		{"one record is counted twice", func(f *fake) { f.double = third }, burst.Plan{Days: 5}, 0, 1},
		{"every record is counted twice", func(f *fake) { f.double = func(string, int64) bool { return true } }, burst.Plan{Days: 5}, 0, 30},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			w := way(serve(t, f))
			w.Connections = 1 // one machine after the other
			ids := enrolled(t, w, "token", 6)
			f.mu.Lock()
			tt.spoil(f)
			f.mu.Unlock()
			report := run(t, w, tt.plan, ids)
			if report.Missing != tt.missing || report.Duplicates != tt.twice || report.Stored != report.Acked-tt.missing {
				t.Errorf("%+v", report)
			}
			if err := report.Err(); (err == nil) != (tt.missing+tt.twice == 0) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestACollectorThatWasRestoredFromAnOlderCopyIsFound(t *testing.T) {
	for _, check := range []burst.Check{burst.All, burst.None} {
		f := newFake()
		w := way(serve(t, f))
		w.Connections = 1 // one machine after the other
		ids := enrolled(t, w, "token", 6)
		var n atomic.Int64
		f.lose = func(name string, _ int64) bool { return name == "2" && n.Add(1) == 1 } // then 409
		report := run(t, w, burst.Plan{Posts: 36, Check: check}, ids)
		if report.Missing != 1 || report.GaveUp != 1 || report.Err() == nil || !strings.Contains(report.Problem, "409") {
			t.Errorf("%s: %+v, %v", check, report, report.Err())
		}
	}
}

func TestARecordRefusedIsNeitherAcknowledgedNorMissing(t *testing.T) {
	c := newReal(t, 2)
	w := way(serve(t, c))
	ids := enrolled(t, w, c.token, 2)
	records := daily(ids)
	l, err := burst.New(w, burst.Plan{Machines: 2, Days: 4, Check: burst.All}, ids, func(machine, day int) (made []wire.Record) {
		made = records(machine, day)
		if day == 2 {
			made[0].Date = time.Now().AddDate(0, 0, -300).Format(time.DateOnly) // no collector takes it
			made[0].LengthS = 86_400
			made[0].Parts = made[0].Parts[:1]
			made[0].Parts[0].LengthS, made[0].Parts[0].Seconds.Off = 86_400, 86_400-21_000-machine
		}
		return made
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	report, err := l.Run(t.Context())
	if err != nil || report.Acked != 6 || report.Refused != 2 || report.Stored != 6 || report.Missing != 0 || !strings.Contains(report.Problem, "days ago") || report.Err() != nil {
		t.Errorf("%+v, %v, %v", report, err, report.Err())
	}
}

func TestACollectorThatTakesNothingIsUnreachable(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	f := newFake()
	w := way(serve(t, f))
	for name, enrol := range map[string]struct{ url, token string }{
		"nobody listens": {closed.URL, "token"}, "another token": {w.Collector, "other"}, "no collector": {serve(t, http.NotFoundHandler()), "token"},
	} {
		w := way(enrol.url)
		w.Retries = 2
		if n, _, err := burst.Enrol(t.Context(), w, enrol.token, &burst.Identities{}, 3, kind, nil); n != 0 || !errors.Is(err, burst.ErrUnreachable) {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	ids := enrolled(t, w, "token", 3)
	for i := range ids.Machines {
		ids.Machines[i].Credential = "nobody's"
	}
	refusing := way(serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no machine has this password", http.StatusUnauthorized)
	})))
	for _, w := range []burst.Way{refusing, way(closed.URL)} {
		ids.Collector = w.Collector
		l, err := burst.New(w, burst.Plan{Machines: 3, Days: 2, Check: burst.All}, ids, daily(ids), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Run(t.Context()); !errors.Is(err, burst.ErrUnreachable) {
			t.Errorf("%s: %v", w.Collector, err)
		}
	}
}

func TestTheTimeThatACollectorAsksForIsWaited(t *testing.T) {
	f := newFake()
	var refused, early atomic.Int64
	var until atomic.Int64
	w := way(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "records") && refused.Add(1) <= 3 {
			until.CompareAndSwap(0, time.Now().Add(time.Second).UnixNano())
			w.Header().Set("Retry-After", "1")
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		if time.Now().UnixNano() < until.Load() {
			early.Add(1)
		}
		f.ServeHTTP(w, r)
	})))
	w.Connections = 3
	report := run(t, w, burst.Plan{Days: 2}, enrolled(t, w, "token", 3))
	if report.Busy != 3 || early.Load() != 0 || report.Seconds < 1 || report.Acked != 6 || report.Err() != nil {
		t.Errorf("%d came early; %+v, %v", early.Load(), report, report.Err())
	}
}

func TestACollectorThatFallsSilentEndsTheLoad(t *testing.T) {
	f := newFake()
	var n atomic.Int64
	done := make(chan struct{})
	w := way(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "records") && n.Add(1) > 4 {
			select {
			case <-done:
			case <-r.Context().Done():
			}
			return
		}
		f.ServeHTTP(w, r)
	})))
	defer close(done)
	w.Timeout, w.Patience = 100*time.Millisecond, 200*time.Millisecond
	report := run(t, w, burst.Plan{Posts: 1000, For: time.Minute}, enrolled(t, w, "token", 6))
	if err := report.Err(); report.Acked != 4 || err == nil || !strings.Contains(err.Error(), "answers no more") {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestOverTLSEachMachineHasItsConnectionAndResumesASession(t *testing.T) {
	for _, anew := range []bool{false, true} {
		f := newFake()
		var full, resumed atomic.Int64
		s := httptest.NewUnstartedServer(f)
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		s.TLS = &tls.Config{VerifyConnection: func(c tls.ConnectionState) error {
			if c.DidResume {
				resumed.Add(1)
			} else {
				full.Add(1)
			}
			return nil
		}}
		s.StartTLS()
		w := way(s.URL)
		w.Connections, w.KeepAlive, w.NewSessions = 2, false, anew
		if _, _, err := burst.Enrol(t.Context(), w, "token", &burst.Identities{}, 1, kind, nil); !errors.Is(err, burst.ErrUnreachable) {
			t.Errorf("an authority that nobody trusts: %v", err)
		}
		w.Roots = x509.NewCertPool()
		w.Roots.AddCert(s.Certificate())
		ids := enrolled(t, w, "token", 20)
		full.Store(0)
		resumed.Store(0)
		report := run(t, w, burst.Plan{Days: 2, Check: burst.None}, ids)
		s.Close()
		if report.Acked != 40 || report.Connections != 20 || full.Load()+resumed.Load() != 21 || anew && resumed.Load() != 0 || !anew && full.Load() != 3 {
			t.Errorf("%d full, %d resumed, with one to see that it is there; %+v", full.Load(), resumed.Load(), report)
		}
	}
}

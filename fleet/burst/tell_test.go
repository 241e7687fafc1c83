package burst_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"veille/fleet/burst"
)

func TestAPersonIsToldHowFarItIs(t *testing.T) {
	f := newFake()
	w := way(serve(t, f))
	ids := enrolled(t, w, "token", 4)
	var told, beyond atomic.Int64
	l, err := burst.New(w, burst.Plan{Machines: 4, Posts: 30, Rate: 20, Check: burst.None}, ids, daily(ids), func(done, all int64) {
		told.Add(1)
		if all != 30 || done < 1 || done > 30 {
			beyond.Add(1)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Run(t.Context()); err != nil || told.Load() == 0 || beyond.Load() > 0 {
		t.Errorf("told %d times, %d of them wrong; %v", told.Load(), beyond.Load(), err)
	}
}

func TestAMachineThatIsNeverServedGivesUpAndTheOthersDoNot(t *testing.T) {
	f := newFake()
	var tries atomic.Int64
	w := way(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "records") && r.Header.Get("Authorization") == "Bearer 2" {
			tries.Add(1)
			http.Error(w, "slower", http.StatusTooManyRequests)
			return
		}
		f.ServeHTTP(w, r)
	})))
	w.Retries = 3
	report := run(t, w, burst.Plan{Days: 5}, enrolled(t, w, "token", 4))
	if tries.Load() != 4 || report.GaveUp != 1 || report.Unsent != 5 || report.Busy != 4 || report.Acked != 15 || report.Stored != 15 || report.Verified != 3 {
		t.Errorf("%d tries, %+v", tries.Load(), report)
	}
	if err := report.Err(); err == nil || !strings.Contains(err.Error(), "1 machines gave up: the collector answered 429: slower") {
		t.Errorf("%v", err)
	}
}

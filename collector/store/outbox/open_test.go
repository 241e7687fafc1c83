package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector"
	"veille/collector/store/outbox"
)

func TestADestinationThatCannotBeOpenedSaysWhatWaitsAndSinceWhen(t *testing.T) {
	for name, tt := range map[string]struct {
		shut    error
		stopped bool
		cause   collector.Cause
	}{
		"its server is down":            {trouble(collector.TryLater, 0, errors.New("refused")), false, collector.Busy},
		"nobody answers":                {trouble(collector.TryLater, 0, io.EOF), false, collector.Unreachable},
		"its flags are wrong":           {trouble(collector.NeedsHelp, 0, nil), true, collector.Unready},
		"the file of its secret is off": {errors.New("read the secret of the series: correct --series-token-file"), true, collector.Unready},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, p := newWorld(), newPlace(t)
			w.add(collector.StreamHours, hour(1, 1, 1, 1))
			stop := run(t, made(w, p, io.Discard))
			wait(3 * time.Minute)
			if d := w.state(t); d.Behind != 0 || d.LagS != 0 || d.Error != "" || d.Cause != "" {
				t.Fatalf("%s: before: %+v", name, d)
			}
			stop()
			p.be(func() { p.shut = tt.shut })
			run(t, made(w, p, io.Discard)) // the collector was started again
			wait(time.Hour)
			if d := w.state(t); d.Behind != 0 || d.LagS != 0 || d.Stopped != tt.stopped || d.Cause != tt.cause || d.Error == "" {
				t.Errorf("%s, nothing waits: %+v", name, d)
			}
			for i := range 150 {
				w.add(collector.StreamHours, hour(2+i, 1, 1, 1))
			}
			wait(30 * time.Minute)
			if d := w.state(t); d.Behind != 150 || d.LagS < 1770 || d.LagS > 1800 {
				t.Errorf("%s, some wait for half an hour: %+v", name, d)
			}
			p.be(func() { p.shut = nil })
			w.retry(false)
			wait(11 * time.Second)
			p.same(t, w)
			if d := w.state(t); d.Behind != 0 || d.LagS != 0 || d.Stopped || d.Error != "" || d.Cause != "" {
				t.Errorf("%s, afterwards: %+v", name, d)
			}
		})
	}
}

func TestALagGoesOnWhereTheCollectorWasStartedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		p.be(func() { p.shut = trouble(collector.TryLater, 0, io.EOF) })
		w.add(collector.StreamHours, hour(1, 1, 1, 1))
		stop := run(t, made(w, p, io.Discard))
		wait(time.Hour)
		stop()
		wait(time.Hour)
		run(t, made(w, p, io.Discard))
		wait(time.Minute)
		if d := w.state(t); d.LagS < 7200 || d.LagS > 7270 || d.Behind != 10 {
			t.Errorf("%+v; want a lag of two hours", d)
		}
	})
}

func TestADestinationThatAPersonHelpedIsOpenedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		w.add(collector.StreamHours, hour(1, 1, 1, 1))
		secret, given := "old", ""
		stop := run(t, outbox.New(outbox.Parts{Name: "series", Ledger: w, Mirror: w, Log: slog.New(slog.DiscardHandler), Open: func(ctx context.Context) (collector.Destination, error) {
			p.be(func() { given = secret })
			return p.open(ctx)
		}}))
		wait(time.Minute)
		p.set(locked)
		w.add(collector.StreamHours, hour(2, 1, 1, 1))
		wait(time.Minute)
		if d := w.state(t); !d.Stopped || given != "old" {
			t.Fatalf("%q, %+v", given, d)
		}
		p.be(func() { secret = "new" })
		wait(time.Hour)
		if given != "new" {
			t.Error("the hourly probe was by the old secret")
		}
		p.be(func() { secret = "newer" })
		p.set(well)
		w.retry(false)
		wait(11 * time.Second)
		p.same(t, w)
		if d := w.state(t); d.Stopped || given != "newer" {
			t.Errorf("%q, %+v", given, d)
		}
		stop()
		if p.closed != p.opened || p.opened < 3 {
			t.Errorf("opened %d times and closed %d times", p.opened, p.closed)
		}
	})
}

func TestAdviceIsKeptAndLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		p.advice = []string{"its clock is ahead: set it", "it keeps too little: keep more"}
		var log bytes.Buffer
		run(t, made(w, p, &log))
		wait(10 * time.Minute)
		if d := w.state(t); len(d.Advice) != 2 || d.Advice[1] != p.advice[1] || d.Error != "" {
			t.Errorf("state %+v", d)
		}
		if n := strings.Count(log.String(), "its clock is ahead"); n != 1 {
			t.Errorf("logged %d times", n)
		}
		p.be(func() { p.advice = nil })
		wait(time.Minute)
		if d := w.state(t); len(d.Advice) != 0 {
			t.Errorf("state %+v", d)
		}
	})
}

func TestAStateIsWrittenOnceAnHourThoughNothingChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		stop := run(t, made(w, p, io.Discard))
		wait(5 * time.Hour)
		if d := w.state(t); d.State(time.Now()) != collector.Well || d.Silent(time.Now()) > time.Hour+10*time.Second {
			t.Errorf("%s, %v", d.State(time.Now()), d.Silent(time.Now()))
		}
		stop()
		wait(4 * time.Hour)
		if d := w.state(t); d.State(time.Now()) != collector.Unattended {
			t.Errorf("%s, %v", d.State(time.Now()), d.Silent(time.Now()))
		}
	})
}

func TestADestinationThatWasNotComparedForLongIsComparedAsANewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, p := newWorld(), newPlace(t)
		stop := run(t, made(w, p, io.Discard))
		wait(time.Minute)
		stop()
		nap(29 * 24 * time.Hour)
		w.have(collector.Point{Measurement: collector.MeterEnergy, Time: at(20, 0), Fields: collector.Fields{"wh": 5}}) // its post is forgotten: no stream brings it
		o := made(w, p, io.Discard)
		run(t, o)
		wait(time.Minute)
		if err := o.Compare(t.Context(), collector.DateOf(time.Now())); err != nil {
			t.Fatal(err)
		}
		p.same(t, w)
	})
}

// TestNoReasonNamesAMachine lets a destination repeat points in whatever quoting engines and proxies use.
func TestNoReasonNamesAMachine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(10, 6))
		signs := []string{"=", ":", " ", `"`, `'`, "`", `\"`, `\\\"`, "%3D", "%22", "%253D", "&#34;", "&quot;", "&amp;#39;", `\u0022`, `\u003d`, `\x3d`, `\t`, "(", "[", "{", "=>", "≠", "“", "=="}
		w, p := newWorld(), newPlace(t)
		for i := range 900 {
			w.add(collector.StreamHours, hour(7_000_000+i, 1+i%20, i%24, 1), hour(1000+i, 1+i%20, i%24, 2))
		}
		var log bytes.Buffer
		p.bad = func(x collector.Point) bool { return x.Fields["wh"] == 1 }
		p.says = func(x collector.Point) string {
			between := ""
			for range 1 + r.IntN(4) {
				between += signs[r.IntN(len(signs))]
			}
			word := []string{"machine", "Machine", "MACHINE"}[r.IntN(3)]
			return fmt.Sprintf("unable to parse <hour_energy,site%s1,%s%s%s%s wh=1>: type conflict", between, word, between, x.Tags.Get("machine"), signs[r.IntN(len(signs))])
		}
		run(t, made(w, p, &log))
		wait(5 * time.Minute)
		if d := w.state(t); len(w.quarantine()) != 900 || strings.Contains(d.Error, "7000") {
			t.Fatalf("%d in quarantine, %+v", len(w.quarantine()), d)
		}
		for _, x := range w.quarantine() {
			if strings.Contains(x.Reason, "7000") || !strings.Contains(x.Reason, "type conflict") || !strings.Contains(x.Point, "machine=7000") {
				t.Errorf("the reason of %s is %q", x.Point, x.Reason)
			}
		}
		p.be(func() { p.bad = func(collector.Point) bool { return true } })
		w.add(collector.StreamHours, hour(7_000_950, 1, 1, 1))
		w.retry(true)
		wait(5 * time.Minute)
		if d := w.state(t); d.Cause != collector.Refusing || !strings.Contains(d.Error, "type conflict") || strings.Contains(d.Error, "7000") || strings.Contains(log.String(), "7000") {
			t.Errorf("%+v", d)
		}
	})
}

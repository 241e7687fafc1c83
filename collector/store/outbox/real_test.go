package outbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/mirror"
	"veille/collector/store/engines"
	"veille/collector/store/influx"
	"veille/collector/store/outbox"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
	"veille/collector/store/victoria"
)

// house is a real ledger, with servers that tell of their hours.
type house struct {
	*relational.Store
	machines []collector.Machine
	points   *mirror.Mirror
}

func newHouse(t testing.TB, machines int) *house {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "veille.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	site, err := s.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	today := func() collector.Date { return collector.DateOf(time.Now()) }
	h := &house{Store: s, points: mirror.New(mirror.Parts{Ledger: s, Websites: s.Embedded(), Figures: s.Figures(), Today: today})}
	token := [32]byte{1}
	if err := s.CreateToken(t.Context(), collector.Token{Hash: token, Site: site.ID, Quota: machines, ExpiresOn: "2100-01-01"}); err != nil {
		t.Fatal(err)
	}
	for i := range machines {
		key := [32]byte{2, byte(i), byte(i >> 8)}
		m, err := s.Enrol(t.Context(), collector.Enrolment{Token: token, Pseudonym: key, Credential: key, Use: []collector.Use{"server", "shared"}[i%2], On: today()})
		if err != nil {
			t.Fatal(err)
		}
		h.machines = append(h.machines, m.Machine)
	}
	return h
}

// keep keeps the hours of a day, so many days ago, of some machines.
func (h *house) keep(t testing.TB, ago int, machines ...collector.Machine) {
	t.Helper()
	today := time.Now()
	for i, m := range machines {
		var records []collector.Record
		for hour := range 24 {
			n := 100*ago + i + hour
			records = append(records, collector.Record{
				Date: collector.DateOf(today.AddDate(0, 0, -ago)), Hour: hour, LengthS: 3600, Class: "server", Agent: "1",
				Parts: []collector.Part{{Part: "open", LengthS: 3600, Seconds: collector.Seconds{On: 3600 - n%60, Unknown: n % 60}, Energy: []collector.Energy{
					{Wh: float64(n) / 7, LowWh: float64(n) / 8, HighWh: float64(n) / 6, Method: "rapl+model", Scope: "machine", CoveredS: 3600 - n%60},
					{Wh: float64(n) / 17, LowWh: float64(n) / 18, HighWh: float64(n) / 16, Method: "model-class", Scope: "display", CoveredS: 3600 - n%60},
				}}},
			})
		}
		if _, err := h.Keep(t.Context(), m, collector.DateOf(today), 0, records); err != nil {
			t.Fatal(err)
		}
	}
}

// even waits until the destination has all that the streams have.
func (h *house) even(t testing.TB) {
	t.Helper()
	for range 1200 {
		d, err := h.Delivery(t.Context(), "series")
		at, wrong := h.Positions(t.Context(), "series")
		if err == nil && wrong == nil && d.Error == "" {
			n, err := h.Behind(t.Context(), collector.StreamHours, at[collector.StreamHours].Acked)
			gone, wrong := h.Behind(t.Context(), collector.StreamErased, at[collector.StreamErased].Acked)
			if err == nil && wrong == nil && n+gone == 0 {
				return
			}
		}
		nap(100 * time.Millisecond)
	}
	d, _ := h.Delivery(t.Context(), "series")
	t.Fatalf("it has not everything after two minutes: %+v", d)
}

// engine is a real one, that can be killed and started again.
type engine struct {
	open  func(context.Context) (collector.Destination, error)
	kill  func()
	again func()
	exact bool // it deletes a part of a series
}

func influxd(t *testing.T) engine {
	i := engines.Influxd(t)
	return engine{
		open: func(ctx context.Context) (collector.Destination, error) {
			return influx.Open(ctx, influx.Options{URL: i.URL + "/veille", Token: i.Token})
		},
		kill: i.Kill, again: i.Again, exact: true,
	}
}

func victoriaNode(t *testing.T) engine {
	v := engines.StartVictoria(t, "-retentionPeriod=7y", "-dedup.minScrapeInterval=1ms")
	return engine{
		open: func(ctx context.Context) (collector.Destination, error) {
			return victoria.Open(ctx, victoria.Options{Write: v.URL()})
		},
		kill: v.Kill, again: func() { v.Restart() },
	}
}

// TestARealEngineThatIsKilledInTheMiddleHasEveryPointOnce kills an engine while it is sent hours, starts it again, lets hours grow and a machine be
// erased, and asks for everything at the end: point by point, and by the nightly comparison.
func TestARealEngineThatIsKilledInTheMiddleHasEveryPointOnce(t *testing.T) {
	for name, start := range map[string]func(*testing.T) engine{"influxd": influxd, "victoria": victoriaNode} {
		t.Run(name, func(t *testing.T) {
			e, h := start(t), newHouse(t, 12)
			to, err := e.open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = to.Close() }()
			for ago := 20; ago > 10; ago-- {
				h.keep(t, ago, h.machines...)
			}
			o := outbox.New(outbox.Parts{Name: "series", Ledger: h.Store, Mirror: h.points, Open: e.open, Log: slog.New(slog.DiscardHandler)})
			run(t, o)
			h.even(t)
			for ago := 10; ago > 5; ago-- {
				h.keep(t, ago, h.machines...)
				nap(300 * time.Millisecond)
			}
			e.kill()
			h.keep(t, 5, h.machines...)
			for d := (collector.Delivery{}); d.Error == ""; nap(100 * time.Millisecond) {
				if d, err = h.Delivery(t.Context(), "series"); err != nil {
					t.Fatal(err)
				}
			}
			e.again()
			if _, err := h.Erase(t.Context(), h.machines[0].ID); err != nil {
				t.Fatal(err)
			}
			for ago := 4; ago > 1; ago-- {
				h.keep(t, ago, h.machines[1:]...)
			}
			h.even(t)
			h.same(t, to)
			// Somebody else writes into the engine, and deletes from it.
			ago := time.Now().UTC().AddDate(0, 0, -8).Truncate(24 * time.Hour)
			if err := to.Append(t.Context(), []collector.Point{hourAt(9999, ago.Add(3*time.Hour), 5)}); err != nil {
				t.Fatal(err)
			}
			days := 1
			if e.exact {
				days++
				q := collector.Query{Measurement: collector.HourSeconds, From: ago.AddDate(0, 0, -1), To: ago}
				if err := to.Delete(t.Context(), q); err != nil {
					t.Fatal(err)
				}
			}
			if err := o.Compare(t.Context(), collector.DateOf(time.Now())); err != nil {
				t.Fatal(err)
			}
			d, err := h.Delivery(t.Context(), "series")
			if err != nil || d.Comparison != "" || d.Differences != days || d.Refused != 0 || d.Stopped || d.ComparedOn == "" {
				t.Errorf("state %+v", d)
			}
			h.same(t, to)
			if !e.exact {
				h.vanish(t, o, to)
			}
		})
	}
}

// vanish fails where days that the ledger does not have outlive a comparison. Their series has two of them, so that neither day has all of it.
func (h *house) vanish(t *testing.T, o *outbox.Outbox, to collector.Destination) {
	t.Helper()
	today := collector.DateOf(time.Now())
	var days []collector.Point
	for ago := range 2 {
		days = append(days, day("9999", collector.DateOf(time.Now().AddDate(0, 0, -3-ago)), 5))
	}
	if err := to.Append(t.Context(), days); err != nil {
		t.Fatal(err)
	}
	all := collector.Query{Measurement: collector.DayEnergy, To: time.Now()}
	if there, err := to.Range(t.Context(), all); err != nil || len(there) != 2 { // the engine shows them now to others too
		t.Fatalf("%d points, %v", len(there), err)
	}
	if err := o.Compare(t.Context(), today); err != nil {
		t.Fatal(err)
	}
	left, err := to.Range(t.Context(), all)
	d, wrong := h.Delivery(t.Context(), "series")
	if err != nil || wrong != nil || len(left) > 0 || d.Comparison != "" {
		t.Errorf("%d points, %v; state %+v, %v", len(left), err, d, wrong)
	}
}

// hourAt is an hour of a machine as no ledger has it.
func hourAt(machine int, at time.Time, wh float64) collector.Point {
	p := hour(machine, 1, 1, wh)
	p.Time = at
	return p
}

// same fails where a destination has other hours than the ledger.
func (h *house) same(t *testing.T, to collector.Destination) {
	t.Helper()
	for _, m := range []collector.Measurement{collector.HourEnergy, collector.HourSeconds} {
		q := collector.Query{Measurement: m, From: time.Now().AddDate(0, 0, -30).Truncate(time.Hour), To: time.Now()}
		want, err := h.Embedded().Range(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var got []collector.Point
		for range 30 { // VictoriaMetrics shows what it has after some seconds
			if got, err = to.Range(t.Context(), q); err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) == fmt.Sprint(want) {
				break
			}
			nap(time.Second)
		}
		if len(want) == 0 || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: it has %d points, and is to have the %d of the ledger to the last digit", m, len(got), len(want))
		}
	}
}

// TestARealLedgerFollowsWhatPeopleAsk goes through again, retry and remove with a ledger on disk.
func TestARealLedgerFollowsWhatPeopleAsk(t *testing.T) {
	h, p := newHouse(t, 2), newPlace(t)
	h.keep(t, 3, h.machines...)
	o := outbox.New(outbox.Parts{Name: "series", Ledger: h.Store, Mirror: h.points, Open: p.open, Log: slog.New(slog.DiscardHandler)})
	stop := run(t, o)
	h.even(t)
	if n := p.has(); n != 2*24*3 {
		t.Fatalf("it has %d points", n)
	}
	stop()
	p.set(locked)
	h.keep(t, 2, h.machines...)
	run(t, outbox.New(outbox.Parts{Name: "series", Ledger: h.Store, Mirror: h.points, Open: p.open, Log: slog.New(slog.DiscardHandler)}))
	for range 100 {
		if d, err := h.Delivery(t.Context(), "series"); err == nil && d.Stopped {
			break
		}
		nap(50 * time.Millisecond)
	}
	if d, err := h.Delivery(t.Context(), "series"); err != nil || !d.Stopped || d.Behind != 10 {
		t.Errorf("%+v, %v", d, err)
	}
	p.set(well)
	p.empty()
	if err := h.DeliverAgain(t.Context(), "series"); err != nil {
		t.Fatal(err)
	}
	h.even(t)
	if n := p.has(); n != 2*2*24*3 {
		t.Errorf("it has %d points", n)
	}
}

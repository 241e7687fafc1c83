package metering_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/metering"
)

// A tag with another value in each line fills its site, and takes nothing from the meters that are there.
func TestAFullSiteTakesTheMetersThatItHas(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	batch := func(from, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "power,device=t%d w=1\n", from+i)
		}
		return b.String()
	}
	if a := d.post("/api/v2/write", "power,device=here w=1,kwh=1\n"+batch(0, collector.MostMeters-2)); a.status != 204 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	for i, path := range []string{"/api/v2/write", "/api/v2/write", "/write"} { // the second time it is known to be full
		a := d.post(path, fmt.Sprintf("power,device=here w=%d,kwh=2\n", i+2)+batch(20_000, 100)+"power,device=t5 w=9\n")
		if a.status != 422-22*(i/2) || !strings.Contains(a.message, "as many meters as it may have, 10000") || !strings.HasSuffix(a.message, "; dropped=100, kept=2") {
			t.Errorf("%d %s", a.status, a.text)
		}
	}
	known, err := d.store.MetersAt(t.Context(), d.site.ID)
	if err != nil || len(known) != collector.MostMeters {
		t.Errorf("%d meters, %v", len(known), err)
	}
	n := len(d.said(collector.MeterPower))
	if n != collector.MostMeters-1 {
		t.Errorf("%d meters of power have said something, want %d", n, collector.MostMeters-1)
	}
	d.secret = d.token(d.other(), "2026-12-01") // of a site of its own
	d.rule(collector.MeterRule{Site: d.other().ID, Name: "PDL", Kind: "building", Measurement: "power", Field: "w", Unit: "W"})
	if a := d.post("/api/v2/write", "power w=1"); a.status != 204 {
		t.Errorf("another site: %d %s", a.status, a.text)
	}
}

// A line of which one meter cannot be made is kept as far as the other goes.
func TestALineOfAFullSiteIsKeptInPart(t *testing.T) {
	t.Parallel()
	m, h := newMemory()
	for i := range collector.MostMeters {
		m.meters[collector.MeterKey{Rule: 9, Values: fmt.Sprint(i)}] = int64(i + 1)
	}
	m.most = collector.MostMeters
	delete(m.meters, collector.MeterKey{Rule: 9})
	if w := send(t, h, "power,device=a w=1"); w.Code != 422 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	delete(m.meters, collector.MeterKey{Rule: 9, Values: "5"})
	m.meters[collector.MeterKey{Rule: 2, Values: "a"}] = 77 // another collector made it
	h2 := metering.New(h.Parts)
	for range 3 {
		if w := send(t, h2, "power,device=a w=1,j=3600"); w.Code != 422 || !strings.Contains(w.Body.String(), "dropped=1, kept=0") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if len(m.samples) != 3 || m.samples[2] != (collector.MeterSample{Meter: 77, At: now().UnixMilli(), Value: 1}) {
		t.Errorf("kept are %+v", m.samples)
	}
}

// other is another site of the same organisation.
func (d *door) other() collector.Site {
	d.t.Helper()
	sites, err := d.store.Sites(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, s := range sites {
		if s.Name == "Autre" {
			return s
		}
	}
	s, err := d.store.CreateSite(d.t.Context(), "Région", "Autre", "Europe/Paris")
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// at is a line of a meter, so much time before now.
func at(device string, before time.Duration, w int) string {
	return fmt.Sprintf("power,device=%s w=%d %d\n", device, w, now().Add(-before).UnixNano())
}

func TestAMeterSpeaksOfTwoMomentsOfASecondAtMost(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	text := at("a", 900*time.Millisecond, 1) + at("a", 800*time.Millisecond, 2) + at("a", 700*time.Millisecond, 3) + at("b", 700*time.Millisecond, 4) +
		at("a", 800*time.Millisecond, 5) + at("a", 0, 6)
	for range 2 { // it may come again
		a := d.post("/api/v2/write", text)
		if a.status != 422 || !strings.Contains(a.message, "meter 1 speaks of more than 2 moments of one second") || !strings.HasSuffix(a.message, "; dropped=1, kept=5") {
			t.Errorf("%d %s", a.status, a.text)
		}
		d.expect(collector.MeterPower, "1 -900 1", "1 -800 5", "2 -700 4", "1 0 6")
	}
}

// One wrong interval does not fill the ledger: from so many samples of a day on, each meter is taken every five minutes. Other days are as before.
func TestASiteSaysSoMuchOfADay(t *testing.T) {
	t.Parallel()
	var later atomic.Int64
	d := newDoor(t, func(p *metering.Parts) {
		p.MostADay = 100
		p.Now = func() (time.Time, error) { return now().Add(time.Duration(later.Load())), nil }
	})
	var b strings.Builder
	for i := range 120 {
		b.WriteString(at("a", time.Hour-time.Duration(i)*time.Second, i))
	}
	yesterday := at("a", 25*time.Hour, 1) + at("a", 25*time.Hour-time.Second, 2)
	a := d.post("/api/v2/write", b.String()+at("b", time.Hour, 1)+at("a", 53*time.Minute, 999)+yesterday)
	if a.status != 422 || !strings.Contains(a.message, "have said 100 things of one day") || !strings.HasSuffix(a.message, "; dropped=20, kept=104") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if n := len(d.said(collector.MeterPower)); n != 104 {
		t.Errorf("%d are kept, want the first hundred, that of the other meter, that of six minutes later, and yesterday's", n)
	}
	d.handler.Fold(t.Context())
	// Another collector, or this one started again, knows how full the day is; also a minute later.
	again := metering.New(d.Parts)
	d.server.Config.Handler = again
	for range 2 {
		more := at("b", 57*time.Minute, 2) + at("b", 56*time.Minute, 3) + at("b", 52*time.Minute, 4)
		if a := d.post("/api/v2/write", more); a.status != 422 || !strings.HasSuffix(a.message, "; dropped=1, kept=2") {
			t.Errorf("%d %s", a.status, a.text)
		}
		later.Store(int64(2 * time.Minute))
	}
}

// What was not acknowledged comes again, and is not taken for more.
func TestAPostThatFailedIsTakenWhenItComesAgain(t *testing.T) {
	t.Parallel()
	m, h := newMemory()
	failing := &failing{Ledger: m, fails: true}
	h.Ledger = failing
	text := at("a", 900*time.Millisecond, 1) + at("a", 600*time.Millisecond, 2)
	if w := send(t, h, text); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	failing.fails = false
	if w := send(t, h, text); w.Code != 204 || len(m.samples) != 2 {
		t.Errorf("%d %s, kept are %+v", w.Code, w.Body, m.samples)
	}
}

// failing is a ledger that keeps nothing, as long as it fails.
type failing struct {
	metering.Ledger
	fails bool
}

func (f *failing) KeepMeterPost(ctx context.Context, samples []collector.MeterSample) error {
	if f.fails {
		return errors.New("the disk is full")
	}
	return f.Ledger.KeepMeterPost(ctx, samples)
}

func TestAPasswordInTheAddressIsRefusedWhereClientsHaveAHeader(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, authorization := range []string{"", "Token " + d.secret} {
		a := d.post("/api/v2/write?u=x&p="+d.secret, "power w=1", "Authorization", authorization)
		if a.status != 400 || !strings.Contains(a.message, "addresses are written into logs") || !strings.Contains(a.message, "revoke-token") || strings.Contains(a.text, d.secret) {
			t.Errorf("%d %s", a.status, a.text)
		}
	}
	if a := d.post("/write?u=x&p="+d.secret, "power w=1", "Authorization", ""); a.status != 204 {
		t.Errorf("%d %s", a.status, a.text)
	}
	d.expect(collector.MeterPower, "1 0 1")
}

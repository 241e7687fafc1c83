package metering_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	influxdb2 "github.com/influxdata/influxdb-client-go/v2"
	influxhttp "github.com/influxdata/influxdb-client-go/v2/api/http"

	"veille/collector"
	"veille/collector/metering"
	"veille/collector/store/relational"
	"veille/collector/store/sqlite"
)

// now is the moment at which all tests are.
func now() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// door is a door with a ledger behind it, and a site with one rule: measurement power, tag by device, field w and wh.
type door struct {
	t      testing.TB
	store  *relational.Store
	site   collector.Site
	secret string
	server *httptest.Server
	metering.Parts
	handler *metering.Handler
}

func newDoor(t testing.TB, change ...func(*metering.Parts)) *door {
	t.Helper()
	s, err := sqlite.Open(context.WithoutCancel(t.Context()), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, store: s, Parts: metering.Parts{Ledger: s, Now: func() (time.Time, error) { return now(), nil }, Log: slog.New(slog.DiscardHandler)}}
	for _, c := range change {
		c(&d.Parts)
	}
	if d.site, err = s.CreateSite(t.Context(), "Région", "Lycée", "Europe/Paris"); err != nil {
		t.Fatal(err)
	}
	d.secret = d.token(d.site, "2026-12-01")
	d.rule(collector.MeterRule{Name: "Prise", Kind: "pdu", Measurement: "power", By: []string{"device"}, Field: "w", Unit: "W"})
	d.rule(collector.MeterRule{Name: "Prise", Kind: "pdu", Measurement: "power", By: []string{"device"}, Field: "kwh", Unit: "kWh"})
	d.handler = metering.New(d.Parts)
	d.server = httptest.NewServer(d.handler)
	t.Cleanup(func() {
		d.server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *door) token(site collector.Site, until collector.Date) string {
	d.t.Helper()
	secret, hash, token := metering.NewToken(site.ID, "Telegraf", "2026-11-01", until)
	if err := d.store.CreateMeterToken(d.t.Context(), hash, token); err != nil {
		d.t.Fatal(err)
	}
	return secret
}

func (d *door) rule(r collector.MeterRule) collector.MeterRule {
	d.t.Helper()
	if r.AddedOn = "2026-11-01"; r.Site == 0 {
		r.Site = d.site.ID
	}
	r, err := d.store.AddMeterRule(d.t.Context(), r)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// answer is what a client was told.
type answer struct {
	status  int
	text    string
	header  http.Header
	code    string
	message string
}

// post posts a text by the API of InfluxDB 2, or to another path.
func (d *door) post(path, text string, headers ...string) (a answer) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.server.URL+path, strings.NewReader(text))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+d.secret)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := d.server.Client().Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	a = answer{status: response.StatusCode, text: string(body), header: response.Header}
	var said struct{ Code, Message, Error string }
	if len(body) > 0 {
		if err := json.Unmarshal(body, &said); err != nil {
			d.t.Fatalf("%v: %q", err, body)
		}
	}
	a.code, a.message = said.Code, said.Message+said.Error
	return a
}

// said is what the ledger has of a measurement, as text: device or meter, moment after now in milliseconds, value.
func (d *door) said(m collector.Measurement) (all []string) {
	d.t.Helper()
	points, err := d.store.Embedded().Range(d.t.Context(), collector.Query{Measurement: m, From: now().AddDate(-1, 0, 0), To: now().AddDate(1, 0, 0)})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range points {
		for _, value := range p.Fields {
			all = append(all, fmt.Sprint(p.Tags.Get("meter"), " ", p.Time.Sub(now()).Milliseconds(), " ", value))
		}
	}
	return all
}

func (d *door) expect(m collector.Measurement, want ...string) {
	d.t.Helper()
	if got := d.said(m); strings.Join(got, "; ") != strings.Join(want, "; ") {
		d.t.Errorf("%s: %q\nwant %q", m, got, want)
	}
}

func TestALineBecomesWhatAMeterSaid(t *testing.T) {
	d := newDoor(t)
	text := "# a comment\r\n\r\npower,device=a w=61.5,other=\"x y\n\\\"z\",kwh=12.345 " + fmt.Sprint(now().UnixNano()) + "\r\n" +
		"power,device=b w=7i\n  power,device=a w=62u " + fmt.Sprint(now().Add(1500*time.Millisecond).UnixNano()) + "\n"
	if a := d.post("/api/v2/write?org=o&bucket=b&precision=ns", text); a.status != http.StatusNoContent || a.text != "" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	d.expect(collector.MeterPower, "1 0 61.5", "3 0 7", "1 1500 62")
	d.expect(collector.MeterEnergy, "2 0 12345")
	d.handler.Fold(t.Context())
	d.expect(collector.MeterPower, "1 0 61.5", "3 0 7", "1 1500 62")
	if err := d.handler.Account(t.Context()); err != nil {
		t.Fatal(err)
	}
	days, err := d.store.MeterDays(t.Context(), d.site.ID, "2026-11-20", "2026-11-20")
	if err != nil || len(days) != 3 {
		t.Errorf("%+v, %v", days, err)
	}
}

func TestPrecisionsOfBothAPIs(t *testing.T) {
	for _, test := range []struct {
		path string
		unit time.Duration
	}{
		{"/api/v2/write?precision=ns", 1},
		{"/api/v2/write", 1},
		{"/api/v2/write?precision=us", time.Microsecond},
		{"/api/v2/write?precision=ms", time.Millisecond},
		{"/api/v2/write?precision=s", time.Second},
		{"/write?db=x&rp=y", 1},
		{"/write?precision=n", 1},
		{"/write?precision=u", time.Microsecond},
		{"/write?precision=ms", time.Millisecond},
		{"/write?precision=s", time.Second},
		{"/write?precision=m", time.Minute},
		{"/write?precision=h", time.Hour},
	} {
		d := newDoor(t)
		if a := d.post(test.path, fmt.Sprintf("power w=1 %d", now().UnixNano()/int64(test.unit))); a.status != http.StatusNoContent {
			t.Errorf("%s: %d %s", test.path, a.status, a.text)
		}
		d.expect(collector.MeterPower, "1 0 1")
	}
	d := newDoor(t)
	for _, path := range []string{"/api/v2/write?precision=m", "/write?precision=y", "/api/v2/write?precision=" + strings.Repeat("n", 100)} {
		if a := d.post(path, "power w=1"); a.status != http.StatusBadRequest || !strings.Contains(a.message, "precision") {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
}

func TestEachUnitIsConvertedAsExactlyAsAFloatCanBe(t *testing.T) {
	d := newDoor(t)
	units := []string{"Wh", "kWh", "MWh", "J", "W", "kW"}
	for _, unit := range units {
		d.rule(collector.MeterRule{Name: unit, Kind: "building", Measurement: "m", Field: unit, Unit: unit})
	}
	// 4.35 times 1000 is 4350 here, and not 4349.999999999999.
	if a := d.post("/write", "m Wh=0.1,kWh=4.35,MWh=1.000001,J=3600i,W=-2.5,kW=1.1e0"); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.text)
	}
	d.expect(collector.MeterEnergy, "1 0 0.1", "2 0 4350", "3 0 1.000001e+06", "4 0 1")
	d.expect(collector.MeterPower, "5 0 -2.5", "6 0 1100")
}

func TestThoseWhoMayNotAreAllToldTheSame(t *testing.T) {
	d := newDoor(t)
	expired := d.token(d.site, "2026-11-20")
	revoked, hash, token := metering.NewToken(d.site.ID, "", "2026-11-01", "2026-12-01")
	if err := d.store.CreateMeterToken(t.Context(), hash, token); err != nil {
		t.Fatal(err)
	}
	if a := d.post("/api/v2/write", "power w=1", "Authorization", "Token "+revoked); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if err := d.store.RevokeMeterToken(t.Context(), d.site.ID, token.Number, "2026-11-20"); err != nil {
		t.Fatal(err)
	}
	var first string
	for name, secret := range map[string]string{"unknown": "Token nonsense", "expired": "Token " + expired, "revoked": "Token " + revoked, "none": "Token ", "empty": "", "other": "Digest x", "basic": "Basic !!!"} {
		a := d.post("/api/v2/write", "power w=1", "Authorization", secret)
		if a.status != http.StatusUnauthorized || a.code != "unauthorized" || first != "" && a.text != first {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
		first = a.text
	}
	for name, test := range map[string][2]string{
		"token":          {"/api/v2/write", "Token " + d.secret},
		"user and token": {"/api/v2/write", "Token somebody:" + d.secret},
		"bearer":         {"/api/v2/write", "Bearer " + d.secret},
		"basic":          {"/write", "Basic " + basic("somebody", d.secret)},
		"query":          {"/write?u=somebody&p=" + d.secret, ""},
	} {
		if a := d.post(test[0], "power w=1", "Authorization", test[1]); a.status != http.StatusNoContent {
			t.Errorf("%s: %d %s", name, a.status, a.text)
		}
	}
	if d.handler.Counts().Strangers.Load() != 7 {
		t.Errorf("%d strangers were counted", d.handler.Counts().Strangers.Load())
	}
}

func basic(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Basic ")
}

func TestATokenWritesToItsOwnSiteOnly(t *testing.T) {
	d := newDoor(t)
	other, err := d.store.CreateSite(t.Context(), "Région", "Autre", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	d.rule(collector.MeterRule{Site: other.ID, Name: "PDL", Kind: "building", Measurement: "theirs", Field: "w", Unit: "W"})
	if a := d.post("/api/v2/write", "theirs w=1"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.message, "no rule takes") {
		t.Errorf("%d %s", a.status, a.text)
	}
	d.secret = d.token(other, "2026-12-01")
	if a := d.post("/api/v2/write", "theirs w=1\n"); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.text)
	}
	d.expect(collector.MeterPower, "1 0 1")
}

func TestWhatIsGoodOfABatchIsKeptAndTheFirstReasonSaid(t *testing.T) {
	stamp := func(after time.Duration) string { return fmt.Sprint(now().Add(after).UnixNano()) }
	for name, test := range map[string]struct {
		line   string
		status int
		want   string
	}{
		"no rule":              {"cpu,host=a usage=1", 422, "no rule takes the line of 'cpu,host=a' with field 'usage': add one with veille-collector meter add"},
		"another field":        {"power,device=a v=1", 422, "has no field 'w'"},
		"no field":             {"power,device=a", 400, "unable to parse"},
		"no value":             {"power,device=a w=", 400, "unable to parse"},
		"no tag value":         {"power,device= w=1", 400, "expected tag value"},
		"a tag twice":          {"power,device=a,device=b w=1", 422, "tag 'device' is there twice"},
		"a text":               {`power w="high"`, 422, "is no number"},
		"a truth":              {"power w=true", 422, "is no number"},
		"not a number":         {"power w=NaN", 400, "unable to parse"},
		"infinite":             {"power w=-Inf", 422, "is no number"},
		"hexadecimal":          {"power w=0x1p4", 422, "is no number"},
		"huge":                 {"power w=1e308", 422, "1e+308 W are not"},
		"larger than a float":  {"power w=1e400", 422, "can be kept"},
		"a negative counter":   {"power kwh=-1", 422, "a counter of -1000 Wh is not"},
		"the year 9999":        {"power w=1 253402300799000000000", 422, "no number of 64 bits"},
		"an hour ahead":        {"power w=1 " + stamp(time.Hour+time.Millisecond), 422, "more than an hour ahead"},
		"90 days ago":          {"power w=1 " + stamp(-90*24*time.Hour-time.Millisecond), 422, "more than 90 days ago"},
		"a time that is none":  {"power w=1 tomorrow", 400, "invalid timestamp"},
		"invalid UTF-8":        {"power,device=\xff\xfe w=1", 400, "invalid utf-8"},
		"an open quote":        {`power x="a,w=1`, 400, "a quotation mark is not closed"},
		"a control character":  {"power,device=\u0085 w=1", 422, "control character"},
		"too many tags":        {"power," + tags(201) + " w=1", 422, "200 tags at most"},
		"100,000 tags":         {"power," + tags(5000) + " w=1", 422, "200 tags at most"},
		"a long line":          {"power,x=" + strings.Repeat("y", 70_000) + " w=1", 400, "longer than 65536 bytes"},
		"a long value":         {"power,x=" + strings.Repeat("y", 9000) + " w=1", 422, "of 8192 bytes"},
		"a long name of meter": {"power,device=" + strings.Repeat("y", 300) + " w=1", 422, "more than 200 bytes"},
		"a long comment":       {"#" + strings.Repeat("y", 70_000), 400, "longer than 65536 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			text := "power,device=first w=1\n" + test.line + "\npower,device=last w=2\n"
			a := d.post("/api/v2/write", text)
			if a.status != test.status || !strings.Contains(a.message, test.want) || !strings.Contains(a.message, "partial write: ") || !strings.HasSuffix(a.message, "; dropped=1, kept=2") {
				t.Errorf("%d %s\nwant %d %q", a.status, a.text, test.status, test.want)
			}
			if len(a.text) > 1000 {
				t.Errorf("an answer of %d bytes", len(a.text))
			}
			d.expect(collector.MeterPower, "1 0 1", "2 0 2")
			if a := d.post("/write", text); a.status != http.StatusBadRequest || !strings.Contains(a.message, "partial write: ") || a.header.Get("X-Influxdb-Error") == "" {
				t.Errorf("by the other API: %d %s", a.status, a.text)
			}
		})
	}
}

func tags(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("t%d=%d", i, i)
	}
	return strings.Join(all, ",")
}

func TestEdgesOfTimeAreAccepted(t *testing.T) {
	d := newDoor(t)
	text := fmt.Sprintf("power,device=a w=1 %d\npower,device=a w=2 %d\n", now().Add(time.Hour).UnixNano(), now().Add(-90*24*time.Hour).UnixNano())
	if a := d.post("/api/v2/write", text); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.text)
	}
	d.expect(collector.MeterPower, "1 -7776000000 2", "1 3600000 1")
}

func TestTheMostExactRuleTakesAField(t *testing.T) {
	d := newDoor(t)
	exact := d.rule(collector.MeterRule{Name: "Rack", Kind: "pdu", Measurement: "power", Tags: collector.Tags{{Name: "device", Value: "a"}}, Field: "w", Unit: "kW"})
	if a := d.post("/api/v2/write", "power,device=a w=1\npower,device=b w=1\n"); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.text)
	}
	d.expect(collector.MeterPower, "1 0 1000", "2 0 1")
	if err := d.store.RemoveMeterRule(t.Context(), d.site.ID, exact.ID, "2026-11-20"); err != nil {
		t.Fatal(err)
	}
	if a := d.post("/api/v2/write", "power,device=a w=5\n"); a.status != http.StatusNoContent { // at once
		t.Fatalf("%d %s", a.status, a.text)
	}
	d.expect(collector.MeterPower, "1 0 1000", "2 0 1", "3 0 5")
}

// pack is a text by gzip.
func pack(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

func TestGzipIsReadAndBombsAreRefused(t *testing.T) {
	d := newDoor(t)
	if a := d.post("/api/v2/write", pack("power w=1"), "Content-Encoding", "gzip"); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.text)
	}
	for name, test := range map[string]struct {
		text, encoding string
		status         int
	}{
		"a bomb":          {pack(strings.Repeat("power w=1\n", 4<<20)), "gzip", 413},
		"a large body":    {strings.Repeat("power w=1\n", 2<<20), "identity", 413},
		"no gzip":         {"power w=1", "gzip", 400},
		"half of it":      {pack(strings.Repeat("power w=1\n", 1000))[:40], "gzip", 400},
		"another coding":  {"power w=1", "br", 400},
		"one line, 15 MB": {"power,x=" + strings.Repeat("y", 15<<20) + " w=1", "identity", 400},
	} {
		if a := d.post("/api/v2/write", test.text, "Content-Encoding", test.encoding); a.status != test.status || a.code == "" || a.message == "" {
			t.Errorf("%s: %d %.200s, want %d", name, a.status, a.text, test.status)
		}
	}
	d.expect(collector.MeterPower, "1 0 1")
}

func TestASenderIsToldToComeAgain(t *testing.T) {
	var doubt atomic.Bool
	d := newDoor(t, func(p *metering.Parts) {
		p.Memory = 4 << 20
		p.Now = func() (time.Time, error) {
			if doubt.Load() {
				return time.Time{}, errors.New("set it right")
			}
			return now(), nil
		}
	})
	doubt.Store(true)
	if a := d.post("/api/v2/write", "power w=1"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || !strings.Contains(a.message, "clock") {
		t.Errorf("clock in doubt: %d %s", a.status, a.text)
	}
	doubt.Store(false)
	large := strings.Repeat("power w=1\n", 500_000)
	if a := d.post("/api/v2/write", large); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("no memory: %d %s", a.status, a.text)
	}
	if a := d.post("/api/v2/write", "power w=1"); a.status != http.StatusNoContent {
		t.Errorf("the memory did not come back: %d %s", a.status, a.text)
	}
	if err := d.store.Close(); err != nil {
		t.Fatal(err)
	}
	if a := d.post("/api/v2/write", "power w=1"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("ledger closed: %d %s", a.status, a.text)
	}
}

func TestClientsOfInfluxDBWorkUnchanged(t *testing.T) {
	d := newDoor(t)
	for name, token := range map[string]string{"2": d.secret, "1.8": "user:" + d.secret} {
		for _, gzipped := range []bool{false, true} {
			c := influxdb2.NewClientWithOptions(d.server.URL, token, influxdb2.DefaultOptions().SetUseGZip(gzipped).SetPrecision(time.Millisecond))
			if ok, err := c.Ping(t.Context()); err != nil || !ok {
				t.Errorf("%s: ping %v, %v", name, ok, err)
			}
			if health, err := c.Health(t.Context()); err != nil || health.Status != "pass" {
				t.Errorf("%s: health %+v, %v", name, health, err)
			}
			w := c.WriteAPIBlocking("org", "bucket")
			err := w.WritePoint(t.Context(), influxdb2.NewPoint("power", map[string]string{"device": "a b,c=d"}, map[string]any{"w": 1.5, "kwh": 3}, now()))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			err = w.WriteRecord(t.Context(), "power w=1\ncpu usage=3")
			e, ok := errors.AsType[*influxhttp.Error](err)
			if !ok || e.StatusCode != http.StatusUnprocessableEntity || e.Code != "unprocessable entity" || !strings.Contains(e.Message, "partial write: no rule takes") {
				t.Errorf("%s: %v", name, err)
			}
			failed := c.WriteAPI("org", "bucket")
			errs := failed.Errors()
			failed.WritePoint(influxdb2.NewPoint("power", map[string]string{"device": "async"}, map[string]any{"w": 2}, now()))
			failed.Flush()
			c.Close()
			for err := range errs {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	d.expect(collector.MeterPower, "2 0 1.5", "3 0 1", "4 0 2")
	d.expect(collector.MeterEnergy, "1 0 3000")
}

func TestAnUnknownPathIsNotFoundAndNothingIsReadByIt(t *testing.T) {
	d := newDoor(t)
	for _, path := range []string{"/query?q=SELECT+1", "/api/v2/query", "/"} {
		response, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		d.handler.ServeHTTP(w, response)
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// What comes is folded and accounted for without anybody asking for it. Only what is folded can be forgotten, which is asked for by whoever delivers
// posts elsewhere.
func TestWhatComesIsFoldedInTheBackground(t *testing.T) {
	d := newDoor(t)
	if a := d.post("/api/v2/write", fmt.Sprintf("power kwh=1 %d\npower kwh=2 %d", now().Add(-time.Hour).UnixNano(), now().UnixNano())); a.status != http.StatusNoContent {
		t.Fatalf("%d %s", a.status, a.text)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.handler.Run(ctx)
	}()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		if err := d.store.ForgetMeterPosts(ctx, math.MaxInt64); err != nil {
			t.Fatal(err)
		}
		posts, err := d.store.MeterPosts(ctx, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		days, err := d.store.MeterDays(ctx, d.site.ID, "2026-11-20", "2026-11-20")
		if err != nil {
			t.Fatal(err)
		}
		if len(posts) == 0 && len(days) == 1 && days[0].Wh == 1000 {
			break
		}
	}
	cancel()
	<-done
	d.expect(collector.MeterEnergy, "1 -3600000 1000", "1 0 2000")
}

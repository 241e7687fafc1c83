package victoria_test

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/victoria"
)

func told(t *testing.T, err error, trouble collector.Trouble, words ...string) {
	t.Helper()
	e, ok := errors.AsType[*collector.DeliveryError](err)
	if !ok {
		t.Fatalf("%v is no DeliveryError", err)
	}
	if e.Trouble != trouble {
		t.Errorf("trouble %v, want %v: %v", e.Trouble, trouble, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("%q tells the secret", err)
	}
	t.Log(err)
}

const secret = "s3cr3t"

// fake is a node that answers as it is told, and well to what Open asks.
type fake struct {
	metrics string
	time    time.Duration // how far its clock is ahead of ours
	write   func(w http.ResponseWriter, r *http.Request)
	export  func(w http.ResponseWriter, r *http.Request)
	delete  func(w http.ResponseWriter)
}

const goodFlags = `flag{name="dedup.minScrapeInterval", value="1ms", is_set="true"} 1
flag{name="retentionPeriod", value="7y", is_set="true"} 1
vm_app_start_timestamp 1795411315
process_start_time_seconds 1795411314
`

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/health", "/internal/force_flush":
		_, _ = io.WriteString(w, "OK")
	case "/api/v1/query":
		now := time.Now().Add(f.time).Unix()
		_, _ = fmt.Fprintf(w, `{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[%d,"%d"]}]}}`, now, now)
	case "/metrics":
		w.Header().Set("Date", time.Now().Add(f.time).UTC().Format(http.TimeFormat))
		_, _ = io.WriteString(w, f.metrics)
	case "/api/v2/write":
		f.write(w, r)
	case "/api/v1/admin/tsdb/delete_series":
		f.delete(w)
	case "/api/v1/export":
		f.export(w, r)
	default:
		http.Error(w, `unsupported path requested: "`+r.URL.Path+`"`, http.StatusBadRequest)
	}
}

// serve starts a fake, and answers how to open it.
func (f *fake) serve(t *testing.T) victoria.Options {
	t.Helper()
	if f.metrics == "" {
		f.metrics = goodFlags
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return victoria.Options{Write: server.URL, Token: "user:" + secret}
}

func openFake(t *testing.T, f *fake) *victoria.Store {
	t.Helper()
	s, err := victoria.Open(t.Context(), f.serve(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestEachAnswerToAWriteIsTheTroubleThatItIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status  int
		body    string
		trouble collector.Trouble
		words   string
	}{
		{429, "slow down", collector.TryLater, "slow down"},
		{500, "", collector.TryLater, "500, without a word"},
		{502, "<html>\n\n<b>Bad gateway</b>", collector.TryLater, "Bad gateway"},
		{503, "cannot store metrics: the storage is in read-only mode; check -storage.minFreeDiskSpaceBytes", collector.TryLater, "make room"},
		{400, "cannot parse line", collector.Unusable, "(400, cannot parse line), which are set aside: see which by veille-collector outbox refused"},
		{200, "<html>Welcome", collector.NeedsHelp, "200, <html>Welcome, where it says 204"},
		{413, "<html>too large", collector.Unusable, "client_max_body_size 2m"},
		{422, "", collector.Unusable, "send them by veille-collector outbox again"},
		{400, `unsupported path requested: "/x"`, collector.NeedsHelp, "correct the address"},
		{401, "", collector.NeedsHelp, "--series-token-file"},
		{403, "", collector.NeedsHelp, "--series-token-file"},
		{404, "", collector.NeedsHelp, "correct the address"},
		{301, "", collector.NeedsHelp, "correct the address"},
		{418, strings.Repeat("é", 5000), collector.NeedsHelp, "…"},
	} {
		t.Run(fmt.Sprint(c.status, c.body[:min(20, len(c.body))]), func(t *testing.T) {
			s := openFake(t, &fake{write: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "7")
				w.Header().Set("Location", "http://127.0.0.1:1/")
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}})
			err := s.Append(t.Context(), []collector.Point{energy(today(), 1, 1, 1)})
			told(t, err, c.trouble, c.words, "http://127.0.0.1:")
			if strings.HasSuffix(err.Error(), "; after that: veille-collector outbox retry") != (c.trouble == collector.NeedsHelp) {
				t.Errorf("%q: outbox retry is for a destination that is stopped", err)
			}
			if e, ok := errors.AsType[*collector.DeliveryError](err); ok && e.After != 7*time.Second {
				t.Errorf("after %v, want 7s", e.After)
			}
			if len(err.Error()) > 900 {
				t.Errorf("%d bytes of words", len(err.Error()))
			}
		})
	}
}

func TestWhatANodeWouldDropWithoutAWordIsRefusedAndNothingIsSent(t *testing.T) {
	t.Parallel()
	sent := 0
	s := openFake(t, &fake{
		metrics: strings.Replace(goodFlags, "7y", "100d", 1) + `flag{name="maxLabelValueLen", value="50", is_set="true"} 1` + "\n",
		write: func(w http.ResponseWriter, _ *http.Request) {
			sent++
			w.WriteHeader(http.StatusNoContent)
		},
	})
	if advice := strings.Join(s.Advice(), "\n"); !strings.Contains(advice, "100 days") || !strings.Contains(advice, "-retentionPeriod=7y") {
		t.Errorf("advice: %s", advice)
	}
	good := energy(today(), 1, 1, 1)
	change := func(f func(p *collector.Point)) collector.Point {
		p := energy(today(), 1, 1, 1)
		f(&p)
		return p
	}
	tag := func(name, value string) collector.Point {
		return change(func(p *collector.Point) { p.Tags = collector.NewTags(collector.Tag{Name: name, Value: value}) })
	}
	many := change(func(p *collector.Point) {
		p.Tags = nil
		for i := range 40 {
			p.Tags = append(p.Tags, collector.Tag{Name: fmt.Sprintf("t%02d", i), Value: "x"})
		}
	})
	wide := change(func(p *collector.Point) {
		for i := range 2000 {
			p.Fields[fmt.Sprint(strings.Repeat("x", 30), i)] = 1
		}
	})
	for words, p := range map[string]collector.Point{
		"ahead of its clock":   energy(today().AddDate(0, 0, 7), 1, 1, 1),
		"from 1970":            energy(time.Date(1969, 12, 31, 23, 0, 0, 0, time.UTC), 1, 1, 1),
		"to 2261":              energy(time.Date(2300, 12, 31, 23, 0, 0, 0, time.UTC), 1, 1, 1),
		"multiples of 5s":      energy(today().Add(time.Second), 1, 1, 1),
		"51 bytes":             tag("url", strings.Repeat("x", 51)),
		"UTF-8":                tag("url", "\xff"),
		`"db"`:                 tag("db", "x"),
		`"kept"`:               tag("kept", "x"),
		`"__name__"`:           tag("__name__", "x"),
		`"a b"`:                tag("a b", "x"),
		"40 labels":            many,
		"65536":                wide,
		"name of a field":      change(func(p *collector.Point) { p.Fields = collector.Fields{"x_hi": 1} }),
		`"x=1,y"`:              change(func(p *collector.Point) { p.Fields = collector.Fields{"x=1,y": 1} }),
		"name of a measure":    change(func(p *collector.Point) { p.Measurement = "a,b" }),
		"have none":            change(func(p *collector.Point) { p.Measurement = collector.MeterPower }),
		"not between 0":        change(func(p *collector.Point) { p.Version = 3601 }),
		"multiples of 24h0m0s": change(func(p *collector.Point) { p.Measurement, p.Time = collector.DayEnergy, today().Add(time.Hour) }),
		"multiples of 1ms":     {Measurement: collector.MeterPower, Time: today().Add(time.Microsecond), Fields: collector.Fields{"w": 1}},
	} {
		t.Run(words, func(t *testing.T) {
			told(t, s.Append(t.Context(), []collector.Point{good, p, good}), collector.Unusable, words)
		})
	}
	if sent > 0 {
		t.Errorf("%d requests were sent", sent)
	}
	put(t, s, good)
	if sent != 1 {
		t.Errorf("%d requests were sent for a good point", sent)
	}
}

func TestAnAnswerThatWasCutOffOrIsOfAnotherProgramIsNoAnswer(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"cut off in a line": `{"metric":{"__name__":"hour_energy_wh","db":"veille"},"values":[1],"timest`,
		"an error after":    `{"metric":{"__name__":"hour_energy_wh","db":"veille"},"values":[1],"timestamps":[1795411315000]}` + "\ncannot read\n",
		"another program":   "<html>\n",
		"another database":  `{"metric":{"__name__":"hour_energy_wh","db":"x"},"values":[1],"timestamps":[1795411315000]}` + "\n",
		"another series":    `{"metric":{"__name__":"up","db":"veille"},"values":[1],"timestamps":[1795411315000]}` + "\n",
		"more values":       `{"metric":{"__name__":"hour_energy_wh","db":"veille"},"values":[1,2],"timestamps":[1795411315000]}` + "\n",
		"more timestamps":   `{"metric":{"__name__":"hour_energy_wh","db":"veille"},"values":[1],"timestamps":[1795411315000,1795411315001]}` + "\n",
		"no number":         `{"metric":{"__name__":"hour_energy_wh","db":"veille"},"values":[x],"timestamps":[1795411315000]}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := openFake(t, &fake{export: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }})
			_, err := s.Range(t.Context(), hourly(today(), 1))
			told(t, err, collector.TryLater, "cut off")
			_, err = s.Tally(t.Context(), hourly(today(), 1))
			told(t, err, collector.TryLater, "cut off")
		})
	}
}

func TestOpenSaysWithWhichFlagsANodeHasToBeStarted(t *testing.T) {
	t.Parallel()
	for words, flags := range map[string][]string{
		"start it with -dedup.minScrapeInterval=1ms":    {"-retentionPeriod=7y"},
		"keeps one sample of each 30s":                  {"-retentionPeriod=7y", "-dedup.minScrapeInterval=30s"},
		"start it without -precisionBits":               {"-retentionPeriod=7y", "-dedup.minScrapeInterval=1ms", "-precisionBits=32"},
		"start it without -influxSkipSingleField":       {"-retentionPeriod=7y", "-dedup.minScrapeInterval=1ms", "-influxSkipSingleField"},
		"start it without -influxSkipMeasurement":       {"-retentionPeriod=7y", "-dedup.minScrapeInterval=1ms", "-influxSkipMeasurement"},
		"start it without -influxMeasurementFieldSepar": {"-retentionPeriod=7y", "-dedup.minScrapeInterval=1ms", "-influxMeasurementFieldSeparator=:"},
		"start it without -influxTrimTimestamp":         {"-retentionPeriod=7y", "-dedup.minScrapeInterval=1ms", "-influxTrimTimestamp=1s"},
		"--series-token-file":                           {"-retentionPeriod=7y", "-dedup.minScrapeInterval=1ms", "-httpAuth.username=user", "-httpAuth.password=" + secret},
	} {
		t.Run(words, func(t *testing.T) {
			node := engines.StartVictoria(t, flags...)
			_, err := victoria.Open(t.Context(), victoria.Options{Write: node.URL()})
			told(t, err, collector.NeedsHelp, words, node.URL())
		})
	}
	t.Run("advice", func(t *testing.T) {
		relabel := filepath.Join(t.TempDir(), "relabel.yml")
		if err := os.WriteFile(relabel, []byte("- action: drop\n  source_labels: [__name__]\n  regex: none\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		node := engines.StartVictoria(t, "-dedup.minScrapeInterval=1ms", "-storage.maxHourlySeries=5", "-relabelConfig="+relabel, "-inmemoryDataFlushInterval=3m")
		s, err := victoria.Open(t.Context(), victoria.Options{Write: node.URL()})
		if err != nil {
			t.Fatal(err)
		}
		advice := strings.Join(s.Advice(), "\n")
		for _, words := range []string{"31 days", "-retentionPeriod=7y", "2192 days", "-storage.maxHourlySeries=5", "-relabelConfig", "in memory for 3 minutes"} {
			if !strings.Contains(advice, words) {
				t.Errorf("%q does not say %q", advice, words)
			}
		}
	})
	t.Run("nobody there", func(t *testing.T) {
		_, err := victoria.Open(t.Context(), victoria.Options{Write: "http://127.0.0.1:1"})
		told(t, err, collector.TryLater, "cannot be reached")
	})
	t.Run("another program", func(t *testing.T) {
		server := httptest.NewServer(http.NotFoundHandler())
		defer server.Close()
		_, err := victoria.Open(t.Context(), victoria.Options{Write: server.URL})
		told(t, err, collector.NeedsHelp, "correct the address")
	})
}

func TestAUserAndAPasswordOpenAProtectedNode(t *testing.T) {
	t.Parallel()
	node := engines.StartVictoria(t, append(flags(), "-httpAuth.username=user", "-httpAuth.password="+secret)...)
	s, err := victoria.Open(t.Context(), victoria.Options{Write: node.URL(), Token: "user:" + secret})
	if err != nil {
		t.Fatal(err)
	}
	p := energy(today(), 1, 1, 1)
	put(t, s, p)
	want(t, s, ever(nil), p)
	if err := s.Delete(t.Context(), ever(nil)); err != nil {
		t.Error(err)
	}
	_, err = victoria.Open(t.Context(), victoria.Options{Write: node.URL(), Token: "user:wrong"})
	told(t, err, collector.NeedsHelp, "--series-token-file")
}

// Where a key protects what is internal, time does what is forbidden.
func TestANodeWhoseInternalPagesAreProtectedIsWaitedFor(t *testing.T) {
	t.Parallel()
	keys := []string{"-flagsAuthKey=x", "-forceFlushAuthKey=x", "-deleteAuthKey=x"}
	s, err := victoria.Open(t.Context(), victoria.Options{Write: engines.StartVictoria(t, append(flags(), keys...)...).URL(), After: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	p := energy(today(), 1, 1, 1)
	put(t, s, p)
	want(t, s, ever(nil), p)
	told(t, s.Delete(t.Context(), ever(nil)), collector.NeedsHelp, "-deleteAuthKey")
	_, err = victoria.Open(t.Context(), victoria.Options{Write: engines.StartVictoria(t, append(flags(), "-metricsAuthKey=x")...).URL()})
	told(t, err, collector.NeedsHelp, "start it without -metricsAuthKey")
}

func TestWhatAnswersWithSuccessAndIsNoNodeHasDeletedNothing(t *testing.T) {
	t.Parallel()
	s := openFake(t, &fake{delete: func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>Welcome") }})
	told(t, s.Delete(t.Context(), ever(nil)), collector.NeedsHelp, "where it says 204", "outbox retry")
}

func TestAnAnswerWithoutEndIsReadNoFurtherThanItIsTold(t *testing.T) {
	t.Parallel()
	s := openFake(t, &fake{write: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<16)); err != nil {
				return // it was hung up on
			}
		}
	}})
	err := s.Append(t.Context(), []collector.Point{energy(today(), 1, 1, 1)})
	told(t, err, collector.TryLater, "503")
	if e, ok := errors.AsType[*collector.DeliveryError](err); ok && (e.After < 59*time.Minute || e.After > time.Hour) {
		t.Errorf("it is waited for %s, and it said an hour", e.After)
	}
}

func TestACertificateThatIsNotTrustedIsForAPersonToSeeTo(t *testing.T) {
	t.Parallel()
	f := &fake{metrics: goodFlags, write: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }}
	server := httptest.NewTLSServer(f)
	defer server.Close()
	_, err := victoria.Open(t.Context(), victoria.Options{Write: server.URL})
	told(t, err, collector.NeedsHelp, "no secure connection", "--series-ca-file", "outbox retry")
	_, err = victoria.Open(t.Context(), victoria.Options{Write: strings.Replace(server.URL, "https", "http", 1)})
	told(t, err, collector.NeedsHelp, "look at the address in --series")

	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := victoria.Open(t.Context(), victoria.Options{Write: server.URL, CAFile: file})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, energy(today(), 1, 1, 1))
}

package wire_test

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"veille/collector"
	"veille/collector/store/wire"
)

func TestWhatAServerSaysOfWaitingIsBelievedForADay(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "17": 17 * time.Second, " 3 ": 3 * time.Second, "-5": 0, "999999999": 24 * time.Hour, "99999999999999999999": 0, "soon": 0,
		"Mon, 23 Nov 2026 12:01:00 GMT": time.Minute, "Wed, 01 Jan 2020 00:00:00 GMT": 0,
	} {
		if got := wire.RetryAfter(header, now); got != want {
			t.Errorf("%q is %s, want %s", header, got, want)
		}
	}
}

func TestASecretThatWouldBeReadOnItsWayIsTold(t *testing.T) {
	t.Parallel()
	for address, told := range map[string]bool{
		"http://influx.example.org:8086/veille": true, "http://10.0.0.3:8086/veille": true, "http://localhost.example.org/veille": true, "http://[2001:db8::1]:8086/x": true,
		"https://influx.example.org:8086/veille": false, "http://127.0.0.1:8086/veille": false, "http://127.9.9.9/x": false, "http://[::1]:8086/x": false,
		"http://[::ffff:127.0.0.1]/x": false, "http://LOCALHOST:8086/x": false, "http://localhost./x": false, "http://%zz": false, "": false,
	} {
		got := wire.InTheClear(address, "admin:secret")
		if (got != "") != told || strings.Contains(got, "admin") || told && !strings.Contains(got, "https://") {
			t.Errorf("%s: %q", address, got)
		}
		if got := wire.InTheClear(address, ""); got != "" {
			t.Errorf("%s without a secret: %q", address, got)
		}
	}
}

func TestARedirectionIsNotFollowed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("/elsewhere", http.StatusFound))
	defer server.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := wire.Client(nil, 0).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusFound {
		t.Errorf("%s %v", res.Status, err)
	}
}

func TestALineHasItsFieldsInOrderAndAllDigits(t *testing.T) {
	t.Parallel()
	p := collector.Point{
		Measurement: collector.HourEnergy, Time: time.Unix(0, 1700000000000000001), Tags: collector.Tags{{Name: "a b", Value: "c,d=e"}, {Name: "x", Value: `\é`}},
		Fields: collector.Fields{"wh": 4294967295, "a": 0.1, "tiny": 5e-324, "huge": math.MaxFloat64, "none": 0},
	}
	var l wire.Line
	for range 2 {
		l.Reset()
		l.Point(p, nil)
		const want = `hour_energy,a\ b=c\,d\=e,x=\é a=0.1,huge=1.7976931348623157e+308,none=0,tiny=5e-324,wh=4294967295 1700000000000000001`
		if string(l.Text) != want {
			t.Errorf("%s\nwant\n%s", l.Text, want)
		}
	}
	l.Reset()
	l.Point(p, strings.ToUpper)
	if !strings.HasPrefix(string(l.Text), `hour_energy,A\ B=C\,D\=E,X=\É A=0.1,HUGE=`) {
		t.Errorf("%s", l.Text)
	}
}

func FuzzALineIsReadAsItWasWritten(f *testing.F) {
	for _, text := range []string{"a", "a b", "a,b=c", "=", "é🌱", `"`} {
		f.Add(text, 1.5, int64(1))
	}
	f.Fuzz(func(t *testing.T, text string, x float64, at int64) {
		if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' || r == '\uFFFD' }) || math.IsNaN(x) || math.IsInf(x, 0) {
			t.Skip("the caller sees to these")
		}
		var l wire.Line
		l.Begin("m")
		l.Tag(text, text)
		l.Field(text, x)
		l.End(at)
		in := lineprotocol.NewDecoderWithBytes(l.Text)
		if !in.Next() {
			t.Fatalf("%q is no line", l.Text)
		}
		_, err := in.Measurement()
		name, value, err2 := in.NextTag()
		if err != nil || err2 != nil || string(name) != text || string(value) != text {
			t.Fatalf("%q has the tag %q=%q: %v %v", l.Text, name, value, err, err2)
		}
		_, _, _ = in.NextTag()
		field, number, err := in.NextField()
		if err != nil || string(field) != text || number.FloatV() != x {
			t.Errorf("%q has the field %q=%v: %v", l.Text, field, number, err)
		}
		_, _, _ = in.NextField()
		if moment, err := in.Time(lineprotocol.Nanosecond, time.Time{}); err != nil || moment.UnixNano() != at {
			t.Errorf("%q is at %s: %v", l.Text, moment, err)
		}
	})
}

// In the bubble time goes on by itself, and a pipe is the network.
func TestAnAnswerThatNeverEndsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		client := wire.Client(nil, time.Minute)
		client.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) { return here, nil }
		go func() {
			_, _ = there.Read(make([]byte, 4096))
			_, _ = io.WriteString(there, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")
		}()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://there/", nil)
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(res.Body)
		if took := time.Since(begun); err == nil || took > time.Hour {
			t.Errorf("%v after %s", err, took)
		}
		_, _ = res.Body.Close(), there.Close()
		client.CloseIdleConnections()
	})
}

func TestATimeIsToldInTheUnitThatTellsItBest(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 seconds", 119 * time.Second: "119 seconds", 2 * time.Minute: "2 minutes", 2*time.Hour - time.Second: "120 minutes", 3*time.Hour - time.Second: "3 hours",
		48 * time.Hour: "2 days", 2192 * 24 * time.Hour: "2192 days",
	} {
		if got := wire.HowLong(d); got != want {
			t.Errorf("%s is %q, want %q", d, got, want)
		}
	}
}

func TestAWaitEndsWithItsContextHoweverShortItIs(t *testing.T) {
	t.Parallel()
	ended, end := context.WithCancel(t.Context())
	end()
	for _, d := range []time.Duration{-1, 0, time.Nanosecond, time.Hour} {
		if err := wire.Wait(ended, d); d != time.Nanosecond && err == nil {
			t.Errorf("%s: no error", d)
		}
		if err := wire.Wait(t.Context(), min(d, time.Millisecond)); err != nil {
			t.Errorf("%s: %v", d, err)
		}
	}
}

package influx_test

import (
	"context"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/influx"
)

func TestAnAddressThatCannotBeUsedIsRefusedWithAnExample(t *testing.T) {
	t.Parallel()
	for address, word := range map[string]string{
		"":                                     "http://",
		"influx+http://host:8086/veille":       "http://",
		"http://host:8086":                     "names no database",
		"http://host:8086/":                    "names no database",
		"http://:8086/veille":                  "names no host",
		"http:///veille":                       "names no host",
		"http://user:pass@host/veille":         "file of the token",
		"http://host/veille?token=x":           "only org",
		"http://host/veille?org=a&org=b":       "only org",
		"http://host/veille#x":                 "#",
		"http://host/_veille":                  "begins with _",
		"http://host/a%22b":                    "quote",
		"http://host/a%0ab":                    "cannot be printed",
		"http://host/%ff":                      "cannot be printed",
		"http://host/..":                       "made of dots",
		"http://host/%zz":                      "no address",
		"http://host:port/veille":              "no address",
		"http://h/" + strings.Repeat("x", 101): "longer than 100 bytes",
	} {
		_, err := influx.Open(t.Context(), influx.Options{URL: address, Token: "secret"})
		if err == nil || !strings.Contains(err.Error(), word) || !strings.Contains(err.Error(), "http://host:8086/NAME") || strings.Contains(err.Error(), "pass") && word != "file of the token" {
			t.Errorf("%q: %v, want %q", address, err, word)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%v tells the token", err)
		}
	}
}

func TestATokenOrAnAuthorityThatCannotBeUsedIsRefused(t *testing.T) {
	t.Parallel()
	junk := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for word, o := range map[string]influx.Options{
		"line break":     {Token: "a\nb"},
		"no certificate": {CAFile: junk},
		"no such file":   {CAFile: junk + ".not"},
	} {
		o.URL = "http://127.0.0.1:9/veille"
		if _, err := influx.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v, want %q", err, word)
		}
	}
}

// answering answers everything as InfluxDB 1.8 does that has what is needed, and writes as f does.
func answering(f http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Influxdb-Version", "1.8.10")
		switch r.URL.Path {
		case "/base/ping":
			w.WriteHeader(http.StatusNoContent)
		case "/base/query":
			_, _ = w.Write([]byte(`{"results":[{"statement_id":0,"series":[{"columns":["name","duration"],"values":[["hours","2160h0m0s"],["years","0s"]]}]}]}`))
		default:
			f(w, r)
		}
	})
}

func TestACertificateIsTrustedByTheFileOfItsAuthorityOnly(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(answering(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/base/api/v2/write" || r.Header.Get("Authorization") != "Token a:b" || r.Header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(r.FormValue("bucket"), "veille/") {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	now := []collector.Point{power(1, time.Now())}
	for _, o := range []influx.Options{{CAFile: file}, {}} {
		o.URL, o.Token = server.URL+"/base/veille", "a:b"
		s, err := influx.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Append(t.Context(), now)
		if o.CAFile != "" && err != nil {
			t.Error(err)
		}
		if o.CAFile == "" {
			wantTrouble(t, err, collector.NeedsHelp, "secure connection", "authority")
		}
	}
	s, err := influx.Open(t.Context(), influx.Options{URL: strings.Replace(server.URL, "https", "http", 1) + "/base/veille"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Append(t.Context(), now); err == nil {
		t.Error("a server of https took points by http")
	}
}

func TestWhatIsInterruptedIsTriedLater(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(answering(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	s, err := influx.Open(ctx, influx.Options{URL: server.URL + "/base/veille"})
	if err != nil {
		t.Fatal(err)
	}
	wantTrouble(t, s.Append(ctx, []collector.Point{power(1, time.Now())}), collector.TryLater, "interrupted")
}

func TestWhatIsNoInfluxDBIsToldSo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		word    string
	}{
		"a page": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "does not say that it is InfluxDB"},
		"InfluxDB 3": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Influxdb-Version", "3.2.1")
		}, "cannot delete points"},
		"VictoriaMetrics": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Influxdb-Version", "1.8.0")
			if r.URL.Path == "/query" {
				_, _ = w.Write([]byte(`{"results":[{"series":[{"columns":["name","duration"],"values":[]}]}]}`))
			}
		}, "the address begins with victoria+"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://there/", http.StatusMovedPermanently)
		}, "https://there/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.handler)
			defer server.Close()
			s, err := influx.Open(t.Context(), influx.Options{URL: server.URL + "/veille", Token: "a:b"})
			if err != nil {
				t.Fatal(err)
			}
			wantTrouble(t, s.Append(t.Context(), []collector.Point{power(1, time.Now())}), collector.NeedsHelp, tt.word)
			wantTrouble(t, probe(t, s), collector.NeedsHelp, tt.word)
		})
	}
}

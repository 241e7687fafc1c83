package influx_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/influx"
)

// Answers to a write as InfluxDB 1.8.10 gave them, and what is made of each: what was tried, on what, why not, and what to do.
func TestEachAnswerOfInfluxDB18BecomesASentenceWithWhatToDo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		said   string
		kind   collector.Trouble
		words  []string
	}{
		"wrong password":        {401, "authorization failed", collector.NeedsHelp, []string{"--series-token-file", "user:password", "outbox retry"}},
		"no password":           {401, "unable to parse authentication credentials", collector.NeedsHelp, []string{"--series-token-file", "outbox retry"}},
		"no right":              {403, `\"nobody\" user is not authorized to write to database \"veille\"`, collector.NeedsHelp, []string{`GRANT ALL ON "veille" TO "nobody"`, "outbox retry"}},
		"no administrator":      {403, "error authorizing query: create admin user first or disable authentication", collector.NeedsHelp, []string{"CREATE USER admin WITH PASSWORD '…' WITH ALL PRIVILEGES", `CREATE USER "nobody" WITH PASSWORD`, `GRANT ALL ON "veille" TO "nobody"`, "outbox retry"}},
		"no database":           {404, `database not found: \"veille\"`, collector.NeedsHelp, []string{"--series", `CREATE DATABASE "veille"`, "outbox retry"}},
		"no policy":             {500, "retention policy not found: years", collector.NeedsHelp, []string{`CREATE RETENTION POLICY "years" ON "veille" DURATION 2192d`, "outbox retry"}},
		"another type":          {400, `partial write: field type conflict: input field \"w\" on measurement \"meter_power\" is type float, already exists as type integer dropped=1`, collector.Unusable, []string{"another type", "outbox refused", "database of its own", "outbox again"}},
		"too old for it alone":  {400, "partial write: points beyond retention policy dropped=1", collector.NeedsHelp, []string{"too old", "date -u", "outbox retry"}},
		"another partial write": {400, "partial write: something new dropped=1", collector.Unusable, []string{"outbox refused", "outbox again"}},
		"not understood":        {400, "unable to parse 'm wh': invalid field format", collector.Unusable, []string{"unable to parse", "outbox refused"}},
		"too many series":       {400, "partial write: max-series-per-database limit exceeded: (10) dropped=1", collector.NeedsHelp, []string{"max-series-per-database = 0", "outbox retry"}},
		"too much":              {413, "Request Entity Too Large", collector.Unusable, []string{"max-body-size", "proxy"}},
		"full disk":             {500, "engine: error writing WAL entry: write /var/lib/influxdb/wal/veille/years/3/_00001.wal: no space left on device", collector.TryLater, []string{"make room", "start InfluxDB again", "sent again"}},
		"timeout":               {500, "timeout", collector.TryLater, []string{"look at its log", "tried again"}},
		"too busy":              {503, "", collector.TryLater, []string{"too busy", "tried again"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(answering(func(w http.ResponseWriter, r *http.Request) {
				if r.ContentLength < 40 { // the empty request by which it is looked whether all is ready
					w.WriteHeader(http.StatusNoContent)
					return
				}
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(`{"error":"` + tt.said + `"}`))
			}))
			defer server.Close()
			s, err := influx.Open(t.Context(), influx.Options{URL: server.URL + "/base/veille", Token: "nobody:s3cr3t"})
			if err != nil {
				t.Fatal(err)
			}
			err = s.Append(t.Context(), []collector.Point{power(1, time.Now())})
			wantTrouble(t, err, tt.kind, append(tt.words, "write a point into policy veille/hours of InfluxDB at "+server.URL+"/base/veille: ")...)
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%v tells the secret", err)
			}
			if e, ok := errors.AsType[*collector.DeliveryError](err); ok && strings.Count(e.Reason, "outbox retry") > 1 {
				t.Errorf("%v says twice what to do", err)
			}
		})
	}
}

func TestASecretThatGoesUnencryptedToAnotherComputerIsAdvisedAgainst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		url, token string
		told       bool
	}{{"http://192.0.2.1:8086/veille", "a:b", true}, {"http://192.0.2.1:8086/veille", "", false}, {"http://127.0.0.1:9/veille", "a:b", false}} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // nobody is to be reached
		s, err := influx.Open(ctx, influx.Options{URL: tt.url, Token: tt.token})
		if err != nil {
			t.Fatal(err)
		}
		if advice := strings.Join(s.Advice(), "\n"); strings.Contains(advice, "https://") != tt.told {
			t.Errorf("%s: %q", tt.url, advice)
		}
	}
}

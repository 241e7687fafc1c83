package influx_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/influx"
	"veille/collector/store/storetest"
)

func opened2(t testing.TB, server *engines.Influx2, name, token string) *influx.Store {
	t.Helper()
	s, err := influx.Open(t.Context(), influx.Options{URL: server.URL + "/" + name + "?org=" + server.Org, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// By contract: no server of 2.x can be built here.
func TestByContractOfInfluxDB2(t *testing.T) {
	server := engines.Influxd(t)
	for _, x := range []struct {
		name string
		test func(*testing.T, *engines.Influx)
	}{
		{"InfluxDB 2 is a destination like any other", influxDB2IsADestinationLikeAnyOther},
		{"the answers of InfluxDB 2 are understood", theAnswersOfInfluxDB2AreUnderstood},
		{"buckets of InfluxDB 2 are made or asked for", bucketsOfInfluxDB2AreMadeOrAskedFor},
		{"odd answers are errors and no panic", oddAnswersAreErrorsAndNoPanic},
	} {
		t.Run(x.name, func(t *testing.T) { x.test(t, server) })
	}
}

func influxDB2IsADestinationLikeAnyOther(t *testing.T, server *engines.Influx) {
	for _, language := range []string{"InfluxQL", "Flux"} {
		t.Run(language, func(t *testing.T) {
			fake := engines.Influx2d(t, server)
			if language == "Flux" {
				fake.Unmap()
			}
			var n atomic.Int64
			storetest.RunDestination(t, func(t *testing.T) collector.Destination {
				return opened2(t, fake, fmt.Sprintf("%s%d", strings.ToLower(language), n.Add(1)), fake.Token)
			}, storetest.Options{})
			if asked := fake.Asked(); slices.Contains(asked, "POST /api/v2/query") != (language == "Flux") {
				t.Errorf("it was not asked in %s", language)
			}
		})
	}
}

// wantTrouble wants a DeliveryError of a kind whose words hold all of some.
func wantTrouble(t *testing.T, err error, kind collector.Trouble, words ...string) {
	t.Helper()
	e, ok := errors.AsType[*collector.DeliveryError](err)
	if !ok {
		t.Fatalf("%v is no DeliveryError", err)
	}
	if e.Trouble != kind {
		t.Errorf("%v is trouble of kind %d, want %d", err, e.Trouble, kind)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v\ndoes not say %q", err, w)
		}
	}
}

func power(w float64, at time.Time) collector.Point {
	return collector.Point{
		Measurement: collector.MeterPower, Time: at, Fields: collector.Fields{"w": w},
		Tags: collector.Tags{{Name: "kind", Value: "plug"}, {Name: "meter", Value: "1"}, {Name: "site", Value: "1"}},
	}
}

func theAnswersOfInfluxDB2AreUnderstood(t *testing.T, server *engines.Influx) {
	const old = `{"code":"unprocessable entity","message":"failure writing points to database: partial write: dropped 1 points outside retention policy of duration 2160h0m0s - ` +
		`oldest point meter_power,meter=1 at 2020-01-01T00:00:00Z dropped because it violates a Retention Policy Lower Bound at 2026-08-25T00:00:00Z dropped=1 for database: 9f28 for retention policy: autogen"}`
	for name, tt := range map[string]struct {
		fault engines.Fault
		kind  collector.Trouble
		words []string
		after time.Duration
	}{
		"400": {engines.Fault{Status: 400, Body: `{"code":"invalid","message":"unable to parse 'x': missing fields"}`}, collector.Unusable, []string{"unable to parse 'x'"}, 0},
		"401": {engines.Fault{Status: 401, Body: `{"code":"unauthorized","message":"unauthorized access"}`}, collector.NeedsHelp, []string{"token"}, 0},
		"403": {engines.Fault{Status: 403, Body: `{"code":"forbidden","message":"insufficient permissions for write"}`}, collector.NeedsHelp, []string{"insufficient permissions", "read and write the buckets veille_hours and veille_years"}, 0},
		"404": {engines.Fault{Status: 404, Body: `{"code":"not found","message":"bucket \"veille_years\" not found"}`, Times: 2}, collector.NeedsHelp, []string{"not found", "influx bucket create", "--retention 2192d"}, 0},
		"413": {engines.Fault{Status: 413, Body: `{"code":"request too large","message":"cannot read data: points batch is too large"}`}, collector.Unusable, []string{"too large"}, 0},
		"422": {engines.Fault{Status: 422, Body: `{"code":"unprocessable entity","message":"failure writing points to database: partial write: field type conflict: input field \"w\" on measurement \"meter_power\" is type float, already exists as type integer dropped=1"}`}, collector.Unusable, []string{"already exists as type integer"}, 0},
		"422 of a point that our clock finds young": {engines.Fault{Status: 422, Body: old}, collector.NeedsHelp, []string{"too old", "look at its clock"}, 0},
		"429":               {engines.Fault{Status: 429, Header: map[string]string{"Retry-After": "17"}, Body: `{"code":"too many requests","message":"exceeded rate limit"}`}, collector.TryLater, []string{"too busy"}, 17 * time.Second},
		"503":               {engines.Fault{Status: 503, Header: map[string]string{"Retry-After": "3"}}, collector.TryLater, []string{"too busy"}, 3 * time.Second},
		"503 with a date":   {engines.Fault{Status: 503, Header: map[string]string{"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"}}, collector.TryLater, nil, 0},
		"503 for ever":      {engines.Fault{Status: 503, Header: map[string]string{"Retry-After": "999999999"}}, collector.TryLater, nil, 24 * time.Hour},
		"500":               {engines.Fault{Status: 500, Body: `{"code":"internal error","message":"unexpected error writing points to database: timeout"}`}, collector.TryLater, []string{"timeout"}, 0},
		"500 of 2.0":        {engines.Fault{Status: 500, Body: `{"code":"internal error","message":"unexpected error writing points to database: partial write: field type conflict dropped=1"}`}, collector.Unusable, nil, 0},
		"200 of a proxy":    {engines.Fault{Status: 200, Body: "<html>Welcome"}, collector.NeedsHelp, []string{"no InfluxDB", "proxies"}, 0},
		"302":               {engines.Fault{Status: 302, Header: map[string]string{"Location": "https://elsewhere/"}}, collector.NeedsHelp, []string{"https://elsewhere/"}, 0},
		"405":               {engines.Fault{Status: 405}, collector.NeedsHelp, []string{"look at the address"}, 0},
		"JSON without text": {engines.Fault{Status: 500, Body: `{"code":"internal error"}`}, collector.TryLater, []string{"internal error"}, 0},
		"null":              {engines.Fault{Status: 500, Body: "null"}, collector.TryLater, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			fake := engines.Influx2d(t, server)
			s := opened2(t, fake, "veille", fake.Token)
			tt.fault.Path = "/api/v2/write"
			tt.fault.Times = max(tt.fault.Times, 1)
			fake.Fail(tt.fault)
			point := power(float64(len(name)), time.Now().Truncate(time.Second))
			err := s.Append(t.Context(), []collector.Point{point})
			wantTrouble(t, err, tt.kind, tt.words...)
			if e, ok := errors.AsType[*collector.DeliveryError](err); !ok || e.After != tt.after {
				t.Errorf("%v says to wait for another time than %s", err, tt.after)
			}
			if strings.Contains(err.Error(), fake.Token) {
				t.Error("the token is told")
			}
			if err := s.Append(t.Context(), []collector.Point{point}); err != nil {
				t.Errorf("once the fault is gone: %v", err)
			}
		})
	}
}

func bucketsOfInfluxDB2AreMadeOrAskedFor(t *testing.T, server *engines.Influx) {
	fake := engines.Influx2d(t, server)
	now := []collector.Point{power(1, time.Now())}
	wantTrouble(t, opened2(t, fake, "none", fake.Reader).Append(t.Context(), now), collector.NeedsHelp,
		"none_hours is missing", `influx bucket create --org "region" --name "none_hours" --retention 90d --shard-group-duration 7d`)
	wantTrouble(t, opened2(t, fake, "wrong", "no-token").Append(t.Context(), now), collector.NeedsHelp, "does not know the token")
	if err := probe(t, opened2(t, fake, "made", fake.Token)); err != nil {
		t.Error(err)
	}
	if err := opened2(t, fake, "made", fake.Reader).Append(t.Context(), now); err == nil {
		t.Error("a token that may only read wrote")
	}

	fake.Bucket("short_hours", 24*time.Hour)
	fake.Bucket("short_years", 0)
	wantTrouble(t, opened2(t, fake, "short", fake.Token).Append(t.Context(), now), collector.NeedsHelp, "short_hours keeps points for 1d", "influx bucket update", "--retention 90d")

	for address, word := range map[string]string{"/veille?org=other": `organisation "other"`, "/veille": "?org=ORG"} {
		s, err := influx.Open(t.Context(), influx.Options{URL: fake.URL + address, Token: fake.Token})
		if err != nil {
			t.Fatal(err)
		}
		wantTrouble(t, probe(t, s), collector.NeedsHelp, word)
	}
}

func oddAnswersAreErrorsAndNoPanic(t *testing.T, server *engines.Influx) {
	q := collector.Query{Measurement: collector.MeterPower, From: time.Now().Add(-time.Hour), To: time.Now().Add(time.Hour)}
	for _, body := range []string{
		"", "null", "[]", "{}", "x", `{"results":null}`, `{"results":[{}]}`, `{"results":[{"series":[{"columns":["time"],"values":[[1,2,3]]}]}]}`,
		`{"results":[{"series":[{"values":[[]]}]}]}`, `{"results":[{"series":[{"columns":[],"values":[null]}]}]}`, `{"results":[{"series":[{"columns":["time","a"],"values":[["x","y"]]}]}]}`,
		`{"results":[{"partial":true,"series":[{"columns":["time","a"],"values":[[1,2]],"partial":true}]}]}`, `{"results":[`, `{"buckets":null}`, `{"buckets":[null]}`, `{"orgs":[null]}`,
		"#datatype,string\n#group\n#default\n,a\n,b\n", ",error,reference\n,broken,1\n", "\xff\xfe",
	} {
		for _, path := range []string{"/query", "/api/v2/query", "/api/v2/buckets", "/api/v2/orgs", "/ping", "/api/v2/delete"} {
			fake := engines.Influx2d(t, server)
			if path == "/api/v2/query" {
				fake.Unmap()
			}
			s := opened2(t, fake, "odd", fake.Token)
			for _, status := range []int{200, 500} {
				fake.Fail(engines.Fault{Path: path, Status: status, Body: body, Times: 100})
				_ = probe(t, s)
				_, _ = s.Range(t.Context(), q)
				_, _ = s.Tally(t.Context(), q)
				if err := s.Delete(t.Context(), q); err == nil && path == "/api/v2/delete" {
					t.Errorf("%d %q was taken for a deletion", status, body)
				}
			}
		}
	}
}

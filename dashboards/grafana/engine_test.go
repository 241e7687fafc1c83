package grafana_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/influx"
	"veille/collector/store/victoria"
	"veille/dashboards/grafana"
)

// row is a row of a table, or one value of a series: a time, a number, and words.
type row map[string]any

// answer is what a query found, as the engine says it and before Grafana does anything: for each series its labels and its columns.
type answer struct {
	labels  map[string]string
	columns []string
	rows    [][]any
}

// asked is a running engine.
type asked struct {
	engine grafana.Engine
	query  func(t *testing.T, text string, at question) []answer
	values func(t *testing.T, text string) []string // of a variable
}

// question is how a query is asked.
type question struct {
	from, to time.Time
	step     time.Duration // of PromQL
	instant  bool
}

func fill(t *testing.T, d collector.Destination, w *world) {
	t.Helper()
	for _, some := range [][]collector.Point{w.old, w.points} {
		for len(some) > 0 {
			n := min(len(some), 5000)
			if err := d.Append(t.Context(), some[:n]); err != nil {
				t.Fatal(err)
			}
			some = some[n:]
		}
	}
}

// startInflux is an InfluxDB with the points of a world, asked by a user who may only read.
func startInflux(t *testing.T, w *world) asked {
	t.Helper()
	server := engines.Influxd(t)
	store, err := influx.Open(t.Context(), influx.Options{URL: server.URL + "/veille", Token: server.Token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	fill(t, store, w)
	server.Ask("", "", "CREATE USER grafana WITH PASSWORD 'only-reads'; GRANT READ ON veille TO grafana")
	refused, err := influx.Open(t.Context(), influx.Options{URL: server.URL + "/veille", Token: "grafana:only-reads"})
	if err == nil {
		err = errors.Join(refused.Append(t.Context(), w.points[:1]), refused.Close())
	}
	if err == nil {
		t.Error("the user that docs/grafana.md makes for Grafana may write")
	}
	ask := func(t *testing.T, text string) []series {
		var said struct {
			Results []struct {
				Series []series
				Error  string
			}
		}
		post(t, server.URL+"/query", "grafana", "only-reads", url.Values{"db": {"veille"}, "epoch": {"ms"}, "q": {text}}, &said)
		if len(said.Results) != 1 || said.Results[0].Error != "" {
			t.Fatalf("%s: %+v", text, said)
		}
		return said.Results[0].Series
	}
	return asked{
		grafana.Influx,
		func(t *testing.T, text string, _ question) (all []answer) {
			for _, s := range ask(t, text) {
				all = append(all, answer{s.Tags, s.Columns, s.Values})
			}
			return all
		},
		func(t *testing.T, text string) (values []string) {
			for _, s := range ask(t, text) {
				for _, v := range s.Values {
					values = append(values, v[1].(string))
				}
			}
			return values
		},
	}
}

type series struct {
	Tags    map[string]string
	Columns []string
	Values  [][]any
}

// startVictoria is a node of VictoriaMetrics with the points of a world.
func startVictoria(t *testing.T, w *world) asked {
	t.Helper()
	node := engines.StartVictoria(t, "-retentionPeriod=7y", "-dedup.minScrapeInterval=1ms")
	store, err := victoria.Open(t.Context(), victoria.Options{Write: node.URL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	fill(t, store, w)
	if _, err := store.Range(t.Context(), collector.Query{Measurement: collector.MeterPower, From: w.now, To: w.now.Add(time.Second)}); err != nil {
		t.Fatal(err) // after it all that was written can be read
	}
	seconds := func(at time.Time) string { return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64) }
	return asked{
		grafana.Victoria,
		func(t *testing.T, text string, q question) (all []answer) {
			form, path := url.Values{"query": {text}, "nocache": {"1"}}, "/api/v1/query_range"
			if q.instant {
				path = "/api/v1/query"
				form.Set("time", seconds(q.to))
			} else {
				form.Set("start", seconds(q.from.Truncate(q.step))) // as Grafana aligns it
				form.Set("end", seconds(q.to.Truncate(q.step)))
				form.Set("step", seconds(time.Unix(0, 0).Add(q.step)))
			}
			var said struct {
				Status string
				Data   struct {
					Result []struct {
						Metric map[string]string
						Value  []any
						Values [][]any
					}
				}
			}
			post(t, node.URL()+path, "", "", form, &said)
			if said.Status != "success" {
				t.Fatalf("%s: %+v", text, said)
			}
			for _, r := range said.Data.Result {
				a := answer{labels: r.Metric, columns: []string{"time", "value"}}
				if q.instant {
					r.Values = [][]any{r.Value}
				}
				for _, v := range r.Values {
					x, err := strconv.ParseFloat(v[1].(string), 64)
					if err != nil {
						t.Fatal(err)
					}
					a.rows = append(a.rows, []any{v[0].(float64) * 1000, x})
				}
				all = append(all, a)
			}
			return all
		},
		func(t *testing.T, text string) (values []string) {
			inner, ok := strings.CutPrefix(text, "label_values(")
			inner, ok2 := strings.CutSuffix(inner, ")")
			i := strings.LastIndex(inner, ", ")
			if !ok || !ok2 || i < 0 {
				t.Fatalf("%s is no question for the values of a label", text)
			}
			var said struct{ Data []string }
			post(t, node.URL()+"/api/v1/label/"+inner[i+2:]+"/values", "", "", url.Values{
				"match[]": {inner[:i]}, "start": {seconds(w.now.AddDate(-1, 0, 0))}, "end": {seconds(w.now)},
			}, &said)
			return said.Data
		},
	}
}

// client asks engines.
func client() *http.Client { return &http.Client{Timeout: time.Minute} }

func post(t *testing.T, address, user, password string, form url.Values, into any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user != "" {
		r.SetBasicAuth(user, password)
	}
	a, err := client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	body, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s %v", address, form, a.Status, body, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
}

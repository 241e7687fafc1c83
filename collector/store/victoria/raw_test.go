package victoria_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"veille/collector/store/engines"
	"veille/collector/store/victoria"
)

// post sends a form or lines to a node, as anybody may.
func post(t testing.TB, address, kind, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	answer, err := new(http.Client).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// raw writes lines past the store, with moments in milliseconds, and makes them readable.
func raw(t testing.TB, node engines.Victoria, lines string) {
	t.Helper()
	if status, said := post(t, node.URL()+"/api/v2/write?precision=ms", "text/plain", lines); status != http.StatusNoContent {
		t.Fatal(status, said)
	}
	flush(t, node)
}

func flush(t testing.TB, node engines.Victoria) {
	t.Helper()
	if status, said := post(t, node.URL()+"/internal/force_flush", "", ""); status != http.StatusOK {
		t.Fatal(status, said)
	}
}

// again ends a node when all it has is on its disk, starts it anew, and has it merge all of it.
func again(t testing.TB, node engines.Victoria) *victoria.Store {
	t.Helper()
	node.Stop(t)
	node.Restart()
	if status, said := post(t, node.URL()+"/internal/force_merge", "", ""); status != http.StatusOK {
		t.Fatal(status, said)
	}
	for deadline := time.Now().Add(time.Minute); ; <-time.After(50 * time.Millisecond) {
		if _, said := post(t, node.URL()+"/metrics", "", ""); strings.Contains(said, "\nvm_active_force_merges 0\n") {
			return open(t, node)
		}
		if time.Now().After(deadline) {
			t.Fatal("it merges for more than a minute")
		}
	}
}

// query asks a node as Grafana does, at one moment or, with a step, from it on to another.
func query(t testing.TB, node engines.Victoria, text string, from, to time.Time, step string) map[time.Time]float64 {
	t.Helper()
	form := url.Values{"query": {text}, "time": {from.Format(time.RFC3339Nano)}}
	path := "/api/v1/query"
	if step != "" {
		path = "/api/v1/query_range"
		form = url.Values{"query": {text}, "start": {from.Format(time.RFC3339Nano)}, "end": {to.Format(time.RFC3339Nano)}, "step": {step}}
	}
	status, said := post(t, node.URL()+path, "application/x-www-form-urlencoded", form.Encode())
	var answer struct {
		Data struct {
			Result []struct {
				Value  []any   `json:"value"`
				Values [][]any `json:"values"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(said), &answer); err != nil || status != http.StatusOK {
		t.Fatal(status, said, err)
	}
	if len(answer.Data.Result) > 1 {
		t.Fatalf("%s gives %d series: %s", text, len(answer.Data.Result), said)
	}
	all := map[time.Time]float64{}
	for _, r := range answer.Data.Result {
		if r.Value != nil {
			r.Values = append(r.Values, r.Value)
		}
		for _, v := range r.Values {
			at, _ := v[0].(float64)
			text, _ := v[1].(string)
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			all[time.UnixMilli(int64(at*1000+0.5)).UTC()] = x
		}
	}
	return all
}

package ingest

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"veille/agent/wire"
)

// What is taken is what the wire's own reading says it is; and what an agent writes is taken.
func FuzzDecode(f *testing.F) {
	hour := 9
	part := wire.Part{
		Part: "open", LengthS: 3600, Seconds: wire.Seconds{On: 3000, Unknown: 600},
		Energy: []wire.Energy{{Wh: 1.25, LowWh: 0.5, HighWh: 2e-3, Method: "rapl+model", Scope: "machine", CoveredS: 3000}},
	}
	full, err := json.Marshal(wire.Batch{Version: 1, Acked: 41, Records: []wire.Record{{
		Date: "2026-11-16", Hour: &hour, LengthS: 3600, Use: wire.Server, Parts: []wire.Part{part}, Cost: &wire.Cost{CPUS: 0.1, SentBytes: 1 << 40},
		Machine: wire.Machine{Class: "server", Screens: []string{"<23"}, OS: "linux"}, Simulated: true,
	}}})
	if err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		string(full), `{"version":1,"records":[{}]}`, `{"version":2}`, `{"version":1,"records":[null],"later":{"a":[1]}}`, `{"version":1,"records":[{"date":"é"}]}`,
		`{"Version":1,"records":[{}]}`, `{"version":1,"version":1,"records":[{}]}`, `{"version":1.0,"records":[{}]}`, `{"version":1e0,"records":[{"length_s":1e3}]}`, `{}`, ` `, `[1]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := decode(text)
		if err != nil {
			return
		}
		want, err := wire.DecodeBatch(bytes.NewReader(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read as %+v; the wire reads %+v, %v", text, got, want, err)
		}
	})
}

func TestWhatAnAgentWritesIsReadToTheLastDigit(t *testing.T) {
	hour := 0
	want := wire.Batch{Version: 1, Acked: 1 << 50, Records: []wire.Record{{Date: "2026-11-16", Hour: &hour, Parts: []wire.Part{{Energy: []wire.Energy{{Wh: 0.1 + 0.2, HighWh: 1e-9}}}}}}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decode(text); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

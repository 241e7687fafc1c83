package influx_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/influx"
	"veille/collector/store/storetest"
)

// opened opens a database of a running server.
func opened(t testing.TB, server *engines.Influx, name string) *influx.Store {
	t.Helper()
	s, err := influx.Open(t.Context(), influx.Options{URL: server.URL + "/" + name, Token: server.Token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// probe is why a destination cannot be used.
func probe(t testing.TB, s *influx.Store) error {
	t.Helper()
	_, err := s.Started(t.Context())
	return err
}

func itIsADestinationLikeAnyOther(t *testing.T, server *engines.Influx) {
	var n atomic.Int64
	storetest.RunDestination(t, func(t *testing.T) collector.Destination {
		return opened(t, server, fmt.Sprintf("empty%d", n.Add(1)))
	}, storetest.Options{})
	for i := range n.Load() {
		for word := range strings.FieldsSeq(strings.NewReplacer(`"`, " ", "]", " ", "[", " ", ",", " ").Replace(server.Ask(fmt.Sprintf("empty%d", i+1), "", `SHOW FIELD KEYS`))) {
			if word == "integer" || word == "unsigned" || word == "string" || word == "boolean" {
				t.Errorf("a field is of type %s: every field is a float, always", word)
			}
		}
	}
}

func momentsComeBackToTheNanosecond(t *testing.T, server *engines.Influx) {
	s := opened(t, server, "moments")
	at := time.Now().UTC().Round(0).Add(-time.Hour)
	var points []collector.Point
	for i := range 3 {
		points = append(points, collector.Point{
			Measurement: collector.MeterPower, Tags: collector.Tags{{Name: "meter", Value: "1"}}, Time: at.Add(time.Duration(i)), Fields: collector.Fields{"w": float64(i)},
		})
	}
	if err := s.Append(t.Context(), points); err != nil {
		t.Fatal(err)
	}
	got, err := s.Range(t.Context(), collector.Query{Measurement: collector.MeterPower, From: at, To: at.Add(2)})
	if err != nil || len(got) != 2 || !got[0].Time.Equal(at) || !got[1].Time.Equal(at.Add(1)) {
		t.Errorf("%v %v", got, err)
	}
}

package main

import (
	"encoding/json"
	"math"
	"testing"
)

func TestTheReportOfThePluginIsRead(t *testing.T) {
	const text = `{"steps": [{"lhr": {"requestedUrl": "http://127.0.0.1:8080/a/", "audits": {
		"eco-index-grade": {"numericValue": "A"},
		"eco-index-nodes": {"numericValue": 237}, "eco-index-requests": {"numericValue": 2, "details": {"items": [
			{"items": [{"label": "DOM"}]}, {"items": [{"url": "http://127.0.0.1:8080/a/", "size": "3.1"}, {"url": "http://else.test/x", "size": "0.2"}]}]}},
		"eco-index-size": {"numericValue": 3331}}}},
		{"lhr": {"requestedUrl": "http://127.0.0.1:8080/b", "audits": {"eco-index-nodes": {"errorMessage": "no page"}}}}]}`
	got, err := readReport([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	a := got["http://127.0.0.1:8080/a/"]
	if a.problem != "" || a.measure.DOM != 237 || a.measure.Requests != 2 || a.measure.SizeKB != 3.331 {
		t.Errorf("got %+v", a)
	}
	if len(a.counted) != 2 || a.counted[0] != (request{"/a/", 3100}) || a.counted[1].path != "http://else.test/x" {
		t.Errorf("counted %+v", a.counted)
	}
	if got["http://127.0.0.1:8080/b"].problem == "" {
		t.Error("a page without figures has no problem")
	}
}

func TestWhatTheReferenceAddsForAnswersWithoutASizeIsToldApart(t *testing.T) {
	const text = `{"url": "http://127.0.0.1:8080/", "dom": 5, "requests": 2, "size_kb": 1.5,
		"entries": [{"url": "http://127.0.0.1:8080/", "bytes": 1250}, {"url": "http://127.0.0.1:8080/gone?x", "bytes": -1}]}`
	var line referenceLine
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		t.Fatal(err)
	}
	got := line.tally()
	if math.Abs(got.unsized-0.25) > 1e-9 || len(got.counted) != 2 || got.counted[1] != (request{"/gone", 0}) {
		t.Errorf("got %+v", got)
	}
}

func TestAPageThatOurProgramCouldNotMeasureHasItsReason(t *testing.T) {
	var line pageLine
	if err := json.Unmarshal([]byte(`{"url": "x", "dom": null, "error": {"code": "dns", "message": "no such host"}}`), &line); err != nil {
		t.Fatal(err)
	}
	if got := line.tally().problem; got != "dns: no such host" {
		t.Errorf("got %q", got)
	}
}

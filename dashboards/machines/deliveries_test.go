package machines_test

import (
	"strings"
	"testing"

	"veille/collector"
)

func TestThePageSaysHowSeriesElsewhereAreDoing(t *testing.T) {
	it := user(0, collector.RoleIT)
	w := newWorld()
	if page := whole(t, w.get(t, it, "/machines")); page.Find("#deliveries").Length() > 0 || strings.Contains(page.Text(), "Séries livrées ailleurs") {
		t.Error("there are no series elsewhere, and the page speaks of them")
	}
	w.elsewhere = []collector.Delivery{
		{Destination: "influx a:8086/veille", ComparedOn: "2026-11-21"},
		{Destination: "victoria b:8428", Behind: 1200, LagS: 3601, Error: "b:8428 cannot be reached", LostFrom: "2026-06-01", LostTo: "2026-06-09"},
		{Destination: "victoria c:8428", LagS: 61, Error: "c:8428 is busy"},
		{Destination: "influx d:8086/veille", Stopped: true, Error: "d:8086 knows the password no more: give a new one by --series-token-file", Refused: 3},
	}
	page := whole(t, w.get(t, it, "/machines?lang=en"))
	rows := page.Find("table").Last().Find("tbody tr")
	if rows.Length() != 4 {
		t.Fatalf("%d rows, want 4", rows.Length())
	}
	for i, want := range []string{"up to date", "late", "trying again", "stopped"} {
		if text := rows.Eq(i).Text(); !strings.Contains(text, want) {
			t.Errorf("row %d says %q, not %q", i, text, want)
		}
	}
	if notice := page.Find("p.notice").Text(); !strings.Contains(notice, "knows the password no more") || strings.Contains(notice, "busy") {
		t.Errorf("the notices are %q", notice)
	}
	if notice := page.Find("p.notice").Text(); !strings.Contains(notice, "2026-06-09") {
		t.Errorf("the notices do not say what was lost: %q", notice)
	}
	for _, want := range []string{`"lag_min":61`, `"lag_min":2`, `"refused":3`, `"compared":"never"`} {
		if body := w.program(t, it, "/api/v1/machines?lang=en").Body.String(); !strings.Contains(body, want) {
			t.Errorf("programs are not told %s: %s", want, body)
		}
	}
}

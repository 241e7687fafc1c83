package machines_test

import (
	"strings"
	"testing"
	"time"

	"veille/collector"

	"github.com/PuerkitoBio/goquery"
)

// delivered are destinations in every state, with sentences that name what not everybody may know.
func delivered() []collector.Delivery {
	said := noon().Unix() - 60
	return []collector.Delivery{
		{Destination: "influx a:8086/veille", Said: said, ComparedOn: "2026-11-21"},
		{
			Destination: "victoria b:8428", Said: said, Behind: 1200, LagS: 3601, Error: "secret-host cannot be reached", Cause: collector.Unreachable,
			LostFrom: "2026-06-01", LostTo: "2026-06-09",
		},
		{Destination: "victoria c:8428", Said: said, LagS: 61, Error: "secret-host is busy", Cause: collector.Busy, Comparison: "secret-host said so", Differences: 4, Still: 2},
		{Destination: "influx d:8086/veille", Said: said, Stopped: true, Error: "secret-host knows the password no more", Cause: collector.Unready, Refused: 3},
		{
			Destination: "influx e:8086/veille", Said: said - 7*86_400, LagS: 5000, Error: "secret-host", Cause: collector.Refusing,
			Restarts: 2, RestartedOn: "2026-11-01", Advice: []string{"set secret-host's clock"},
		},
	}
}

func TestThePageSaysHowDestinationsAreDoing(t *testing.T) {
	it := user(0, collector.RoleIT)
	w := newWorld()
	if page := whole(t, w.get(t, it, "/machines")); page.Find("#deliveries").Length() > 0 || strings.Contains(page.Text(), "Livraison à") {
		t.Error("there is no destination, and the page speaks of some")
	}
	w.deliveries = delivered()
	page := whole(t, w.get(t, it, "/machines?lang=en"))
	rows := page.Find("table").Last().Find("tbody tr")
	if rows.Length() != 5 {
		t.Fatalf("%d rows, want 5", rows.Length())
	}
	for i, want := range []collector.DeliveryState{collector.Well, collector.Late, collector.Retrying, collector.Stopped, collector.Unattended} {
		if text := rows.Eq(i).Text(); !strings.Contains(text, string(want)) { // the word that commands and programs have
			t.Errorf("row %d says %q, not %q", i, text, want)
		}
	}
	notices := page.Find("p.notice").Text()
	for _, want := range []string{"Delivery to influx d:8086/veille has stopped", "2026-06-09", "No collector has delivered to influx e:8086/veille since 2026-11-15", "100 days"} {
		if !strings.Contains(notices, want) {
			t.Errorf("the notices do not say %q: %q", want, notices)
		}
	}
	if strings.Contains(notices, "c:8428") {
		t.Errorf("the notices tell of what goes on by itself: %q", notices)
	}
	for _, lang := range []string{"fr", "en"} {
		page := whole(t, w.get(t, it, "/machines?lang="+lang))
		todos := page.Find("main ul li")
		text := todos.Text()
		for _, want := range []string{"outbox retry", "outbox refused", "outbox remove", "outbox list", "--series"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: what is to be done does not speak of %q: %q", lang, want, text)
			}
		}
		if all := page.Text(); todos.Length() != 4 || strings.Contains(all, "secret-host") || strings.Contains(all, "machines.deliveries") {
			t.Errorf("%s: %d have something to be done, or the page repeats what they said, or has no word:\n%s", lang, todos.Length(), text)
		}
	}
}

func TestProgramsAreToldHowDestinationsAreDoingAndNotWhatTheySaid(t *testing.T) {
	w := newWorld()
	w.deliveries = delivered()
	body := w.program(t, user(0, collector.RoleIT), "/api/v1/machines?lang=en").Body.String()
	for _, want := range []string{
		`"lag_min":61`, `"lag_min":2`, `"refused":3`, `"compared":"never"`, `"state":"late"`, `"still":2`, `"restarts":2`, `"restarted":"2026-11-01"`, `"advice":1`, `"todo":"It cannot be reached`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("programs are not told %s: %s", want, body)
		}
	}
	if strings.Contains(body, "secret-host") {
		t.Errorf("programs are told what destinations said: %s", body)
	}
}

func TestEveryStateAndCauseHasWords(t *testing.T) {
	w := newWorld()
	now := noon()
	for _, cause := range collector.Causes() {
		w.deliveries = append(w.deliveries, collector.Delivery{Destination: "x", Said: now.Add(-time.Minute).Unix(), Error: "x", Cause: cause})
	}
	for _, lang := range []string{"fr", "en"} {
		page := whole(t, w.get(t, user(0, collector.RoleIT), "/machines?lang="+lang))
		seen := map[string]bool{}
		page.Find("main ul li").Each(func(_ int, s *goquery.Selection) { seen[s.Text()] = true })
		if len(seen) != len(collector.Causes()) || strings.Contains(page.Text(), "machines.deliveries") {
			t.Errorf("%s: %v", lang, seen)
		}
	}
}

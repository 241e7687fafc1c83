package machines_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
)

const why = "rollout of the sleep policy, ticket 1234"

func TestNoSingleMachineIsShownWithoutAReason(t *testing.T) {
	for name, ask := range map[string]func(w *world) (body string, status int){
		"the page": func(w *world) (string, int) {
			a := w.get(t, user(0, collector.RoleIT), "/machines/1?lang=en")
			return a.Body.String(), a.Code
		},
		"a reason in the address of a page": func(w *world) (string, int) {
			a := w.get(t, user(0, collector.RoleIT), "/machines/1?lang=en&reason="+url.QueryEscape(why))
			return a.Body.String(), a.Code
		},
		"a reason in the address of a spreadsheet": func(w *world) (string, int) {
			a := w.get(t, user(0, collector.RoleIT), "/csv/machines/machines/1?reason="+url.QueryEscape(why))
			return a.Body.String(), -a.Code // it is not there
		},
		"a program without a reason": func(w *world) (string, int) {
			a := w.program(t, user(0, collector.RoleIT), "/api/v1/machines/1")
			return a.Body.String(), a.Code
		},
		"a link to the API that a browser follows with the cookie of a session": func(w *world) (string, int) {
			a := w.get(t, user(0, collector.RoleIT), "/api/v1/machines/1?reason="+url.QueryEscape(why))
			return a.Body.String(), a.Code
		},
		"a reason in the address of a page, with a key": func(w *world) (string, int) {
			a := w.program(t, user(0, collector.RoleIT), "/machines/1?lang=en&reason="+url.QueryEscape(why))
			return a.Body.String(), a.Code
		},
	} {
		w := newWorld()
		body, status := ask(w)
		if len(w.reasons) != 0 || w.listed != 0 || strings.Contains(body, "policy not applied") || strings.Contains(body, `"silent_since"`) || strings.Contains(body, "Silent since") {
			t.Errorf("%s shows single machines", name)
		}
		if status != http.StatusOK && status != -http.StatusNotFound {
			t.Errorf("%s answers %d", name, status)
		}
	}
}

func TestAReasonIsALineThatSaysSomething(t *testing.T) {
	for _, reason := range []string{
		"", "short", "         x         ", "two lines\nof a reason", strings.Repeat("x", 201), "bad \x00 character", "right\u202eto left is not", "broken \xff letters",
	} {
		w := newWorld()
		answer := w.post(t, user(0, collector.RoleIT), "/machines/1?lang=en", url.Values{"reason": {reason}})
		if answer.Code != http.StatusUnprocessableEntity || len(w.reasons) != 0 || w.listed != 0 || !strings.Contains(answer.Body.String(), "Give the reason in one line of 10 to 200 letters") {
			t.Errorf("%q is answered %d, the door has %q", reason, answer.Code, w.reasons)
		}
		program := w.program(t, user(0, collector.RoleIT), "/api/v1/machines/1?reason="+url.QueryEscape(reason))
		if program.Code != http.StatusUnprocessableEntity || len(w.reasons) != 0 {
			t.Errorf("%q is answered %d to a program, the door has %q", reason, program.Code, w.reasons)
		}
	}
	w := newWorld()
	if got := w.post(t, user(0, collector.RoleIT), "/machines/1", url.Values{"reason": {why}, "token": {"of another"}}).Code; got != http.StatusForbidden || len(w.reasons) != 0 {
		t.Errorf("a form of another site is answered %d, %q", got, w.reasons)
	}
}

func TestAReasonIsWrittenDownAndSingleMachinesAreShown(t *testing.T) {
	w := newWorld()
	doc := whole(t, w.post(t, user(0, collector.RoleIT), "/machines/1?lang=en", url.Values{"reason": {"  " + why + " "}}))
	if len(w.reasons) != 1 || w.reasons[0] != "ada: site 1 of 1, 2026-10: "+why {
		t.Errorf("the door has %q", w.reasons)
	}
	if n := doc.Find("tbody tr").Length(); n != 30 {
		t.Errorf("%d rows", n)
	}
	if doc.Find("a[href*='csv']").Length() != 0 {
		t.Error("a link leads to a spreadsheet")
	}
	if !strings.Contains(doc.Text(), "Shown for this reason, which the audit log keeps: "+why) {
		t.Error("the reason is not said")
	}
	part := doc.Find("main form input[name=part]")
	if part.Length() != 1 || part.AttrOr("value", "") != "2" {
		t.Fatal("no form leads to the second part")
	}
	last := whole(t, w.post(t, user(0, collector.RoleIT), "/machines/1?lang=fr", url.Values{"reason": {why}, "part": {"3"}}))
	if n := last.Find("tbody tr").Length(); n != 6 || len(w.reasons) != 2 {
		t.Errorf("%d rows, the door has %q", n, w.reasons)
	}
}

// cells are the cells of the row of a machine.
func cells(doc *goquery.Document, machine string) (all []string) {
	doc.Find("tbody tr").Each(func(_ int, s *goquery.Selection) {
		if s.Find("th").Text() == machine {
			s.Find("td").Each(func(_ int, c *goquery.Selection) { all = append(all, c.Text()) })
		}
	})
	return all
}

func TestWhatIsToldOfASingleMachine(t *testing.T) {
	w := newWorld()
	doc := whole(t, w.post(t, user(0, collector.RoleIT), "/machines/1?lang=en", url.Values{"reason": {why}}))
	for machine, want := range map[string]string{
		"103": "notebook|personal|never|not applied|10|–|estimated by class|–|–",
		"104": "notebook|shared|90 min|not applied|10|3.0|estimated by class|–|–",
		"105": "notebook|personal|20 min|applied|10|–|estimated by class|2026-09-01|–",
		"106": "notebook|personal|20 min|applied|10|–|estimated by class|–|may be machine 100, 101, installed anew",
	} {
		if got := strings.Join(cells(doc, machine), "|"); got != want {
			t.Errorf("machine %s: %q, want %q", machine, got, want)
		}
	}
	if first := doc.Find("tbody th").First().Text(); first != "103" {
		t.Errorf("the first is %s", first)
	}
	rows := read(t, w.program(t, user(0, collector.RoleIT), "/api/v1/machines/1?lang=en&reason="+url.QueryEscape(why))).table("machines")
	if len(rows) != 66 || len(w.reasons) != 2 {
		t.Fatalf("%d rows, the door has %q", len(rows), w.reasons)
	}
	hours := 0
	for _, row := range rows {
		if row["use"] == "personal" && row["awake_outside"] != nil {
			t.Errorf("hours of a personal machine are told: %v", row)
		}
		if row["use"] == "shared" && row["awake_outside"] == 3.0 {
			hours++
		}
		if row["use"] == "server" && row["policy"] != nil {
			t.Errorf("a server is to sleep: %v", row)
		}
	}
	if hours < 20 {
		t.Errorf("hours of %d shared machines are told", hours)
	}
}

func TestAMachineThatWasOncePersonalIsTreatedAsOne(t *testing.T) {
	w := newWorld()
	w.months[1].Use = "individual" // it is shared now
	w.single[4].Use = ""           // nobody knows
	doc := whole(t, w.post(t, user(0, collector.RoleIT), "/machines/1?lang=en", url.Values{"reason": {why}}))
	for _, machine := range []string{"101", "104"} {
		if got := cells(doc, machine); len(got) < 6 || got[1] != "personal" || got[5] != "–" {
			t.Errorf("machine %s: %q", machine, got)
		}
	}
}

func TestAShortSilenceIsNotTold(t *testing.T) {
	for seen, want := range map[collector.Date]string{"2026-11-22": "–", "2026-11-15": "–", "2026-11-14": "2026-11-14", "": "2026-01-05"} {
		w := newWorld()
		w.single[3].SeenOn = seen
		doc := whole(t, w.post(t, user(0, collector.RoleIT), "/machines/1?lang=en", url.Values{"reason": {why}}))
		if got := cells(doc, "103"); len(got) < 8 || got[7] != want {
			t.Errorf("last seen on %q: %q, want %q", seen, got, want)
		}
	}
}

func TestAMachineOfNoMonthAndAMonthOfNoMachineHaveRows(t *testing.T) {
	w := newWorld()
	w.single = []collector.Machine{
		{ID: 5, Site: w.sites[0], Use: "shared", EnrolledOn: "2026-11-20", SeenOn: "2026-11-22"},
		{ID: 6, Site: w.sites[0], Use: "shared", EnrolledOn: "2026-11-20", SeenOn: "2026-02-01", RevokedOn: "2026-11-21"},
		{ID: 7, Site: w.sites[0], Use: "shared", EnrolledOn: "2026-11-20", ReplacedBy: 5},
	}
	w.months = w.months[:1]
	w.months[0].Simulated = true
	w.fleet.Month = ""
	doc := whole(t, w.post(t, user(0, collector.RoleIT), "/machines/1?lang=en", url.Values{"reason": {why}}))
	if !strings.Contains(w.reasons[0], "2026-11: ") {
		t.Errorf("the door has %q", w.reasons)
	}
	for machine, want := range map[string]string{
		"5":   "not known|shared|–|not known|–|–|–|–|–",
		"6":   "not known|shared|–|not known|–|–|–|–|revoked on 2026-11-21",
		"100": "notebook|personal|20 min|applied|10|–|estimated by class|–|–",
		"7":   "",
	} {
		if got := strings.Join(cells(doc, machine), "|"); got != want {
			t.Errorf("machine %s: %q, want %q", machine, got, want)
		}
	}
	if !strings.Contains(doc.Find(".notice").Text(), "simulated") {
		t.Error("that it is simulated is not said")
	}
}

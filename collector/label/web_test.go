package label

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"veille/collector"
	"veille/ecoindex/practice"
)

// ran is a run of a website with a score, by a browser on half of its pages.
func ran(t *testing.T, on string, score float64, access *practice.Statement) collector.WebRun {
	t.Helper()
	at, err := time.Parse(time.DateOnly, on)
	if err != nil {
		t.Fatal(err)
	}
	audit, err := json.Marshal(practice.SiteAudit{Access: access})
	if err != nil {
		t.Fatal(err)
	}
	return collector.WebRun{
		At: at, Mode: "two-speed", Protocol: "h2", Version: "1.2.3", Pages: 10, Measured: 5, Audit: audit,
		Median: collector.WebFigure{Value: score, Low: new(score - 2), High: new(score + 2)},
		Grades: map[string]collector.WebFigure{"C": {Value: 4}, "D": {Value: 6}},
	}
}

// online are facts of websites with runs, declared long ago.
func online(sites ...[]collector.WebRun) *facts {
	f := stating()
	for i, runs := range sites {
		f.websites = append(f.websites, website{Website: collector.Website{ID: int64(i + 1), Name: string(rune('a' + i)), AddedOn: "2020-01-01"}, runs: runs})
	}
	return f
}

func TestTheEcoIndexIsTheMedianOfTheLastRunsOfWebsites(t *testing.T) {
	empty := ran(t, "2026-08-30", 0, nil)
	empty.Pages, empty.Grades = 0, nil
	f := online(
		[]collector.WebRun{ran(t, "2025-08-31", 1, nil), ran(t, "2025-09-01", 90, nil), ran(t, "2026-08-20", 50, nil), empty},
		[]collector.WebRun{ran(t, "2026-01-01", 40, nil)},
		[]collector.WebRun{ran(t, "2025-12-01", 80, nil)},
		nil,
	)
	a := reckoned(t, f, "W1", schoolYear())
	mustBe(t, "W1", a, 50)
	if *a.low != 48 || *a.high != 52 || a.status != Measured || a.quality != Medium || *a.coverage != 75 {
		t.Errorf("it is from %v to %v, %s, %s, covers %v", *a.low, *a.high, a.status, a.quality, *a.coverage)
	}
	i := slices.IndexFunc(a.parts, func(p Part) bool { return p.Name.EN == "Pages graded D" })
	if i != 6 || *a.parts[i].Value != 18 || *a.parts[3].Value != 0 {
		t.Errorf("its parts are %+v", a.parts)
	}
	mustBe(t, "W2", reckoned(t, f, "W2", schoolYear()), 75)
	mustLack(t, "W1 of another year", reckoned(t, f, "W1", period{"2024-01", "2024-12"}), "No website was measured")
	mustBe(t, "W2 of another year", reckoned(t, f, "W2", period{"2024-01", "2024-12"}), 0)
	mustLack(t, "W2 before all", reckoned(t, f, "W2", period{"2019-01", "2019-12"}), "No website was declared")
}

func TestARunWithoutABrowserIsOfLowQuality(t *testing.T) {
	r := ran(t, "2026-01-01", 40, nil)
	r.Mode, r.Measured, r.Median.Low = "static", 0, nil
	a := reckoned(t, online([]collector.WebRun{r}), "W1", schoolYear())
	if a.quality != Low || a.low != nil {
		t.Errorf("it is of quality %s, from %v", a.quality, a.low)
	}
	r.Mode, r.Measured = "browser", 10
	if a := reckoned(t, online([]collector.WebRun{r}), "W1", schoolYear()); a.quality != High {
		t.Errorf("it is of quality %s", a.quality)
	}
}

func TestTheRGESNIsThatOfGridsThatPeopleValidated(t *testing.T) {
	f := online(nil, nil, nil, nil)
	criteria := func(statuses ...string) (all []collector.Criterion) {
		for _, s := range statuses {
			all = append(all, collector.Criterion{Priority: "moderate", Status: s})
		}
		return all
	}
	f.grids = []collector.Grid{
		{Website: 1, On: "2025-01-01", Criteria: criteria("validated")},
		{Website: 1, On: "2026-01-01", Criteria: criteria("validated", "to-assess", "to-assess", "not-validated")}, // 25, half to assess
		{Website: 1, On: "2026-09-01", Criteria: criteria("validated")},                                            // later
		{Website: 2, On: "2026-01-01", Criteria: criteria("validated", "validated", "validated", "underway")},      // 75
		{Website: 3, On: "2026-01-01", Criteria: criteria("not-applicable")},
	}
	a := reckoned(t, f, "W3", schoolYear())
	mustBe(t, "W3", a, 50)
	mustBe(t, "W3.assessed", reckoned(t, f, "W3.assessed", schoolYear()), 75)
	if a.status != Declared || *a.coverage != 50 || len(a.parts) != 2 {
		t.Errorf("it is %s, covers %v, parts %v", a.status, *a.coverage, a.parts)
	}
	mustLack(t, "W3 of the past", reckoned(t, f, "W3", period{"2024-01", "2024-12"}), "RGESN")
}

func TestAccessibilityIsWhatWebsitesSayOfIt(t *testing.T) {
	broken := ran(t, "2026-01-01", 50, nil)
	broken.Audit = []byte("{")
	f := online(
		[]collector.WebRun{ran(t, "2026-01-01", 50, &practice.Statement{Mention: "partial", Here: true, Rate: 72, Date: "2024-05-01"})},
		[]collector.WebRun{ran(t, "2026-01-01", 50, &practice.Statement{Mention: "none", Here: true, Rate: 30, Date: "2023-08-30"})},
		[]collector.WebRun{ran(t, "2026-01-01", 50, &practice.Statement{Mention: "total", URL: "https://x.example/a"})}, // its date is not known
		[]collector.WebRun{ran(t, "2026-01-01", 50, nil)},
		[]collector.WebRun{broken},
	)
	a := reckoned(t, f, "W5", schoolYear())
	mustBe(t, "W5", a, 75)
	if *a.coverage != 80 {
		t.Errorf("it covers %v", *a.coverage)
	}
	mustBe(t, "W6", reckoned(t, f, "W6", schoolYear()), 100*2.0/3)
	mustBe(t, "W7", reckoned(t, f, "W7", schoolYear()), 100*2.0/3) // one is 3 years and a day old, one is missing, of three that are known
	f.websites = f.websites[3:4]
	mustLack(t, "W6 without a statement", reckoned(t, f, "W6", schoolYear()), "No accessibility statement")
	mustBe(t, "W5 without a mention", reckoned(t, f, "W5", schoolYear()), 0)
}

func TestTheChangeOfAYearComparesWhatWasMeasuredAlike(t *testing.T) {
	patched, otherwise := ran(t, "2026-07-01", 61, nil), ran(t, "2026-07-01", 90, nil)
	patched.Version, otherwise.Version = "1.2.9", "1.3.0"
	f := online(
		[]collector.WebRun{ran(t, "2025-06-01", 50, nil), ran(t, "2026-03-01", 99, nil), patched},
		[]collector.WebRun{ran(t, "2025-06-01", 50, nil), otherwise},
		[]collector.WebRun{ran(t, "2025-05-31", 50, nil), ran(t, "2026-07-01", 90, nil)},
	)
	a := reckoned(t, f, "W8", schoolYear())
	mustBe(t, "W8", a, 11)
	if *a.low != 7 || *a.high != 15 || len(a.parts) != 1 || !a.weak {
		t.Errorf("it is from %v to %v, parts %v", *a.low, *a.high, a.parts)
	}
	f.websites = f.websites[1:2]
	mustLack(t, "measured otherwise", reckoned(t, f, "W8", schoolYear()), "measured otherwise")
	f.websites[0].runs = nil
	mustLack(t, "not measured", reckoned(t, f, "W8", schoolYear()), "No website was measured")
}

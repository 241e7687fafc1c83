package dashboards_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/collector"
)

func TestOnlyWhatEverybodyMaySeeIsKeptByThoseInBetween(t *testing.T) {
	w := small(t)
	page := "/page.json?url=" + url.QueryEscape(w.webPages[1][20].URL)
	for _, path := range []string{"/badge.svg", "/data.json", page} {
		for _, public := range []bool{true, false} {
			got := raw(t, w, public, "/web/1"+path, nil)
			if kept := strings.Contains(got.Header().Get("Cache-Control"), "public"); got.Code != 200 || kept != public {
				t.Errorf("%s, asked for by everybody %t: %d, %q", path, public, got.Code, got.Header().Get("Cache-Control"))
			}
		}
	}
}

func TestARateIsShownAsTheSiteStatesIt(t *testing.T) {
	for rate, want := range map[string]map[string]string{
		"72.5":   {"fr": "\u00a0: 72,5\u202f%.", "en": "rate: 72.5%."},
		"99.996": {"fr": "\u00a0: 99,996\u202f%.", "en": "rate: 99.996%."},
		"67":     {"fr": "\u00a0: 67\u202f%.", "en": "rate: 67%."},
		"0.4":    {"fr": "\u00a0: 0,4\u202f%.", "en": "rate: 0.4%."},
	} {
		w := small(t)
		runs := w.webRuns[1]
		runs[len(runs)-1].Audit = []byte(`{"access":{"mention":"partial","rate":` + rate + `}}`)
		for language, text := range want {
			if _, _, d := get(t, w, "/web/1?lang="+language, language); !strings.Contains(d.Text(), text) {
				t.Errorf("%s in %s: no %q in %q", rate, language, text, d.Find("section[aria-labelledby=access]").Text())
			}
		}
	}
}

func TestAPageThatCouldNeverBeLookedAtHasNoTimeOfItsFigures(t *testing.T) {
	w := small(t)
	w.webPages[1][0].At = time.Time{}
	var got struct{ At *string }
	if err := json.Unmarshal(raw(t, w, false, "/web/1/page.json?url="+url.QueryEscape(w.webPages[1][0].URL), nil).Body.Bytes(), &got); err != nil || got.At != nil {
		t.Errorf("%v, %v", got.At, err)
	}
}

// Who asks for a measure is at his desk.
func TestOfTheMomentOfAMeasureOnlyTheDateIsTold(t *testing.T) {
	w := small(t)
	w.sites = []collector.Site{{ID: 7, Organisation: 1, Name: "Nouméa", TimeZone: "Pacific/Noumea"}}
	page := url.QueryEscape(w.aPage())
	for _, path := range []string{"/", "/web", "/web/1", "/web/1/pages", "/web/1/history", "/web/1/page?url=" + page, "/web/1/page/history?url=" + page} {
		_, _, d := get(t, w, path, "en")
		d.Find("#energy, #hours-caption, svg").Remove()
		if text := d.Find("main").Text(); clockTime.MatchString(text) {
			t.Errorf("%s tells the time: %s", path, clockTime.FindString(text))
		}
	}
	for _, path := range []string{"/web/data.json", "/web/1/data.json", "/web/1/page.json?url=" + page, "/web/1/badge.svg"} {
		if got := raw(t, w, false, path, nil).Body.String(); clockTime.MatchString(got) || !strings.Contains(got, "2026-11-16") {
			t.Errorf("%s tells the time, or no date: %.600s", path, got)
		}
	}
}

var clockTime = regexp.MustCompile(`\b\d\d:\d\d\b`)

func TestWhatASitemapsErrorTellsOfTheNetworkIsNotForEverybody(t *testing.T) {
	w := small(t)
	runs := w.webRuns[1]
	runs[len(runs)-1].Audit = []byte(`{"rules":[{"id":"sitemap-errors","status":"failed","measured":1,"offenders":[{"url":"https://www.ville.example/s.xml","detail":"dial tcp 10.9.9.9:443: refused"}]},
		{"id":"broken-links","status":"failed","measured":1,"offenders":[{"url":"https://www.ville.example/x","detail":"404"}]}]}`)
	for _, public := range []bool{true, false} {
		got := raw(t, w, public, "/web/1/data.json", nil).Body.String()
		if strings.Contains(got, "10.9.9.9") == public || !strings.Contains(got, "s.xml") || !strings.Contains(got, `"404"`) {
			t.Errorf("everybody %t: %s", public, got)
		}
	}
}

func TestARoundedScoreIsShownWithoutADecimal(t *testing.T) {
	w := small(t)
	w.webPages[1][9].Score = 40.25 // expected, not measured
	for path, want := range map[string][]string{
		"/web/1/page?lang=fr&url=" + url.QueryEscape(w.aPage()):            {"40 sur"},
		"/web/1/page?lang=fr&url=" + url.QueryEscape(w.webPages[1][9].URL): {"40,2 sur"},
		"/web/1/pages?lang=fr&show=worst":                                  {"40", "40,2"},
		"/web/1?lang=fr":                                                   {"40", "40,2"},
	} {
		_, _, d := get(t, w, path, "fr")
		text := strings.Join(strings.Fields(d.Find("p.figure").Text()), " ")
		if !strings.Contains(path, "/page?") {
			text = d.Find("table:has(td b.grade) tbody tr:has(th a[href*='/page?'])").First().Parent().Text()
		}
		for _, one := range want {
			if !strings.Contains(text, one) || strings.Contains(text, "40,0") {
				t.Errorf("%s: %q, want %q", path, text, one)
			}
		}
	}
}

func TestOnePageIsNotSpokenOfAsSeveral(t *testing.T) {
	w := small(t)
	runs := w.webRuns[1]
	last := &runs[len(runs)-1]
	last.Pages, last.Measured, last.Unchanged = 1, 0, 1
	for language, want := range map[string][2]string{"fr": {"Une page a été vue sans", "Une n’a pas changé"}, "en": {"One page was looked at without", "One has not changed"}} {
		_, _, d := get(t, w, "/web/1?lang="+language, language)
		if text := d.Find("main").Text(); !strings.Contains(text, want[0]) || !strings.Contains(text, want[1]) {
			t.Errorf("%.600s", text)
		}
	}
}

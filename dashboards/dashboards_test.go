package dashboards_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
	"veille/ecoindex"
)

func thisHour() time.Time { return time.Now().UTC().Truncate(time.Hour) }

// joules is an hour of one machine.
func joules(hoursAgo, machine int, method, scope string, wh, covered float64) collector.Point {
	return collector.Point{
		Measurement: collector.HourEnergy, Time: thisHour().Add(-time.Duration(hoursAgo) * time.Hour),
		Tags: collector.NewTags(
			collector.Tag{Name: "site", Value: "1"}, collector.Tag{Name: "machine", Value: fmt.Sprint(machine)}, collector.Tag{Name: "part", Value: "open"},
			collector.Tag{Name: "method", Value: method}, collector.Tag{Name: "scope", Value: scope}, collector.Tag{Name: "simulated", Value: "no"},
		),
		Fields: collector.Fields{"wh": wh, "low_wh": wh / 2, "high_wh": wh * 2, "covered_s": covered},
	}
}

func believable() *world {
	return &world{
		sites: []collector.Site{{ID: 1, Name: "Lycée Marie-Curie", TimeZone: "Europe/Paris"}},
		points: []collector.Point{
			joules(2, 1, "model-class", "machine", 20, 3600), joules(2, 2, "model-class", "machine", 30, 3600),
			joules(2, 1, "rapl", "cpu", 8, 3600),
			joules(1, 1, "model-class", "machine", 22, 3600), joules(0, 1, "model-class", "machine", 5, 600),
			joules(40, 1, "model-class", "machine", 1000, 3600), // too long ago
		},
	}
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

func TestTheMethodPagesExplainEveryMethodOfTheRecord(t *testing.T) {
	for _, lang := range []string{"en", "fr"} {
		_, _, d := get(t, believable(), "/method?lang="+lang, lang)
		named := map[string]bool{}
		d.Find("dt code").Each(func(_ int, s *goquery.Selection) { named[s.Text()] = true })
		for _, method := range []string{"plug", "battery", "psys", "emi", "rapl", "rapl+model", "model-declared", "model-class"} {
			if !named[method] {
				t.Errorf("%s: %s is not explained", lang, method)
			}
		}
	}
}

func cells(row *goquery.Selection) string {
	var all []string
	row.Find("td").Each(func(_ int, cell *goquery.Selection) { all = append(all, text(cell)) })
	return strings.Join(all, " ")
}

func TestThePageIsInTheLanguageOfItsReader(t *testing.T) {
	for _, tt := range []struct{ path, header, lang, says string }{
		{"/", "fr-FR,fr;q=0.9,en;q=0.8", "fr", "Vue d’ensemble"},
		{"/nothing", "fr", "fr", "Cette page n’existe pas."},
		{"/", "de, en;q=0.5", "en", "Overview"},
		{"/", "", "en", "Overview"},
		{"/method?lang=fr", "en", "fr", "Ce que ces pages ne montrent pas"},
		{"/method", "xx", "en", "What these pages do not show"},
	} {
		_, _, d := get(t, believable(), tt.path, tt.header)
		if got := d.Find("html").AttrOr("lang", ""); got != tt.lang {
			t.Errorf("%s for %q is in %q, want %q", tt.path, tt.header, got, tt.lang)
		}
		if !strings.Contains(d.Text(), tt.says) {
			t.Errorf("%s for %q does not say %q", tt.path, tt.header, tt.says)
		}
	}
}

func TestAPageIsShownWhateverIsMissing(t *testing.T) {
	for name, w := range map[string]*world{
		"nothing at all": {},
		"a site":         {sites: believable().sites},
		"zero energy":    {sites: believable().sites, points: []collector.Point{joules(1, 1, "model-class", "machine", 0, 3600)}},
		"only a processor": {
			sites: believable().sites, points: []collector.Point{joules(1, 1, "rapl", "cpu", 4, 3600)},
		},
		"many sites": {sites: append(believable().sites, collector.Site{ID: 2, Name: "<script>alert(1)</script>", TimeZone: "Indian/Reunion"})},
	} {
		for _, path := range []string{"/", "/?lang=fr", "/method"} {
			code, _, d := get(t, w, path, "en")
			if code != 200 || d.Find("main h1").Length() != 1 || d.Find("script").Length() != 0 {
				t.Errorf("%s, %s: status %d, %d scripts", name, path, code, d.Find("script").Length())
			}
			if strings.Contains(d.Text(), "NaN") || strings.Contains(d.Text(), "Inf") {
				t.Errorf("%s, %s shows a figure that is none", name, path)
			}
		}
	}
}

func TestWhatIsNotThereIsNotFoundAndTroubleIsSaid(t *testing.T) {
	for _, path := range []string{"/sites/2", "/sites/x", "/sites/-1", "/sites/01", "/nothing", "/assets/", "/method/x"} {
		if code, _, _ := get(t, believable(), path, "en"); code != 404 {
			t.Errorf("%s: %d, want 404", path, code)
		}
	}
	w := believable()
	w.broken = errors.New("disk on fire")
	code, _, d := get(t, w, "/", "en")
	if code != 500 || strings.Contains(d.Text(), "fire") || !strings.Contains(d.Text(), "collector’s log") {
		t.Errorf("%d %q", code, d.Text())
	}
}

func TestThePagesAreFrugalAndNeedNoOtherServer(t *testing.T) {
	w := believable()
	for i := range 30 {
		w.points = append(w.points, joules(i, 1, "model-class", "machine", 20, 3600), joules(i, 3, "rapl", "cpu", 2, 3600))
	}
	for _, path := range []string{"/", "/?lang=fr", "/method", "/method?lang=fr"} {
		_, header, d := get(t, w, path, "en")
		if n := d.Find("*").Length(); n > 600 {
			t.Errorf("%s has %d elements", path, n)
		}
		html, err := d.Html()
		if err != nil {
			t.Fatal(err)
		}
		measure := ecoindex.Measure{DOM: d.Find("*").Length() - d.Find("svg *").Length(), Requests: 2, SizeKB: float64(len(html)) / 1000}
		if result, err := ecoindex.Compute(measure); err != nil || result.Grade != ecoindex.A || measure.SizeKB > 100 {
			t.Errorf("%s, before compression: %+v, %+v, %v; want grade A", path, measure, result, err)
		}
		d.Find("[src], link[href], form").Each(func(_ int, s *goquery.Selection) {
			for _, attribute := range []string{"src", "href", "action"} {
				if at := s.AttrOr(attribute, "/"); !strings.HasPrefix(at, "/") && at != "data:," {
					t.Errorf("%s asks for %s", path, at)
				}
			}
		})
		if policy := header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") {
			t.Errorf("%s has the policy %q", path, policy)
		}
		if d.Find("[style], [onclick], style").Length() > 0 {
			t.Errorf("%s has inline styles or scripts, which its policy forbids", path)
		}
	}
}

func TestTheStyleSheetCanBeKeptForEver(t *testing.T) {
	_, _, d := get(t, believable(), "/", "en")
	code, header, _ := get(t, believable(), d.Find("link[rel=stylesheet]").AttrOr("href", ""), "en")
	if code != 200 || !strings.Contains(header.Get("Cache-Control"), "immutable") || header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%d %v", code, header)
	}
}

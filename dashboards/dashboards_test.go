package dashboards_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
	"veille/dashboards"
	"veille/ecoindex"
)

// world is what there is to show.
type world struct {
	sites []collector.Site
	fakeWeb
	points []collector.Point
	broken error
}

func (w *world) Sites(context.Context) ([]collector.Site, error) { return w.sites, w.broken }
func (w *world) Organisations(context.Context) ([]collector.Responsible, error) {
	return []collector.Responsible{{Organisation: collector.Organisation{ID: 1, Name: "Région"}}, {Organisation: collector.Organisation{ID: 2, Name: "Lycée"}}}, nil
}

func (w *world) Range(_ context.Context, q collector.Query) ([]collector.Point, error) {
	var points []collector.Point
	for _, p := range w.points {
		if p.Measurement == q.Measurement && !p.Time.Before(q.From) && p.Time.Before(q.To) &&
			(len(q.Tags) == 0 || p.Tags.Get("site") == q.Tags.Get("site")) {
			points = append(points, p)
		}
	}
	return points, nil
}

func get(t *testing.T, w *world, path, language string) (int, http.Header, *goquery.Document) {
	t.Helper()
	h, err := dashboards.New(w, w, w, w, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", language)
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	if strings.Contains(recorder.Body.String(), "[") && !w.brackets && recorder.Code == 200 && strings.HasPrefix(recorder.Header().Get("Content-Type"), "text/html") {
		t.Errorf("%s has a key without words: %s", path, recorder.Body)
	}
	document, err := goquery.NewDocumentFromReader(recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	return recorder.Code, recorder.Header(), document
}

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

func TestTheFirstPageShowsEachHourWithItsRangeMethodAndCoverage(t *testing.T) {
	code, _, d := get(t, believable(), "/", "en")
	if code != 200 {
		t.Fatalf("status %d", code)
	}
	rows := d.Find("section").First().Find("tbody tr")
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := func(hoursAgo int) string {
		return thisHour().Add(-time.Duration(hoursAgo) * time.Hour).In(zone).Format("2006-01-02 15:04")
	}
	var got []string
	rows.Each(func(_ int, row *goquery.Selection) {
		var cells []string
		row.Find("th, td").Each(func(_ int, cell *goquery.Selection) { cells = append(cells, text(cell)) })
		got = append(got, strings.Join(cells, " | "))
	})
	want := []string{
		at(0) + " | 5.00 Wh | 2.50 Wh | 10.0 Wh | – | estimated by class | 17% | 1",
		at(1) + " | 22.0 Wh | 11.0 Wh | 44.0 Wh | – | estimated by class | 100% | 1",
		at(2) + " | 50.0 Wh | 25.0 Wh | 100 Wh | 8.00 Wh | estimated by class | 100% | 2",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("rows\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got, want := text(d.Find(".figure")), "77.0 Wh between 38.5 Wh and 154 Wh"; got != want {
		t.Errorf("total %q, want %q: the processors' 8 Wh are part of it and are not added", got, want)
	}
	if n := d.Find("svg rect.bar").Length(); n != 3 || d.Find("svg rect[fill]").Length() != 3 || d.Find("svg path.range").Length() != 3 {
		t.Errorf("%d bars", n)
	}
}

func TestExternalScreensStandBesideTheMachineAndAreNotAddedToIt(t *testing.T) {
	w := believable()
	w.points = append(w.points, joules(1, 1, "model-class", "display", 12, 3600))
	_, _, d := get(t, w, "/", "en")
	if got, want := text(d.Find(".figure")), "77.0 Wh between 38.5 Wh and 154 Wh"; got != want {
		t.Errorf("total %q, want %q, as without screens", got, want)
	}
	rows := d.Find("section").First().Find("tbody tr")
	for i, want := range []string{"–", "12.0 Wh (6.00 Wh–24.0 Wh)", "–"} {
		if got := text(rows.Eq(i).Find("td").Eq(4)); got != want {
			t.Errorf("row %d: screens %q, want %q", i, got, want)
		}
	}
	if got := text(d.Find("thead").First()); !strings.Contains(got, "External screens, beside (estimated)") {
		t.Errorf("heading %q", got)
	}
}

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

func TestAnHourIsThatOfTheClocksOfTheSite(t *testing.T) {
	w := believable()
	w.sites[0].TimeZone = "Pacific/Marquesas" // nine and a half hours behind UTC
	zone, err := time.LoadLocation(w.sites[0].TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	p := joules(0, 1, "model-class", "machine", 20, 3600)
	p.Time = time.Now().UTC().Add(-30 * time.Minute).Truncate(time.Hour).Add(-30 * time.Minute) // struck there one hour ago or so
	w.points = []collector.Point{p}
	_, _, d := get(t, w, "/", "en")
	row := text(d.Find("section").First().Find("tbody th"))
	if want := p.Time.In(zone).Format("2006-01-02 15:04"); row != want || !strings.HasSuffix(want, ":00") {
		t.Errorf("the hour is %q, want %q", row, want)
	}
}

// seconds is an hour of a machine that sent no energy.
func seconds(hoursAgo, machine int) collector.Point {
	p := joules(hoursAgo, machine, "x", "x", 0, 0)
	p.Measurement = collector.HourSeconds
	p.Tags = collector.NewTags(
		collector.Tag{Name: "site", Value: "1"}, collector.Tag{Name: "machine", Value: fmt.Sprint(machine)}, collector.Tag{Name: "part", Value: "open"},
	)
	p.Fields = collector.Fields{"on": 3600}
	return p
}

func TestAMachineThatSentNoEnergyIsSeenAndItsEnergyIsMissing(t *testing.T) {
	w := believable()
	w.points = []collector.Point{joules(1, 1, "model-class", "machine", 20, 3600), seconds(1, 1), seconds(1, 2), seconds(3, 2)}
	_, _, d := get(t, w, "/", "en")
	if got, want := text(d.Find("section p").Eq(1)), "2 machines counted by the hour. 0% of the energy is measured by meters, the rest is estimated. The figure covers 33%"; !strings.HasPrefix(got, want) {
		t.Errorf("summary %q, want %q", got, want)
	}
	w.points = append(w.points, joules(1, 1, "battery", "machine", 0, 0)) // a method that a later record has no more
	_, _, d = get(t, w, "/", "en")
	if got := d.Find("tbody td.words").First().Text(); got != "estimated by class" {
		t.Errorf("methods %q", got)
	}
	w.points = []collector.Point{seconds(1, 2), joules(1, 2, "rapl", "cpu", 4, 3600)}
	_, _, d = get(t, w, "/", "en")
	if d.Find(".figure, svg").Length() != 0 || !strings.Contains(text(d.Find("section").First()), "it is unknown") {
		t.Errorf("an energy that nobody knows is shown as %q", text(d.Find(".figure")))
	}
	if got := cells(d.Find("section").First().Find("tbody tr")); !strings.HasPrefix(got, "not known 4.00 Wh") {
		t.Errorf("its hour is %q", got)
	}
}

func cells(row *goquery.Selection) string {
	var all []string
	row.Find("td").Each(func(_ int, cell *goquery.Selection) { all = append(all, text(cell)) })
	return strings.Join(all, " ")
}

func TestMeasuredBarsAreFilledAndEstimatedOnesHatched(t *testing.T) {
	w := believable()
	w.points = []collector.Point{joules(1, 1, "battery", "machine", 20, 3600), joules(0, 1, "model-class", "machine", 20, 600)}
	_, _, d := get(t, w, "/", "en")
	bars := d.Find("svg rect.bar")
	if _, filled := bars.Eq(0).Attr("fill"); filled || bars.Eq(1).AttrOr("fill", "") != "url(#hatch)" {
		t.Errorf("bars: %s", text(bars))
	}
	if got := text(d.Find("section p").Eq(1)); !strings.Contains(got, "50% of the energy is measured by meters") {
		t.Errorf("summary %q", got)
	}
}

func TestThePageIsInTheLanguageOfItsReader(t *testing.T) {
	for _, tt := range []struct{ path, header, lang, says string }{
		{"/", "fr-FR,fr;q=0.9,en;q=0.8", "fr", "Énergie des dernières 24 heures"},
		{"/nothing", "fr", "fr", "Cette page n’existe pas."},
		{"/", "de, en;q=0.5", "en", "Energy of the last 24 hours"},
		{"/", "", "en", "Energy of the last 24 hours"},
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
	_, _, d := get(t, believable(), "/?lang=fr", "")
	if got := text(d.Find(".figure")); !strings.Contains(got, "77,0 Wh entre 38,5 Wh et 154 Wh") {
		t.Errorf("in French: %q", got)
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
	for _, path := range []string{"/?site=2", "/?site=x", "/?site=-1", "/nothing", "/assets/", "/method/x"} {
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

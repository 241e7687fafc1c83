package dashboards_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
	"veille/dashboards"
	"veille/ecoindex"
)

// addresses are all pages about websites.
func addresses(w *world) []string {
	page := "url=" + url.QueryEscape(w.aPage())
	return []string{
		"/web", "/web/1", "/web/2", "/web/3", "/web/1?queued=1", "/web/1/pages", "/web/1/pages?show=best&page=2", "/web/1/pages?show=failed", "/web/1/practices", "/web/1/practices?page=2", "/web/1/rules",
		"/web/1/rgesn", "/web/1/templates", "/web/1/history", "/web/1/history?page=3", "/web/2/pages", "/web/2/practices", "/web/2/history", "/web/1/page?" + page, "/web/1/page/practices?" + page,
		"/web/1/page/practices?page=2&" + page, "/web/1/page/history?" + page, "/web/3/page", "/web/1/page?url=" + url.QueryEscape(w.webPages[1][0].URL), "/",
	}
}

func in(path, language string) string {
	if strings.Contains(path, "?") {
		return path + "&lang=" + language
	}
	return path + "?lang=" + language
}

func TestEveryPageOfWebsitesHoldsItsBudgetInBothLanguages(t *testing.T) {
	for name, w := range map[string]*world{"a town": city(t), "as much as there may be": large(t)} {
		w.under = true
		for _, path := range addresses(w) {
			for _, language := range []string{"fr", "en"} {
				code, _, d := get(t, w, in(path, language), language)
				html, err := d.Html()
				if err != nil || code != 200 {
					t.Fatalf("%s, %s: %d, %v", name, path, code, err)
				}
				all, svg := d.Find("*").Length(), d.Find("svg *").Length()
				measure := ecoindex.Measure{DOM: all - svg, Requests: 2, SizeKB: float64(len(html)) / 1000}
				result, err := ecoindex.Compute(measure)
				if err != nil || result.Grade != ecoindex.A || measure.SizeKB > 100 || all > 600 {
					t.Errorf("%s, %s: %d elements, %d of them in drawings, %.0f kB: %d %s, %v", name, path, all, svg, measure.SizeKB, result.Score, result.Grade, err)
				}
				sound(t, path, d)
			}
		}
	}
}

// sound checks what every page must hold.
func sound(t *testing.T, path string, d *goquery.Document) {
	t.Helper()
	if d.Find("table").Length() != d.Find("table > caption").Length() || d.Find("svg").Length() != d.Find("svg > title").Length() || d.Find("svg").Length() != d.Find("svg > desc").Length() {
		t.Errorf("%s has a table without caption, or a drawing without title and description", path)
	}
	seen := map[string]bool{}
	d.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); seen[id] {
			t.Errorf("%s has the id %q twice", path, id)
		} else {
			seen[id] = true
		}
	})
	d.Find("[aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
		for id := range strings.FieldsSeq(s.AttrOr("aria-labelledby", "")) {
			if !seen[id] {
				t.Errorf("%s names %q, which it does not have", path, id)
			}
		}
	})
	d.Find("tr").Each(func(_ int, row *goquery.Selection) {
		if n, want := row.Children().Length(), row.Closest("table").Find("thead th").Length(); n != want {
			t.Errorf("%s has a row of %d cells below %d headings: %s", path, n, want, text(row))
		}
	})
	if d.Find("script, style, [style]").Length() > 0 || strings.Contains(d.Text(), "NaN") || strings.Contains(d.Text(), "%!") {
		t.Errorf("%s has a script, a style, or a figure that is none", path)
	}
	d.Find("a").Each(func(_ int, a *goquery.Selection) {
		href := a.AttrOr("href", "")
		if strings.HasPrefix(href, "http") && a.AttrOr("rel", "") != "noreferrer" || !strings.HasPrefix(href, "http") && !strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "#") {
			t.Errorf("%s links to %q", path, href)
		}
	})
}

func TestWhatHostileSitesWriteIsShownAndNeverObeyed(t *testing.T) {
	w := hostile(t)
	for _, path := range addresses(w) {
		code, _, d := get(t, w, path, "fr")
		if code != 200 {
			t.Errorf("%s: %d", path, code)
		}
		sound(t, path, d)
		if n := d.Find("img, [onerror], [onload], script").Length(); n > 0 {
			t.Errorf("%s: %d elements of others", path, n)
		}
		if html, err := d.Html(); err != nil || len(html) > 150_000 {
			t.Errorf("%s: %d bytes, %v", path, len(html), err)
		}
	}
	_, _, d := get(t, w, "/web/1/pages?show=worst", "en")
	long := d.Find("a[href*='key=']")
	if long.Length() == 0 {
		t.Fatal("no address is too long for a link")
	}
	code, _, d := get(t, w, long.First().AttrOr("href", ""), "en")
	if code != 200 || d.Find(".figure").Length() != 1 {
		t.Errorf("the page of a long address: %d", code)
	}
}

func TestAllLinksOfOurOwnLeadSomewhere(t *testing.T) {
	w := city(t)
	checked := map[string]bool{}
	for _, path := range addresses(w) {
		_, _, d := get(t, w, in(path, "fr"), "fr")
		d.Find("a[href^='/']").Each(func(_ int, a *goquery.Selection) {
			href := a.AttrOr("href", "")
			if checked[href] || len(checked) > 300 {
				return
			}
			checked[href] = true
			place, fragment, within := strings.Cut(href, "#")
			code, header, to := get(t, w, place, "en")
			if code != 200 {
				t.Errorf("%s links to %s: %d", path, href, code)
			}
			if strings.HasPrefix(header.Get("Content-Type"), "text/html") && !strings.Contains(href, "lang=en") && to.Find("html").AttrOr("lang", "") != "fr" {
				t.Errorf("%s links to %s, which is in another language", path, href)
			}
			if within && to.Find("[id='"+fragment+"']").Length() != 1 {
				t.Errorf("%s links to %s, which has no such place", path, href)
			}
		})
	}
	if len(checked) < 50 {
		t.Errorf("only %d links", len(checked))
	}
}

func TestTheListOfWebsitesSaysHowEachChanged(t *testing.T) {
	w := city(t)
	w.websites = append(w.websites,
		collector.Website{ID: 4, Name: "a", Organisation: 1}, collector.Website{ID: 5, Name: "b", Organisation: 1}, collector.Website{ID: 6, Name: "c", Organisation: 1}, collector.Website{ID: 7, Name: "d", Organisation: 1})
	two := func(id int64, before, now collector.WebFigure, mode string) {
		w.webRuns[id] = []collector.WebRun{{At: monday(1), Mode: "browser", Mean: before}, {At: monday(0), Mode: mode, Mean: now}}
	}
	two(4, known(50, 49, 51), known(55, 54, 56), "browser")
	two(5, known(50, 47, 53), known(45, 42, 48), "browser")
	two(6, known(50, 49, 51), known(30, 29, 31), "browser")
	two(7, known(50, 49, 51), known(20, 19, 21), "static")
	_, _, d := get(t, w, "/web", "en")
	want := []string{
		"d | F 20.0 (19.0–21.0) | 0.0 | measured otherwise: not to be compared",
		"c | E 30.0 (29.0–31.0) | 0.0 | −20.0, worse",
		"b | D 45.0 (42.0–48.0) | 0.0 | −5.0, within the error",
		"a | D 55.0 (54.0–56.0) | 0.0 | +5.0, better",
		"www.ville.example | C 66.4 (63.1–69.8) | 64.2 | +1.0, within the error",
		"page d’accueil | A 91.0 (range not known) | 91.0 | first measure",
		"intranet | – | – | –",
	}
	d.Find("tbody tr").Each(func(i int, row *goquery.Selection) {
		var all []string
		row.Children().Each(func(_ int, cell *goquery.Selection) {
			if name := text(cell); name != "" {
				all = append(all, name)
			} else {
				all = append(all, "–")
			}
		})
		if got := strings.Join(all[:4], " | "); got != want[i] {
			t.Errorf("row %d: %s, want %s", i, got, want[i])
		}
	})
	if d.Find("tbody tr").Length() != len(want) {
		t.Errorf("%d rows", d.Find("tbody tr").Length())
	}
}

func TestWhatWasMeasuredInTwoWaysIsNeverJoined(t *testing.T) {
	w := city(t)
	_, _, d := get(t, w, "/web/1/page?url="+url.QueryEscape(w.aPage()), "fr")
	lines, marks := d.Find("svg .line"), d.Find("svg .mark")
	if lines.Length() != 2 || marks.Length() != 2 {
		t.Fatalf("%d lines, %d sorts of signs", lines.Length(), marks.Length())
	}
	points := regexp.MustCompile(`[ML]`)
	if a, b := len(points.FindAllString(lines.Eq(0).AttrOr("d", ""), -1)), len(points.FindAllString(lines.Eq(1).AttrOr("d", ""), -1)); a != 2 || b != 3 {
		t.Errorf("%d and %d points, want 2 of a browser and 3 of the quick look", a, b)
	}
	if got := text(d.Find("figcaption")); !strings.HasPrefix(got, "● navigateur (ecoindex-2026); ■ statique.") {
		t.Errorf("legend %q", got)
	}
}

func TestAPageSaysWhatEachMeasureCostsAndWhatTheNextGradeNeeds(t *testing.T) {
	w := city(t)
	_, _, d := get(t, w, "/web/1/page?url="+url.QueryEscape(w.aPage()), "en")
	if got, want := cells(d.Find("#costs-caption").Closest("table").Find("tbody tr").First()), "970 35.4"; got != want {
		t.Errorf("elements: %q, want %q", got, want)
	}
	if got := text(d.Find("#costs").Parent().Find("ul")); !strings.Contains(got, "fewer") || !strings.Contains(got, "%") {
		t.Errorf("next grade: %q", got)
	}
	w.webPages[1][20].Browser, w.webPages[1][20].Static = nil, collector.WebSizes{DOM: 1}
	_, _, d = get(t, w, "/web/1/page?url="+url.QueryEscape(w.aPage()), "en")
	if got := text(d.Find(".figure")); !strings.Contains(got, "expected") || d.Find("#costs").Parent().Find("ul").Length() != 0 {
		t.Errorf("an expected page of grade A: %q", got)
	}
}

func TestAWebsiteOfSomebodyElseIsNotThere(t *testing.T) {
	w := city(t)
	w.websites[1].Organisation = 2
	w.websites[2].Site = 7
	for _, role := range collector.Roles() {
		for _, tt := range []struct {
			site int64
			sees string
		}{{0, "1 3"}, {7, "3"}, {8, ""}} {
			w.user = collector.User{ID: 2, Organisation: 1, Name: "bob", Roles: []collector.Role{role}, Site: tt.site}
			var seen []string
			for _, id := range []string{"1", "2", "3", "4", "-1", "01", "x", "9223372036854775808"} {
				for _, path := range []string{"/web/" + id, "/api/v1/web/" + id, "/web/" + id + "/badge.svg"} {
					code, _, _ := get(t, w, path, "en")
					if code == 200 && path == "/web/"+id {
						seen = append(seen, id)
					} else if code != 200 && code != 404 || (code == 200) != slices.Contains(seen, id) {
						t.Errorf("%s for %s at site %d: %d", path, role, tt.site, code)
					}
				}
			}
			if got := strings.Join(seen, " "); got != tt.sees {
				t.Errorf("%s at site %d sees %q, want %q", role, tt.site, got, tt.sees)
			}
			if _, _, d := get(t, w, "/web", "en"); d.Find("tbody tr").Length() != len(strings.Fields(tt.sees)) {
				t.Errorf("%s at site %d: the list has %d", role, tt.site, d.Find("tbody tr").Length())
			}
		}
	}
}

func TestWhatIsNoWebsiteIsNotFound(t *testing.T) {
	for _, path := range []string{"/web/4", "/web/x", "/web/0", "/web/1/page", "/web/1/page?url=x", "/web/1/page?key=x", "/web/1/nothing", "/web/4/badge.svg", "/web/4/data.json", "/web/1/page.json?url=x", "/web/99999999999999999999"} {
		if code, _, _ := get(t, city(t), path, "en"); code != 404 {
			t.Errorf("%s: %d, want 404", path, code)
		}
	}
}

func post(t *testing.T, w *world, path string, header map[string]string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	h := handler(t, w)
	form = maps.Clone(form)
	if form == nil {
		form = url.Values{}
	}
	form.Set("token", tokenIn(t, h))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
	r.AddCookie(&http.Cookie{Name: "veille", Value: "ada"})
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	return recorder
}

// tokenIn is what a page gives its forms to bring back.
func tokenIn(t *testing.T, h *dashboards.Handler) string {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/web", nil)
	r.AddCookie(&http.Cookie{Name: "veille", Value: "ada"})
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	d, err := goquery.NewDocumentFromReader(recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	return d.Find("input[name=token]").AttrOr("value", "")
}

func TestAMeasureIsAskedForFromOurOwnPagesOnly(t *testing.T) {
	for name, tt := range map[string]struct {
		header map[string]string
		code   int
	}{
		"our page":                {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": "http://example.com"}, 303},
		"our page, old browser":   {map[string]string{"Origin": "http://example.com"}, 303},
		"a command":               {nil, 303},
		"another site":            {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 403},
		"a neighbour":             {map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"another, old browser":    {map[string]string{"Origin": "https://evil.example"}, 403},
		"nobody knows from where": {map[string]string{"Origin": "null"}, 403},
	} {
		w := city(t)
		got := post(t, w, "/web/1/measure?lang=fr", tt.header, nil)
		if got.Code != tt.code || (len(w.asked) == 1) != (tt.code == 303) {
			t.Errorf("%s: %d, asked %v", name, got.Code, w.asked)
		}
		if to := got.Header().Get("Location"); tt.code == 303 && to != "/web/1?lang=fr&queued=1" {
			t.Errorf("%s: sent to %s", name, to)
		}
	}
	w := city(t)
	got := post(t, w, "/web/1/measure?lang=en", nil, url.Values{"url": {w.aPage()}})
	if to := got.Header().Get("Location"); to != "/web/1/page?lang=en&queued=1&url="+url.QueryEscape(w.aPage()) {
		t.Errorf("sent to %s", to)
	}
	if _, _, d := get(t, w, got.Header().Get("Location"), "fr"); !strings.Contains(text(d.Find("[role=status]")), "has been asked for") {
		t.Errorf("the page says %q", text(d.Find("[role=status]")))
	}
	if got := post(t, w, "/web/4/measure", nil, nil); got.Code != 404 {
		t.Errorf("a website that is not there: %d", got.Code)
	}
	w.user = collector.User{ID: 2, Organisation: 1, Name: "bob", Roles: []collector.Role{collector.RoleIT, collector.RoleReader}}
	if got := post(t, w, "/web/1/measure", nil, nil); got.Code != 403 || len(w.asked) != 1 {
		t.Errorf("somebody without the role: %d, asked %v", got.Code, w.asked)
	}
	if _, _, d := get(t, w, "/web/1", "en"); d.Find("main form").Length() != 0 {
		t.Error("somebody without the role has a button")
	}
	w.user = collector.User{}
	w.websites = append(w.websites, collector.Website{ID: 99, Organisation: 1})
	if got := post(t, w, "/web/99/measure", nil, nil); got.Code != 500 || strings.Contains(got.Body.String(), "fire") {
		t.Errorf("a queue in trouble: %d", got.Code)
	}
	if got := post(t, w, "/web/1/measure", nil, url.Values{"url": {strings.Repeat("x", 1<<17)}}); got.Code != 400 {
		t.Errorf("an enormous form: %d", got.Code)
	}
	if _, header, _ := get(t, w, "/web/1", "en"); header.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("with the policy %q browsers hide where a form comes from", header.Get("Referrer-Policy"))
	}
	if code, _, _ := get(t, w, "/web/1/measure", "en"); code == 303 || code == 200 {
		t.Errorf("a GET asks for a measure: %d", code)
	}
}

func TestTheOtherLanguageShowsTheSamePage(t *testing.T) {
	w := city(t)
	for path, want := range map[string]string{
		"/web/1/pages?show=best&page=2":                 "/web/1/pages?lang=fr&show=best&page=2",
		"/web/1/page?url=" + url.QueryEscape(w.aPage()): "/web/1/page?lang=fr&url=" + url.QueryEscape(w.aPage()),
	} {
		_, _, d := get(t, w, path, "en")
		if got := d.Find("a[hreflang=fr]").AttrOr("href", ""); got != want {
			t.Errorf("%s: the other language is at %s, want %s", path, got, want)
		}
	}
}

func TestAWebsiteSaysWhatIsBeingMeasuredAndWhatWasLeftAlone(t *testing.T) {
	w := city(t)
	w.under = true
	_, _, d := get(t, w, "/web/1", "fr")
	for _, want := range []string{
		"Mesure en cours\u00a0: 1\u202f234 pages vues, 3\u202f766 en attente.", "Le site demande aux robots de ne pas venir (robots.txt)\u00a0: 2", "extern.example was left alone",
		"La mention, la déclaration et le taux ne concordent pas", "Taux déclaré\u00a0: 72,5\u202f%.", "Ce sont des propositions", "un navigateur en a mesuré 24, les 28 autres ont un score attendu",
	} {
		if !strings.Contains(d.Text(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	w.under, w.websites[0].Asked = false, true
	if _, _, d := get(t, w, "/web/1", "en"); !strings.Contains(d.Text(), "begins as soon as may be") {
		t.Error("a measure that was asked for is not said")
	}
	if _, _, d := get(t, w, "/web/3", "en"); d.Find("#worst, #grades").Length() != 0 {
		t.Error("a single page has a list of its worst pages")
	}
}

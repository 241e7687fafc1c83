package reports_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"golang.org/x/net/html"

	"veille/collector"
	"veille/collector/label"
	"veille/dashboards/frame"
)

var months = "?template=lnr-2019&from=2025-09&to=2026-08"

func paths(theme string) []string {
	return []string{"/reports", "/reports/draft", "/reports/draft" + months, "/reports/draft/" + theme + months, "/reports/1", "/reports/1/" + theme}
}

func TestEachPageIsSmallAndWholeInBothLanguages(t *testing.T) {
	for name, c := range map[string]struct {
		w     *world
		theme string
	}{"believable": {believable(), "use"}, "large": {large(), "t3"}} {
		for _, path := range paths(c.theme) {
			for _, code := range []string{"fr", "en"} {
				at := path + map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "lang=" + code
				recorder := c.w.get(t, at)
				body := recorder.Body.String()
				if recorder.Code != http.StatusOK {
					t.Fatalf("%s %s: %d %s", name, at, recorder.Code, body)
				}
				if m := regexp.MustCompile(`\[(reports|pager|table|figure)\.[^\]]*\]|%!|NaN`).FindString(body); m != "" {
					t.Errorf("%s %s has no words for %s", name, at, m)
				}
				if strings.Contains(body, `"javascript:`) || strings.Contains(body, "<b>Notes") || strings.Contains(body, "style=") {
					t.Errorf("%s %s has markup or an address that data brought", name, at)
				}
				d := c.w.page(t, at)
				if n := d.Find("*").Length(); n > 600 || len(body) > 100_000 {
					t.Errorf("%s %s has %d elements and %d bytes", name, at, n, len(body))
				}
				ids := map[string]bool{}
				for _, node := range d.Find("[id]").Nodes {
					for _, a := range node.Attr {
						if a.Key == "id" && ids[a.Val] {
							t.Errorf("%s has two of id %s", at, a.Val)
						}
						ids[a.Val] = ids[a.Val] || a.Key == "id"
					}
				}
				for _, node := range d.Find("main input:not([type=hidden]), main select").Nodes {
					i := slices.IndexFunc(node.Attr, func(a html.Attribute) bool { return a.Key == "id" })
					if i < 0 || d.Find(`label[for="`+node.Attr[i].Val+`"]`).Length() != 1 {
						t.Errorf("%s has an input without a label", at)
					}
				}
				if dir := os.Getenv("SHOW_PAGES"); dir != "" {
					body = regexp.MustCompile(`/assets/veille-[0-9a-f]+\.css`).ReplaceAllString(body, "veille.css")
					if err := os.WriteFile(dir+"/"+name+"-"+code+strings.ReplaceAll(strings.Split(path, "?")[0], "/", "-")+".html", []byte(body), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
}

func TestADraftSaysWhatMustBeReadFirst(t *testing.T) {
	w := believable()
	v := w.api(t, "/reports/draft"+months+"&lang=en")
	want := map[string]float64{"complete": 4, "coverage": 72.4, "observed": 87.2, "high": 12, "medium": 38, "low": 50, "machines": 412, "inventory": 520, "sites": 9, "months": 11}
	got := map[string]float64{}
	for _, f := range v.Figures {
		if f.Value != nil {
			got[f.ID] = *f.Value
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("figures %v, want %v", got, want)
	}
	if !slices.Contains(v.Notices, "Screens are estimated. (en)") || !strings.Contains(v.Notices[0], "draft") {
		t.Errorf("the limits are not said: %q", v.Notices)
	}
	if row := v.table(t, "themes")[0]; row["lines"] != 3.0 || row["measured"] != 2.0 || row["declared"] != 1.0 || row["to_complete"] != 0.0 || row["items_to_complete"] != 1.0 {
		t.Errorf("the first theme is %v", row)
	}
	if q := w.made[0]; q != (label.Request{Organisation: 1, Template: "lnr-2019", From: "2025-09", To: "2026-08"}) {
		t.Errorf("the maker was asked %+v", q)
	}
}

func TestWhatIsNotKnownIsNotWrittenAsNothing(t *testing.T) {
	w := believable()
	w.report.CoveragePct, w.report.First.ObservedPct, w.report.First.Inventory, w.report.Quality = nil, nil, 0, label.Quality{}
	for _, f := range w.api(t, "/reports/draft").Figures {
		if slices.Contains([]string{"coverage", "observed", "high", "medium", "low", "inventory"}, f.ID) && (f.Value != nil || f.Missing == "" || f.Note != "") {
			t.Errorf("%s is %v, %q, %q", f.ID, f.Value, f.Missing, f.Note)
		}
	}
	w = believable()
	d := w.page(t, "/reports/draft/people"+months+"&lang=en")
	row := d.Find("#lines-caption").Closest("table").Find("tbody tr").First()
	if got := text(row.Find("td").Eq(1)); got != "–" || !strings.Contains(text(row), "to be completed") {
		t.Errorf("a line without a value is shown as %q in %q", got, text(row))
	}
	if got := text(d.Find("#line-G3")); !strings.Contains(got, "Nobody has stated") {
		t.Errorf("it does not say why: %s", got)
	}
}

func TestALineIsToldWithAllThatMustBeSaid(t *testing.T) {
	w := believable()
	d := w.page(t, "/reports/draft/use"+months+"&lang=en")
	got := text(d.Find("#line-U1"))
	for _, want := range []string{
		"61.3 %", "58.0 to 64.5", "previous period: 55.0 %", "target: 80.0 % (by December 2027)", "Reckoned from seconds", "Method: processor counter, meter at the plug", "off / observed",
		"Holidays are apart. (en) Hibernation is off. (en)", "notebook (en): 70.5 % (60.0 to 80.0)", "desktop (en): not known, few machines (en)", "Policy, 2026-01-31", "<b>Notes</b>, javascript:alert(1)",
	} {
		if !strings.Contains(strings.ReplaceAll(got, "\u00a0", " "), want) {
			t.Errorf("the line lacks %q: %s", want, got)
		}
	}
	if href := d.Find("#line-U1 a").AttrOr("href", ""); href != "https://example.org/policy" {
		t.Errorf("its evidence leads to %q", href)
	}
	if got := text(d.Find("#line-E1")); !strings.Contains(got, "Not representative") || !strings.Contains(got, "1,234.5") {
		t.Errorf("a line of few machines does not say so: %s", got)
	}
	if got := text(d.Find("#line-F1")); !strings.Contains(got, "From the register. (validated by: IT department, 2026-10-01)") {
		t.Errorf("a remark is not said: %s", got)
	}
	v := w.api(t, "/reports/draft/use"+months+"&lang=en")
	line := v.table(t, "lines")[0]
	if line["value"] != 61.27 || line["low"] != 58.0 || line["high"] != 64.5 || line["target"] != 80.0 || line["previous"] != 55.0 || line["coverage"] != 87.0 || line["unit"] != "%" || line["target_by"] != "2027-12" {
		t.Errorf("programs get %v", line)
	}
	if parts := v.table(t, "parts"); len(parts) != 6 || parts[0]["value"] != 70.5 || parts[1]["value"] != nil {
		t.Errorf("its parts are %v", parts)
	}
	if evidence := v.table(t, "evidence"); len(evidence) != 3 || evidence[2]["sha256"] != strings.Repeat("a", 64) {
		t.Errorf("its evidence is %v", evidence)
	}
}

func TestProgramsGetEachLineOfALongThemeAndPeopleAPart(t *testing.T) {
	w := large()
	if n := len(w.api(t, "/reports/draft/t0"+months).table(t, "lines")); n != 60 {
		t.Errorf("programs get %d lines of 60", n)
	}
	if n := strings.Count(w.get(t, "/csv/lines/reports/draft/t0"+months).Body.String(), "\n"); n != 61 {
		t.Errorf("the file has %d lines", n)
	}
	seen := map[string]bool{}
	path := "/reports/draft/t0" + months + "&lang=en"
	for range 20 {
		d := w.page(t, path)
		for _, row := range d.Find("details[id]").EachIter() {
			seen[row.AttrOr("id", "")] = true
		}
		next := ""
		for _, a := range d.Find("a[rel=next]").EachIter() {
			if href := a.AttrOr("href", ""); strings.Contains(href, "lines=") {
				next = href
			}
		}
		if path = next; path == "" {
			break
		}
		if !strings.Contains(path, "template=lnr-2019") || !strings.Contains(path, "from=2025-09") {
			t.Fatalf("the next part is of another report: %s", path)
		}
	}
	if len(seen) != 60 {
		t.Errorf("people can leaf through %d lines of 60", len(seen))
	}
}

func TestWhatIsToBeCompletedLeadsToWhereThatIsDone(t *testing.T) {
	w := believable()
	d := w.page(t, "/reports/draft"+months+"&lang=en")
	todo := d.Find("#todo-caption").Closest("table")
	if got := text(todo); !strings.Contains(got, "Consult the staff (en)") || !strings.Contains(got, "Nobody has stated how many people work there. (en)") || strings.Contains(got, "line S1") {
		t.Errorf("to be completed: %s", got)
	}
	var hrefs []string
	for _, a := range todo.Find("td a").EachIter() {
		hrefs = append(hrefs, a.AttrOr("href", ""))
	}
	if !slices.Contains(hrefs, "/settings/remarks?lang=en&of=PA10.2") || len(hrefs) != 2 || !strings.HasPrefix(hrefs[1], "/settings/") {
		t.Errorf("it leads to %q", hrefs)
	}
	w.user.Roles = []collector.Role{collector.RoleReader}
	if n := w.page(t, "/reports/draft"+months).Find(`main a[href^="/settings"], form[method=post]`).Length(); n != 1 { // that of signing out
		t.Errorf("a reader is led to %d places that are not for him", n)
	}
}

func TestEachLineThatIsMissingLeadsToWhereItIsCompleted(t *testing.T) {
	w := believable()
	w.report.Themes = []label.Theme{{ID: "all", Title: says("All"), Items: []label.Item{{ID: "PA1", Title: says("All"), Lines: nil, Status: label.Declared}}}}
	want := map[string]string{
		"E2": "/settings/actions", "E3": "/settings/prices", "E4b": "/settings/factors", "E6": "/settings/meters", "L1.age": "/settings/equipment", "C1": "/settings/equipment", "F2": "/settings/equipment",
		"W3": "/settings/grids", "W1": "/web", "G1": "/settings/governance", "P2": "/settings/quantities?lang=en&quantity=printers", "L9": "/settings/quantities?lang=en&quantity=staff", "U1": "", "E1": "", "C3": "",
	}
	w.report.Lines = nil
	for id := range want {
		w.report.Lines = append(w.report.Lines, empty(id))
		w.report.Themes[0].Items[0].Lines = append(w.report.Themes[0].Items[0].Lines, id)
	}
	got := map[string]string{}
	for _, part := range []string{"1", "2"} {
		for _, row := range w.page(t, "/reports/draft"+months+"&lang=en&todo="+part).Find("#todo-caption").Closest("table").Find("tbody tr").EachIter() {
			got[row.Find("td").First().Text()] = strings.TrimSuffix(row.Find("td").Last().Find("a").AttrOr("href", ""), "?lang=en")
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestOnlyTheWholeIsWrittenAsAHundredPercent(t *testing.T) {
	w := believable()
	w.report.CoveragePct, w.report.First.ObservedPct = new(100.0), new(99.96)
	if got := text(w.page(t, "/reports/draft?lang=en").Find(".numbers")); !strings.Contains(got, "100 %") || !strings.Contains(got, "99.96 %") {
		t.Errorf("%s", got)
	}
}

func TestWhatIsWrongWithAFormIsSaidInTheLanguageOfItsReaderAndTheFormStays(t *testing.T) {
	for name, c := range map[string]struct {
		query string
		err   error
		says  string
	}{
		"no month":           {"?template=lnr-2019&from=2025-13&to=2026-08", nil, "« 2025-13 » n’est pas un mois"},
		"a month is missing": {"?template=lnr-2019&from=&to=2026-08", nil, "n’est pas un mois"},
		"turned":             {"?template=lnr-2019&from=2026-08&to=2025-09", nil, "vient après le dernier"},
		"too long":           {"?template=lnr-2019&from=2020-01&to=2026-08", nil, "36 mois"},
		"no template":        {"?template=nothing&from=2025-09&to=2026-08", nil, "pas de modèle « nothing »"},
		"gone since":         {months, fmt.Errorf("make: %w", label.ErrTemplate), "pas de modèle « lnr-2019 »"},
		"nothing known":      {months, fmt.Errorf("make: %w", label.ErrNothing), "Rien n’est connu pour la période septembre 2025 – août 2026"},
		"no such period":     {months, fmt.Errorf("make: %w", label.ErrPeriod), "Aucun rapport ne porte"},
		"unusable": {
			months, fmt.Errorf("make: %w", label.TemplateError{Problems: []string{"line 3: Z9 is no indicator", "b", "c", "d"}}), "line 3: Z9 is no indicator; b; c",
		},
	} {
		w := believable()
		w.broken["lnr-2019"] = c.err
		recorder := w.get(t, "/reports/draft"+c.query+"&lang=fr")
		body := strings.ReplaceAll(recorder.Body.String(), "\u202f", " ")
		if recorder.Code != http.StatusUnprocessableEntity || !strings.Contains(body, c.says) || !strings.Contains(body, `<select id="look-template"`) {
			t.Errorf("%s: %d %s", name, recorder.Code, body)
		}
		if strings.Contains(c.query, "to=2026-08") && !strings.Contains(body, `value="2026-08"`) {
			t.Errorf("%s: the form is not kept", name)
		}
		for _, path := range []string{"/api/v1/reports/draft", "/csv/todo/reports/draft", "/reports/draft/use", "/api/v1/reports/draft/use"} {
			if recorder := w.get(t, path+c.query+"&lang=fr"); recorder.Code != http.StatusUnprocessableEntity || !strings.Contains(strings.ReplaceAll(recorder.Body.String(), "\u202f", " "), c.says) {
				t.Errorf("%s: %s: %d %s", name, path, recorder.Code, recorder.Body)
			}
		}
	}
}

func TestTroubleIsNotShownAsTheFaultOfTheReader(t *testing.T) {
	w := believable()
	w.broken["lnr-2019"] = errors.New("disk on fire")
	for _, path := range []string{"/reports", "/reports/draft" + months, "/api/v1/reports/draft" + months} {
		if recorder := w.get(t, path); recorder.Code != http.StatusInternalServerError || strings.Contains(recorder.Body.String(), "fire") {
			t.Errorf("%s: %d %s", path, recorder.Code, recorder.Body)
		}
	}
}

func TestAReportIsKeptByThoseWhoMay(t *testing.T) {
	for _, role := range []collector.Role{collector.RoleOfficer, collector.RoleIT} {
		w := believable()
		w.user.Roles = []collector.Role{role}
		recorder := w.post(t, "do", "report keep", "template", "reen", "from", "2025-09", "to", "2026-08")
		if recorder.Code != http.StatusSeeOther || recorder.Header().Get("Location") != "/reports/2?lang=fr&done=keep" {
			t.Errorf("%s: %d %v %s", role, recorder.Code, recorder.Header(), recorder.Body)
		}
		if len(w.given) != 1 || !maps.Equal(w.given[0], map[string]any{"command": "report keep", "template": "reen", "from": "2025-09", "to": "2026-08"}) {
			t.Errorf("%s: given %v", role, w.given)
		}
	}
	w := believable()
	w.user.Roles = []collector.Role{collector.RoleReader}
	if recorder := w.post(t, "do", "report keep", "template", "reen", "from", "2025-09", "to", "2026-08"); recorder.Code != http.StatusNotFound || len(w.given) > 0 {
		t.Errorf("a reader keeps a report: %d %v", recorder.Code, w.given)
	}
}

func TestAReportThatCannotBeKeptIsSaidOnThePageWithItsForm(t *testing.T) {
	for name, c := range map[string]struct {
		from, says string
		refused    error
		given      int
	}{
		"a month":     {"2025", "« 2025 » n’est pas un mois", nil, 0},
		"the command": {"2025-09", `<span lang="en">the same report was kept already`, frame.Problem("the same report was kept already"), 1},
		"not there":   {"2025-09", `<span lang="en">organisation: `, fmt.Errorf("organisation: %w", collector.ErrNotFound), 1},
	} {
		w := believable()
		w.refused = c.refused
		recorder := w.post(t, "do", "report keep", "template", "reen", "from", c.from, "to", "2026-07")
		body := strings.ReplaceAll(recorder.Body.String(), "\u202f", " ")
		if recorder.Code != http.StatusUnprocessableEntity || !strings.Contains(body, c.says) || !strings.Contains(body, `value="2026-07"`) || !strings.Contains(body, `<option value="reen" selected>`) || len(w.given) != c.given {
			t.Errorf("%s: %d %v %s", name, recorder.Code, w.given, body)
		}
	}
}

func TestTheListSaysWhatWasKeptAndHowCompleteEachTemplateIs(t *testing.T) {
	w := believable()
	w.freeze(7, 1, w.report)
	w.freeze(8, 2, w.report)
	w.broken["reen"] = fmt.Errorf("make: %w", label.ErrNothing)
	w.templates = []collector.Template{{Organisation: 1, ID: "ours", Version: "3", Text: own("ours")}, {Organisation: 1, ID: "torn", Text: "\x00"}}
	v := w.api(t, "/reports?lang=en")
	if rows := v.table(t, "kept"); len(rows) != 2 || rows[0]["number"] != 1.0 || rows[0]["sha256"] != w.snapshots[0].SHA256 || rows[0]["made_on"] != "2026-11-23" || rows[0]["method"] != "1.0.0+0123abcd" {
		t.Errorf("kept: %v", rows)
	}
	state := map[any]any{}
	for _, row := range v.table(t, "complete") {
		state[row["template_id"]] = row["state"]
		if (row["lines"] == nil) != (row["template_id"] == "reen") {
			t.Errorf("a template that cannot be counted has figures: %v", row)
		}
	}
	if state["lnr-2019"] != "1 line to complete" || !strings.Contains(fmt.Sprint(state["reen"]), "Nothing is known") || state["ours"] == nil || state["torn"] == nil || v.From != "2025-11" || v.To != "2026-10" {
		t.Errorf("%v, %s to %s", state, v.From, v.To)
	}
	d := w.page(t, "/reports?lang=en")
	if short := w.snapshots[0].SHA256; !strings.Contains(d.Text(), short[:8]) || strings.Contains(d.Text(), short) || !strings.Contains(d.Text(), "Our own") {
		t.Error("the list does not show the beginning of each hash, and the name of each template")
	}
	if href := d.Find(`a[href^="/reports/1?"]`).Length(); href != 1 {
		t.Error("what was kept has no link")
	}
}

func TestTheListDoesNotWaitForSlowTemplates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := believable()
		w.slow = true
		for _, row := range w.api(t, "/reports?lang=en").table(t, "complete") {
			if row["state"] != "This takes too long to count here: open the draft." || row["lines"] != nil {
				t.Errorf("%v", row)
			}
		}
	})
}

func TestSimulatedFiguresAreSaidToBeOnEachPage(t *testing.T) {
	w := believable()
	w.report.Simulated = true
	w.snapshots = nil
	w.freeze(1, 1, w.report)
	for _, path := range paths("use") {
		if !strings.Contains(w.page(t, path).Find(".notice").Text(), "simulated") {
			t.Errorf("%s does not say so", path)
		}
		if !w.api(t, path).Simulated {
			t.Errorf("%s does not say so to programs", path)
		}
	}
}

func TestAKeptReportHasItsHashAndItsFiles(t *testing.T) {
	w := believable()
	d := w.page(t, "/reports/1?lang=en&done=keep")
	if !strings.Contains(d.Text(), w.snapshots[0].SHA256) || !strings.Contains(d.Text(), "--snapshot 1 --format pdf") || !strings.Contains(d.Text(), "The report is kept.") {
		t.Errorf("the page lacks the hash or how to have a PDF: %s", text(d.Find("main")))
	}
	for format, media := range map[string]string{
		"html": "text/html; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8",
	} {
		if d.Find(`a[href="/reports/1/file/`+format+`?lang=en"]`).Length() != 1 {
			t.Errorf("no link to the file %s", format)
		}
		recorder := w.get(t, "/reports/1/file/"+format+"?lang=en")
		h := recorder.Header()
		if recorder.Code != http.StatusOK || h.Get("Content-Type") != media || recorder.Body.Len() == 0 || h.Get("Cache-Control") != "no-store" ||
			!regexp.MustCompile(`^attachment; filename="veille-lnr-2019-2025-09-2026-08-1(-en)?\.`+format+`"$`).MatchString(h.Get("Content-Disposition")) {
			t.Errorf("%s: %d %v", format, recorder.Code, h)
		}
		if format == "json" && recorder.Body.String() != string(w.snapshots[0].JSON) {
			t.Error("the file is not what was sealed")
		}
	}
	if len(w.made) > 0 {
		t.Error("what was kept was made anew")
	}
}

func TestAReportOfAnotherOrganisationIsNotThere(t *testing.T) {
	w := believable()
	w.freeze(9, 2, w.report)
	for _, path := range []string{
		"/reports/9", "/reports/9/use", "/reports/9/file/json", "/api/v1/reports/9", "/api/v1/reports/9/use", "/csv/todo/reports/9", "/reports/3", "/reports/x", "/reports/1/nothing",
		"/reports/1/file/pdf", "/reports/1/file/exe", "/reports/draft/nothing" + months, "/csv/nothing/reports/1",
	} {
		if recorder := w.get(t, path); recorder.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, recorder.Code)
		}
	}
}

func TestAReportThatWasTamperedWithIsNotShown(t *testing.T) {
	w := believable()
	w.snapshots[0].JSON = []byte(strings.Replace(string(w.snapshots[0].JSON), "61.27", "99.25", 1))
	other := w.report
	other.Organisation = "Another"
	_, sealed, err := label.Seal(other)
	if err != nil {
		t.Fatal(err)
	}
	w.freeze(2, 1, w.report)
	w.snapshots[1].JSON = sealed // whole, and not what was kept
	for _, path := range []string{"/reports/1", "/reports/1/use", "/reports/1/file/html", "/reports/1/file/json", "/api/v1/reports/1", "/reports/2", "/reports/2/file/csv"} {
		recorder := w.get(t, path+"?lang=en")
		if body := recorder.Body.String(); recorder.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "no longer as it was kept") || strings.Contains(body, "99.25") {
			t.Errorf("%s: %d %s", path, recorder.Code, body)
		}
	}
}

func TestReportsAreForThoseWhoSeeAllOfTheOrganisation(t *testing.T) {
	w := believable()
	all := append(paths("use"), "/reports/1/file/json", "/api/v1/reports", "/csv/kept/reports")
	w.user.Site = 3
	for _, path := range all {
		if recorder := w.get(t, path); recorder.Code != http.StatusForbidden || !strings.Contains(recorder.Body.String(), "one site only") {
			t.Errorf("%s: %d %s", path, recorder.Code, recorder.Body)
		}
	}
	if recorder := w.post(t, "do", "report keep", "template", "reen", "from", "2025-09", "to", "2026-08"); recorder.Code != http.StatusForbidden || len(w.given) > 0 {
		t.Errorf("a report is kept by somebody who sees one site: %d", recorder.Code)
	}
	w.user.Site, w.user.Roles = 0, []collector.Role{collector.RoleWeb}
	for _, path := range all {
		if recorder := w.get(t, path); recorder.Code != http.StatusForbidden || len(w.made) > 0 {
			t.Errorf("%s is answered %d to a webmaster", path, recorder.Code)
		}
	}
}

func TestEachKeyOfTheWordsIsUsed(t *testing.T) {
	raw, err := os.ReadFile("words/en.json")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, dir := range []string{".", "templates"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.IsDir() || strings.HasSuffix(e.Name(), "_test.go") {
				continue
			}
			text, err := os.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			code.Write(text)
		}
	}
	for key := range keys {
		family, _, _ := strings.Cut(strings.TrimPrefix(key, "reports."), ".")
		composed := slices.Contains([]string{"column", "figure", "note", "missing", "where", "file", "status", "quality", "trend", "unit"}, family)
		if !composed && !strings.Contains(code.String(), `"`+key+`"`) {
			t.Errorf("nothing says %s", key)
		}
	}
}

package reports_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
	"veille/collector/label"
	"veille/dashboards/frame"
	"veille/dashboards/reports"
)

// world is an organisation with what was kept for it, and who asks.
type world struct {
	user      collector.User
	templates []collector.Template
	snapshots []collector.Snapshot
	report    label.Report
	broken    map[string]error // what a template answers in the place of a report
	made      []label.Request
	given     []map[string]any // flags of commands
	refused   error            // what commands answer
	slow      bool
}

func (w *world) Templates(context.Context, int64) ([]collector.Template, error) {
	return w.templates, nil
}

func (w *world) Snapshots(_ context.Context, organisation int64) (list []collector.Snapshot, err error) {
	for _, s := range w.snapshots {
		if s.Organisation == organisation {
			s.JSON = nil
			list = append(list, s)
		}
	}
	return list, nil
}

func (w *world) Snapshot(_ context.Context, organisation, id int64) (collector.Snapshot, error) {
	for _, s := range w.snapshots {
		if s.Organisation == organisation && s.ID == id {
			return s, nil
		}
	}
	return collector.Snapshot{}, fmt.Errorf("snapshot %d: %w", id, collector.ErrNotFound)
}

func (w *world) Make(ctx context.Context, _ *collector.User, q label.Request) (label.Report, error) {
	w.made = append(w.made, q)
	if w.slow {
		<-ctx.Done()
		return label.Report{}, ctx.Err()
	}
	if err := w.broken[q.Template]; err != nil {
		return label.Report{}, err
	}
	r := w.report
	r.Template, r.Period.From, r.Period.To = q.Template, q.From, q.To
	return r, nil
}

func (w *world) Each(ctx context.Context, who *collector.User, q label.Request, templates ...string) (all []label.Made) {
	for _, id := range templates {
		q.Template = id
		r, err := w.Make(ctx, who, q)
		all = append(all, label.Made{Report: r, Err: err})
	}
	return all
}

func (w *world) Give(_ context.Context, _ collector.User, name string, _ []string, flags map[string]any, _ string) (string, json.RawMessage, error) {
	flags["command"] = name
	w.given = append(w.given, flags)
	return "kept", json.RawMessage(`{"id":2,"sha256":"ab"}`), w.refused
}

func says(text string) label.Words { return label.Words{FR: text + " (fr)", EN: text + " (en)"} }

// measured is a line with all that may be said of one.
func measured(id string) label.Line {
	return label.Line{
		ID: id, Title: says("Machines that are off outside of open hours, " + id), Formula: says("off / observed"), Value: new(61.27), Low: new(58.0), High: new(64.5), Unit: "%", Decimals: 1,
		Status: label.Measured, CoveragePct: new(87.0), Representative: true, Quality: label.Medium, Methods: []string{"rapl", "plug"}, Previous: new(55.0), Target: new(80.0), TargetBy: "2027-12",
		Trend: label.Better, Obtained: says("Reckoned from seconds"), Notes: []label.Words{says("Holidays are apart."), says("Hibernation is off.")}, Evidence: []int{1, 2},
		Parts: []label.Part{{Name: says("notebook"), Value: new(70.5), Low: new(60.0), High: new(80.0), Unit: "%"}, {Name: says("desktop"), Unit: "%", Note: new(says("few machines"))}},
	}
}

func empty(id string) label.Line {
	return label.Line{ID: id, Title: says("People who work there, line " + id), Formula: says("sum"), Status: label.ToComplete, Missing: new(says("Nobody has stated how many people work there."))}
}

// believable is a report of three themes.
func believable() *world {
	declared, absent, weak := measured("F1"), measured("S1"), measured("E1")
	declared.Status, declared.Unit, declared.Remark = label.Declared, "kgCO2e", &label.Remark{Text: "From the register.", By: "IT department", On: "2026-10-01"}
	absent.Value, absent.Low, absent.High, absent.Status, absent.Methods, absent.Parts = nil, nil, nil, label.NotApplicable, nil, nil
	weak.Representative, weak.CoveragePct, weak.Observed, weak.Unit = false, new(41.0), new(1234.5), "kWh"
	r := label.Report{
		Schema: label.Schema, Organisation: "Région Démonstration", Template: "lnr-2019", TemplateVersion: "1", Title: says("Label of 2019"), Source: says("Own words."),
		Period: label.Period{From: "2025-09", To: "2026-08", Months: 11, Of: 12}, MadeOn: "2026-11-23", MethodVersion: "1.0.0+0123abcd", CoveragePct: new(72.4),
		Quality: label.Quality{HighPct: 12, MediumPct: 38, LowPct: 50},
		First: label.First{
			Machines: 412, Inventory: 520, Sites: 9, SitesOf: 11, ObservedPct: new(87.2), Hidden: 2, Limits: []label.Words{says("Screens are estimated."), says("Servers are apart.")},
			Baselines: []label.Span{{Action: "Sleep after 20 minutes", From: "2025-03", To: "2025-08", KeptOn: "2025-09-01"}, {Action: "Off at night", From: "2025-03", To: "2025-08"}},
		},
		Themes: []label.Theme{
			{ID: "use", Title: says("Use"), Items: []label.Item{
				{ID: "PA10", Title: says("Switch off"), Points: []label.Words{says("at night"), says("at week-ends")}, Hints: []label.Words{says("a policy")}, Lines: []string{"U1", "E1", "F1"}, Status: label.Measured, Evidence: []int{3}},
				{ID: "PA10.2", Title: says("Consult the staff"), Status: label.ToComplete},
			}},
			{ID: "people", Title: says("People"), Items: []label.Item{{ID: "PA4", Title: says("Train"), Lines: []string{"G3", "S1", "U1"}, Status: label.ToComplete}}},
			{ID: "words", Title: says("Words"), Items: []label.Item{}},
		},
		Lines: []label.Line{measured("U1"), weak, declared, empty("G3"), absent},
		Evidence: []label.Evidence{
			{Number: 1, Of: "U1", Title: "Policy", Where: "https://example.org/policy", On: "2026-01-31"},
			{Number: 2, Of: "U1", Title: "<b>Notes</b>", Where: "javascript:alert(1)"},
			{Number: 3, Of: "PA10", Title: "Charter", Where: "folder 7", SHA256: strings.Repeat("a", 64)},
		},
	}
	w := &world{report: r, user: collector.User{ID: 1, Organisation: 1, Name: "ada", Roles: []collector.Role{collector.RoleOfficer}}, broken: map[string]error{}}
	w.freeze(1, 1, r)
	return w
}

// freeze keeps a report.
func (w *world) freeze(id, organisation int64, r label.Report) {
	sealed, text, err := label.Seal(r)
	if err != nil {
		panic(err)
	}
	w.snapshots = append(w.snapshots, collector.Snapshot{
		ID: id, Organisation: organisation, Template: r.Template, From: r.Period.From, To: r.Period.To, MadeOn: r.MadeOn, Method: r.MethodVersion, Simulated: r.Simulated, SHA256: sealed.SHA256, JSON: text,
	})
}

// own is the text of a template of an organisation.
func own(id string) string {
	texts, err := label.Shipped()
	if err != nil {
		panic(err)
	}
	text := strings.Replace(string(texts["reen"]), "id: reen", "id: "+id, 1)
	at := strings.Index(text, "title: {")
	end := at + strings.Index(text[at:], "\n")
	return text[:at] + "title: {fr: Le nôtre, en: Our own}" + text[end:]
}

// large is a report as long as one may be: each theme has more than a page shows.
func large() *world {
	w := believable()
	w.report.Lines, w.report.Themes, w.report.First.Limits = nil, nil, nil
	var items []label.Item
	for i := range 20 {
		item := label.Item{ID: fmt.Sprintf("PA%d", i), Title: says(strings.Repeat("a long point of a theme ", 4)), Status: label.ToComplete}
		for range 12 {
			item.Points, item.Hints = append(item.Points, says(strings.Repeat("what belongs to it ", 6))), append(item.Hints, says(strings.Repeat("which evidence ", 6)))
		}
		for j := range 3 {
			id := fmt.Sprintf("E%d.%d", i, j)
			l := measured(id)
			if j == 2 {
				l = empty(id)
			}
			for range 30 {
				l.Parts, l.Notes = append(l.Parts, l.Parts...)[:min(30, 2*len(l.Parts))], append(l.Notes, says("a note"))
			}
			l.Evidence = []int{1, 2, 3, 4, 5, 6, 7}
			w.report.Lines, item.Lines = append(w.report.Lines, l), append(item.Lines, id)
		}
		items = append(items, item, label.Item{ID: fmt.Sprintf("Q%d", i), Title: says("a question"), Status: label.ToComplete})
	}
	for i := range 20 {
		w.report.Themes = append(w.report.Themes, label.Theme{ID: fmt.Sprintf("t%d", i), Title: says(strings.Repeat("theme ", 8)), Items: items})
	}
	for i := range 12 {
		w.report.First.Limits = append(w.report.First.Limits, says(strings.Repeat("a limit that must be read ", 5)))
		w.report.Evidence = append(w.report.Evidence, label.Evidence{Number: 4 + i, Of: "U1", Title: "Notes", Where: "folder"})
		w.report.First.Baselines = append(w.report.First.Baselines, w.report.First.Baselines[0])
	}
	w.snapshots = nil
	w.freeze(1, 1, w.report)
	for i := range 59 {
		other := w.snapshots[0]
		other.ID = int64(i + 2)
		w.snapshots = append(w.snapshots, other)
	}
	for i := range 16 {
		w.templates = append(w.templates, collector.Template{Organisation: 1, ID: fmt.Sprintf("own-%d", i), Version: "2", Text: own(fmt.Sprintf("own-%d", i))})
	}
	return w
}

const token = "the token of this reader"

func (w *world) serve(t *testing.T, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	f, err := frame.New(slog.New(slog.DiscardHandler), reports.Files)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	f.Mount(mux, reports.New(w, w, w, func() collector.Date { return "2026-11-23" }).Routes()...)
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, r.WithContext(frame.With(r.Context(), frame.Reader{User: &w.user, Token: token})))
	return recorder
}

func (w *world) get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	return w.serve(t, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
}

// page is a page that is shown.
func (w *world) page(t *testing.T, path string) *goquery.Document {
	t.Helper()
	recorder := w.get(t, path)
	if recorder.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, recorder.Code, recorder.Body)
	}
	d, err := goquery.NewDocumentFromReader(recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (w *world) post(t *testing.T, values ...string) *httptest.ResponseRecorder {
	t.Helper()
	form := url.Values{"token": {token}}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/reports?lang=fr", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.serve(t, r)
}

// view is what programs get.
type view struct {
	Title, From, To string
	Simulated       bool
	Notices         []string
	Figures         []struct {
		ID, Missing, Note string
		Value             *float64
	}
	Tables []struct {
		ID   string
		Rows []map[string]any
	}
}

func (w *world) api(t *testing.T, path string) (v view) {
	t.Helper()
	recorder := w.get(t, "/api/v1"+path)
	if err := json.Unmarshal(recorder.Body.Bytes(), &v); err != nil || recorder.Code != http.StatusOK {
		t.Fatalf("%s: %d %v %s", path, recorder.Code, err, recorder.Body)
	}
	return v
}

func (v view) table(t *testing.T, id string) []map[string]any {
	t.Helper()
	for _, table := range v.Tables {
		if table.ID == id {
			return table.Rows
		}
	}
	t.Fatalf("there is no table %s", id)
	return nil
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

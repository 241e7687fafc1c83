package energy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
	"veille/collector/privacy"
	"veille/dashboards/energy"
	"veille/dashboards/frame"
)

// world is an organisation, another one, and what is known of their machines.
type world struct {
	sites    []collector.Site
	groups   []collector.Group
	rows     []collector.PlaceMonth // of cells
	cells    []collector.Cell
	prices   []collector.Price
	targets  []collector.Target
	actions  []collector.Action
	websites []collector.Website
	runs     map[int64][]collector.WebRun
	points   []collector.Point
	now      time.Time
	asked    int // times that the door asked for figures
	broken   error
}

func (w *world) Sites(context.Context) ([]collector.Site, error) { return w.sites, w.broken }
func (w *world) Organisations(context.Context) ([]collector.Responsible, error) {
	return []collector.Responsible{{Organisation: collector.Organisation{ID: 1, Name: "Région <b>Est</b>"}}, {Organisation: collector.Organisation{ID: 2, Name: "Ville"}}}, nil
}

func (w *world) Groups(_ context.Context, site int64) (groups []collector.Group, err error) {
	for _, g := range w.groups {
		if g.Site == site {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

func (w *world) Prices(context.Context, int64) ([]collector.Price, error)   { return w.prices, nil }
func (w *world) Factors(context.Context, int64) ([]collector.Factor, error) { return nil, nil }
func (w *world) Targets(context.Context, int64) ([]collector.Target, error) { return w.targets, nil }

func (w *world) Actions(context.Context, int64) ([]collector.Action, error)     { return w.actions, nil }
func (w *world) Baselines(context.Context, int64) ([]collector.Baseline, error) { return nil, nil }

func (w *world) Equipment(context.Context, int64) ([]collector.Equipment, error) { return nil, nil }
func (w *world) Websites(context.Context) ([]collector.Website, error)           { return w.websites, nil }

func (w *world) LastRuns(context.Context) (map[int64][]collector.WebRun, error) { return w.runs, nil }

func (w *world) Tree(_ context.Context, organisation int64) (sites []collector.Site, groups []collector.Group, err error) {
	for _, s := range w.sites {
		if s.Organisation == organisation {
			sites = append(sites, s)
			some, _ := w.Groups(context.Background(), s.ID)
			groups = append(groups, some...)
		}
	}
	return sites, groups, nil
}

func (w *world) Months(_ context.Context, organisation int64, from, to collector.Month) ([]collector.PlaceMonth, error) {
	w.asked++
	byMonth := map[collector.Month][]collector.PlaceMonth{}
	for _, r := range w.rows {
		if r.Month >= from && r.Month <= to && slices.ContainsFunc(w.sites, func(s collector.Site) bool { return s.ID == r.Site && s.Organisation == organisation }) {
			byMonth[r.Month] = append(byMonth[r.Month], r)
		}
	}
	var all []collector.PlaceMonth
	for _, rows := range byMonth {
		all = append(all, privacy.Coarsen(rows)...)
	}
	return all, nil
}

func (w *world) Cells(_ context.Context, organisation int64, _, _ collector.Date) iter.Seq2[collector.Cell, error] {
	w.asked++
	return func(yield func(collector.Cell, error) bool) {
		for _, c := range w.cells {
			if slices.ContainsFunc(w.sites, func(s collector.Site) bool { return s.ID == c.Site && s.Organisation == organisation }) && !yield(c, nil) {
				return
			}
		}
	}
}

func (w *world) MachineMonths(context.Context, int64, collector.Month) ([]collector.MachineMonth, error) {
	return nil, nil
}
func (w *world) Log(context.Context, collector.Entry) error { return nil }

func (w *world) Range(_ context.Context, q collector.Query) (points []collector.Point, err error) {
	for _, p := range w.points {
		if p.Measurement == q.Measurement && !p.Time.Before(q.From) && p.Time.Before(q.To) && p.Tags.Get("site") == q.Tags.Get("site") {
			points = append(points, p)
		}
	}
	return points, nil
}

// day is a cell of so many machines that are awake for some hours of each part of a working day, or asleep.
func day(at collector.Date, p collector.Place, machines int, openH, nightH float64, method string) collector.Cell {
	sum := collector.Sum{Days: int64(machines)}
	c := collector.Cell{Date: at, Place: p, Machines: machines}
	for part, h := range map[string][2]float64{"open": {10, openH}, "night": {14, nightH}} {
		on, all := int64(float64(machines)*3600*h[1]), int64(float64(machines)*3600*h[0])
		mwh := collector.MilliWattHours(float64(machines) * 1000 * (40*h[1] + 1))
		sum.Add(collector.Sum{
			Seconds: []collector.PartSum{{Part: part, On: on, Off: all - on}},
			Energy:  []collector.EnergySum{{Part: part, Scope: "machine", Method: method, MWh: mwh, LowMWh: mwh * 8 / 10, HighMWh: mwh * 13 / 10, CoveredS: all}},
		})
		c.Top += mwh / collector.MilliWattHours(machines)
	}
	c.Sum = sum
	return c
}

// month adds a month of such days.
func (w *world) month(t *testing.T, m collector.Month, p collector.Place, machines int, openH, nightH float64) {
	t.Helper()
	row := collector.PlaceMonth{Place: p, Month: m}
	for d := 1; d <= 28; d++ {
		if err := row.Add(day(collector.Date(fmt.Sprintf("%s-%02d", m, d)), p, machines, openH, nightH, "model-class")); err != nil {
			t.Fatal(err)
		}
	}
	w.rows = append(w.rows, row)
}

// monthsOf are n months, the last of which is October 2026.
func monthsOf(n int) (all []collector.Month) {
	for i := range n {
		all = append(all, collector.DateOf(time.Date(2026, time.October-time.Month(n-1-i), 1, 0, 0, 0, 0, time.UTC)).Month())
	}
	return all
}

func place(site, group int64, class string, use collector.Use) collector.Place {
	return collector.Place{Site: site, Group: group, Class: class, Use: use}
}

// tiny is the name of a site that has too few machines.
const tiny = "Annexe des Tilleuls"

// believable has two years of sites, of which two have too few machines to be shown, and a policy that came in March.
func believable(t *testing.T, sites int) *world {
	t.Helper()
	w := &world{
		now:    time.Date(2026, 11, 22, 10, 20, 0, 0, time.UTC),
		prices: []collector.Price{{Organisation: 1, From: "2020-01", EuroPerKWh: .2, Tax: "included", Source: "contract"}},
		targets: []collector.Target{
			{ID: 1, Organisation: 1, Indicator: "outside_share", Value: 20, By: "2027-12"}, {ID: 2, Organisation: 1, Site: 1, Indicator: "kwh", Value: 5000, By: "2027-06"},
		},
		actions: []collector.Action{{ID: 4, Organisation: 1, Name: "Sleep policy <i>", Measure: "sleep-policy", On: "2026-03-15", BaseFrom: "2025-11", Base: "2026-02"}},
		runs:    map[int64][]collector.WebRun{},
	}
	for s := range int64(sites) {
		w.sites = append(w.sites, collector.Site{ID: s + 1, Organisation: 1, Name: fmt.Sprintf("Lycée %02d", s+1), TimeZone: "Europe/Paris", Open: s == 0})
	}
	w.groups = []collector.Group{{ID: 11, Site: 1, Kind: "room", Name: "Salle <u>A</u>"}}
	few := []int64{int64(sites) + 1, int64(sites) + 2}
	for i, id := range few {
		w.sites = append(w.sites, collector.Site{ID: id, Organisation: 1, Name: fmt.Sprintf("%s %d", tiny, i), TimeZone: "Europe/Paris"})
	}
	w.sites = append(w.sites, collector.Site{ID: 99, Organisation: 2, Name: "Mairie secrète", TimeZone: "Europe/Paris"})
	for i, m := range monthsOf(24) {
		night := 9.0
		if m > "2026-03" {
			night = 3
		}
		for s := range int64(sites) {
			w.month(t, m, place(s+1, 0, "desktop", "individual"), 20+int(s), 7+float64(i%3)/10, night+float64(s%5)/2)
		}
		w.month(t, m, place(1, 11, "desktop", "individual"), 12, 7, night)
		w.month(t, m, place(1, 11, "notebook", "shared"), 6, 5, 1)
		w.month(t, m, place(1, 0, "server", "server"), 2, 10, 14)
		for _, id := range few {
			w.month(t, m, place(id, 0, "desktop", "individual"), 3, 8, 13)
		}
		w.month(t, m, place(99, 0, "desktop", "individual"), 50, 8, 8)
	}
	for i := range int64(7) {
		w.websites = append(w.websites, collector.Website{ID: i + 1, Organisation: 1, Site: i % 2, Name: fmt.Sprintf("site-%d.example", i)})
		w.runs[i+1] = []collector.WebRun{{Website: i + 1, At: time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC), Mean: collector.WebFigure{Value: float64(20 + 9*i)}}}
	}
	w.websites = append(w.websites, collector.Website{ID: 50, Organisation: 2, Name: "secret.example"})
	w.runs[50] = []collector.WebRun{{Website: 50, Mean: collector.WebFigure{Value: 3}}}
	return w
}

func officer() *collector.User {
	return &collector.User{ID: 1, Organisation: 1, Name: "anne", Roles: []collector.Role{collector.RoleOfficer}}
}

func ofSite(site int64) *collector.User {
	u := officer()
	u.Site = site
	return u
}

// get asks for a page.
func (w *world) get(t *testing.T, who *collector.User, path string) *httptest.ResponseRecorder {
	t.Helper()
	f, err := frame.New(slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})), energy.Files)
	if err != nil {
		t.Fatal(err)
	}
	door := privacy.New(w, w, func() collector.Date { return collector.DateOf(w.now) })
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r = r.WithContext(frame.With(r.Context(), frame.Reader{User: who, Token: "t"}))
	answer := httptest.NewRecorder()
	mux := http.NewServeMux()
	f.Mount(mux, energy.New(w, door, w, func() time.Time { return w.now }).Routes()...)
	mux.ServeHTTP(answer, r)
	return answer
}

// page asks for a page that must be there.
func (w *world) page(t *testing.T, who *collector.User, path string) *goquery.Document {
	t.Helper()
	answer := w.get(t, who, path)
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
	}
	body := answer.Body.String()
	if i := strings.Index(body, "["); i >= 0 {
		t.Errorf("%s has a key without words: %.60s", path, body[i:])
	}
	for _, wrong := range []string{"NaN", "Inf", "%!"} {
		if i := strings.Index(body, wrong); i >= 0 {
			t.Errorf("%s: %.60s", path, body[max(0, i-30):])
		}
	}
	d, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// told is what programs get.
type told struct {
	From, To  string
	Simulated bool
	Notices   []string
	Figures   []frame.Figure
	Tables    []struct {
		ID      string
		Columns []frame.Column
		Rows    []map[string]any
	}
}

func (w *world) api(t *testing.T, who *collector.User, path string) (v told) {
	t.Helper()
	answer := w.get(t, who, path)
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// figure is one of them by its id; the test fails without it.
func (v told) figure(t *testing.T, id string) frame.Figure {
	t.Helper()
	i := slices.IndexFunc(v.Figures, func(f frame.Figure) bool { return f.ID == id })
	if i < 0 {
		t.Fatalf("no figure %s", id)
	}
	return v.Figures[i]
}

// table is the rows of one by its id; none without it.
func (v told) table(id string) []map[string]any {
	for _, x := range v.Tables {
		if x.ID == id {
			return x.Rows
		}
	}
	return nil
}

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

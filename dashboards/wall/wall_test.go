package wall_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/privacy"
	"veille/dashboards/frame"
	"veille/dashboards/wall"
)

// world is a small ledger of organisation 1.
type world struct {
	sites  []collector.Site
	rows   []collector.PlaceMonth
	prices []collector.Price
}

func (w *world) Sites(context.Context) ([]collector.Site, error) { return w.sites, nil }

func (w *world) Organisations(context.Context) ([]collector.Responsible, error) {
	return []collector.Responsible{{
		Organisation: collector.Organisation{ID: 1, Name: "Région des Essais"}, Contact: "sobriete@region.example", DPO: "Délégation aux données", Address: "1 rue du Test",
	}}, nil
}
func (w *world) Prices(context.Context, int64) ([]collector.Price, error)   { return w.prices, nil }
func (w *world) Factors(context.Context, int64) ([]collector.Factor, error) { return nil, nil }

func (w *world) Tree(_ context.Context, organisation int64) (sites []collector.Site, groups []collector.Group, err error) {
	for _, s := range w.sites {
		if s.Organisation == organisation {
			sites = append(sites, s)
		}
	}
	return sites, nil, nil
}

func (w *world) Months(_ context.Context, _ int64, from, to collector.Month) (rows []collector.PlaceMonth, _ error) {
	for _, r := range w.rows {
		if r.Month >= from && r.Month <= to {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func (w *world) Cells(context.Context, int64, collector.Date, collector.Date) iter.Seq2[collector.Cell, error] {
	return func(func(collector.Cell, error) bool) {}
}

func (w *world) MachineMonths(context.Context, int64, collector.Month) ([]collector.MachineMonth, error) {
	return nil, nil
}
func (w *world) Log(context.Context, collector.Entry) error { return nil }

// live lets machines live for a month: each takes 200 Wh in ten open hours of a day, and is on for two hours of the night, with 60 Wh.
func (w *world) live(t *testing.T, place collector.Place, machines int, month collector.Month) {
	t.Helper()
	if place.Use == "" {
		place.Use = "individual"
	}
	place.Class = "desktop"
	first, _, err := month.Dates()
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse(time.DateOnly, string(first))
	if err != nil {
		t.Fatal(err)
	}
	row, n := collector.PlaceMonth{Place: place, Month: month}, int64(machines)
	energy := func(part string, wh float64, hours int64) collector.EnergySum {
		mwh := collector.Milli(wh) * collector.MilliWattHours(n)
		return collector.EnergySum{Part: part, Scope: "machine", Method: "model-class", MWh: mwh, LowMWh: mwh * 8 / 10, HighMWh: mwh * 12 / 10, CoveredS: hours * 3600 * n}
	}
	for ; collector.DateOf(day).Month() == month; day = day.AddDate(0, 0, 1) {
		err := row.Add(collector.Cell{
			Date: collector.DateOf(day), Place: place, Machines: machines, Top: collector.Milli(260),
			Sum: collector.Sum{
				Days:    n,
				Seconds: []collector.PartSum{{Part: "open", On: 10 * 3600 * n}, {Part: "night", On: 2 * 3600 * n, Sleep: 5 * 3600 * n, Off: 7 * 3600 * n}},
				Energy:  []collector.EnergySum{energy("open", 200, 10), energy("night", 60, 14)},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.rows = append(w.rows, row)
}

// newWorld is two open lycées of 20 machines, an open one of 8, one of 15 that is not open, and an open one without machines.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{prices: []collector.Price{{From: "2025-01", EuroPerKWh: .25, Tax: "included"}}, sites: []collector.Site{
		{ID: 1, Organisation: 1, Name: "Lycée des Ormes", Open: true},
		{ID: 2, Organisation: 1, Name: "Lycée des Saules", Open: true},
		{ID: 3, Organisation: 1, Name: "Petite annexe", Open: true},
		{ID: 4, Organisation: 1, Name: "Bureaux fermés"},
		{ID: 5, Organisation: 1, Name: "Vide", Open: true},
	}}
	for i := range 12 {
		month := collector.DateOf(time.Date(2025, time.Month(10+i), 1, 0, 0, 0, 0, time.UTC)).Month()
		for site, machines := range map[int64]int{1: 20, 2: 20, 3: 8, 4: 15} {
			w.live(t, collector.Place{Site: site}, machines, month)
		}
	}
	return w
}

// get asks for a page as nobody, or as somebody.
func (w *world) get(t *testing.T, user *collector.User, path string) *httptest.ResponseRecorder {
	t.Helper()
	f, err := frame.New(slog.New(slog.DiscardHandler), wall.Files)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	today := func() collector.Date { return "2026-10-20" }
	f.Mount(mux, wall.New(w, privacy.New(w, w, today), today).Routes()...)
	r := httptest.NewRequestWithContext(frame.With(t.Context(), frame.Reader{User: user}), http.MethodGet, path, nil)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, r)
	return answer
}

func (w *world) page(t *testing.T, path string) string {
	t.Helper()
	answer := w.get(t, nil, path)
	body := html.UnescapeString(answer.Body.String())
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, answer.Code, body)
	}
	if i := strings.Index(body, "[wall."); i >= 0 || strings.Contains(body, "%!") {
		t.Errorf("%s lacks words: %.60s", path, body[max(0, i):])
	}
	if n := len(regexp.MustCompile(`<[a-zA-Z]`).FindAllString(body, -1)); n > 600 || len(body) > 100_000 {
		t.Errorf("%s has %d elements and %d bytes", path, n, len(body))
	}
	return body
}

// told is what programs are told.
type told struct {
	Simulated bool
	Notices   []string
	Figures   []struct {
		ID               string
		Value, Low, High *float64
		Missing          string
	}
	Tables []struct {
		ID   string
		Rows []map[string]any
	}
}

func (w *world) api(t *testing.T, path string) (v told) {
	t.Helper()
	answer := w.get(t, nil, path)
	if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %v %s", path, answer.Code, err, answer.Body)
	}
	return v
}

func (v told) value(id string) (value float64, ok bool) {
	for _, f := range v.Figures {
		if f.ID == id && f.Value != nil {
			return *f.Value, true
		}
	}
	return 0, false
}

func TestThePageOfAnOpenSiteTellsItsYear(t *testing.T) {
	w := newWorld(t)
	v := w.api(t, "/api/v1/public/sites/1")
	for id, want := range map[string]float64{
		"kwh": 20 * 365 * .26, "outside": 20 * 365 * .06, "outside.percent": 23, "euros": 20 * 365 * .26 * .25, "machines": 20,
	} {
		got, ok := v.value(id)
		if !ok || got < want*.9999 || got > want*1.0001 {
			t.Errorf("%s is %v, not %v", id, got, want)
		}
	}
	if v.Figures[0].ID != "kwh" || v.Figures[0].Low == nil || *v.Figures[0].Low >= *v.Figures[0].Value {
		t.Errorf("the first figure is %+v", v.Figures[0])
	}
	if len(v.Tables) != 2 || len(v.Tables[1].Rows) != 12 || v.Tables[0].Rows[1]["id"] != "night" || v.Tables[0].Rows[1]["on"] != 730.0 || v.Tables[0].Rows[1]["off"] != 2555.0 {
		t.Errorf("%+v", v.Tables)
	}
}

func TestThePageSpeaksBothLanguagesAndSaysWhoAnswersForIt(t *testing.T) {
	w := newWorld(t)
	for lang, words := range map[string][]string{
		"en": {"Lycée des Ormes", "1,898 kWh", "Nobody is watched", "What everybody can do", "Région des Essais answers"},
		"fr": {"Lycée des Ormes", "1 898 kWh", "sans nom et sans heure", "Ce que chacun peut faire", "Région des Essais répond", "sobriete@region.example", "Délégation aux données", "1 rue du Test"},
	} {
		body := strings.NewReplacer("\u202f", " ", "\u00a0", " ").Replace(w.page(t, "/public/sites/1?lang="+lang))
		for _, text := range words {
			if !strings.Contains(body, text) {
				t.Errorf("the page in %s does not say %q", lang, text)
			}
		}
		for _, never := range []string{" km", "arbre", "tree"} {
			if strings.Contains(body, never) {
				t.Errorf("the page in %s compares with%s", lang, never)
			}
		}
	}
}

func TestSitesThatAreNotOpenAreNotThere(t *testing.T) {
	w := newWorld(t)
	officer := &collector.User{ID: 1, Organisation: 1, Roles: collector.Roles()}
	for _, path := range []string{"/public/sites/4", "/public/sites/99", "/public/sites/x", "/public/sites/-1", "/public/sites/01", "/api/v1/public/sites/4", "/csv/months/public/sites/4"} {
		for _, user := range []*collector.User{nil, officer} {
			if got := w.get(t, user, path).Code; got != http.StatusNotFound {
				t.Errorf("%s: %d", path, got)
			}
		}
	}
}

func TestASiteThatMayNotBeShownHasNoNumberAndSaysWhy(t *testing.T) {
	w := newWorld(t)
	for path, why := range map[string]string{"3": "fewer than 11 computers", "5": "No computer"} {
		v := w.api(t, "/api/v1/public/sites/"+path)
		for _, f := range v.Figures {
			if f.Value != nil || f.Low != nil || !strings.Contains(f.Missing, why) {
				t.Errorf("site %s: %+v", path, f)
			}
		}
		if len(v.Tables) != 0 {
			t.Errorf("site %s has tables: %+v", path, v.Tables)
		}
		if !strings.Contains(w.page(t, "/public/sites/"+path), why) {
			t.Errorf("the page of site %s does not say %q", path, why)
		}
		w.page(t, "/public/sites/"+path+"?lang=fr")
	}
}

func TestWhoeverHasSignedInIsShownWhatEverybodyIs(t *testing.T) {
	w := newWorld(t)
	officer := &collector.User{ID: 1, Organisation: 1, Roles: collector.Roles()}
	for id := range 6 {
		path := fmt.Sprintf("/api/v1/public/sites/%d", id)
		if a, b := w.get(t, nil, path).Body.String(), w.get(t, officer, path).Body.String(); a != b {
			t.Errorf("%s differs:\n%s\n%s", path, a, b)
		}
	}
}

func TestServersAreToldApart(t *testing.T) {
	w := newWorld(t)
	w.live(t, collector.Place{Site: 1, Use: "server"}, 2, "2026-09")
	v := w.api(t, "/api/v1/public/sites/1")
	if servers, ok := v.value("servers.kwh"); !ok || servers < 15.59 || servers > 15.61 {
		t.Errorf("servers took %v kWh", servers)
	}
	if kwh, _ := v.value("kwh"); kwh < 1897.9 || kwh > 1898.1 {
		t.Errorf("workstations took %v kWh", kwh)
	}
}

func TestMonthsThatMayNotBeShownAreEmptyAndSaid(t *testing.T) {
	w := newWorld(t)
	w.rows = nil
	w.live(t, collector.Place{Site: 1}, 20, "2026-07")
	w.live(t, collector.Place{Site: 1}, 6, "2026-08")
	w.live(t, collector.Place{Site: 1}, 20, "2026-09")
	v := w.api(t, "/api/v1/public/sites/1")
	rows := v.Tables[1].Rows
	if len(rows) != 3 || rows[1]["kwh"] != nil || rows[1]["remark"] == nil || rows[2]["kwh"] == nil || len(v.Notices) != 1 {
		t.Errorf("%v %v", rows, v.Notices)
	}
	w.page(t, "/public/sites/1?lang=fr")
}

func TestSimulatedFiguresAreSaidToBe(t *testing.T) {
	w := newWorld(t)
	for i := range w.rows {
		w.rows[i].Simulated = true
	}
	if !w.api(t, "/api/v1/public/sites/1").Simulated {
		t.Error("it is not said")
	}
}

func TestTheListHasOpenSitesOnly(t *testing.T) {
	w := newWorld(t)
	v := w.api(t, "/api/v1/public/sites")
	if rows := v.Tables[0].Rows; len(rows) != 4 || rows[0]["site"] != "Lycée des Ormes" || rows[0]["organisation"] != "Région des Essais" {
		t.Errorf("%v", rows)
	}
	for _, lang := range []string{"en", "fr"} {
		if body := w.page(t, "/public/sites?lang="+lang); strings.Contains(body, "Bureaux fermés") || !strings.Contains(body, "/public/sites/3?lang="+lang) {
			t.Error("a site that is not open is listed, or an open one is not")
		}
	}
	for i := range int64(200) {
		w.sites = append(w.sites, collector.Site{ID: 100 + i, Organisation: 1, Name: "Lycée", Open: true})
	}
	for _, path := range []string{"/public/sites", "/public/sites?page=4", "/public/sites?page=x", "/public/sites?page=77"} {
		w.page(t, path)
	}
	if rows := w.api(t, "/api/v1/public/sites").Tables[0].Rows; len(rows) != 204 {
		t.Errorf("programs get %d sites", len(rows))
	}
	(&world{}).page(t, "/public/sites?lang=fr")
}

func TestWhereNoEnergyIsKnownNoneIsTold(t *testing.T) {
	w := newWorld(t)
	w.live(t, collector.Place{Site: 1, Use: "server"}, 2, "2026-09")
	for i := range w.rows {
		w.rows[i].Sum.Energy = nil
	}
	v := w.api(t, "/api/v1/public/sites/1")
	told := 0
	for _, f := range v.Figures {
		if f.ID == "machines" {
			continue
		}
		told++
		if f.Value != nil || f.Low != nil || f.High != nil || !strings.Contains(f.Missing, "no energy is known") {
			t.Errorf("%+v", f)
		}
	}
	if told < 6 {
		t.Errorf("%d figures", told)
	}
	for _, table := range v.Tables {
		for _, row := range table.Rows {
			if row["kwh"] != nil || row["kwh_low"] != nil || row["coverage"] != nil && row["coverage"] != 0.0 {
				t.Errorf("%s: %v", table.ID, row)
			}
		}
	}
	if body := w.page(t, "/public/sites/1?lang=fr"); strings.Contains(body, "entre 0") {
		t.Error("the page tells a range of nothing")
	}
}

func TestSitesAreSortedAsPeopleSortNames(t *testing.T) {
	w := newWorld(t)
	w.sites = []collector.Site{{ID: 1, Organisation: 1, Name: "Zola", Open: true}, {ID: 2, Organisation: 1, Name: "Érables", Open: true}, {ID: 3, Organisation: 1, Name: "Frênes", Open: true}}
	if rows := w.api(t, "/api/v1/public/sites").Tables[0].Rows; len(rows) != 3 || rows[0]["site"] != "Érables" || rows[2]["site"] != "Zola" {
		t.Errorf("%v", rows)
	}
}

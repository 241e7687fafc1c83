package savings_test

import (
	"context"
	"encoding/json"
	"fmt"
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
	"veille/dashboards/savings"
)

// world is a small ledger: organisation 1 with what a test puts in it, and organisation 2, whose only site is 90.
type world struct {
	sites     []collector.Site
	groups    []collector.Group
	rows      []collector.PlaceMonth
	prices    []collector.Price
	actions   []collector.Action
	equipment []collector.Equipment
	baselines []collector.Baseline
	today     collector.Date
}

func (w *world) Sites(context.Context) ([]collector.Site, error) { return w.sites, nil }

func (w *world) Groups(_ context.Context, site int64) (of []collector.Group, _ error) {
	for _, g := range w.groups {
		if g.Site == site {
			of = append(of, g)
		}
	}
	return of, nil
}
func (w *world) Prices(context.Context, int64) ([]collector.Price, error)   { return w.prices, nil }
func (w *world) Factors(context.Context, int64) ([]collector.Factor, error) { return nil, nil }

// Actions are those of all organisations: pages must not trust a ledger that gives too much.
func (w *world) Actions(context.Context, int64) ([]collector.Action, error) { return w.actions, nil }

func (w *world) Baselines(context.Context, int64) ([]collector.Baseline, error) {
	return w.baselines, nil
}

func (w *world) Equipment(context.Context, int64) ([]collector.Equipment, error) {
	return w.equipment, nil
}

func (w *world) Tree(_ context.Context, organisation int64) (sites []collector.Site, groups []collector.Group, err error) {
	for _, s := range w.sites {
		if s.Organisation == organisation {
			sites = append(sites, s)
		}
	}
	return sites, w.groups, nil
}

func (w *world) Months(_ context.Context, organisation int64, from, to collector.Month) (rows []collector.PlaceMonth, _ error) {
	for _, r := range w.rows {
		if r.Month >= from && r.Month <= to && (r.Site == 90) == (organisation == 2) {
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

// site adds a site of organisation 1, or of 2 where its number is 90.
func (w *world) site(id int64, name string) {
	organisation := int64(1)
	if id == 90 {
		organisation = 2
	}
	w.sites = append(w.sites, collector.Site{ID: id, Organisation: organisation, Name: name, TimeZone: "Europe/Paris"})
}

// live lets machines of a place live for a month: at night each takes so many watts when it is awake, as many hours as awake says, and else
// is asleep. Outside of the night it takes 20 W.
func (w *world) live(t *testing.T, place collector.Place, machines int, month collector.Month, awake, watts float64) {
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
	row := collector.PlaceMonth{Place: place, Month: month}
	n := int64(machines)
	energy := func(part string, wh float64, hours int64) collector.EnergySum {
		mwh := collector.Milli(wh) * collector.MilliWattHours(n)
		return collector.EnergySum{Part: part, Scope: "machine", Method: "model-class", MWh: mwh, LowMWh: mwh * 8 / 10, HighMWh: mwh * 12 / 10, CoveredS: hours * 3600 * n}
	}
	for ; collector.DateOf(day).Month() == month; day = day.AddDate(0, 0, 1) {
		on := int64(awake * 3600)
		err := row.Add(collector.Cell{
			Date: collector.DateOf(day), Place: place, Machines: machines, Top: collector.Milli(400),
			Sum: collector.Sum{
				Days:    n,
				Seconds: []collector.PartSum{{Part: "open", On: 10 * 3600 * n}, {Part: "night", On: on * n, Sleep: (14*3600 - on) * n}},
				Energy:  []collector.EnergySum{energy("open", 200, 10), energy("night", awake*watts+(14-awake)*1.3, 14)},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	w.rows = append(w.rows, row)
}

// year is the twelve months that are fixed on the date of newWorld.
func year() (all []collector.Month) {
	for i := range 12 {
		all = append(all, collector.DateOf(time.Date(2025, time.Month(10+i), 1, 0, 0, 0, 0, time.UTC)).Month())
	}
	return all
}

// newWorld is two lycées of 40 and 30 machines, that are awake at night for six and two hours, and one of three machines that is hidden with
// the smaller of the two others of 12.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{today: "2026-10-20", prices: []collector.Price{{From: "2025-01", EuroPerKWh: .2, Tax: "included"}}}
	for id, name := range []string{"Lycée des Ormes", "Lycée des Saules", "Annexe secrète", "Lycée du Port"} {
		w.site(int64(id+1), name)
	}
	w.site(90, "Ailleurs")
	for _, m := range year() {
		w.live(t, collector.Place{Site: 1}, 40, m, 6, 30)
		w.live(t, collector.Place{Site: 2}, 30, m, 2, 30)
		w.live(t, collector.Place{Site: 3}, 3, m, 14, 77)
		w.live(t, collector.Place{Site: 4}, 12, m, 1, 30)
		w.live(t, collector.Place{Site: 90}, 50, m, 9, 30)
	}
	return w
}

func officer() *collector.User {
	return &collector.User{ID: 1, Organisation: 1, Name: "ada", Roles: []collector.Role{collector.RoleOfficer}}
}

// ofSite is a reader of one site.
func ofSite(site int64) *collector.User {
	return &collector.User{ID: 2, Organisation: 1, Name: "bob", Roles: []collector.Role{collector.RoleReader}, Site: site}
}

// get asks for a page as a user.
func (w *world) get(t *testing.T, user *collector.User, path string) *httptest.ResponseRecorder {
	t.Helper()
	f, err := frame.New(slog.New(slog.DiscardHandler), savings.Files)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	today := func() collector.Date { return w.today }
	f.Mount(mux, savings.New(w, privacy.New(w, w, today), today).Routes()...)
	r := httptest.NewRequestWithContext(frame.With(t.Context(), frame.Reader{User: user}), http.MethodGet, path, nil)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, r)
	return answer
}

// page is the body of a page that must be there, with words for all that it says, and no larger than pages may be.
func (w *world) page(t *testing.T, user *collector.User, path string) string {
	t.Helper()
	answer := w.get(t, user, path)
	body := answer.Body.String()
	if answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, answer.Code, body)
	}
	if i := strings.Index(body, "[savings."); i >= 0 {
		t.Errorf("%s lacks words: %.60s", path, body[i:])
	}
	if strings.Contains(body, "%!") {
		t.Errorf("%s: the blanks of some words are not filled", path)
	}
	if n := len(regexp.MustCompile(`<[a-zA-Z]`).FindAllString(body, -1)); n > 600 || len(body) > 100_000 {
		t.Errorf("%s has %d elements and %d bytes", path, n, len(body))
	}
	return body
}

// told is what programs are told.
type told struct {
	From, To  string
	Simulated bool
	Notices   []string
	Figures   []struct {
		ID               string
		Value, Low, High *float64
		Coverage         *float64
		Unit             string
		Methods          []string
		Missing, How     string
		Note             string
	}
	Tables []struct {
		ID   string
		Rows []map[string]any
	}
}

func (w *world) api(t *testing.T, user *collector.User, path string) (v told) {
	t.Helper()
	answer := w.get(t, user, path)
	if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %v %s", path, answer.Code, err, answer.Body)
	}
	return v
}

func (v told) figure(t *testing.T, id string) (value, low, high float64) {
	t.Helper()
	for _, f := range v.Figures {
		if f.ID == id && f.Value != nil && f.Low != nil && f.High != nil {
			return *f.Value, *f.Low, *f.High
		}
	}
	t.Fatalf("no figure %s with a range in %+v", id, v.Figures)
	return 0, 0, 0
}

func (v told) table(t *testing.T, id string) []map[string]any {
	t.Helper()
	for _, table := range v.Tables {
		if table.ID == id {
			return table.Rows
		}
	}
	t.Fatalf("no table %s", id)
	return nil
}

// shown are the texts of the cells of the first table of a page that has an id, row by row.
func shown(t *testing.T, body, id string) (rows [][]string) {
	t.Helper()
	_, after, found := strings.Cut(body, `id="`+id+`-caption"`)
	if !found {
		t.Fatalf("the page has no table %s", id)
	}
	after, _, _ = strings.Cut(after, "</table>")
	_, after, _ = strings.Cut(after, "<tbody>")
	cell := regexp.MustCompile(`(?s)<t[hd][^>]*>(.*?)</t[hd]>`)
	tag := regexp.MustCompile(`<[^>]*>`)
	for line := range strings.SplitSeq(after, "</tr>") {
		var row []string
		for _, c := range cell.FindAllStringSubmatch(line, -1) {
			row = append(row, tag.ReplaceAllString(c[1], ""))
		}
		if row != nil {
			rows = append(rows, row)
		}
	}
	return rows
}

// sites is a world of so many sites of 20 machines.
func sites(t *testing.T, n int) *world {
	t.Helper()
	w := &world{today: "2026-10-20", prices: []collector.Price{{From: "2025-01", EuroPerKWh: .2, Tax: "excluded"}}}
	for i := range int64(n) {
		w.site(i+1, fmt.Sprintf("Lycée %d", i+1))
		for _, m := range year() {
			w.live(t, collector.Place{Site: i + 1}, 20, m, float64(1+i%10), 30)
		}
	}
	return w
}

package machines_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
	"veille/collector/privacy"
	"veille/dashboards/frame"
	"veille/dashboards/machines"
)

// world is two organisations: 1 has sites 1 to 30, 2 has site 99.
type world struct {
	sites  []collector.Site
	fleet  collector.Fleet
	single []collector.Machine
	months []collector.MachineMonth
	broken error

	deliveries []collector.Delivery

	reasons []string // that the door wrote down
	listed  int      // how often the machines of a site were listed
}

func newWorld() *world {
	w := &world{fleet: collector.Fleet{On: "2026-11-22", Month: "2026-10"}}
	for i := range int64(30) {
		w.sites = append(w.sites, collector.Site{ID: i + 1, Organisation: 1, Name: fmt.Sprintf("Lycée %02d", i+1)})
		w.fleet.Sites = append(w.fleet.Sites, collector.SiteFleet{
			Site: i + 1, Machines: map[collector.Use]int{"individual": 40, "shared": 25, "server": 1},
			Silent:     []collector.Count{{Of: "7", Machines: 50}, {Of: "30", Machines: 10}, {Of: "90", Machines: 5 - int(i%5)}, {Of: "longer", Machines: 1 + int(i%5)}},
			Agents:     []collector.Count{{Of: "v0.10.0", Machines: 60}, {Of: "v0.9.0", Machines: 5}, {Of: "", Machines: 1}},
			OS:         []collector.Count{{Of: "windows", Machines: 60}, {Of: "linux", Machines: 6}},
			Classes:    []collector.Count{{Of: "desktop", Machines: 40}, {Of: "notebook", Machines: 26}},
			SleepAfter: []collector.Count{{Of: "never", Machines: 20}, {Of: "16-30", Machines: 30}, {Of: "longer", Machines: 5}, {Of: "", Machines: 10}},
			Methods:    []collector.Count{{Of: "rapl+model", Machines: 20}, {Of: "model-class", Machines: 45}, {Of: "none", Machines: 1}},
			Revoked:    1, Doubtful: 2,
		})
	}
	w.sites = append(w.sites, collector.Site{ID: 99, Organisation: 2, Name: "Hôtel de ville"})
	w.fleet.Sites = append(w.fleet.Sites, collector.SiteFleet{Site: 99, Machines: map[collector.Use]int{"server": 1000}}) // not to be seen
	for i := range int64(66) {
		m := collector.Machine{
			ID: 100 + i, Site: w.sites[0], Use: "individual", Kind: collector.Kind{Class: "notebook"}, EnrolledOn: "2026-01-05", SeenOn: "2026-11-22",
		}
		month := collector.MachineMonth{Machine: m.ID, Month: "2026-10", Place: collector.Place{Site: 1, Class: "notebook", Use: "individual"}, SleepAfter: "20", Sum: october()}
		switch {
		case i%3 == 1:
			m.Use, month.Use = "shared", "shared"
		case i == 65:
			m.Use, month.Use, month.SleepAfter = "server", "server", ""
		}
		w.single, w.months = append(w.single, m), append(w.months, month)
	}
	w.months[3].SleepAfter = "never"
	w.months[4].SleepAfter = "90"
	w.single[5].SeenOn = "2026-09-01"
	w.single[6].Doubtful = []int64{100, 101}
	return w
}

// october is ten days: 80 hours on in open hours, 30 hours on and off at night, 60 at weekends asleep.
func october() collector.Sum {
	return collector.Sum{
		Days: 10,
		Seconds: []collector.PartSum{
			{Part: "open", On: 80 * 3600}, {Part: "night", On: 20 * 3600, DisplayOff: 10 * 3600, Off: 30 * 3600}, {Part: "weekend", Sleep: 60 * 3600},
		},
		Energy: []collector.EnergySum{
			{Part: "open", Scope: "cpu", Method: "rapl", MWh: 900, CoveredS: 3600}, {Part: "open", Scope: "machine", Method: "model-class", MWh: 1000, CoveredS: 3600},
		},
	}
}

func (w *world) Sites(context.Context) ([]collector.Site, error) { return w.sites, w.broken }
func (w *world) Fleet(_ context.Context, organisation int64) (collector.Fleet, error) {
	if organisation != 1 {
		return collector.Fleet{}, collector.ErrNotFound
	}
	return w.fleet, nil
}

func (w *world) Deliveries(context.Context) ([]collector.Delivery, error) { return w.deliveries, nil }

// Machines lists single machines, and fails where nobody has written down why.
func (w *world) Machines(context.Context, int64) ([]collector.Machine, error) {
	w.listed++
	if len(w.reasons) == 0 {
		return nil, errors.New("no reason was written down")
	}
	return slices.Clone(w.single), nil
}

// door writes reasons down, and lets whoever has the role it through.
type door struct{ *world }

func (d door) Machines(_ context.Context, who *collector.User, organisation, site int64, month collector.Month, reason string) ([]collector.MachineMonth, error) {
	switch {
	case !who.Has(collector.RoleIT):
		return nil, privacy.ErrRole
	case strings.TrimSpace(reason) == "":
		return nil, privacy.ErrReason
	}
	d.reasons = append(d.reasons, fmt.Sprintf("%s: site %d of %d, %s: %s", who.Name, site, organisation, month, reason))
	return slices.Clone(d.months), nil
}

func user(site int64, roles ...collector.Role) *collector.User {
	return &collector.User{ID: 1, Organisation: 1, Name: "ada", Roles: roles, Site: site}
}

// noon is the moment at which pages are asked for.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// serve answers a request of a user.
func (w *world) serve(t *testing.T, who *collector.User, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	f, err := frame.New(slog.New(slog.NewTextHandler(t.Output(), nil)), machines.Files)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	f.StyleRoutes(mux)
	f.Mount(mux, machines.New(w, door{w}, noon).Routes()...)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, r.WithContext(frame.With(t.Context(), frame.Reader{User: who, Token: "secret"})))
	return answer
}

func (w *world) get(t *testing.T, who *collector.User, address string) *httptest.ResponseRecorder {
	t.Helper()
	return w.serve(t, who, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
}

// program answers a program that has a key of the user.
func (w *world) program(t *testing.T, who *collector.User, address string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	r.Header.Set("Authorization", "Bearer key")
	return w.serve(t, who, r)
}

func (w *world) post(t *testing.T, who *collector.User, address string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	if !form.Has("token") {
		form.Set("token", "secret")
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.serve(t, who, r)
}

// whole looks at what every page must have.
func whole(t *testing.T, answer *httptest.ResponseRecorder) *goquery.Document {
	t.Helper()
	body := answer.Body.String()
	if answer.Code != http.StatusOK {
		t.Fatalf("answered %d: %s", answer.Code, body)
	}
	for _, wrong := range []string{"[machines.", "%!", "[method.", "ZgotmplZ"} {
		if i := strings.Index(body, wrong); i >= 0 {
			t.Errorf("there is %q", body[i:min(len(body), i+60)])
		}
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if n := doc.Find("*").Length(); n > 600 || len(body) > 100_000 {
		t.Errorf("%d elements, %d bytes", n, len(body))
	}
	seen := map[string]bool{}
	doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
		if id := s.AttrOr("id", ""); seen[id] {
			t.Errorf("the id %q is there twice", id)
		} else {
			seen[id] = true
		}
	})
	doc.Find("input:not([type=hidden])").Each(func(_ int, s *goquery.Selection) {
		if doc.Find("label[for='"+s.AttrOr("id", "")+"']").Length() != 1 {
			t.Errorf("no label for %q", s.AttrOr("name", ""))
		}
	})
	return doc
}

// view is what a program gets.
type view struct {
	Figures []struct {
		ID    string   `json:"id"`
		Value *float64 `json:"value"`
		Note  string   `json:"note"`

		Missing string `json:"missing"`
	} `json:"figures"`
	Simulated bool `json:"simulated"`
	Tables    []struct {
		ID   string           `json:"id"`
		Rows []map[string]any `json:"rows"`
	} `json:"tables"`
}

func (v view) figure(id string) float64 {
	for _, f := range v.Figures {
		if f.ID == id && f.Value != nil {
			return *f.Value
		}
	}
	return -1
}

func (v view) table(id string) []map[string]any {
	for _, t := range v.Tables {
		if t.ID == id {
			return t.Rows
		}
	}
	return nil
}

func read(t *testing.T, answer *httptest.ResponseRecorder) (v view) {
	t.Helper()
	if err := json.Unmarshal(answer.Body.Bytes(), &v); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d, %v: %s", answer.Code, err, answer.Body)
	}
	return v
}

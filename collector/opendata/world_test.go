package opendata_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/opendata"
	"veille/collector/privacy"
)

// nasty is a name with all that breaks tables, texts and web pages.
const nasty = "=Lycée \"A;B\", l'été\n<b>& `x` {{.}}"

// world is a ledger, and what a real door needs.
type world struct {
	organisations []collector.Responsible
	sites         []collector.Site
	equipment     []collector.Equipment
	actions       []collector.Action
	baselines     []collector.Baseline
	websites      []collector.Website
	runs          map[int64]collector.WebRun
	pages         map[int64][]collector.WebPage
	rows          []collector.PlaceMonth
	err           error
	asked         int // how often for websites
}

func (w *world) Organisations(context.Context) ([]collector.Responsible, error) {
	return w.organisations, nil
}
func (w *world) Sites(context.Context) ([]collector.Site, error) { return w.sites, w.err }
func (w *world) Factors(context.Context, int64) ([]collector.Factor, error) {
	return nil, nil
}
func (w *world) Prices(context.Context, int64) ([]collector.Price, error) { return nil, nil }
func (w *world) Actions(context.Context, int64) ([]collector.Action, error) {
	return w.actions, nil
}

func (w *world) Baselines(context.Context, int64) ([]collector.Baseline, error) {
	return w.baselines, nil
}

func (w *world) Equipment(context.Context, int64) ([]collector.Equipment, error) {
	return w.equipment, nil
}

func (w *world) Websites(context.Context) ([]collector.Website, error) {
	w.asked++
	return w.websites, nil
}

func (w *world) WebPages(_ context.Context, id int64) ([]collector.WebPage, error) {
	return w.pages[id], nil
}

func (w *world) LastWebRun(_ context.Context, id int64) (collector.WebRun, error) {
	if r, ok := w.runs[id]; ok {
		return r, nil
	}
	return collector.WebRun{}, collector.ErrNotFound
}

func (w *world) Tree(_ context.Context, organisation int64) (sites []collector.Site, _ []collector.Group, _ error) {
	for _, s := range w.sites {
		if s.Organisation == organisation {
			sites = append(sites, s)
		}
	}
	return sites, nil, nil
}

func (w *world) Months(_ context.Context, organisation int64, from, to collector.Month) (rows []collector.PlaceMonth, err error) {
	for _, r := range w.rows {
		if r.Month >= from && r.Month <= to && slices.ContainsFunc(w.sites, func(s collector.Site) bool { return s.ID == r.Site && s.Organisation == organisation }) {
			rows = append(rows, r)
		}
	}
	return rows, nil
}

func (w *world) Cells(context.Context, int64, collector.Date, collector.Date) iter.Seq2[collector.Cell, error] {
	return func(func(collector.Cell, error) bool) {}
}

func (w *world) MachineMonths(context.Context, int64, collector.Month) ([]collector.MachineMonth, error) {
	return nil, errors.New("no single machine is to be asked for")
}
func (w *world) Log(context.Context, collector.Entry) error { return nil }

const today = collector.Date("2026-09-20")

// writer is a writer of the world through a real door.
func (w *world) writer() *opendata.Writer {
	now := func() collector.Date { return today }
	return opendata.New(w, privacy.New(w, w, now), now)
}

// fleet adds machines of a site in a month: each on 8 hours of each day, at so many watts, 14 off, 2 asleep.
func (w *world) fleet(t testing.TB, month collector.Month, site int64, use collector.Use, machines int, watts float64, simulated bool) {
	t.Helper()
	first, last, err := month.Dates()
	if err != nil {
		t.Fatal(err)
	}
	day, err := first.Midnight(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	row := collector.PlaceMonth{Place: collector.Place{Site: site, Class: "desktop", Use: use, Simulated: simulated}, Month: month}
	for d := day; collector.DateOf(d) <= last; d = d.AddDate(0, 0, 1) {
		r := collector.Record{Parts: []collector.Part{
			{Part: "open", LengthS: 36000, Seconds: collector.Seconds{On: 28800, Sleep: 7200}, Energy: []collector.Energy{
				{Wh: 8 * watts, LowWh: 6 * watts, HighWh: 10 * watts, Method: "rapl+model", Scope: "machine", CoveredS: 36000},
			}},
			{Part: "night", LengthS: 50400, Seconds: collector.Seconds{Off: 43200, Unknown: 7200}, Energy: []collector.Energy{
				{Wh: 1, LowWh: 1, HighWh: 2, Method: "model-class", Scope: "machine", CoveredS: 43200},
			}},
		}}
		c := collector.Cell{Date: collector.DateOf(d), Place: row.Place, Machines: machines, Top: collector.Milli(8*watts + 1)}
		for range machines {
			c.Sum.AddRecord(r)
		}
		c.Sum.Days = int64(machines)
		if err := row.Add(c); err != nil {
			t.Fatal(err)
		}
	}
	w.rows = append(w.rows, row)
}

// fix makes what is kept of the rows.
func (w *world) fix() {
	by := map[collector.Month][]collector.PlaceMonth{}
	for _, r := range w.rows {
		by[r.Month] = append(by[r.Month], r)
	}
	w.rows = nil
	for _, rows := range by {
		w.rows = append(w.rows, privacy.Coarsen(rows)...)
	}
}

// region is an organisation with five sites: 1 and 2 open and large, 3 open and small, 4 and 7 closed, 5 a data centre, and a year of figures.
func region(t testing.TB) *world {
	t.Helper()
	w := &world{
		organisations: []collector.Responsible{
			{Organisation: collector.Organisation{ID: 1, Name: "Région " + nasty}, SIREN: "233500016", OpenData: true, Contact: "dpo@example.org"},
			{Organisation: collector.Organisation{ID: 2, Name: "Autre"}, SIREN: "732829320"},
			{Organisation: collector.Organisation{ID: 3, Name: "Sans numéro"}, OpenData: true},
		},
		sites: []collector.Site{
			{ID: 1, Organisation: 1, Name: nasty, Open: true, Scope: collector.ScopeSchool, Code: "0350001A", Commune: "35238"},
			{ID: 2, Organisation: 1, Name: "Lycée B", Open: true, Scope: collector.ScopeSchool, Code: "same"},
			{ID: 3, Organisation: 1, Name: "Antenne", Open: true, Scope: collector.ScopeOffice, Code: "same"},
			{ID: 4, Organisation: 1, Name: "Fermé", Scope: collector.ScopeOffice},
			{ID: 5, Organisation: 1, Name: "@Centre", Open: true, Scope: collector.ScopeDataCentre, Code: "-DC"},
			{ID: 6, Organisation: 2, Name: "Ailleurs", Open: true},
			{ID: 7, Organisation: 1, Name: "Fermé aussi", Scope: collector.ScopeOffice},
		},
	}
	for i := range 12 {
		month := collector.Month("2025-09").Plus(i)
		w.fleet(t, month, 1, "individual", 40, 30, false)
		w.fleet(t, month, 2, "individual", 30, 25, false)
		w.fleet(t, month, 3, "individual", 4, 20, false)
		w.fleet(t, month, 4, "individual", 25, 20, false)
		w.fleet(t, month, 7, "individual", 25, 20, false)
		w.fleet(t, month, 3, "shared", 3, 40, false)
		w.fleet(t, month, 5, "server", 3, 200, false)
	}
	w.fix()
	device := func(site int64, class string, bought collector.Month, as string, n int) {
		w.equipment = append(w.equipment, collector.Equipment{Organisation: 1, Site: site, Class: class, Bought: bought, As: as, Count: n})
	}
	device(1, "notebook", "2023-06", "new", 30)
	device(1, "notebook", "", "refurbished", 6)
	device(2, "notebook", "2024-01", "new", 20)
	device(3, "notebook", "2024-01", "new", 4)
	device(4, "notebook", "2022-01", "reused", 12)
	device(7, "notebook", "2022-01", "new", 15)
	device(1, "desktop", "2021-09", "new", 25)
	device(2, "mini", "2026-09", "new", 50) // bought in the month that is not over
	device(1, "printer", "2021-09", "new", 2)
	device(5, "server", "2020-01", "new", 14)
	device(1, "monitor", "2020-05", "new", 45)
	w.equipment = append(w.equipment, collector.Equipment{Organisation: 1, Site: 1, Class: "tablet", Bought: "2020-01", As: "new", Count: 100, State: "retired"})
	w.web()
	return w
}

// copied is a world of its own that is like w.
func (w *world) copied() *world {
	c := *w
	c.sites, c.organisations = slices.Clone(w.sites), slices.Clone(w.organisations)
	c.pages = map[int64][]collector.WebPage{}
	for id, pages := range w.pages {
		c.pages[id] = slices.Clone(pages)
	}
	return &c
}

// web adds two websites, one that is open.
func (w *world) web() {
	at := time.Date(2026, 9, 14, 0, 0, 7, 0, time.UTC)
	w.websites = []collector.Website{
		{ID: 1, Organisation: 1, Open: true, Name: "Site", Rules: collector.WebsiteRules{URL: "https://www.example.fr/", Mode: "two-speed"}},
		{ID: 2, Organisation: 1, Name: "Intranet", Rules: collector.WebsiteRules{URL: "https://intra.example.fr/"}},
		{ID: 3, Organisation: 2, Open: true, Name: "Ailleurs", Rules: collector.WebsiteRules{URL: "https://ailleurs.example.fr/"}},
		{ID: 4, Organisation: 1, Open: true, Name: "Neuf", Rules: collector.WebsiteRules{URL: "https://neuf.example.fr/"}},
	}
	w.runs = map[int64]collector.WebRun{}
	w.pages = map[int64][]collector.WebPage{}
	for id := range int64(3) {
		w.runs[id+1] = collector.WebRun{Website: id + 1, At: at, Mode: "two-speed", Protocol: "ecoindex-2026", Version: "1.2.3", Measured: 1}
		w.pages[id+1] = []collector.WebPage{{Website: id + 1, URL: w.websites[id].Rules.URL, At: at, SeenAt: at, Score: 63, Browser: &collector.WebSizes{DOM: 700, Requests: 40, SizeKB: 812.5}}}
	}
	audit := []byte(`{"failed":[],"passed":3,"verdicts":[{"criterion":"6.3","status":"failed","measured":3},{"criterion":"4.8","status":"passed","measured":1},{"criterion":"5.1","status":"nothing","measured":0}],"access":{"mention":"partial","rate":72.5,"here":true}}`)
	w.pages[1] = append(w.pages[1],
		collector.WebPage{URL: "https://jean:secret@www.example.fr/demarche?nom=Jean#ici", At: at.AddDate(0, 0, -9), SeenAt: at, Score: 80.4, Static: collector.WebSizes{DOM: 10, Requests: 2, SizeKB: 5.0004}, Audit: audit},
		collector.WebPage{URL: "https://www.example.fr/demarche?nom=Zoé", At: at, SeenAt: at, Score: 12, Static: collector.WebSizes{DOM: 99}},
		collector.WebPage{URL: "https://www.example.fr/exclu", At: at.AddDate(0, -1, 0), SeenAt: at, Score: 50, Code: "robots"},
		collector.WebPage{URL: "https://10.0.0.7/interne", SeenAt: at, Code: "private"},
		collector.WebPage{URL: "javascript:alert(1)", At: at, SeenAt: at},
	)
}

const base = "https://veille.example.org/opendata/1"

// filesOf are the files of a request.
func filesOf(t *testing.T, w *world, q opendata.Request) map[string][]byte {
	t.Helper()
	files, err := w.writer().Files(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for i, f := range files {
		if i > 0 && files[i-1].Name >= f.Name {
			t.Errorf("%s comes after %s", f.Name, files[i-1].Name)
		}
		if f.Type == "" || len(f.Bytes) == 0 {
			t.Errorf("%s is empty, or of no type", f.Name)
		}
		all[f.Name] = f.Bytes
	}
	return all
}

const (
	parc  = "empreinte-parc-informatique"
	pages = "ecoindex-sites-publics"
)

// tableOf is a CSV file as rows by the names of columns.
func tableOf(t *testing.T, text []byte, comma rune) (rows []map[string]string) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = comma
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// find is the row of a site, a class and a month.
func find(rows []map[string]string, site, class, month string) map[string]string {
	i := slices.IndexFunc(rows, func(r map[string]string) bool {
		return r["site_id"] == site && r["classe_equipement"] == class && r["periode_debut"] == month+"-01"
	})
	if i < 0 {
		return nil
	}
	return rows[i]
}

// objects is a JSON file as rows.
func objects(t *testing.T, text []byte) (rows []map[string]any) {
	t.Helper()
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// is fails where fields of a row are not as they are said, as name, value, name, value.
func is(t *testing.T, what string, row map[string]string, pairs ...string) {
	t.Helper()
	if row == nil {
		t.Errorf("%s: there is no such row", what)
		return
	}
	for i := 0; i < len(pairs); i += 2 {
		if row[pairs[i]] != pairs[i+1] {
			t.Errorf("%s: %s is %q, not %q", what, pairs[i], row[pairs[i]], pairs[i+1])
		}
	}
}

package energy_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
)

// paths are those of all pages.
func paths() []string {
	return []string{"/", "/sites", "/sites/1", "/sites/1/groups/11", "/sites/1/groups/0", "/sites/1/hours"}
}

func TestTheFirstPageSaysHowMuchHowMuchOfItIsWasteAndWhatTheActionSaved(t *testing.T) {
	w := believable(t, 3)
	v := w.api(t, officer(), "/api/v1/overview")
	if v.From != "2025-11" || v.To != "2026-10" || v.Simulated {
		t.Errorf("from %s to %s, simulated %t", v.From, v.To, v.Simulated)
	}
	for id, unit := range map[string]string{"kwh": "kWh", "outside": "kWh", "effect": "kWh", "euros": "€", "carbon": "kgCO2e", "per_machine": "kWh", "change": "kWh"} {
		f := v.figure(t, id)
		if f.Value == nil || f.Low == nil || f.High == nil || *f.Low > *f.Value || *f.Value > *f.High || f.Unit != unit || f.How == "" {
			t.Errorf("%s: %+v", id, f)
		}
	}
	kwh, outside, share := *v.figure(t, "kwh").Value, *v.figure(t, "outside").Value, *v.figure(t, "outside_share").Value
	if got := 100 * outside / kwh; got < share-.06 || got > share+.06 {
		t.Errorf("%v kWh of %v kWh are %v %%, and the page says %v %%", outside, kwh, got, share)
	}
	if got := *v.figure(t, "euros").Value; got < .199*kwh || got > .201*kwh {
		t.Errorf("%v kWh at 0.2 euros cost %v euros", kwh, got)
	}
	if f := v.figure(t, "euros"); f.Note != "VAT included" {
		t.Errorf("tax: %q", f.Note)
	}
	if f := v.figure(t, "kwh"); !slices.Equal(f.Methods, []string{"model-class"}) || f.Coverage == nil || *f.Coverage != 1 {
		t.Errorf("kwh: %+v", f)
	}
	var months float64
	for _, row := range v.table("months") {
		months += row["kwh"].(float64)
	}
	if diff := months - kwh; len(v.table("months")) != 12 || diff > 1e-6 || diff < -1e-6 {
		t.Errorf("the %d months have %v kWh, and the year %v", len(v.table("months")), months, kwh)
	}
	if effects := v.table("effects"); len(effects) != 1 || effects[0]["saved"].(float64) <= 0 || effects[0]["after"] != "Apr 2026–Oct 2026" {
		t.Errorf("effects: %v", effects)
	}
	d := w.page(t, officer(), "/")
	for _, link := range []string{"/actions/4", "/levers", "/sites/1", "/web/1"} {
		if d.Find(`main a[href^="`+link+`?"]`).Length() == 0 {
			t.Errorf("no link to %s", link)
		}
	}
	if d.Find("main figure svg").Length() != 2 {
		t.Errorf("%d drawings", d.Find("main figure svg").Length())
	}
}

func TestServersStandApartAndAreNoWaste(t *testing.T) {
	w := believable(t, 3)
	with := w.api(t, officer(), "/api/v1/overview")
	if rows := with.table("servers"); len(rows) != 2 || rows[0]["machines"] != 2.0 || rows[0]["kwh"].(float64) <= 0 {
		t.Errorf("servers: %v", rows)
	}
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Use == "server" })
	without := w.api(t, officer(), "/api/v1/overview")
	for _, id := range []string{"kwh", "outside"} {
		if a, b := *with.figure(t, id).Value, *without.figure(t, id).Value; a != b {
			t.Errorf("%s is %v kWh with servers and %v kWh without", id, a, b)
		}
	}
	if without.table("servers") != nil {
		t.Error("there is a table of no servers")
	}
}

func TestSitesOfTooFewMachinesHaveNoNumberAnywhere(t *testing.T) {
	w := believable(t, 3)
	for _, path := range []string{"/api/v1/overview", "/api/v1/sites"} {
		found := 0
		for _, row := range w.api(t, officer(), path).table("sites") {
			if name := row["name"].(string); strings.HasPrefix(name, tiny) {
				found++
				for column, x := range row {
					if _, number := x.(float64); number || x != nil && column != "name" && column != "note" {
						t.Errorf("%s: %s of %s is %v", path, column, name, x)
					}
				}
				if note := row["note"].(string); !strings.HasPrefix(note, "not shown: ") {
					t.Errorf("%s: of %s it says %q", path, name, note)
				}
			}
		}
		if found != 2 {
			t.Errorf("%s: %d of the sites that are not shown", path, found)
		}
	}
	v := w.api(t, officer(), "/api/v1/sites/4")
	for _, f := range v.Figures {
		if f.Value != nil || f.Low != nil || f.High != nil || f.Missing == "" {
			t.Errorf("a hidden site has a figure: %+v", f)
		}
	}
	for _, x := range v.Tables {
		for _, row := range x.Rows {
			for column, value := range row {
				if _, number := value.(float64); number {
					t.Errorf("a hidden site has a number: %s %s %v", x.ID, column, value)
				}
			}
		}
	}
	if got := text(w.page(t, officer(), "/sites/4").Find("main")); !strings.Contains(got, "not shown") && !strings.Contains(got, "too few machines") {
		t.Errorf("it does not say why: %s", got)
	}
}

// What is told of sites does not give away one that is hidden: the rest is always of two sites or more.
func TestTheRestOfAllSitesIsNeverOneHiddenSite(t *testing.T) {
	w := believable(t, 3)
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Site == 5 }) // one tiny site is left
	w.sites = slices.DeleteFunc(w.sites, func(s collector.Site) bool { return s.ID == 5 })
	hidden := 0
	for _, row := range w.api(t, officer(), "/api/v1/sites").table("sites") {
		if row["kwh"] == nil {
			hidden++
		}
	}
	if hidden < 2 {
		t.Errorf("%d site is hidden, and is what the others leave of the whole", hidden)
	}
}

func TestMonthsWithoutFiguresAreGapsAndNotNothing(t *testing.T) {
	w := believable(t, 3)
	w.rows = slices.DeleteFunc(w.rows, func(r collector.PlaceMonth) bool { return r.Month == "2026-05" || r.Month == "2026-06" })
	v := w.api(t, officer(), "/api/v1/overview")
	gaps := 0
	for _, row := range v.table("months") {
		if row["kwh"] == nil {
			gaps++
			if row["note"] != "no figures" || row["machines"] != nil || row["known"] != nil {
				t.Errorf("a month without figures: %v", row)
			}
		}
	}
	if gaps != 2 {
		t.Errorf("%d gaps in %v", gaps, v.table("months"))
	}
	for _, row := range v.table("targets") {
		if row["unit"] == "kWh" && (row["reached"] != nil || !strings.Contains(row["state"].(string), "10 months of 12")) {
			t.Errorf("a target of twelve months is compared with ten: %v", row)
		}
	}
}

func TestTheRoleWebAloneSeesWebsitesAndTheDoorIsNotAsked(t *testing.T) {
	w := believable(t, 3)
	who := officer()
	who.Roles = []collector.Role{collector.RoleWeb}
	d := w.page(t, who, "/")
	if w.asked != 0 || d.Find("main table").Length() != 1 || !strings.Contains(text(d.Find("main")), "site-0.example") {
		t.Errorf("asked %d times; %s", w.asked, text(d.Find("main")))
	}
	if strings.Contains(text(d.Find("main")), "kWh") || strings.Contains(text(d.Find("main")), "Lycée") {
		t.Errorf("it sees machines: %s", text(d.Find("main")))
	}
	for _, path := range paths()[1:] {
		if got := w.get(t, who, path).Code; got != http.StatusForbidden {
			t.Errorf("%s: %d", path, got)
		}
	}
}

func TestAUserOfOneSiteSeesThatOneOnly(t *testing.T) {
	w := believable(t, 3)
	for _, path := range []string{"/", "/sites", "/sites/2"} {
		d := w.page(t, ofSite(2), path)
		main := text(d.Find("main"))
		for _, other := range []string{"Lycée 01", "Lycée 03", tiny, "Région", "Mairie"} {
			if strings.Contains(main, other) {
				t.Errorf("%s names %s", path, other)
			}
		}
	}
	v, site := w.api(t, ofSite(2), "/api/v1/overview"), w.api(t, officer(), "/api/v1/sites/2")
	if *v.figure(t, "kwh").Value != *site.figure(t, "kwh").Value {
		t.Error("the first page of a user of one site has other figures than its page")
	}
	for _, row := range v.table("websites") { // of its site there are none
		t.Errorf("a website of elsewhere: %v", row)
	}
	for _, path := range []string{"/sites/1", "/sites/1/groups/11", "/sites/1/hours", "/sites/99"} {
		if got := w.get(t, ofSite(2), path).Code; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
}

func TestWhatIsNotTheReadersIsNotThere(t *testing.T) {
	w := believable(t, 3)
	for _, path := range []string{
		"/sites/99", "/sites/99/hours", "/sites/99/groups/0", "/sites/1/groups/12", "/sites/77", "/sites/x", "/sites/-1", "/sites/01", "/sites/1/groups/x",
		"/api/v1/sites/99", "/api/v1/sites/99/hours", "/csv/nothing/sites/1", "/sites/9223372036854775808",
	} {
		if got := w.get(t, officer(), path).Code; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
	for _, path := range paths() {
		if body := w.get(t, officer(), path).Body.String(); strings.Contains(body, "Mairie") || strings.Contains(body, "secret.example") {
			t.Errorf("%s tells of another organisation", path)
		}
	}
}

func TestParametersThatMakeNoSenseAreIgnored(t *testing.T) {
	w := believable(t, 3)
	want := w.api(t, officer(), "/api/v1/overview").To
	for _, query := range []string{"to=x", "to=2026-13", "to=0000-01", "to=2031-01", "to=2026-11", "to=1999-01", "to=2001-01", "to=%00", "page=x", "page=-1", "page=99999999999999999999", "site=1", "simulated=x", "simulated=1"} {
		if got := w.api(t, officer(), "/api/v1/overview?"+query); got.To != want || got.Simulated {
			t.Errorf("%s: to %s, simulated %t", query, got.To, got.Simulated)
		}
		w.page(t, officer(), "/?"+query)
	}
	if got := w.api(t, officer(), "/api/v1/overview?to=2026-03"); got.To != "2026-03" || got.From != "2025-04" {
		t.Errorf("from %s to %s", got.From, got.To)
	}
	if got, _ := w.page(t, officer(), "/?to=2026-03").Find(`a[hreflang="fr"]`).Attr("href"); got != "/?lang=fr&to=2026-03" {
		t.Errorf("in French it is at %s", got)
	}
}

func TestEveryNumberOfThePageIsGivenToPrograms(t *testing.T) {
	w := believable(t, 12)
	for page, api := range map[string]string{
		"/": "/api/v1/overview", "/sites": "/api/v1/sites", "/sites/1": "/api/v1/sites/1", "/sites/1/groups/11": "/api/v1/sites/1/groups/11",
	} {
		v := w.api(t, officer(), api)
		d := w.page(t, officer(), page)
		d.Find("main table").Each(func(_ int, table *goquery.Selection) {
			id := strings.TrimSuffix(table.Find("caption").AttrOr("id", ""), "-caption")
			rows := v.table(id)
			table.Find("tbody tr").Each(func(i int, row *goquery.Selection) {
				if i >= len(rows) {
					t.Fatalf("%s, %s: %d rows", page, id, len(rows))
				}
				said := fmt.Sprint(rows[i])
				if name := text(row.Find("th")); !strings.Contains(said, name) {
					t.Errorf("%s, %s, row %d: %q is not in %s", page, id, i, name, said)
				}
			})
			numbers := 0
			for _, row := range rows {
				for _, x := range row {
					if _, ok := x.(float64); ok {
						numbers++
					}
				}
			}
			if shown := digits(table.Find("tbody td")); shown > numbers+len(rows)*4 { // dates are texts
				t.Errorf("%s, %s: %d cells with digits and %d numbers", page, id, shown, numbers)
			}
		})
		if got := d.Find("main dl.numbers dt").Length() + d.Find("main ul.small li").Length(); got != len(v.Figures) {
			t.Errorf("%s shows %d figures, and programs get %d", page, got, len(v.Figures))
		}
	}
	if n := len(w.api(t, officer(), "/api/v1/overview").table("sites")); n != 14 {
		t.Errorf("programs get %d sites of 14", n)
	}
}

// digits is how many cells have one.
func digits(cells *goquery.Selection) (n int) {
	cells.Each(func(_ int, c *goquery.Selection) {
		if strings.ContainsAny(c.Text(), "0123456789") {
			n++
		}
	})
	return n
}

func TestPagesWithThirtySitesAndAllThatThereMayBeAreLight(t *testing.T) {
	w := believable(t, 28)
	for i := range int64(8) {
		w.targets = append(w.targets, collector.Target{ID: 10 + i, Organisation: 1, Site: i % 3, Indicator: "carbon", Value: 1, By: "2027-01"})
		w.actions = append(w.actions, collector.Action{ID: 20 + i, Organisation: 1, Name: "Une action au nom assez long", Measure: "other", On: "2026-05-02", BaseFrom: "2025-05", Base: "2026-04"})
		w.groups = append(w.groups, collector.Group{ID: 30 + i, Site: 1, Name: "Bâtiment"})
		for _, m := range monthsOf(24) {
			w.month(t, m, place(1, 30+i, "desktop", "individual"), 12, 7, 3)
		}
	}
	for i, r := range w.rows { // all parts of the day, all states
		for _, part := range []string{"weekend", "holiday"} {
			sum := r.Sum.Energy[0]
			sum.Part = part
			r.Sum.Add(collector.Sum{Seconds: []collector.PartSum{{Part: part, On: 9000, DisplayOff: 9000, Sleep: 9000, Off: 9000, Unknown: 9000}, {Part: "open", DisplayOff: 10, Sleep: 10, Unknown: 10}, {Part: "night", DisplayOff: 10, Sleep: 10, Unknown: 10}}, Energy: []collector.EnergySum{sum}})
		}
		w.rows[i] = r
	}
	for i := range 24 {
		for m := range 3 {
			w.points = append(w.points, joules(w, i, m, "model-class", "machine", 20, 3600), joules(w, i, m, "rapl", "cpu", 2, 3600), joules(w, i, m, "model-class", "display", 12, 3600))
		}
	}
	for _, path := range paths() {
		for _, lang := range []string{"en", "fr"} {
			d := w.page(t, officer(), path+"?lang="+lang)
			html, err := d.Html()
			if err != nil {
				t.Fatal(err)
			}
			if n := d.Find("*").Length(); n > 600 || len(html) > 100_000 {
				t.Errorf("%s in %s has %d elements and %d bytes", path, lang, n, len(html))
			}
			if d.Find("main h1").Length() != 1 || d.Find("script, [style], b u, b i").Length() != 0 {
				t.Errorf("%s: a heading, a script or a name that is not escaped", path)
			}
		}
	}
}

func TestTheListOfSitesGoesOnOnFurtherPages(t *testing.T) {
	w := believable(t, 28)
	seen := map[string]bool{}
	path := "/sites"
	for range 5 {
		d := w.page(t, officer(), path)
		d.Find(`tbody th a[href^="/sites/"]`).Each(func(_ int, a *goquery.Selection) { seen[a.Text()] = true })
		next := d.Find("nav.pager a").FilterFunction(func(_ int, a *goquery.Selection) bool { return a.Text() == "Next" })
		if next.Length() == 0 {
			break
		}
		path = next.AttrOr("href", "")
	}
	if len(seen) != 30 {
		t.Errorf("%d sites of 30", len(seen))
	}
}

func TestAFreshInstallationSaysWhatToDoFirst(t *testing.T) {
	w := &world{now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
	for _, path := range []string{"/", "/sites"} {
		for lang, says := range map[string]string{"en": "veille-collector site add NAME", "fr": "veille-collector site add NOM"} {
			if got := text(w.page(t, officer(), path+"?lang="+lang).Find("main")); !strings.Contains(got, says) {
				t.Errorf("%s: %s", path, got)
			}
		}
	}
}

func TestOneServerIsShownFromItsFirstDayOnAndTheFirstMonthIsAnnounced(t *testing.T) {
	w := &world{
		now:   time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		sites: []collector.Site{{ID: 1, Organisation: 1, Name: "Bureau", TimeZone: "Europe/Paris"}},
		cells: []collector.Cell{
			day("2026-11-21", place(1, 0, "server", "server"), 1, 10, 14, "rapl+model"), day("2026-11-22", place(1, 0, "server", "server"), 1, 5, 0, "rapl+model"),
			day("2026-11-21", place(1, 0, "desktop", "individual"), 1, 7, 1, "model-class"), // of a person: nothing is told of it
		},
	}
	v := w.api(t, officer(), "/api/v1/overview")
	if f := v.figure(t, "so_far_server"); f.Value == nil || *f.Value <= 0 || !strings.Contains(f.Note, "Days: 2") {
		t.Errorf("so far: %+v", f)
	}
	if len(v.Figures) != 1 || len(v.table("days")) != 2 || v.table("days")[0]["shared_kwh"] != nil {
		t.Errorf("%+v, %v", v.Figures, v.table("days"))
	}
	for _, lang := range []string{"en", "fr"} {
		for _, path := range []string{"/", "/sites", "/sites/1", "/sites/1/groups/0"} {
			d := w.page(t, officer(), path+"?lang="+lang)
			want := map[string]string{"en": "(November 2026) can be shown from 2026-12-08 on", "fr": "(novembre 2026) pourront être affichés à partir du 08/12/2026"}[lang]
			if got := text(d.Find("main")); !strings.Contains(got, want) {
				t.Errorf("%s: %s", path, got)
			}
		}
	}
	d := w.page(t, officer(), "/")
	if d.Find(`a[href^="/sites/1/hours?"]`).Length() != 1 || d.Find("figure svg").Length() != 1 {
		t.Errorf("no way to its hours, or no drawing: %s", text(d.Find("main")))
	}
}

func TestSimulatedFiguresAreShownWhereThereAreNoOthersAndSaidToBe(t *testing.T) {
	w := believable(t, 3)
	rows := len(w.rows)
	for i := range rows {
		r := w.rows[i]
		r.Simulated = true
		w.rows = append(w.rows, r)
	}
	d := w.page(t, officer(), "/")
	if d.Find(`a[href="/?lang=en&simulated=1"]`).Length() != 1 || w.api(t, officer(), "/api/v1/overview").Simulated {
		t.Error("real figures are not shown first, or nothing leads to the others")
	}
	if v := w.api(t, officer(), "/api/v1/overview?simulated=1"); !v.Simulated {
		t.Error("simulated figures that were asked for are not shown")
	}
	w.rows = w.rows[rows:]
	d = w.page(t, officer(), "/")
	if !w.api(t, officer(), "/api/v1/overview").Simulated || d.Find(`a[href*="simulated"]`).Length() != 0 || !strings.Contains(text(d.Find(".notice")), "simulated") {
		t.Error("simulated figures that are the only ones are not shown, or not said to be")
	}
}

func TestEnergyThatNobodyKnowsIsNotNothing(t *testing.T) {
	w := believable(t, 2)
	for i := range w.rows {
		w.rows[i].Sum.Energy = nil
	}
	v := w.api(t, officer(), "/api/v1/overview")
	for _, id := range []string{"kwh", "outside", "euros", "carbon", "per_machine"} {
		if f := v.figure(t, id); f.Value != nil {
			t.Errorf("%s is %v", id, *f.Value)
		}
	}
	for _, row := range append(v.table("months"), v.table("sites")...) {
		if row["kwh"] != nil {
			t.Errorf("energy of %v", row)
		}
	}
}

func TestTroubleOfTheLedgerIsSaidWithoutItsReason(t *testing.T) {
	w := believable(t, 1)
	w.broken = errors.New("disk on fire")
	for _, path := range paths() {
		if answer := w.get(t, officer(), path); answer.Code != http.StatusInternalServerError || strings.Contains(answer.Body.String(), "fire") {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
}

func TestATargetOfALineOfTheReportIsToldThere(t *testing.T) {
	w := believable(t, 3)
	w.targets = []collector.Target{
		{ID: 5, Organisation: 1, Indicator: "U1", Value: 80, By: "2027-12", Note: "board"}, {ID: 6, Organisation: 1, Indicator: "gone", Value: 3, By: "2028-01"},
	}
	rows := w.api(t, officer(), "/api/v1/overview").table("targets")
	if len(rows) != 2 || !strings.HasPrefix(rows[0]["target"].(string), "U1 – ") || rows[0]["aim"] != 80.0 || rows[0]["unit"] != "%" || rows[0]["reached"] != nil || rows[0]["state"] != "told in the reports" || rows[1]["target"] != "gone" {
		t.Errorf("targets: %v", rows)
	}
	if n := w.page(t, officer(), "/").Find(`main a[href="/reports?lang=en"]`).Length(); n != 2 {
		t.Errorf("%d ways lead to the reports", n)
	}
	if n := w.page(t, ofSite(2), "/").Find(`main a[href^="/reports"]`).Length(); n != 0 {
		t.Error("a user of one site is led to reports, which are not for him")
	}
}

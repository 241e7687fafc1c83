package savings_test

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"veille/collector"
)

// stocked is a world of devices at 30 sites.
func stocked(t *testing.T) *world {
	t.Helper()
	w := &world{today: "2026-10-20"}
	for i := range int64(30) {
		w.site(i+1, fmt.Sprintf("Lycée %d", i+1))
		for j, class := range collector.Devices() {
			for years := range 12 {
				e := collector.Equipment{
					Organisation: 1, Site: i + 1, Class: class, Count: 1 + int(i), As: []string{"new", "refurbished", "reused"}[(j+years)%3],
					Bought: collector.Month(fmt.Sprintf("%d-05", 2026-years)),
				}
				if years == 11 {
					e.Bought = ""
				}
				w.equipment = append(w.equipment, e)
			}
		}
	}
	w.equipment = append(w.equipment, collector.Equipment{Organisation: 2, Site: 90, Class: "notebook", As: "new", Count: 7777})
	return w
}

func TestDevicesAreCountedOnce(t *testing.T) {
	w := stocked(t)
	v := w.api(t, officer(), "/api/v1/equipment")
	const devices = 30 * 31 / 2 * 10 * 12
	sums := map[string]float64{}
	for _, table := range []string{"ages", "classes", "sites"} {
		for _, row := range v.table(t, table) {
			if table == "ages" {
				sums[table] += row["new"].(float64) + row["reused"].(float64)
				continue
			}
			sums[table] += row["devices"].(float64)
		}
	}
	for table, sum := range sums {
		if sum != devices {
			t.Errorf("%s: %v devices of %v", table, sum, devices)
		}
	}
	if f := v.Figures[0]; f.ID != "devices" || *f.Value != devices {
		t.Errorf("%+v", f)
	}
	if spared, low, high := v.figure(t, "spared"); spared <= 0 || low > spared || high < spared {
		t.Errorf("%v kgCO2e (%v to %v)", spared, low, high)
	}
}

func TestFactorsAreShownWithTheirSourceYearAndLicence(t *testing.T) {
	w := stocked(t)
	rows := w.api(t, officer(), "/api/v1/equipment").table(t, "factors")
	if len(rows) == 0 {
		t.Fatal("no factor")
	}
	body := html.UnescapeString(w.page(t, officer(), "/equipment?lang=fr"))
	for _, row := range rows {
		for _, key := range []string{"value", "value_low", "value_high", "year", "source", "licence"} {
			if row[key] == nil {
				t.Errorf("%s of %v is missing", key, row["id"])
			}
		}
		if !strings.Contains(body, row["source"].(string)) {
			t.Errorf("the page does not name the source of %v", row["id"])
		}
	}
}

func TestAUserOfOneSiteSeesItsDevicesOnly(t *testing.T) {
	w := stocked(t)
	v := w.api(t, ofSite(3), "/api/v1/equipment")
	if f := v.Figures[0]; *f.Value != 3*10*12 {
		t.Errorf("%v devices", *f.Value)
	}
	if rows := v.table(t, "sites"); len(rows) != 1 || rows[0]["site"] != "Lycée 3" {
		t.Errorf("%v", rows)
	}
}

func TestWithoutAnInventoryThePageSaysHowToImportOne(t *testing.T) {
	w := &world{today: "2026-10-20"}
	w.site(1, "Lycée des Ormes")
	body := w.page(t, officer(), "/equipment")
	if !strings.Contains(body, "veille-collector inventory import") || !strings.Contains(body, "/settings/equipment") {
		t.Error("it is not said how to import")
	}
	if strings.Contains(w.page(t, ofSite(1), "/equipment"), "/settings/equipment") {
		t.Error("a reader is sent to settings that are closed to him")
	}
}

func TestADeviceOfUnknownAgeHasNoAge(t *testing.T) {
	w := &world{today: "2026-10-20", equipment: []collector.Equipment{{Organisation: 1, Site: 1, Class: "notebook", As: "new", Count: 4}}}
	w.site(1, "Lycée des Ormes")
	for _, f := range w.api(t, officer(), "/api/v1/equipment").Figures {
		if (f.ID == "mean-age" || f.ID == "spared") && (f.Value != nil || f.Missing == "") {
			t.Errorf("%+v", f)
		}
	}
	w.page(t, officer(), "/equipment?lang=fr")
}

func TestProgramsGetEveryNumberThatPagesShow(t *testing.T) {
	acted, stocked := acted(t), stocked(t)
	number := regexp.MustCompile(`^-?[\d,]+(\.\d+)?$`)
	for _, c := range []struct {
		w      *world
		path   string
		tables []string
	}{
		{acted, "/levers", []string{"levers"}},
		{acted, "/actions", []string{"actions"}},
		{acted, "/actions/1", []string{"months", "parts"}},
		{stocked, "/equipment", []string{"ages", "classes", "sites", "factors"}},
	} {
		v, body := c.w.api(t, officer(), "/api/v1"+c.path), c.w.page(t, officer(), c.path+"?lang=en")
		for _, id := range c.tables {
			rows := v.table(t, id)
			for i, cells := range shown(t, body, id) {
				var numbers int
				for _, value := range rows[i] {
					if _, ok := value.(float64); ok {
						numbers++
					}
				}
				for _, cell := range cells {
					if number.MatchString(cell) && !has(rows[i], cell) {
						t.Errorf("%s, %s: programs do not get %s of row %v", c.path, id, cell, rows[i])
					}
				}
				if numbers == 0 && id != "months" && id != "actions" {
					t.Errorf("%s, %s: no number in %v", c.path, id, rows[i])
				}
			}
		}
	}
}

// has tells whether a row has a number that is written so.
func has(row map[string]any, text string) bool {
	text = strings.ReplaceAll(text, ",", "")
	_, fraction, _ := strings.Cut(text, ".")
	for _, value := range row {
		if x, ok := value.(float64); ok && fmt.Sprintf("%.*f", len(fraction), x) == text {
			return true
		}
	}
	return false
}

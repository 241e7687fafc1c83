package settings_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// rows are those of the tables of a page, as programs get them.
func (p pages) rows(path string, table int) []map[string]any {
	p.t.Helper()
	w := p.get(path)
	var answer struct {
		Tables []struct{ Rows []map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || len(answer.Tables) <= table {
		p.t.Fatalf("%s: %d %v %s", path, w.Code, err, w.Body)
	}
	return answer.Tables[table].Rows
}

func lasting() *fake {
	f := full()
	f.lists["factor list"] = `[{"id":"life.desktop","value":5,"low":4,"high":8,"unit":"years","year":2021,"source":"A & B","link":"","licence":"LO","verified":true,"own":true}]`
	return f
}

func TestTheUnitOfAFactorIsShownInTheLanguageAndKeptAsItIs(t *testing.T) {
	p := serve(t, lasting(), it)
	for code, want := range map[string]string{"fr": "<td>ans</td>", "en": "<td>years</td>"} {
		text := p.get("/settings/factors?lang=" + code).Body.String()
		if !strings.Contains(text, want) || !strings.Contains(text, "A &amp; B<") {
			t.Errorf("the page in %s lacks %s, or the source", code, want)
		}
		if row := p.rows("/api/v1/settings/factors?lang="+code, 0)[0]; row["unit"] != "years" || row["year"] != "2021" || row["source"] != "A & B" || row["licence"] != "LO" {
			t.Errorf("programs get %v", row)
		}
	}
	for typed, want := range map[string]string{"ans": "years", "years": "years", "kgCO2e": "kgCO2e"} {
		f := lasting()
		serve(t, f, it).post("/settings/factors", "do", "factor set", "factor", "life.desktop", "value", "6", "unit", typed, "year", "2026", "source", "us")
		if len(f.given) != 1 || f.given[0].Flags["unit"] != want {
			t.Errorf("%s is given as %v", typed, f.given)
		}
	}
}

func TestClosedDaysAreWrittenAsTheLanguageDoes(t *testing.T) {
	p := serve(t, full(), it)
	for code, want := range map[string]string{"fr": "19/12/2026", "en": "2026-12-19"} {
		if text := p.get("/settings/calendars?lang=" + code).Body.String(); !strings.Contains(text, want) {
			t.Errorf("the page in %s lacks %s", code, want)
		}
		if row := p.rows("/api/v1/settings/calendars?lang="+code, 1)[0]; row["firstday"] != "2026-12-19" || row["lastday"] != "2027-01-03" {
			t.Errorf("programs get %v", row)
		}
	}
}

func TestTheBoxThatConfirmsSaysWhatIsDone(t *testing.T) {
	p := serve(t, full(), it)
	for path, want := range map[string]string{"/settings/tokens": "Oui, révoquer", "/settings/prices": "Oui, retirer"} {
		if text := p.get(path + "?lang=fr").Body.String(); strings.Count(text, "Oui, ") != 1 || !strings.Contains(text, want) {
			t.Errorf("%s does not say %q, once", path, want)
		}
	}
}

func TestTokensAreInTheOrderOfTheirList(t *testing.T) {
	var got []any
	for _, row := range serve(t, full(), it).rows("/api/v1/settings/tokens", 0) {
		got = append(got, row["token"])
	}
	if want := []any{"3f9c01ab", "00000001"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSitesAreSortedAsPeopleSortNames(t *testing.T) {
	f := full()
	f.lists["site list"] = `[{"number":1,"name":"Lycée 10"},{"number":2,"name":"Lycée 9"},{"number":3,"name":"Zola"},{"number":4,"name":"Érables"}]`
	var got []any
	for _, row := range serve(t, f, it).rows("/api/v1/settings/sites", 0) {
		got = append(got, row["site"])
	}
	if want := []any{"Érables", "Lycée 9", "Lycée 10", "Zola"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

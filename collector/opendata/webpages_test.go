package opendata_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"veille/collector/opendata"
	"veille/ecoindex"
	"veille/ecoindex/browser"
)

// weight is the column for what was transferred.
const weight = "poids_transfere_ko" //nolint:misspell // it is French

// page is the row of a page.
func page(rows []map[string]string, address string) map[string]string {
	for _, r := range rows {
		if r["page_url"] == address {
			return r
		}
	}
	return nil
}

func TestPagesAreToldOfOpenWebsitesAndWithoutTheirQueries(t *testing.T) {
	text := filesOf(t, region(t), opendata.Request{Organisation: 1})[pages+"/donnees.csv"]
	rows := tableOf(t, text, ',')
	if len(rows) != 3 {
		t.Errorf("%d rows, not 3: %s", len(rows), text)
	}
	for _, secret := range []string{"Jean", "jean", "secret", "Zo", "intra", "ailleurs", "10.0.0.7", "javascript", "#ici", "neuf"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s is told", secret)
		}
	}
	is(t, "home", page(rows, "https://www.example.fr/"), "page_role", "accueil", "date_mesure", "2026-09-14", "ecoindex_score", "63", "ecoindex_note", "C", "nb_elements_dom", "700",
		weight, "812.5", "mode_mesure", "navigateur", "largeur_ecran_px", "1280", "defilement", "true", "cache", "vide", "outil_version", "1.2.3",
		"methode_version", "ecoindex-2026", "statut", "ok", "requete_retiree", "false", "accessibilite_mention", "")
	is(t, "of two that differ in their query", page(rows, "https://www.example.fr/demarche"), "requete_retiree", "true", "ecoindex_score", "12", "mode_mesure", "estime", "page_role", "")
	is(t, "excluded", page(rows, "https://www.example.fr/exclu"), "statut", "robots_exclu", "ecoindex_score", "", "mode_mesure", "", "date_mesure", "2026-09-14")
}

func TestWhatAPageDeclaresIsTold(t *testing.T) {
	w := region(t)
	w.pages[1] = w.pages[1][1:2]
	rows := tableOf(t, filesOf(t, w, opendata.Request{Organisation: 1})[pages+"/donnees.csv"], ',')
	is(t, "page", page(rows, "https://www.example.fr/demarche"), "date_mesure", "2026-09-05", "ecoindex_score", "80.4", "ecoindex_note", "B", weight, "5",
		"outil_version", "", "accessibilite_mention", "partielle", "accessibilite_taux_pct", "72.5", "page_role", "accessibilite",
		"rgesn_6_3", "propose_non_valide", "rgesn_4_8", "propose_valide", "rgesn_5_1", "na", "rgesn_6_7", "")
}

func TestThePageAsItIsStandsBeforeOneWithAQuery(t *testing.T) {
	w := region(t)
	p := w.pages[1][2]
	p.URL, p.Score = "https://www.example.fr/demarche", 44
	w.pages[1] = append(w.pages[1], p)
	rows := tableOf(t, filesOf(t, w, opendata.Request{Organisation: 1})[pages+"/donnees.csv"], ',')
	is(t, "page", page(rows, p.URL), "requete_retiree", "false", "ecoindex_score", "44")
}

func TestGradesAreThoseOfEcoIndex(t *testing.T) {
	w := region(t)
	one := w.pages[1][0]
	w.pages[1] = nil
	address := func(score float64) string { return fmt.Sprintf("https://www.example.fr/%v", score) }
	for score := 0.0; score <= 100; score += 0.25 {
		one.URL, one.Score = address(score), score
		w.pages[1] = append(w.pages[1], one)
	}
	rows := tableOf(t, filesOf(t, w, opendata.Request{Organisation: 1, Quiet: true})[pages+"/donnees.csv"], ',')
	for score := 0.0; score <= 100; score += 0.25 {
		r := page(rows, address(score))
		if want := string(ecoindex.GradeOfRounded(score)); r["ecoindex_note"] != want {
			t.Errorf("%v is %s, not %s", score, r["ecoindex_note"], want)
		}
	}
}

func TestTheViewOfEachProtocolIsTold(t *testing.T) {
	w := region(t)
	for _, p := range browser.Protocols() {
		run := w.runs[1]
		run.Protocol = p.Name
		w.runs[1] = run
		r := page(tableOf(t, filesOf(t, w, opendata.Request{Organisation: 1, Quiet: true})[pages+"/donnees.csv"], ','), "https://www.example.fr/")
		if r["largeur_ecran_px"] == "" || r["hauteur_ecran_px"] == "" || r["defilement"] == "" {
			t.Errorf("%s: %v", p.Name, r)
		}
		if view := fmt.Sprintf("%s by %s", r["largeur_ecran_px"], r["hauteur_ecran_px"]); strings.Contains(p.About, "viewport") && !strings.Contains(p.About, view) {
			t.Errorf("%s is not %s: %s", p.Name, view, p.About)
		}
	}
}

// FuzzAddressesTellNothingOfPersons takes what nobody should read from all addresses.
func FuzzAddressesTellNothingOfPersons(f *testing.F) {
	for _, s := range []string{"https://u:p@h/a?q#f", "http://h", "https://h/?", "https://h/%3Fq=1", "//h/", "https://[::1]:8080/x;y?z", "https://h/a?b?c", "http:///x", "HTTPS://H/é"} {
		f.Add(s)
	}
	whole := region(f)
	whole.rows = nil
	f.Fuzz(func(t *testing.T, address string) {
		w := whole.copied()
		w.pages[1][0].URL = address
		w.pages[1] = w.pages[1][:1]
		files := filesOf(t, w, opendata.Request{Organisation: 1, Quiet: true})
		var rows []map[string]any
		if err := json.Unmarshal(files[pages+"/donnees.json"], &rows); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if u, _ := r["page_url"].(string); strings.ContainsAny(u, "?#") || strings.Contains(strings.SplitN(u+"///", "/", 4)[2], "@") {
				t.Errorf("%q is told as %q", address, u)
			}
		}
	})
}

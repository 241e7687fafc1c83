package opendata_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"veille/collector"
	"veille/collector/opendata"
)

// scope is the field for the scope of a site.
const scope = "perimetre" //nolint:misspell // it is French

func TestTheFilesAreThoseThatAreAskedFor(t *testing.T) {
	w := region(t)
	var want []string
	for _, set := range []string{pages, parc} {
		for _, name := range []string{"CHANGELOG.md", "LICENSE", "README.md", "donnees.csv", "donnees.json", "exemple-valide.csv", "schema.json"} {
			want = append(want, set+"/"+name)
		}
	}
	want = append(want, "catalog.jsonld")
	slices.Sort(want)
	quiet := filesOf(t, w, opendata.Request{Organisation: 1, Base: base, Quiet: true})
	if got := slices.Sorted(maps.Keys(quiet)); !slices.Equal(got, want) {
		t.Errorf("%v\nnot\n%v", got, want)
	}
	all := filesOf(t, w, opendata.Request{Organisation: 1, Base: base + "/"})
	for _, name := range []string{"README.md", "pcr-si.json", "pcr-si.schema.json", "numecoeval/datacenter.csv", "numecoeval/equipementPhysique.csv", "metriques.prom"} {
		if all["outils/"+name] == nil {
			t.Errorf("there is no outils/%s", name)
		}
	}
	for name, text := range quiet {
		if !bytes.Equal(text, all[name]) {
			t.Errorf("%s differs with the files for tools", name)
		}
	}
}

func TestTheSameFilesAreMadeAgain(t *testing.T) {
	w := region(t)
	first := filesOf(t, w, opendata.Request{Organisation: 1})
	slices.Reverse(w.equipment)
	slices.Reverse(w.sites)
	slices.Reverse(w.rows)
	for name, text := range filesOf(t, w, opendata.Request{Organisation: 1}) {
		if !bytes.Equal(text, first[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestWhoHasNoNumberIsToldSo(t *testing.T) {
	w := region(t)
	if _, err := w.writer().Files(t.Context(), opendata.Request{Organisation: 3}); !errors.Is(err, opendata.ErrSIREN) || !strings.Contains(err.Error(), "org set --siren") {
		t.Errorf("no SIREN: %v", err)
	}
	if _, err := w.writer().Files(t.Context(), opendata.Request{Organisation: 9}); !errors.Is(err, collector.ErrNotFound) {
		t.Errorf("no organisation: %v", err)
	}
	w.err = errors.New("disk on fire")
	if _, err := w.writer().Files(t.Context(), opendata.Request{Organisation: 1}); !errors.Is(err, w.err) {
		t.Errorf("a ledger that fails: %v", err)
	}
}

func TestMeasuredRowsAreWhatTheDoorTellsThePublic(t *testing.T) {
	rows := tableOf(t, filesOf(t, region(t), opendata.Request{Organisation: 1, Base: base})[parc+"/donnees.csv"], ',')
	// 40 machines, 31 days: 8 h × 30 W + 1 Wh = 241 Wh a day; low 181, high 302. 22 of 24 hours are known, and all of these covered.
	is(t, "site 1", find(rows, "0350001A", "postes", "2026-01"),
		"organisation_siren", "233500016", scope, "lycees", "commune_insee", "35238", "periode_fin", "2026-01-31", "usage", "", "nb_equipements", "", "nb_equipements_suivis", "40",
		"conso_electrique_kwh", "298.8", "conso_basse_kwh", "224.4", "conso_haute_kwh", "374.5", "conso_qualite", "basse", "couverture_pct", "92",
		"heures_allume", "248", "heures_veille", "62", "heures_eteint", "372", "heures_inconnu", "62", "part_eteints_hors_usage_pct", "100",
		"ges_usage_kgco2e", "15.5", "facteur_electricite_kgco2e_kwh", "0.0519", "facteur_annee", "2024", "methode_version", "1.0.0", "secret_statistique", "false", "donnees_simulees", "false")
	// 40 × 241 + 30 × 201 + 4 × 161 + 50 × 161 Wh and shared ones 3 × 321 Wh a day.
	is(t, "the whole", find(rows, "ensemble", "postes", "2026-01"), scope, "ensemble", "site_nom", "", "nb_equipements_suivis", "127", "conso_electrique_kwh", "785.1")
	is(t, "the data centre", find(rows, "site-5", "serveur", "2026-01"), "site_nom", "'@Centre", "usage", "serveur", "nb_equipements_suivis", "", "secret_statistique", "true", "conso_electrique_kwh", "148.9")
	for _, r := range rows {
		if strings.Contains(r["site_nom"], "Fermé") || strings.Contains(r["site_nom"], "Ailleurs") {
			t.Errorf("a site is told that is not open: %v", r)
		}
	}
}

// values are the fields that a row has without what it is of.
func values(r map[string]string) (names []string) {
	known := []string{
		"organisation_siren", "organisation_nom", scope, "site_id", "site_nom", "commune_insee", "periode_debut", "periode_fin", "classe_equipement", "usage",
		"methode_version", "secret_statistique", "donnees_simulees",
	}
	for name, value := range r {
		if value != "" && !slices.Contains(known, name) {
			names = append(names, name)
		}
	}
	return names
}

func TestARowThatIsHiddenSaysNothingMore(t *testing.T) {
	rows := tableOf(t, filesOf(t, region(t), opendata.Request{Organisation: 1})[parc+"/donnees.csv"], ',')
	hidden := 0
	for _, r := range rows {
		if r["site_id"] == "site-3" && r["classe_equipement"] == "postes" {
			hidden++
			if got := values(r); r["secret_statistique"] != "true" || len(got) > 0 {
				t.Errorf("site 3 has four machines, and %v is told of it", got)
			}
		}
	}
	if hidden != 12 {
		t.Errorf("%d months of site 3 are hidden, not 12", hidden)
	}
}

func TestInventoryRowsAreOfWhatIsInService(t *testing.T) {
	rows := tableOf(t, filesOf(t, region(t), opendata.Request{Organisation: 1})[parc+"/donnees.csv"], ',')
	const month = "2026-08"
	// Notebooks: 36, 20, 4 (small), and 12 and 15 (not open): 4 + 27 is less than 1 + 9 + 22, so that the first site is hidden too; 67 ≥ 1 + 9 + 33.
	is(t, "all notebooks", find(rows, "ensemble", "portable", month), "nb_equipements", "87", "secret_statistique", "false", "part_reemploi_pct", "20.7",
		// (30 × 38 + 24 × 31 + 27 × 55 months) ÷ 81
		"age_moyen_mois", "41.6", "conso_electrique_kwh", "")
	is(t, "notebooks of site 2", find(rows, "site-2", "portable", month), "nb_equipements", "20", "age_moyen_mois", "31", "part_reemploi_pct", "0")
	for _, site := range []string{"0350001A", "site-3"} {
		r := find(rows, site, "portable", month)
		if got := values(r); r["secret_statistique"] != "true" || len(got) > 0 {
			t.Errorf("notebooks of %s: %v are told: %v", site, got, r)
		}
	}
	is(t, "desktops", find(rows, "ensemble", "poste_fixe", month), "nb_equipements", "25")
	is(t, "printers", find(rows, "ensemble", "imprimante", month), "nb_equipements", "", "secret_statistique", "true")
	is(t, "servers that are measured too", find(rows, "site-5", "serveur", month), "nb_equipements", "14", "conso_electrique_kwh", "148.9")
	if find(rows, "ensemble", "tablette", month) != nil {
		t.Error("retired tablets are told")
	}
	made := find(rows, "0350001A", "ecran", month)
	if made["ges_fabrication_kgco2e"] == "" || made["facteur_fabrication_source"] == "" || made["ges_usage_kgco2e"] != "" {
		t.Errorf("monitors: %v", made)
	}
}

func TestSimulatedFiguresAreMarked(t *testing.T) {
	w := region(t)
	w.rows = nil
	for i := range 3 {
		w.fleet(t, collector.Month("2026-05").Plus(i), 1, "individual", 40, 30, true)
	}
	w.fix()
	files := filesOf(t, w, opendata.Request{Organisation: 1, Simulated: true})
	for _, set := range []string{parc, pages} {
		rows := tableOf(t, files[set+"/donnees.csv"], ',')
		for _, r := range rows {
			if r["donnees_simulees"] != "true" {
				t.Errorf("%s is not marked: %v", set, r)
			}
		}
		if len(rows) == 0 || !bytes.Contains(files[set+"/README.md"], []byte("Données simulées")) || !bytes.Contains(files[set+"/README.md"], []byte("Simulated data")) {
			t.Errorf("%s has no rows, or no mark: %s", set, files[set+"/README.md"])
		}
	}
	if !bytes.Contains(files["catalog.jsonld"], []byte("(données simulées)")) {
		t.Error("the catalogue is not marked")
	}
	others := filesOf(t, w, opendata.Request{Organisation: 1})
	for _, r := range tableOf(t, others[parc+"/donnees.csv"], ',') {
		if r["conso_electrique_kwh"] != "" || r["donnees_simulees"] != "false" {
			t.Errorf("real rows have simulated figures: %v", r)
		}
	}
}

func TestAnActionIsToldOnlyWhereItsBaselineIsKept(t *testing.T) {
	w := region(t)
	w.rows = nil
	for i := range 12 {
		watts := 30.0
		if i > 6 {
			watts = 20
		}
		w.fleet(t, collector.Month("2025-09").Plus(i), 1, "individual", 40, watts, false)
	}
	w.fix()
	w.actions = []collector.Action{{ID: 5, Organisation: 1, Name: "x", Measure: "sleep-policy", On: "2026-04-01", BaseFrom: "2025-09", Base: "2026-02", Until: "2026-07-31"}}
	evaded := func() map[string]string {
		got := map[string]string{}
		for _, r := range tableOf(t, filesOf(t, w, opendata.Request{Organisation: 1})[parc+"/donnees.csv"], ',') {
			if r["conso_evitee_kwh"] != "" {
				got[r["site_id"]+" "+r["periode_debut"]] = r["conso_evitee_kwh"]
			}
		}
		return got
	}
	if got := evaded(); len(got) > 0 {
		t.Errorf("without a baseline that was kept: %v", got)
	}
	w.baselines = []collector.Baseline{{Action: 5, Organisation: 1, KeptOn: "2026-04-02", JSON: []byte("not to be read")}}
	got := evaded()
	// 40 machines × 30 days × 8 h × 10 W = 96 kWh; 99.2 in a month of 31 days. In August it went on no more.
	want := map[string]string{"ensemble 2026-04-01": "96", "ensemble 2026-05-01": "99.2", "ensemble 2026-06-01": "96", "ensemble 2026-07-01": "99.2"}
	if !maps.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	w.actions = append(w.actions, w.actions[0])
	w.actions[1].ID = 6
	w.baselines = append(w.baselines, collector.Baseline{Action: 6})
	if got := evaded(); len(got) > 0 {
		t.Errorf("of two actions at a time: %v", got)
	}
}

func FuzzNamesWithSignsComeBackFromTables(f *testing.F) {
	for _, name := range []string{nasty, "+33 Lycée", "-Lycée", "@Lycée", "=1+1", "a;b", "a,b", "a\"b", "a\r\nb", "l’été", "日本", "bad\xffbytes", "nul\x00", "a;=1+1", "a, -1", "\x01=1", "\u202e=1", "\u200b@x", "＝1", "a;\"=1", "a|+1", "<script>", "", " ", "'=1"} {
		f.Add(name)
	}
	whole := region(f)
	whole.rows = slices.DeleteFunc(whole.rows, func(r collector.PlaceMonth) bool { return r.Month != "2026-08" })
	f.Fuzz(func(t *testing.T, name string) {
		w := whole.copied()
		w.sites[0].Name, w.organisations[0].Name, w.organisations[0].Licence = name, name, name
		files := filesOf(t, w, opendata.Request{Organisation: 1})
		rows, all := tableOf(t, files[parc+"/donnees.csv"], ','), objects(t, files[parc+"/donnees.json"])
		if len(rows) != len(all) || len(rows) < 15 {
			t.Fatalf("%q: %d rows, %d objects", name, len(rows), len(all))
		}
		for i, r := range rows {
			for field, cell := range r {
				for part := range strings.FieldsFuncSeq(cell, func(c rune) bool { return strings.ContainsRune(",;|\t", c) }) {
					if regexp.MustCompile(`^[ "]*[=+@＝＋－＠-]`).MatchString(part) && field != "conso_evitee_kwh" {
						t.Errorf("%q: %s begins a formula: %q", name, field, cell)
					}
				}
				if strings.ContainsFunc(cell, func(c rune) bool { return unicode.Is(unicode.C, c) && c != 0x00ad || unicode.Is(unicode.Cf, c) }) {
					t.Errorf("%q: %s has a character that is not seen: %q", name, field, cell)
				}
				if said, ok := all[i][field].(string); ok && strings.ReplaceAll(cell, "'", "") != strings.ReplaceAll(said, "'", "") {
					t.Errorf("%q: %s is %q in the table, and %q in JSON", name, field, cell, said)
				}
			}
		}
		for _, path := range []string{"outils/numecoeval/datacenter.csv", "outils/numecoeval/equipementPhysique.csv"} {
			if len(tableOf(t, files[path], ';')) == 0 {
				t.Errorf("%q: %s is empty", name, path)
			}
		}
		var catalogue, request any
		if err := errors.Join(json.Unmarshal(files["catalog.jsonld"], &catalogue), json.Unmarshal(files["outils/pcr-si.json"], &request)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	})
}

func TestTheLicenceIsThatOfTheOrganisation(t *testing.T) {
	for licence, want := range map[string]struct{ name, at string }{
		"":                    {"Licence Ouverte 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"},
		"licence ouverte 2.0": {"Licence Ouverte 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"},
		"ODbL 1.0 https://opendatacommons.org/licenses/odbl/1-0/": {"ODbL 1.0 https://opendatacommons.org/licenses/odbl/1-0/", "https://opendatacommons.org/licenses/odbl/1-0/"},
		"La nôtre": {"La nôtre", "https://veille.example.org/opendata/1/catalog.jsonld#licence"},
	} {
		w := region(t)
		w.organisations[0].Licence = licence
		files := filesOf(t, w, opendata.Request{Organisation: 1, Base: base})
		for _, set := range []string{parc, pages} {
			if text := string(files[set+"/LICENSE"]); !strings.Contains(text, want.name) {
				t.Errorf("%q: %s", licence, text)
			}
		}
		if text := string(files["catalog.jsonld"]); !strings.Contains(text, `"@id": "`+want.at+`"`) {
			t.Errorf("%q: the catalogue does not point to %s", licence, want.at)
		}
	}
}
